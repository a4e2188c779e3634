/*
 * check_rows.c
 *		Whether the rows of a table are in the partitions of their shards.
 *
 * Partitions are read one by one, as the statement's snapshot sees them: a
 * query on the table would trust the very thing that is checked.
 */
#include "table/check.h"

#include "language/snapshot.h"
#include "router/position.h"
#include "table/leaves.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* Of so many rows of a partition the functions are asked one by one. */
#define SAMPLE			100

#define EXAMPLE_BYTES	60

typedef struct count
{
	int64		rows;
	char	   *example;		/* a key */
} count;

/* What is counted in a partition. */
typedef struct counter
{
	Oid			support;
	const char *key;			/* the name of the column */
	uint32		remainder;
	int64		rows;
	int64		nulls;
	int64		disagreements;
	bool		failed;			/* it was not read to its end */
	count	   *misplaced;		/* by the id of the shard that rows belong to */
	MemoryContext context;		/* for what is kept */
	MemoryContext row;			/* for what is not */
} counter;

/* ---- counting ---- */

static void
count_misplaced(counter *counter, chash_key_kind kind, Datum key, uint32 id)
{
	count	   *misplaced = &counter->misplaced[id];

	if (misplaced->rows++ == 0)
		misplaced->example = MemoryContextStrdup(counter->context,
												 chash_key_text(kind, key, EXAMPLE_BYTES));
}

static void
count_key(chash_findings *findings, counter *counter, Datum key)
{
	chash_named *named = chash_named_get(counter->support);
	chash_key_kind kind = named->signature.key;
	const chash_shard *shard = chash_version_shard(&named->version, kind, key);

	chash_snapshot_check(named, key, shard);
	if (shard->id != counter->remainder)
		count_misplaced(counter, kind, key, shard->id);
	if (counter->rows <= SAMPLE)
		counter->disagreements += chash_disagreements(findings, key, shard->id);
}

static void
count_row(chash_findings *findings, counter *counter, Datum key, bool isnull)
{
	MemoryContext old_context = MemoryContextSwitchTo(counter->row);

	CHECK_FOR_INTERRUPTS();
	counter->rows++;
	if (isnull)
		counter->nulls++;
	else
		count_key(findings, counter, key);
	MemoryContextSwitchTo(old_context);
	MemoryContextReset(counter->row);
}

/* ---- reading ---- */

static void
read_table(chash_findings *findings, counter *counter, Relation relation)
{
	AttrNumber	key = get_attnum(RelationGetRelid(relation), counter->key);
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	TableScanDesc scan = table_beginscan(relation, GetActiveSnapshot(), 0, NULL);

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		bool		isnull;
		Datum		value = slot_getattr(slot, key, &isnull);

		count_row(findings, counter, value, isnull);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
}

typedef struct foreign_read
{
	counter    *counter;
	Oid			table;
} foreign_read;

/* A foreign table is asked by a query, as it can only be. */
static void
read_foreign(chash_findings *findings, void *argument)
{
	foreign_read *read = argument;
	char	   *sql = psprintf("SELECT t.%s FROM ONLY %s AS t", quote_identifier(read->counter->key),
							   quote_qualified_identifier(get_namespace_name(get_rel_namespace(read->table)),
														  get_rel_name(read->table)));
	Portal		portal;
	uint64		i;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	portal = SPI_cursor_open_with_args(NULL, sql, 0, NULL, NULL, NULL, true, 0);
	do
	{
		SPI_cursor_fetch(portal, true, 1000);
		for (i = 0; i < SPI_processed; i++)
		{
			bool		isnull;
			Datum		value = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull);

			count_row(findings, read->counter, value, isnull);
		}
		i = SPI_processed;
		SPI_freetuptable(SPI_tuptable);
	} while (i > 0);
	SPI_cursor_close(portal);
	SPI_finish();
}

