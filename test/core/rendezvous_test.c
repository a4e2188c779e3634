/*
 * rendezvous_test.c
 *		The strategy rendezvous: what real libraries answered (test/vectors), the
 *		formula in doubles, and what moves when shards come, go and gain weight.
 */
#include "fixture.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* go-rendezvous and the ring of go-redis, which have the same formula. */
static void
vectors(void)
{
	FILE	   *file = fixture_open_vectors("rendezvous/vectors.tsv");
	chash_compiled *compiled = NULL;
	char		compiled_set[100] = "";
	unsigned	lines = 0;
	char		set[100];
	char		key[100];
	uint64_t	digest;
	unsigned	place;
	char		node[100];

	while (fscanf(file, "%*s\t%99s\t%99[^\t]\t%" SCNu64 "\t%u\t%99s\n", set, key, &digest, &place,
				  node) == 5)
	{
		chash_uint	position;
		chash_error error;

		if (strcmp(set, compiled_set) != 0)
		{
			compiled = fixture_compile(fixture_nodeset("rendezvous", "xxh64", set));
			strcpy(compiled_set, set);
		}
		test_context("%s, %s", set, key);
		CHECK(compiled->router->hash->digest(key, strlen(key), &position, &error));
		CHECK(equal(position, chash_uint_from(digest)));
		CHECK(fixture_route(compiled, position) == place);
		CHECK(strcmp(compiled->router->shards[place].name, node) == 0);
		lines++;
	}
	CHECK(feof(file) && lines == 1000);
	fclose(file);
}

/* ---- the formula ---- */

static uint64_t
score(uint64_t key, const char *name)
{
	uint64_t	x = key ^ XXH3_64bits(name, strlen(name));

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	return x * 2685821657736338717U;
}

static uint32_t
highest_score(const chash_router *router, uint64_t key)
{
	uint32_t	best = 0;
	uint32_t	i;

	for (i = 1; i < router->nshards; i++)
	{
		if (score(key, router->shards[i].name) > score(key, router->shards[best].name))
			best = i;
	}
	return best;
}

/* Near 1 a double has too few digits for u, but 1 - u has enough. */
static double
cost(const chash_router *router, uint32_t i, uint64_t key)
{
	double		rest = ldexp((double) ~score(key, router->shards[i].name), -64);

	return -log1p(-rest) / router->shards[i].weight;
}

static chash_router *
random_router(uint32_t max_shards)
{
	chash_router *router = fixture_router("rendezvous", "xxh3", 0, 1 + test_below(max_shards));
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
	{
		switch (test_below(4))
		{
			case 0:
				router->shards[i].weight = 1 + test_below(5);
				break;
			case 1:
				router->shards[i].weight = (1 + test_below(1000)) / 100.0;
				break;
			case 2:
				router->shards[i].weight = ldexp(1 + test_below(1000), (int) test_below(40) - 20);
				break;
		}
	}
	chash_router_complete(router, &test_host);
	return router;
}

/* The winner's cost is no more than another's, as far as doubles can tell. */
static void
lowest_cost(void)
{
	unsigned	agree = 0;
	int			round;

	for (round = 0; round < 3000; round++)
	{
		chash_compiled *compiled = fixture_compile(random_router(round % 10 ? 12 : 200));
		const chash_router *router = compiled->router;
		int			k;

		for (k = 0; k < 10; k++)
		{
			uint64_t	key = test_random();
			uint32_t	winner = fixture_route64(compiled, key);
			double		lowest = cost(router, winner, key);
			bool		first = true;
			uint32_t	i;

			for (i = 0; i < router->nshards; i++)
			{
				double		other = cost(router, i, key);

				CHECK(lowest <= other * (1 + 1e-9));
				first = first && (i == winner || lowest < other);
			}
			agree += first;
		}
	}
	/* and all but never is it too close to tell */
	CHECK(agree >= 29999);
}

