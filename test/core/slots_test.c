/*
 * slots_test.c
 *		The strategy slots: routing, text forms, maps that are refused, the runs
 *		of redis-cli, and moves against counting every position.
 */
#include "core/diff.h"
#include "core/replicas.h"
#include "core/slots.h"
#include "fixture.h"

#include <math.h>
#include <string.h>

static chash_router *
slots_router(const char *hash, uint32_t n, uint32_t slots, uint32_t replicas)
{
	chash_router *router = fixture_router("slots", hash, 0, n);

	router->p.slots = slots;
	router->p.replicas = replicas;
	return router;
}

/* ---- routing ---- */

static void
routing(void)
{
	chash_compiled *compiled = fixture_compile(slots_router("crc16", 5, 77, 3));
	const chash_router *router = compiled->router;
	uint32_t	position;

	for (position = 0; position < 65536; position++)
	{
		chash_uint	p = chash_uint_from(position);
		uint32_t	places[5];
		chash_error error;
		uint32_t	i;

		CHECK(fixture_lookup(compiled, p) == position % 77);
		CHECK(fixture_route(compiled, p) == router->map[position % 77]);
		CHECK(chash_replicas(compiled, &test_host, &p, CHASH_NOT_PINNED, 5, places, &error));
		for (i = 0; i < 3; i++)
			CHECK(places[i] == router->map[i * 77 + position % 77]);
		CHECK(places[3] + places[4] == 10 - places[0] - places[1] - places[2]);
	}
}

/* ---- the text form ---- */

static bool
give(chash_router *router, uint32_t place, const char *text, chash_error *error)
{
	return chash_slots_give(router, place, 0, text, true, &test_host, error);
}

/* A map that is written as runs and read again is the same. */
static void
runs(void)
{
	unsigned	round;

	for (round = 0; round < 200; round++)
	{
		uint32_t	replicas = 1 + test_below(3);
		chash_router *router = slots_router(NULL, replicas + test_below(5), 1 + test_below(60), replicas);
		chash_router *again;
		chash_slot_run *all;
		uint32_t   *start;
		chash_error error;
		uint32_t	i;

		chash_router_complete(router, &test_host);
		again = test_alloc(sizeof(*again));
		*again = *router;
		CHECK(chash_slots_begin(again, &test_host, &error));
		all = chash_slots_runs(router, &test_host, &start);
		CHECK(start[0] == 0);
		for (i = 0; i < router->nshards; i++)
		{
			uint32_t	k;

			for (k = start[i]; k < start[i + 1]; k++)
			{
				char		text[50];

				sprintf(text, test_below(2) ? "%u-%u" : " %u - %u ", all[k].first, all[k].last);
				CHECK(chash_slots_give(again, i, all[k].copy, text, true, &test_host, &error));
			}
		}
		CHECK(memcmp(router->map, again->map, chash_router_map_size(router) * sizeof(uint32_t)) == 0);
		CHECK(fixture_valid(again, &error));
	}
}

static void
syntax(void)
{
	static const char *const bad[] = {
		"-", "5-", "-5", "9-3", "1,", ",1", "1,,2", "1 2", "a", "1-2-3", "1;2", "0x1", "+1", "1.5", ","
	};
	static const char *const good[] = {"", " ", "0", "7-7", "0-9", " 1 , 3 - 4,9", "0000000000000000000002"};
	chash_error error;
	size_t		i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		chash_router *router = slots_router(NULL, 2, 10, 1);

		test_context("%s", bad[i]);
		CHECK(chash_slots_begin(router, &test_host, &error));
		CHECK(!give(router, 1, bad[i], &error) && strstr(error.message, "cannot be read"));
	}
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
	{
		chash_router *router = slots_router(NULL, 2, 10, 1);

		test_context("%s", good[i]);
		CHECK(chash_slots_begin(router, &test_host, &error));
		CHECK(give(router, 1, good[i], &error));
		CHECK(!chash_slots_check_covered(router, &error) == (strcmp(good[i], "0-9") != 0));
	}
}

/* Each of two replicas that a shard takes the place of goes where the shard was. */
static void
exchange(void)
{
	chash_router *router = slots_router(NULL, 3, 2, 2);
	chash_error error;

	CHECK(chash_slots_begin(router, &test_host, &error));
	router->map[0] = router->map[3] = 0;
	router->map[1] = router->map[2] = 1;
	CHECK(chash_slots_give(router, 1, 0, "0-1", false, &test_host, &error));
	CHECK(router->map[0] == 1 && router->map[2] == 0);
	CHECK(router->map[1] == 1 && router->map[3] == 0);
	CHECK(chash_slots_give(router, 2, 1, "1", false, &test_host, &error));
	CHECK(router->map[0] == 1 && router->map[2] == 0);
	CHECK(router->map[1] == 1 && router->map[3] == 2);
}

