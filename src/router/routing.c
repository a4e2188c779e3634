/*
 * routing.c
 *		chash_shard and chash_position, each for four types of keys, and
 *		chash_key_text for the others.
 */
#include "router/overloads.h"

#include "router/position.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(chash_key_as_text);

static Datum
shard_of(FunctionCallInfo fcinfo, chash_key_kind kind)
{
	chash_entry *entry = chash_call_router(fcinfo, 0);

	PG_RETURN_DATUM(entry->names[chash_entry_shard(entry, kind, PG_GETARG_DATUM(1))]);
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

CHASH_KEY_OVERLOADS(chash_shard, shard_of)
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
