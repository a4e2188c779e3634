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
 * Raise a serialization failure if the active snapshot does not see the
 * current version of a router, and the version that it sees gives the function
 * another result for the key than the current one, which is the shard at place.
 */
extern void chash_snapshot_check_key(chash_named *named, Datum key, uint32 place);

/* TransactionIdPrecedes(), which is a function, in line. */
static inline bool
chash_snapshot_precedes(TransactionId a, TransactionId b)
{
	if (unlikely(!TransactionIdIsNormal(a) || !TransactionIdIsNormal(b)))
		return a < b;
	return (int32) (a - b) < 0;
}

static inline void
chash_snapshot_check(chash_named *named, Datum key, uint32 place)
{
	/* no snapshot that this transaction uses is older than TransactionXmin */
	if (unlikely(!chash_snapshot_precedes(named->xmin, TransactionXmin)))
		chash_snapshot_check_key(named, key, place);
}

#endif							/* CHASH_SNAPSHOT_H */
