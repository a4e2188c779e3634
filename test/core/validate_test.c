/*
 * validate_test.c
 *		Every rule of the validator, at its limit and one beyond.
 */
#include "fixture.h"

#include <math.h>
#include <string.h>

/* A complete router, valid as it is. */
static chash_router *
valid(const char *strategy, const char *hash, unsigned bits, uint32_t nshards)
{
	chash_router *router = fixture_router(strategy, hash, bits, nshards);

	chash_router_complete(router, &test_host);
	return router;
}

static bool
accepted(const chash_router *router)
{
	chash_error error;

	return fixture_valid(router, &error);
}

static bool
refused(const chash_router *router, chash_error_kind kind)
{
	chash_error error;

	if (fixture_valid(router, &error))
		return false;
	test_context("%.200s", error.message);
	return error.kind == kind;
}

static char *
long_text(size_t length)
{
	char	   *text = test_alloc(length + 1);

	memset(text, 'x', length);
	text[length] = '\0';
	return text;
}

static chash_router *
range_router(uint32_t nshards)
{
	chash_router *router = valid("range", NULL, 0, nshards);
	uint32_t	i;

	router->nbounds = nshards - 1;
	router->bounds = test_alloc(router->nbounds * sizeof(char *));
	for (i = 0; i < router->nbounds; i++)
		router->bounds[i] = fixture_name(i);
	return router;
}

static void
typical(void)
{
	CHECK(accepted(valid("ring", NULL, 0, 1)));
	CHECK(accepted(valid("ring", "sha256", 0, 100)));
	CHECK(accepted(valid("modulo", "pg", 0, 1)));
	CHECK(accepted(valid("modulo", "none", 0, 100)));
	CHECK(accepted(valid("hash_range", "md5", 0, 100)));
	CHECK(accepted(range_router(1)));
	CHECK(accepted(range_router(100)));
}

static void
number_of_shards(void)
{
	chash_router *router = fixture_router("modulo", NULL, 0, 65536);

	router->nshards = 65535;
	chash_router_complete(router, &test_host);
	CHECK(accepted(router));
	router->nshards = 65536;
	router->shards[65535].id = 1;
	CHECK(refused(router, CHASH_ERROR_LIMIT));
	router->nshards = 0;
	CHECK(refused(router, CHASH_ERROR_VALUE));
}

static void
names(void)
{
	chash_router *router = valid("ring", NULL, 0, 2);

	router->shards[1].name = long_text(255);
	CHECK(accepted(router));
	router->shards[1].name = long_text(256);
	CHECK(refused(router, CHASH_ERROR_LIMIT));
	/* what the message quotes is not cut inside a character */
	router->shards[1].name =
		"\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC"
		"\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC"
		"                                                                      "
		"                                                                      "
		"                                                                      "
		"                                                                      ";
	CHECK(refused(router, CHASH_ERROR_LIMIT));
	router->shards[1].name = "";
	CHECK(refused(router, CHASH_ERROR_VALUE));
	router->shards[1].name = NULL;
	CHECK(refused(router, CHASH_ERROR_VALUE));
	router->shards[1].name = "server-b";

	router->shards[0].zone = long_text(255);
	CHECK(accepted(router));
	router->shards[0].zone = long_text(256);
	CHECK(refused(router, CHASH_ERROR_LIMIT));
	router->shards[0].zone = "";
	CHECK(refused(router, CHASH_ERROR_VALUE));
	router->shards[0].zone = NULL;
	CHECK(accepted(router));
}

static void
weights(void)
{
	static const double bad[] = {0, -0.0, -1, -5e-324, NAN, INFINITY, -INFINITY};
	static const char *const strategies[] = {"ring", "modulo", "hash_range"};
	size_t		i;
	size_t		j;

	for (i = 0; i < 3; i++)
	{
		chash_router *router = valid(strategies[i], NULL, 0, 3);
		chash_error error;

		for (j = 0; j < sizeof(bad) / sizeof(bad[0]); j++)
		{
			router->shards[1].weight = bad[j];
			CHECK(refused(router, CHASH_ERROR_VALUE));
		}
		router->shards[1].weight = 1e300;
		CHECK(refused(router, CHASH_ERROR_LIMIT));
		/* each is finite, the sum is not */
		router->shards[0].weight = 1e308;
		router->shards[1].weight = 1e308;
		CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_LIMIT);
		CHECK(strstr(error.message, "too large a number"));
		router->shards[0].weight = 1;
		router->shards[1].weight = 2;
		CHECK(accepted(router));
		router->shards[1].weight = 1.5;
		CHECK(i == 0 ? accepted(router) : refused(router, CHASH_ERROR_VALUE));
		router->shards[1].weight = 5e-324;
		CHECK(i == 0 ? accepted(router) : refused(router, CHASH_ERROR_VALUE));
	}
}

