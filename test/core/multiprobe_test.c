/*
 * multiprobe_test.c
 *		The strategy multiprobe: what go-mpchash answers (test/vectors), every
 *		probe and every point looked at one by one, how even it is, and what
 *		moves when shards come and go.
 */
#include "fixture.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static const char *const hashes[] = {
	"xxh3", "siphash24_pair", "md5", "none", "sha1", "crc32", "sha256", "pg", "siphash24_key0"
};

#define NHASHES		(sizeof(hashes) / sizeof(hashes[0]))

/* Computed by another implementation, which gives the values of the paper. */
static void
two_hashes(void)
{
	static const struct
	{
		size_t		length;		/* of the bytes 0, 1, 2, ... */
		const char *one;
		const char *pair;
	}			cases[] =
	{
		{0, "1e924b9d737700d7", "54e761ac4b1ca3de5b0843328a9b3ce1"},
		{1, "8b5a0baa49fbc58d", "4573b92782ae4a0dd50bac077bb2a43e"},
		{7, "b3d67eaf2c11480b", "f3bb3571f6da4e95cbeb965ee1613810"},
		{8, "c72b1c24fc2f7938", "9618f6f8fe72a882863d3c5d9d6de2a8"},
		{15, "d0567cd44e891363", "32af08101b5d8d6e92165172aa2f045c"},
		{63, "8825b5ec8cfb55c6", "a41ce74a8efc4ac2934cde2b784c1c3e"},
	};
	uint8_t		bytes[64];
	size_t		i;

	for (i = 0; i < 64; i++)
		bytes[i] = (uint8_t) i;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		const chash_hash *one = chash_hash_by_name("siphash24_key0");
		const chash_hash *pair = chash_hash_by_name("siphash24_pair");
		chash_uint	digest;
		chash_error error;
		BIGNUM	   *big = NULL;

		CHECK(one->bits == 64 && pair->bits == 128);
		CHECK(one->digest(bytes, cases[i].length, &digest, &error));
		CHECK(BN_hex2bn(&big, cases[i].one) == 16 && big_equal(digest, big));
		CHECK(pair->digest(bytes, cases[i].length, &digest, &error));
		CHECK(BN_hex2bn(&big, cases[i].pair) == 32 && big_equal(digest, big));
		BN_free(big);
	}
}

/* The keys are text, some of it not ASCII, the hash of keys two SipHashes. */
static void
vectors(void)
{
	FILE	   *file = fixture_open_vectors("mpchash/vectors.tsv");
	chash_compiled *compiled = NULL;
	char		compiled_set[100] = "";
	unsigned	lines = 0;
	char		set[100];
	unsigned	probes;
	char		key[300];
	unsigned	place;
	char		node[100];

	while (fscanf(file, "%99s\t%u\t%299[^\t]\t%u\t%99s\n", set, &probes, key, &place, node) == 5)
	{
		chash_uint	position;
		chash_error error;

		if (strcmp(set, compiled_set) != 0)
		{
			chash_router *router = fixture_nodeset("multiprobe", NULL, set);

			router->dialect = chash_dialect_by_name("mpchash");
			compiled = fixture_compile(router);
			CHECK(router->p.probes == probes);
			strcpy(compiled_set, set);
		}
		test_context("%s, %s", set, key);
		CHECK(compiled->router->hash->digest(key, strlen(key), &position, &error));
		CHECK(fixture_route(compiled, position) == place);
		CHECK(strcmp(compiled->router->shards[place].name, node) == 0);
		lines++;
	}
	CHECK(feof(file) && lines == 500);
	fclose(file);
}

/* ---- every probe and every point ---- */

static uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
	x = (x ^ x >> 27) * 0x94D049BB133111EBU;
	return x ^ x >> 31;
}

/* The 64 bits of a position from bit "first" on, or as many as there are. */
static uint64_t
word(chash_uint position, unsigned bits, unsigned first)
{
	BIGNUM	   *big = big_of(position);
	uint64_t	result;

	if (bits > first + 64)
		BN_rshift(big, big, (int) (bits - first - 64));
	BN_mask_bits(big, 64);
	result = BN_get_word(big);
	BN_free(big);
	return result;
}

