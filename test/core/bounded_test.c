/*
 * bounded_test.c
 *		The strategy bounded: what buraksezer/consistent answers (test/vectors),
 *		a table that is filled point by point, the bound, and what moves.
 */
#include "fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the library answers ---- */

/* The library's router for a line's version, nodes and parameters. */
static chash_compiled *
of_library(const char *version, const char *set, uint32_t slots, uint32_t vnodes, double load)
{
	chash_router *router = fixture_nodeset("bounded", NULL, set);

	router->dialect = chash_dialect_by_name(strcmp(version, "v0.10.0") == 0 ?
											"buraksezer_0_10" : "buraksezer_1_0");
	CHECK(router->dialect != NULL);

	/* the smaller ones are the library's defaults */
	if (slots != 271)
	{
		router->p.slots = slots;
		router->p.vnodes = vnodes;
		router->p.load = load;
	}
	chash_router_complete(router, &test_host);
	CHECK(router->p.slots == slots && router->p.vnodes == vnodes && router->p.load == load);
	return fixture_compile(router);
}

static void
partitions(void)
{
	FILE	   *file = fixture_open_vectors("buraksezer/partitions.tsv");
	chash_compiled *compiled = NULL;
	char		compiled_as[300] = "";
	unsigned	lines = 0;
	char		version[20];
	char		set[100];
	unsigned	slots;
	unsigned	vnodes;
	double		load;
	unsigned	slot;
	char		node[100];

	while (fscanf(file, "%19s\t%99s\t%u\t%u\t%lf\t%u\t%99s\n", version, set, &slots, &vnodes,
				  &load, &slot, node) == 7)
	{
		char		as[300];

		snprintf(as, sizeof(as), "%s, %s, %u", version, set, slots);
		if (strcmp(as, compiled_as) != 0)
		{
			compiled = of_library(version, set, slots, vnodes, load);
			strcpy(compiled_as, as);
		}
		test_context("%s, %u", as, slot);
		CHECK(compiled->nslices == slots);
		CHECK(strcmp(compiled->router->shards[fixture_slice(compiled, slot)->shard].name, node) == 0);
		lines++;
	}
	CHECK(feof(file) && lines == 12950);
	fclose(file);
}

static void
keys(void)
{
	FILE	   *file = fixture_open_vectors("buraksezer/vectors.tsv");
	chash_compiled *compiled = NULL;
	char		compiled_as[300] = "";
	unsigned	lines = 0;
	char		version[20];
	char		set[100];
	unsigned	slots;
	unsigned	vnodes;
	double		load;
	char		key[300];
	unsigned	slot;
	unsigned	place;

	while (fscanf(file, "%19s\t%99s\t%u\t%u\t%lf\t%299[^\t]\t%u\t%u\t%*s\n", version, set, &slots,
				  &vnodes, &load, key, &slot, &place) == 8)
	{
		char		as[300];
		chash_uint	position;
		chash_error error;

		snprintf(as, sizeof(as), "%s, %s, %u", version, set, slots);
		if (strcmp(as, compiled_as) != 0)
		{
			compiled = of_library(version, set, slots, vnodes, load);
			strcpy(compiled_as, as);
		}
		test_context("%s, %s", as, key);
		CHECK(compiled->router->hash->digest(key, strlen(key), &position, &error));
		CHECK(fixture_lookup(compiled, position) == slot);
		CHECK(fixture_route(compiled, position) == place);
		lines++;
	}
	CHECK(feof(file) && lines == 2000);
	fclose(file);
}

/* ---- point by point ---- */

/* The room of each shard, by the rules as they are documented. */
static uint32_t
room_of(const chash_router *router, uint32_t place)
{
	double		total = 0;
	double		room;
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
		total += router->shards[i].weight;
	if (strcmp(router->dialect->name, "buraksezer_0_10") == 0)
		room = router->p.slots / router->nshards * router->p.load;
	else if (strcmp(router->dialect->name, "buraksezer_1_0") == 0)
		room = (double) router->p.slots / router->nshards * router->p.load;
	else
		room = router->p.slots * router->p.load * (router->shards[place].weight / total);
	return (uint32_t) ceil(room);
}

/* Whether point a is before point b where both are at the same position. */
static int
by_position(const void *a, const void *b)
{
	return memcmp(((const naive_point *) a)->position, ((const naive_point *) b)->position, 32);
}

/*
 * One point after the other, with all points that the shards have: a point that
 * another one hides is passed over.
 */
