/*
 * reshardable.c
 *		What a change of a router needs of its tables, and of others who use them.
 */
#include "reshard/reshardable.h"

#include "language/naming.h"
#include "language/subtransaction.h"
#include "reshard/steps.h"
#include "table/leaves.h"
#include "table/routed.h"
#include "table/sibling.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* ---- what cannot be moved ---- */

/* Of the table, or of the partition if there is one. */
static void
check_owner(Oid table, Oid leaf)
{
	Oid			relation = OidIsValid(leaf) ? leaf : table;

	if (!object_ownercheck(RelationRelationId, relation, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, get_rel_name(relation));
}

/* Steps need to know by which column rows move. */
static void
check_key(Oid table, Oid leaf)
{
	chash_routed routed;

	(void) leaf;
	chash_require_routed(table, &routed);
}

void
chash_check_kind(Oid table, Oid leaf)
{
	if (get_rel_relkind(leaf) != RELKIND_RELATION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("rows of table \"%s\" cannot be moved", get_rel_name(table)),
				 errdetail("Its partition \"%s\" is not an ordinary table.", get_rel_name(leaf))));
	if (isOtherTempNamespace(get_rel_namespace(leaf)))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("rows of table \"%s\" cannot be moved", get_rel_name(table)),
				 errdetail("It is a temporary table of another session.")));
}

/* A count of something of a relation, whose oid is $1. */
static int64
count_of(Oid relation, const char *sql)
{
	Oid			types[1] = {OIDOID};
	Datum		values[1];
	bool		isnull;

	values[0] = ObjectIdGetDatum(relation);
	if (SPI_execute_with_args(sql, 1, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not execute \"%s\"", sql);
	return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
}

/* What nobody promises is not valid either. */
#if CHASH_CONSTRAINTS_NOT_ENFORCED
#define NOT_VALID	" AND NOT convalidated AND conenforced"
#else
#define NOT_VALID	" AND NOT convalidated"
#endif

/* A new partition would have it as one that all rows satisfy. */
static void
check_validated(Oid table, Oid leaf)
{
	(void) leaf;
	if (count_of(table, "SELECT pg_catalog.count(*) FROM pg_catalog.pg_constraint"
				 " WHERE conrelid OPERATOR(pg_catalog.=) $1" NOT_VALID) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("rows of table \"%s\" cannot be moved", get_rel_name(table)),
				 errdetail("It has a constraint that is NOT VALID."),
				 errhint("ALTER TABLE ... VALIDATE CONSTRAINT checks the rows that are there.")));
}

/* A count of something of a leaf that has to be 0. */
static void
check_none(Oid leaf, const char *sql, const char *what)
{
	if (count_of(leaf, sql) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("rows of partition \"%s\" cannot be moved", get_rel_name(leaf)),
				 errdetail("%s", what)));
}

static void
check_references(Oid table, Oid leaf)
{
	(void) table;
	check_none(leaf, "SELECT pg_catalog.count(*) FROM pg_catalog.pg_constraint"
			   " WHERE confrelid OPERATOR(pg_catalog.=) $1 AND conparentid OPERATOR(pg_catalog.=) 0",
			   "A foreign key refers to this partition, and not to its table.");
}

static void
check_constraints(Oid table, Oid leaf)
{
	(void) table;
	check_none(leaf, "SELECT pg_catalog.count(*) FROM pg_catalog.pg_constraint"
			   " WHERE conrelid OPERATOR(pg_catalog.=) $1"
			   " AND contype OPERATOR(pg_catalog.=) ANY ('{c,f}'::pg_catalog.\"char\"[])"
			   " AND coninhcount OPERATOR(pg_catalog.=) 0",
			   "It has a check constraint or a foreign key that its table does not have.");
}

static void
check_not_null(Oid table, Oid leaf)
{
	(void) table;
	check_none(leaf, "SELECT pg_catalog.count(*) FROM pg_catalog.pg_inherits i"
			   " JOIN pg_catalog.pg_attribute l ON l.attrelid OPERATOR(pg_catalog.=) i.inhrelid"
			   " JOIN pg_catalog.pg_attribute t ON t.attrelid OPERATOR(pg_catalog.=) i.inhparent"
			   "  AND t.attname OPERATOR(pg_catalog.=) l.attname"
			   " WHERE i.inhrelid OPERATOR(pg_catalog.=) $1 AND l.attnotnull AND NOT t.attnotnull",
			   "It has a column that is not null, and that can be null in its table.");
}

