/*
 * strategy_test.c
 *		The strategies modulo, hash_range and range against divisions written
 *		out here, and what all strategies promise of their slices.
 */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

static const char *const hashes[] = {"xxh3", "none", "md5", "sha1", "sha256"};

#define NHASHES		(sizeof(hashes) / sizeof(hashes[0]))

/* Weights 1 to 5, and one large one in some routers. */
static chash_router *
random_units(const char *strategy, const char *hash, unsigned bits)
{
	chash_router *router = fixture_router(strategy, hash, bits, 1 + test_below(8));
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
		router->shards[i].weight = 1 + test_below(5);
	if (test_below(4) == 0)
		router->shards[test_below(router->nshards)].weight += test_below(3000);
	chash_router_complete(router, &test_host);
	return router;
}

/* The shard that has a unit, by counting. */
static uint32_t
shard_of_unit(const chash_router *router, uint32_t unit)
{
	uint32_t	shard = 0;
	double		end = router->shards[0].weight;

	while (unit >= end)
		end += router->shards[++shard].weight;
	return shard;
}

/* That the sums of the slices of each shard are what is counted. */
static void
check_counts(const chash_compiled *compiled)
{
	uint32_t	n = compiled->router->nshards;
	chash_uint *positions = test_alloc(n * sizeof(chash_uint));
	chash_uint	sum = chash_uint_from(0);
	uint32_t	shard;

	chash_count_positions(compiled, positions);
	for (shard = 0; shard < n; shard++)
	{
		chash_uint	of_shard = chash_uint_from(0);
		uint32_t	i;

		for (i = 0; i < compiled->nslices; i++)
		{
			const chash_slice *slice = fixture_slice(compiled, i);

			if (slice->shard == shard)
				of_shard = chash_uint_add(&of_shard, &slice->width);
		}
		CHECK(equal(of_shard, positions[shard]));
		sum = chash_uint_add(&sum, &of_shard);
	}
	CHECK(equal(sum, compiled->space));
}

/* ---- modulo ---- */

static void
check_modulo(const chash_compiled *compiled, chash_uint position)
{
	uint32_t	n = (uint32_t) chash_router_total_weight(compiled->router);
	BIGNUM	   *big = big_of(position);
	uint32_t	rest = (uint32_t) BN_mod_word(big, n);

	BN_free(big);
	CHECK(fixture_lookup(compiled, position) == rest);
	CHECK(fixture_route(compiled, position) == shard_of_unit(compiled->router, rest));
}

/* Residue classes: each from its remainder on, up to the end of the space. */
static void
check_residues(const chash_compiled *compiled)
{
	uint32_t	n = compiled->nslices;
	chash_uint	sum = chash_uint_from(0);
	uint32_t	i;

	for (i = 0; i < n; i++)
	{
		chash_slice slice = *fixture_slice(compiled, i);
		chash_uint	end = chash_uint_multiply(&slice.width, n);
		chash_uint	last;
		char		number[20];

		/* the position after the last one, and the last one */
		end = chash_uint_add(&end, &slice.first);
		last = minus(end, n);
		CHECK(equal(slice.first, chash_uint_from(i)));
		CHECK(chash_uint_compare(&end, &compiled->space) >= 0);
		CHECK(chash_uint_compare(&last, &compiled->space) < 0);
		CHECK(fixture_lookup(compiled, slice.first) == i);
		CHECK(fixture_lookup(compiled, last) == i);
		CHECK(slice.shard == shard_of_unit(compiled->router, i));
		sprintf(number, "%u", (unsigned) i);
		CHECK(strcmp(fixture_vnode(compiled, i), number) == 0);
		sum = chash_uint_add(&sum, &slice.width);
	}
	CHECK(equal(sum, compiled->space));
}

static void
modulo(void)
{
	int			round;

	for (round = 0; round < 60; round++)
	{
		chash_router *router = random_units("modulo", hashes[round % NHASHES], 0);
		chash_compiled *compiled = fixture_compile(router);
		int			i;

		test_context("round %d", round);
		CHECK(compiled->nslices == (uint32_t) chash_router_total_weight(router));
		check_residues(compiled);
		if (compiled->nslices < 100)
			check_counts(compiled);
		for (i = 0; i < 100; i++)
		{
			check_modulo(compiled, chash_uint_from((uint64_t) i));
			check_modulo(compiled, random_position(1 + test_below(router->bits)));
			check_modulo(compiled, minus(compiled->space, 1 + (uint64_t) i));
		}
	}
}

