/*
 * pinning.c
 *		chash_pin and chash_unpin: the router with a key pinned to a shard, for
 *		three types of keys.
 */
#include "router/call.h"

#include "core/pins.h"
#include "router/bounds.h"
#include "router/server.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(chash_pin_text);
PG_FUNCTION_INFO_V1(chash_pin_bigint);
PG_FUNCTION_INFO_V1(chash_pin_uuid);
PG_FUNCTION_INFO_V1(chash_unpin_text);
PG_FUNCTION_INFO_V1(chash_unpin_bigint);
PG_FUNCTION_INFO_V1(chash_unpin_uuid);

/* The fixed form of argument 1 as a string: in a range router, that of its key type. */
static char *
get_key(FunctionCallInfo fcinfo, chash_key_kind kind, const chash_router *router)
{
	char		buffer[CHASH_KEY_BUFFER];
	chash_bytes form;
	char	   *key;

	if (kind == CHASH_KIND_TEXT)
		chash_call_check_collation(fcinfo);
	form = chash_key_form(kind, PG_GETARG_DATUM(1), buffer);
	key = pnstrdup(form.data, form.length);

	/* '042' is the key 42 there; that no bytea can be pinned is said later */
	if (!router->strategy->hashed && router->key_type != CHASH_KEY_BYTEA)
		key = chash_key_type_form(router->key_type, key);
	return key;
}

/* chash_pin(router, key, shard) */
static Datum
pin(FunctionCallInfo fcinfo, chash_key_kind kind)
{
	chash_router *router = chash_value_open(PG_GETARG_ROUTER(0));
	char	   *key = get_key(fcinfo, kind, router);
	char	   *shard = text_to_cstring(PG_GETARG_TEXT_PP(2));
	chash_pin	new = {key, 0};
	bool		found;
	uint32		place;

	new.shard = chash_find_shard(router, chash_to_utf8(shard));
	place = chash_router_find_pin(router, key, &found);
	if (!found)
	{
		chash_pin  *pins = palloc((router->npins + 1) * sizeof(chash_pin));

		if (router->npins > 0)
		{
			memcpy(pins, router->pins, place * sizeof(chash_pin));
			memcpy(pins + place + 1, router->pins + place,
				   (router->npins - place) * sizeof(chash_pin));
		}
		router->pins = pins;
		router->npins++;
	}
	router->pins[place] = new;
	PG_RETURN_POINTER(chash_value_make(router));
}

/* chash_unpin(router, key) */
static Datum
unpin(FunctionCallInfo fcinfo, chash_key_kind kind)
{
	chash_router *router = chash_value_open(PG_GETARG_ROUTER(0));
	char	   *key = get_key(fcinfo, kind, router);
	bool		found;
	uint32		place = chash_router_find_pin(router, key, &found);

	if (!found)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("key \"%s\" is not pinned", chash_clipped(chash_from_utf8(key))),
				 errhint("The text of a router lists its pins.")));
	memmove(router->pins + place, router->pins + place + 1,
			(router->npins - place - 1) * sizeof(chash_pin));
	router->npins--;
	PG_RETURN_POINTER(chash_value_make(router));
}

Datum
chash_pin_text(PG_FUNCTION_ARGS)
{
	return pin(fcinfo, CHASH_KIND_TEXT);
}

Datum
chash_pin_bigint(PG_FUNCTION_ARGS)
{
	return pin(fcinfo, CHASH_KIND_INT8);
}

Datum
chash_pin_uuid(PG_FUNCTION_ARGS)
{
	return pin(fcinfo, CHASH_KIND_UUID);
}

Datum
chash_unpin_text(PG_FUNCTION_ARGS)
{
	return unpin(fcinfo, CHASH_KIND_TEXT);
}

Datum
chash_unpin_bigint(PG_FUNCTION_ARGS)
{
	return unpin(fcinfo, CHASH_KIND_INT8);
}

Datum
chash_unpin_uuid(PG_FUNCTION_ARGS)
{
	return unpin(fcinfo, CHASH_KIND_UUID);
}
