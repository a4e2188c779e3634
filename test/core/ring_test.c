/*
 * ring_test.c
 *		The ring against one that is searched point by point.
 */
#include "fixture.h"

#include <string.h>

static const char *const hashes[] = {"xxh3", "xxh64", "sha1", "md5", "sha256", "pg", "none"};

/* The virtual node that serves a position, and not only its shard. */
static void
check_position(const chash_compiled *compiled, const naive_ring *ring, chash_uint position)
{
	const naive_point *point = naive_lookup(ring, position);

	CHECK(fixture_route(compiled, position) == point->shard);
	CHECK(strcmp(fixture_vnode(compiled, fixture_lookup(compiled, position)), point->label) == 0);
}

/* All bits, hashes, labels and search rules; spaces crowded to the last position. */
static void
every_position(void)
{
	unsigned	bits;

	for (bits = 3; bits <= 12; bits++)
	{
		int			round;

		for (round = 0; round < 24; round++)
		{
			chash_router *router = fixture_random_ring(hashes[round % 7], bits, 6,
													   round % 3 == 0 ? 30 : 8);
			naive_ring *ring;
			chash_compiled *compiled;
			uint32_t	position;

			router->p.search = (chash_search) (1 + round % 4);
			ring = naive_ring_of(router);
			compiled = fixture_compile(router);
			test_context("%u bits, round %d", bits, round);
			check_ranges(compiled);
			for (position = 0; position >> bits == 0; position++)
				check_position(compiled, ring, chash_uint_from(position));
		}
	}
}

/* A space with a point at every position, at 0 and at the last one, too. */
static void
crowded(void)
{
	unsigned	search;

	for (search = 1; search <= 4; search++)
	{
		chash_router *router = fixture_router("ring", NULL, 3, 5);
		naive_ring *ring;
		chash_compiled *compiled;
		uint32_t	position;

		router->p.vnodes = 100;
		router->p.search = (chash_search) search;
		compiled = fixture_compile(router);
		ring = naive_ring_of(router);
		CHECK(naive_position64(ring, &ring->points[0]) == 0);
		CHECK(naive_position64(ring, &ring->points[ring->npoints - 1]) == 7);
		CHECK(compiled->nslices == 8);
		check_ranges(compiled);
		for (position = 0; position < 8; position++)
			check_position(compiled, ring, chash_uint_from(position));
	}
}

/* One point serves everything, wherever it is. */
static void
one_point(void)
{
	unsigned	bits;

	for (bits = 1; bits <= 6; bits++)
	{
		uint32_t	i;

		/* names enough to have it at 0 and at the last position */
		for (i = 0; i < 200; i++)
		{
			chash_router *router = fixture_router("ring", NULL, bits, 1);
			chash_compiled *compiled;
			uint32_t	position;

			router->p.vnodes = 1;
			router->p.search = (chash_search) (1 + i % 4);
			router->shards[0].name = fixture_name(i);
			compiled = fixture_compile(router);
			check_ranges(compiled);
			for (position = 0; position >> bits == 0; position++)
				CHECK(fixture_route64(compiled, position) == 0);
		}
	}
}

/* At each cut, before it, after it, and anywhere. */
static void
check_edges(chash_router *router)
{
	naive_ring *ring = naive_ring_of(router);
	chash_compiled *compiled = fixture_compile(router);
	uint32_t	i;

	check_ranges(compiled);
	for (i = 0; i < compiled->nslices; i++)
	{
		chash_uint	first = fixture_slice(compiled, i)->first;

		check_position(compiled, ring, first);
		check_position(compiled, ring, plus(first, 1));
		if (i > 0)
			check_position(compiled, ring, minus(first, 1));
		check_position(compiled, ring, random_position(router->bits));
	}
	check_position(compiled, ring, minus(compiled->space, 1));
}

static void
edges_of_wide_spaces(void)
{
	unsigned	search;
	int			i;

	for (search = 1; search <= 4; search++)
	{
		for (i = 0; i < 7; i++)
		{
			chash_router *router = fixture_router("ring", hashes[i], 0, 7);

			router->p.vnodes = 20;
			router->p.search = (chash_search) search;
			router->shards[2].weight = 1.5;
			chash_router_complete(router, &test_host);
			test_context("%s, search %u", hashes[i], search);
			check_edges(router);
		}
	}
}

/* Every width there is, so 64 and 65 bits, too. */
static void
edges_of_all_widths(void)
{
	unsigned	bits;

	for (bits = 13; bits <= 256; bits++)
	{
		chash_router *router = fixture_random_ring("sha256", bits, 4, 8);

		test_context("%u bits", bits);
		check_edges(router);
	}
}

/*
 * Only the top 64 bits of a position are searched first.  So ask for positions
 * that share them with a cut, and differ from it in lower bits alone.
 */