/* Read a partition or, of one that is partitioned in turn, one of its own. */
static void
read_one(chash_findings *findings, counter *counter, Oid table)
{
	Relation	relation = table_open(table, AccessShareLock);
	foreign_read read = {counter, table};

	if (RELATION_IS_OTHER_TEMP(relation))
	{
		counter->failed = true;
		chash_found(findings, "not checked", table, NULL, CHASH_ROWS_UNKNOWN,
					"It is a temporary table of another session.");
	}
	else if (relation->rd_rel->relkind == RELKIND_FOREIGN_TABLE)
	{
		if (!chash_try(findings, table, read_foreign, &read))
			counter->failed = true;
	}
	else if (relation->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
		read_table(findings, counter, relation);
	table_close(relation, NoLock);
}

/* ---- reporting ---- */

static int64
report_misplaced(chash_findings *findings, const counter *counter, Oid partition)
{
	int64		rows = 0;
	uint32		id;

	for (id = 0; id <= CHASH_MAX_ID; id++)
	{
		const count *misplaced = &counter->misplaced[id];

		if (misplaced->rows == 0)
			continue;
		rows += misplaced->rows;
		chash_found(findings, "misplaced rows", partition, chash_shard_of_id(findings, id),
					misplaced->rows, psprintf("They belong to this shard; one has the key \"%s\".",
											  misplaced->example));
	}
	return rows;
}

/* Check a partition; returns how many rows it has that are not its own. */
static int64
check_leaf(chash_findings *findings, const chash_leaf *leaf)
{
	counter		counter = {0};
	ListCell   *cell;
	int64		misplaced;

	counter.support = findings->support;
	counter.key = get_attname(findings->routed.table, findings->routed.key, false);
	counter.remainder = leaf->remainder;
	counter.context = CurrentMemoryContext;
	counter.row = AllocSetContextCreate(CurrentMemoryContext, "chash row", ALLOCSET_DEFAULT_SIZES);
	counter.misplaced = palloc0((CHASH_MAX_ID + 1) * sizeof(count));
	foreach(cell, find_all_inheritors(leaf->table, AccessShareLock, NULL))
		read_one(findings, &counter, lfirst_oid(cell));

	misplaced = report_misplaced(findings, &counter, leaf->table);
	if (counter.nulls > 0)
		chash_found(findings, "null keys", leaf->table, NULL, counter.nulls,
					"No shard has them.");
	if (!chash_shard_of_id(findings, leaf->remainder))
		chash_found(findings, "partition of no shard", leaf->table, NULL,
					counter.failed ? CHASH_ROWS_UNKNOWN : counter.rows,
					psprintf("No shard has the id %u.", leaf->remainder));
	if (counter.disagreements > 0)
		chash_found(findings, "functions disagree", leaf->table, NULL, counter.disagreements,
					"Functions of the router send keys of these rows to different shards.");
	MemoryContextDelete(counter.row);
	pfree(counter.misplaced);
	return misplaced;
}

int64
chash_check_rows(chash_findings *findings)
{
	int64		misplaced = 0;
	ListCell   *cell;

	foreach(cell, findings->leaves)
		misplaced += check_leaf(findings, lfirst(cell));
	return misplaced;
}

/* ---- keys that are in two partitions ---- */

/* The columns of an index, for a GROUP BY, and a condition that they are not null; or false. */
static bool
columns_of_index(Relation index, Oid table, StringInfo columns, StringInfo condition)
{
	Form_pg_index form = index->rd_index;
	int			i;

	if (RelationGetIndexExpressions(index) || RelationGetIndexPredicate(index))
		return false;
	for (i = 0; i < form->indnkeyatts; i++)
	{
		const char *column = quote_identifier(get_attname(table, form->indkey.values[i], false));

		appendStringInfo(columns, "%st.%s", i > 0 ? ", " : "", column);
		if (!INDEX_NULLS_NOT_DISTINCT(form))
			appendStringInfo(condition, "%s t.%s IS NOT NULL", i > 0 ? " AND" : " WHERE", column);
	}
	return true;
}

static void
count_repeated(chash_findings *findings, void *argument)
{
	Relation	index = argument;
	Oid			table = findings->routed.table;
	StringInfoData columns;
	StringInfoData condition;
	int64		rows;
	bool		isnull;

	initStringInfo(&columns);
	initStringInfo(&condition);
	if (!columns_of_index(index, table, &columns, &condition))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("whether keys are unique across partitions is not checked for index \"%s\", "
						"which has expressions or a condition", RelationGetRelationName(index))));
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute(psprintf("SELECT pg_catalog.sum(d.n)::pg_catalog.int8 FROM "
							 "(SELECT pg_catalog.count(*) OPERATOR(pg_catalog.-) 1 AS n "
							 "FROM %s AS t%s GROUP BY %s) AS d WHERE d.n OPERATOR(pg_catalog.>) 0",
							 quote_qualified_identifier(get_namespace_name(get_rel_namespace(table)),
														get_rel_name(table)),
							 condition.data, columns.data), true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not count the keys of index \"%s\"", RelationGetRelationName(index));
	rows = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_finish();
	if (!isnull)
		chash_found(findings, "repeated keys", InvalidOid, NULL, rows,
					psprintf("Index \"%s\" promises unique keys, and so many rows have one that "
							 "another row has.", RelationGetRelationName(index)));
}

static void
check_unique_indexes(chash_findings *findings)
{
	Relation	relation = table_open(findings->routed.table, AccessShareLock);
	ListCell   *cell;

	foreach(cell, RelationGetIndexList(relation))
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

		if (index->rd_index->indisunique && index->rd_index->indisvalid)
			(void) chash_try(findings, InvalidOid, count_repeated, index);
		index_close(index, NoLock);
	}
	table_close(relation, NoLock);
}

void
chash_check_unique(chash_findings *findings)
{
	int			guc_level = NewGUCNestLevel();

	/* within each partition by itself keys are unique in any case */
	(void) set_config_option("enable_partitionwise_aggregate", "off", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("row_security", "off", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	check_unique_indexes(findings);
	AtEOXact_GUC(false, guc_level);
}