static void
count_check(void *context)
{
	++*(unsigned *) context;
}

/* The same slots again and again can be stopped. */
static void
repeated(void)
{
	chash_router *router = slots_router(NULL, 2, 10, 1);
	chash_host	host = test_host;
	unsigned	checks = 0;
	chash_error error;

	host.check = count_check;
	host.context = &checks;
	chash_router_complete(router, &test_host);
	CHECK(chash_slots_give(router, 1, 0, "0-9,0-9,0-9,0-9,0-9", false, &host, &error));
	CHECK(checks >= 5);
}

/* An empty prefix or suffix is none; where there are no such, it is refused. */
static void
empty_affixes(void)
{
	chash_router *router = slots_router("md5", 2, 16, 1);
	chash_error error;

	router->dialect = chash_dialect_by_name("swift");
	router->p.prefix = "";
	router->p.suffix = "";
	chash_router_complete(router, &test_host);
	CHECK(!router->p.prefix && !router->p.suffix && fixture_valid(router, &error));

	router = slots_router("md5", 2, 16, 1);
	router->p.prefix = "";
	chash_router_complete(router, &test_host);
	CHECK(!fixture_valid(router, &error) && strstr(error.message, "has no parameter \"prefix\""));
}

/* ---- what is refused ---- */

static bool
refused(const chash_router *router, const char *message)
{
	chash_error error;

	return !fixture_valid(router, &error) && strstr(error.message, message);
}

static void
bad_maps(void)
{
	chash_router *router = slots_router(NULL, 3, 4, 2);
	chash_router *other = fixture_router("ring", NULL, 0, 3);
	chash_error error;
	uint32_t   *map;

	chash_router_complete(router, &test_host);
	CHECK(fixture_valid(router, &error));
	map = router->map;
	map[5] = map[1];
	CHECK(refused(router, "replicas 1 and 2 of slot 1 are both given to shard"));
	map[5] = CHASH_UNASSIGNED;
	CHECK(refused(router, "replica 2 of slot 1 is given to no shard"));
	map[5] = 3;
	CHECK(refused(router, "there are only 3"));
	router->map = NULL;
	CHECK(refused(router, "needs a map"));
	router->nshards = 1;
	CHECK(refused(router, "too many replicas"));

	/* what no assignment can be made of stays without a map, and is refused for what it is */
	router = slots_router(NULL, 3, 4, 1);
	router->shards[1].weight = NAN;
	chash_router_complete(router, &test_host);
	CHECK(!router->map && refused(router, "weight NaN"));
	router = slots_router(NULL, 5, CHASH_MAX_SLOTS, 5);
	chash_router_complete(router, &test_host);
	CHECK(!router->map && refused(router, "too many slots and replicas"));

	/* other strategies have none */
	chash_router_complete(other, &test_host);
	other->map = map;
	CHECK(refused(other, "has no parameter \"slots\""));
}

/* ---- redis-cli ---- */

/*
 * Where the sum of shares in floats is not near a half, the run of master i
 * ends at 16384 (i + 1) / n - 1, rounded.
 */
static void
redis_cli(void)
{
	uint32_t	n;

	for (n = 1; n <= 200; n++)
	{
		chash_router *router = fixture_router("slots", NULL, 0, n);
		uint32_t	i;

		router->dialect = chash_dialect_by_name("redis_cluster");
		chash_router_complete(router, &test_host);
		CHECK(router->p.slots == 16384 && router->map[0] == 0 && router->map[16383] == n - 1);
		for (i = 0; i + 1 < n; i++)
		{
			uint32_t	last = (2 * 16384 * (i + 1) + n) / (2 * n) - 1;
			uint32_t	rest = 2 * 16384 * (i + 1) % (2 * n);

			/* an eighth of a slot or less from being rounded the other way */
			if (rest * 4 > n * 3 && rest * 4 < n * 5)
				continue;
			test_context("%u masters, %u: %u", n, i, last);
			CHECK(router->map[last] == i && router->map[last + 1] == i + 1);
		}
	}
}

/* ---- moves ---- */

