/*
 * looking.c
 *		Looking at a router: chash_routing_table, chash_arcs, chash_balance.
 */
#include "router/call.h"

#include "core/sample.h"
#include "router/server.h"
#include "router/srf.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(chash_routing_table);
PG_FUNCTION_INFO_V1(chash_arcs);
PG_FUNCTION_INFO_V1(chash_balance);

/*
 * Rows are made in a context that is emptied after each, because a ring can
 * have millions of them.
 */
static MemoryContext
make_row_context(void)
{
	return AllocSetContextCreate(CurrentMemoryContext, "chash row", ALLOCSET_DEFAULT_SIZES);
}

/* A router whose slices can be listed. */
static chash_entry *
get_sliced_router(FunctionCallInfo fcinfo)
{
	chash_entry *entry = chash_call_router(fcinfo, 0);
	const chash_strategy *strategy = entry->router->strategy;

	if (!strategy->sliced)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("strategy \"%s\" does not cut the positions into ranges", strategy->name),
				 errdetail("It computes the shard of each position anew."),
				 errhint("chash_balance(router) estimates what each shard serves.")));
	return entry;
}

/* (first_position numeric, vnode text, shard text, width numeric) */
Datum
chash_routing_table(PG_FUNCTION_ARGS)
{
	chash_entry *entry = get_sliced_router(fcinfo);
	const chash_compiled *compiled = &entry->compiled;
	const chash_strategy *strategy = entry->router->strategy;
	chash_rows	rows = chash_rows_begin(fcinfo);
	MemoryContext context = make_row_context();
	MemoryContext old_context = MemoryContextSwitchTo(context);
	uint32		i;

	for (i = 0; i < compiled->nslices; i++)
	{
		Datum		values[4];
		bool		nulls[4] = {false};
		char	   *vnode = palloc(CHASH_VNODE_TEXT);
		chash_slice slice;

		strategy->slice(compiled, i, &slice);
		strategy->vnode(compiled, i, vnode);
		values[0] = chash_uint_get_numeric(&slice.first);
		values[1] = CStringGetTextDatum(chash_from_utf8(vnode));
		values[2] = entry->names[slice.shard];
		values[3] = chash_uint_get_numeric(&slice.width);
		chash_rows_add(&rows, values, nulls);
		MemoryContextReset(context);
	}
	MemoryContextSwitchTo(old_context);
	return (Datum) 0;
}

/* (first_position numeric, shard text, width numeric) */
Datum
chash_arcs(PG_FUNCTION_ARGS)
{
	chash_entry *entry = get_sliced_router(fcinfo);
	const chash_compiled *compiled = &entry->compiled;
	const chash_strategy *strategy = entry->router->strategy;
	chash_rows	rows = chash_rows_begin(fcinfo);
	MemoryContext context = make_row_context();
	MemoryContext old_context = MemoryContextSwitchTo(context);
	uint32		i;
	uint32		merged;

	for (i = 0; i < compiled->nslices; i += merged)
	{
		Datum		values[3];
		bool		nulls[3] = {false};
		chash_slice arc;

		strategy->slice(compiled, i, &arc);
		for (merged = 1; i + merged < compiled->nslices; merged++)
		{
			chash_slice slice;

			strategy->slice(compiled, i + merged, &slice);
			if (slice.shard != arc.shard)
				break;
			arc.width = chash_uint_add(&arc.width, &slice.width);
		}
		values[0] = chash_uint_get_numeric(&arc.first);
		values[1] = entry->names[arc.shard];
		values[2] = chash_uint_get_numeric(&arc.width);
		chash_rows_add(&rows, values, nulls);
		MemoryContextReset(context);
	}
	MemoryContextSwitchTo(old_context);
	return (Datum) 0;
}

/* (shard text, weight float8, share float8, ideal_share float8, positions numeric) */
Datum
chash_balance(PG_FUNCTION_ARGS)
{
	chash_entry *entry = chash_call_router(fcinfo, 0);
	const chash_router *router = entry->router;
	chash_rows	rows = chash_rows_begin(fcinfo);
	bool		sliced = router->strategy->sliced;
	chash_uint *positions = palloc(router->nshards * sizeof(chash_uint));
	double	   *shares = palloc(router->nshards * sizeof(double));
	double		total_weight = chash_router_total_weight(router);
	uint32		i;

	if (sliced)
		chash_count_positions(&entry->compiled, positions);
	else
		chash_sample_shares(&entry->compiled, &chash_server_host, shares);
	for (i = 0; i < router->nshards; i++)
	{
		Datum		values[5];
		bool		nulls[5] = {false};

		values[0] = entry->names[i];
		values[1] = Float8GetDatum(router->shards[i].weight);
		values[2] = Float8GetDatum(sliced ? chash_uint_ratio(&positions[i], &entry->compiled.space) :
								   shares[i]);
		values[3] = Float8GetDatum(router->shards[i].weight / total_weight);
		values[4] = sliced ? chash_uint_get_numeric(&positions[i]) : (Datum) 0;
		nulls[4] = !sliced;

		/* how many keys lie between two bounds only a table can tell */
		nulls[2] = nulls[3] = !router->strategy->hashed;
		chash_rows_add(&rows, values, nulls);
	}
	return (Datum) 0;
}
