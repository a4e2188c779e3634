/*
 * splitmix.h
 *		SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
 *		Generators", OOPSLA 2014): a counter and a function that mixes it.
 */
#ifndef CHASH_SPLITMIX_H
#define CHASH_SPLITMIX_H

#include <stdint.h>

/* What the counter is increased by before each number. */
#define CHASH_SPLITMIX_STEP		UINT64_C(0x9E3779B97F4A7C15)

/* The number that a counter stands for. */
static inline uint64_t
chash_splitmix64(uint64_t counter)
{
	counter = (counter ^ (counter >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	counter = (counter ^ (counter >> 27)) * UINT64_C(0x94D049BB133111EB);
	return counter ^ (counter >> 31);
}

#endif							/* CHASH_SPLITMIX_H */