/* ---- hash_range ---- */

/* The unit of a position, by long division, and no further than the last unit. */
static uint32_t
divided(const chash_router *router, chash_uint position)
{
	BN_CTX	   *context = BN_CTX_new();
	BIGNUM	   *size = BN_new();
	BIGNUM	   *quotient = BN_new();
	BIGNUM	   *big = big_of(position);
	BN_ULONG	n = (BN_ULONG) chash_router_total_weight(router);
	BN_ULONG	unit;

	BN_set_bit(size, (int) router->bits);
	BN_div_word(size, n);
	BN_div(quotient, NULL, big, size, context);
	unit = BN_get_word(quotient);
	BN_free(size);
	BN_free(quotient);
	BN_free(big);
	BN_CTX_free(context);
	return (uint32_t) (unit < n ? unit : n - 1);
}

static void
check_hash_range(const chash_compiled *compiled, chash_uint position)
{
	uint32_t	unit = divided(compiled->router, position);

	CHECK(fixture_lookup(compiled, position) == unit);
	CHECK(fixture_route(compiled, position) == shard_of_unit(compiled->router, unit));
}

static void
hash_range_every_position(void)
{
	unsigned	bits;

	for (bits = 3; bits <= 12; bits++)
	{
		uint32_t	space = (uint32_t) 1 << bits;
		int			round;

		for (round = 0; round < 10; round++)
		{
			chash_router *router = fixture_router("hash_range", hashes[round % NHASHES], bits,
												  1 + test_below(round < 8 ? 7 : space));
			chash_compiled *compiled;
			uint32_t	n;
			uint32_t	position;

			if (round % 2 == 0 && router->nshards < space)
				router->shards[test_below(router->nshards)].weight = 2;
			compiled = fixture_compile(router);
			n = (uint32_t) chash_router_total_weight(router);
			test_context("%u bits, %u units", bits, (unsigned) n);
			CHECK(compiled->nslices == n);
			check_ranges(compiled);
			for (position = 0; position < space; position++)
			{
				uint32_t	unit = position / (space / n);

				if (unit >= n)
					unit = n - 1;
				CHECK(fixture_lookup(compiled, chash_uint_from(position)) == unit);
				CHECK(fixture_route64(compiled, position) == shard_of_unit(router, unit));
			}
		}
	}
}

static void
hash_range_edges(void)
{
	int			round;

	for (round = 0; round < 60; round++)
	{
		const char *hash = hashes[round % NHASHES];
		unsigned	most = chash_hash_by_name(hash)->bits;
		chash_router *router = random_units("hash_range", hash,
											round % 2 ? 0 : 40 + test_below(most - 39));
		chash_compiled *compiled = fixture_compile(router);
		uint32_t	step = 1 + compiled->nslices / 100;
		uint32_t	i;

		test_context("round %d, %s, %u bits, %u units", round, hash, router->bits,
					 (unsigned) compiled->nslices);
		check_ranges(compiled);
		if (compiled->nslices < 100)
			check_counts(compiled);
		for (i = test_below(step); i < compiled->nslices; i += step)
		{
			chash_uint	first = fixture_slice(compiled, i)->first;

			check_hash_range(compiled, first);
			check_hash_range(compiled, plus(first, 1));
			if (i > 0)
				check_hash_range(compiled, minus(first, 1));
			check_hash_range(compiled, random_position(router->bits));
		}
		check_hash_range(compiled, minus(compiled->space, 1));
	}
}

/* The most units there can be, in the narrowest and in the widest space. */
static void
hash_range_most_units(void)
{
	static const unsigned widths[] = {20, 21, 63, 64, 65, 256};
	size_t		k;

	for (k = 0; k < sizeof(widths) / sizeof(widths[0]); k++)
	{
		chash_router *router = fixture_router("hash_range", "sha256", widths[k], 2);
		chash_compiled *compiled;
		uint32_t	i;

		router->shards[0].weight = 1048575 - (k % 2 ? 4 : 0);
		compiled = fixture_compile(router);
		test_context("%u bits", router->bits);
		for (i = 0; i < compiled->nslices; i += 1 + test_below(60000))
		{
			chash_slice slice = *fixture_slice(compiled, i);
			chash_uint	end = chash_uint_add(&slice.first, &slice.width);

			check_hash_range(compiled, slice.first);
			check_hash_range(compiled, minus(end, 1));
			CHECK(fixture_lookup(compiled, slice.first) == i);
			CHECK(fixture_lookup(compiled, minus(end, 1)) == i);
		}
		check_hash_range(compiled, minus(compiled->space, 1));
	}
}

