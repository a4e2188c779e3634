/*
 * sample.h
 *		A fixed sample of positions, for what cannot be counted: the same
 *		positions in every session and on every machine, so that an estimate is
 *		the same wherever it is made.
 */
#ifndef CHASH_SAMPLE_H
#define CHASH_SAMPLE_H

#include "core/compile.h"

/*
 * A power of two, so that shares add up to 1 without rounding.  A share is then
 * wrong by no more than 0.0055, four standard deviations, mostly by far less.
 */
#define CHASH_SAMPLE_SIZE	131072

/*
 * Position number i, below CHASH_SAMPLE_SIZE, of a space of so many bits.  In a
 * narrower space it is the top of what it is in a wider one.
 */
extern chash_uint chash_sample_position(uint32_t i, unsigned bits);

/* The share of the sample that each shard gets; shares has nshards places. */
extern void chash_sample_shares(const chash_compiled *compiled,
								const chash_host *host, double *shares);

#endif							/* CHASH_SAMPLE_H */
