/*
 * diff_test.c
 *		What moves between two routers, against counting every position of small
 *		spaces, and the estimates.
 */
#include "core/diff.h"
#include "fixture.h"

#include <math.h>
#include <string.h>

/* ---- small spaces, counted ---- */

/* A random hash_range or ring over some bits of a hash. */
static chash_router *
random_router(const char *hash, unsigned bits)
{
	chash_router *router = fixture_random_ring(hash, bits, 5, 12);
	uint32_t	i;

	if (test_below(2))
		return router;
	router = fixture_router("hash_range", hash, bits, 1 + test_below(4));
	for (i = 0; i < router->nshards; i++)
		router->shards[i].weight = bits > 3 ? 1 + test_below(4) : 1 + test_below(2);
	return router;
}

/* The pieces of each pair of shards, added up; returns how many pieces there are. */
static unsigned
add_up(const chash_compiled *before, const chash_compiled *after, chash_uint *sums)
{
	uint32_t	n = after->router->nshards;
	unsigned	pieces = 0;
	size_t		blocks = test_live_blocks();
	chash_diff	diff;
	chash_piece piece;
	uint32_t	i;

	for (i = 0; i < before->router->nshards * n; i++)
		sums[i] = chash_uint_from(0);
	memset(&diff, 0xFF, sizeof(diff));
	chash_diff_begin(&diff, before, after, &test_host);
	CHECK(diff.exact);
	CHECK(test_live_blocks() == blocks);
	CHECK(equal(diff.space, before->router->bits > after->router->bits ?
				before->space : after->space));
	while (chash_diff_next(&diff, &piece))
	{
		chash_uint *sum;

		CHECK(piece.source < before->router->nshards && piece.target < n);
		CHECK(!chash_uint_is_zero(&piece.width));
		sum = &sums[piece.source * n + piece.target];
		*sum = chash_uint_add(sum, &piece.width);
		pieces++;
	}
	CHECK(!chash_diff_next(&diff, &piece));
	return pieces;
}

static void
every_position(void)
{
	static const char *const hashes[] = {"xxh3", "sha1", "md5", "sha256", "pg"};
	int			round;

	for (round = 0; round < 400; round++)
	{
		const char *hash = hashes[round % 5];
		unsigned	bits_before = 3 + test_below(10);
		unsigned	bits_after = round % 2 ? bits_before : 3 + test_below(10);
		unsigned	bits = bits_before > bits_after ? bits_before : bits_after;
		chash_compiled *before = fixture_compile(random_router(hash, bits_before));
		chash_compiled *after = fixture_compile(random_router(hash, bits_after));
		uint32_t	n = before->router->nshards * after->router->nshards;
		chash_uint *sums = test_alloc(n * sizeof(chash_uint));
		uint32_t   *counts = test_alloc(n * sizeof(uint32_t));
		uint32_t	position;
		uint32_t	i;

		test_context("round %d, %u and %u bits", round, bits_before, bits_after);

		/* each piece ends at least one slice, and the last one ends two */
		CHECK(add_up(before, after, sums) < before->nslices + after->nslices);
		memset(counts, 0, n * sizeof(uint32_t));
		for (position = 0; position >> bits == 0; position++)
		{
			uint32_t	source = fixture_route64(before, position >> (bits - bits_before));
			uint32_t	target = fixture_route64(after, position >> (bits - bits_after));

			counts[source * after->router->nshards + target]++;
		}
		for (i = 0; i < n; i++)
			CHECK(equal(sums[i], chash_uint_from(counts[i])));
	}
}

/* From a router to itself nothing moves. */
static void
nothing(void)
{
	static const char *const strategies[] = {"modulo", "hash_range", "ring"};
	int			k;

	for (k = 0; k < 3; k++)
	{
		chash_router *router = fixture_router(strategies[k], "sha1", 0, 5);
		chash_uint	sums[25];
		chash_compiled *compiled;
		chash_uint	positions[5];
		uint32_t	i;

		router->shards[3].weight = 3;
		compiled = fixture_compile(router);
		add_up(compiled, compiled, sums);
		chash_count_positions(compiled, positions);
		for (i = 0; i < 25; i++)
			CHECK(equal(sums[i], i % 6 == 0 ? positions[i / 6] : chash_uint_from(0)));
	}
}

/* From n to n + 1 equal ranges half of the space moves. */
static void
hash_range_by_one(void)
{
	chash_compiled *before = fixture_compile(fixture_router("hash_range", "md5", 0, 16));
	chash_compiled *after = fixture_compile(fixture_router("hash_range", "md5", 0, 17));
	chash_uint	sums[16 * 17];
	chash_uint	moved = chash_uint_from(0);
	uint32_t	i;

	add_up(before, after, sums);
	for (i = 0; i < 16 * 17; i++)
	{
		if (i / 17 != i % 17)
			moved = chash_uint_add(&moved, &sums[i]);
	}
	CHECK(fabs(chash_uint_ratio(&moved, &before->space) - 0.5) < 1e-9);
}

