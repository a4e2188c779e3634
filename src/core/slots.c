/*
 * slots.c
 *		The strategy "slots": position mod a number of slots, and a map from
 *		slots to shards that is part of the router.
 *
 * So do OpenStack Swift (partitions), Redis Cluster (hash slots), Couchbase
 * (vBuckets) and "virtual shards".  The map remembers how it came about: adding
 * a shard moves slots to it and nothing else (assign.h).
 */
#include "core/slots.h"
#include "core/units.h"

#include <math.h>
#include <string.h>

#define DEFAULT_SLOTS		1024

/* How often to give the host a chance to stop, in slots. */
#define SLOTS_BETWEEN_CHECKS	4096

/* ---- the map of a router to which none is given ---- */

/*
 * How redis-cli --cluster create cuts the slots: each run ends where a sum of
 * floats is rounded to, the last one at the end.  What is volatile has no more
 * digits than a float on any machine.
 */
static void
fill_like_redis_cli(chash_router *router)
{
	double		total = chash_router_total_weight(router);
	uint32_t	slots = router->p.slots;
	volatile float sum = 0;
	uint32_t	slot = 0;
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
	{
		volatile float parts = (float) (total / router->shards[i].weight);
		volatile float share = (float) slots / parts;
		volatile float last;
		uint32_t	first = slot;

		sum = sum + share;
		last = sum - 1;
		while (slot < slots && (slot == first || i + 1 == router->nshards ||
								slot <= floor((double) last + 0.5)))
			router->map[slot++] = i;
	}
}

/* Whether a router, which need not be valid, has all that an assignment needs. */
static bool
can_assign(const chash_router *router)
{
	double		total = 0;
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
	{
		if (!isfinite(router->shards[i].weight) || router->shards[i].weight <= 0)
			return false;
		total += router->shards[i].weight;
	}
	return router->nshards > 0 && router->nshards <= CHASH_MAX_SHARDS && isfinite(total) &&
		router->p.replicas <= router->nshards;
}

static void
complete(chash_router *router, const chash_host *host)
{
	chash_error error;

	if (router->map || !can_assign(router) || !chash_slots_begin(router, host, &error))
		return;
	if (router->dialect->fill == CHASH_FILL_REDIS_CLI && router->p.replicas == 1)
		fill_like_redis_cli(router);
	else
		chash_slots_rebalance(router, CHASH_NOBODY, host);
}

/* ---- the strategy ---- */

static bool
check_size(const chash_router *router, chash_error *error)
{
	uint32_t	slots = router->p.slots;
	uint32_t	replicas = router->p.replicas;

	if (slots < 1 || replicas < 1 || slots > CHASH_MAX_MAP / replicas)
	{
		chash_fail(error, CHASH_ERROR_LIMIT,
				   "too many slots and replicas: %u times %u, the limit is %d",
				   slots, replicas, CHASH_MAX_MAP);
		return chash_fail_hint(error, "With %u replicas there can be %u slots.",
							   replicas, CHASH_MAX_MAP / (replicas > 0 ? replicas : 1));
	}
	return true;
}

static bool
check_slot_bits(const chash_router *router, chash_error *error)
{
	uint32_t	slots = router->p.slots;

	if (!router->dialect->slot_bits || (slots > 1 && (slots & (slots - 1)) == 0))
		return true;
	chash_fail(error, CHASH_ERROR_VALUE,
			   "slots of dialect \"%s\" must be a power of two from 2 on, not %u",
			   router->dialect->name, slots);
	return chash_fail_hint(error, "It takes the top bits of the hash.");
}

/* A slot that no position leads to would be a slot that never has a key. */
static bool
check_positions(const chash_router *router, chash_error *error)
{
	if (router->bits >= 32 || router->p.slots <= (uint32_t) 1 << router->bits)
		return true;
	return chash_fail(error, CHASH_ERROR_VALUE,
					  "too many slots: %u, but hash \"%s\" has %u positions",
					  router->p.slots, router->hash->name, (uint32_t) 1 << router->bits);
}

static bool
check_map(const chash_router *router, chash_error *error)
{
	if (!router->map)
		return chash_fail(error, CHASH_ERROR_VALUE, "a router of slots needs a map");
	return chash_slots_check_covered(router, error);
}

