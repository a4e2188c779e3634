/*
 * snapshot.c
 *		What a statement does whose snapshot is older than its router.
 *
 * It asks the version of the router that its snapshot sees.  Where that one
 * routes the key alike, which is so for most keys, or if only the owner, the
 * name or the grants have changed, nothing has happened.
 */
#include "language/snapshot.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_proc.h"
#include "storage/proc.h"
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
	id.transaction = MyLocalTransaction;
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
		a->subxcnt == b->subxcnt && a->curcid == b->curcid &&
		a->transaction == b->transaction;
}

static bool
is_seen(const chash_named *named, Snapshot snapshot)
{
	if (TransactionIdIsCurrentTransactionId(named->xmin))
		return named->cmin < snapshot->curcid;
	return !XidInMVCCSnapshot(named->xmin, snapshot);
}

/* Read the version of a router that a snapshot sees; false if there is none. */
static bool
read_seen(Oid router, Snapshot snapshot, chash_version *version)
{
	Relation	relation = table_open(ProcedureRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found;

	ScanKeyInit(&key, Anum_pg_proc_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(router));
	scan = systable_beginscan(relation, ProcedureOidIndexId, true, snapshot, 1, &key);
	tuple = systable_getnext(scan);
	found = HeapTupleIsValid(tuple) &&
		((Form_pg_proc) GETSTRUCT(tuple))->prolang == chash_language();
	if (found)
		chash_version_read(tuple, version);
	systable_endscan(scan);
	table_close(relation, AccessShareLock);
	return found;
}

/* Remember what a snapshot sees: a statement asks for every row. */
static void
look(chash_named *named, Snapshot snapshot)
{
	chash_seen	seen = {0};

	seen.snapshot = id_of(snapshot);
	seen.current = is_seen(named, snapshot);
	if (!seen.current && !read_seen(named->router, snapshot, &seen.version))
	{
		/* what was made by this transaction, for a statement that began before */
		seen.current = TransactionIdIsCurrentTransactionId(named->xmin);
		seen.none = !seen.current;
	}
	chash_version_release(&named->seen.version);
	named->seen = seen;
}

void
chash_snapshot_refuse(const chash_named *named)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not serialize access due to a change of router \"%s\"",
					get_func_name(named->router)),
			 errdetail("The router was changed after the snapshot was taken, "
					   "and sends the key to another shard since."),
			 errhint("The transaction might succeed if retried.")));
}

static bool
seen_is_stale(const chash_seen *seen)
{
	return seen->version.entry && chash_version_is_stale(&seen->version);
}

bool
chash_snapshot_agrees(chash_named *named, Datum key, const chash_shard *shard, Snapshot snapshot)
{
	const chash_seen *seen = &named->seen;
	chash_snapshot_id id;

	if (!snapshot || snapshot->snapshot_type != SNAPSHOT_MVCC)
		return true;
	id = id_of(snapshot);
	if (!same_id(&id, &seen->snapshot) || seen_is_stale(seen))
		look(named, snapshot);
	if (seen->current || (!seen->none && chash_version_same(&seen->version, &named->version)))
		return true;
	return !seen->none &&
		chash_named_same_result(named, shard,
								chash_version_shard(&seen->version, named->signature.key, key));
}
