/*
 * main.c
 *		How much work is done without a chance to stop.
 *
 * Work is counted in steps, which take no time to be measured: the compiler calls
 * __sanitizer_cov_trace_pc at the beginning of each piece of the core's code
 * that has no jump in it.  What is counted is the same in every run.
 */
#include "core/replicas.h"
#include "core/slots.h"
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

/* A tenth of a second, or less; a map that is looked through at once takes many times that. */
#define MOST_STEPS		UINT64_C(30000000)

#define SLOTS			16384
#define REPLICAS		32

static uint64_t steps;			/* since there was the last chance */
static uint64_t longest;
static uint64_t chances;
static const char *running;
static int	failed;

extern void __sanitizer_cov_trace_pc(void);

void
__sanitizer_cov_trace_pc(void)
{
	steps++;
}

static void
look(void *context)
{
	(void) context;
	if (steps > longest)
		longest = steps;
	steps = 0;
	chances++;
}

static chash_host host;

void
test_fail(const char *file, int line, const char *condition)
{
	printf("not ok - interrupts: %s: %s:%d %s\n", running, file, line, condition);
	exit(1);
}

void
test_context(const char *format,...)
{
	(void) format;
}

/* ---- maps of slots ---- */

/* So many shards of different weights, in zones of which some are as large as others together. */
static chash_router *
slots_router(uint32_t slots, uint32_t replicas, uint32_t nshards, uint32_t nzones)
{
	static const char *const zones[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
	chash_router *router = fixture_router("slots", NULL, 0, nshards);
	chash_error error;
	uint32_t	i;

	router->p.slots = slots;
	router->p.replicas = replicas;
	for (i = 0; i < nshards; i++)
	{
		router->shards[i].weight = 1 + i % 7 * (i % 3 == 0 ? 100 : 1);
		if (nzones > 0)
			router->shards[i].zone = zones[(i % 2) * (i % nzones)];
	}
	chash_router_complete_parameters(router);
	CHECK(chash_slots_begin(router, &host, &error));
	return router;
}

/* What it takes to use a map. */
static void
use_map(chash_router *router)
{
	chash_compiled compiled;
	chash_error error;
	uint32_t   *start;
	chash_uint	position = chash_uint_from(42);
	uint32_t	places[REPLICAS];

	chash_router_complete(router, &host);
	CHECK(chash_router_validate(router, &host, &error));
	chash_slots_runs(router, &host, &start);
	CHECK(chash_compile(&compiled, router, &host, &error));
	CHECK(chash_replicas(&compiled, &host, &position, CHASH_NOT_PINNED, router->p.replicas, places, &error));
}

/* Some slots of any shard, which a slot then has twice, mostly. */
static void
disturb(chash_router *router)
{
	uint32_t	size = chash_router_map_size(router);
	uint32_t	i;

	for (i = 0; i < size; i += 1000)
		router->map[i] = test_below(router->nshards);
}

/* An empty map, with a shard that goes, with new weights, and in disorder. */
static void
maps(uint32_t slots, uint32_t replicas, uint32_t nshards, uint32_t nzones)
{
	chash_router *router = slots_router(slots, replicas, nshards, nzones);
	uint32_t	i;

	chash_slots_rebalance(router, CHASH_NOBODY, &host);
	use_map(router);
	chash_slots_remove_place(router, 0);
	router->shards++;
	router->nshards--;
	chash_slots_rebalance(router, CHASH_NOBODY, &host);
	use_map(router);
	for (i = 0; i < router->nshards; i++)
		router->shards[i].weight = 1 + i % 5;
	chash_slots_rebalance(router, CHASH_EVERYBODY, &host);
	use_map(router);
	disturb(router);
	chash_slots_rebalance(router, CHASH_EVERYBODY, &host);
	use_map(router);
}

static void
many_replicas(void)
{
	maps(SLOTS, REPLICAS, 35, 0);
}

static void
zones(void)
{
	maps(SLOTS, REPLICAS, 35, 8);
}

static void
many_shards(void)
{
	maps(SLOTS, REPLICAS, 1000, 5);
}

/* ---- all of them ---- */

static const struct
{
	const char *name;
	void		(*run) (void);
}			tests[] =
{
	{"maps of 32 replicas", many_replicas},
	{"maps of 32 replicas in zones", zones},
	{"maps of 32 replicas of many shards", many_shards},
};

int
main(void)
{
	size_t		i;

	host = test_host;
	host.check = look;
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
	{
		bool		ok;

		running = tests[i].name;
		test_seed(UINT64_C(88172645463325252));
		steps = longest = chances = 0;
		tests[i].run();
		look(NULL);
		ok = longest <= MOST_STEPS && chances > 1;
		printf("%s - interrupts: %s, no more than %llu steps at a time\n", ok ? "ok" : "not ok",
			   tests[i].name, (unsigned long long) longest);
		fflush(stdout);
		failed += !ok;
		test_release_all();
	}
	return failed > 0;
}