bool
chash_slots_check_distinct(const chash_router *router, const chash_host *host, chash_error *error)
{
	uint32_t	slots = router->p.slots;
	uint32_t	nshards = router->nshards;
	uint32_t   *last;			/* of each shard: one more than the entry that it was seen in */
	bool		ok = true;
	uint32_t	slot;
	uint32_t	copy;

	if (!router->map || router->p.replicas < 2)
		return true;
	last = chash_alloc(host, nshards * sizeof(uint32_t));
	memset(last, 0, nshards * sizeof(uint32_t));
	for (slot = 0; ok && slot < slots; slot++)
	{
		if (slot % SLOTS_BETWEEN_CHECKS == 0)
			chash_check(host);
		for (copy = 0; ok && copy < router->p.replicas; copy++)
		{
			uint32_t	entry = copy * slots + slot;
			uint32_t	shard = router->map[entry];

			if (last[shard] > 0 && (last[shard] - 1) % slots == slot)
				ok = chash_fail(error, CHASH_ERROR_VALUE,
								"replicas %u and %u of slot %u are both given to shard \"%s\"",
								(last[shard] - 1) / slots + 1, copy + 1, slot,
								router->shards[shard].name);
			last[shard] = entry + 1;
		}
	}
	chash_release(host, last);
	return ok;
}

static bool
validate(const chash_router *router, chash_error *error)
{
	if (router->p.replicas > router->nshards)
	{
		chash_fail(error, CHASH_ERROR_VALUE, "too many replicas: %u of each slot on %u %s",
				   router->p.replicas, router->nshards, router->nshards == 1 ? "shard" : "shards");
		return chash_fail_hint(error, "Each needs a shard of its own.");
	}
	return check_size(router, error) &&
		check_slot_bits(router, error) &&
		chash_router_check_whole_digest(router, error) &&
		check_positions(router, error) &&
		check_map(router, error);
}

static bool
compile(chash_compiled *compiled, const chash_host *host, chash_error *error)
{
	const chash_router *router = compiled->router;
	chash_units *units = chash_units_allocate(compiled, host, router->p.slots);

	(void) error;
	memcpy(units->shard, router->map, units->count * sizeof(uint32_t));
	return true;
}

static uint32_t
copy_of_slot(const chash_compiled *compiled, uint32_t slice, uint32_t i)
{
	const chash_router *router = compiled->router;

	return router->map[(size_t) i * router->p.slots + slice];
}

const chash_strategy chash_strategy_slots = {
	.name = "slots",
	.code = 9,
	.hashed = true,
	.sliced = true,
	.periodic = true,
	.defaults = {.slots = DEFAULT_SLOTS, .replicas = 1},
	.complete = complete,
	.validate = validate,
	.compile = compile,
	.lookup = chash_units_remainder,
	.shard_of_head = chash_units_shard_of_head,
	.slice = chash_units_residues,
	.copy = copy_of_slot,
	.slice_shard = chash_units_slice_shard,
	.vnode = chash_units_vnode,
};

/* ---- changes ---- */

bool
chash_slots_begin(chash_router *router, const chash_host *host, chash_error *error)
{
	uint32_t	size;
	uint32_t	i;

	if (!check_size(router, error))
		return false;
	size = chash_router_map_size(router);
	router->map = chash_alloc(host, size * sizeof(uint32_t));
	for (i = 0; i < size; i++)
		router->map[i] = CHASH_UNASSIGNED;
	return true;
}

void
chash_slots_rebalance(chash_router *router, uint32_t changed, const chash_host *host)
{
	uint32_t	n = router->nshards;
	double	   *weights;
	uint32_t   *zones;
	uint32_t	nzones;
	uint32_t	i;

	if (!can_assign(router))
		return;
	weights = chash_alloc(host, n * sizeof(double));
	zones = chash_number_zones(router, host, &nzones);
	for (i = 0; i < n; i++)
		weights[i] = router->shards[i].weight;
	(void) chash_assign_slots(router->map, router->p.slots, router->p.replicas, weights, zones,
							  n, changed, host);
	if (zones)
		chash_release(host, zones);
	chash_release(host, weights);
}

void
chash_slots_remove_place(chash_router *router, uint32_t place)
{
	uint32_t	size = chash_router_map_size(router);
	uint32_t	i;

	for (i = 0; i < size; i++)
	{
		if (router->map[i] == place)
			router->map[i] = CHASH_UNASSIGNED;
		else if (router->map[i] != CHASH_UNASSIGNED && router->map[i] > place)
			router->map[i]--;
	}
}
