/*
 * numbered_test.c
 *		The strategies jump and jumpback: what the real libraries answered
 *		(test/vectors), and what every strategy of this kind promises.
 */
#include "core/numbered.h"
#include "fixture.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

typedef uint32_t (*algorithm) (uint64_t key, uint32_t n);

static const struct
{
	const char *strategy;
	algorithm	number;
}			numbered[] =
{
	{"jump", chash_jump_number},
	{"jumpback", chash_jumpback_number},
};

static void
u64_vectors(const char *name, algorithm number)
{
	FILE	   *file = fixture_open_vectors(name);
	unsigned	lines = 0;
	uint64_t	key;
	unsigned	n;
	unsigned	expected;

	while (fscanf(file, "%" SCNu64 "\t%u\t%u\n", &key, &n, &expected) == 3)
	{
		test_context("%s: %" PRIu64 " of %u", name, key, n);
		CHECK(number(key, n) == expected);
		lines++;
	}
	CHECK(feof(file) && lines == 1134);
	fclose(file);
}

static void
jump_vectors(void)
{
	u64_vectors("jump/u64_vectors.tsv", chash_jump_number);
}

static void
jumpback_vectors(void)
{
	u64_vectors("jumpback/u64_vectors.tsv", chash_jumpback_number);
}

/* Keys of text: the hash xxh64 by a router, the others from the digest on. */
static void
jump_texts(void)
{
	FILE	   *file = fixture_open_vectors("jump/string_key_vectors.tsv");
	chash_compiled *compiled = NULL;
	unsigned	lines = 0;
	unsigned	routed = 0;
	char		key[100];
	char		hash[100];
	uint64_t	digest;
	unsigned	n;
	unsigned	expected;

	while (fscanf(file, "%99[^\t]\t%99s\t%" SCNu64 "\t%u\t%u\n", key, hash, &digest, &n,
				  &expected) == 5)
	{
		test_context("%s, %s, %u", key, hash, n);
		CHECK(chash_jump_number(digest, n) == expected);
		lines++;
		if (strcmp(hash, "xxh64") != 0 || n > 1024)
			continue;
		if (!compiled || compiled->router->nshards != n)
			compiled = fixture_compile(fixture_router("jump", "xxh64", 0, n));
		{
			chash_uint	position;
			chash_error error;

			CHECK(compiled->router->hash->digest(key, strlen(key), &position, &error));
			CHECK(equal(position, chash_uint_from(digest)));
			CHECK(fixture_route(compiled, position) == expected);
			routed++;
		}
	}
	CHECK(feof(file) && lines == 3300 && routed == 1000);
	fclose(file);
}

/* Where one rounding less makes a difference. */
static void
jump_is_not_guava(void)
{
	FILE	   *file = fixture_open_vectors("jump/guava_differs.tsv");
	unsigned	lines = 0;
	uint64_t	key;
	unsigned	n;
	unsigned	expected;
	unsigned	guava;

	while (fscanf(file, "%" SCNu64 "\t%u\t%u\t%u\n", &key, &n, &expected, &guava) == 4)
	{
		CHECK(chash_jump_number(key, n) == expected && expected != guava);
		lines++;
	}
	CHECK(feof(file) && lines == 40);
	fclose(file);
}

/* With one shard more, a key stays or goes to that one. */
static void
grows_at_the_end(void)
{
	int			k;
	int			round;

	for (k = 0; k < 2; k++)
	{
		for (round = 0; round < 20000; round++)
		{
			uint64_t	key = test_random();
			uint32_t	n = 1 + test_below(round % 2 ? 40 : 65534);
			uint32_t	before = numbered[k].number(key, n);
			uint32_t	after = numbered[k].number(key, n + 1);

			test_context("%s, %" PRIu64 " of %u", numbered[k].strategy, key, (unsigned) n);
			CHECK(before < n);
			CHECK(after == before || after == n);
		}
		/* all the way up */
		for (round = 0; round < 50; round++)
		{
			uint64_t	key = test_random();
			uint32_t	number = 0;
			uint32_t	n;

			for (n = 1; n < 3000; n++)
			{
				uint32_t	next = numbered[k].number(key, n);

				CHECK(next == number || next == n - 1);
				number = next;
			}
		}
	}
}

