/*
 * diff_wide_test.c
 *		What moves between two routers in spaces too wide to be counted, against
 *		arithmetic on 64-bit integers, and sums in wider ones.
 */
#include "core/diff.h"
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

static chash_router *
random_router(const char *strategy, const char *hash)
{
	chash_router *router;
	uint32_t	i;

	if (strcmp(strategy, "ring") == 0)
		return fixture_random_ring(hash, 0, 5, 12);
	router = fixture_router(strategy, hash, 0, 2 + test_below(6));
	for (i = 0; i < router->nshards; i++)
		router->shards[i].weight = 1 + test_below(4);
	chash_router_complete(router, &test_host);
	return router;
}

/* The pieces of each pair of shards, added up. */
static chash_uint *
add_up(const chash_compiled *before, const chash_compiled *after)
{
	uint32_t	n = before->router->nshards * after->router->nshards;
	chash_uint *sums = test_alloc(n * sizeof(chash_uint));
	chash_diff	diff;
	chash_piece piece;

	while (n > 0)
		sums[--n] = chash_uint_from(0);
	chash_diff_begin(&diff, before, after, &test_host);
	CHECK(diff.exact);
	while (chash_diff_next(&diff, &piece))
	{
		chash_uint *sum;

		CHECK(piece.source < before->router->nshards && piece.target < after->router->nshards);
		sum = &sums[piece.source * after->router->nshards + piece.target];
		*sum = chash_uint_add(sum, &piece.width);
	}
	return sums;
}

/*
 * All pairs of strategies: what leaves a shard and stays is what it had, and
 * what comes to one and stays is what it gets.
 */
static void
sums(void)
{
	static const char *const strategies[] = {"modulo", "hash_range", "ring"};
	static const char *const hashes[] = {"xxh3", "none", "pg", "md5", "sha1", "sha256"};
	int			round;

	for (round = 0; round < 9 * 6 * 3; round++)
	{
		const char *hash = hashes[round / 9 % 6];
		chash_compiled *before = fixture_compile(random_router(strategies[round % 3], hash));
		chash_compiled *after = fixture_compile(random_router(strategies[round / 3 % 3], hash));
		uint32_t	n = before->router->nshards;
		uint32_t	m = after->router->nshards;
		chash_uint *moves = add_up(before, after);
		chash_uint *positions = test_alloc((n > m ? n : m) * sizeof(chash_uint));
		chash_uint	all = chash_uint_from(0);
		uint32_t	i;
		uint32_t	j;

		test_context("round %d, %s", round, hash);
		chash_count_positions(before, positions);
		for (i = 0; i < n; i++)
		{
			chash_uint	sum = chash_uint_from(0);

			for (j = 0; j < m; j++)
				sum = chash_uint_add(&sum, &moves[i * m + j]);
			CHECK(equal(sum, positions[i]));
			all = chash_uint_add(&all, &sum);
		}
		chash_count_positions(after, positions);
		for (j = 0; j < m; j++)
		{
			chash_uint	sum = chash_uint_from(0);

			for (i = 0; i < n; i++)
				sum = chash_uint_add(&sum, &moves[i * m + j]);
			CHECK(equal(sum, positions[j]));
		}
		CHECK(equal(all, before->space));
	}
}

/* ---- residues ---- */

/* The shard of a remainder. */
static uint32_t
shard_of(const chash_router *router, uint64_t remainder)
{
	uint32_t	shard = 0;

	while (remainder >= router->shards[shard].weight)
		remainder -= (uint64_t) router->shards[shard++].weight;
	return shard;
}

/* How many of the positions 0 to last leave a remainder; 2 <= n. */
static uint64_t
count(uint64_t last, uint64_t n, uint64_t remainder)
{
	return last < remainder ? 0 : (last - remainder) / n + 1;
}

/*
 * Two remainders together are one modulo the least common multiple, if there
 * is a number that leaves both.
 */
