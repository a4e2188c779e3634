/*
 * reshard_plan.c
 *		chash_reshard_plan: what a change of a router will do, before it is made
 *		and while it is under way.
 *
 * Nothing is changed, and no lock is taken but ACCESS SHARE.  Rows are counted
 * as the mover will find them, in the partitions, one after the other.
 */
#include "reshard/plan.h"

#include "language/named.h"
#include "language/naming.h"
#include "reshard/options.h"
#include "reshard/reshardable.h"
#include "reshard/target.h"
#include "table/leaves.h"

#include "executor/spi.h"
#include "storage/lmgr.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(chash_reshard_plan);

/* The places of the arguments. */
enum
{
	ARG_ROUTER, ARG_TARGET, ARG_ADD, ARG_REMOVE, ARG_REWEIGHT, ARG_WEIGHT, ARG_ZONE, ARG_BOUND,
	ARG_MAX_LOCK, ARG_LOCK_TIMEOUT, ARG_PAUSE, ARG_CONCURRENTLY
};

/* ---- the result ---- */

chash_plan_row
chash_plan_row_of(const char *item, const char *kind, Oid relation)
{
	chash_plan_row row = {0};

	row.item = item;
	row.kind = kind;
	row.relation = relation;
	row.rows = row.bytes = row.times = row.duration = CHASH_PLAN_NONE;
	return row;
}

static Datum
text_or_null(const char *text, bool *isnull)
{
	*isnull = text == NULL;
	return text ? CStringGetTextDatum(text) : (Datum) 0;
}

static Datum
count_or_null(int64 count, bool *isnull)
{
	*isnull = count == CHASH_PLAN_NONE;
	return Int64GetDatum(count);
}

static Datum
interval_or_null(int64 duration, bool *isnull)
{
	Interval   *interval = palloc0(sizeof(*interval));

	*isnull = duration == CHASH_PLAN_NONE;
	interval->time = duration;
	return IntervalPGetDatum(interval);
}

/*
 * (item text, kind text, relation regclass, source text, target text, rows bigint, bytes bigint,
 *	times bigint, duration interval, detail text)
 */
void
chash_plan_add(chash_plan *plan, const chash_plan_row *row)
{
	Datum		values[10];
	bool		nulls[10];

	values[0] = text_or_null(row->item, &nulls[0]);
	values[1] = text_or_null(row->kind, &nulls[1]);
	values[2] = ObjectIdGetDatum(row->relation);
	nulls[2] = !OidIsValid(row->relation);
	values[3] = text_or_null(row->source, &nulls[3]);
	values[4] = text_or_null(row->target, &nulls[4]);
	values[5] = count_or_null(row->rows, &nulls[5]);
	values[6] = count_or_null(row->bytes, &nulls[6]);
	values[7] = count_or_null(row->times, &nulls[7]);
	values[8] = interval_or_null(row->duration, &nulls[8]);
	values[9] = text_or_null(row->detail, &nulls[9]);
	chash_rows_add(&plan->result, values, nulls);
}

/* ---- the change that is meant ---- */

static NullableDatum
argument(FunctionCallInfo fcinfo, int argno)
{
	return fcinfo->args[argno];
}

/* Exactly one of the four, or none if a change is under way. */
static void
check_change(FunctionCallInfo fcinfo, bool under_way)
{
	int			given = !PG_ARGISNULL(ARG_TARGET) + !PG_ARGISNULL(ARG_ADD) +
		!PG_ARGISNULL(ARG_REMOVE) + !PG_ARGISNULL(ARG_REWEIGHT);

	if (given > 1 || (given == 0 && !under_way))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 given == 0 ?
				 errmsg("no change of router \"%s\" is given, and none is under way",
						get_func_name(PG_GETARG_OID(ARG_ROUTER))) :
				 errmsg("more than one change of router \"%s\" is given",
						get_func_name(PG_GETARG_OID(ARG_ROUTER))),
				 errhint("Give one of the arguments \"target\", \"add\", \"remove\" and \"reweight\".")));
	if (!PG_ARGISNULL(ARG_REWEIGHT) && PG_ARGISNULL(ARG_WEIGHT))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"reweight\" needs the argument \"weight\"")));
	if (PG_ARGISNULL(ARG_ADD) && (!PG_ARGISNULL(ARG_ZONE) || !PG_ARGISNULL(ARG_BOUND)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" goes with a shard that is added",
						PG_ARGISNULL(ARG_ZONE) ? "bound" : "zone")));
	if (PG_ARGISNULL(ARG_ADD) && PG_ARGISNULL(ARG_REWEIGHT) && !PG_ARGISNULL(ARG_WEIGHT))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"weight\" goes with a shard that is added or reweighted")));
}

