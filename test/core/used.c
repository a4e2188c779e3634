/*
 * used.c
 *		Asking a router everything, and checking the answers against each other.
 */
#include "core/replicas.h"
#include "core/shares.h"
#include "used.h"

#include <string.h>

#define POSITIONS		6		/* that are routed at random, besides the ends */

/* ---- loading ---- */

bool
load_stored(const uint8_t *bytes, size_t size, chash_router *router, chash_error *error)
{
	uint8_t    *copy = test_alloc(size);
	bool		loaded;

	memcpy(copy, bytes, size);
	memset(error, 0xFF, sizeof(*error));
	loaded = chash_router_load(copy, size, &test_host, router, error);
	chash_release(&test_host, copy);
	if (!loaded)
	{
		CHECK(error->kind == CHASH_ERROR_CORRUPT);
		CHECK(memchr(error->message, '\0', CHASH_ERROR_TEXT) && error->message[0]);
	}
	return loaded;
}

/* That a router is written as these bytes. */
static void
check_stored(const chash_router *router, const uint8_t *bytes, size_t size)
{
	uint8_t    *again = test_alloc(size);

	CHECK(chash_router_stored_size(router) == size);
	chash_router_store(router, again);
	CHECK(memcmp(again, bytes, size) == 0);
	chash_release(&test_host, again);
}

bool
use_stored(const uint8_t *bytes, size_t size)
{
	chash_router router;
	chash_error error;
	bool		whole;

	if (!load_stored(bytes, size, &router, &error))
		return false;
	check_stored(&router, bytes, size);

	/* as the binary door does, which fills in what is left out before it judges */
	whole = chash_router_validate(&router, &test_host, &error);
	if ((double) router.p.slots * router.p.replicas > USED_MAX_SLICES)
		return whole;
	chash_router_complete(&router, &test_host);
	if (whole)
		check_stored(&router, bytes, size);
	if (!chash_router_validate(&router, &test_host, &error))
	{
		CHECK(!whole);
		return false;
	}
	use_router(&router);
	return true;
}

/* ---- limits ---- */

bool
is_affordable(const chash_router *router)
{
	const chash_strategy *strategy = router->strategy;
	bool		has_points = strategy == &chash_strategy_ring || strategy == &chash_strategy_bounded;
	double		work = router->nshards;

	if (strategy->unit_weights)
		work = chash_router_total_weight(router);
	if (has_points)
		work += chash_points_of_all(router);
	return router->nshards <= USED_MAX_SHARDS && work <= USED_MAX_SLICES &&
		router->p.slots <= USED_MAX_SLICES &&
		(double) router->p.slots * router->p.replicas * router->nshards <= USED_MAX_PROBES &&
		(double) router->p.probes * router->nshards * router->nshards <= USED_MAX_PROBES;
}

/* ---- asking ---- */

/* Positions that leave each remainder, of which there are as many as slices. */
static void
check_residues(const chash_compiled *compiled)
{
	chash_uint	last = minus(compiled->space, 1);
	uint32_t	n = compiled->nslices;
	uint32_t	i;

	for (i = 0; i < n; i++)
	{
		chash_slice slice = *fixture_slice(compiled, i);
		chash_uint	width = chash_uint_from(0);

		CHECK(equal(slice.first, chash_uint_from(i)));
		if (chash_uint_compare(&slice.first, &last) <= 0)
		{
			width = minus(last, i);
			width = plus(chash_uint_divide(&width, n, NULL), 1);
			CHECK(fixture_lookup(compiled, slice.first) == i);
		}
		CHECK(equal(slice.width, width));
	}
}