/* Keys that are unique stay so where they have the column by which rows move. */
static void
check_indexes(Oid table, Oid leaf)
{
	(void) table;
	check_none(leaf, "SELECT pg_catalog.count(*) FROM pg_catalog.pg_index x"
			   " JOIN pg_catalog.pg_inherits i ON i.inhrelid OPERATOR(pg_catalog.=) x.indrelid"
			   " JOIN pg_catalog.pg_partitioned_table p ON p.partrelid OPERATOR(pg_catalog.=) i.inhparent"
			   " JOIN pg_catalog.pg_attribute t ON t.attrelid OPERATOR(pg_catalog.=) p.partrelid"
			   "  AND t.attnum OPERATOR(pg_catalog.=) p.partattrs[0]"
			   " JOIN pg_catalog.pg_attribute l ON l.attrelid OPERATOR(pg_catalog.=) x.indrelid"
			   "  AND l.attname OPERATOR(pg_catalog.=) t.attname"
			   " WHERE x.indrelid OPERATOR(pg_catalog.=) $1 AND (x.indisunique OR x.indisexclusion)"
			   " AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h"
			   "  WHERE h.inhrelid OPERATOR(pg_catalog.=) x.indexrelid)"
			   " AND (x.indisexclusion OR l.attnum OPERATOR(pg_catalog.<>) ALL"
			   "  ((x.indkey::pg_catalog.int2[])[0:x.indnkeyatts OPERATOR(pg_catalog.-) 1]))",
			   "It has a unique index or an exclusion constraint that its table does not have.");
}

/* Of a table, or of one of its partitions. */
typedef void (*check) (Oid table, Oid leaf);

static const check table_checks[] = {check_owner, check_key, check_validated};
static const check leaf_checks[] = {
	check_owner, chash_check_kind, check_references, check_constraints, check_not_null, check_indexes
};

typedef struct checking
{
	check		check;
	Oid			table;
	Oid			leaf;
} checking;

static void
run_check(void *argument)
{
	const checking *checking = argument;

	checking->check(checking->table, checking->leaf);
}

/* Without a list of refusals the first one is an error. */
static void
run_checks(const check *checks, int count, Oid table, Oid leaf, List **refusals)
{
	int			i;

	for (i = 0; i < count; i++)
	{
		checking	checking = {checks[i], table, leaf};
		chash_refusal *refusal;
		ErrorData  *error;

		if (!refusals)
		{
			run_check(&checking);
			continue;
		}
		error = chash_in_cancelable_subtransaction(run_check, &checking);
		if (!error)
			continue;
		refusal = palloc(sizeof(*refusal));
		refusal->relation = OidIsValid(leaf) ? leaf : table;
		refusal->error = error;
		*refusals = lappend(*refusals, refusal);
	}
}

static void
check_tables(Oid router, List **refusals)
{
	ListCell   *table;
	ListCell   *cell;

	foreach(table, chash_tables_of_router(router))
	{
		Oid			oid = lfirst_oid(table);
		chash_layout layout = {0};

		run_checks(table_checks, lengthof(table_checks), oid, InvalidOid, refusals);
		/* so that it takes less time when the table is locked */
		(void) chash_read_siblings(oid, &layout);
		foreach(cell, chash_leaves_of(oid, AccessShareLock))
			run_checks(leaf_checks, lengthof(leaf_checks), oid, ((chash_leaf *) lfirst(cell))->table,
					   refusals);
	}
}

void
chash_check_reshardable(Oid router)
{
	check_tables(router, NULL);
}

List *
chash_reshard_refusals(Oid router)
{
	List	   *refusals = NIL;

	check_tables(router, &refusals);
	return refusals;
}

/* ---- others ---- */

void
chash_wait_for_snapshots(void)
{
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	int			count;
	int			i;
	VirtualTransactionId *old = GetCurrentVirtualXIDs(snapshot->xmin, true, false,
													  PROC_IS_AUTOVACUUM | PROC_IN_VACUUM, &count);

	UnregisterSnapshot(snapshot);
	SPI_commit();
	chash_wait_for_locks();
	for (i = 0; i < count; i++)
	{
		if (VirtualXactLock(old[i], false))
			continue;
		ereport(NOTICE,
				(errmsg("waiting for a transaction with a snapshot from before rows moved"),
				 errdetail("pg_blocking_pids tells whose it is.")));
		(void) VirtualXactLock(old[i], true);
	}
	SPI_commit();
}

bool
chash_is_empty(Oid leaf)
{
	Relation	relation = table_open(leaf, AccessShareLock);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TableScanDesc scan = table_beginscan(relation, snapshot, 0, NULL);
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	bool		empty = !table_scan_getnextslot(scan, ForwardScanDirection, slot);

	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(relation, NoLock);
	return empty;
}
