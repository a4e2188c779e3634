/*
 * quota.h
 *		How many entries of a table each shard should have.
 *
 * The ideal of a shard is its weight's share of the entries.  What a shard
 * gets is a whole number: within its quota, the ideal rounded down or up,
 * where that can be had for the moves that are allowed.
 */
#ifndef CHASH_QUOTA_H
#define CHASH_QUOTA_H

#include "core/host.h"

#include <stdint.h>

/*
 * Whose entries may move.  Any smaller number is the place of the only shard
 * that gives or takes.
 */
#define CHASH_NOBODY		UINT32_MAX	/* what belongs to nobody is given out */
#define CHASH_EVERYBODY		(UINT32_MAX - 1)	/* as many as it takes */

typedef struct chash_quota
{
	uint32_t	whole;			/* the ideal, rounded down */
	double		rest;			/* and what that leaves, 0 <= rest < 1 */
} chash_quota;

/* The quota, rounded up. */
static inline uint32_t
chash_quota_most(const chash_quota *quota)
{
	return quota->whole + (quota->rest > 0);
}

/*
 * The ideals of n shards with these weights, of "total" entries.  None has
 * more than "limit": what is above goes to the others by their weights.  The
 * total is n * limit at the most.
 */
extern void chash_quota_ideals(const double *weights, uint32_t n, uint32_t total, uint32_t limit,
							   const chash_host *host, chash_quota *ideals);

/*
 * Turn the numbers of entries that n shards have into those that they should
 * have; "free" entries more are given out, and no shard has more than "limit".
 *
 * CHASH_EVERYBODY: each within its quota, and the fewest entries move.
 * CHASH_NOBODY: no shard loses, the free ones go to those that are farthest
 * below their ideals.  A place: the free ones likewise, then this shard takes
 * from those that are farthest above, or gives to those farthest below, until
 * it is within its quota, and one more if that brings another shard into its
 * own.  Whenever quotas can be kept that way, they are.
 */
extern void chash_quota_targets(const chash_quota *ideals, uint32_t n, uint32_t limit,
								uint32_t free, uint32_t changed,
								const chash_host *host, uint32_t *counts);

#endif							/* CHASH_QUOTA_H */
