/*
 * index.h
 *		Finding the slice of a ring in a few nanoseconds: an index over the top
 *		bits of positions.
 *
 * Positions are hashes, so that the heads of slices are spread evenly.  The
 * space is cut into about half as many buckets as there are slices, and a
 * table says how many slices begin below each bucket.  What is left is to look
 * at one or two slices.  Each is a number of 64 bits: 48 of the head and the
 * place of the shard, so that one line of the processor's cache has eight.
 */
#ifndef CHASH_INDEX_H
#define CHASH_INDEX_H

#include "core/points.h"

/* How many slices are looked at together, whatever they are. */
#define CHASH_INDEX_STEP	4

typedef struct chash_index
{
	unsigned	widen;			/* from heads to 64 bits */
	unsigned	shift;			/* from 64 bits to the number of a bucket */
	uint64_t	decided;		/* not 0 if 48 bits tell all that there is */
	uint32_t   *first;			/* of each bucket, how many slices begin below it */
	uint64_t   *slice;			/* the head's top 48 bits, then the place */
} chash_index;

/*
 * The index of the slices of a ring whose positions have so many bits, the
 * first of them at 0.  Allocated from the host; the bytes that it takes are
 * added to memory.  NULL if slices crowd together, as those of tokens can.
 */
extern chash_index *chash_index_make(const chash_points *slices, unsigned bits,
									 const chash_host *host, size_t *memory);

/*
 * The place of the shard of the last slice that does not begin above a head, or
 * CHASH_UNDECIDED within 2^16 of where one begins.
 */
static inline uint32_t
chash_index_find(const chash_index *index, uint64_t head)
{
	uint64_t	wide = head << index->widen;
	uint64_t	end = wide | 0xFFFF;
	const uint64_t *slice = index->slice + index->first[wide >> index->shift];
	unsigned	passed;

	/* slices of the next bucket are above, so that no end has to be looked for */
	do
	{
		passed = (unsigned) (slice[0] < end) + (slice[1] < end) +
			(slice[2] < end) + (slice[3] < end);
		slice += passed;
	} while (passed == CHASH_INDEX_STEP);

	if ((((slice[-1] ^ wide) >> 16) | index->decided) == 0)
		return CHASH_UNDECIDED;
	return (uint32_t) (slice[-1] & 0xFFFF);
}

#endif							/* CHASH_INDEX_H */
