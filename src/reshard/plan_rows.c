/*
 * plan_rows.c
 *		Which rows a change of a router moves: counted in the partitions, where
 *		the mover will find them.
 *
 * Rows of one key move together, those of all tables.  So the slices of all
 * rows that move are sorted, which needs no more memory than any sort, and the
 * most frequent one is looked for again to name its key.
 */
#include "reshard/plan.h"

#include "language/version.h"
#include "router/position.h"
#include "table/leaves.h"

#include <math.h>

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/tuplesort.h"

/* Of a long key so many bytes are shown. */
#define KEY_BYTES		60

/* A key that moves. */
typedef struct mover
{
	chash_key_kind kind;
	Datum		key;
	int64		slice;
	uint32		target;			/* the place of its shard */
} mover;

/* What is done with each one; true to go on. */
typedef bool (*visit) (void *argument, const mover *mover);

typedef struct reader
{
	const chash_plan *plan;
	const chash_plan_table *table;
	Snapshot	snapshot;
	MemoryContext row;			/* reset for each */
	visit		visit;
	void	   *argument;
} reader;

/* ---- reading ---- */

/* The place of the shard of a partition in the router that rows leave; -1 if it has none. */
static int
place_of_leaf(const chash_plan *plan, const chash_leaf *leaf)
{
	const chash_router *before = plan->before->router;
	uint32		i;

	for (i = 0; i < before->nshards; i++)
	{
		if (before->shards[i].id == leaf->remainder)
			return (int) i;
	}
	return -1;
}

/* Whether the mover, when it comes to this key in this partition, moves it. */
static bool
moves(const chash_plan *plan, const chash_leaf *leaf, mover *mover)
{
	const chash_shard *to;
	uint32		from;

	chash_entry_shards(plan->before, plan->after, mover->kind, mover->key, &from, &mover->target);
	to = &plan->after->router->shards[mover->target];
	if (to->id == leaf->remainder || strcmp(plan->before->router->shards[from].name, to->name) == 0)
		return false;
	mover->slice = chash_slice_of(mover->kind, mover->key);
	return mover->slice >= plan->passed;
}

static bool
visit_row(const reader *reader, const chash_leaf *leaf, mover *mover)
{
	MemoryContext old_context = MemoryContextSwitchTo(reader->row);
	bool		go_on = true;

	CHECK_FOR_INTERRUPTS();
	if (moves(reader->plan, leaf, mover))
		go_on = reader->visit(reader->argument, mover);
	MemoryContextSwitchTo(old_context);
	MemoryContextReset(reader->row);
	return go_on;
}