/* Equal shares: the counts are within five standard deviations. */
static void
shares_are_equal(void)
{
	static const uint32_t sizes[] = {1, 2, 3, 4, 5, 8, 11, 16, 17, 100};
	int			k;
	size_t		j;

	for (k = 0; k < 2; k++)
	{
		for (j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++)
		{
			uint32_t	n = sizes[j];
			uint32_t	counts[100] = {0};
			double		expected = 100000.0 / n;
			uint32_t	i;

			for (i = 0; i < 100000; i++)
				counts[numbered[k].number(test_random(), n)]++;
			for (i = 0; i < n; i++)
				CHECK(fabs(counts[i] - expected) <= 5 * sqrt(expected * (1 - 1.0 / n)));
		}
	}
}

/* The key is the top 64 bits of a wide position, and all of a narrow one. */
static void
keys_of_positions(void)
{
	static const char *const hashes[] = {"xxh3", "none", "pg", "md5", "sha1", "sha256"};
	int			round;

	for (round = 0; round < 600; round++)
	{
		int			k = round % 2;
		chash_router *router = fixture_router(numbered[k].strategy, hashes[round % 6], 0,
											  1 + test_below(50));
		chash_compiled *compiled = fixture_compile(router);
		chash_uint	position = random_position(router->bits);
		unsigned	shift = router->bits > 64 ? router->bits - 64 : 0;
		BIGNUM	   *big = big_of(position);

		BN_rshift(big, big, (int) shift);
		CHECK(fixture_route(compiled, position) ==
			  numbered[k].number(BN_get_word(big), router->nshards));
		CHECK(compiled->memory == 0);
		BN_free(big);
	}
}

static void
weights_are_one(void)
{
	int			k;

	for (k = 0; k < 2; k++)
	{
		chash_router *router = fixture_router(numbered[k].strategy, NULL, 0, 3);
		chash_error error;

		chash_router_complete(router, &test_host);
		CHECK(fixture_valid(router, &error));
		router->shards[1].weight = 2;
		CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_UNSUPPORTED);
		CHECK(strstr(error.message, "server-b") && strstr(error.hint, "rendezvous"));
		router->shards[1].weight = 0;
		CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_VALUE);
	}
}

static void
only_the_last_goes(void)
{
	static const char *const any[] = {
		"modulo", "hash_range", "range", "ring", "rendezvous", "maglev", "multiprobe",
		"bounded"
	};
	size_t		k;

	for (k = 0; k < 2; k++)
	{
		chash_router *router = fixture_router(numbered[k].strategy, NULL, 0, 4);
		chash_error error;
		uint32_t	place;

		for (place = 0; place < 3; place++)
		{
			CHECK(!router->strategy->can_remove(router, place, &error));
			CHECK(error.kind == CHASH_ERROR_UNSUPPORTED);
			CHECK(strstr(error.message, router->shards[place].name));
			CHECK(error.detail[0] && strstr(error.hint, "server-d"));
		}
		CHECK(router->strategy->can_remove(router, 3, &error));
	}
	for (k = 0; k < sizeof(any) / sizeof(any[0]); k++)
		CHECK(!chash_strategy_by_name(any[k])->can_remove);
}

const test_case numbered_tests[] = {
	{"jump: what the paper's listing answers", jump_vectors},
	{"jump: texts", jump_texts},
	{"jump: is not Guava's", jump_is_not_guava},
	{"jumpback: what hash4j answers", jumpback_vectors},
	{"jump, jumpback: keys stay or go to the new shard", grows_at_the_end},
	{"jump, jumpback: equal shares", shares_are_equal},
	{"jump, jumpback: the key of a position", keys_of_positions},
	{"jump, jumpback: weights", weights_are_one},
	{"jump, jumpback: only the last shard can go", only_the_last_goes},
	{NULL, NULL}
};
