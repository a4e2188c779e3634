/*
 * shares.h
 *		How many points of a ring a weight is worth.
 */
#ifndef CHASH_SHARES_H
#define CHASH_SHARES_H

#include "core/router.h"

/* By which rules the points of a ring are placed. */
typedef struct chash_placement
{
	const chash_dialect *dialect;
	const chash_hash *hash;		/* of labels */
	uint32_t	vnodes;
	uint32_t	digest_points;
} chash_placement;

/*
 * The router's own parameters under its own dialect, unless that one has those
 * of another dialect once a weight is above 1.
 */
extern chash_placement chash_placement_of(const chash_router *router);

/* Going through the shards and their labels. */
typedef struct chash_shares_walk
{
	const chash_router *router;
	chash_placement placement;
	double		total;			/* of all weights */
	uint32_t	next;			/* the place of the shard whose turn it is */
	double		scale;			/* running sums: points that all weights together are worth */
	double		target;			/* and points that there should be so far */
	double		placed;			/* and that there are */
} chash_shares_walk;

extern void chash_shares_begin(chash_shares_walk *walk, const chash_router *router);

/*
 * How many labels the next shard has, of each of which the placement makes so
 * many points as a digest gives.  May be 0, or more than there may be.
 */
extern double chash_shares_next(chash_shares_walk *walk);

/* How many points all shards have together. */
extern double chash_points_of_all(const chash_router *router);

#endif							/* CHASH_SHARES_H */
