/*
 * target.c
 *		The router that a change leads to: by the algebra, and with ids that go
 *		with the partitions that are there.
 */
#include "reshard/target.h"

#include "language/named.h"
#include "router/server.h"

#include "utils/lsyscache.h"

/* A shard keeps its id; new ones get ids that neither router uses. */
static void
take_over_ids(chash_router *after, const chash_router *before)
{
	const chash_shard **sorted = chash_router_sort_by_name(before, &chash_server_host);
	bool	   *used = palloc0((CHASH_MAX_ID + 1) * sizeof(bool));
	uint32		next = 1;
	uint32		i;

	for (i = 0; i < before->nshards; i++)
		used[before->shards[i].id] = true;
	for (i = 0; i < after->nshards; i++)
	{
		const chash_shard *same = chash_find_by_name(sorted, before->nshards,
													 after->shards[i].name);

		if (same)
		{
			after->shards[i].id = same->id;
			continue;
		}
		while (next <= CHASH_MAX_ID && used[next])
			next++;
		if (next > CHASH_MAX_ID)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("there are no ids left for new shards")));
		used[next] = true;
		after->shards[i].id = next;
	}
	pfree(used);
	pfree(sorted);
}

static chash_entry *
hold_with_ids(const struct varlena *target, const chash_router *before)
{
	chash_router *after = chash_value_open(target);

	take_over_ids(after, before);
	return chash_cache_hold(chash_cache_get(chash_value_make(after)));
}

chash_entry *
chash_target_of(Oid router, const chash_version *now, const struct varlena *target)
{
	chash_entry *after;

	if (!now->after)
		return target ? hold_with_ids(target, now->entry->router) : chash_cache_hold(now->entry);

	after = chash_cache_hold(now->after);
	if (target && hold_with_ids(target, now->entry->router) != after)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("router \"%s\" is being changed to another router", get_func_name(router)),
				 errhint("CALL chash_reshard without a target to finish that change, "
						 "or CALL chash_reshard_back to take it back.")));
	return after;
}

struct varlena *
chash_target_by(Oid router, PGFunction function, int nargs, const NullableDatum *given, int ngiven)
{
	LOCAL_FCINFO(call, CHASH_ADD_ARGUMENTS);
	const chash_version *now = &chash_named_get(router)->version;
	int			i;

	if (now->after)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("router \"%s\" is being changed", get_func_name(router)),
				 errhint("CALL chash_reshard without a target to finish that change, "
						 "or CALL chash_reshard_back to take it back.")));
	InitFunctionCallInfoData(*call, NULL, nargs, InvalidOid, NULL, NULL);
	call->args[0].value = PointerGetDatum(now->entry->value);
	call->args[0].isnull = false;
	for (i = 1; i < nargs; i++)
	{
		call->args[i].isnull = i > ngiven || given[i - 1].isnull;
		call->args[i].value = call->args[i].isnull ? (Datum) 0 : given[i - 1].value;
	}
	return (struct varlena *) DatumGetPointer(function(call));
}
