/*
 * replicas.c
 *		Walking from a position's slice to the next ones, and around.
 *
 * It is what Dynamo calls the preference list (DeCandia et al., "Dynamo:
 * Amazon's Highly Available Key-value Store", SOSP 2007).
 */
#include "core/replicas.h"

#include <string.h>

/* How often to look for interrupts, in slices. */
#define SLICES_BETWEEN_CHECKS	65536

static bool
zone_is_taken(const chash_router *router, const uint32_t *places, uint32_t count, uint32_t shard)
{
	const char *zone = router->shards[shard].zone;
	uint32_t	i;

	for (i = 0; zone && i < count; i++)
	{
		const char *other = router->shards[places[i]].zone;

		if (other && strcmp(zone, other) == 0)
			return true;
	}
	return false;
}

/*
 * Go around once and take each shard that is not taken yet, at first only
 * those in new zones.  Returns how many are taken then.
 */
static uint32_t
go_around(const chash_compiled *compiled, const chash_host *host, uint32_t start,
		  bool new_zones_only, bool *taken, uint32_t *places, uint32_t count, uint32_t n)
{
	const chash_router *router = compiled->router;
	bool		downwards = router->search == CHASH_SEARCH_FLOOR;
	uint32_t	last = compiled->nslices - 1;
	uint32_t	slice = start;
	uint32_t	step;

	for (step = 0; step < compiled->nslices && count < n; step++)
	{
		uint32_t	shard = router->strategy->slice_shard(compiled, slice);

		if (step % SLICES_BETWEEN_CHECKS == 0)
			chash_check(host);
		if (!taken[shard] &&
			!(new_zones_only && zone_is_taken(router, places, count, shard)))
		{
			taken[shard] = true;
			places[count++] = shard;
		}
		if (downwards)
			slice = slice == 0 ? last : slice - 1;
		else
			slice = slice == last ? 0 : slice + 1;
	}
	return count;
}

void
chash_replicas(const chash_compiled *compiled, const chash_host *host,
			   const chash_uint *position, uint32_t n, uint32_t *places)
{
	const chash_router *router = compiled->router;
	uint32_t	start = router->strategy->lookup(compiled, position);
	bool	   *taken = chash_alloc(host, router->nshards * sizeof(bool));
	uint32_t	count;
	uint32_t	shard;

	memset(taken, 0, router->nshards * sizeof(bool));
	count = go_around(compiled, host, start, true, taken, places, 0, n);
	count = go_around(compiled, host, start, false, taken, places, count, n);

	/* on a crowded ring other points can hide all of a shard's */
	for (shard = 0; shard < router->nshards && count < n; shard++)
	{
		if (!taken[shard])
			places[count++] = shard;
	}
	chash_release(host, taken);
}
