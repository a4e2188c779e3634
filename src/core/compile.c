/*
 * compile.c
 *		What all strategies share in making a router ready to route.
 */
#include "core/compile.h"

#include <stdlib.h>
#include <string.h>

static int
compare_zones(const void *a, const void *b)
{
	const chash_shard *first = *(const chash_shard *const *) a;
	const chash_shard *second = *(const chash_shard *const *) b;

	if (!first->zone || !second->zone)
		return (first->zone != NULL) - (second->zone != NULL);
	return strcmp(first->zone, second->zone);
}

uint32_t *
chash_number_zones(const chash_router *router, const chash_host *host, uint32_t *nzones)
{
	uint32_t	n = router->nshards;
	const chash_shard **sorted;
	uint32_t   *zones;
	bool		any = false;
	uint32_t	i;

	*nzones = n;
	for (i = 0; i < n; i++)
		any = any || router->shards[i].zone;
	if (!any)
		return NULL;

	sorted = chash_alloc(host, n * sizeof(*sorted));
	zones = chash_alloc(host, n * sizeof(uint32_t));
	*nzones = 0;
	for (i = 0; i < n; i++)
		sorted[i] = &router->shards[i];
	qsort(sorted, n, sizeof(*sorted), compare_zones);
	for (i = 0; i < n; i++)
	{
		if (i == 0 || !sorted[i]->zone || compare_zones(&sorted[i - 1], &sorted[i]) != 0)
			(*nzones)++;
		zones[sorted[i] - router->shards] = *nzones - 1;
	}
	chash_release(host, sorted);
	return zones;
}

bool
chash_compile(chash_compiled *compiled, const chash_router *router,
			  const chash_host *host, chash_error *error)
{
	compiled->router = router;
	compiled->space = router->strategy->hashed ?
		chash_uint_power_of_two(router->bits) : chash_uint_from(router->nshards);
	compiled->nslices = 0;
	compiled->index = NULL;
	compiled->memory = 0;
	compiled->data = NULL;
	if (!router->strategy->compile(compiled, host, error))
		return false;
	compiled->zone = chash_number_zones(router, host, &compiled->nzones);
	if (compiled->zone)
		compiled->memory += router->nshards * sizeof(uint32_t);
	compiled->pins = chash_pins_compile(router, host, &compiled->memory);
	return true;
}

/* The little-endian integer in so many bytes of a digest. */
static uint64_t
little_endian(const chash_uint *digest, unsigned bits, unsigned first, unsigned count)
{
	uint64_t	value = 0;
	unsigned	i;

	for (i = count; i > 0; i--)
		value = (value << 8) | chash_uint_byte(digest, bits, first + i - 1);
	return value;
}

chash_uint
chash_position_of_digest(const chash_router *router, const chash_hash *hash,
						 const chash_uint *digest, unsigned word)
{
	const uint64_t sign = (uint64_t) 1 << 63;
	chash_uint	high;
	chash_uint	low;

	switch (chash_router_take(router, hash))
	{
		case CHASH_TAKE_LE32:
			return chash_uint_from(little_endian(digest, hash->bits, 4 * word, 4));
		case CHASH_TAKE_LE64:
			return chash_uint_from(little_endian(digest, hash->bits, 0, 8));
		case CHASH_TAKE_LE64_SIGNED:
			high = chash_uint_from(little_endian(digest, hash->bits, 0, 8) ^ sign);
			low = chash_uint_from(little_endian(digest, hash->bits, 8, 8) ^ sign);
			high = chash_uint_shift_left(&high, 64);
			return chash_uint_add(&high, &low);
		case CHASH_TAKE_TOP:
			break;
	}
	if (router->bits == hash->bits)
		return *digest;
	return chash_uint_shift_right(digest, hash->bits - router->bits);
}

/* Written out, so that compilers see one load in them. */
static uint64_t
little_endian64(const uint8_t *b)
{
	return (uint64_t) b[0] | (uint64_t) b[1] << 8 | (uint64_t) b[2] << 16 | (uint64_t) b[3] << 24 |
		(uint64_t) b[4] << 32 | (uint64_t) b[5] << 40 | (uint64_t) b[6] << 48 | (uint64_t) b[7] << 56;
}

static uint64_t
big_endian64(const uint8_t *b)
{
	return (uint64_t) b[7] | (uint64_t) b[6] << 8 | (uint64_t) b[5] << 16 | (uint64_t) b[4] << 24 |
		(uint64_t) b[3] << 32 | (uint64_t) b[2] << 40 | (uint64_t) b[1] << 48 | (uint64_t) b[0] << 56;
}

uint64_t
chash_head_of_output(chash_take take, unsigned bits, const uint8_t *output)
{
	switch (take)
	{
		case CHASH_TAKE_LE32:
			return (uint32_t) little_endian64(output);
		case CHASH_TAKE_LE64:
			return little_endian64(output);
		case CHASH_TAKE_LE64_SIGNED:
			return little_endian64(output) ^ ((uint64_t) 1 << 63);
		case CHASH_TAKE_TOP:
			break;
	}
	return big_endian64(output) >> (bits < 64 ? 64 - bits : 0);
}

uint64_t
chash_position_head(const chash_router *router, const chash_uint *position)
{
	chash_uint	top;

	if (router->bits <= 64)
		return chash_uint_low64(position);
	top = chash_uint_shift_right(position, router->bits - 64);
	return chash_uint_low64(&top);
}

uint32_t
chash_lookup_by_head(const chash_compiled *compiled, const chash_uint *position)
{
	const chash_router *router = compiled->router;

	return router->strategy->shard_of_head(compiled, chash_position_head(router, position));
}

uint32_t
chash_slice_is_shard(const chash_compiled *compiled, uint32_t i)
{
	(void) compiled;
	return i;
}

void
chash_count_positions(const chash_compiled *compiled, chash_uint *positions)
{
	const chash_strategy *strategy = compiled->router->strategy;
	uint32_t	i;

	for (i = 0; i < compiled->router->nshards; i++)
		positions[i] = chash_uint_from(0);
	for (i = 0; i < compiled->nslices; i++)
	{
		chash_slice slice;

		strategy->slice(compiled, i, &slice);
		positions[slice.shard] = chash_uint_add(&positions[slice.shard], &slice.width);
	}
}