static void
modulo_to_modulo(void)
{
	int			round;

	for (round = 0; round < 100; round++)
	{
		const char *hash = round % 2 ? "xxh3" : "none";
		uint64_t	last = round % 2 ? UINT64_MAX : UINT64_MAX >> 1;
		chash_router *before = random_router("modulo", hash);
		chash_router *after = random_router("modulo", hash);
		uint64_t	n = (uint64_t) chash_router_total_weight(before);
		uint64_t	m = (uint64_t) chash_router_total_weight(after);
		chash_uint *moves = add_up(fixture_compile(before), fixture_compile(after));
		uint64_t   *expected = test_alloc(before->nshards * after->nshards * sizeof(uint64_t));
		uint64_t	period = n;
		uint64_t	x;
		uint32_t	i;

		while (period % m != 0)
			period += n;
		memset(expected, 0, before->nshards * after->nshards * sizeof(uint64_t));
		for (x = 0; x < period; x++)
			expected[shard_of(before, x % n) * after->nshards + shard_of(after, x % m)] +=
				count(last, period, x);
		test_context("round %d, mod %u to mod %u", round, (unsigned) n, (unsigned) m);
		for (i = 0; i < before->nshards * after->nshards; i++)
			CHECK(equal(moves[i], chash_uint_from(expected[i])));
	}
}

/* ---- ranges and residues ---- */

static int
compare_numbers(const void *a, const void *b)
{
	uint64_t	first = *(const uint64_t *) a;
	uint64_t	second = *(const uint64_t *) b;

	return (first > second) - (first < second);
}

/*
 * Where the owner of a position can change: at 0, at every point and after it
 * in a ring, every unit in a hash_range.  Sorted; some are given twice.
 */
static uint64_t *
cuts_of(const chash_router *router, uint64_t last, uint32_t *n)
{
	uint64_t   *cuts;
	uint32_t	i;

	*n = 0;
	if (router->strategy == &chash_strategy_ring)
	{
		naive_ring *ring = naive_ring_of(router);

		cuts = test_alloc((3 * ring->npoints + 1) * sizeof(uint64_t));
		cuts[(*n)++] = 0;
		for (i = 0; i < ring->npoints; i++)
		{
			uint64_t	point = naive_position64(ring, &ring->points[i]);
			uint64_t	next = naive_position64(ring, &ring->points[(i + 1) % ring->npoints]);

			/* at it, behind it, and where the next one is nearer */
			cuts[(*n)++] = point;
			cuts[(*n)++] = point == last ? point : point + 1;
			cuts[(*n)++] = (point + ((next - point) & last) / 2 + 1) & last;
		}
	}
	else
	{
		uint32_t	units = (uint32_t) chash_router_total_weight(router);
		/* 2^bits div units, without 2^bits */
		uint64_t	size = last / units + (last % units == units - 1);

		cuts = test_alloc(units * sizeof(uint64_t));
		for (i = 0; i < units; i++)
			cuts[(*n)++] = i * size;
	}
	qsort(cuts, *n, sizeof(uint64_t), compare_numbers);
	return cuts;
}

/* Who serves a position, by the naive ring or by counting units. */
static uint32_t
owner_of(const chash_router *router, const naive_ring *ring, uint64_t position, uint32_t unit)
{
	if (ring)
		return naive_lookup(ring, chash_uint_from(position))->shard;
	return shard_of(router, unit);
}

static void
check_mixed(chash_router *ranges, chash_router *residues, uint64_t last)
{
	uint64_t	n = (uint64_t) chash_router_total_weight(residues);
	uint32_t	m = residues->nshards;
	uint32_t	ncuts;
	uint64_t   *cuts = cuts_of(ranges, last, &ncuts);
	naive_ring *ring = ranges->strategy == &chash_strategy_ring ? naive_ring_of(ranges) : NULL;
	uint64_t   *expected = test_alloc(ranges->nshards * m * sizeof(uint64_t));
	chash_uint *there = add_up(fixture_compile(ranges), fixture_compile(residues));
	chash_uint *back = add_up(fixture_compile(residues), fixture_compile(ranges));
	uint32_t	i;
	uint32_t	j;

	memset(expected, 0, ranges->nshards * m * sizeof(uint64_t));
	for (i = 0; i < ncuts; i++)
	{
		uint64_t	first = cuts[i];
		uint64_t	end = i + 1 < ncuts ? cuts[i + 1] - 1 : last;
		uint32_t	owner = owner_of(ranges, ring, first, i);
		uint64_t	remainder;

		if (i + 1 < ncuts && cuts[i + 1] == first)
			continue;
		for (remainder = 0; remainder < n; remainder++)
			expected[owner * m + shard_of(residues, remainder)] +=
				count(end, n, remainder) - (first > 0 ? count(first - 1, n, remainder) : 0);
	}
	for (i = 0; i < ranges->nshards; i++)
	{
		for (j = 0; j < m; j++)
		{
			CHECK(equal(there[i * m + j], chash_uint_from(expected[i * m + j])));
			CHECK(equal(back[j * ranges->nshards + i], chash_uint_from(expected[i * m + j])));
		}
	}
}

