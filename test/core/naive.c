/*
 * naive.c
 *		A ring written straight from its definition: all points in a list,
 *		which is searched from one end to the other.
 */
#include "fixture.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static size_t
put_big_endian(uint64_t value, uint8_t *bytes)
{
	int			i;

	for (i = 0; i < 8; i++)
		bytes[i] = (uint8_t) (value >> (56 - 8 * i));
	return 8;
}

size_t
naive_digest(chash_hash_code hash, const void *bytes, size_t length,
			 uint8_t digest[32])
{
	const EVP_MD *method = hash == CHASH_HASH_SHA1 ? EVP_sha1() :
		hash == CHASH_HASH_MD5 ? EVP_md5() : EVP_sha256();
	uint8_t		output[EVP_MAX_MD_SIZE];
	unsigned	size;

	if (hash == CHASH_HASH_XXH64)
		return put_big_endian(XXH64(bytes, length, 0), digest);
	if (hash != CHASH_HASH_SHA1 && hash != CHASH_HASH_MD5 && hash != CHASH_HASH_SHA256)
		return put_big_endian(XXH3_64bits(bytes, length), digest);
	CHECK(EVP_Digest(bytes, length, output, &size, method, NULL) == 1);
	memcpy(digest, output, size);
	return size;
}

static char *
expand(const char *template, const char *shard, uint32_t i)
{
	char		text[2048] = "";

	while (*template)
	{
		char	   *end = text + strlen(text);

		if (strncmp(template, "{shard}", 7) == 0)
		{
			strcpy(end, shard);
			template += 7;
		}
		else if (strncmp(template, "{i}", 3) == 0)
		{
			sprintf(end, "%u", (unsigned) i);
			template += 3;
		}
		else
		{
			end[0] = *template++;
			end[1] = '\0';
		}
	}
	return test_copy(text);
}

/* Clear all but the first so many bits. */
static void
keep_bits(uint8_t position[32], unsigned bits)
{
	unsigned	i;

	for (i = bits; i < 256; i++)
		position[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
}

/* By position, then the shard's name, then the number. */
static int
compare_points(const void *a, const void *b)
{
	const naive_point *first = a;
	const naive_point *second = b;
	int			result = memcmp(first->position, second->position, 32);

	if (result == 0)
		result = strcmp(first->name, second->name);
	if (result == 0)
		result = first->number < second->number ? -1 : 1;
	return result;
}

naive_ring *
naive_ring_of(const chash_router *router)
{
	naive_ring *ring = test_alloc(sizeof(*ring));
	uint32_t	shard;

	ring->bits = router->bits;
	ring->search = router->p.search;
	ring->npoints = 0;
	for (shard = 0; shard < router->nshards; shard++)
		ring->npoints += (uint32_t) (router->p.vnodes * router->shards[shard].weight);
	ring->points = test_alloc(ring->npoints * sizeof(naive_point));
	memset(ring->points, 0, ring->npoints * sizeof(naive_point));

	ring->npoints = 0;
	for (shard = 0; shard < router->nshards; shard++)
	{
		const char *name = router->shards[shard].name;
		uint32_t	n = (uint32_t) (router->p.vnodes * router->shards[shard].weight);
		uint32_t	number;

		for (number = 0; number < n; number++)
		{
			naive_point *point = &ring->points[ring->npoints++];

			point->shard = shard;
			point->name = name;
			point->number = number;
			point->label = expand(router->p.label, name, number);
			naive_digest(router->hash->code, point->label, strlen(point->label), point->position);
			keep_bits(point->position, router->bits);
		}
	}
	qsort(ring->points, ring->npoints, sizeof(naive_point), compare_points);
	return ring;
}

/* The first of the points that lie where point i does. */
static const naive_point *
first_there(const naive_ring *ring, uint32_t i)
{
	while (i > 0 && memcmp(ring->points[i - 1].position, ring->points[i].position, 32) == 0)
		i--;
	return &ring->points[i];
}

/* How far it is from one position up to another, around the ring if need be. */
static chash_uint
way_up(const uint8_t from[32], const uint8_t to[32])
{
	chash_uint	begin = chash_uint_from_bytes(from, 32);
	chash_uint	end = chash_uint_from_bytes(to, 32);
	chash_uint	around = chash_uint_power_of_two(256);

	if (memcmp(from, to, 32) > 0)
		end = chash_uint_add(&end, &around);
	return chash_uint_subtract(&end, &begin);
}

/* The point that is nearest in one direction, and how near. */
static const naive_point *
nearest(const naive_ring *ring, const uint8_t wanted[32], bool upwards, chash_uint *least)
{
	const naive_point *found = NULL;
	uint32_t	i;

	for (i = 0; i < ring->npoints; i++)
	{
		const uint8_t *there = ring->points[i].position;
		chash_uint	way = upwards ? way_up(wanted, there) : way_up(there, wanted);

		if (!found || chash_uint_compare(&way, least) < 0)
		{
			found = &ring->points[i];
			*least = way;
		}
	}
	return found;
}

const naive_point *
naive_lookup(const naive_ring *ring, chash_uint position)
{
	uint8_t		wanted[32] = {0};
	unsigned	k;
	uint32_t	i;

	for (k = 0; k < ring->bits; k++)
	{
		unsigned	bit = ring->bits - 1 - k;

		if (position.limb[bit / 32] >> bit % 32 & 1)
			wanted[k / 8] |= (uint8_t) (0x80 >> k % 8);
	}

	if (ring->search == CHASH_SEARCH_NEAREST)
	{
		chash_uint	down;
		chash_uint	up;
		const naive_point *before = nearest(ring, wanted, false, &down);
		const naive_point *after = nearest(ring, wanted, true, &up);

		return chash_uint_compare(&down, &up) <= 0 ? before : after;
	}
	if (ring->search == CHASH_SEARCH_FLOOR)
	{
		for (i = ring->npoints; i > 0; i--)
		{
			if (memcmp(ring->points[i - 1].position, wanted, 32) <= 0)
				return first_there(ring, i - 1);
		}
		return first_there(ring, ring->npoints - 1);
	}
	for (i = 0; i < ring->npoints; i++)
	{
		int			order = memcmp(ring->points[i].position, wanted, 32);

		if (order > 0 || (order == 0 && ring->search == CHASH_SEARCH_CEILING))
			return &ring->points[i];
	}
	return &ring->points[0];
}

uint64_t
naive_position64(const naive_ring *ring, const naive_point *point)
{
	uint64_t	result = 0;
	int			i;

	for (i = 0; i < 8; i++)
		result = result << 8 | point->position[i];
	return result >> (64 - ring->bits);
}
