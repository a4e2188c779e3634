/*
 * index.h
 *		Finding the slice of a ring in a few nanoseconds: an index over the top
 *		bits of positions.
 *
 * Positions are hashes, so that the heads of slices are spread evenly.  The
 * space is cut into buckets, so many that eight slices begin in each.  A bucket
 * tells where these begin and whose they are, and is one line of the
 * processor's cache, so that to find a slice waits for memory once.
 */
#ifndef CHASH_INDEX_H
#define CHASH_INDEX_H

#include "core/points.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* How many slices a bucket has room for; the last begin is a bound, above all parts but one. */
#define CHASH_BUCKET_SLICES		16

/* In the place of slices that a bucket has no room for. */
#define CHASH_CROWDED			UINT16_MAX

/* A line of most processors' caches. */
#define CHASH_BUCKET_SIZE		64

typedef struct chash_bucket
{
	/* of the second slice and those after it: the 16 bits below the number of the bucket */
	uint16_t	begin[CHASH_BUCKET_SLICES];

	/* of their shards; the first slice is the one that begins at the bucket or below it */
	uint16_t	place[CHASH_BUCKET_SLICES];
} chash_bucket;

typedef struct chash_index
{
	unsigned	widen;			/* from heads to 64 bits */
	uint32_t	buckets;
	uint64_t	below;			/* added to heads that are looked for, so that none is where one begins */
	chash_bucket *bucket;		/* each at a multiple of its size */
} chash_index;

/* Where of 65,536 parts of each bucket a number of 64 bits is, from the first bucket on. */
static inline uint64_t
chash_index_part(const chash_index *index, uint64_t wide)
{
	return (wide >> 32) * index->buckets >> 16;
}

/*
 * The index of the slices of a ring whose positions have so many bits, the
 * first of them at 0.  Allocated from the host; the bytes that it takes are
 * added to memory.
 */
extern chash_index *chash_index_make(const chash_points *slices, unsigned bits,
									 const chash_host *host, size_t *memory);

/*
 * How many slices of a bucket, without the first, begin below a part.  All are
 * looked at, which takes less time than to guess where to stop.
 */
static inline unsigned
chash_bucket_passed_anywhere(const chash_bucket *bucket, uint16_t part)
{
	unsigned	passed = 0;
	int			i;

	for (i = 0; i < CHASH_BUCKET_SLICES; i++)
		passed += bucket->begin[i] < part;
	return passed;
}

/* The same, as fast as it can be. */
static inline unsigned
chash_bucket_passed(const chash_bucket *bucket, uint16_t part)
{
#ifdef __SSE2__
	const __m128i *begin = (const __m128i *) bucket->begin;
	const __m128i zero = _mm_setzero_si128();
	const __m128i parts = _mm_set1_epi16((short) part);
	__m128i		first = _mm_cmpeq_epi16(_mm_subs_epu16(parts, _mm_load_si128(begin)), zero);
	__m128i		second = _mm_cmpeq_epi16(_mm_subs_epu16(parts, _mm_load_si128(begin + 1)), zero);

	/* a bit for each that does not begin below, as the last one never does */
	return (unsigned) __builtin_ctz((unsigned) _mm_movemask_epi8(_mm_packs_epi16(first, second)));
#else
	return chash_bucket_passed_anywhere(bucket, part);
#endif
}

/*
 * The place of the shard of the last slice that does not begin above a head, or
 * CHASH_UNDECIDED where its bucket does not tell: in a part in which a slice
 * begins, and above those that it has room for.
 */
static inline uint32_t
chash_index_find(const chash_index *index, uint64_t head)
{
	uint64_t	part = chash_index_part(index, head << index->widen | index->below);
	const chash_bucket *bucket = &index->bucket[part >> 16];
	unsigned	passed = chash_bucket_passed(bucket, (uint16_t) part);
	uint16_t	place = bucket->place[passed];

	if (bucket->begin[passed] == (uint16_t) part || place == CHASH_CROWDED)
		return CHASH_UNDECIDED;
	return place;
}

#endif							/* CHASH_INDEX_H */