static bool
is_library(const chash_router *router)
{
	return strcmp(router->dialect->name, "mpchash") == 0;
}

static uint64_t
naive_probe(const chash_router *router, chash_uint position, uint32_t i)
{
	uint64_t	head = word(position, router->bits, 0);

	if (is_library(router))
		return head + i * word(position, router->bits, 64);
	return mix(head + (i + 1) * 0x9E3779B97F4A7C15U);
}

static uint64_t
naive_place(const chash_router *router, uint32_t shard)
{
	const char *name = router->shards[shard].name;

	return is_library(router) ? chash_siphash24(0, 0, name, strlen(name)) :
		XXH64(name, strlen(name), 0);
}

/* The shard that has a key, of those that are not left out. */
static uint32_t
naive_route(const chash_router *router, chash_uint position, const bool *left_out)
{
	uint32_t	best = UINT32_MAX;
	uint64_t	least = 0;
	uint32_t	i;

	for (i = 0; i < router->p.probes; i++)
	{
		uint64_t	probe = naive_probe(router, position, i);
		uint32_t	k;

		for (k = 0; k < router->nshards; k++)
		{
			uint64_t	distance = naive_place(router, k) - probe - 1;

			if (!(left_out && left_out[k]) && (best == UINT32_MAX || distance < least))
			{
				best = k;
				least = distance;
			}
		}
	}
	return best;
}

static chash_router *
random_router(uint32_t max_shards)
{
	chash_router *router = fixture_router("multiprobe", hashes[test_below(NHASHES)], 0,
										  1 + test_below(max_shards));
	uint32_t	i;

	if (test_below(4) == 0)
	{
		router->hash = NULL;
		router->dialect = chash_dialect_by_name("mpchash");
	}
	router->p.probes = test_below(2) ? 0 : 1 + test_below(40);
	for (i = router->nshards; i > 1; i--)
	{
		chash_shard *last = &router->shards[i - 1];
		chash_shard *other = &router->shards[test_below(i)];
		const char *name = last->name;

		last->name = other->name;
		other->name = name;
	}
	chash_router_complete(router, &test_host);
	return router;
}

static void
nearest_point(void)
{
	int			round;

	for (round = 0; round < 3000; round++)
	{
		chash_compiled *compiled = fixture_compile(random_router(round % 20 ? 12 : 300));
		int			k;

		test_context("round %d", round);
		for (k = 0; k < 10; k++)
		{
			chash_uint	position = random_position(compiled->router->bits);

			CHECK(fixture_route(compiled, position) ==
				  naive_route(compiled->router, position, NULL));
		}
	}
}

/* Where the two halves of a digest are the first probe and the step. */
static chash_uint
of_words(uint64_t start, uint64_t step)
{
	chash_uint	position = chash_uint_from(start);

	position = chash_uint_shift_left(&position, 64);
	return plus(position, step);
}

/* At points, before and after them, with steps that end where they began. */
static void
edges(void)
{
	static const uint64_t steps[] = {
		0, 1, UINT64_MAX, UINT64_C(1) << 63, UINT64_C(1) << 62, UINT64_C(3) << 60
	};
	int			round;

	for (round = 0; round < 400; round++)
	{
		chash_router *router = fixture_router("multiprobe", NULL, 0,
											  1 + test_below(round % 2 ? 3 : 80));
		chash_compiled *compiled;
		size_t		k;

		router->dialect = chash_dialect_by_name("mpchash");
		router->p.probes = 1 + test_below(30);
		compiled = fixture_compile(router);
		for (k = 0; k < 60; k++)
		{
			uint64_t	point = naive_place(router, test_below(router->nshards));
			chash_uint	position = of_words(point + test_below(3) - 1, steps[k % 6]);

			test_context("round %d, step %" PRIx64, round, steps[k % 6]);
			CHECK(fixture_route(compiled, position) == naive_route(router, position, NULL));
		}
		CHECK(fixture_route(compiled, of_words(0, 0)) == naive_route(router, of_words(0, 0), NULL));
		CHECK(fixture_route(compiled, of_words(UINT64_MAX, 0)) ==
			  naive_route(router, of_words(UINT64_MAX, 0), NULL));
	}
}

