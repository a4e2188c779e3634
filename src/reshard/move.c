/*
 * move.c
 *		Takes rows from partitions, to be put into others.
 *
 * Rows are found by the indexes of movers.  A row is deleted as one that has
 * moved to another partition, so that whoever waits for it gets an error and
 * does not take it for gone.
 *
 * To put a row takes longer than to delete it.  So copies can be put while
 * others still use the table.  These can write rows meanwhile, but neither
 * change the partitions nor exchange them, as these are locked like those of any
 * writer.  What is where a copied row was, when all is locked, is that row, if it
 * is visible: the snapshot that the copies were made with keeps the place from
 * being used again.  Its copy counts; the copies of other rows are removed, and
 * only then what others have written is put, which may have the same keys.
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
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* A row of which a copy was put ahead. */
typedef struct ahead
{
	/* hash key, must be first and have no gaps */
	struct
	{
		Oid			leaf;
		BlockNumber block;
		uint32		offset;
	}			from;
	uint32		id;				/* of the shard that it was put into */
	int64		number;			/* among the rows put there */
	bool		taken;
} ahead;

/* A row that was taken and not put ahead: copies of others may still be in its way. */
typedef struct late
{
	Oid			leaf;
	ItemPointerData tid;
	uint32		id;
} late;

struct chash_mover
{
	const chash_routed *routed;
	const chash_version *change;
	const chash_entry *goal;
	const chash_slices *slices;
	chash_rooms *rooms;
	chash_putter *putter;		/* NULL as long as nothing was put */
	HTAB	   *ahead;			/* the rows that were put ahead; NULL if nothing was */
	Snapshot	ahead_snapshot;	/* and what they were seen with */
	List	   *late;			/* late *, of one partition after the other */
};

/* One reading of all partitions that rows leave. */
typedef struct reading
{
	chash_mover *mover;
	void		(*handle) (struct reading *reading, Relation from, uint32 id, TupleTableSlot *slot);
	Snapshot	snapshot;
	CommandId	command;
	MemoryContext row;			/* reset for each */
	AttrNumber	key;			/* in the partition that is read */
	chash_key_kind kind;
} reading;

/* ---- reading ---- */

static void
handle_row(reading *reading, const chash_leaf *leaf, Relation from, TupleTableSlot *slot)
{
	const chash_entry *goal = reading->mover->goal;
	bool		isnull;
	Datum		key = slot_getattr(slot, reading->key, &isnull);
	uint32		id = goal->router->shards[chash_entry_shard(goal, reading->kind, key)].id;

	if (id != leaf->remainder)
		reading->handle(reading, from, id, slot);
}

/* The row that an entry of an index is of, unless the snapshot does not see any there. */
static bool
fetch_row(const reading *reading, Relation from, ItemPointer entry, TupleTableSlot *slot)
{
	IndexFetchTableData *chain;
	bool		again = false;
	bool		found;

	/* this neither prunes the page, once a step, nor follows a chain of versions */
	if (table_tuple_fetch_row_version(from, entry, reading->snapshot, slot))
		return true;
	chain = table_index_fetch_begin(from);
	found = table_index_fetch_tuple(chain, entry, reading->snapshot, slot, &again, NULL);
	table_index_fetch_end(chain);
	return found;
}

static void
read_leaf(reading *reading, const chash_leaf *leaf)
{
	const chash_mover *mover = reading->mover;
	Relation	from = table_open(leaf->table, RowExclusiveLock);
	TupleTableSlot *slot = table_slot_create(from, NULL);
	MemoryContext old_context;
	int64		count;
	int64		i;
	ItemPointerData *entries = chash_collect_movers(from, mover->change->entry, mover->change->after,
													mover->slices, &count);

	reading->key = get_attnum(leaf->table, get_attname(mover->routed->table, mover->routed->key, false));
	reading->kind = chash_key_kind_of_type(get_atttype(leaf->table, reading->key));
	old_context = MemoryContextSwitchTo(reading->row);
	for (i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (fetch_row(reading, from, &entries[i], slot))
			handle_row(reading, leaf, from, slot);
		MemoryContextReset(reading->row);
	}
	MemoryContextSwitchTo(old_context);
	pfree(entries);
	ExecDropSingleTupleTableSlot(slot);
	table_close(from, NoLock);
}

