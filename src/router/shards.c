/*
 * shards.c
 *		chash_shards: the shards that hold copies of a key, for four types of
 *		keys.
 */
#include "router/overloads.h"

#include "catalog/pg_type.h"
#include "core/replicas.h"
#include "router/position.h"
#include "router/server.h"
#include "utils/array.h"

/* (router chash_router, key, n int) returns text[] */
static Datum
shards_of(FunctionCallInfo fcinfo, chash_key_kind kind)
{
	chash_entry *entry = chash_call_router(fcinfo, 0);
	uint32		nshards = entry->router->nshards;
	int32		n = PG_GETARG_INT32(2);
	chash_uint	position;
	uint32		pin;
	chash_error error;
	uint32	   *places;
	Datum	   *names;
	int			i;

	if (n < 1 || (uint32) n > nshards)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot choose %d of %u shards", n, nshards),
				 errhint("Ask for 1 to %u.", nshards)));
	position = chash_entry_position(entry, kind, PG_GETARG_DATUM(1));
	pin = chash_entry_pin(entry, kind, PG_GETARG_DATUM(1));
	places = palloc(n * sizeof(uint32));
	names = palloc(n * sizeof(Datum));
	if (!chash_replicas(&entry->compiled, &chash_server_host, &position, pin, n, places, &error))
		chash_report(&error);
	for (i = 0; i < n; i++)
		names[i] = entry->names[places[i]];
	PG_RETURN_POINTER(construct_array(names, n, TEXTOID, -1, false, TYPALIGN_INT));
}

CHASH_KEY_OVERLOADS(chash_shards, shards_of)
