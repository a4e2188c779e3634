/*
 * replicas.c
 *		Walking from a position's slice to the next ones, and around.
 *
 * It is what Dynamo calls the preference list (DeCandia et al., "Dynamo:
 * Amazon's Highly Available Key-value Store", SOSP 2007).
 */
#include "core/replicas.h"

#include <string.h>

/* How often to look for interrupts. */
#define STEPS_BETWEEN_CHECKS	65536

/* Shards in the order in which a position comes upon them. */
typedef struct walk
{
	const chash_compiled *compiled;
	uint32_t   *order;			/* of all shards, or NULL: from slice to slice */
	uint32_t	slice;			/* where it begins */
	uint32_t	length;
} walk;

/* Which shards and zones have a copy. */
typedef struct taken
{
	bool	   *shard;
	bool	   *zone;
} taken;

static uint32_t
shard_at(const walk *walk, uint32_t step)
{
	const chash_router *router = walk->compiled->router;
	uint32_t	n = walk->length;

	if (walk->order)
		return walk->order[step];
	if (router->p.search == CHASH_SEARCH_FLOOR)
		return router->strategy->slice_shard(walk->compiled,
											 (uint32_t) (((uint64_t) walk->slice + n - step) % n));
	return router->strategy->slice_shard(walk->compiled,
										 (uint32_t) (((uint64_t) walk->slice + step) % n));
}

static uint32_t
zone_of(const chash_compiled *compiled, uint32_t shard)
{
	return compiled->zone ? compiled->zone[shard] : shard;
}

static void
take_shard(const chash_compiled *compiled, uint32_t shard, taken *taken, uint32_t *places,
		   uint32_t *count)
{
	taken->shard[shard] = true;
	taken->zone[zone_of(compiled, shard)] = true;
	places[(*count)++] = shard;
}

/*
 * Walk once and take each shard that is not taken yet, at first only those in
 * new zones.  Returns how many are taken then.
 */
static uint32_t
take_shards(const walk *walk, const chash_host *host, bool new_zones_only, taken *taken,
			uint32_t *places, uint32_t count, uint32_t n)
{
	uint32_t	step;

	for (step = 0; step < walk->length && count < n; step++)
	{
		uint32_t	shard = shard_at(walk, step);
		uint32_t	zone = zone_of(walk->compiled, shard);

		if (step % STEPS_BETWEEN_CHECKS == 0)
			chash_check(host);
		if (!taken->shard[shard] && !(new_zones_only && taken->zone[zone]))
			take_shard(walk->compiled, shard, taken, places, &count);
	}
	return count;
}

bool
chash_replicas(const chash_compiled *compiled, const chash_host *host,
			   const chash_uint *position, uint32_t pin, uint32_t n, uint32_t *places,
			   chash_error *error)
{
	const chash_router *router = compiled->router;
	walk		walk = {compiled, NULL, 0, compiled->nslices};
	uint32_t	n_flags = router->nshards + compiled->nzones;
	taken		taken;
	uint32_t	count = 0;
	uint32_t	shard;

	if (router->strategy->prefer)
		walk.order = router->strategy->prefer(compiled, host, position);
	if (walk.order)
		walk.length = router->nshards;
	else if (router->strategy->sliced)
		walk.slice = router->strategy->lookup(compiled, position);
	else
	{
		chash_fail(error, CHASH_ERROR_UNSUPPORTED,
				   "strategy \"%s\" has no order of preference among its shards",
				   router->strategy->name);
		return chash_fail_hint(error, "Strategies \"ring\", \"rendezvous\" and \"multiprobe\" have one.");
	}
	taken.shard = chash_alloc(host, n_flags * sizeof(bool));
	taken.zone = taken.shard + router->nshards;
	memset(taken.shard, 0, n_flags * sizeof(bool));
	if (pin != CHASH_NOT_PINNED)
		take_shard(compiled, pin, &taken, places, &count);
	count = take_shards(&walk, host, true, &taken, places, count, n);
	count = take_shards(&walk, host, false, &taken, places, count, n);

	/* on a crowded ring other points can hide all of a shard's */
	for (shard = 0; shard < router->nshards && count < n; shard++)
	{
		if (!taken.shard[shard])
			places[count++] = shard;
	}
	chash_release(host, taken.shard);
	if (walk.order)
		chash_release(host, walk.order);
	return true;
}