static void
check_slices(const chash_compiled *compiled)
{
	const chash_router *router = compiled->router;
	chash_uint	sum = chash_uint_from(0);
	chash_uint *positions = test_alloc(router->nshards * sizeof(chash_uint));
	char	   *text = test_alloc(CHASH_VNODE_TEXT);
	uint32_t	i;

	if (!router->strategy->hashed)
	{
		/* a range is counted by its number, which is all that the core knows of it */
		for (i = 0; i < compiled->nslices; i++)
			CHECK(fixture_slice(compiled, i)->shard == i);
	}
	else if (router->strategy->periodic)
		check_residues(compiled);
	else
		check_ranges(compiled);
	for (i = 0; i < POSITIONS; i++)
	{
		memset(text, 0xFF, CHASH_VNODE_TEXT);
		router->strategy->vnode(compiled, test_below(compiled->nslices), text);
		CHECK(memchr(text, '\0', CHASH_VNODE_TEXT));
	}
	chash_count_positions(compiled, positions);
	for (i = 0; i < router->nshards; i++)
		sum = chash_uint_add(&sum, &positions[i]);
	CHECK(equal(sum, compiled->space));
	chash_release(&test_host, positions);
	chash_release(&test_host, text);
}

/* Which shards a walk from slice to slice comes upon; all where there are no slices. */
static bool *
shards_that_serve(const chash_compiled *compiled)
{
	const chash_strategy *strategy = compiled->router->strategy;
	uint32_t	n = compiled->router->nshards;
	bool	   *serves = test_alloc(n * sizeof(bool));
	uint32_t	i;

	memset(serves, !strategy->sliced, n * sizeof(bool));
	for (i = 0; i < compiled->nslices; i++)
		serves[strategy->slice_shard(compiled, i)] = true;
	return serves;
}

/* Once a zone comes again, no shard follows that serves and is in a new one. */
static void
check_zones(const chash_compiled *compiled, const uint32_t *places)
{
	uint32_t	n = compiled->router->nshards;
	bool	   *serves = shards_that_serve(compiled);
	bool	   *seen = test_alloc(compiled->nzones * sizeof(bool));
	bool		again = false;
	uint32_t	i;

	memset(seen, 0, compiled->nzones * sizeof(bool));
	for (i = 0; i < n; i++)
	{
		uint32_t	zone = compiled->zone ? compiled->zone[places[i]] : places[i];

		CHECK(zone < compiled->nzones);
		CHECK(!again || seen[zone] || !serves[places[i]]);
		again = again || seen[zone];
		seen[zone] = true;
	}
	chash_release(&test_host, serves);
	chash_release(&test_host, seen);
}

/*
 * All shards in the order in which a position prefers them, its own first;
 * fewer of them are the beginning of that.
 */
static void
check_replicas(const chash_compiled *compiled, chash_uint position, uint32_t pin)
{
	const chash_router *router = compiled->router;
	uint32_t	n = router->nshards;
	uint32_t	fewer = 1 + test_below(n);
	uint32_t   *places = test_alloc(n * sizeof(uint32_t));
	uint32_t   *first = test_alloc(fewer * sizeof(uint32_t));
	bool	   *seen = test_alloc(n * sizeof(bool));
	size_t		blocks = test_live_blocks();
	chash_error error;
	uint32_t	i;

	memset(seen, 0, n * sizeof(bool));
	if (chash_replicas(compiled, &test_host, &position, pin, n, places, &error))
	{
		for (i = 0; i < n; i++)
		{
			CHECK(places[i] < n && !seen[places[i]]);
			seen[places[i]] = true;
		}
		CHECK(places[0] == (pin == CHASH_NOT_PINNED ? fixture_route(compiled, position) : pin));
		CHECK(chash_replicas(compiled, &test_host, &position, pin, fewer, first, &error));
		CHECK(memcmp(first, places, fewer * sizeof(uint32_t)) == 0);
		if (!router->strategy->copy)
			check_zones(compiled, places);
		for (i = 0; router->strategy->copy && pin == CHASH_NOT_PINNED && i < router->p.replicas; i++)
			CHECK(places[i] == router->strategy->copy(compiled, fixture_lookup(compiled, position), i));
	}
	else
		CHECK(!router->strategy->sliced && !router->strategy->prefer);
	CHECK(test_live_blocks() == blocks);
	chash_release(&test_host, places);
	chash_release(&test_host, first);
	chash_release(&test_host, seen);
}

