/*
 * routers.c
 *		The routers that are measured: all strategies of the strategy table, as
 *		they are by default, and some dialects.
 */
#include "bench.h"

#include "core/quota.h"
#include "core/slots.h"

#include <stdlib.h>
#include <string.h>

/* Stored in one byte, so that there is none above. */
#define MAX_CODE	255

/* Dialects that are measured as well: the ones that people know. */
static const char *const dialects[] = {"textbook", "libketama"};

/* Strategies that look at each shard for each key. */
static const char *const linear[] = {"rendezvous"};

static void
append_case(bench_case *cases, unsigned *n, const chash_strategy *strategy,
			const chash_dialect *dialect)
{
	bench_case *new = &cases[*n];
	size_t		i;

	if (*n == BENCH_MAX_CASES)
		bench_die("more than %d cases", BENCH_MAX_CASES);
	new->strategy = strategy;
	new->dialect = dialect;
	new->linear = false;
	for (i = 0; i < sizeof(linear) / sizeof(linear[0]); i++)
		new->linear = new->linear || strcmp(strategy->name, linear[i]) == 0;
	(*n)++;
}

unsigned
bench_list_cases(bench_case *cases)
{
	unsigned	n = 0;
	unsigned	code;
	size_t		i;

	for (code = 1; code <= MAX_CODE; code++)
	{
		const chash_strategy *strategy = chash_strategy_by_code(code);

		if (!strategy)
			continue;
		append_case(cases, &n, strategy, NULL);
		for (i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
		{
			const chash_dialect *dialect = chash_dialect_by_name(dialects[i]);

			if (!dialect)
				bench_die("no dialect \"%s\"", dialects[i]);
			if (dialect->strategy == strategy)
				append_case(cases, &n, strategy, dialect);
		}
	}
	return n;
}

static const char *
make_name(uint32_t i, const chash_host *host)
{
	char	   *name = chash_alloc(host, 24);

	sprintf(name, "shard_%u", (unsigned) i + 1);
	return name;
}

static chash_shard
make_shard(uint32_t i, const chash_host *host)
{
	chash_shard shard = {NULL, NULL, 1, 0};

	shard.name = make_name(i, host);
	return shard;
}

/* Bounds that cut the bigints from 0 on into equal parts. */
static void
set_bounds(chash_router *router, const chash_host *host)
{
	uint32_t	n = router->nshards;
	uint32_t	i;

	router->key_type = CHASH_KEY_BIGINT;
	router->nbounds = n - 1;
	router->bounds = chash_alloc(host, n * sizeof(*router->bounds));
	for (i = 0; i + 1 < n; i++)
	{
		char	   *bound = chash_alloc(host, 24);

		sprintf(bound, "%llu", (unsigned long long) (i + 1) * ((uint64_t) INT64_MAX / n));
		router->bounds[i] = bound;
	}
}

chash_router *
bench_router(const bench_case *which, uint32_t nshards, const chash_host *host)
{
	chash_router *router = chash_alloc(host, sizeof(*router));
	uint32_t	i;

	memset(router, 0, sizeof(*router));
	router->strategy = which->strategy;
	router->dialect = which->dialect;
	router->nshards = nshards;
	router->shards = chash_alloc(host, nshards * sizeof(chash_shard));
	for (i = 0; i < nshards; i++)
		router->shards[i] = make_shard(i, host);
	if (router->strategy == &chash_strategy_range)
		set_bounds(router, host);
	chash_router_complete(router, host);
	return router;
}

/* A copy that has room for one shard more, and shares everything else. */
static chash_router *
copy_router(const chash_router *router, const chash_host *host)
{
	chash_router *copy = chash_alloc(host, sizeof(*copy));

	*copy = *router;
	copy->shards = chash_alloc(host, (router->nshards + 1) * sizeof(chash_shard));
	memcpy(copy->shards, router->shards, router->nshards * sizeof(chash_shard));
	if (router->map)
	{
		copy->map = chash_alloc(host, chash_router_map_size(router) * sizeof(uint32_t));
		memcpy(copy->map, router->map, chash_router_map_size(router) * sizeof(uint32_t));
	}
	return copy;
}

/*
 * What chash_add and chash_remove do.  A strategy whose router after a change
 * follows from the one before, and not from its shards alone, is served here.
 */
chash_router *
bench_router_gain(const chash_router *router, const chash_host *host)
{
	chash_router *after = copy_router(router, host);

	after->shards[after->nshards] = make_shard(after->nshards, host);
	after->nshards++;
	chash_router_complete(after, host);
	if (after->map)
		chash_slots_rebalance(after, after->nshards - 1, host);
	return after;
}

chash_router *
bench_router_lose(const chash_router *router, uint32_t place, const chash_host *host)
{
	chash_router *after = copy_router(router, host);

	memmove(after->shards + place, after->shards + place + 1,
			(after->nshards - place - 1) * sizeof(chash_shard));
	if (after->map)
		chash_slots_remove_place(after, place);
	after->nshards--;
	if (after->map)
		chash_slots_rebalance(after, CHASH_NOBODY, host);
	return after;
}

bool
bench_router_compile(chash_compiled *compiled, const chash_router *router,
					 const chash_host *host, chash_error *error)
{
	return chash_router_validate(router, host, error) &&
		chash_compile(compiled, router, host, error);
}
