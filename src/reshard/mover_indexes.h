/*
 * mover_indexes.h
 *		Building and dropping the indexes of movers of all tables of a router.
 */
#ifndef CHASH_MOVER_INDEXES_H
#define CHASH_MOVER_INDEXES_H

#include "reshard/steps.h"

/* Raise an error if no background worker can be had that will be needed to build them. */
extern void chash_check_index_worker(chash_job *job);

/*
 * Build those that are missing, each in a transaction of its own.  False if
 * partitions could not be looked at now, or the direction of the change is
 * another one.
 */
extern bool chash_make_missing_indexes(chash_job *job);

/* Drop all of them, of whichever change. */
extern void chash_drop_all_indexes(chash_job *job);

#endif							/* CHASH_MOVER_INDEXES_H */
