/*
 * handler.c
 *		The handler of LANGUAGE chash: calls a router or one of its helpers.
 */
#include "language/snapshot.h"

#include "router/call.h"
#include "router/position.h"

#include "fmgr.h"
#include "utils/inval.h"

PG_FUNCTION_INFO_V1(chash_call_handler);

/*
 * PostgreSQL hashes a single partition key to this constant plus what the
 * support function of its operator class returns, and takes that modulo the
 * number of partitions: hash_combine64(0, h) in common/hashfn.h.
 */
#define PARTITION_HASH_OFFSET	UINT64CONST(0x49a0f4dd15e5a8e3)

static inline uint32
shard_of(chash_named *named, Datum key, Oid collation)
{
	uint32		place;

	if (unlikely(collation != named->collation))
	{
		chash_key_check_collation(collation);
		named->collation = collation;
	}
	place = chash_entry_shard_quickly(named->entry, named->signature.key, key);
	if (unlikely(place == CHASH_UNDECIDED))
		place = chash_entry_shard(named->entry, named->signature.key, key);
	chash_snapshot_check(named, key, place);
	return place;
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

Datum
chash_call_handler(PG_FUNCTION_ARGS)
{
	chash_named *named;
	const chash_shard *shard;
	uint32		place;

	listen_once(fcinfo);
	named = chash_named_get(fcinfo->flinfo->fn_oid);
	/* a function that was not declared STRICT */
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	place = shard_of(named, PG_GETARG_DATUM(0), PG_GET_COLLATION());
	if (named->signature.kind == CHASH_FUNCTION_ROUTER)
		PG_RETURN_DATUM(named->entry->names[place]);
	shard = &named->entry->router->shards[place];
	if (named->signature.kind == CHASH_FUNCTION_ORDINAL)
		PG_RETURN_INT32((int32) shard->id);
	PG_RETURN_INT64((int64) (shard->id - PARTITION_HASH_OFFSET));
}