/* 2^20 units at the most. */
static void
total_weight(void)
{
	static const char *const strategies[] = {"modulo", "hash_range"};
	size_t		i;

	for (i = 0; i < 2; i++)
	{
		chash_router *router = valid(strategies[i], NULL, 0, 2);

		router->shards[1].weight = 1048575;
		CHECK(accepted(router));
		router->shards[1].weight = 1048576;
		CHECK(refused(router, CHASH_ERROR_LIMIT));
		router->shards[0].weight = 9007199254740992.0;
		CHECK(refused(router, CHASH_ERROR_LIMIT));
	}
}

static void
duplicates(void)
{
	chash_router *router = valid("ring", NULL, 0, 5);

	router->shards[4].name = test_copy("server-a");
	CHECK(refused(router, CHASH_ERROR_DUPLICATE));
	router->shards[4].name = "Server-a";
	CHECK(accepted(router));
	router->shards[4].id = 1;
	CHECK(refused(router, CHASH_ERROR_DUPLICATE));
	router->shards[4].id = 6;
	CHECK(accepted(router));
	/* zones are there to be shared */
	router->shards[0].zone = router->shards[4].zone = "z";
	CHECK(accepted(router));
}

/* Two of many, wherever they are. */
static void
duplicates_anywhere(void)
{
	int			round;

	for (round = 0; round < 200; round++)
	{
		chash_router *router = valid("ring", NULL, 0, 2 + test_below(30));
		uint32_t	n = router->nshards;
		uint32_t	first = test_below(n);
		uint32_t	second = (first + 1 + test_below(n - 1)) % n;
		const char *name = router->shards[second].name;
		uint32_t	i;

		/* an order of ids that is not that of the names */
		for (i = 0; i < n; i++)
			router->shards[i].id = 1 + 7 * i % 37;
		CHECK(accepted(router));
		router->shards[second].id = router->shards[first].id;
		CHECK(refused(router, CHASH_ERROR_DUPLICATE));
		router->shards[second].id = 65535;
		router->shards[second].name = test_copy(router->shards[first].name);
		CHECK(refused(router, CHASH_ERROR_DUPLICATE));
		router->shards[second].name = name;
		CHECK(accepted(router));
	}
}

static void
ids(void)
{
	chash_router *router = valid("ring", NULL, 0, 2);

	router->shards[1].id = 65535;
	CHECK(accepted(router));
	router->shards[1].id = 65536;
	CHECK(refused(router, CHASH_ERROR_LIMIT));
	router->shards[1].id = UINT32_MAX;
	CHECK(refused(router, CHASH_ERROR_LIMIT));
	router->shards[1].id = 0;
	CHECK(refused(router, CHASH_ERROR_LIMIT));
}

static void
vnodes(void)
{
	chash_router *router = valid("ring", NULL, 0, 2);

	router->p.vnodes = 1;
	CHECK(accepted(router));
	router->p.vnodes = 65535;
	CHECK(accepted(router));
	router->p.vnodes = 65536;
	CHECK(refused(router, CHASH_ERROR_VALUE));
	router->p.vnodes = UINT32_MAX;
	CHECK(refused(router, CHASH_ERROR_VALUE));
	router->p.vnodes = 0;
	CHECK(refused(router, CHASH_ERROR_VALUE));
}

/* 2^21 virtual nodes at the most. */
static void
points(void)
{
	chash_router *router = valid("ring", NULL, 0, 64);

	router->p.vnodes = 32768;
	CHECK(accepted(router));
	router->shards[63].weight = 1 + 1.0 / 32768;
	CHECK(refused(router, CHASH_ERROR_LIMIT));
	/* a shard has a point, however small its weight */
	router = valid("ring", NULL, 0, 3);
	router->p.vnodes = 1;
	router->shards[0].weight = 5e-324;
	router->shards[1].weight = 5e-324;
	router->shards[2].weight = 2097150;
	CHECK(accepted(router));
	router->shards[2].weight = 2097150.5;
	CHECK(refused(router, CHASH_ERROR_LIMIT));
	router->shards[2].weight = 1.7e308;
	router->p.vnodes = 65535;
	CHECK(refused(router, CHASH_ERROR_LIMIT));
}