static void
equal_weights(void)
{
	static const double weights[] = {1, 0.3, 7, 5e-324, 2.2250738585072014e-308, 1e300};
	int			round;

	for (round = 0; round < 1200; round++)
	{
		chash_router *router = fixture_router("rendezvous", "xxh3", 0, 1 + test_below(20));
		chash_router *with_more;
		chash_compiled *compiled;
		chash_compiled *weighted;
		uint32_t	i;

		for (i = 0; i < router->nshards; i++)
			router->shards[i].weight = weights[round % 6];
		compiled = fixture_compile(router);

		/* a shard that hardly ever wins, so that costs have to be computed */
		with_more = fixture_with_shard(router, "tiny", weights[round % 6] > 1e-300 ?
									   weights[round % 6] * 1e-30 : weights[round % 6]);
		weighted = fixture_compile(with_more);
		for (i = 0; i < 20; i++)
		{
			uint64_t	key = test_random();
			uint32_t	expected = highest_score(router, key);

			test_context("round %d, key %" PRIu64, round, key);
			CHECK(fixture_route64(compiled, key) == expected);
			if (weights[round % 6] > 1e-300)
				CHECK(fixture_route64(weighted, key) == expected);
		}
	}
}

/* The highest and the lowest scores, which the logarithm has to bear. */
static void
extreme_scores(void)
{
	uint64_t	power = 2685821657736338717U;
	uint64_t	inverted = 1;
	uint64_t	wanted[] = {0, 1, 2, UINT64_MAX, UINT64_MAX - 1, UINT64_C(1) << 63};
	size_t		k;
	int			i;

	/* Newton's iteration for the inverse of an odd number mod 2^64 */
	for (i = 0; i < 6; i++)
		inverted *= 2 - power * inverted;
	CHECK(power * inverted == 1);
	for (k = 0; k < sizeof(wanted) / sizeof(wanted[0]); k++)
	{
		chash_router *router = fixture_router("rendezvous", "xxh3", 0, 3);
		chash_compiled *compiled;
		uint64_t	x = wanted[k] * inverted;
		uint64_t	key;
		uint32_t	winner;

		/* undo the shifts, from the last to the first */
		x ^= x >> 27 ^ x >> 54;
		x ^= x << 25 ^ x << 50;
		x ^= x >> 12 ^ x >> 24 ^ x >> 36 ^ x >> 48 ^ x >> 60;
		key = x ^ XXH3_64bits("server-a", 8);
		CHECK(score(key, "server-a") == wanted[k]);
		router->shards[0].weight = 0.01;
		compiled = fixture_compile(router);
		winner = fixture_route64(compiled, key);
		CHECK((winner == 0) == (wanted[k] >= UINT64_MAX - 1));
		router->shards[0].weight = 1e6;
		compiled = fixture_compile(router);
		winner = fixture_route64(compiled, key);
		CHECK(winner == 0);
	}
}

/* ---- what moves ---- */

/* A shard of another weight, more or less. */
static void
check_reweight(const chash_compiled *before, uint32_t place, double weight)
{
	chash_router router = *before->router;
	chash_compiled *after;
	int			k;

	router.shards = test_alloc(router.nshards * sizeof(chash_shard));
	memcpy(router.shards, before->router->shards, router.nshards * sizeof(chash_shard));
	router.shards[place].weight = weight;
	after = fixture_compile(&router);
	for (k = 0; k < 40; k++)
	{
		uint64_t	key = test_random();
		uint32_t	old = fixture_route64(before, key);
		uint32_t	new = fixture_route64(after, key);

		if (weight >= before->router->shards[place].weight)
			CHECK(new == old || new == place);
		else
			CHECK(new == old || old == place);
	}
}