/* ---- the order of preference ---- */

/* Without all shards before it, each has the key; the first has it with all. */
static void
check_preference(const chash_compiled *compiled, chash_uint position)
{
	const chash_router *router = compiled->router;
	uint32_t	n = router->nshards;
	uint32_t   *places;
	bool	   *left_out = test_alloc(n * sizeof(bool));
	size_t		blocks = test_live_blocks();
	uint32_t	i;

	memset(left_out, 0, n * sizeof(bool));
	places = router->strategy->prefer(compiled, &test_host, &position);
	CHECK(test_live_blocks() == blocks + 1);
	CHECK(places[0] == fixture_route(compiled, position));
	for (i = 0; i < n; i++)
	{
		CHECK(places[i] < n && !left_out[places[i]]);
		CHECK(places[i] == naive_route(router, position, left_out));
		left_out[places[i]] = true;
	}
}

static void
preference(void)
{
	int			round;

	for (round = 0; round < 1500; round++)
	{
		chash_compiled *compiled = fixture_compile(random_router(round % 50 ? 10 : 60));

		test_context("round %d", round);
		check_preference(compiled, random_position(compiled->router->bits));
		if (is_library(compiled->router))
		{
			uint64_t	point = naive_place(compiled->router, 0);

			check_preference(compiled, of_words(point, 0));
			check_preference(compiled, of_words(point, UINT64_C(1) << 63));
		}
	}
}

/* ---- what moves ---- */

/* Only to a shard that comes, only from one that goes. */
static void
moves(void)
{
	int			round;

	for (round = 0; round < 2000; round++)
	{
		chash_compiled *before = fixture_compile(random_router(round % 20 ? 15 : 300));
		const chash_router *router = before->router;
		uint32_t	n = router->nshards;
		uint32_t	place = test_below(n);
		chash_compiled *more = fixture_compile(fixture_with_shard(router, "new", 1));
		int			k;

		test_context("round %d", round);
		for (k = 0; k < 40; k++)
		{
			chash_uint	position = random_position(router->bits);
			uint32_t	after = fixture_route(more, position);

			CHECK(after == fixture_route(before, position) || after == n);
		}
		if (n > 1)
		{
			chash_compiled *fewer = fixture_compile(fixture_without_shard(router, place));

			for (k = 0; k < 40; k++)
			{
				chash_uint	position = random_position(router->bits);
				uint32_t	old = fixture_route(before, position);
				uint32_t	new = fixture_route(fewer, position);

				CHECK(old == place || new == old - (old > place));
			}
		}
	}
}

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
			chash_uint	position = random_position(reversed.bits);

			CHECK(fixture_route(compiled, position) == n - 1 - fixture_route(other, position));
		}
	}
}

/* ---- how even it is ---- */

#define EVEN_SHARDS		1000

/*
 * The standard deviation of the shards' loads, and the highest load, as parts
 * of the mean.
 */
static void
measure(const char *hash, uint32_t probes, uint32_t keys_each, double *deviation, double *highest)
{
	chash_router *router = fixture_router("multiprobe", hash, 0, EVEN_SHARDS);
	chash_compiled *compiled;
	uint32_t	counts[EVEN_SHARDS] = {0};
	double		squares = 0;
	uint32_t	i;

	router->p.probes = probes;
	compiled = fixture_compile(router);
	for (i = 0; i < EVEN_SHARDS * keys_each; i++)
	{
		/* under "none" a position is the key, and keys are counted */
		chash_uint	position = router->hash->code == CHASH_HASH_NONE ? chash_uint_from(i) :
			random_position(router->bits);

		counts[fixture_route(compiled, position)]++;
	}
	*highest = 0;
	for (i = 0; i < EVEN_SHARDS; i++)
	{
		double		load = (double) counts[i] / keys_each;

		squares += (load - 1) * (load - 1);
		*highest = fmax(*highest, load);
	}
	*deviation = sqrt(squares / EVEN_SHARDS);
}

