/*
 * move.c
 *		Takes rows from partitions, to be put into others.
 *
 * Rows are found by the indexes of movers.  A row is deleted as one that has
 * moved to another partition, so that whoever waits for it gets an error and
 * does not take it for gone.
 */
#include "reshard/move.h"

#include "reshard/failpoint.h"
#include "reshard/put.h"
#include "router/position.h"
#include "router/server.h"
#include "table/leaves.h"
#include "table/owner.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "commands/tablecmds.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

typedef struct mover
{
	const chash_version *change;
	const chash_entry *goal;
	const chash_slices *slices;
	const char *column;			/* the key's */
	chash_putter *putter;
	Snapshot	snapshot;
	CommandId	command;
	MemoryContext row;			/* reset for each */
	AttrNumber	key;			/* in the partition that is read */
	chash_key_kind kind;
} mover;

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
	chash_putter_add(mover->putter, id, from, slot);
}

/* The row that an entry of an index is of, unless the snapshot does not see any there. */
static bool
fetch_row(const mover *mover, Relation from, ItemPointer entry, TupleTableSlot *slot)
{
	IndexFetchTableData *chain;
	bool		again = false;
	bool		found;

	/* this neither prunes the page, once a step, nor follows a chain of versions */
	if (table_tuple_fetch_row_version(from, entry, mover->snapshot, slot))
		return true;
	chain = table_index_fetch_begin(from);
	found = table_index_fetch_tuple(chain, entry, mover->snapshot, slot, &again, NULL);
	table_index_fetch_end(chain);
	return found;
}

static void
take_from(mover *mover, const chash_leaf *leaf)
{
	Relation	from = table_open(leaf->table, RowExclusiveLock);
	TupleTableSlot *slot = table_slot_create(from, NULL);
	MemoryContext old_context;
	int64		count;
	int64		i;
	ItemPointerData *entries = chash_collect_movers(from, mover->change->entry, mover->change->after,
													mover->slices, &count);

	mover->key = get_attnum(leaf->table, mover->column);
	mover->kind = chash_key_kind_of_type(get_atttype(leaf->table, mover->key));
	old_context = MemoryContextSwitchTo(mover->row);
	for (i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (fetch_row(mover, from, &entries[i], slot))
			move_row(mover, leaf, from, slot);
		MemoryContextReset(mover->row);
	}
	MemoryContextSwitchTo(old_context);
	pfree(entries);
	ExecDropSingleTupleTableSlot(slot);
	table_close(from, NoLock);
}

/* A cursor of this session would go on reading what has moved. */
static void
check_not_in_use(const List *leaves)
{
	ListCell   *cell;

	foreach(cell, leaves)
	{
		Relation	leaf = table_open(((chash_leaf *) lfirst(cell))->table, NoLock);

		CheckTableNotInUse(leaf, "move rows of");
		table_close(leaf, NoLock);
	}
}

int64
chash_move_rows(const chash_routed *routed, const chash_version *change,
				const chash_entry *goal, const chash_slices *slices, chash_rooms *rooms)
{
	mover		mover = {0};
	const chash_entry *left = goal == change->after ? change->entry : change->after;
	chash_self	self = chash_become_owner(chash_owner_of(routed->table));
	List	   *leaves = chash_leaves_of(routed->table, RowExclusiveLock);
	int64		rows;
	ListCell   *cell;

	check_not_in_use(leaves);
	mover.change = change;
	mover.goal = goal;
	mover.slices = slices;
	mover.column = get_attname(routed->table, routed->key, false);
	mover.row = AllocSetContextCreate(CurrentMemoryContext, "chash row", ALLOCSET_DEFAULT_SIZES);
	mover.snapshot = RegisterSnapshot(GetLatestSnapshot());
	mover.command = GetCurrentCommandId(true);
	mover.putter = chash_putter_begin(routed->table, leaves, mover.command, rooms);
	foreach(cell, chash_leaves_of_shards(routed->table, left->router, RowExclusiveLock))
		take_from(&mover, lfirst(cell));
	rows = chash_putter_end(mover.putter);
	UnregisterSnapshot(mover.snapshot);
	MemoryContextDelete(mover.row);
	chash_become_self(&self);
	CommandCounterIncrement();
	return rows;
}
