/*
 * put.c
 *		Puts rows into partitions, and reads back what was put.
 *
 * Rows wait until there are some for one partition, and are then put there
 * together with their index entries.  What of them is in a TOAST table can
 * still be read then, as they were deleted by the same transaction.
 */
#include "reshard/put.h"

#include "reshard/failpoint.h"
#include "reshard/reshardable.h"
#include "table/checksum.h"
#include "table/leaves.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/tupconvert.h"
#include "access/xact.h"
#include "catalog/pg_constraint.h"
#include "executor/executor.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/* As many rows as fill some pages. */
#define ROWS_AT_ONCE	256

/* Where a row was put, and its checksum when it was read back. */
typedef struct put_row
{
	ItemPointerData tid;
	uint64		checksum;
} put_row;

/* A partition that rows are put into. */
typedef struct target
{
	uint32		id;				/* hash key, must be first */
	Relation	relation;
	ResultRelInfo *indexes;
	Oid			map_from;		/* of which table map converts rows */
	TupleConversionMap *map;	/* NULL if there is nothing to convert */
	TupleTableSlot *waiting[ROWS_AT_ONCE];	/* made when they are needed first */
	int			nwaiting;
	TupleTableSlot *scratch;
	put_row    *put;
	int64		count;
	int64		read;			/* of these, how many were read back */
	int64		space;
	Size		bytes;			/* that they take in pages */
} target;

struct chash_putter
{
	Oid			table;
	const List *leaves;
	CommandId	command;
	chash_rooms *rooms;
	HTAB	   *targets;
	target	   *last;			/* the one that was asked for last */
	EState	   *estate;
	chash_sum	taken;
	chash_sum	put;
};

/* ---- partitions ---- */

static Oid
leaf_of_id(const chash_putter *putter, uint32 id)
{
	ListCell   *cell;

	foreach(cell, putter->leaves)
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

/* A foreign key that its table has, too. */
static bool
is_inherited(Oid constraint)
{
	HeapTuple	tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint));
	bool		inherited;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for constraint %u", constraint);
	inherited = OidIsValid(((Form_pg_constraint) GETSTRUCT(tuple))->conparentid);
	ReleaseSysCache(tuple);
	return inherited;
}

static bool
has_own_constraints(Relation leaf, Relation table)
{
	TupleDesc	of_leaf = RelationGetDescr(leaf);
	TupleConstr *checks = RelationGetDescr(table)->constr;
	ListCell   *cell;
	int			i;

	if (of_leaf->constr && of_leaf->constr->num_check > (checks ? checks->num_check : 0))
		return true;
	for (i = 0; i < of_leaf->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(of_leaf, i);

		if (column->attnotnull && !has_not_null(table, NameStr(column->attname)))
			return true;
	}
	foreach(cell, RelationGetFKeyList(leaf))
	{
		if (!is_inherited(((ForeignKeyCacheInfo *) lfirst(cell))->conoid))
			return true;
	}
	return false;
}

/*
 * Rows satisfy what their table asks for.  Before the change began no partition
 * asked for more (reshardable.c); others may have added that since.
 */
static void
check_constraints(const chash_putter *putter, Relation leaf)
{
	Relation	table = table_open(putter->table, NoLock);

	if (has_own_constraints(leaf, table))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("rows cannot be moved into partition \"%s\"",
						RelationGetRelationName(leaf)),
				 errdetail("It has a constraint that its table does not have."),
				 errhint("Drop the constraint, or add it to the table.")));
	table_close(table, NoLock);
}

static void
open_target(const chash_putter *putter, target *to)
{
	Oid			leaf = leaf_of_id(putter, to->id);

	chash_check_kind(putter->table, leaf);
	to->relation = table_open(leaf, RowExclusiveLock);
	check_constraints(putter, to->relation);
	to->indexes = makeNode(ResultRelInfo);
	InitResultRelInfo(to->indexes, to->relation, 1, NULL, 0);
	ExecOpenIndices(to->indexes, false);
	to->space = ROWS_AT_ONCE;
	to->put = palloc(to->space * sizeof(put_row));
	to->scratch = table_slot_create(to->relation, NULL);
}

static void
map_rows(target *to, Relation from)
{
	if (to->map_from == RelationGetRelid(from))
		return;
	to->map_from = RelationGetRelid(from);
	to->map = convert_tuples_by_name(RelationGetDescr(from), RelationGetDescr(to->relation));
}