static void
last_bits_decide(void)
{
	chash_router *router = fixture_random_ring("sha256", 256, 4, 20);
	naive_ring *ring = naive_ring_of(router);
	chash_compiled *compiled = fixture_compile(router);
	uint32_t	i;

	for (i = 1; i < compiled->nslices; i++)
	{
		chash_uint	first = fixture_slice(compiled, i)->first;
		unsigned	bit;

		for (bit = 0; bit < 192; bit += 1 + test_below(8))
		{
			chash_uint	power = chash_uint_power_of_two(bit);

			check_position(compiled, ring, chash_uint_add(&first, &power));
			check_position(compiled, ring, chash_uint_subtract(&first, &power));
		}
	}
}

/* vnodes * weight, rounded half up, and at least one. */
static void
number_of_points(void)
{
	static const struct
	{
		uint32_t	vnodes;
		double		weight;
		uint32_t	points;
	}			cases[] =
	{
		{160, 1, 160}, {160, 0.5, 80}, {160, 2.25, 360}, {100, 0.004, 1}, {100, 0.005, 1},
		{100, 0.0149, 1}, {1, 1.49, 1}, {1, 1.5, 2}, {10, 0.25, 3}, {1, 5e-324, 1}, {3, 1.5, 5},
	};
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		chash_router *router = fixture_router("ring", "sha256", 0, 1);
		chash_compiled *compiled;

		router->p.vnodes = cases[i].vnodes;
		router->shards[0].weight = cases[i].weight;
		compiled = fixture_compile(router);
		test_context("%u times %g", (unsigned) cases[i].vnodes, cases[i].weight);
		/* and the slice that closes the ring */
		CHECK(compiled->nslices == cases[i].points + 1);
	}
}

/* Labels of two shards can be the same: then the first name in order serves. */
static void
equal_labels(void)
{
	static const char *const orders[][2] = {{"x", "x1"}, {"x1", "x"}};
	int			i;

	for (i = 0; i < 2; i++)
	{
		chash_router *router = fixture_router("ring", NULL, 0, 2);
		naive_ring *ring;
		chash_compiled *compiled;
		uint32_t	k;

		router->p.label = "{shard}{i}";
		router->p.vnodes = 30;
		router->shards[0].name = orders[i][0];
		router->shards[1].name = orders[i][1];
		compiled = fixture_compile(router);

		/* x10 to x19 are labels of both */
		CHECK(compiled->nslices == 60 - 10 + 1);
		ring = naive_ring_of(router);
		for (k = 0; k < ring->npoints; k++)
		{
			chash_uint	point = chash_uint_from(naive_position64(ring, &ring->points[k]));

			CHECK(strcmp(router->shards[fixture_route(compiled, point)].name,
						 naive_lookup(ring, point)->name) == 0);
		}
	}
}

/* A ring is a set of shards: their order, ids and zones change no answer. */
static void
order_of_shards(void)
{
	int			round;

	for (round = 0; round < 200; round++)
	{
		chash_router *router = fixture_random_ring(hashes[round % 7], 3 + test_below(60), 6, 12);
		chash_router *other = fixture_with_shard(router, "gone", 1);
		chash_compiled *before = fixture_compile(router);
		chash_compiled *after;
		uint32_t	i;

		other->nshards--;
		for (i = 0; i < other->nshards; i++)
		{
			other->shards[i] = router->shards[other->nshards - 1 - i];
			other->shards[i].id += 100;
			other->shards[i].zone = "z";
		}
		after = fixture_compile(other);
		test_context("round %d", round);
		CHECK(before->nslices == after->nslices);
		for (i = 0; i < before->nslices; i++)
		{
			chash_slice a = *fixture_slice(before, i);
			chash_slice b = *fixture_slice(after, i);

			CHECK(equal(a.first, b.first) && equal(a.width, b.width));
			CHECK(strcmp(router->shards[a.shard].name, other->shards[b.shard].name) == 0);
		}
	}
}

/* 65,535 points of one shard. */
static void
large(void)
{
	chash_router *router = fixture_router("ring", "md5", 0, 1);
	chash_compiled *compiled;

	router->p.vnodes = 65535;
	compiled = fixture_compile(router);
	CHECK(compiled->nslices == 65536);
	check_ranges(compiled);
}

const test_case ring_tests[] = {
	{"ring: every position of small spaces", every_position},
	{"ring: a point at every position", crowded},
	{"ring: one point", one_point},
	{"ring: edges of slices of wide spaces", edges_of_wide_spaces},
	{"ring: edges of slices of all widths", edges_of_all_widths},
	{"ring: last bits of wide positions decide", last_bits_decide},
	{"ring: number of points", number_of_points},
	{"ring: equal labels", equal_labels},
	{"ring: order of shards", order_of_shards},
	{"ring: 65535 points", large},
	{NULL, NULL}
};
