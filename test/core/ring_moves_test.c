/*
 * ring_moves_test.c
 *		What makes a ring worth having: positions move only where they must.
 */
#include "fixture.h"

#include <string.h>

#define ROUNDS	1500

/* A ring, small enough to ask for every position, or wide. */
static chash_router *
random_ring(int round)
{
	static const char *const hashes[] = {"xxh3", "md5", "sha256"};
	unsigned	bits = round % 5 == 0 ? 0 : 3 + test_below(6);

	return fixture_random_ring(hashes[round % 3], bits, 6, 12);
}

/* Called for each position to compare: the names of the shard before and after. */
typedef void (*judge) (const char *before, const char *after, const char *changed);

/*
 * Compare two routers of one space: everywhere if it is small, otherwise where
 * either begins a slice, since between those nothing changes.
 */
static unsigned
compare(chash_router *router, chash_router *other, judge judge, const char *changed)
{
	chash_compiled *before = fixture_compile(router);
	chash_compiled *after = fixture_compile(other);
	bool		small = router->bits <= 10;
	uint32_t	n = small ? (uint32_t) 1 << router->bits : before->nslices + after->nslices;
	unsigned	moved = 0;
	uint32_t	i;

	for (i = 0; i < n; i++)
	{
		chash_uint	position = small ? chash_uint_from(i) :
			i < before->nslices ? fixture_slice(before, i)->first :
			fixture_slice(after, i - before->nslices)->first;
		const char *source = router->shards[fixture_route(before, position)].name;
		const char *target = other->shards[fixture_route(after, position)].name;

		if (strcmp(source, target) != 0)
		{
			judge(source, target, changed);
			moved++;
		}
	}
	return moved;
}

static void
only_to(const char *before, const char *after, const char *changed)
{
	(void) before;
	CHECK(strcmp(after, changed) == 0);
}

static void
only_from(const char *before, const char *after, const char *changed)
{
	(void) after;
	CHECK(strcmp(before, changed) == 0);
}

static void
adding(void)
{
	unsigned	moved = 0;
	int			round;

	for (round = 0; round < ROUNDS; round++)
	{
		/* names before, between and after the others */
		static const char *const names[] = {"new", "server-bb", "zz", "server-"};
		const char *name = names[test_below(4)];
		chash_router *router = random_ring(round);

		test_context("round %d", round);
		moved += compare(router, fixture_with_shard(router, name, 0.5 * (1 + test_below(4))),
						 only_to, name);
	}
	CHECK(moved > ROUNDS);
}

static void
removing(void)
{
	unsigned	moved = 0;
	int			round;

	for (round = 0; round < ROUNDS; round++)
	{
		chash_router *router = random_ring(round);
		uint32_t	place = test_below(router->nshards);

		test_context("round %d", round);
		if (router->nshards > 1)
			moved += compare(router, fixture_without_shard(router, place), only_from,
							 router->shards[place].name);
	}
	CHECK(moved > ROUNDS);
}

static void
reweighting(void)
{
	unsigned	moved = 0;
	int			round;

	for (round = 0; round < ROUNDS; round++)
	{
		chash_router *router = random_ring(round);
		chash_router *other = fixture_with_shard(router, "gone", 1);
		uint32_t	place = test_below(router->nshards);
		const char *name = router->shards[place].name;

		other->nshards--;
		other->shards[place].weight += 0.25 * (1 + test_below(8));
		test_context("round %d", round);
		moved += compare(router, other, only_to, name);
		moved += compare(other, router, only_from, name);
	}
	CHECK(moved > ROUNDS);
}

const test_case ring_moves_tests[] = {
	{"ring moves: adding a shard moves only to it", adding},
	{"ring moves: removing a shard moves only from it", removing},
	{"ring moves: more weight moves only to it", reweighting},
	{NULL, NULL}
};