static void
ring_and_modulo(void)
{
	int			round;

	for (round = 0; round < 60; round++)
	{
		const char *hash = round % 2 ? "xxh64" : "none";

		test_context("round %d, %s", round, hash);
		check_mixed(random_router("ring", hash), random_router("modulo", hash),
					round % 2 ? UINT64_MAX : UINT64_MAX >> 1);
	}
}

static void
hash_range_and_modulo(void)
{
	int			round;

	for (round = 0; round < 60; round++)
	{
		const char *hash = round % 2 ? "xxh64" : "none";

		test_context("round %d, %s", round, hash);
		check_mixed(random_router("hash_range", hash), random_router("modulo", hash),
					round % 2 ? UINT64_MAX : UINT64_MAX >> 1);
	}
}

/* Ranges narrower than the number of residues, in few bits of a hash. */
static void
narrow_ring_and_modulo(void)
{
	int			round;

	for (round = 0; round < 60; round++)
	{
		unsigned	bits = 3 + test_below(8);
		chash_router *ring = fixture_random_ring("xxh3", bits, 4, 12);
		chash_router *modulo = random_router("modulo", "xxh3");
		chash_compiled *before = fixture_compile(ring);
		uint64_t	n = (uint64_t) chash_router_total_weight(modulo);
		uint64_t   *expected = test_alloc(ring->nshards * modulo->nshards * sizeof(uint64_t));
		chash_uint *moves = add_up(before, fixture_compile(modulo));
		uint32_t	position;
		uint32_t	i;

		test_context("round %d, %u bits", round, bits);
		memset(expected, 0, ring->nshards * modulo->nshards * sizeof(uint64_t));
		for (position = 0; position >> bits == 0; position++)
		{
			/* the digests whose top bits these are */
			uint64_t	first = (uint64_t) position << (64 - bits);
			uint64_t	end = first + (UINT64_MAX >> bits);
			uint64_t   *row = &expected[fixture_route64(before, position) * modulo->nshards];
			uint64_t	remainder;

			for (remainder = 0; remainder < n; remainder++)
				row[shard_of(modulo, remainder)] +=
					count(end, n, remainder) - (first > 0 ? count(first - 1, n, remainder) : 0);
		}
		for (i = 0; i < ring->nshards * modulo->nshards; i++)
			CHECK(equal(moves[i], chash_uint_from(expected[i])));
	}
}

/* Many ranges, and many residues in each. */
static void
thousands(void)
{
	chash_router *ring = fixture_router("ring", "none", 0, 2);
	chash_router *modulo = fixture_router("modulo", "none", 0, 2);

	ring->p.vnodes = 1000;
	modulo->shards[0].weight = 99;
	chash_router_complete(ring, &test_host);
	chash_router_complete(modulo, &test_host);
	check_mixed(ring, modulo, UINT64_MAX >> 1);
}

const test_case diff_wide_tests[] = {
	{"diff: sums of all pairs of strategies", sums},
	{"diff: modulo to modulo", modulo_to_modulo},
	{"diff: ring and modulo", ring_and_modulo},
	{"diff: hash_range and modulo", hash_range_and_modulo},
	{"diff: narrow ring and modulo", narrow_ring_and_modulo},
	{"diff: thousands of ranges and modulo", thousands},
	{NULL, NULL}
};