static void
bits(void)
{
	static const char *const hashes[] = {"xxh3", "xxh64", "sha1", "md5", "sha256", "pg", "none"};
	static const char *const strategies[] = {"ring", "hash_range"};
	size_t		i;
	size_t		j;

	for (i = 0; i < 7; i++)
	{
		for (j = 0; j < 2; j++)
		{
			chash_router *router = valid(strategies[j], hashes[i], 0, 2);

			CHECK(accepted(router));
			router->bits = 1;
			CHECK(accepted(router));
			router->bits = 0;
			CHECK(refused(router, CHASH_ERROR_VALUE));
			router->bits = router->hash->bits + 1;
			CHECK(refused(router, CHASH_ERROR_VALUE));
			router->bits = 65535;
			CHECK(refused(router, CHASH_ERROR_VALUE));
			router->bits = 65536 + 16;
			CHECK(refused(router, CHASH_ERROR_VALUE));
		}
	}
}

static void
whole_digests(void)
{
	static const char *const strategies[] = {
		"modulo", "jump", "jumpback", "rendezvous", "maglev", "multiprobe", "bounded"
	};
	size_t		i;

	for (i = 0; i < 7; i++)
	{
		chash_router *router = valid(strategies[i], "sha1", 0, 2);

		CHECK(accepted(router));
		router->bits = 159;
		CHECK(refused(router, CHASH_ERROR_UNSUPPORTED));
		router->bits = 161;
		CHECK(refused(router, CHASH_ERROR_VALUE));
	}
}

/* As many positions as units, or more. */
static void
hash_range_bits(void)
{
	chash_router *router = valid("hash_range", NULL, 3, 2);

	router->shards[1].weight = 7;
	CHECK(accepted(router));
	router->shards[1].weight = 8;
	CHECK(refused(router, CHASH_ERROR_VALUE));
	router->bits = 4;
	CHECK(accepted(router));
	router->bits = 20;
	router->shards[1].weight = 1048575;
	CHECK(accepted(router));
	router->bits = 19;
	CHECK(refused(router, CHASH_ERROR_VALUE));
}

static void
no_hash(void)
{
	static const char *const strategies[] = {
		"ring", "modulo", "hash_range", "jump", "jumpback", "rendezvous", "maglev",
		"multiprobe", "bounded"
	};
	size_t		i;

	for (i = 0; i < 9; i++)
	{
		chash_router *router = valid(strategies[i], NULL, 0, 2);

		router->hash = NULL;
		CHECK(refused(router, CHASH_ERROR_VALUE));
	}
}

static void
labels(void)
{
	static const char *const bad[] = {"", "{shard}", "{i}", "x", "{shard}{I}", "{shard {i}"};
	chash_router *router = valid("ring", NULL, 0, 2);
	char	   *label = long_text(256);
	size_t		i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		router->p.label = bad[i];
		CHECK(refused(router, CHASH_ERROR_VALUE));
	}
	router->p.label = NULL;
	CHECK(refused(router, CHASH_ERROR_VALUE));
	router->p.label = label;
	memcpy(label, "{i}{shard}", 10);
	CHECK(refused(router, CHASH_ERROR_LIMIT));
	label[255] = '\0';
	CHECK(accepted(router));
}

static void
search(void)
{
	chash_router *router = valid("ring", NULL, 0, 2);
	unsigned	i;

	for (i = 0; i <= 255; i++)
	{
		router->p.search = (chash_search) i;
		CHECK(i >= 1 && i <= 4 ? accepted(router) : refused(router, CHASH_ERROR_UNKNOWN));
	}
}

static void
bounds(void)
{
	chash_router *router = range_router(3);

	router->nbounds = 1;
	CHECK(refused(router, CHASH_ERROR_VALUE));
	router->nbounds = 0;
	CHECK(refused(router, CHASH_ERROR_VALUE));
	router = range_router(3);
	router->nshards = 2;
	CHECK(refused(router, CHASH_ERROR_VALUE));

	router = range_router(3);
	router->bounds[1] = long_text(1000);
	CHECK(accepted(router));
	router->bounds[1] = long_text(1001);
	CHECK(refused(router, CHASH_ERROR_LIMIT));

	router = range_router(3);
	router->shards[1].weight = 2;
	CHECK(refused(router, CHASH_ERROR_UNSUPPORTED));
}

