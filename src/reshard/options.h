/*
 * options.h
 *		The arguments that all procedures of a change have.
 */
#ifndef CHASH_OPTIONS_H
#define CHASH_OPTIONS_H

#include "reshard/steps.h"

#include "fmgr.h"

/*
 * Read max_lock, lock_timeout, pause, max_replication_lag, concurrently and
 * background, which follow each other from an argument on, into a job.  Where
 * "keep" is set a null leaves what is there, else it is an error for all but
 * max_replication_lag.
 */
extern void chash_read_options(FunctionCallInfo fcinfo, int first, bool keep, chash_job *job);

#define CHASH_N_OPTIONS	6

/* Raise an error unless a procedure may begin and end transactions, and write. */
extern void chash_refuse_transaction_block(FunctionCallInfo fcinfo);

/* An interval among the arguments, which may be from 0 to one day, in microseconds. */
extern int64 chash_microseconds(FunctionCallInfo fcinfo, int argno, const char *name);

/* Raise an error for an argument that is null. */
extern void chash_refuse_null(FunctionCallInfo fcinfo, int argno, const char *name);

#endif							/* CHASH_OPTIONS_H */
