/*
 * copy_rows.c
 *		Copying the rows of a table into the partitions of another one.
 *
 * Tuples go from the table to its partitions in batches, without indexes,
 * which are built when all are there.
 */
#include "table/copy_rows.h"

#include "table/checksum.h"
#include "table/leaves.h"
#include "table/routed.h"

#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/tupconvert.h"
#include "access/xact.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "partitioning/partbounds.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/partcache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

/* Rows of one partition that are written together: a page or more of them. */
#define BATCH	128

/* Rows that wait to be written, in all partitions. */
#define MAX_WAITING	8192

/*
 * The rows were there before this transaction: who looks with an older
 * snapshot is to find them, and not an empty table.  They are in files that
 * are gone if it does not commit.
 */
#define INSERT_OPTIONS	(TABLE_INSERT_FROZEN | TABLE_INSERT_SKIP_FSM)

/* How often the user hears that there is progress. */
#define NOTICE_SECONDS	10

typedef struct batch
{
	Relation	leaf;
	BulkInsertState state;
	TupleTableSlot *slots[BATCH];
	int			waiting;
} batch;

typedef struct copier
{
	Relation	source;
	Relation	target;
	PartitionKey key;
	AttrNumber	key_column;		/* of the source */
	TupleConversionMap *map;	/* NULL if the columns have the same places */
	uint32		modulus;
	batch	  **batches;		/* by remainder */
	List	   *all;			/* of the batches */
	int			waiting;
	CommandId	command;
	MemoryContext per_batch;
	chash_sum	taken;
	TimestampTz next_notice;
} copier;

/* ---- scans ---- */

/* All that is committed, and what this transaction did: the caller's snapshot may be older. */
static TableScanDesc
begin_scan(Relation relation)
{
	return table_beginscan(relation, RegisterSnapshot(GetLatestSnapshot()), 0, NULL);
}

static void
end_scan(TableScanDesc scan)
{
	Snapshot	snapshot = scan->rs_snapshot;

	table_endscan(scan);
	UnregisterSnapshot(snapshot);
}

uint64
chash_count_nulls(Oid table, AttrNumber column)
{
	Relation	relation = table_open(table, NoLock);
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	TableScanDesc scan = begin_scan(relation);
	uint64		nulls = 0;

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		if (slot_attisnull(slot, column))
			nulls++;
	}
	end_scan(scan);
	ExecDropSingleTupleTableSlot(slot);
	table_close(relation, NoLock);
	return nulls;
}

/* ---- writing ---- */

static void
open_batches(copier *copier)
{
	List	   *leaves = chash_leaves_of(RelationGetRelid(copier->target), AccessExclusiveLock);
	ListCell   *cell;

	copier->modulus = chash_modulus_of(leaves);
	copier->batches = palloc0(copier->modulus * sizeof(batch *));
	copier->all = NIL;
	foreach(cell, leaves)
	{
		const chash_leaf *leaf = lfirst(cell);
		batch	   *batch = palloc0(sizeof(*batch));

		batch->leaf = table_open(leaf->table, NoLock);
		batch->state = GetBulkInsertState();
		copier->batches[leaf->remainder] = batch;
		copier->all = lappend(copier->all, batch);
	}
}

static void
write_batch(copier *copier, batch *batch)
{
	MemoryContext old_context;
	int			i;

	if (batch->waiting == 0)
		return;
	old_context = MemoryContextSwitchTo(copier->per_batch);
	table_multi_insert(batch->leaf, batch->slots, batch->waiting, copier->command,
					   INSERT_OPTIONS, batch->state);
	MemoryContextSwitchTo(old_context);
	MemoryContextReset(copier->per_batch);
	for (i = 0; i < batch->waiting; i++)
		ExecClearTuple(batch->slots[i]);
	copier->waiting -= batch->waiting;
	batch->waiting = 0;
}

static void
write_all(copier *copier)
{
	ListCell   *cell;

	foreach(cell, copier->all)
		write_batch(copier, lfirst(cell));
}

static void
close_batches(copier *copier)
{
	ListCell   *cell;
	int			i;

	write_all(copier);
	foreach(cell, copier->all)
	{
		batch	   *batch = lfirst(cell);

		for (i = 0; i < BATCH && batch->slots[i]; i++)
			ExecDropSingleTupleTableSlot(batch->slots[i]);
		FreeBulkInsertState(batch->state);
		table_finish_bulk_insert(batch->leaf, INSERT_OPTIONS);
		table_close(batch->leaf, NoLock);
	}
}

/* The partition in which PostgreSQL will look for a row. */
static batch *
batch_of(copier *copier, TupleTableSlot *row)
{
	bool		isnull;
	Datum		key = slot_getattr(row, copier->key_column, &isnull);
	uint64		hash = compute_partition_hash_value(1, copier->key->partsupfunc,
													copier->key->partcollation, &key, &isnull);
	batch	   *batch = copier->batches[hash % copier->modulus];

	if (!batch)
		ereport(ERROR,
				(errcode(ERRCODE_CHECK_VIOLATION),
				 errmsg("no partition of table \"%s\" has the remainder %u of a row",
						RelationGetRelationName(copier->target),
						(uint32) (hash % copier->modulus))));
	return batch;
}