/* The router that is asked for; NULL if none is. */
static struct varlena *
find_target(FunctionCallInfo fcinfo)
{
	Oid			router = PG_GETARG_OID(ARG_ROUTER);
	NullableDatum added[] = {
		argument(fcinfo, ARG_ADD), argument(fcinfo, ARG_WEIGHT),
		argument(fcinfo, ARG_ZONE), argument(fcinfo, ARG_BOUND)
	};
	NullableDatum removed[] = {argument(fcinfo, ARG_REMOVE)};
	NullableDatum reweighted[] = {argument(fcinfo, ARG_REWEIGHT), argument(fcinfo, ARG_WEIGHT)};

	if (!PG_ARGISNULL(ARG_ADD))
		return chash_target_by(router, chash_add, CHASH_ADD_ARGUMENTS, added, lengthof(added));
	if (!PG_ARGISNULL(ARG_REMOVE))
		return chash_target_by(router, chash_remove, CHASH_REMOVE_ARGUMENTS, removed, lengthof(removed));
	if (!PG_ARGISNULL(ARG_REWEIGHT))
		return chash_target_by(router, chash_reweight, CHASH_REWEIGHT_ARGUMENTS, reweighted,
							   lengthof(reweighted));
	return PG_ARGISNULL(ARG_TARGET) ? NULL : PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(ARG_TARGET));
}

static void
find_change(chash_plan *plan, FunctionCallInfo fcinfo)
{
	const chash_version *now = &chash_named_get(plan->router)->version;
	struct varlena *target;

	plan->under_way = now->after != NULL;
	check_change(fcinfo, plan->under_way);
	target = find_target(fcinfo);
	now = &chash_named_get(plan->router)->version;
	plan->passed = now->passed;
	plan->before = chash_cache_hold(now->entry);
	plan->after = chash_target_of(plan->router, now, target);
}

/* ---- its tables ---- */

static void
find_partitions(const chash_plan *plan, chash_plan_table *table)
{
	Bitmapset  *ids = chash_ids_of(plan->after->router);
	ListCell   *cell;

	table->leaves = chash_leaves_of(table->routed.table, AccessShareLock);
	table->gets_partition = !bms_is_subset(ids, chash_remainders_of(table->leaves));
	foreach(cell, table->leaves)
	{
		if (!bms_is_member((int) ((chash_leaf *) lfirst(cell))->remainder, ids))
			table->loses_partition = true;
	}
}

/* What is partitioned in a way that cannot be moved is refused, and has nothing to count. */
static void
find_tables(chash_plan *plan)
{
	ListCell   *cell;

	foreach(cell, chash_tables_of_router(plan->router))
	{
		chash_plan_table *table = palloc0(sizeof(*table));

		LockRelationOid(lfirst_oid(cell), AccessShareLock);
		if (!chash_get_routed(lfirst_oid(cell), &table->routed) ||
			table->routed.nkeys != 1 || table->routed.key == InvalidAttrNumber)
			continue;
		find_partitions(plan, table);
		plan->tables = lappend(plan->tables, table);
	}
}

static void
say_nothing(chash_plan *plan)
{
	chash_plan_row row = chash_plan_row_of("total", "all", InvalidOid);

	row.rows = row.bytes = 0;
	row.detail = psprintf("Router \"%s\" is that router already.", get_func_name(plan->router));
	chash_plan_add(plan, &row);
}

static void
say_all(chash_plan *plan)
{
	find_tables(plan);
	chash_plan_refusals(plan);
	chash_plan_rows(plan);
	chash_plan_costs(plan);
	chash_plan_locks(plan);
	chash_plan_waits(plan);
	chash_plan_warnings(plan);
}

/*
 * chash_reshard_plan(router regproc, target chash_router, "add" text, "remove" text,
 *	reweight text, weight float8, zone text, bound text, max_lock, lock_timeout, pause interval,
 *	concurrently boolean)
 */
Datum
chash_reshard_plan(PG_FUNCTION_ARGS)
{
	chash_plan	plan = {0};

	if (PG_ARGISNULL(ARG_ROUTER))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"router\" must not be null")));
	plan.router = PG_GETARG_OID(ARG_ROUTER);
	plan.max_lock = chash_microseconds(fcinfo, ARG_MAX_LOCK, "max_lock");
	plan.lock_timeout = chash_microseconds(fcinfo, ARG_LOCK_TIMEOUT, "lock_timeout");
	plan.pause = chash_microseconds(fcinfo, ARG_PAUSE, "pause");
	plan.concurrently = PG_ARGISNULL(ARG_CONCURRENTLY) || PG_GETARG_BOOL(ARG_CONCURRENTLY);
	chash_check_router_owner(plan.router);
	plan.result = chash_rows_begin(fcinfo);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	find_change(&plan, fcinfo);
	if (!plan.under_way && plan.after == plan.before)
		say_nothing(&plan);
	else
		say_all(&plan);
	SPI_finish();
	return (Datum) 0;
}
