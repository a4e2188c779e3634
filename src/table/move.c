/*
 * move.c
 *		Takes rows from partitions and puts them into others.
 *
 * A row is deleted as one that has moved to another partition, so that whoever
 * waits for it gets an error and does not take it for gone, and inserted there
 * with its index entries.  What of it is in a TOAST table can still be read.
 * Rows are found by the indexes of movers, and read again after they were put.
 */
#include "table/move.h"

#include "router/position.h"
#include "router/server.h"
#include "table/checksum.h"
#include "table/failpoint.h"
#include "table/leaves.h"
#include "table/movers.h"
#include "table/owner.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/tupconvert.h"
#include "access/xact.h"
#include "commands/tablecmds.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* A partition that rows are put into. */
typedef struct target
{
	uint32		id;
	Relation	relation;
	ResultRelInfo *indexes;
	TupleTableSlot *slot;
	Oid			map_from;		/* of which table map converts rows */
	TupleConversionMap *map;	/* NULL if there is nothing to convert */
	ItemPointerData *put;		/* where rows were put */
	int64		count;
	int64		space;
} target;

typedef struct mover
{
	Oid			table;
	const chash_version *change;
	const chash_entry *goal;
	const chash_slices *slices;
	const char *column;			/* the key's */
	List	   *leaves;
	List	   *targets;
	EState	   *estate;
	Snapshot	snapshot;
	CommandId	command;
	MemoryContext row;			/* reset for each */
	AttrNumber	key;			/* in the partition that is read */
	chash_key_kind kind;
	chash_sum	taken;
} mover;

/* ---- putting ---- */

static Oid
leaf_of_id(const mover *mover, uint32 id)
{
	ListCell   *cell;

	foreach(cell, mover->leaves)
	{
		const chash_leaf *leaf = lfirst(cell);

		if (leaf->remainder == id)
			return leaf->table;
	}
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("no partition has the remainder %u", id),
			 errhint("chash_create_partitions makes the partitions that are missing.")));
}

/* A column of a table that is not null. */
static bool
has_not_null(Relation table, const char *column)
{
	AttrNumber	number = get_attnum(RelationGetRelid(table), column);

	return number > 0 && TupleDescAttr(RelationGetDescr(table), number - 1)->attnotnull;
}

static bool
has_own_constraints(Relation leaf, Relation table)
{
	TupleDesc	of_leaf = RelationGetDescr(leaf);
	TupleConstr *checks = RelationGetDescr(table)->constr;
	int			i;

	if (of_leaf->constr && of_leaf->constr->num_check > (checks ? checks->num_check : 0))
		return true;
	for (i = 0; i < of_leaf->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(of_leaf, i);

		if (column->attnotnull && !has_not_null(table, NameStr(column->attname)))
			return true;
	}
	return list_length(RelationGetFKeyList(leaf)) > list_length(RelationGetFKeyList(table));
}

/*
 * Rows satisfy what their table asks for.  Before the change began no partition
 * asked for more (reshardable.c); others may have added that since.
 */
static void
check_constraints(const mover *mover, Relation leaf)
{
	Relation	table = table_open(mover->table, NoLock);

	if (has_own_constraints(leaf, table))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("rows cannot be moved into partition \"%s\"",
						RelationGetRelationName(leaf)),
				 errdetail("It has a constraint that its table does not have."),
				 errhint("Drop the constraint, or add it to the table.")));
	table_close(table, NoLock);
}

static target *
open_target(mover *mover, uint32 id)
{
	target	   *new_target = palloc0(sizeof(*new_target));

	new_target->id = id;
	new_target->relation = table_open(leaf_of_id(mover, id), RowExclusiveLock);
	check_constraints(mover, new_target->relation);
	new_target->slot = table_slot_create(new_target->relation, NULL);
	new_target->indexes = makeNode(ResultRelInfo);
	InitResultRelInfo(new_target->indexes, new_target->relation, 1, NULL, 0);
	ExecOpenIndices(new_target->indexes, false);
	new_target->space = 64;
	new_target->put = palloc(new_target->space * sizeof(ItemPointerData));
	mover->targets = lappend(mover->targets, new_target);
	return new_target;
}

static target *
get_target(mover *mover, uint32 id, Relation from)
{
	MemoryContext old_context = MemoryContextSwitchTo(mover->estate->es_query_cxt);
	target	   *found = NULL;
	ListCell   *cell;

	foreach(cell, mover->targets)
	{
		if (((target *) lfirst(cell))->id == id)
			found = lfirst(cell);
	}
	if (!found)
		found = open_target(mover, id);
	if (found->map_from != RelationGetRelid(from))
	{
		found->map_from = RelationGetRelid(from);
		found->map = convert_tuples_by_name(RelationGetDescr(from),
											RelationGetDescr(found->relation));
	}
	MemoryContextSwitchTo(old_context);
	return found;
}

static void
remember_put(target *to)
{
	if (to->count == to->space)
	{
		to->space *= 2;
		to->put = repalloc_huge(to->put, to->space * sizeof(ItemPointerData));
	}
	to->put[to->count++] = to->slot->tts_tid;
}

static void
put_row(mover *mover, target *to, TupleTableSlot *slot)
{
	if (to->map)
		execute_attr_map_slot(to->map->attrMap, slot, to->slot);
	else
		ExecCopySlot(to->slot, slot);
	chash_sum_add(&mover->taken, to->slot);
	if (chash_failpoint(CHASH_FAILPOINT_ROW_PUT))
		return;
	table_tuple_insert(to->relation, to->slot, mover->command, 0, NULL);
	if (chash_insert_index_entries(to->indexes, to->slot, mover->estate) != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_UNIQUE_VIOLATION),
				 errmsg("a row of a deferrable constraint of \"%s\" is there twice",
						RelationGetRelationName(to->relation))));
	remember_put(to);
	ResetPerTupleExprContext(mover->estate);
}