/* The short way and the long one lead to the same shard. */
static void
check_position(const chash_compiled *compiled, chash_uint position)
{
	const chash_strategy *strategy = compiled->router->strategy;
	uint32_t	shard = fixture_route(compiled, position);

	CHECK(shard == strategy->slice_shard(compiled, fixture_lookup(compiled, position)));
	check_replicas(compiled, position, CHASH_NOT_PINNED);
	if (strategy->prefer)
	{
		uint32_t   *places = strategy->prefer(compiled, &test_host, &position);

		CHECK(!places || places[0] == shard);
		if (places)
			chash_release(&test_host, places);
	}
}

static void
check_pins(const chash_compiled *compiled)
{
	const chash_router *router = compiled->router;
	uint32_t	i;

	CHECK((compiled->pins != NULL) == (router->npins > 0));
	for (i = 0; i < router->npins; i++)
	{
		const chash_pin *pin = &router->pins[i];
		bool		found;

		CHECK(chash_pins_find(compiled->pins, pin->key, strlen(pin->key)) == pin->shard);
		CHECK(chash_router_find_pin(router, pin->key, &found) == i && found);
		CHECK(chash_router_takes(router, pin->key));
	}
	if (router->npins > 0)
		check_replicas(compiled, random_position(router->bits), router->pins[0].shard);
}

/* A ring of chash's own rules answers as one that is searched point by point. */
static void
check_against_naive(const chash_compiled *compiled)
{
	const chash_router *router = compiled->router;
	const chash_dialect *dialect = router->dialect;
	chash_hash_code hash = router->hash ? router->hash->code : 0;
	naive_ring *ring;
	uint32_t	i;

	if (router->strategy != &chash_strategy_ring || dialect != chash_dialect_default() ||
		compiled->nslices > 200 || router->p.digest_points != 1 || strlen(router->p.label) > 100 ||
		(hash != CHASH_HASH_XXH3 && hash != CHASH_HASH_XXH64 && hash != CHASH_HASH_SHA1 &&
		 hash != CHASH_HASH_MD5 && hash != CHASH_HASH_SHA256 && hash != CHASH_HASH_SIPHASH24))
		return;
	for (i = 0; i < router->nshards; i++)
	{
		double		points = router->p.vnodes * router->shards[i].weight;

		if (points != (uint32_t) points || points < 1 || strlen(router->shards[i].name) > 50)
			return;
	}
	ring = naive_ring_of(router);
	for (i = 0; i < POSITIONS; i++)
	{
		chash_uint	position = random_position(router->bits);

		if (i % 2 == 1)
			position = fixture_slice(compiled, test_below(compiled->nslices))->first;
		CHECK(fixture_route(compiled, position) == naive_lookup(ring, position)->shard);
	}
}

void
use_router(const chash_router *router)
{
	chash_compiled *compiled;
	chash_error error;
	size_t		bytes;
	uint32_t	i;

	if (!is_affordable(router))
		return;
	compiled = test_alloc(sizeof(*compiled));
	bytes = test_live_bytes();
	CHECK(chash_compile(compiled, router, &test_host, &error));

	/* the cache of the server reckons with it */
	CHECK(test_live_bytes() - bytes == compiled->memory);
	CHECK(router->strategy->sliced ? compiled->nslices >= 1 : compiled->nslices == 0);
	if (router->strategy->sliced)
		check_slices(compiled);
	if (router->strategy->hashed)
	{
		check_position(compiled, chash_uint_from(0));
		check_position(compiled, minus(compiled->space, 1));
		for (i = 0; i < POSITIONS; i++)
			check_position(compiled, random_position(router->bits));
		check_pins(compiled);
		check_against_naive(compiled);
	}
}