/* Ready for rows of a partition. */
static target *
get_target(chash_putter *putter, uint32 id, Relation from)
{
	MemoryContext old_context = MemoryContextSwitchTo(putter->estate->es_query_cxt);
	target	   *to = putter->last;
	bool		found;

	if (!to || to->id != id)
	{
		to = hash_search(putter->targets, &id, HASH_ENTER, &found);
		if (!found)
		{
			memset((char *) to + sizeof(id), 0, sizeof(*to) - sizeof(id));
			open_target(putter, to);
		}
	}
	map_rows(to, from);
	putter->last = to;
	MemoryContextSwitchTo(old_context);
	return to;
}

static void
close_target(target *to)
{
	int			i;

	for (i = 0; i < ROWS_AT_ONCE && to->waiting[i]; i++)
		ExecDropSingleTupleTableSlot(to->waiting[i]);
	ExecDropSingleTupleTableSlot(to->scratch);
	ExecCloseIndices(to->indexes);
	table_close(to->relation, NoLock);
}

/* ---- putting ---- */

static void
remember_put(target *to, TupleTableSlot *slot)
{
	if (to->count == to->space)
	{
		to->space *= 2;
		to->put = repalloc_huge(to->put, to->space * sizeof(put_row));
	}
	to->put[to->count++].tid = slot->tts_tid;
	to->bytes += MAXALIGN(ExecFetchSlotHeapTuple(slot, false, NULL)->t_len) + sizeof(ItemIdData);
}

static void
put_index_entries(chash_putter *putter, target *to, TupleTableSlot *slot)
{
	if (chash_insert_index_entries(to->indexes, slot, putter->estate) != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_UNIQUE_VIOLATION),
				 errmsg("a row of a deferrable constraint of \"%s\" is there twice",
						RelationGetRelationName(to->relation))));
	ResetPerTupleExprContext(putter->estate);
}

/* Leaks into the current memory context. */
static void
put_waiting(chash_putter *putter, target *to)
{
	int			i;

	if (to->nwaiting == 0)
		return;
	table_multi_insert(to->relation, to->waiting, to->nwaiting, putter->command, 0, NULL);
	for (i = 0; i < to->nwaiting; i++)
	{
		put_index_entries(putter, to, to->waiting[i]);
		remember_put(to, to->waiting[i]);
		ExecClearTuple(to->waiting[i]);
	}
	to->nwaiting = 0;
}