static void
read_leaves(reading *reading)
{
	const chash_mover *mover = reading->mover;
	const chash_entry *left = mover->goal == mover->change->after ? mover->change->entry :
		mover->change->after;
	ListCell   *cell;

	reading->command = GetCurrentCommandId(true);
	reading->row = AllocSetContextCreate(CurrentMemoryContext, "chash row", ALLOCSET_DEFAULT_SIZES);
	foreach(cell, chash_leaves_of_shards(mover->routed->table, left->router, RowExclusiveLock))
		read_leaf(reading, lfirst(cell));
	MemoryContextDelete(reading->row);
}

/* ---- rows that are put ahead ---- */

static ahead *
find_ahead(const chash_mover *mover, Relation from, const TupleTableSlot *slot, HASHACTION action)
{
	ahead		key;

	if (!mover->ahead)
		return NULL;
	key.from.leaf = RelationGetRelid(from);
	key.from.block = ItemPointerGetBlockNumber(&slot->tts_tid);
	key.from.offset = ItemPointerGetOffsetNumber(&slot->tts_tid);
	return hash_search(mover->ahead, &key.from, action, NULL);
}

static void
put_ahead(reading *reading, Relation from, uint32 id, TupleTableSlot *slot)
{
	ahead	   *row = find_ahead(reading->mover, from, slot, HASH_ENTER);

	row->id = id;
	row->taken = false;
	row->number = chash_putter_add(reading->mover->putter, id, from, slot);
}

/* Of rows that others have changed or deleted since. */
static void
remove_copies(const chash_mover *mover)
{
	HASH_SEQ_STATUS scan;
	ahead	   *row;

	if (!mover->ahead)
		return;
	hash_seq_init(&scan, mover->ahead);
	while ((row = hash_seq_search(&scan)) != NULL)
	{
		if (!row->taken)
			chash_putter_remove(mover->putter, row->id, row->number);
	}
	hash_destroy(mover->ahead);
}

static void
remember_late(chash_mover *mover, Relation from, uint32 id, const TupleTableSlot *slot)
{
	MemoryContext old_context = MemoryContextSwitchTo(GetMemoryChunkContext(mover));
	late	   *row = palloc(sizeof(*row));

	row->leaf = RelationGetRelid(from);
	row->tid = slot->tts_tid;
	row->id = id;
	mover->late = lappend(mover->late, row);
	MemoryContextSwitchTo(old_context);
}

/* Put the late ones of a partition, and return the first one of the next partition. */
static int
put_late_of(const reading *reading, int first)
{
	const chash_mover *mover = reading->mover;
	late	   *row = list_nth(mover->late, first);
	Relation	from = table_open(row->leaf, NoLock);
	TupleTableSlot *slot = table_slot_create(from, NULL);
	MemoryContext old_context = MemoryContextSwitchTo(reading->row);
	int			i;

	for (i = first; i < list_length(mover->late); i++)
	{
		row = list_nth(mover->late, i);
		if (row->leaf != RelationGetRelid(from))
			break;
		/* the snapshot is older than the command that has taken it */
		if (!table_tuple_fetch_row_version(from, &row->tid, reading->snapshot, slot))
			elog(ERROR, "a row that was taken from \"%s\" is not there", RelationGetRelationName(from));
		(void) chash_putter_add(mover->putter, row->id, from, slot);
		MemoryContextReset(reading->row);
	}
	MemoryContextSwitchTo(old_context);
	ExecDropSingleTupleTableSlot(slot);
	table_close(from, NoLock);
	return i;
}

