/*
 * routing.c
 *		chash_shard and chash_position, each for four types of keys, and
 *		chash_key_text for the others.
 */
#include "router/overloads.h"

#include "router/position.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(chash_shard_text);
PG_FUNCTION_INFO_V1(chash_shard_bigint);
PG_FUNCTION_INFO_V1(chash_key_as_text);

/* Here, and not in chash_entry_shard(), so that keys of the commonest types take no detours. */
static pg_attribute_always_inline Datum
shard_by_entry(const chash_entry *entry, chash_key_kind kind, Datum key)
{
	uint32		place = chash_entry_shard_quickly(entry, kind, key);

	if (unlikely(place == CHASH_UNDECIDED))
		place = chash_entry_shard(entry, kind, key);
	PG_RETURN_DATUM(entry->names[place]);
}

static Datum
shard_of(FunctionCallInfo fcinfo, chash_key_kind kind)
{
	return shard_by_entry(chash_call_router(fcinfo, 0), kind, PG_GETARG_DATUM(1));
}

/* A bigint holds 63 bits: of a wider space it gets the top ones. */
static Datum
position_of(FunctionCallInfo fcinfo, chash_key_kind kind)
{
	chash_entry *entry = chash_call_router(fcinfo, 0);
	chash_uint	position = chash_entry_position(entry, kind, PG_GETARG_DATUM(1));

	if (entry->router->bits > 63)
		position = chash_uint_shift_right(&position, entry->router->bits - 63);
	PG_RETURN_INT64((int64) chash_uint_low64(&position));
}

/* chash_shard with one router is what most queries ask for, row by row. */
Datum
chash_shard_text(PG_FUNCTION_ARGS)
{
	chash_entry *entry = chash_call_known_router(fcinfo, 0);

	if (unlikely(!entry))
	{
		chash_call_check_collation(fcinfo);
		entry = chash_call_router(fcinfo, 0);
	}
	return shard_by_entry(entry, CHASH_KIND_TEXT, PG_GETARG_DATUM(1));
}

Datum
chash_shard_bigint(PG_FUNCTION_ARGS)
{
	chash_entry *entry = chash_call_known_router(fcinfo, 0);

	if (unlikely(!entry))
		entry = chash_call_router(fcinfo, 0);
	return shard_by_entry(entry, CHASH_KIND_INT8, PG_GETARG_DATUM(1));
}

CHASH_KEY_OVERLOAD(chash_shard_uuid, shard_of, CHASH_KIND_UUID)
CHASH_KEY_OVERLOAD(chash_shard_bytea, shard_of, CHASH_KIND_BYTEA)
CHASH_KEY_OVERLOADS(chash_position, position_of)

/* chash_key_text(key "any") */
Datum
chash_key_as_text(PG_FUNCTION_ARGS)
{
	chash_key_kind kind = chash_call_key_kind(fcinfo, 0);

	chash_call_check_collation(fcinfo);
	if (kind == CHASH_KIND_BYTEA)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a key of type bytea has no text form"),
				 errhint("Pass the key as it is to chash_shard or chash_position.")));
	PG_RETURN_TEXT_P(cstring_to_text(chash_key_text(kind, PG_GETARG_DATUM(0), PG_INT32_MAX)));
}
