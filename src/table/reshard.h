/*
 * reshard.h
 *		Changing a router and moving the rows of its tables.
 */
#ifndef CHASH_RESHARD_H
#define CHASH_RESHARD_H

#include "table/steps.h"

#include "fmgr.h"

/* The second key of the advisory lock that keeps other operators out; the first is the router. */
#define CHASH_RESHARD_LOCK	0x63686173

/*
 * What a procedure wants the router of a job to become; NULL for what it
 * is becoming already, or for going back.
 */
typedef struct varlena *(*chash_goal) (FunctionCallInfo fcinfo, chash_job *job);

/*
 * Do what a procedure is called for, whose first argument is the router.  Three
 * intervals begin at first_interval: max_lock, lock_timeout and pause.
 */
extern void chash_reshard_to(FunctionCallInfo fcinfo, chash_goal goal, int first_interval);

/* An interval among the arguments, which may be from 0 to one day. */
extern int64 chash_microseconds(FunctionCallInfo fcinfo, int argno, const char *name);

#endif							/* CHASH_RESHARD_H */
