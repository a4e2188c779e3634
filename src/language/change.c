/*
 * change.c
 *		Versions of the rows of pg_proc.
 */
#include "language/change.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_proc.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/* GRANT and ALTER FUNCTION do not lock the function, but its row. */
static void
lock_row(Relation catalog, const ItemPointerData *tid, Oid function)
{
	HeapTupleData tuple;
	TM_FailureData failure;
	Buffer		buffer;
	TM_Result	result;

	tuple.t_self = *tid;
	result = heap_lock_tuple(catalog, &tuple, GetCurrentCommandId(true), LockTupleNoKeyExclusive,
							 LockWaitBlock, false, &buffer, &failure);
	ReleaseBuffer(buffer);
	if (result != TM_Ok)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("function \"%s\" was changed by another transaction at the same time",
						get_func_name(function))));
}

void
chash_set_body(Oid function, const char *body)
{
	Relation	catalog = table_open(ProcedureRelationId, RowExclusiveLock);
	HeapTuple	tuple = SearchSysCacheCopy1(PROCOID, ObjectIdGetDatum(function));
	Datum		values[Natts_pg_proc] = {0};
	bool		nulls[Natts_pg_proc] = {false};
	bool		replaces[Natts_pg_proc] = {false};

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	lock_row(catalog, &tuple->t_self, function);
	values[Anum_pg_proc_prosrc - 1] = CStringGetTextDatum(body);
	replaces[Anum_pg_proc_prosrc - 1] = true;
	tuple = heap_modify_tuple(tuple, RelationGetDescr(catalog), values, nulls, replaces);
	CatalogTupleUpdate(catalog, &tuple->t_self, tuple);
	InvokeObjectPostAlterHook(ProcedureRelationId, function, 0);
	table_close(catalog, RowExclusiveLock);
	CommandCounterIncrement();
}

/*
 * Of all versions that are still there it is the one that points to the
 * current one.  No cleaning up removes it before this transaction ends.
 */
HeapTuple
chash_previous_version(HeapTuple current)
{
	Relation	catalog;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	HeapTuple	previous = NULL;

	if (!TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(current->t_data)))
		return NULL;
	catalog = table_open(ProcedureRelationId, AccessShareLock);
	ScanKeyInit(&key, Anum_pg_proc_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(((Form_pg_proc) GETSTRUCT(current))->oid));
	scan = systable_beginscan(catalog, ProcedureOidIndexId, true, SnapshotAny, 1, &key);
	while (!previous && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		if (ItemPointerEquals(&tuple->t_data->t_ctid, &current->t_self) &&
			!ItemPointerEquals(&tuple->t_self, &current->t_self) &&
			TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetUpdateXid(tuple->t_data)))
			previous = heap_copytuple(tuple);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return previous;
}