/* ---- estimates ---- */

/* That shares are products of what each side serves, and add up to 1. */
static void
check_estimate(const chash_compiled *before, const chash_compiled *after)
{
	uint32_t	n = before->router->nshards;
	uint32_t	m = after->router->nshards;
	chash_uint *positions_before = test_alloc(n * sizeof(chash_uint));
	chash_uint *positions_after = test_alloc(m * sizeof(chash_uint));
	uint32_t	pieces = 0;
	double		sum = 0;
	chash_diff	diff;
	chash_piece piece;

	chash_count_positions(before, positions_before);
	chash_count_positions(after, positions_after);
	chash_diff_begin(&diff, before, after, &test_host);
	CHECK(!diff.exact);
	while (chash_diff_next(&diff, &piece))
	{
		double		expected;

		CHECK(piece.source < n && piece.target < m);
		expected = chash_uint_ratio(&positions_before[piece.source], &before->space) *
			chash_uint_ratio(&positions_after[piece.target], &after->space);
		CHECK(fabs(piece.share - expected) < 1e-15);
		sum += piece.share;
		pieces++;
	}
	CHECK(pieces == n * m);
	CHECK(fabs(sum - 1) < 1e-12);
	CHECK(!chash_diff_next(&diff, &piece));
}

static void
different_hashes(void)
{
	static const char *const hashes[] = {"xxh3", "xxh64", "sha1", "md5", "sha256", "pg", "none"};
	static const char *const strategies[] = {"ring", "modulo", "hash_range"};
	int			i;
	int			j;
	int			k;

	for (i = 0; i < 7; i++)
	{
		for (j = 0; j < 7; j++)
		{
			for (k = 0; k < 9 && i != j; k++)
			{
				chash_router *before = fixture_router(strategies[k % 3], hashes[i], 0, 3);
				chash_router *after = fixture_router(strategies[k / 3], hashes[j], 0, 4);

				before->shards[0].weight = 5;
				test_context("%s to %s, %d", hashes[i], hashes[j], k);
				check_estimate(fixture_compile(before), fixture_compile(after));
			}
		}
	}
}

/* Under "none" a position is the key, and not the top of anything wider. */
static void
none_of_different_bits(void)
{
	chash_router *before = fixture_router("ring", "none", 20, 3);
	chash_router *after = fixture_router("hash_range", "none", 21, 4);
	chash_compiled *compiled = fixture_compile(before);
	chash_uint	sums[12];

	check_estimate(compiled, fixture_compile(after));
	after = fixture_router("hash_range", "none", 20, 4);
	add_up(compiled, fixture_compile(after), sums);
}

static bool
is_exact(chash_router *before, chash_router *after)
{
	chash_diff	diff;

	chash_diff_begin(&diff, fixture_compile(before), fixture_compile(after), &test_host);
	return diff.exact;
}

/* Of more than 2^26 pieces an estimate is made. */
static void
too_many_pieces(void)
{
	chash_router *before = fixture_router("modulo", NULL, 0, 1);
	chash_router *after = fixture_router("modulo", NULL, 0, 2);
	chash_router *ring = fixture_router("ring", NULL, 0, 1);

	/* a least common multiple of 67,100,672, and one of 67,117,056 */
	before->shards[0].weight = 8192;
	after->shards[0].weight = 8190;
	CHECK(is_exact(before, after));
	after->shards[0].weight = 8192;
	CHECK(!is_exact(before, after));
	check_estimate(fixture_compile(before), fixture_compile(after));

	/* numbers that share all their factors: 2^20 */
	before->shards[0].weight = 1048576;
	after->shards[0].weight = 524287;
	CHECK(is_exact(before, after));
	/* a multiple of 40 bits, whose low 32 are 2^20 */
	after->shards[0].weight = 1044480;
	CHECK(!is_exact(before, after));

	/* 2^16 ranges and 1024 residues, then 1025 */
	ring->p.vnodes = 65535;
	before->shards[0].weight = 1024;
	CHECK(is_exact(ring, before));
	CHECK(is_exact(before, ring));
	before->shards[0].weight = 1025;
	CHECK(!is_exact(ring, before));
	CHECK(!is_exact(before, ring));
	check_estimate(fixture_compile(before), fixture_compile(ring));
}

const test_case diff_tests[] = {
	{"diff: every position of small spaces", every_position},
	{"diff: nothing moves", nothing},
	{"diff: hash_range by one shard", hash_range_by_one},
	{"diff: different hashes are estimated", different_hashes},
	{"diff: none of different bits is estimated", none_of_different_bits},
	{"diff: too many pieces are estimated", too_many_pieces},
	{NULL, NULL}
};
