/*
 * router_test.c
 *		The router's model: completing it, looking into it, and its stored form
 *		byte by byte.
 */
#include "fixture.h"

#include <math.h>
#include <string.h>

/* ---- completing ---- */

static void
completes_dialect(void)
{
	chash_router *router = fixture_router("ring", NULL, 0, 3);

	chash_router_complete(router, &test_host);
	CHECK(router->dialect == chash_dialect_by_name("chash"));
	CHECK(router->hash == chash_hash_by_name("xxh3") && router->bits == 64);
	CHECK(router->p.vnodes == 160 && router->p.search == CHASH_SEARCH_CEILING);
	CHECK(strcmp(router->p.label, "{shard}-{i}") == 0);
	CHECK(router->key_type == CHASH_KEY_UNSPECIFIED && !router->collation);

	router = fixture_router("ring", NULL, 0, 3);
	router->dialect = chash_dialect_by_name("textbook");
	chash_router_complete(router, &test_host);
	CHECK(router->hash == chash_hash_by_name("sha1") && router->bits == 28);
	CHECK(router->p.vnodes == 160 && router->p.search == CHASH_SEARCH_FLOOR);

	router = fixture_router("modulo", "sha256", 0, 3);
	chash_router_complete(router, &test_host);
	CHECK(router->bits == 256);
	CHECK(router->p.vnodes == 0 && !router->p.label && router->p.search == 0);

	router = fixture_router("range", NULL, 0, 3);
	chash_router_complete(router, &test_host);
	CHECK(!router->hash && router->bits == 0);
	CHECK(router->key_type == CHASH_KEY_TEXT && strcmp(router->collation, "C") == 0);

	router = fixture_router("range", NULL, 0, 3);
	router->key_type = CHASH_KEY_BIGINT;
	chash_router_complete(router, &test_host);
	CHECK(router->key_type == CHASH_KEY_BIGINT && !router->collation);
}

static void
keeps_what_is_said(void)
{
	chash_router *router = fixture_router("ring", "md5", 100, 2);

	router->p.vnodes = 7;
	router->p.label = "{i}.{shard}";
	router->p.search = CHASH_SEARCH_HIGHER;
	router->dialect = chash_dialect_by_name("textbook");
	router->shards[1].weight = 2.5;
	chash_router_complete(router, &test_host);
	CHECK(router->hash == chash_hash_by_name("md5") && router->bits == 100);
	CHECK(router->p.vnodes == 7 && router->p.search == CHASH_SEARCH_HIGHER);
	CHECK(strcmp(router->p.label, "{i}.{shard}") == 0);
	CHECK(router->shards[0].weight == 1 && router->shards[1].weight == 2.5);
}

static void
gives_ids(void)
{
	chash_router *router = fixture_router("ring", NULL, 0, 6);
	size_t		blocks = test_live_blocks();

	chash_router_complete(router, &test_host);
	CHECK(router->shards[0].id == 1 && router->shards[5].id == 6);
	CHECK(chash_router_free_id(router, &test_host) == 7);
	router->shards[2].id = 60000;
	CHECK(chash_router_free_id(router, &test_host) == 3);
	router->shards[0].id = 0;
	router->shards[4].id = 0;
	CHECK(chash_router_free_id(router, &test_host) == 1);
	chash_router_complete(router, &test_host);
	CHECK(router->shards[0].id == 1 && router->shards[1].id == 2);
	CHECK(router->shards[2].id == 60000 && router->shards[3].id == 4);
	CHECK(router->shards[4].id == 3 && router->shards[5].id == 6);

	/* what is out of range stays, for the validator */
	router->shards[1].id = 65536;
	router->shards[2].id = UINT32_MAX;
	router->shards[3].id = 0;
	chash_router_complete(router, &test_host);
	CHECK(router->shards[1].id == 65536 && router->shards[2].id == UINT32_MAX);
	CHECK(router->shards[3].id == 2);
	CHECK(test_live_blocks() == blocks);
}

/* The last id goes to the last shard, and one shard more gets none. */
static void
gives_all_ids(void)
{
	chash_router *router = fixture_router("ring", NULL, 0, 65536);
	uint32_t	i;

	router->nshards = 65535;
	chash_router_complete(router, &test_host);
	for (i = 0; i < 65535; i++)
		CHECK(router->shards[i].id == i + 1);
	CHECK(chash_router_free_id(router, &test_host) > CHASH_MAX_ID);
	router->shards[7].id = 65535;
	CHECK(chash_router_free_id(router, &test_host) == 8);
	router->nshards = 65536;
	router->shards[7].id = 8;
	chash_router_complete(router, &test_host);
	CHECK(router->shards[65535].id > CHASH_MAX_ID);
}

