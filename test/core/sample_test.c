/*
 * sample_test.c
 *		The sample of positions, and what is told from it of routers without
 *		slices.
 */
#include "core/diff.h"
#include "core/sample.h"
#include "fixture.h"

#include <math.h>
#include <string.h>

/* SplitMix64 begun with 0 gives these; everywhere the same sample. */
static void
fixed(void)
{
	chash_uint	first = chash_sample_position(0, 64);
	chash_uint	wide = chash_sample_position(0, 256);

	CHECK(equal(first, chash_uint_from(UINT64_C(0xE220A8397B1DCDAF))));
	CHECK(wide.limb[7] == 0xE220A839 && wide.limb[6] == 0x7B1DCDAF);
	CHECK(wide.limb[5] == 0x6E789E6A && wide.limb[4] == 0xA1B965F4);
	CHECK(wide.limb[3] == 0x06C45D18 && wide.limb[2] == 0x8009454F);
	CHECK(wide.limb[1] == 0xF88BB8A8 && wide.limb[0] == 0x724C81EC && wide.limb[8] == 0);
}

static void
narrow_and_wide(void)
{
	unsigned	bits;

	for (bits = 1; bits <= 256; bits++)
	{
		uint32_t	i = test_below(CHASH_SAMPLE_SIZE);
		chash_uint	wide = chash_sample_position(i, 256);
		chash_uint	narrow = chash_sample_position(i, bits);

		CHECK(equal(chash_uint_shift_right(&wide, 256 - bits), narrow));
	}
}

/* What can be counted is estimated well. */
static void
shares(void)
{
	static const char *const strategies[] = {"ring", "modulo", "hash_range", "maglev", "bounded"};
	static const char *const hashes[] = {"xxh3", "none", "md5", "sha1", "sha256"};
	int			round;

	for (round = 0; round < 25; round++)
	{
		chash_router *router = fixture_router(strategies[round % 5], hashes[round / 5 % 5], 0, 6);
		chash_compiled *compiled;
		chash_uint	positions[6];
		double		estimates[6];
		double		sum = 0;
		int			i;

		router->shards[2].weight = 3;
		compiled = fixture_compile(router);
		chash_count_positions(compiled, positions);
		chash_sample_shares(compiled, &test_host, estimates);
		for (i = 0; i < 6; i++)
		{
			test_context("round %d, shard %d", round, i);
			CHECK(fabs(estimates[i] - chash_uint_ratio(&positions[i], &compiled->space)) < 0.0055);
			sum += estimates[i];
		}
		CHECK(sum == 1);
	}
}

/* The shares of each pair of shards, added up. */
static double *
add_up(const chash_compiled *before, const chash_compiled *after)
{
	uint32_t	n = before->router->nshards * after->router->nshards;
	double	   *sums = test_alloc(n * sizeof(double));
	chash_diff	diff;
	chash_piece piece;

	memset(&diff, 0xFF, sizeof(diff));
	while (n > 0)
		sums[--n] = 0;
	chash_diff_begin(&diff, before, after, &test_host);
	CHECK(!diff.exact);
	while (chash_diff_next(&diff, &piece))
	{
		CHECK(piece.source < before->router->nshards && piece.target < after->router->nshards);
		sums[piece.source * after->router->nshards + piece.target] += piece.share;
	}
	CHECK(!chash_diff_next(&diff, &piece));
	return sums;
}