static void
key_type(void)
{
	chash_router *router = range_router(3);
	unsigned	i;

	for (i = 0; i <= 255; i++)
	{
		router->key_type = (chash_key_type) i;
		router->collation = i == CHASH_KEY_TEXT ? "C" : NULL;
		CHECK(i >= 1 && i <= 8 ? accepted(router) : refused(router, CHASH_ERROR_UNKNOWN));
	}
	router->collation = "C";
	for (i = 0; i <= 9; i++)
	{
		router->key_type = (chash_key_type) i;
		CHECK(i == 1 ? accepted(router) : refused(router, CHASH_ERROR_UNSUPPORTED));
	}

	router->key_type = CHASH_KEY_TEXT;
	router->collation = NULL;
	CHECK(refused(router, CHASH_ERROR_VALUE));
	router->collation = "";
	CHECK(refused(router, CHASH_ERROR_VALUE));
	router->collation = long_text(CHASH_MAX_COLLATION);
	CHECK(accepted(router));
	router->collation = long_text(CHASH_MAX_COLLATION + 1);
	CHECK(refused(router, CHASH_ERROR_VALUE));
}

/* What a strategy does not have it does not silently take. */
static void
unused(void)
{
	static const char *const strategies[] = {
		"modulo", "hash_range", "range", "ring", "jump", "jumpback", "rendezvous", "maglev",
		"multiprobe", "bounded"
	};
	size_t		i;

	for (i = 0; i < 10; i++)
	{
		bool		ring = i == 3;
		bool		points = ring || i == 9;
		bool		hashes = i != 2;
		const char *bound = "m";
		chash_router *good = hashes ? valid(strategies[i], NULL, 0, 1) : range_router(1);
		chash_router router;

		CHECK(accepted(good));
		router = *good;
		router.p.vnodes = 1;
		CHECK(points ? accepted(&router) : refused(&router, CHASH_ERROR_UNSUPPORTED));
		router = *good;
		router.p.label = "{shard}{i}";
		CHECK(points ? accepted(&router) : refused(&router, CHASH_ERROR_UNSUPPORTED));
		router = *good;
		router.p.search = CHASH_SEARCH_FLOOR;
		CHECK(ring ? accepted(&router) : refused(&router, CHASH_ERROR_UNSUPPORTED));
		router = *good;
		router.dialect = chash_dialect_by_name("textbook");
		CHECK(ring ? accepted(&router) : refused(&router, CHASH_ERROR_UNSUPPORTED));
		router = *good;
		router.nbounds = 1;
		router.bounds = &bound;
		CHECK(refused(&router, hashes ? CHASH_ERROR_UNSUPPORTED : CHASH_ERROR_VALUE));
		router = *good;
		router.key_type = CHASH_KEY_BIGINT;
		router.collation = NULL;
		CHECK(hashes ? refused(&router, CHASH_ERROR_UNSUPPORTED) : accepted(&router));
		router = *good;
		router.collation = "C";
		CHECK(hashes ? refused(&router, CHASH_ERROR_UNSUPPORTED) : accepted(&router));
		router = *good;
		router.hash = chash_hash_by_name("xxh64");
		CHECK(hashes ? accepted(&router) : refused(&router, CHASH_ERROR_UNSUPPORTED));
		router = *good;
		router.bits = 64;
		CHECK(hashes ? accepted(&router) : refused(&router, CHASH_ERROR_UNSUPPORTED));
	}
}

const test_case validate_tests[] = {
	{"validate: typical routers", typical},
	{"validate: number of shards", number_of_shards},
	{"validate: names and zones", names},
	{"validate: weights", weights},
	{"validate: total weight in units", total_weight},
	{"validate: duplicate names and ids", duplicates},
	{"validate: duplicates wherever they are", duplicates_anywhere},
	{"validate: ids", ids},
	{"validate: vnodes", vnodes},
	{"validate: virtual nodes of a ring", points},
	{"validate: bits", bits},
	{"validate: strategies of whole digests", whole_digests},
	{"validate: bits of hash_range", hash_range_bits},
	{"validate: a missing hash", no_hash},
	{"validate: labels", labels},
	{"validate: search rules", search},
	{"validate: bounds", bounds},
	{"validate: key types and collations", key_type},
	{"validate: parameters that a strategy lacks", unused},
	{NULL, NULL}
};
