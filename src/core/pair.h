/*
 * pair.h
 *		A pair of shards, from where to where, as one number that sorts by the
 *		source and then by the target.
 */
#ifndef CHASH_PAIR_H
#define CHASH_PAIR_H

#include <stdint.h>

typedef uint64_t chash_pair;

static inline chash_pair
chash_pair_of(uint32_t source, uint32_t target)
{
	return ((uint64_t) source << 32) | target;
}

static inline uint32_t
chash_pair_source(chash_pair pair)
{
	return (uint32_t) (pair >> 32);
}

static inline uint32_t
chash_pair_target(chash_pair pair)
{
	return (uint32_t) pair;
}

static inline int
chash_pair_compare(chash_pair a, chash_pair b)
{
	return (a > b) - (a < b);
}

#endif							/* CHASH_PAIR_H */
