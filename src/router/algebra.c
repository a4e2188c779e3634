/*
 * algebra.c
 *		chash_add, chash_remove and chash_reweight: a new router from an old
 *		one.  The shards that stay keep their order and their ids.
 */
#include "router/value.h"

#include "core/slots.h"
#include "router/bounds.h"
#include "router/given_slots.h"
#include "router/server.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(chash_add);
PG_FUNCTION_INFO_V1(chash_remove);
PG_FUNCTION_INFO_V1(chash_reweight);

static bool
is_range(const chash_router *router)
{
	return router->strategy == &chash_strategy_range;
}

static char *
get_utf8(FunctionCallInfo fcinfo, int argno)
{
	return chash_to_utf8(text_to_cstring(PG_GETARG_TEXT_PP(argno)));
}

static bool
is_slots(const chash_router *router)
{
	return router->strategy == &chash_strategy_slots;
}

/* The shards from a place on have moved by one up or down; so do their tokens and pins. */
static void
move_places(chash_router *router, uint32 place, int by)
{
	uint32		i;

	for (i = 0; i < router->ntokens; i++)
	{
		if (router->tokens[i].shard >= place)
			router->tokens[i].shard += by;
	}
	for (i = 0; i < router->npins; i++)
	{
		if (router->pins[i].shard >= place)
			router->pins[i].shard += by;
	}
}

static void
insert_shard(chash_router *router, uint32 place, chash_shard shard)
{
	chash_shard *shards = palloc((router->nshards + 1) * sizeof(chash_shard));

	memcpy(shards, router->shards, place * sizeof(chash_shard));
	shards[place] = shard;
	memcpy(shards + place + 1, router->shards + place,
		   (router->nshards - place) * sizeof(chash_shard));
	router->shards = shards;
	router->nshards++;
	move_places(router, place, 1);
}

/* A key was pinned to a shard for a reason, and would silently go elsewhere. */
static void
refuse_if_pinned_to(const chash_router *router, uint32 place)
{
	uint32		i;

	for (i = 0; i < router->npins; i++)
	{
		if (router->pins[i].shard == place)
			ereport(ERROR,
					(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
					 errmsg("shard \"%s\" cannot be removed, because key \"%s\" is pinned to it",
							chash_from_utf8(router->shards[place].name),
							chash_from_utf8(router->pins[i].key)),
					 errhint("Pin the key to another shard with chash_pin, or free it with chash_unpin.")));
	}
}

static void
remove_tokens(chash_router *router, uint32 place)
{
	uint32		kept = 0;
	uint32		i;

	for (i = 0; i < router->ntokens; i++)
	{
		if (router->tokens[i].shard != place)
			router->tokens[kept++] = router->tokens[i];
	}
	router->ntokens = kept;
}

/* Cut the interval that the bound lies in; returns the place of the new one. */
static uint32
insert_bound(chash_router *router, char *bound)
{
	chash_bounds *compiled = chash_bounds_compile(router);
	int			place = chash_bounds_interval(compiled, CHASH_KIND_TEXT,
											  CStringGetTextDatum(chash_from_utf8(bound)));
	const char **bounds = palloc((router->nbounds + 1) * sizeof(char *));

	memcpy(bounds, router->bounds, place * sizeof(char *));
	bounds[place] = bound;
	memcpy(bounds + place + 1, router->bounds + place,
		   (router->nbounds - place) * sizeof(char *));
	router->bounds = bounds;
	router->nbounds++;
	return place + 1;
}

/* A new shard takes the slots that are named, or as many as its weight is worth. */
static void
take_slots(chash_router *router, uint32 place, const char *slots)
{
	chash_error error;

	if (!slots)
		chash_slots_rebalance(router, place, &chash_server_host);
	else if (!chash_slots_give(router, place, 0, slots, false, &chash_server_host, &error))
		chash_report(&error);
}

/* chash_add(router, shard, weight, zone, bound, tokens, slots) */
Datum
chash_add(PG_FUNCTION_ARGS)
{
	chash_router *router;
	chash_shard shard = {0};
	uint32		place;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the name of the shard must not be null")));
	router = chash_value_open(PG_GETARG_ROUTER(0));
	shard.name = get_utf8(fcinfo, 1);
	shard.weight = PG_ARGISNULL(2) ? 1 : PG_GETARG_FLOAT8(2);
	shard.zone = PG_ARGISNULL(3) ? NULL : get_utf8(fcinfo, 3);
	shard.id = chash_router_free_id(router, &chash_server_host);

	if (is_range(router) && PG_ARGISNULL(4))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("shard \"%s\" of a range router needs a bound", chash_from_utf8(shard.name)),
				 errhint("Give its first key: chash_add(router, shard, bound => '...'). "
						 "The shard takes the keys from there to the next bound.")));
	if (!is_range(router) && !PG_ARGISNULL(4))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("strategy \"%s\" has no bounds", router->strategy->name)));
	if (!PG_ARGISNULL(6))
		chash_check_has_slots(router);

	place = is_range(router) ? insert_bound(router, get_utf8(fcinfo, 4)) : router->nshards;
	insert_shard(router, place, shard);
	if (!PG_ARGISNULL(5))
		chash_add_tokens(router, place, get_utf8(fcinfo, 5));
	if (is_slots(router))
		take_slots(router, place, PG_ARGISNULL(6) ? NULL : get_utf8(fcinfo, 6));
	PG_RETURN_POINTER(chash_value_make(router));
}

/*
 * chash_remove(router, shard).  In a range router the neighbour below takes
 * the keys of a shard, that of the first the neighbour above.  Slots go to all
 * others by their weights.  Strategies that number their shards can lose only
 * the last one.
 */
Datum
chash_remove(PG_FUNCTION_ARGS)
{
	chash_router *router = chash_value_open(PG_GETARG_ROUTER(0));
	char	   *name = get_utf8(fcinfo, 1);
	uint32		place = chash_find_shard(router, name);
	chash_error error;

	if (router->nshards == 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the only shard \"%s\" cannot be removed", chash_from_utf8(name)),
				 errhint("Add another shard first.")));
	if (router->strategy->can_remove && !router->strategy->can_remove(router, place, &error))
		chash_report(&error);
	refuse_if_pinned_to(router, place);
	remove_tokens(router, place);
	move_places(router, place, -1);
	memmove(router->shards + place, router->shards + place + 1,
			(router->nshards - place - 1) * sizeof(chash_shard));
	router->nshards--;
	if (is_range(router))
	{
		uint32		bound = place > 0 ? place - 1 : 0;

		memmove(router->bounds + bound, router->bounds + bound + 1,
				(router->nbounds - bound - 1) * sizeof(char *));
		router->nbounds--;
	}
	if (is_slots(router))
	{
		chash_slots_remove_place(router, place);
		chash_slots_rebalance(router, CHASH_NOBODY, &chash_server_host);
	}
	PG_RETURN_POINTER(chash_value_make(router));
}

/* chash_reweight(router, shard, weight) */
Datum
chash_reweight(PG_FUNCTION_ARGS)
{
	chash_router *router = chash_value_open(PG_GETARG_ROUTER(0));
	uint32		place = chash_find_shard(router, get_utf8(fcinfo, 1));

	router->shards[place].weight = PG_GETARG_FLOAT8(2);
	if (is_slots(router))
		chash_slots_rebalance(router, place, &chash_server_host);
	PG_RETURN_POINTER(chash_value_make(router));
}
