/*
 * version.h
 *		What the text of a named router says: a router or, while tables are
 *		resharded, two, and how far the change has come.
 *
 *		{"before": ROUTER, "after": ROUTER, "passed": SLICE}
 *
 * Keys are cut into 2^62 slices by a hash of their own.  A key whose slice is
 * below "passed" follows the router after.  Rows move in the order of their
 * slices, so that each step of the change is one number.
 */
#ifndef CHASH_VERSION_H
#define CHASH_VERSION_H

#include "router/cache.h"
#include "router/key.h"

#include "access/htup.h"

typedef struct chash_version
{
	/* both pinned */
	chash_entry *entry;			/* the router; the one before while it is changed */
	chash_entry *after;			/* NULL unless it is changed */
	int64		passed;
} chash_version;

#define CHASH_SLICES_END	(INT64CONST(1) << 62)

/*
 * Read a row of pg_proc, and pin what is in it.  Raises an error for a body that
 * is no router, and says whose it is.
 */
extern void chash_version_read(HeapTuple router, chash_version *version);

/* Unpin; may be called for one that is released already. */
extern void chash_version_release(chash_version *version);

/* Whether the cache has found that it has to be read again. */
static inline bool
chash_version_is_stale(const chash_version *version)
{
	return version->entry->stale || (version->after && version->after->stale);
}

/* Whether two of them route all keys alike. */
static inline bool
chash_version_same(const chash_version *a, const chash_version *b)
{
	return a->entry == b->entry && a->after == b->after && a->passed == b->passed;
}

/* A change from one router to another, in a number. */
extern int64 chash_change_fingerprint(const chash_entry *before, const chash_entry *after);

/* The slice of a key. */
extern int64 chash_slice_of(chash_key_kind kind, Datum key);

/* The router that a key follows during a change. */
extern chash_entry *chash_version_entry_of(const chash_version *version, chash_key_kind kind, Datum key);

/* The shard of a key. */
extern const chash_shard *chash_version_shard(const chash_version *version, chash_key_kind kind, Datum key);

/*
 * A palloc'd copy of the router.  While it is changed the copy has the shards
 * of both, and serves only to look at these.
 */
extern chash_router *chash_version_copy(const chash_version *version);

/* The text of a change from one router to another. */
extern char *chash_version_text(const chash_router *before, const chash_router *after, int64 passed);

#endif							/* CHASH_VERSION_H */
