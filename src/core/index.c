/*
 * index.c
 *		Making the index of a ring.
 */
#include "core/index.h"

#include <string.h>

/* Slices that begin in a bucket, on average; and at the most, beside the one that begins below. */
#define AVERAGE			8
#define ROOM			(CHASH_BUCKET_SLICES - 1)

/* Of so many slices one may lack room. */
#define LACKING_OF		64

/* The part of a bucket in which a slice begins. */
static uint64_t
part_of(const chash_index *index, const chash_point *slice)
{
	return chash_index_part(index, slice->head << index->widen);
}

static uint64_t
bucket_of(const chash_index *index, const chash_point *slice)
{
	return part_of(index, slice) >> 16;
}

/* Whether too many slices lack room, as those of tokens can. */
static bool
is_crowded(const chash_index *index, const chash_points *slices)
{
	uint32_t	lacking = 0;
	uint32_t	i;

	for (i = ROOM; i < slices->count; i++)
		lacking += bucket_of(index, &slices->point[i]) == bucket_of(index, &slices->point[i - ROOM]);
	return lacking > slices->count / LACKING_OF;
}

static void
choose_buckets(chash_index *index, const chash_points *slices)
{
	index->buckets = slices->count / AVERAGE + 1;
	while (index->buckets < slices->count && is_crowded(index, slices))
		index->buckets *= 2;
}

static chash_bucket *
allocate_buckets(size_t buckets, const chash_host *host, size_t *memory)
{
	size_t		size = (buckets + 1) * CHASH_BUCKET_SIZE;
	char	   *start = chash_alloc(host, size);

	*memory += size;
	return (chash_bucket *) (start + CHASH_BUCKET_SIZE - (uintptr_t) start % CHASH_BUCKET_SIZE);
}

/* Slice i is the first one that begins in the bucket; returns that of the next one. */
static uint32_t
fill_bucket(chash_index *index, const chash_points *slices, uint32_t number, uint32_t i)
{
	chash_bucket *bucket = &index->bucket[number];
	const chash_point *slice = slices->point;
	int			k;

	memset(bucket->begin, 0xFF, sizeof(bucket->begin));
	memset(bucket->place, 0xFF, sizeof(bucket->place));
	bucket->place[0] = (uint16_t) slice[i - 1].shard;
	for (k = 0; i < slices->count && bucket_of(index, &slice[i]) == number; k++, i++)
	{
		if (k < ROOM)
		{
			bucket->begin[k] = (uint16_t) part_of(index, &slice[i]);
			bucket->place[k + 1] = (uint16_t) slice[i].shard;
		}
	}
	if (k > ROOM)
		bucket->place[ROOM] = CHASH_CROWDED;
	return i;
}

chash_index *
chash_index_make(const chash_points *slices, unsigned bits, const chash_host *host,
				 size_t *memory)
{
	chash_index *index = chash_alloc(host, sizeof(*index));
	uint32_t	number;
	uint32_t	i = 1;

	index->widen = bits < 64 ? 64 - bits : 0;
	index->below = index->widen > 0 ? (uint64_t) 1 << (index->widen - 1) : 0;
	choose_buckets(index, slices);
	index->bucket = allocate_buckets(index->buckets, host, memory);
	for (number = 0; number < index->buckets; number++)
		i = fill_bucket(index, slices, number, i);
	*memory += sizeof(*index);
	return index;
}
