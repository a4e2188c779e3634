/*
 * slots.c
 *		Slots: those given by hand, chash_assign and chash_rebalance, and
 *		chash_slot, the slot of a key.
 */
#include "router/given_slots.h"
#include "router/overloads.h"

#include "router/position.h"
#include "router/server.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(chash_assign);
PG_FUNCTION_INFO_V1(chash_rebalance);

void
chash_check_has_slots(const chash_router *router)
{
	if (router->strategy != &chash_strategy_slots)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("strategy \"%s\" has no slots that can be assigned",
						router->strategy->name),
				 errhint("chash_slots makes a router that has.")));
}

void
chash_give_slots(chash_router *router, const chash_given_slots *given)
{
	chash_error error;
	bool		any = false;
	uint32		i;
	int			copy;

	for (i = 0; given && i < router->nshards; i++)
		any = any || given[i].count > 0;
	if (!any)
		return;
	chash_check_has_slots(router);

	/* to name shards in errors they must have names, which is validated later */
	for (i = 0; i < router->nshards; i++)
	{
		if (!router->shards[i].name)
			return;
	}
	chash_router_complete_parameters(router);
	if (!chash_slots_begin(router, &chash_server_host, &error))
		chash_report(&error);
	for (i = 0; i < router->nshards; i++)
	{
		if (given[i].count > (int) router->p.replicas)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("shard \"%s\" is given slots of %d replicas, but slots have %u",
							chash_from_utf8(router->shards[i].name), given[i].count,
							router->p.replicas),
					 errhint("Say how many replicas there are: \"replicas\".")));
		for (copy = 0; copy < given[i].count; copy++)
		{
			if (!chash_slots_give(router, i, copy, given[i].texts[copy], true, &chash_server_host,
								  &error))
				chash_report(&error);
		}
	}
	if (!chash_slots_check_covered(router, &error))
		chash_report(&error);
}

static chash_router *
get_slots_router(FunctionCallInfo fcinfo)
{
	chash_router *router = chash_value_open(PG_GETARG_ROUTER(0));

	chash_check_has_slots(router);
	return router;
}

/* chash_assign(router, shard, slots, replica) */
Datum
chash_assign(PG_FUNCTION_ARGS)
{
	chash_router *router = get_slots_router(fcinfo);
	uint32		place = chash_find_shard(router, chash_to_utf8(text_to_cstring(PG_GETARG_TEXT_PP(1))));
	char	   *slots = chash_to_utf8(text_to_cstring(PG_GETARG_TEXT_PP(2)));
	int32		replica = PG_GETARG_INT32(3);
	chash_error error;

	if (replica < 1 || replica > (int32) router->p.replicas)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("replica must be between 1 and %u, not %d", router->p.replicas, replica)));
	if (!chash_slots_give(router, place, replica - 1, slots, false, &chash_server_host, &error))
		chash_report(&error);
	PG_RETURN_POINTER(chash_value_make(router));
}

/* chash_rebalance(router) */
Datum
chash_rebalance(PG_FUNCTION_ARGS)
{
	chash_router *router = get_slots_router(fcinfo);

	chash_slots_rebalance(router, CHASH_EVERYBODY, &chash_server_host);
	PG_RETURN_POINTER(chash_value_make(router));
}

/* The slot of a key, in strategies that have a table of them. */
static Datum
slot_of(FunctionCallInfo fcinfo, chash_key_kind kind)
{
	chash_entry *entry = chash_call_router(fcinfo, 0);
	const chash_strategy *strategy = entry->router->strategy;
	chash_uint	position;

	if (!strategy->periodic || strategy->defaults.slots == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("strategy \"%s\" has no slots", strategy->name),
				 errhint("chash_position(router, key) is where the key is.")));
	position = chash_entry_position(entry, kind, PG_GETARG_DATUM(1));
	PG_RETURN_INT32((int32) strategy->lookup(&entry->compiled, &position));
}

CHASH_KEY_OVERLOADS(chash_slot, slot_of)