chash_putter *
chash_putter_begin(Oid table, const List *leaves, chash_rooms *rooms)
{
	chash_putter *putter = palloc0(sizeof(*putter));
	HASHCTL		control = {0};

	putter->table = table;
	putter->leaves = leaves;
	putter->command = GetCurrentCommandId(true);
	putter->rooms = rooms;
	putter->estate = CreateExecutorState();
	control.keysize = sizeof(uint32);
	control.entrysize = sizeof(target);
	control.hcxt = putter->estate->es_query_cxt;
	putter->targets = hash_create("chash targets", 16, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	return putter;
}

/* Whether rows that end before a column have a value there, and not null. */
static bool
completes_rows(const target *to)
{
	const TupleConstr *constraints = RelationGetDescr(to->relation)->constr;

	return constraints && constraints->missing;
}

static void
copy_values(TupleTableSlot *slot, TupleTableSlot *copy)
{
	int			columns = slot->tts_tupleDescriptor->natts;

	slot_getallattrs(slot);
	ExecClearTuple(copy);
	memcpy(copy->tts_values, slot->tts_values, columns * sizeof(Datum));
	memcpy(copy->tts_isnull, slot->tts_isnull, columns * sizeof(bool));
	ExecStoreVirtualTuple(copy);
}

/*
 * A row as one of the partition that it is put into.  One from before a column
 * was added has nothing there, and each partition takes that for something else.
 * Where the partition that it leaves takes it for a value, there is a map.
 */
static void
convert_row(const target *to, TupleTableSlot *slot, TupleTableSlot *copy)
{
	if (to->map)
		execute_attr_map_slot(to->map->attrMap, slot, copy);
	else if (completes_rows(to))
		copy_values(slot, copy);
	else
		ExecCopySlot(copy, slot);
}

/* For a row that waits. */
static TupleTableSlot *
next_slot(const chash_putter *putter, target *to)
{
	TupleTableSlot **slot = &to->waiting[to->nwaiting];

	if (!*slot)
	{
		MemoryContext old_context = MemoryContextSwitchTo(putter->estate->es_query_cxt);

		*slot = table_slot_create(to->relation, NULL);
		MemoryContextSwitchTo(old_context);
	}
	return *slot;
}

int64
chash_putter_add(chash_putter *putter, uint32 id, Relation from, TupleTableSlot *slot)
{
	target	   *to = get_target(putter, id, from);
	TupleTableSlot *copy = next_slot(putter, to);
	int64		number = to->count + to->nwaiting;

	convert_row(to, slot, copy);
	/* of its own, and not a pin on a page of the other partition */
	ExecMaterializeSlot(copy);
	if (chash_failpoint(CHASH_FAILPOINT_ROW_PUT))
		return number;
	if (++to->nwaiting == ROWS_AT_ONCE)
		put_waiting(putter, to);
	return number;
}

/* ---- verifying ---- */

void
chash_putter_taken(chash_putter *putter, uint32 id, Relation from, TupleTableSlot *slot)
{
	target	   *to = get_target(putter, id, from);

	if (to->map)
	{
		convert_row(to, slot, to->scratch);
		slot = to->scratch;
	}
	chash_sum_add(&putter->taken, slot);
}

static void
read_back(chash_putter *putter, target *to, MemoryContext row)
{
	MemoryContext old_context = MemoryContextSwitchTo(row);

	for (; to->read < to->count; to->read++)
	{
		int64		read = chash_failpoint(CHASH_FAILPOINT_ROW_READ) ? 0 : to->read;
		uint64		before = putter->put.checksum;

		if (!table_tuple_fetch_row_version(to->relation, &to->put[read].tid, SnapshotSelf,
										   to->scratch))
			elog(ERROR, "a row that was put into \"%s\" is not there",
				 RelationGetRelationName(to->relation));
		chash_sum_add(&putter->put, to->scratch);
		to->put[to->read].checksum = putter->put.checksum - before;
		MemoryContextReset(row);
	}
	MemoryContextSwitchTo(old_context);
}

void
chash_putter_flush(chash_putter *putter)
{
	MemoryContext row = AllocSetContextCreate(CurrentMemoryContext, "chash put row",
											  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(row);
	HASH_SEQ_STATUS scan;
	target	   *to;

	hash_seq_init(&scan, putter->targets);
	while ((to = hash_seq_search(&scan)) != NULL)
	{
		put_waiting(putter, to);
		MemoryContextReset(row);
		read_back(putter, to, row);
		ExecClearTuple(to->scratch);
	}
	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(row);
}

void
chash_putter_resume(chash_putter *putter, const List *leaves)
{
	HASH_SEQ_STATUS scan;
	target	   *to;

	putter->leaves = leaves;
	putter->command = GetCurrentCommandId(true);
	hash_seq_init(&scan, putter->targets);
	while ((to = hash_seq_search(&scan)) != NULL)
	{
		if (leaf_of_id(putter, to->id) != RelationGetRelid(to->relation))
			elog(ERROR, "partition \"%s\" was exchanged for another one",
				 RelationGetRelationName(to->relation));	/* it has been locked since */
	}
}

void
chash_putter_remove(chash_putter *putter, uint32 id, int64 number)
{
	target	   *to = hash_search(putter->targets, &id, HASH_FIND, NULL);
	TM_FailureData failure;

	if (table_tuple_delete(to->relation, &to->put[number].tid, putter->command, SnapshotSelf,
						   InvalidSnapshot, false, &failure, false) != TM_Ok)
		elog(ERROR, "a row that was put into \"%s\" is not there",
			 RelationGetRelationName(to->relation));
	putter->put.rows--;
	putter->put.checksum -= to->put[number].checksum;
}

static void
compare(const chash_sum *taken, const chash_sum *put)
{
	if (put->rows != taken->rows || put->checksum != taken->checksum)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the rows that were put are not those that were taken"),
				 errdetail("Taken: " INT64_FORMAT " rows; put: " INT64_FORMAT " rows. "
						   "Nothing of this step stays.", taken->rows, put->rows)));
}

int64
chash_putter_end(chash_putter *putter)
{
	int64		rows = putter->taken.rows;
	HASH_SEQ_STATUS scan;
	target	   *to;

	chash_putter_flush(putter);
	compare(&putter->taken, &putter->put);
	hash_seq_init(&scan, putter->targets);
	while ((to = hash_seq_search(&scan)) != NULL)
	{
		chash_room_used(putter->rooms, RelationGetRelid(to->relation), to->bytes);
		close_target(to);
	}
	FreeExecutorState(putter->estate);
	pfree(putter);
	return rows;
}
