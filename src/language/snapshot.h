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
 * Whether a function sends a key to one shard by the current version of its
 * router, which this is, and by the one that a snapshot sees.  The snapshot may
 * be NULL.
 */
extern bool chash_snapshot_agrees(chash_named *named, Datum key, const chash_shard *shard,
								  Snapshot snapshot);

/* Raise a serialization failure: they do not agree. */
pg_noreturn extern void chash_snapshot_refuse(const chash_named *named);

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

/* Refuse what the active snapshot does not agree with. */
static inline void
chash_snapshot_check(chash_named *named, Datum key, const chash_shard *shard)
{
	if (chash_snapshot_may_be_older(named) &&
		!chash_snapshot_agrees(named, key, shard, ActiveSnapshotSet() ? GetActiveSnapshot() : NULL))
		chash_snapshot_refuse(named);
}

#endif							/* CHASH_SNAPSHOT_H */
