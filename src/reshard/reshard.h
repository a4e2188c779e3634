/*
 * reshard.h
 *		Changing a router and moving the rows of its tables.
 */
#ifndef CHASH_RESHARD_H
#define CHASH_RESHARD_H

#include "reshard/steps.h"

#include "fmgr.h"

/*
 * What a procedure wants the router of a job to become; NULL for what it
 * is becoming already, or for going back.
 */
typedef struct varlena *(*chash_goal) (FunctionCallInfo fcinfo, chash_job *job);

/*
 * Do what a procedure is called for, whose first argument is the router.  Its
 * options begin at first_option (options.h); if it makes new shards, those of
 * their partitions follow.
 */
extern void chash_reshard_to(FunctionCallInfo fcinfo, chash_goal goal, int first_option,
							 bool makes_shards);

/*
 * Go on with the change that the row of a job is about, if any.  False if
 * another session works on it.  SPI is connected.
 */
extern bool chash_reshard_go_on(chash_job *job);

#endif							/* CHASH_RESHARD_H */