/* One shard has everything; in 64 bits the size of its unit takes 65. */
static void
hash_range_one_unit(void)
{
	unsigned	bits;

	for (bits = 1; bits <= 256; bits++)
	{
		chash_router *router = fixture_router("hash_range", bits > 64 ? "sha256" : "xxh3", bits, 1);
		chash_compiled *compiled = fixture_compile(router);

		check_ranges(compiled);
		CHECK(fixture_route(compiled, random_position(bits)) == 0);
	}
}

/* What position div size leaves over goes to the last shard. */
static void
hash_range_rest(void)
{
	chash_compiled *compiled = fixture_compile(fixture_router("hash_range", NULL, 4, 5));

	/* 16 positions: 3, 3, 3, 3 and 4 */
	CHECK(equal(fixture_slice(compiled, 3)->width, chash_uint_from(3)));
	CHECK(equal(fixture_slice(compiled, 4)->first, chash_uint_from(12)));
	CHECK(equal(fixture_slice(compiled, 4)->width, chash_uint_from(4)));
	CHECK(fixture_route64(compiled, 11) == 3);
	CHECK(fixture_route64(compiled, 12) == 4);
	CHECK(fixture_route64(compiled, 15) == 4);

	/* 16 div 9 is 1, so that the last has 8 */
	compiled = fixture_compile(fixture_router("hash_range", NULL, 4, 9));
	CHECK(equal(fixture_slice(compiled, 8)->width, chash_uint_from(8)));
}

/* ---- range ---- */

static void
range(void)
{
	const char *bounds[] = {"10", "", "30"};
	chash_router *router = fixture_router("range", NULL, 0, 4);
	chash_compiled *compiled;
	uint32_t	i;

	router->nbounds = 3;
	router->bounds = bounds;
	compiled = fixture_compile(router);
	CHECK(compiled->nslices == 4);
	check_ranges(compiled);
	for (i = 0; i < 4; i++)
		CHECK(fixture_route64(compiled, i) == i);
	CHECK(strcmp(fixture_vnode(compiled, 0), "(,10)") == 0);
	CHECK(strcmp(fixture_vnode(compiled, 1), "[10,)") == 0);
	CHECK(strcmp(fixture_vnode(compiled, 2), "[,30)") == 0);
	CHECK(strcmp(fixture_vnode(compiled, 3), "[30,)") == 0);

	compiled = fixture_compile(fixture_router("range", NULL, 0, 1));
	check_ranges(compiled);
	CHECK(strcmp(fixture_vnode(compiled, 0), "(,)") == 0);
}

/* The longest bounds fit where slices are named. */
static void
range_longest(void)
{
	char	   *bounds[2];
	chash_router *router = fixture_router("range", NULL, 0, 3);
	chash_compiled *compiled;
	int			i;

	for (i = 0; i < 2; i++)
	{
		bounds[i] = test_alloc(CHASH_MAX_BOUND + 1);
		memset(bounds[i], '0' + i, CHASH_MAX_BOUND);
		bounds[i][CHASH_MAX_BOUND] = '\0';
	}
	router->nbounds = 2;
	router->bounds = (const char **) bounds;
	compiled = fixture_compile(router);
	CHECK(strlen(fixture_vnode(compiled, 1)) == 2 * CHASH_MAX_BOUND + 3);
}

const test_case strategy_tests[] = {
	{"modulo: the remainder", modulo},
	{"hash_range: every position of small spaces", hash_range_every_position},
	{"hash_range: edges of slices of wide spaces", hash_range_edges},
	{"hash_range: 2^20 units", hash_range_most_units},
	{"hash_range: one unit", hash_range_one_unit},
	{"hash_range: the rest is the last shard's", hash_range_rest},
	{"range: intervals", range},
	{"range: the longest bounds", range_longest},
	{NULL, NULL}
};
