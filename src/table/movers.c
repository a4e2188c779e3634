/*
 * movers.c
 *		The indexes of movers, and the function that they are made of.
 *
 * The function has both routers among its arguments, so that what it says
 * never changes.
 */
#include "table/movers.h"

#include "language/naming.h"
#include "router/call.h"
#include "router/json.h"
#include "router/position.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(chash_moving_slice);

/*
 * chash_slice(before chash_router, after chash_router, key "any"): the slice of
 * a key that moves; null for others.  Shards are the same if their names are.
 */
Datum
chash_moving_slice(PG_FUNCTION_ARGS)
{
	chash_entry *before;
	chash_entry *after;
	chash_key_kind kind;
	uint32		from;
	uint32		to;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	before = chash_call_router(fcinfo, 0);
	after = chash_call_router(fcinfo, 1);
	kind = chash_call_key_kind(fcinfo, 2);
	chash_call_check_collation(fcinfo);
	chash_entry_shards(before, after, kind, PG_GETARG_DATUM(2), &from, &to);
	if (strcmp(before->router->shards[from].name, after->router->shards[to].name) == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(chash_slice_of(kind, PG_GETARG_DATUM(2)));
}

/* Its name has the partition's oid, which no other one has. */
static char *
index_name(Oid leaf)
{
	return psprintf("chash_movers_%u", leaf);
}

Oid
chash_find_movers_index(Oid leaf)
{
	return get_relname_relid(index_name(leaf), get_rel_namespace(leaf));
}

Oid
chash_movers_index(Oid leaf)
{
	Oid			index = chash_find_movers_index(leaf);

	if (!OidIsValid(index))
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("partition \"%s\" has no index of the rows that move", get_rel_name(leaf))));
	return index;
}

/* The function, called for the key of a partition. */
static char *
slice_call(const chash_routed *routed, const chash_version *version, Oid schema)
{
	char	   *router = quote_qualified_identifier(get_namespace_name(schema), "chash_router");

	return psprintf("%s(%s::%s, %s::%s, %s)",
					quote_qualified_identifier(get_namespace_name(schema), "chash_slice"),
					quote_literal_cstr(chash_router_text(version->entry->router)), router,
					quote_literal_cstr(chash_router_text(version->after->router)), router,
					quote_identifier(get_attname(routed->table, routed->key, false)));
}

void
chash_make_movers_index(const chash_routed *routed, Oid leaf, const chash_version *version,
						Oid schema)
{
	char	   *call = slice_call(routed, version, schema);

	chash_run(psprintf("CREATE INDEX %s ON %s (%s) WHERE %s IS NOT NULL",
					   quote_identifier(index_name(leaf)),
					   chash_quoted_name(get_rel_namespace(leaf), get_rel_name(leaf)), call, call));
}

void
chash_drop_movers_index(Oid leaf)
{
	if (OidIsValid(chash_find_movers_index(leaf)))
		chash_run(psprintf("DROP INDEX %s",
						   chash_quoted_name(get_rel_namespace(leaf), index_name(leaf))));
}

int64
chash_count_movers(Oid leaf)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(chash_movers_index(leaf)));
	float4		rows = ((Form_pg_class) GETSTRUCT(tuple))->reltuples;

	ReleaseSysCache(tuple);
	return (int64) Max(rows, 0);
}