static void
put_row(copier *copier, batch *batch, TupleTableSlot *row)
{
	TupleTableSlot **slot = &batch->slots[batch->waiting];

	if (!*slot)
		*slot = table_slot_create(batch->leaf, NULL);
	if (copier->map)
		execute_attr_map_slot(copier->map->attrMap, row, *slot);
	else
		ExecCopySlot(*slot, row);

	/* it outlives the page that it was read from */
	ExecMaterializeSlot(*slot);
	batch->waiting++;
	copier->waiting++;
	if (batch->waiting == BATCH)
		write_batch(copier, batch);
	else if (copier->waiting == MAX_WAITING)
		write_all(copier);
}

static void
say_progress(copier *copier)
{
	TimestampTz now;

	if (copier->taken.rows % 10000 != 0)
		return;
	now = GetCurrentTimestamp();
	if (now < copier->next_notice)
		return;
	ereport(NOTICE,
			(errmsg(INT64_FORMAT " rows of table \"%s\" copied so far", copier->taken.rows,
					RelationGetRelationName(copier->target))));
	copier->next_notice = TimestampTzPlusMilliseconds(now, NOTICE_SECONDS * 1000);
}

/* ---- all of it ---- */

static void
copy_all(copier *copier)
{
	TupleTableSlot *row = table_slot_create(copier->source, NULL);
	MemoryContext per_row = AllocSetContextCreate(CurrentMemoryContext, "chash row",
												  ALLOCSET_DEFAULT_SIZES);
	TableScanDesc scan = begin_scan(copier->source);
	MemoryContext old_context;
	batch	   *batch;

	while (table_scan_getnextslot(scan, ForwardScanDirection, row))
	{
		CHECK_FOR_INTERRUPTS();
		old_context = MemoryContextSwitchTo(per_row);
		chash_sum_add(&copier->taken, row);
		batch = batch_of(copier, row);
		MemoryContextSwitchTo(old_context);
		MemoryContextReset(per_row);
		put_row(copier, batch, row);
		say_progress(copier);
	}
	end_scan(scan);
	ExecDropSingleTupleTableSlot(row);
	MemoryContextDelete(per_row);
}

static void
add_rows_of(chash_sum *to, Oid leaf)
{
	Relation	relation = table_open(leaf, NoLock);
	TupleTableSlot *row = table_slot_create(relation, NULL);
	MemoryContext per_row = AllocSetContextCreate(CurrentMemoryContext, "chash row",
												  ALLOCSET_DEFAULT_SIZES);
	TableScanDesc scan = begin_scan(relation);
	MemoryContext old_context = MemoryContextSwitchTo(per_row);

	while (table_scan_getnextslot(scan, ForwardScanDirection, row))
	{
		CHECK_FOR_INTERRUPTS();
		chash_sum_add(to, row);
		MemoryContextReset(per_row);
	}
	MemoryContextSwitchTo(old_context);
	end_scan(scan);
	ExecDropSingleTupleTableSlot(row);
	MemoryContextDelete(per_row);
	table_close(relation, NoLock);
}

static void
verify(const chash_sum *taken, Oid target)
{
	chash_sum	put = {0};
	ListCell   *cell;

	foreach(cell, chash_leaves_of(target, NoLock))
		add_rows_of(&put, ((chash_leaf *) lfirst(cell))->table);
	if (put.rows != taken->rows || put.checksum != taken->checksum)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("rows of table \"%s\" changed while they were copied", get_rel_name(target)),
				 errdetail(INT64_FORMAT " rows with the checksum " UINT64_FORMAT " were taken, "
						   INT64_FORMAT " with the checksum " UINT64_FORMAT " were put.",
						   taken->rows, taken->checksum, put.rows, put.checksum)));
}

static AttrNumber
column_of_key(Relation source, Relation target, AttrNumber key)
{
	return get_attnum(RelationGetRelid(source),
					  NameStr(TupleDescAttr(RelationGetDescr(target), key - 1)->attname));
}

uint64
chash_copy_rows(Oid source, Oid target)
{
	copier		copier = {0};
	chash_routed routed;

	chash_require_routed(target, &routed);
	copier.source = table_open(source, NoLock);
	copier.target = table_open(target, NoLock);
	copier.key = RelationGetPartitionKey(copier.target);
	copier.key_column = column_of_key(copier.source, copier.target, routed.key);
	copier.map = convert_tuples_by_name(RelationGetDescr(copier.source),
										RelationGetDescr(copier.target));
	copier.command = GetCurrentCommandId(true);
	copier.per_batch = AllocSetContextCreate(CurrentMemoryContext, "chash batch",
											 ALLOCSET_DEFAULT_SIZES);
	copier.next_notice = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), NOTICE_SECONDS * 1000);

	open_batches(&copier);
	copy_all(&copier);
	close_batches(&copier);
	table_close(copier.target, NoLock);
	table_close(copier.source, NoLock);
	MemoryContextDelete(copier.per_batch);

	CommandCounterIncrement();
	verify(&copier.taken, target);
	return copier.taken.rows;
}
