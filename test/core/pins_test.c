/*
 * pins_test.c
 *		Keys that are pinned to a shard, and points that are given as tokens.
 */
#include "fixture.h"
#include "core/tokens.h"

#include <string.h>

/* Give a router n pins of keys "key 0", "key 1", ... in some order, to shards in turn. */
static void
pin_keys(chash_router *router, uint32_t n)
{
	const char **keys = test_alloc(n * sizeof(char *));
	const char **names = test_alloc(n * sizeof(char *));
	chash_error error;
	uint32_t	i;

	for (i = 0; i < n; i++)
	{
		uint32_t	number = (uint32_t) (((uint64_t) i * 7919) % n);
		char		key[32];

		sprintf(key, "key %u", (unsigned) number);
		keys[i] = test_copy(key);
		names[i] = router->shards[number % router->nshards].name;
	}
	CHECK(chash_router_set_pins(router, n, keys, names, &test_host, &error));
}

/* 7919 is a prime, so that all keys come if it does not divide their number. */
static void
finds_them(void)
{
	static const uint32_t counts[] = {1, 2, 3, 4, 5, 100, 1000, 65536};
	size_t		i;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
	{
		uint32_t	n = counts[i];
		chash_router *router = fixture_router("ring", NULL, 0, 7);
		chash_pins *pins;
		size_t		memory = 0;
		uint32_t	number;

		pin_keys(router, n);
		CHECK(router->npins == n);
		pins = chash_pins_compile(router, &test_host, &memory);
		CHECK(memory >= n * sizeof(uint32_t));
		for (number = 0; number < n + 100; number++)
		{
			char		key[32];
			bool		found;
			uint32_t	place;

			sprintf(key, "key %u", (unsigned) number);
			test_context("%s of %u", key, (unsigned) n);
			CHECK(chash_pins_find(pins, key, strlen(key)) ==
				  (number < n ? number % 7 : CHASH_NOT_PINNED));
			/* a part of a key is another key, and so is a longer one */
			CHECK(chash_pins_find(pins, key, 3) == CHASH_NOT_PINNED);
			CHECK(chash_pins_find(pins, key, strlen(key) + 1) == CHASH_NOT_PINNED);

			place = chash_router_find_pin(router, key, &found);
			CHECK(found == (number < n) && place <= n);
			CHECK(!found || strcmp(router->pins[place].key, key) == 0);
			CHECK(found || place == n || strcmp(router->pins[place].key, key) > 0);
			CHECK(found || place == 0 || strcmp(router->pins[place - 1].key, key) < 0);
		}
	}
}

static void
none(void)
{
	chash_router *router = fixture_router("ring", NULL, 0, 2);
	size_t		memory = 0;
	bool		found;

	CHECK(!chash_pins_compile(router, &test_host, &memory) && memory == 0);
	CHECK(chash_router_find_pin(router, "", &found) == 0 && !found);
}

static void
refuses_pins(void)
{
	static const char *const good[] = {"0", "1", "9223372036854775807"};
	static const char *const bad[] = {"", "00", "01", "-1", "x", "1x", "9223372036854775808"};
	chash_router *router = fixture_router("modulo", "none", 0, 2);
	chash_pin	pins[2] = {{"1", 0}, {"2", 1}};
	const char *name = "server-c";
	chash_error error;
	size_t		i;

	chash_router_complete(router, &test_host);
	router->pins = pins;
	router->npins = 2;
	CHECK(fixture_valid(router, &error));
	pins[1].shard = 2;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_CORRUPT);
	pins[1].shard = 0;
	pins[1].key = "1";
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_DUPLICATE);
	pins[1].key = "0";
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_CORRUPT);

	router->npins = 1;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
	{
		pins[0].key = good[i];
		CHECK(chash_router_takes(router, good[i]));
		CHECK(fixture_valid(router, &error));
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		test_context("%s", bad[i]);
		pins[0].key = bad[i];
		CHECK(!chash_router_takes(router, bad[i]));
		CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_VALUE);
	}
	router->hash = chash_hash_by_name("xxh3");
	router->bits = 64;
	CHECK(fixture_valid(router, &error));
	router->hash = chash_hash_by_name("pg");
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_UNSUPPORTED);

	/* as many as there may be, and one more */
	router->hash = chash_hash_by_name("xxh3");
	pin_keys(router, CHASH_MAX_PINS);
	CHECK(fixture_valid(router, &error));
	pin_keys(router, CHASH_MAX_PINS + 1);
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_LIMIT);

	CHECK(!chash_router_set_pins(router, 1, &good[0], &name, &test_host, &error));
	CHECK(error.kind == CHASH_ERROR_UNKNOWN && strstr(error.message, name));
}