/* Of all pairs: what a shard gives and keeps is its share, and what it gets. */
static void
moves(void)
{
	static const char *const strategies[] = {
		"jump", "jumpback", "rendezvous", "ring", "modulo", "maglev", "multiprobe", "bounded"
	};
	static const char *const hashes[] = {"xxh3", "none", "md5", "sha256"};
	int			i;
	int			j;

	for (i = 0; i < 8; i++)
	{
		for (j = 0; j < 8; j++)
		{
			const char *hash = hashes[(i + j) % 4];
			chash_compiled *before = fixture_compile(fixture_router(strategies[i], hash, 0, 3));
			chash_compiled *after = fixture_compile(fixture_router(strategies[j], hash, 0, 5));
			double		of_before[3];
			double		of_after[5];
			double	   *sums;
			int			k;

			if (before->router->strategy->sliced && after->router->strategy->sliced)
				continue;
			test_context("%s to %s", strategies[i], strategies[j]);
			sums = add_up(before, after);
			chash_sample_shares(before, &test_host, of_before);
			chash_sample_shares(after, &test_host, of_after);
			for (k = 0; k < 15; k++)
			{
				of_before[k / 5] -= sums[k];
				of_after[k % 5] -= sums[k];
			}
			for (k = 0; k < 5; k++)
				CHECK(of_after[k] == 0 && (k >= 3 || of_before[k] == 0));
		}
	}
}

/* To the same router nothing moves, and to one more shard only to that one. */
static void
growing(void)
{
	static const char *const strategies[] = {"jump", "jumpback", "rendezvous", "multiprobe"};
	int			k;

	for (k = 0; k < 4; k++)
	{
		chash_router *router = fixture_router(strategies[k], "sha1", 0, 4);
		chash_compiled *before = fixture_compile(router);
		chash_compiled *after = fixture_compile(fixture_with_shard(router, "server-e", 1));
		double	   *same = add_up(before, before);
		double	   *sums = add_up(before, after);
		double		moved = 0;
		int			i;

		for (i = 0; i < 16; i++)
			CHECK((same[i] != 0) == (i % 5 == 0));
		for (i = 0; i < 20; i++)
		{
			CHECK(i % 5 == i / 5 || i % 5 == 4 || sums[i] == 0);
			if (i % 5 == 4)
				moved += sums[i];
		}
		/* the shares of multiprobe themselves are not quite equal */
		CHECK(fabs(moved - 0.2) < (k == 3 ? 0.06 : 0.0055));
	}
}

/* A ring of fewer bits: its positions are the top of those of the other. */
static void
different_bits(void)
{
	chash_compiled *before = fixture_compile(fixture_router("ring", "sha1", 20, 3));
	chash_compiled *after = fixture_compile(fixture_router("rendezvous", "sha1", 0, 3));
	double	   *sums = add_up(before, after);
	double		counts[9] = {0};
	int			i;

	for (i = 0; i < CHASH_SAMPLE_SIZE; i++)
	{
		uint32_t	source = fixture_route(before, chash_sample_position((uint32_t) i, 20));
		uint32_t	target = fixture_route(after, chash_sample_position((uint32_t) i, 160));

		counts[3 * source + target]++;
	}
	for (i = 0; i < 9; i++)
		CHECK(sums[i] == counts[i] / CHASH_SAMPLE_SIZE);
}

/* Without common positions, the product of the shares. */
static void
different_hashes(void)
{
	static const char *const hashes[] = {"xxh64", "none"};
	static const unsigned bits[] = {0, 62};
	int			k;

	for (k = 0; k < 2; k++)
	{
		chash_compiled *before = fixture_compile(fixture_router("jump", k ? "none" : "xxh3", 0, 3));
		chash_compiled *after = fixture_compile(fixture_router("ring", hashes[k], bits[k], 2));
		double	   *sums = add_up(before, after);
		double		of_before[3];
		chash_uint	of_after[2];
		int			i;

		chash_sample_shares(before, &test_host, of_before);
		chash_count_positions(after, of_after);
		for (i = 0; i < 6; i++)
			CHECK(fabs(sums[i] - of_before[i / 2] *
					   chash_uint_ratio(&of_after[i % 2], &after->space)) < 1e-15);
	}
}

const test_case sample_tests[] = {
	{"sample: always the same", fixed},
	{"sample: narrow and wide positions", narrow_and_wide},
	{"sample: shares", shares},
	{"sample: moves", moves},
	{"sample: growing", growing},
	{"sample: different bits", different_bits},
	{"sample: different hashes", different_hashes},
	{NULL, NULL}
};
