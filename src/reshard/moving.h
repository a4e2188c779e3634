/*
 * moving.h
 *		The steps of a change, from the first to the last.
 */
#ifndef CHASH_MOVING_H
#define CHASH_MOVING_H

#include "reshard/steps.h"

/*
 * The router becomes a change from job->before to job->after, and new shards
 * get partitions; nothing moves yet.
 */
extern void chash_enter_change(chash_job *job);

/* Go on with a change until all rows have moved, and the router is another one. */
extern void chash_move_all(chash_job *job);

#endif							/* CHASH_MOVING_H */
