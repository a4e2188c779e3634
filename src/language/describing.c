/*
 * describing.c
 *		What the views of routers show: chash_describe_router and
 *		chash_get_change.
 *
 * A body that cannot be read, as one from a later version, must not keep
 * anybody from seeing the other routers.
 */
#include "language/named.h"
#include "language/subtransaction.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(chash_describe_router);
PG_FUNCTION_INFO_V1(chash_get_change);

typedef struct reading
{
	Oid			function;
	const chash_version *version;
} reading;

static void
read_version(void *argument)
{
	reading    *reading = argument;

	reading->version = &chash_named_get(reading->function)->version;
}

/* NULL if the router cannot be read, or is gone, which a snapshot may not have heard of. */
static const chash_version *
try_version(Oid function)
{
	reading		reading = {function, NULL};

	if (!SearchSysCacheExists1(PROCOID, ObjectIdGetDatum(function)))
		return NULL;
	chash_check_is_router(function);
	(void) chash_in_cancelable_subtransaction(read_version, &reading);
	return reading.version;
}

static Datum
make_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/*
 * chash_describe_router(router regproc, OUT strategy text, OUT hash text,
 * OUT shards int, OUT changing boolean): nulls for what cannot be read.  While a
 * router is changed these are those of the one that it becomes.
 */
Datum
chash_describe_router(PG_FUNCTION_ARGS)
{
	const chash_version *version;
	const chash_router *router;
	Datum		values[4] = {0};
	bool		nulls[4] = {true, true, true, true};

	version = try_version(PG_GETARG_OID(0));
	if (version)
	{
		router = (version->after ? version->after : version->entry)->router;
		memset(nulls, false, sizeof(nulls));
		nulls[1] = !router->hash;
		values[0] = CStringGetTextDatum(router->strategy->name);
		values[1] = router->hash ? CStringGetTextDatum(router->hash->name) : (Datum) 0;
		values[2] = Int32GetDatum((int32) router->nshards);
		values[3] = BoolGetDatum(version->after != NULL);
	}
	PG_RETURN_DATUM(make_row(fcinfo, values, nulls));
}

/* chash_get_change(router regproc, OUT before, OUT after, OUT done): nulls if there is no change */
Datum
chash_get_change(PG_FUNCTION_ARGS)
{
	const chash_version *version;
	Datum		values[3] = {0};
	bool		nulls[3] = {true, true, true};

	version = try_version(PG_GETARG_OID(0));
	if (version && version->after)
	{
		memset(nulls, false, sizeof(nulls));
		values[0] = PointerGetDatum(version->entry->value);
		values[1] = PointerGetDatum(version->after->value);
		values[2] = Float8GetDatum((double) version->passed / CHASH_SLICES_END);
	}
	PG_RETURN_DATUM(make_row(fcinfo, values, nulls));
}