static void
looking(void)
{
	chash_router *router = fixture_router("ring", NULL, 0, 4);

	CHECK(chash_router_find(router, "server-a") == 0);
	CHECK(chash_router_find(router, "server-d") == 3);
	CHECK(chash_router_find(router, "server-e") == -1);
	CHECK(chash_router_find(router, "") == -1);
	CHECK(chash_router_find(router, "Server-a") == -1);
	CHECK(chash_router_total_weight(router) == 4);
	router->shards[2].weight = 0.25;
	CHECK(chash_router_total_weight(router) == 3.25);
}

/* ---- the stored form ---- */

/* Store into exactly as many bytes as it says it needs. */
static uint8_t *
store(const chash_router *router, size_t *size)
{
	uint8_t    *bytes;

	*size = chash_router_stored_size(router);
	bytes = test_alloc(*size);
	chash_router_store(router, bytes);
	return bytes;
}

static bool
same_string(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static void
check_same(const chash_router *a, const chash_router *b)
{
	uint32_t	i;

	CHECK(a->strategy == b->strategy && a->hash == b->hash && a->bits == b->bits);
	CHECK(a->dialect == b->dialect && a->p.vnodes == b->p.vnodes && a->p.search == b->p.search);
	CHECK(same_string(a->p.label, b->p.label));
	CHECK(a->key_type == b->key_type && same_string(a->collation, b->collation));
	CHECK(a->nbounds == b->nbounds && a->nshards == b->nshards);
	CHECK(a->ntokens == b->ntokens && a->npins == b->npins);
	for (i = 0; i < a->ntokens; i++)
		CHECK(a->tokens[i].token == b->tokens[i].token && a->tokens[i].shard == b->tokens[i].shard);
	for (i = 0; i < a->npins; i++)
		CHECK(same_string(a->pins[i].key, b->pins[i].key) && a->pins[i].shard == b->pins[i].shard);
	for (i = 0; i < a->nbounds; i++)
		CHECK(strcmp(a->bounds[i], b->bounds[i]) == 0);
	for (i = 0; i < a->nshards; i++)
	{
		CHECK(strcmp(a->shards[i].name, b->shards[i].name) == 0);
		CHECK(same_string(a->shards[i].zone, b->shards[i].zone));
		CHECK(memcmp(&a->shards[i].weight, &b->shards[i].weight, sizeof(double)) == 0);
		CHECK(a->shards[i].id == b->shards[i].id);
	}
}

static void
round_trip(const chash_router *router)
{
	size_t		size;
	uint8_t    *bytes = store(router, &size);
	uint8_t    *again;
	size_t		size_again;
	chash_router loaded;
	chash_error error;

	memset(&loaded, 0xFF, sizeof(loaded));
	CHECK(chash_router_load(bytes, size, &test_host, &loaded, &error));
	check_same(router, &loaded);
	again = store(&loaded, &size_again);
	CHECK(size == size_again && memcmp(bytes, again, size) == 0);

	/* the model refers to nothing in the bytes */
	memset(bytes, 0xFF, size);
	check_same(router, &loaded);
}

static void
round_trips(void)
{
	static const char *const hashes[] = {"xxh3", "xxh64", "sha1", "md5", "sha256", "pg", "none"};
	static const double weights[] = {1, 0.1, 1e-300, 5e-324, 123456789.125, 1e300};
	char	   *long_name = test_alloc(256);
	int			round;

	memset(long_name, 'n', 255);
	long_name[255] = '\0';
	for (round = 0; round < 500; round++)
	{
		chash_router *router = fixture_random_ring(hashes[round % 7], 0, 8, 100);
		uint32_t	i;

		test_context("round %d", round);
		if (test_below(2))
			router->strategy = chash_strategy_by_code(1 + test_below(4));
		router->bits = 1 + test_below(router->hash->bits);
		router->dialect = chash_dialect_by_code(1 + test_below(2));
		for (i = 0; i < router->nshards; i++)
		{
			router->shards[i].weight = weights[test_below(6)];
			router->shards[i].id = 1 + test_below(65535);
			router->shards[i].zone = test_below(2) ? "zone \xc3\xa4" : NULL;
			if (test_below(8) == 0)
				router->shards[i].name = long_name;
			if (test_below(8) == 0)
				router->shards[i].zone = long_name;
		}
		if (test_below(3) == 0)
		{
			static const char *bounds[] = {"", "b", "\xe2\x82\xac", "dd"};

			router->bounds = bounds;
			router->nbounds = 1 + test_below(4);
			router->key_type = (chash_key_type) (1 + test_below(8));
			router->collation = test_below(2) ? "C" : NULL;
			router->hash = NULL;
		}
		if (test_below(3) == 0)
		{
			static chash_pin pins[] = {{"", 7}, {"\xe2\x82\xac", 0}, {"a", UINT32_MAX}};
			static chash_token tokens[] = {{INT64_MIN, 1}, {-1, 0}, {INT64_MAX, UINT32_MAX}};

			router->npins = test_below(4);
			router->pins = pins;
			router->ntokens = test_below(4);
			router->tokens = tokens;
		}
		round_trip(router);
	}
}

/* Form itself is not judged by the reader: all of these can be stored. */
static void
round_trips_of_odd_ones(void)
{
	chash_router *router = fixture_router("ring", NULL, 0, 2);

	chash_router_complete(router, &test_host);
	router->bits = 65535;
	router->p.vnodes = UINT32_MAX;
	router->p.search = (chash_search) 255;
	router->key_type = (chash_key_type) 255;
	router->shards[0].id = UINT32_MAX;
	router->shards[0].weight = NAN;
	router->shards[1].weight = -INFINITY;
	router->shards[1].name = "";
	round_trip(router);
	router->nshards = 0;
	round_trip(router);
}

/* The layout is a promise to stored values and to clients: every byte of two. */
static void
every_byte(void)
{
	static const char ring[] =
		"\x01\x04\x03" "\x00\x1c" "\x02"
		"\x01" "\x00\x00\x00\xa0" "\x02" "\x00\x0b" "{shard}-{i}"
		"\x03" "\x00\x00\x00\x03" "\x04" "\x00\x00\x00\x01" "\x00"
		"\x00" "\x00\x00" "\x00\x00\x00\x00"
		"\x00\x00\x00\x02"
		"\x00\x00\x00\x01" "\x3f\xf0\x00\x00\x00\x00\x00\x00" "\x00\x08" "server-a" "\x00\x00"
		"\x00\x00\xff\xff" "\x40\x04\x00\x00\x00\x00\x00\x00" "\x00\x08" "server-b" "\x00\x02" "z2"
		"\x00\x00\x00\x00" "\x00\x00\x00\x00" "\x00\x00\x00\x00";
	static const char range[] =
		"\x01\x03\x00" "\x00\x00" "\x01" "\x00"
		"\x01" "\x00\x01" "C"
		"\x00\x00\x00\x01" "\x00\x01" "m"
		"\x00\x00\x00\x02"
		"\x00\x00\x00\x01" "\x3f\xf0\x00\x00\x00\x00\x00\x00" "\x00\x08" "server-a" "\x00\x00"
		"\x00\x00\x00\x02" "\x3f\xf0\x00\x00\x00\x00\x00\x00" "\x00\x08" "server-b" "\x00\x00"
		"\x00\x00\x00\x00" "\x00\x00\x00\x00" "\x00\x00\x00\x00";
	const char *bounds[] = {"m"};
	chash_router *router = fixture_router("ring", NULL, 0, 2);
	size_t		size;
	uint8_t    *bytes;

	router->dialect = chash_dialect_by_name("textbook");
	router->shards[1].id = 65535;
	router->shards[1].weight = 2.5;
	router->shards[1].zone = "z2";
	chash_router_complete(router, &test_host);
	bytes = store(router, &size);
	CHECK(size == sizeof(ring) - 1 && memcmp(bytes, ring, size) == 0);

	router = fixture_router("range", NULL, 0, 2);
	router->nbounds = 1;
	router->bounds = bounds;
	chash_router_complete(router, &test_host);
	bytes = store(router, &size);
	CHECK(size == sizeof(range) - 1 && memcmp(bytes, range, size) == 0);
}

const test_case router_tests[] = {
	{"router: completes from the dialect", completes_dialect},
	{"router: keeps what is said", keeps_what_is_said},
	{"router: gives the smallest free ids", gives_ids},
	{"router: gives all 65535 ids", gives_all_ids},
	{"router: find and total weight", looking},
	{"router: store and load", round_trips},
	{"router: store and load of invalid routers", round_trips_of_odd_ones},
	{"router: every byte of the stored form", every_byte},
	{NULL, NULL}
};
