/*
 * radix.h
 *		Sorting the points of a ring by their heads.
 */
#ifndef CHASH_RADIX_H
#define CHASH_RADIX_H

#include "core/host.h"

#include <stdint.h>

/* A virtual node, or a slice that belongs to one, and where it is. */
typedef struct chash_point
{
	uint64_t	head;			/* of its position, the top 64 bits */
	uint32_t	shard;
	uint32_t	number;			/* within its shard, from 0 */
} chash_point;

/*
 * Sort n points by their heads, which have so many bits (64 at the most), where
 * they are, in time in proportion to their number, which can be stopped in
 * between.  Equal heads keep no order.
 */
extern void chash_radix_sort(chash_point *points, uint32_t n, unsigned bits,
							 const chash_host *host);

#endif							/* CHASH_RADIX_H */
