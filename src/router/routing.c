/*
 * routing.c
 *		chash_shard and chash_position, each for four types of keys, and
 *		chash_key_text for the others.
 */
#include "router/call.h"

#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(chash_shard_text);
PG_FUNCTION_INFO_V1(chash_shard_bigint);
PG_FUNCTION_INFO_V1(chash_shard_uuid);
PG_FUNCTION_INFO_V1(chash_shard_bytea);
PG_FUNCTION_INFO_V1(chash_position_text);
PG_FUNCTION_INFO_V1(chash_position_bigint);
PG_FUNCTION_INFO_V1(chash_position_uuid);
PG_FUNCTION_INFO_V1(chash_position_bytea);
PG_FUNCTION_INFO_V1(chash_key_as_text);

static Datum
shard_of(FunctionCallInfo fcinfo, chash_key_kind kind)
{
	chash_entry *entry = chash_call_router(fcinfo, 0);
	chash_uint	position = chash_entry_position(entry, kind, PG_GETARG_DATUM(1));

	PG_RETURN_DATUM(entry->names[chash_route(&entry->compiled, &position)]);
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

Datum
chash_shard_text(PG_FUNCTION_ARGS)
{
	chash_call_check_collation(fcinfo);
	return shard_of(fcinfo, CHASH_KIND_TEXT);
}

Datum
chash_shard_bigint(PG_FUNCTION_ARGS)
{
	return shard_of(fcinfo, CHASH_KIND_INT8);
}

Datum
chash_shard_uuid(PG_FUNCTION_ARGS)
{
	return shard_of(fcinfo, CHASH_KIND_UUID);
}

Datum
chash_shard_bytea(PG_FUNCTION_ARGS)
{
	return shard_of(fcinfo, CHASH_KIND_BYTEA);
}

Datum
chash_position_text(PG_FUNCTION_ARGS)
{
	chash_call_check_collation(fcinfo);
	return position_of(fcinfo, CHASH_KIND_TEXT);
}

Datum
chash_position_bigint(PG_FUNCTION_ARGS)
{
	return position_of(fcinfo, CHASH_KIND_INT8);
}

Datum
chash_position_uuid(PG_FUNCTION_ARGS)
{
	return position_of(fcinfo, CHASH_KIND_UUID);
}

Datum
chash_position_bytea(PG_FUNCTION_ARGS)
{
	return position_of(fcinfo, CHASH_KIND_BYTEA);
}

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