static uint32_t *
fill_naively(const chash_router *router)
{
	chash_router as_ring = *router;
	naive_ring *ring;
	uint32_t   *table = test_alloc(router->p.slots * sizeof(uint32_t));
	uint32_t   *room = test_alloc(router->nshards * sizeof(uint32_t));
	uint32_t	slot;
	uint32_t	i;

	as_ring.strategy = &chash_strategy_ring;
	as_ring.p.search = CHASH_SEARCH_CEILING;
	ring = naive_ring_of(&as_ring);
	for (i = 0; i < router->nshards; i++)
		room[i] = room_of(router, i);
	for (slot = 0; slot < router->p.slots; slot++)
	{
		naive_point wanted = {{0}, 0, NULL, 0, NULL};
		uint8_t		bytes[8] = {(uint8_t) slot, (uint8_t) (slot >> 8), (uint8_t) (slot >> 16)};
		const naive_point *found = NULL;

		naive_digest(chash_hash_for_labels(router->hash)->code, bytes, 8, wanted.position);
		if (router->hash->code == CHASH_HASH_NONE)
		{
			/* 63 bits, at the left */
			wanted.position[7] &= 0xFE;
		}
		for (i = 0; i < ring->npoints && !found; i++)
		{
			if (by_position(&ring->points[i], &wanted) >= 0)
				found = &ring->points[i];
		}
		if (!found)
			found = &ring->points[0];
		for (i = (uint32_t) (found - ring->points); room[ring->points[i].shard] == 0;
			 i = (i + 1) % ring->npoints);
		table[slot] = ring->points[i].shard;
		room[table[slot]]--;
	}
	return table;
}

static const char *const hashes[] = {"xxh3", "xxh64", "md5", "sha1", "none", "sha256"};

