/*
 * shares.h
 *		How many points of a ring a weight is worth.
 */
#ifndef CHASH_SHARES_H
#define CHASH_SHARES_H

#include "core/router.h"

/* How many points one label gives: one where a strategy cannot choose. */
static inline uint32_t
chash_digest_points(const chash_router *router)
{
	return router->p.digest_points > 0 ? router->p.digest_points : 1;
}

/*
 * How many labels the shard at a place has, of each of which the dialect makes
 * so many points as it has words; total is the sum of all weights.  May be 0,
 * or more than there may be.
 */
extern double chash_labels_of_shard(const chash_router *router, uint32_t place, double total);

/* How many points all shards have together. */
extern double chash_points_of_all(const chash_router *router);

#endif							/* CHASH_SHARES_H */