/*
 * A point with the gap x before it, in average gaps, which are exponential, has
 * k / (k - 1) * (1 - exp(-(k - 1) * x)) times the mean: never more than
 * k / (k - 1), and with a standard deviation of 1 / sqrt(2k - 1).
 */
static void
evenness(void)
{
	static const char *const some[] = {"xxh3", "none", "md5", "siphash24_pair", "crc32"};
	static const uint32_t probes[] = {1, 2, 5, 21, 50};
	int			h;
	int			i;

	for (h = 0; h < 5; h++)
	{
		for (i = 0; i < (h == 0 ? 5 : 1); i++)
		{
			double		k = h == 0 ? probes[i] : 21;
			double		deviation;
			double		highest;

			/* the variance of counting keys is 1 / 400 */
			measure(some[h], (uint32_t) k, 400, &deviation, &highest);
			deviation = sqrt(fmax(deviation * deviation - 1.0 / 400, 0));
			test_context("%s, %g probes: %g, %g", some[h], k, deviation, highest);
			CHECK(fabs(deviation * sqrt(2 * k - 1) - 1) < 0.25);
			CHECK(k == 1 ? highest > 4 : highest < 1.03 * k / (k - 1) + 0.2);
		}
	}
}

/* ---- limits ---- */

static void
most_shards(void)
{
	chash_compiled *compiled = fixture_compile(fixture_router("multiprobe", NULL, 0,
															  CHASH_MAX_SHARDS));
	bool	   *seen = test_alloc(CHASH_MAX_SHARDS * sizeof(bool));
	uint32_t	count = 0;
	uint32_t	i;

	memset(seen, 0, CHASH_MAX_SHARDS * sizeof(bool));
	for (i = 0; i < 2000000; i++)
	{
		uint32_t	shard = fixture_route64(compiled, test_random());

		count += !seen[shard];
		seen[shard] = true;
	}
	/* a shard whose point is just after another has next to nothing */
	CHECK(count >= CHASH_MAX_SHARDS - 300);
}

static void
refused(void)
{
	chash_router *router = fixture_router("multiprobe", NULL, 0, 3);
	chash_error error;

	chash_router_complete(router, &test_host);
	CHECK(fixture_valid(router, &error));
	router->shards[1].weight = 2;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_UNSUPPORTED);
	CHECK(strstr(error.message, "server-b") && strstr(error.hint, "rendezvous"));
	router->shards[1].weight = 1;
	router->bits = 63;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_UNSUPPORTED);
	router->bits = 64;
	router->p.probes = CHASH_MAX_PROBES;
	CHECK(fixture_valid(router, &error));
	router->p.probes++;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_VALUE);

	/* the library's points and a hash that is not its pair of hashes */
	router = fixture_router("multiprobe", "md5", 0, 3);
	router->dialect = chash_dialect_by_name("mpchash");
	chash_router_complete(router, &test_host);
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_UNSUPPORTED);
	CHECK(strstr(error.hint, "siphash24_pair"));
}

const test_case multiprobe_tests[] = {
	{"multiprobe: two hashes of a key", two_hashes},
	{"multiprobe: what go-mpchash answers", vectors},
	{"multiprobe: the nearest point", nearest_point},
	{"multiprobe: edges", edges},
	{"multiprobe: the order of preference", preference},
	{"multiprobe: what moves", moves},
	{"multiprobe: the order of shards does not matter", order},
	{"multiprobe: evenness", evenness},
	{"multiprobe: the most shards", most_shards},
	{"multiprobe: refused", refused},
	{NULL, NULL}
};
