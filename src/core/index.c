/*
 * index.c
 *		Making the index of a ring.
 */
#include "core/index.h"

/* A bucket with more slices than this would take long to search. */
#define CROWD		64

/* The number of the bucket of a head. */
static uint64_t
bucket_of(const chash_index *index, uint64_t head)
{
	return (head << index->widen) >> index->shift;
}

/* Count the slices of each bucket, then add up; returns the largest bucket. */
static uint32_t
fill_buckets(chash_index *index, const chash_points *slices, uint32_t buckets)
{
	uint32_t	largest = 0;
	uint32_t	sum = 0;
	uint32_t	i;

	for (i = 0; i < buckets; i++)
		index->first[i] = 0;
	for (i = 0; i < slices->count; i++)
		index->first[bucket_of(index, slices->point[i].head)]++;
	for (i = 0; i < buckets; i++)
	{
		uint32_t	count = index->first[i];

		index->first[i] = sum;
		sum += count;
		if (count > largest)
			largest = count;
	}
	return largest;
}

chash_index *
chash_index_make(const chash_points *slices, unsigned bits, const chash_host *host,
				 size_t *memory)
{
	chash_index *index = chash_alloc(host, sizeof(*index));
	uint32_t	n = slices->count;
	uint32_t	buckets = 2;
	uint32_t	i;

	index->widen = bits < 64 ? 64 - bits : 0;
	index->shift = 63;
	while (buckets < n / 2)
	{
		buckets *= 2;
		index->shift--;
	}
	index->decided = bits <= 48;
	index->first = chash_alloc(host, buckets * sizeof(uint32_t));
	if (fill_buckets(index, slices, buckets) > CROWD)
	{
		chash_release(host, index->first);
		chash_release(host, index);
		return NULL;
	}
	index->slice = chash_alloc(host, (n + CHASH_INDEX_STEP) * sizeof(uint64_t));
	for (i = 0; i < n; i++)
		index->slice[i] = ((slices->point[i].head << index->widen) & ~(uint64_t) 0xFFFF) |
			slices->point[i].shard;
	for (; i < n + CHASH_INDEX_STEP; i++)
		index->slice[i] = UINT64_MAX;
	*memory += sizeof(*index) + buckets * sizeof(uint32_t) +
		(n + CHASH_INDEX_STEP) * sizeof(uint64_t);
	return index;
}
