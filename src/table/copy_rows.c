/*
 * copy_rows.c
 *		Copying the rows of a table into the partitions of another one.
 *
 * Tuples go from the table to its partitions in batches, without indexes,
 * which are built when all are there.
 */
#include "table/copy_rows.h"

#include "table/leaves.h"
#include "table/routed.h"

#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/tupconvert.h"
#include "access/xact.h"
#include "common/hashfn.h"
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

typedef struct sum
{
	uint64		rows;
	uint64		checksum;		/* does not depend on their order */
} sum;

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
	sum			taken;
	TimestampTz next_notice;
} copier;

/* ---- checksums ---- */

static uint64
hash_bytes_of(const void *bytes, Size length)
{
	return hash_bytes_extended(bytes, (int) length, 0);
}

static uint64
hash_of_value(Form_pg_attribute column, Datum value)
{
	struct varlena *plain;
	uint64		hash;

	if (column->attbyval)
		return (uint64) value;
	if (column->attlen > 0)
		return hash_bytes_of(DatumGetPointer(value), column->attlen);
	if (column->attlen == -2)
		return hash_bytes_of(DatumGetCString(value), strlen(DatumGetCString(value)));
	plain = PG_DETOAST_DATUM_PACKED(value);
	hash = hash_bytes_of(VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain));
	if ((Pointer) plain != DatumGetPointer(value))
		pfree(plain);
	return hash;
}

static void
add_row(sum *to, TupleTableSlot *slot)
{
	TupleDesc	desc = slot->tts_tupleDescriptor;
	uint64		hash = 0;
	int			i;

	slot_getallattrs(slot);
	for (i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, i);

		if (column->attisdropped)
			continue;
		hash = hash_combine64(hash, slot->tts_isnull[i] ? 1 : 0);
		if (!slot->tts_isnull[i])
			hash = hash_combine64(hash, hash_of_value(column, slot->tts_values[i]));
	}
	to->rows++;

	/* so that the rows' own sums do not cancel each other */
	to->checksum += hash_bytes_of(&hash, sizeof(hash));
}

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
			(errmsg(UINT64_FORMAT " rows of table \"%s\" copied so far", copier->taken.rows,
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
		add_row(&copier->taken, row);
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
add_rows_of(sum *to, Oid leaf)
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
		add_row(to, row);
		MemoryContextReset(per_row);
	}
	MemoryContextSwitchTo(old_context);
	end_scan(scan);
	ExecDropSingleTupleTableSlot(row);
	MemoryContextDelete(per_row);
	table_close(relation, NoLock);
}

static void
verify(const sum *taken, Oid target)
{
	sum			put = {0};
	ListCell   *cell;

	foreach(cell, chash_leaves_of(target, NoLock))
		add_rows_of(&put, ((chash_leaf *) lfirst(cell))->table);
	if (put.rows != taken->rows || put.checksum != taken->checksum)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("rows of table \"%s\" changed while they were copied", get_rel_name(target)),
				 errdetail(UINT64_FORMAT " rows with the checksum " UINT64_FORMAT " were taken, "
						   UINT64_FORMAT " with the checksum " UINT64_FORMAT " were put.",
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