static void
put_late(reading *reading)
{
	int			i = 0;

	reading->row = AllocSetContextCreate(CurrentMemoryContext, "chash row", ALLOCSET_DEFAULT_SIZES);
	while (i < list_length(reading->mover->late))
		i = put_late_of(reading, i);
	MemoryContextDelete(reading->row);
}

/* ---- taking ---- */

static void
take_row(const reading *reading, Relation from, TupleTableSlot *slot)
{
	TM_FailureData failure;

	if (table_tuple_delete(from, &slot->tts_tid, reading->command, reading->snapshot,
						   InvalidSnapshot, false, &failure, true) != TM_Ok)
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("a row of \"%s\" is being changed", RelationGetRelationName(from))));
}

static void
move_row(reading *reading, Relation from, uint32 id, TupleTableSlot *slot)
{
	chash_mover *mover = reading->mover;
	ahead	   *row = find_ahead(mover, from, slot, HASH_FIND);

	/* in this order subscribers apply them, to whom it is one table with unique keys */
	take_row(reading, from, slot);
	chash_failpoint(CHASH_FAILPOINT_ROW_TAKEN);
	chash_putter_taken(mover->putter, id, from, slot);
	if (row)
		row->taken = true;
	else if (mover->ahead)
		remember_late(mover, from, id, slot);
	else
		(void) chash_putter_add(mover->putter, id, from, slot);
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

static void
begin_putting(chash_mover *mover, const List *leaves)
{
	check_not_in_use(leaves);
	mover->putter = chash_putter_begin(mover->routed->table, leaves, mover->rooms);
}

/* ---- a step ---- */

chash_mover *
chash_mover_begin(const chash_routed *routed, const chash_version *change,
				  const chash_entry *goal, const chash_slices *slices, chash_rooms *rooms)
{
	chash_mover *mover = palloc0(sizeof(*mover));

	mover->routed = routed;
	mover->change = change;
	mover->goal = goal;
	mover->slices = slices;
	mover->rooms = rooms;
	return mover;
}

Oid
chash_mover_table(const chash_mover *mover)
{
	return mover->routed->table;
}

void
chash_mover_put_ahead(chash_mover *mover)
{
	Oid			table = mover->routed->table;
	chash_self	self = chash_become_owner(chash_owner_of(table));
	reading		reading = {.mover = mover, .handle = put_ahead};
	HASHCTL		control = {0};

	begin_putting(mover, chash_leaves_of(table, RowExclusiveLock));
	control.keysize = sizeof(((ahead *) 0)->from);
	control.entrysize = sizeof(ahead);
	control.hcxt = CurrentMemoryContext;
	mover->ahead = hash_create("chash rows put ahead", 1024, &control,
							   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	mover->ahead_snapshot = RegisterSnapshot(GetLatestSnapshot());
	reading.snapshot = mover->ahead_snapshot;
	read_leaves(&reading);
	chash_putter_flush(mover->putter);
	chash_become_self(&self);
	CommandCounterIncrement();
}

int64
chash_mover_end(chash_mover *mover)
{
	Oid			table = mover->routed->table;
	chash_self	self = chash_become_owner(chash_owner_of(table));
	List	   *leaves = chash_leaves_of(table, RowExclusiveLock);
	reading		reading = {.mover = mover, .handle = move_row};
	int64		rows;

	if (mover->putter)
		chash_putter_resume(mover->putter, leaves);
	else
		begin_putting(mover, leaves);
	reading.snapshot = RegisterSnapshot(GetLatestSnapshot());
	read_leaves(&reading);
	remove_copies(mover);
	put_late(&reading);
	rows = chash_putter_end(mover->putter);
	UnregisterSnapshot(reading.snapshot);
	if (mover->ahead_snapshot)
		UnregisterSnapshot(mover->ahead_snapshot);
	pfree(mover);
	chash_become_self(&self);
	CommandCounterIncrement();
	return rows;
}