/* ---- tokens ---- */

static chash_router *
token_router(const char *dialect, uint32_t nshards, uint32_t n)
{
	chash_router *router = fixture_router("ring", NULL, 0, nshards);
	uint32_t	i;

	router->dialect = chash_dialect_by_name(dialect);
	router->ntokens = n;
	router->tokens = test_alloc(n * sizeof(chash_token));
	for (i = 0; i < n; i++)
	{
		uint64_t	random = ((uint64_t) test_below(UINT32_MAX) << 32) | test_below(UINT32_MAX);

		router->tokens[i].token = (int64_t) (random ^ i);
		if (strcmp(dialect, "citus") == 0)
			router->tokens[i].token = (int32_t) (random ^ i);
		router->tokens[i].shard = i % nshards;
	}
	return router;
}

/* The shard of a signed hash, by looking at all tokens. */
static uint32_t
naive_owner(const chash_router *router, int64_t hash, bool floor)
{
	const chash_token *best = NULL;
	const chash_token *wrapped = NULL;
	uint32_t	i;

	for (i = 0; i < router->ntokens; i++)
	{
		const chash_token *token = &router->tokens[i];

		if (floor)
		{
			if (token->token <= hash && (!best || token->token > best->token))
				best = token;
			if (!wrapped || token->token > wrapped->token)
				wrapped = token;
		}
		else
		{
			if (token->token >= hash && (!best || token->token < best->token))
				best = token;
			if (!wrapped || token->token < wrapped->token)
				wrapped = token;
		}
	}
	return best ? best->shard : wrapped->shard;
}

static void
routes_by_tokens(void)
{
	static const char *const dialects[] = {"cassandra", "mongodb", "citus"};
	int			round;

	for (round = 0; round < 300; round++)
	{
		const char *dialect = dialects[round % 3];
		uint32_t	nshards = 1 + test_below(9);
		chash_router *router = token_router(dialect, nshards, nshards + test_below(30));
		chash_compiled *compiled = fixture_compile(router);
		uint32_t	i;

		CHECK(router->p.vnodes == 0 && !router->p.label && router->p.digest_points == 0);
		for (i = 0; i < 300; i++)
		{
			const chash_token *near = &router->tokens[test_below(router->ntokens)];
			uint64_t	half = (uint64_t) 1 << (router->bits - 1);
			uint64_t	position = (uint64_t) near->token + half + test_below(3) - 1;

			if (i % 3 == 0)
				position = ((uint64_t) test_below(UINT32_MAX) << 32) | test_below(UINT32_MAX);
			if (router->bits == 32)
				position = (uint32_t) position;
			test_context("%s, round %d, %u", dialect, round, (unsigned) i);
			CHECK(fixture_route64(compiled, position) ==
				  naive_owner(router, (int64_t) (position - half), round % 3 != 0));
		}
	}
}

static void
refuses_tokens(void)
{
	chash_router *router = token_router("citus", 2, 2);
	chash_router other;
	chash_error error;

	router->tokens[0].token = INT32_MIN;
	router->tokens[1].token = INT32_MAX;
	chash_router_complete(router, &test_host);
	CHECK(fixture_valid(router, &error));
	router->tokens[1].token++;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_VALUE);
	router->tokens[1].token = INT32_MIN;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_DUPLICATE);
	router->tokens[0].token = (int64_t) INT32_MIN - 1;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_VALUE);
	router->tokens[0].token = INT32_MIN;
	router->tokens[1].token = 0;
	router->tokens[1].shard = 0;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_VALUE);
	router->tokens[1].shard = 2;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_CORRUPT);
	router->tokens[1].shard = 1;
	router->shards[1].weight = 2;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_UNSUPPORTED);
	router->shards[1].weight = 1;
	router->bits = 31;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_UNSUPPORTED);
	router->bits = 32;
	router->hash = chash_hash_by_name("crc32");
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_UNSUPPORTED);

	/* more than there may be are not even looked at */
	router->hash = chash_hash_by_code(router->dialect->hash);
	router->ntokens = CHASH_MAX_POINTS + 1;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_LIMIT);

	/* and where nobody asks for any */
	other = *fixture_router("ring", NULL, 0, 2);
	other.tokens = router->tokens;
	other.ntokens = 2;
	chash_router_complete(&other, &test_host);
	CHECK(!fixture_valid(&other, &error) && error.kind == CHASH_ERROR_UNSUPPORTED);
}

const test_case pins_tests[] = {
	{"pins: found, and nothing else", finds_them},
	{"pins: none", none},
	{"pins: refused", refuses_pins},
	{"tokens: as a search of all", routes_by_tokens},
	{"tokens: refused", refuses_tokens},
	{NULL, NULL}
};
