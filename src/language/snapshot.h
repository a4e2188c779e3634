/*
 * snapshot.h
 *		Whether a statement may use the current version of a router.
 *
 * A statement that looks with a snapshot from before a change of the router
 * does not see the rows where the change put them.
 */
#ifndef CHASH_SNAPSHOT_H
#define CHASH_SNAPSHOT_H

#include "language/named.h"

#include "utils/snapmgr.h"

/*
 * Raise a serialization failure if a snapshot, which may be NULL, does not see
 * the current version of a router, and the version that it sees gives the
 * function another result for the key than the current one, which sends it to
 * a shard.
 */
extern void chash_snapshot_check(chash_named *named, Datum key, const chash_shard *shard,
								 Snapshot snapshot);

/* TransactionIdPrecedes(), which is a function, in line. */
static inline bool
chash_snapshot_precedes(TransactionId a, TransactionId b)
{
	if (unlikely(!TransactionIdIsNormal(a) || !TransactionIdIsNormal(b)))
		return a < b;
	return (int32) (a - b) < 0;
}

/* No snapshot that this transaction uses is older than TransactionXmin. */
static inline bool
chash_snapshot_may_be_older(const chash_named *named)
{
	return unlikely(!chash_snapshot_precedes(named->xmin, TransactionXmin));
}

static inline Snapshot
chash_snapshot_active(void)
{
	return ActiveSnapshotSet() ? GetActiveSnapshot() : NULL;
}

#endif							/* CHASH_SNAPSHOT_H */