/* Visit what moves from a partition; the number of all its rows that were read. */
static int64
read_leaf(const reader *reader, const chash_leaf *leaf)
{
	Relation	relation = table_open(leaf->table, AccessShareLock);
	AttrNumber	key = get_attnum(leaf->table, get_attname(reader->table->routed.table,
														  reader->table->routed.key, false));
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	TableScanDesc scan = table_beginscan(relation, reader->snapshot, 0, NULL);
	mover		mover = {0};
	int64		rows = 0;
	bool		go_on = true;
	bool		isnull;

	mover.kind = chash_key_kind_of_type(get_atttype(leaf->table, key));
	while (go_on && table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		mover.key = slot_getattr(slot, key, &isnull);
		rows++;
		if (!isnull)
			go_on = visit_row(reader, leaf, &mover);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	table_close(relation, NoLock);
	return rows;
}

/* Rows leave only ordinary tables, those of the shards that there were before. */
static bool
is_source(const chash_plan *plan, const chash_leaf *leaf)
{
	return place_of_leaf(plan, leaf) >= 0 && get_rel_relkind(leaf->table) == RELKIND_RELATION &&
		!isOtherTempNamespace(get_rel_namespace(leaf->table));
}

/* Who cannot read all rows gets an error, and not a count of some. */
static void
check_readable(const chash_plan_table *table)
{
	Oid			oid = table->routed.table;
	int			guc_level = NewGUCNestLevel();

	if (pg_class_aclcheck(oid, GetUserId(), ACL_SELECT) != ACLCHECK_OK &&
		pg_attribute_aclcheck(oid, table->routed.key, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, get_rel_name(oid));
	(void) set_config_option("row_security", "off", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	(void) check_enable_rls(oid, InvalidOid, false);
	AtEOXact_GUC(false, guc_level);
}

/* ---- counting ---- */

typedef struct counter
{
	int64	   *moved;			/* by place of the target */
	Tuplesortstate *slices;
} counter;

static bool
count_mover(void *argument, const mover *mover)
{
	counter    *counter = argument;

	counter->moved[mover->target]++;
	tuplesort_putdatum(counter->slices, Int64GetDatum(mover->slice), false);
	return true;
}

static int64
function_of_table(PGFunction function, Oid table)
{
	return DatumGetInt64(DirectFunctionCall1(function, ObjectIdGetDatum(table)));
}

static const char *
shard_name(const chash_entry *entry, uint32 place)
{
	return text_to_cstring(DatumGetTextPP(entry->names[place]));
}

static void
count_leaf(chash_plan *plan, chash_plan_table *table, const chash_leaf *leaf, reader *reader)
{
	counter    *counter = reader->argument;
	int64		rows;
	double		bytes;
	double		index_bytes;
	uint32		i;

	memset(counter->moved, 0, plan->after->router->nshards * sizeof(int64));
	rows = read_leaf(reader, leaf);
	table->rows += rows;
	table->pages += function_of_table(pg_table_size, leaf->table) / BLCKSZ;
	bytes = rows == 0 ? 0 : (double) function_of_table(pg_table_size, leaf->table) / rows;
	index_bytes = rows == 0 ? 0 : (double) function_of_table(pg_indexes_size, leaf->table) / rows;
	for (i = 0; i < plan->after->router->nshards; i++)
	{
		chash_plan_row row = chash_plan_row_of("move", NULL, table->routed.table);

		if (counter->moved[i] == 0)
			continue;
		row.source = shard_name(plan->before, place_of_leaf(plan, leaf));
		row.target = shard_name(plan->after, i);
		row.rows = counter->moved[i];
		row.bytes = (int64) (bytes * row.rows);
		chash_plan_add(plan, &row);
		table->moved += row.rows;
		table->bytes += row.bytes;
		table->index_bytes += index_bytes * row.rows;
	}
}

static int
count_indexes(Oid table)
{
	Relation	relation = table_open(table, AccessShareLock);
	int			count = list_length(RelationGetIndexList(relation));

	table_close(relation, NoLock);
	return count;
}

static void
count_table(chash_plan *plan, chash_plan_table *table, reader *reader)
{
	chash_plan_row row = chash_plan_row_of("total", "table", table->routed.table);
	ListCell   *cell;

	check_readable(table);
	table->indexes = count_indexes(table->routed.table);
	reader->table = table;
	foreach(cell, table->leaves)
	{
		if (is_source(plan, lfirst(cell)))
			count_leaf(plan, table, lfirst(cell), reader);
	}
	row.rows = table->moved;
	row.bytes = table->bytes;
	row.detail = psprintf("%.2f %% of the " INT64_FORMAT " rows of the partitions that rows leave.",
						  table->rows == 0 ? 0 : 100.0 * table->moved / table->rows, table->rows);
	chash_plan_add(plan, &row);
	plan->rows += table->rows;
	plan->moved += table->moved;
	plan->bytes += table->bytes;
}

/* ---- the minimum ---- */

/* The share that has to move so that each shard has what its weight says. */
static double
least_share(const chash_plan *plan)
{
	const chash_router *before = plan->before->router;
	const chash_router *after = plan->after->router;
	double		total_before = chash_router_total_weight(before);
	double		total_after = chash_router_total_weight(after);
	const chash_shard **sorted = chash_router_sort_by_name(after, &chash_server_host);
	double		least = 0;
	uint32		i;

	for (i = 0; i < before->nshards; i++)
	{
		const chash_shard *shard = &before->shards[i];
		const chash_shard *same = chash_find_by_name(sorted, after->nshards, shard->name);
		double		kept = same ? same->weight / total_after : 0;

		least += Max(shard->weight / total_before - kept, 0);
	}
	pfree(sorted);
	return least;
}

static void
say_minimum(chash_plan *plan)
{
	chash_plan_row row = chash_plan_row_of("minimum", NULL, InvalidOid);

	/* where bounds are given, weights say nothing; and later it is too late */
	if (!plan->before->router->hash || !plan->after->router->hash || plan->under_way)
		return;
	row.rows = (int64) rint(least_share(plan) * plan->rows);
	row.detail = psprintf("%.2f %% of the rows: what any router with these weights has to move.",
						  100 * least_share(plan));
	chash_plan_add(plan, &row);
}

/* ---- the largest key ---- */

/* The most frequent slice, and the number of its rows, 0 if there are none. */
static int64
most_frequent(chash_plan *plan, Tuplesortstate *slices, int64 *slice)
{
	int64		last = -1;
	int64		rows = 0;
	int64		most = 0;
	Datum		value;
	bool		isnull;

	tuplesort_performsort(slices);
	while (chash_tuplesort_getdatum(slices, &value, &isnull))
	{
		CHECK_FOR_INTERRUPTS();
		if (DatumGetInt64(value) != last)
		{
			plan->keys++;
			rows = 0;
		}
		rows++;
		last = DatumGetInt64(value);
		if (rows > most)
		{
			most = rows;
			*slice = last;
		}
	}
	return most;
}

typedef struct search
{
	int64		slice;
	MemoryContext context;
	char	   *key;			/* NULL until it is found */
	uint32		target;
} search;

static bool
find_key(void *argument, const mover *mover)
{
	search	   *search = argument;
	MemoryContext old_context;

	if (mover->slice != search->slice)
		return true;
	old_context = MemoryContextSwitchTo(search->context);
	search->key = chash_key_text(mover->kind, mover->key, KEY_BYTES);
	search->target = mover->target;
	MemoryContextSwitchTo(old_context);
	return false;
}

/* Read on until a row of the slice is found. */
static void
search_table(const chash_plan *plan, const chash_plan_table *table, reader *reader,
			 chash_plan_row *row)
{
	search	   *search = reader->argument;
	ListCell   *cell;

	reader->table = table;
	foreach(cell, table->leaves)
	{
		const chash_leaf *leaf = lfirst(cell);

		if (search->key || !is_source(plan, leaf))
			continue;
		(void) read_leaf(reader, leaf);
		if (!search->key)
			continue;
		row->relation = table->routed.table;
		row->source = shard_name(plan->before, place_of_leaf(plan, leaf));
		row->target = shard_name(plan->after, search->target);
	}
}

static void
name_key(chash_plan *plan, reader *reader, int64 slice, chash_plan_row *row)
{
	search		search = {slice, CurrentMemoryContext, NULL, 0};
	ListCell   *cell;

	reader->visit = find_key;
	reader->argument = &search;
	foreach(cell, plan->tables)
	{
		if (!search.key)
			search_table(plan, lfirst(cell), reader, row);
	}
	row->detail = psprintf("The key %s. Rows of one key move together, in all tables.",
						   search.key ? quote_literal_cstr(search.key) : "is gone by now");
}

static void
say_largest(chash_plan *plan, reader *reader, Tuplesortstate *slices)
{
	chash_plan_row row = chash_plan_row_of("largest key", NULL, InvalidOid);
	int64		slice = 0;

	row.rows = most_frequent(plan, slices, &slice);
	if (row.rows == 0)
		return;
	if (row.rows == 1)
		row.detail = "No key that moves has more than one row.";
	else
		name_key(plan, reader, slice, &row);
	row.duration = (int64) chash_plan_moving(plan, row.rows);
	if (row.duration > plan->max_lock)
		row.detail = psprintf("%s No step can be shorter than this one, which takes longer than "
							  "max_lock.", row.detail);
	chash_plan_add(plan, &row);
}

/* ---- all together ---- */

static void
say_total(chash_plan *plan)
{
	chash_plan_row row = chash_plan_row_of("total", "all", InvalidOid);

	row.rows = plan->moved;
	row.bytes = plan->bytes;
	row.detail = plan->tables == NIL ? "The router partitions no table." :
		plan->moved == 0 ? "No row moves." : NULL;
	chash_plan_add(plan, &row);
}

void
chash_plan_rows(chash_plan *plan)
{
	counter		counter;
	reader		reader = {0};
	ListCell   *cell;

	counter.moved = palloc(plan->after->router->nshards * sizeof(int64));
	counter.slices = tuplesort_begin_datum(INT8OID, Int8LessOperator, InvalidOid, false, work_mem,
										   NULL, false);
	reader.plan = plan;
	reader.snapshot = RegisterSnapshot(GetLatestSnapshot());
	reader.row = AllocSetContextCreate(CurrentMemoryContext, "chash row", ALLOCSET_DEFAULT_SIZES);
	reader.visit = count_mover;
	reader.argument = &counter;
	foreach(cell, plan->tables)
		count_table(plan, lfirst(cell), &reader);
	say_total(plan);
	say_minimum(plan);
	say_largest(plan, &reader, counter.slices);
	tuplesort_end(counter.slices);
	MemoryContextDelete(reader.row);
	UnregisterSnapshot(reader.snapshot);
}
