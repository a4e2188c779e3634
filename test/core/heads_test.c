/*
 * heads_test.c
 *		Points whose positions have the same first 64 bits and differ after them,
 *		which chance would not bring: murmur3_128 of 16 bytes can be undone, so
 *		that names are found whose points are wherever they are wanted.
 */
#include "fixture.h"

#include <string.h>

#define LABEL_BYTES		16
#define POINTS			5

/* ---- murmur3_128, backwards ---- */

static uint64_t
rotate_right(uint64_t value, unsigned bits)
{
	return value >> bits | value << (64 - bits);
}

/* What an odd number is multiplied with to give 1. */
static uint64_t
inverse(uint64_t odd)
{
	uint64_t	result = odd;
	int			i;

	for (i = 0; i < 5; i++)
		result *= 2 - odd * result;
	return result;
}

static uint64_t
undo_finish(uint64_t value)
{
	value ^= value >> 33;
	value *= inverse(UINT64_C(0xC4CEB9FE1A85EC53));
	value ^= value >> 33;
	value *= inverse(UINT64_C(0xFF51AFD7ED558CCD));
	return value ^ value >> 33;
}

/* The 16 bytes whose digest is high and then low; the bytes of each half come in turned order. */
static void
bytes_of_digest(uint64_t high, uint64_t low, uint8_t bytes[LABEL_BYTES])
{
	const uint64_t first = inverse(UINT64_C(0x87C37B91114253D5));
	const uint64_t second = inverse(UINT64_C(0x4CF5AD432745937F));
	uint64_t	b = __builtin_bswap64(low) - __builtin_bswap64(high);
	uint64_t	a = __builtin_bswap64(high) - b;
	int			i;

	a = undo_finish(a);
	b = undo_finish(b);
	b -= a;
	a -= b;
	a ^= LABEL_BYTES;
	b ^= LABEL_BYTES;
	b = (b - 0x38495AB5) * inverse(5) - a;
	a = (a - 0x52DCE729) * inverse(5);
	a = first * rotate_right(second * rotate_right(a, 27), 31);
	b = second * rotate_right(first * rotate_right(b, 31), 33);
	for (i = 0; i < 8; i++)
	{
		bytes[i] = (uint8_t) (a >> 8 * i);
		bytes[8 + i] = (uint8_t) (b >> 8 * i);
	}
}

/* A name whose only label, the name and "0", has such a digest, its last bits anything. */
static const char *
name_at(uint64_t high, uint64_t low, uint64_t *rest)
{
	char	   *name = test_alloc(LABEL_BYTES);
	uint8_t		bytes[LABEL_BYTES];

	do
	{
		*rest = low ^ (test_random() & 0xFFFFFF);
		bytes_of_digest(high, *rest, bytes);
	} while (bytes[LABEL_BYTES - 1] != '0' || memchr(bytes, 0, LABEL_BYTES));
	memcpy(name, bytes, LABEL_BYTES - 1);
	name[LABEL_BYTES - 1] = '\0';
	return name;
}

/* ---- routers ---- */

static chash_uint
position_of(uint64_t high, uint64_t low)
{
	chash_uint	upper = chash_uint_from(high);
	chash_uint	lower = chash_uint_from(low);

	upper = chash_uint_shift_left(&upper, 64);
	return chash_uint_add(&upper, &lower);
}

/* Shards of one point each at the same head, in the order of their positions or in none. */
static chash_router *
crowded_router(const char *strategy, uint64_t head, uint64_t rests[POINTS])
{
	chash_router *router = fixture_router(strategy, "murmur3_128", 0, POINTS);
	uint32_t	i;

	router->p.vnodes = 1;
	router->p.label = "{shard}{i}";
	for (i = 0; i < POINTS; i++)
		router->shards[i].name = name_at(head, test_random(), &rests[i]);
	return router;
}

/* Where a position is as high as a point or a little lower, the next one serves; past all, the first. */
static uint32_t
first_at_or_after(const uint64_t rests[POINTS], uint64_t rest)
{
	uint32_t	best = POINTS;
	uint32_t	lowest = 0;
	uint32_t	i;

	for (i = 0; i < POINTS; i++)
	{
		if (rests[i] >= rest && (best == POINTS || rests[i] < rests[best]))
			best = i;
		if (rests[i] < rests[lowest])
			lowest = i;
	}
	return best < POINTS ? best : lowest;
}

static void
rings(void)
{
	int			round;

	for (round = 0; round < 50; round++)
	{
		uint64_t	head = test_random();
		uint64_t	rests[POINTS];
		chash_compiled *compiled = fixture_compile(crowded_router("ring", head, rests));
		uint32_t	i;

		test_context("round %d", round);
		CHECK(compiled->router->bits == 128 && compiled->nslices == POINTS + 1);
		check_ranges(compiled);
		for (i = 0; i < POINTS; i++)
		{
			CHECK(fixture_route(compiled, position_of(head, rests[i])) == i);
			CHECK(fixture_route(compiled, position_of(head, rests[i] - 1)) == i);
			CHECK(fixture_route(compiled, position_of(head, rests[i] + 1)) ==
				  first_at_or_after(rests, rests[i] + 1));
		}
		CHECK(fixture_route(compiled, position_of(head - 1, UINT64_MAX)) == first_at_or_after(rests, 0));
		CHECK(fixture_route(compiled, position_of(head + 1, 0)) == first_at_or_after(rests, 0));
	}
}

/* With much room a table of slots is the ring at the positions of the slots. */
static void
tables_of_slots(void)
{
	int			round;

	for (round = 0; round < 50; round++)
	{
		const chash_hash *hash = chash_hash_by_name("murmur3_128");
		uint8_t		slot[8] = {(uint8_t) round};
		uint64_t	rests[POINTS];
		chash_uint	digest;
		chash_uint	head;
		chash_error error;
		chash_router *router;

		test_context("slot %d", round);
		CHECK(hash->digest(slot, sizeof(slot), &digest, &error));
		head = chash_uint_shift_right(&digest, 64);
		router = crowded_router("bounded", chash_uint_low64(&head), rests);
		router->p.slots = 100;
		router->p.load = CHASH_MAX_LOAD;
		CHECK(fixture_route64(fixture_compile(router), (uint64_t) round) ==
			  first_at_or_after(rests, chash_uint_low64(&digest)));
	}
}

const test_case heads_tests[] = {
	{"heads: rings of points at one head", rings},
	{"heads: slots at the head of points", tables_of_slots},
	{NULL, NULL}
};
