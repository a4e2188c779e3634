/*
 * radix.h
 *		Sorting 64-bit hashes, each with a number that belongs to it.
 */
#ifndef CHASH_RADIX_H
#define CHASH_RADIX_H

#include "core/host.h"

#include <stdint.h>

typedef struct chash_entry64
{
	uint64_t	hash;
	uint32_t	number;
} chash_entry64;

/*
 * Sort n entries by their hashes, in time in proportion to their number, which
 * can be stopped in between.  Equal hashes keep no order.  The result is
 * entries or a new array; the other one is released.
 */
extern chash_entry64 *chash_radix_sort(chash_entry64 *entries, uint32_t n,
									   const chash_host *host);

#endif							/* CHASH_RADIX_H */