/* Over crc16, of which residues can be taken, or over some bits of md5, of which ranges can. */
static chash_router *
random_router(bool whole)
{
	static const uint32_t primes[] = {7, 31, 101};
	uint32_t	n = 1 + test_below(5);
	chash_router *router;

	if (whole && test_below(2))
		return slots_router("crc16", n, 1 + test_below(300), 1);
	if (whole && test_below(2))
	{
		router = fixture_router("maglev", "crc16", 0, n);
		router->p.slots = primes[test_below(3)];
		return router;
	}
	if (whole || test_below(3) == 0)
		return fixture_random_ring(whole ? "crc16" : "md5", 4 + test_below(9), 5, 12);
	router = fixture_router("slots", NULL, 0, n);
	router->dialect = chash_dialect_by_name("swift");
	router->p.slots = 1U << (1 + test_below(10));
	return router;
}

/* The pieces of each pair of shards are what counting all positions finds. */
static void
moves(void)
{
	unsigned	round;

	for (round = 0; round < 300; round++)
	{
		bool		whole = round % 2;
		chash_compiled *before = fixture_compile(random_router(whole));
		chash_compiled *after = fixture_compile(random_router(whole));
		uint32_t	n = after->router->nshards;
		uint32_t	size = before->router->nshards * n;
		uint64_t   *counted = test_alloc(size * sizeof(uint64_t));
		uint64_t   *summed = test_alloc(size * sizeof(uint64_t));
		unsigned	bits = before->router->bits > after->router->bits ?
			before->router->bits : after->router->bits;
		chash_diff	diff;
		chash_piece piece;
		uint32_t	position;

		test_context("round %u: %s of %u bits, %s of %u", round, before->router->strategy->name,
					 before->router->bits, after->router->strategy->name, after->router->bits);
		memset(counted, 0, size * sizeof(uint64_t));
		memset(summed, 0, size * sizeof(uint64_t));
		for (position = 0; position < 1U << bits; position++)
		{
			uint32_t	source = fixture_route64(before, position >> (bits - before->router->bits));
			uint32_t	target = fixture_route64(after, position >> (bits - after->router->bits));

			counted[source * n + target]++;
		}
		chash_diff_begin(&diff, before, after, &test_host);
		CHECK(diff.exact);
		while (chash_diff_next(&diff, &piece))
			summed[piece.source * n + piece.target] += chash_uint_low64(&piece.width);
		CHECK(memcmp(counted, summed, size * sizeof(uint64_t)) == 0);
	}
}

/* Keys whose other bytes are hashed have other positions. */
static void
other_bytes(void)
{
	chash_router *plain = slots_router("crc16", 2, 10, 1);
	chash_router *tags = slots_router("crc16", 2, 10, 1);
	chash_router *swift[2];
	chash_diff	diff;
	int			i;

	tags->dialect = chash_dialect_by_name("redis_cluster");
	chash_diff_begin(&diff, fixture_compile(plain), fixture_compile(tags), &test_host);
	CHECK(!diff.exact);
	for (i = 0; i < 2; i++)
	{
		swift[i] = slots_router("md5", 2, 16, 1);
		swift[i]->dialect = chash_dialect_by_name("swift");
		swift[i]->p.prefix = "p";
	}
	chash_diff_begin(&diff, fixture_compile(swift[0]), fixture_compile(swift[1]), &test_host);
	CHECK(diff.exact);
	swift[1]->p.suffix = "s";
	chash_diff_begin(&diff, fixture_compile(swift[0]), fixture_compile(swift[1]), &test_host);
	CHECK(!diff.exact);
}

/* Swift's positions are as wide as its slots are many, also where these are too many. */
static void
widths(void)
{
	chash_router *router = fixture_router("slots", NULL, 0, 1);
	unsigned	bits;

	router->dialect = chash_dialect_by_name("swift");
	for (bits = 0; bits < 32; bits++)
	{
		unsigned	least = bits > 0 ? bits : 1;

		router->p.slots = (uint32_t) 1 << bits;
		CHECK(chash_router_natural_bits(router) == least);
		router->p.slots += router->p.slots - 1;
		CHECK(chash_router_natural_bits(router) == least);
	}
}

const test_case slots_tests[] = {
	{"slots: routing and copies", routing},
	{"slots: runs and back", runs},
	{"slots: syntax", syntax},
	{"slots: replicas that are exchanged", exchange},
	{"slots: given again and again", repeated},
	{"slots: empty prefixes and suffixes", empty_affixes},
	{"slots: bad maps", bad_maps},
	{"slots: runs of redis-cli", redis_cli},
	{"slots: moves, counted", moves},
	{"slots: other bytes of a key", other_bytes},
	{"slots: widths of Swift's positions", widths},
	{NULL, NULL}
};