static chash_router *
random_router(uint32_t max_shards)
{
	static const double loads[] = {0, 1, 1.0001, 1.05, 1.25, 1.5, 2, 1000};
	chash_router *router = fixture_router("bounded", hashes[test_below(6)], 0,
										  1 + test_below(max_shards));
	uint32_t	i;

	router->p.vnodes = 2 * (1 + test_below(20));
	router->p.slots = router->nshards + test_below(400);
	router->p.load = loads[test_below(8)];
	if (test_below(2))
	{
		for (i = 0; i < router->nshards; i++)
			router->shards[i].weight = 0.5 * (1 + test_below(6));
	}
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
check_table(const chash_compiled *compiled)
{
	uint32_t   *table = fill_naively(compiled->router);
	uint32_t	slot;

	CHECK(compiled->nslices == compiled->router->p.slots);
	for (slot = 0; slot < compiled->nslices; slot++)
		CHECK(fixture_slice(compiled, slot)->shard == table[slot]);
}

static void
point_by_point(void)
{
	int			round;

	for (round = 0; round < 1200; round++)
	{
		chash_compiled *compiled = fixture_compile(random_router(round % 20 ? 12 : 60));

		test_context("round %d: %u shards, %u slots, load %g", round, compiled->router->nshards,
					 compiled->router->p.slots, compiled->router->p.load);
		check_table(compiled);
	}
}

/* The rules of the library with other parameters than the vectors have. */
static void
as_the_library(void)
{
	int			round;
	int			refused = 0;

	for (round = 0; round < 600; round++)
	{
		chash_router *router = fixture_router("bounded", NULL, 0, 1 + test_below(20));
		chash_error error;

		router->dialect = chash_dialect_by_name(round % 2 ? "buraksezer_0_10" : "buraksezer_1_0");
		router->p.slots = 1 + test_below(300);
		router->p.vnodes = 2 + test_below(20);
		router->p.load = 1 + test_below(100) / 100.0;
		chash_router_complete(router, &test_host);
		test_context("round %d: %u shards, %u slots, load %g", round, router->nshards,
					 router->p.slots, router->p.load);
		if (fixture_valid(router, &error))
			check_table(fixture_compile(router));
		else
		{
			/* where the library would find no room and end the program */
			CHECK(error.kind == CHASH_ERROR_VALUE && strstr(error.message, "room"));
			CHECK(room_of(router, 0) * router->nshards < router->p.slots);
			refused++;
		}
	}
	CHECK(refused > 0 && refused < 100);
}

/* ---- the bound ---- */

static void
count_slots(const chash_compiled *compiled, uint32_t *counts)
{
	uint32_t	i;

	memset(counts, 0, compiled->router->nshards * sizeof(uint32_t));
	for (i = 0; i < compiled->nslices; i++)
		counts[fixture_slice(compiled, i)->shard]++;
}

/* No shard has more than load times its part, rounded up. */
static void
bound(void)
{
	uint32_t	reached = 0;
	int			round;

	for (round = 0; round < 3000; round++)
	{
		chash_compiled *compiled = fixture_compile(random_router(round % 50 ? 20 : 300));
		const chash_router *router = compiled->router;
		uint32_t   *counts = test_alloc(router->nshards * sizeof(uint32_t));
		uint32_t	i;

		count_slots(compiled, counts);
		test_context("round %d: load %g", round, router->p.load);
		for (i = 0; i < router->nshards; i++)
		{
			CHECK(counts[i] <= room_of(router, i));
			reached += counts[i] == room_of(router, i);
		}
	}
	/* and it is a bound that is reached */
	CHECK(reached > 10000);
}

/* Weights of any size are borne; a shard has a slot's room at least. */
static void
extreme_weights(void)
{
	static const double weights[] = {1e4, 1e-300, 5e-324, 1};
	chash_router *router = fixture_router("bounded", NULL, 0, 4);
	uint32_t	counts[4];
	uint32_t	i;

	for (i = 0; i < 4; i++)
		router->shards[i].weight = weights[i];
	router->p.vnodes = 100;
	router->p.load = 1;
	count_slots(fixture_compile(router), counts);
	CHECK(counts[1] <= 1 && counts[2] <= 1 && counts[3] <= 2);
	CHECK(counts[0] >= 16381 - 4);
}

/*
 * Labels can be the same, and hide all points of a shard.  What the others have
 * no room for, it gets.
 */
static void
hidden(void)
{
	static const char *const names[] = {"n1", "n", "n11"};
	chash_router *router = fixture_router("bounded", NULL, 0, 3);
	chash_compiled *compiled;
	uint32_t	counts[3];
	uint32_t	i;

	router->dialect = chash_dialect_by_name("buraksezer_0_10");
	for (i = 0; i < 3; i++)
		router->shards[i].name = names[i];
	compiled = fixture_compile(router);
	count_slots(compiled, counts);

	/* ceil(271 / 3 * 1.25), and the rest */
	CHECK(counts[1] == 113 && counts[2] == 113 && counts[0] == 271 - 2 * 113);
	for (i = 0; i < 226; i++)
		CHECK(fixture_slice(compiled, i)->shard != 0);
}

/* ---- what moves ---- */

static void
order(void)
{
	int			round;

	for (round = 0; round < 600; round++)
	{
		chash_router *router = random_router(20);
		chash_router reversed;
		chash_compiled *compiled;
		chash_compiled *other;
		uint32_t	n = router->nshards;
		uint32_t	i;

		for (i = 0; i < n; i++)
			router->shards[i].weight = (1 + test_below(70)) / 7.0;
		compiled = fixture_compile(router);
		reversed = *router;
		reversed.shards = test_alloc(n * sizeof(chash_shard));
		for (i = 0; i < n; i++)
			reversed.shards[i] = router->shards[n - 1 - i];
		other = fixture_compile(&reversed);
		for (i = 0; i < compiled->nslices; i++)
			CHECK(fixture_slice(compiled, i)->shard == n - 1 - fixture_slice(other, i)->shard);
	}
}

typedef struct moved
{
	uint32_t	gained;			/* slots that go to the shard that comes */
	uint32_t	others;			/* and to others */
} moved;

static moved
move_in(chash_router *router)
{
	chash_compiled *before = fixture_compile(router);
	chash_compiled *after = fixture_compile(fixture_with_shard(router, "new", 1));
	moved		result = {0, 0};
	uint32_t	i;

	for (i = 0; i < before->nslices; i++)
	{
		uint32_t	shard = fixture_slice(after, i)->shard;

		result.gained += shard == router->nshards;
		result.others += shard != router->nshards && shard != fixture_slice(before, i)->shard;
	}
	return result;
}

/*
 * The bound has a price: when a shard comes, all others have less room, and
 * slots that find none move on.  With the usual parameters that is next to
 * nothing; the tighter the load, and the fewer the points, the more.
 */
static void
stability(void)
{
	static const struct
	{
		double		load;
		uint32_t	vnodes;
		double		of_one;		/* others, as a part of what is gained, at most */
		double		of_all;		/* the same of all together */
	}			cases[] =
	{
		{1.25, 160, 0.05, 0.005},
		{1.5, 160, 0, 0},
		{1.05, 160, 0.6, 0.25},
		{1.25, 20, 0.6, 0.25},
	};
	int			k;

	for (k = 0; k < 4; k++)
	{
		moved		all = {0, 0};
		uint32_t	n;

		for (n = 2; n <= 40; n++)
		{
			chash_router *router = fixture_router("bounded", NULL, 0, n);
			moved		one;
			uint32_t	room;

			router->p.load = cases[k].load;
			router->p.vnodes = cases[k].vnodes;
			one = move_in(router);
			room = (uint32_t) ceil(16381 * cases[k].load / (n + 1));
			test_context("case %d, %u shards: %u gained, %u others", k, n, one.gained, one.others);
			CHECK(one.gained <= room);
			CHECK(one.others <= cases[k].of_one * one.gained);
			all.gained += one.gained;
			all.others += one.others;
		}
		test_context("case %d: %u gained, %u others", k, all.gained, all.others);
		CHECK(all.others <= cases[k].of_all * all.gained);
	}
}

/* Where there is room for everything, it is a ring: only the new shard gains. */
static void
with_much_room(void)
{
	int			round;

	for (round = 0; round < 1000; round++)
	{
		chash_router *router = random_router(15);

		router->p.load = 1000;
		router->p.slots = router->nshards + 1 + test_below(300);
		CHECK(move_in(router).others == 0);
	}
}

/* ---- limits ---- */

static unsigned checks;

static void
count_check(void *context)
{
	(void) context;
	checks++;
}

/* The largest tables, as full as can be, take no longer than others. */
static void
largest(void)
{
	static const struct
	{
		uint32_t	shards;
		uint32_t	vnodes;
		double		load;
	}			cases[] =
	{
		{CHASH_MAX_SHARDS, 1, 1}, {CHASH_MAX_SHARDS, 30, 1.25}, {2, 65535, 1}, {1000, 1000, 1.0001},
	};
	int			k;

	for (k = 0; k < 4; k++)
	{
		chash_router *router = fixture_router("bounded", NULL, 0, cases[k].shards);
		chash_compiled compiled;
		chash_host	host = test_host;
		chash_error error;
		uint32_t   *counts = test_alloc(router->nshards * sizeof(uint32_t));
		uint32_t	room;
		uint32_t	i;

		router->p.slots = CHASH_MAX_SLOTS;
		router->p.vnodes = cases[k].vnodes;
		router->p.load = cases[k].load;
		chash_router_complete(router, &test_host);
		CHECK(fixture_valid(router, &error));
		host.check = count_check;
		checks = 0;
		CHECK(chash_compile(&compiled, router, &host, &error));
		CHECK(checks >= 256);
		count_slots(&compiled, counts);
		room = room_of(router, 0);
		for (i = 0; i < router->nshards; i++)
			CHECK(counts[i] <= room);
	}
}

static void
refused(void)
{
	chash_router *router = fixture_router("bounded", NULL, 0, 3);
	chash_error error;

	chash_router_complete(router, &test_host);
	CHECK(fixture_valid(router, &error));
	router->p.load = 0.99;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_VALUE);
	router->p.load = NAN;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_VALUE);
	router->p.load = 1;
	router->p.slots = 3;
	CHECK(fixture_valid(router, &error));
	router->p.slots = 2;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_VALUE);
	CHECK(strcmp(error.message, "2 slots are too few for 3 shards") == 0);
	router->p.slots = CHASH_MAX_SLOTS + 1;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_VALUE);
	router->p.slots = CHASH_MAX_SLOTS;
	router->bits = 63;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_UNSUPPORTED);
	router->bits = 64;
	router->p.label = "{shard}";
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_VALUE);
	router->p.label = "{shard}{i}";
	router->p.vnodes = CHASH_MAX_VNODES;
	CHECK(fixture_valid(router, &error));
	router->shards[0].weight = 1000;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_LIMIT);

	/* the library has no weights */
	router = fixture_router("bounded", NULL, 0, 3);
	router->dialect = chash_dialect_by_name("buraksezer_1_0");
	chash_router_complete(router, &test_host);
	CHECK(fixture_valid(router, &error));
	router->shards[1].weight = 2;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_UNSUPPORTED);
	CHECK(strstr(error.message, "server-b"));
}

const test_case bounded_tests[] = {
	{"bounded: the partitions of buraksezer/consistent", partitions},
	{"bounded: the keys of buraksezer/consistent", keys},
	{"bounded: point by point", point_by_point},
	{"bounded: the library's rules", as_the_library},
	{"bounded: the bound", bound},
	{"bounded: extreme weights", extreme_weights},
	{"bounded: hidden shards", hidden},
	{"bounded: the order of shards does not matter", order},
	{"bounded: what moves", stability},
	{"bounded: with much room it is a ring", with_much_room},
	{"bounded: the largest tables", largest},
	{"bounded: refused", refused},
	{NULL, NULL}
};
