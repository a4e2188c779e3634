/*
 * named.h
 *		What a session knows of the functions of LANGUAGE chash that it calls.
 *
 * A record belongs to this file.  A pointer to one is good until the next call
 * of chash_named_get().
 */
#ifndef CHASH_NAMED_H
#define CHASH_NAMED_H

#include "language/function.h"
#include "language/version.h"

#include "access/transam.h"
#include "utils/snapshot.h"

/* Which snapshot was looked through; two that agree in this see the same. */
typedef struct chash_snapshot_id
{
	TransactionId xmin;
	TransactionId xmax;
	uint32		xcnt;
	int32		subxcnt;
	CommandId	curcid;
	LocalTransactionId transaction; /* whose it is: it sees its own changes */
} chash_snapshot_id;

/* The version of a router that some snapshot sees. */
typedef struct chash_seen
{
	chash_snapshot_id snapshot;
	bool		current;		/* it is the current one */
	bool		none;			/* there is none yet */
	chash_version version;		/* else this one */
} chash_seen;

typedef struct chash_named
{
	Oid			function;		/* hash key, must be first */
	bool		valid;
	chash_signature signature;
	Oid			key_type;
	int16		key_length;
	bool		key_by_value;
	Oid			router;			/* whose row holds the text */
	uint32		function_hash;	/* of their oids in the syscache */
	uint32		router_hash;

	/* the router's row in pg_proc */
	TransactionId xmin;
	CommandId	cmin;			/* if xmin is a transaction of ours */

	chash_version version;		/* what the text there says */
	chash_seen	seen;			/* what the last old snapshot saw */
	Oid			collation;		/* the last one that was found to suit */
	bool		steady_router;	/* neither a router's helper nor being changed */
} chash_named;

/* Valid records of the functions that were called last, by the last bits of their oids. */
#define CHASH_NAMED_RECENT	16
extern chash_named *chash_named_recent[CHASH_NAMED_RECENT];

/* Read the catalogs.  Raises an error for a function that cannot route. */
extern chash_named *chash_named_load(Oid function);

/* One that is there, without a look into the catalogs; else NULL. */
static inline chash_named *
chash_named_find(Oid function)
{
	chash_named *named = chash_named_recent[function % CHASH_NAMED_RECENT];

	if (likely(named && named->function == function && !chash_version_is_stale(&named->version)))
		return named;
	return NULL;
}

static inline chash_named *
chash_named_get(Oid function)
{
	chash_named *named = chash_named_find(function);

	return likely(named != NULL) ? named : chash_named_load(function);
}

/* Whether a function has the same result for two shards. */
extern bool chash_named_same_result(const chash_named *named,
									const chash_shard *a, const chash_shard *b);

#endif							/* CHASH_NAMED_H */