static void
moves(void)
{
	int			round;

	for (round = 0; round < 2000; round++)
	{
		chash_compiled *before = fixture_compile(random_router(15));
		const chash_router *router = before->router;
		uint32_t	n = router->nshards;
		uint32_t	place = test_below(n);
		double		weight = (1 + test_below(800)) / 100.0;
		chash_compiled *more = fixture_compile(fixture_with_shard(router, "new", weight));
		int			k;

		test_context("round %d", round);
		for (k = 0; k < 40; k++)
		{
			uint64_t	key = test_random();
			uint32_t	after = fixture_route64(more, key);

			CHECK(after == fixture_route64(before, key) || after == n);
		}
		check_reweight(before, place, weight);
		if (n > 1)
		{
			chash_compiled *fewer = fixture_compile(fixture_without_shard(router, place));

			for (k = 0; k < 40; k++)
			{
				uint64_t	key = test_random();
				uint32_t	old = fixture_route64(before, key);
				uint32_t	new = fixture_route64(fewer, key);

				CHECK(old == place || new == old - (old > place));
			}
		}
	}
}

/* Shares follow the weights, within five standard deviations. */
static void
shares_follow_weights(void)
{
	static const double weights[] = {1, 2.5, 0.25, 10, 1};
	chash_router *router = fixture_router("rendezvous", "xxh3", 0, 5);
	chash_compiled *compiled;
	uint32_t	counts[5] = {0};
	uint32_t	i;

	for (i = 0; i < 5; i++)
		router->shards[i].weight = weights[i];
	compiled = fixture_compile(router);
	for (i = 0; i < 200000; i++)
		counts[fixture_route64(compiled, test_random())]++;
	for (i = 0; i < 5; i++)
	{
		double		share = weights[i] / 14.75;

		CHECK(fabs(counts[i] - 200000 * share) < 5 * sqrt(200000 * share * (1 - share)));
	}
}

/* The order of the shards does not matter. */
static void
order(void)
{
	int			round;

	for (round = 0; round < 300; round++)
	{
		chash_compiled *compiled = fixture_compile(random_router(12));
		chash_router reversed = *compiled->router;
		chash_compiled *other;
		uint32_t	n = reversed.nshards;
		uint32_t	i;

		reversed.shards = test_alloc(n * sizeof(chash_shard));
		for (i = 0; i < n; i++)
			reversed.shards[i] = compiled->router->shards[n - 1 - i];
		other = fixture_compile(&reversed);
		for (i = 0; i < 30; i++)
		{
			uint64_t	key = test_random();

			CHECK(fixture_route64(compiled, key) == n - 1 - fixture_route64(other, key));
		}
	}
}

/* Positions wider than 64 bits count by their top, as do the names' digests. */
static void
wide_positions(void)
{
	static const char *const hashes[] = {"md5", "sha1", "sha256"};
	int			round;

	for (round = 0; round < 300; round++)
	{
		chash_router *router = fixture_router("rendezvous", hashes[round % 3], 0, 2 + test_below(9));
		chash_compiled *compiled = fixture_compile(router);
		chash_uint	position = random_position(router->bits);
		uint32_t	best = 0;
		uint64_t	best_score = 0;
		uint32_t	i;

		for (i = 0; i < router->nshards; i++)
		{
			uint8_t		digest[32];
			uint64_t	x = 0;
			int			k;

			naive_digest(router->hash->code, router->shards[i].name,
						 strlen(router->shards[i].name), digest);
			for (k = 0; k < 8; k++)
				x = x << 8 | digest[k];
			x ^= (uint64_t) position.limb[router->bits / 32 - 1] << 32 |
				position.limb[router->bits / 32 - 2];
			x ^= x >> 12;
			x ^= x << 25;
			x ^= x >> 27;
			x *= 2685821657736338717U;
			if (x > best_score)
			{
				best = i;
				best_score = x;
			}
		}
		CHECK(fixture_route(compiled, position) == best);
	}
}

const test_case rendezvous_tests[] = {
	{"rendezvous: what go-rendezvous and go-redis answer", vectors},
	{"rendezvous: the lowest cost wins", lowest_cost},
	{"rendezvous: equal weights are no weights", equal_weights},
	{"rendezvous: extreme scores", extreme_scores},
	{"rendezvous: what moves", moves},
	{"rendezvous: shares follow weights", shares_follow_weights},
	{"rendezvous: the order of shards does not matter", order},
	{"rendezvous: wide positions", wide_positions},
	{NULL, NULL}
};
