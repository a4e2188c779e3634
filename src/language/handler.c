/*
 * handler.c
 *		The handler of LANGUAGE chash: calls a router or one of its helpers.
 */
#include "language/pruning.h"
#include "language/snapshot.h"

#include "router/call.h"
#include "router/position.h"

#include "fmgr.h"
#include "utils/inval.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(chash_call_handler);

/*
 * PostgreSQL hashes a single partition key to this constant plus what the
 * support function of its operator class returns, and takes that modulo the
 * number of partitions: hash_combine64(0, h) in common/hashfn.h.
 */
#define PARTITION_HASH_OFFSET	UINT64CONST(0x49a0f4dd15e5a8e3)

/* The router that a key follows, and the place of its shard in that one. */
static inline chash_entry *
route(chash_named *named, Datum key, Oid collation, uint32 *place)
{
	chash_entry *entry = named->version.entry;

	if (unlikely(collation != named->collation))
	{
		chash_key_check_collation(collation);
		named->collation = collation;
	}
	if (unlikely(named->version.after))
		entry = chash_version_entry_of(&named->version, named->signature.key, key);
	*place = chash_entry_shard_quickly(entry, named->signature.key, key);
	if (unlikely(*place == CHASH_UNDECIDED))
		*place = chash_entry_shard(entry, named->signature.key, key);
	return entry;
}

/*
 * A row is put where the current router says, whatever the snapshot sees.  That
 * is asked through the FmgrInfo in the cache of tables.
 */
static bool
puts_row(const FmgrInfo *call)
{
	return MemoryContextGetParent(call->fn_mcxt) == CacheMemoryContext;
}

/* The planner is not what looks at the table. */
static inline void
check_snapshot(chash_named *named, FunctionCallInfo fcinfo, const chash_shard *shard)
{
	const FmgrInfo *call = fcinfo->flinfo;
	Datum		key = PG_GETARG_DATUM(0);

	if (named->signature.kind == CHASH_FUNCTION_HASH &&
		chash_pruning_note(named, call, PG_GET_COLLATION(), key))
		return;
	if (chash_snapshot_may_be_older(named) && !puts_row(call) && !chash_pruning_estimates(call))
		chash_snapshot_check(named, key, shard);
}

/*
 * Whoever reads a table locks it, and so hears what others have changed; a
 * statement that only calls a router would never hear of the router.
 */
static inline void
listen_once(FunctionCallInfo fcinfo)
{
	if (unlikely(chash_call_is_first(fcinfo)))
		AcceptInvalidationMessages();
}

/* Any function of this language, for any key. */
static pg_noinline Datum
call_function(chash_named *named, FunctionCallInfo fcinfo)
{
	uint32		place;
	chash_entry *entry = route(named, PG_GETARG_DATUM(0), PG_GET_COLLATION(), &place);
	const chash_shard *shard = &entry->router->shards[place];

	check_snapshot(named, fcinfo, shard);
	if (named->signature.kind == CHASH_FUNCTION_ROUTER)
		PG_RETURN_DATUM(entry->names[place]);
	if (named->signature.kind == CHASH_FUNCTION_ORDINAL)
		PG_RETURN_INT32((int32) shard->id);
	PG_RETURN_INT64((int64) (shard->id - PARTITION_HASH_OFFSET));
}

/*
 * What most queries call row by row: a router with a text or a bigint, where
 * no check is due.  The place of the shard, or CHASH_UNDECIDED.
 */
static pg_attribute_always_inline uint32
route_quickly(const chash_named *named, Datum key, Oid collation)
{
	const chash_entry *entry = named->version.entry;

	if (unlikely(!named->steady_router) || unlikely(collation != named->collation) ||
		chash_snapshot_may_be_older(named))
		return CHASH_UNDECIDED;
	/* constants, of which the compiler makes use */
	if (named->signature.key == CHASH_KIND_TEXT)
		return chash_entry_shard_quickly(entry, CHASH_KIND_TEXT, key);
	if (named->signature.key == CHASH_KIND_INT8)
		return chash_entry_shard_quickly(entry, CHASH_KIND_INT8, key);
	return CHASH_UNDECIDED;
}

Datum
chash_call_handler(PG_FUNCTION_ARGS)
{
	chash_named *named;
	uint32		place;

	listen_once(fcinfo);
	named = chash_named_get(fcinfo->flinfo->fn_oid);
	/* a function that was not declared STRICT */
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	place = route_quickly(named, PG_GETARG_DATUM(0), PG_GET_COLLATION());
	if (likely(place != CHASH_UNDECIDED))
		PG_RETURN_DATUM(named->version.entry->names[place]);
	return call_function(named, fcinfo);
}
