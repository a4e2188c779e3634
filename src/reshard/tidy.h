/*
 * tidy.h
 *		What is left to do when all rows have moved.
 */
#ifndef CHASH_TIDY_H
#define CHASH_TIDY_H

#include "reshard/steps.h"

/*
 * Drop indexes of movers, detach partitions of shards that the router has no
 * more, and forget the job; also for a caller who went no further.
 */
extern void chash_tidy_up(chash_job *job);

#endif							/* CHASH_TIDY_H */
