/*
 * snapshot.c
 *		What a statement does whose snapshot is older than its router.
 *
 * It asks the version of the router that its snapshot sees.  Where that one
 * routes the key alike, which is so for most keys, or if only the owner, the
 * name or the grants have changed, nothing has happened.
 */
#include "language/snapshot.h"

#include "router/position.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_proc.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

static chash_snapshot_id
id_of(Snapshot snapshot)
{
	chash_snapshot_id id;

	id.xmin = snapshot->xmin;
	id.xmax = snapshot->xmax;
	id.xcnt = snapshot->xcnt;
	id.subxcnt = snapshot->subxcnt;
	id.curcid = snapshot->curcid;
	return id;
}

/*
 * Of a set of transactions that only shrinks, as those that were in progress
 * below an xmax do, the size tells which one it is.
 */
static bool
same_id(const chash_snapshot_id *a, const chash_snapshot_id *b)
{
	return a->xmin == b->xmin && a->xmax == b->xmax && a->xcnt == b->xcnt &&
		a->subxcnt == b->subxcnt && a->curcid == b->curcid;
}

static bool
is_seen(const chash_named *named, Snapshot snapshot)
{
	if (TransactionIdIsCurrentTransactionId(named->xmin))
		return named->cmin < snapshot->curcid;
	return !XidInMVCCSnapshot(named->xmin, snapshot);
}

/* The version of a router that a snapshot sees, compiled and pinned, or NULL. */
static chash_entry *
entry_seen(Oid router, Snapshot snapshot)
{
	Relation	relation = table_open(ProcedureRelationId, AccessShareLock);
	chash_entry *entry = NULL;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_proc_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(router));
	scan = systable_beginscan(relation, ProcedureOidIndexId, true, snapshot, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple) &&
		((Form_pg_proc) GETSTRUCT(tuple))->prolang == chash_language())
		entry = chash_named_compile(tuple);
	systable_endscan(scan);
	table_close(relation, AccessShareLock);
	return entry;
}

/* Remember what a snapshot sees: a statement asks for every row. */
static void
look(chash_named *named, Snapshot snapshot)
{
	chash_snapshot_id id = id_of(snapshot);
	bool		current = is_seen(named, snapshot);
	chash_entry *entry = current ? NULL : entry_seen(named->router, snapshot);

	/* what was made by this transaction, for a statement that began before */
	if (!current && !entry && TransactionIdIsCurrentTransactionId(named->xmin))
		current = true;
	if (named->seen.entry)
		chash_cache_unpin(named->seen.entry);
	named->seen.snapshot = id;
	named->seen.current = current;
	named->seen.entry = entry;
}

pg_noreturn static void
refuse(const chash_named *named)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not serialize access due to a change of router \"%s\"",
					get_func_name(named->router)),
			 errdetail("The router was changed after the snapshot was taken, "
					   "and sends the key to another shard since."),
			 errhint("The transaction might succeed if retried.")));
}

void
chash_snapshot_check_key(chash_named *named, Datum key, uint32 place)
{
	Snapshot	snapshot = ActiveSnapshotSet() ? GetActiveSnapshot() : NULL;
	chash_snapshot_id id;
	chash_entry *entry;

	if (!snapshot || snapshot->snapshot_type != SNAPSHOT_MVCC)
		return;
	id = id_of(snapshot);
	if (!same_id(&id, &named->seen.snapshot) || (named->seen.entry && named->seen.entry->stale))
		look(named, snapshot);
	entry = named->seen.entry;
	if (named->seen.current || entry == named->entry)
		return;
	if (!entry || !chash_named_same_result(named, named->entry, place, entry,
										   chash_entry_shard(entry, named->signature.key, key)))
		refuse(named);
}