/* ---- taking ---- */

static void
take_row(mover *mover, Relation from, TupleTableSlot *slot)
{
	TM_FailureData failure;

	if (table_tuple_delete(from, &slot->tts_tid, mover->command, mover->snapshot, InvalidSnapshot,
						   false, &failure, true) != TM_Ok)
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("a row of \"%s\" is being changed", RelationGetRelationName(from))));
}

static void
move_row(mover *mover, const chash_leaf *leaf, Relation from, TupleTableSlot *slot)
{
	bool		isnull;
	Datum		key = slot_getattr(slot, mover->key, &isnull);
	uint32		place = chash_entry_shard(mover->goal, mover->kind, key);
	uint32		id = mover->goal->router->shards[place].id;

	if (id == leaf->remainder)
		return;
	/* in this order subscribers apply them, to whom it is one table with unique keys */
	take_row(mover, from, slot);
	chash_failpoint(CHASH_FAILPOINT_ROW_TAKEN);
	put_row(mover, get_target(mover, id, from), slot);
}

static void
take_from(mover *mover, const chash_leaf *leaf)
{
	Relation	from = table_open(leaf->table, RowExclusiveLock);
	Relation	index = index_open(chash_movers_index(leaf->table, mover->change->entry,
												   mover->change->after), AccessShareLock);
	TupleTableSlot *slot = table_slot_create(from, NULL);
	IndexScanDesc scan = chash_index_beginscan(from, index, mover->snapshot, 2);
	MemoryContext old_context;

	mover->key = get_attnum(leaf->table, mover->column);
	mover->kind = chash_key_kind_of_type(get_atttype(leaf->table, mover->key));
	chash_rescan_movers(scan, mover->slices);
	while (index_getnext_slot(scan, ForwardScanDirection, slot))
	{
		/* the scan has memory of its own in the current context */
		old_context = MemoryContextSwitchTo(mover->row);
		CHECK_FOR_INTERRUPTS();
		move_row(mover, leaf, from, slot);
		MemoryContextSwitchTo(old_context);
		MemoryContextReset(mover->row);
	}
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	index_close(index, NoLock);
	table_close(from, NoLock);
}

/* ---- verifying ---- */

/* Read back what was put. */
static void
sum_put(mover *mover, target *to, chash_sum *put)
{
	int64		i;
	MemoryContext old_context = MemoryContextSwitchTo(mover->row);

	for (i = 0; i < to->count; i++)
	{
		int64		read = chash_failpoint(CHASH_FAILPOINT_ROW_READ) ? 0 : i;

		if (!table_tuple_fetch_row_version(to->relation, &to->put[read], SnapshotSelf, to->slot))
			elog(ERROR, "a row that was put into \"%s\" is not there",
				 RelationGetRelationName(to->relation));
		chash_sum_add(put, to->slot);
		MemoryContextReset(mover->row);
	}
	MemoryContextSwitchTo(old_context);
}

static void
verify_and_close(mover *mover)
{
	chash_sum	put = {0};
	ListCell   *cell;

	foreach(cell, mover->targets)
	{
		target	   *to = lfirst(cell);

		sum_put(mover, to, &put);
		ExecDropSingleTupleTableSlot(to->slot);
		ExecCloseIndices(to->indexes);
		table_close(to->relation, NoLock);
	}
	if (put.rows != mover->taken.rows || put.checksum != mover->taken.checksum)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the rows that were put are not those that were taken"),
				 errdetail("Taken: " INT64_FORMAT " rows; put: " INT64_FORMAT " rows. "
						   "Nothing of this step stays.", mover->taken.rows, put.rows)));
}

/* A cursor of this session would go on reading what has moved. */
static void
check_not_in_use(const mover *mover)
{
	ListCell   *cell;

	foreach(cell, mover->leaves)
	{
		Relation	leaf = table_open(((chash_leaf *) lfirst(cell))->table, NoLock);

		CheckTableNotInUse(leaf, "move rows of");
		table_close(leaf, NoLock);
	}
}

int64
chash_move_rows(const chash_routed *routed, const chash_version *change,
				const chash_entry *goal, const chash_slices *slices)
{
	mover		mover = {0};
	const chash_entry *left;
	chash_self	self = chash_become_owner(chash_owner_of(routed->table));
	ListCell   *cell;

	mover.table = routed->table;
	mover.change = change;
	mover.goal = goal;
	mover.slices = slices;
	mover.column = get_attname(routed->table, routed->key, false);
	mover.leaves = chash_leaves_of(routed->table, RowExclusiveLock);
	check_not_in_use(&mover);
	mover.estate = CreateExecutorState();
	mover.row = AllocSetContextCreate(CurrentMemoryContext, "chash row", ALLOCSET_DEFAULT_SIZES);
	mover.snapshot = RegisterSnapshot(GetLatestSnapshot());
	mover.command = GetCurrentCommandId(true);
	left = goal == change->after ? change->entry : change->after;
	foreach(cell, chash_leaves_of_shards(routed->table, left->router, RowExclusiveLock))
		take_from(&mover, lfirst(cell));
	verify_and_close(&mover);
	UnregisterSnapshot(mover.snapshot);
	MemoryContextDelete(mover.row);
	FreeExecutorState(mover.estate);
	chash_become_self(&self);
	CommandCounterIncrement();
	return mover.taken.rows;
}
