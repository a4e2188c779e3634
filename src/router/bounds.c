/*
 * bounds.c
 *		The bounds of range routers.
 *
 * A router holds its bounds as text, in the same fixed forms in which keys are
 * hashed, a bytea in hexadecimal digits.
 */
#include "router/bounds.h"

#include "core/pins.h"
#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "nodes/pg_list.h"
#include "router/server.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
#include "utils/varlena.h"

/* The SQL type in which a key type is compared, and the kind of its values. */
static const struct
{
	Oid			type;
	chash_key_kind kind;
}			range_types[] =
{
	[CHASH_KEY_TEXT] = {TEXTOID, CHASH_KIND_TEXT},
	[CHASH_KEY_BIGINT] = {INT8OID, CHASH_KIND_INT8},
	[CHASH_KEY_UUID] = {UUIDOID, CHASH_KIND_UUID},
	[CHASH_KEY_BYTEA] = {BYTEAOID, CHASH_KIND_BYTEA},
	[CHASH_KEY_NUMERIC] = {NUMERICOID, CHASH_KIND_NUMERIC},
	[CHASH_KEY_DATE] = {DATEOID, CHASH_KIND_DATE},
	[CHASH_KEY_TIMESTAMP] = {TIMESTAMPOID, CHASH_KIND_TIMESTAMP},
	[CHASH_KEY_TIMESTAMPTZ] = {TIMESTAMPTZOID, CHASH_KIND_TIMESTAMPTZ},
};

/* ---- collations ---- */

static Oid
get_collation_namespace(Oid collation)
{
	HeapTuple	tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(collation));
	Oid			schema;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for collation %u", collation);
	schema = ((Form_pg_collation) GETSTRUCT(tuple))->collnamespace;
	ReleaseSysCache(tuple);
	return schema;
}

/*
 * A collation by its exact name in pg_catalog, such as C or en_US.utf8, or by
 * a qualified and, where necessary, quoted name.
 */
static Oid
find_collation(const char *name)
{
	List	   *names = list_make2(makeString(pstrdup("pg_catalog")), makeString(pstrdup(name)));
	Oid			collation = get_collation_oid(names, true);

	if (!OidIsValid(collation))
	{
		names = textToQualifiedNameList(cstring_to_text(name));
		if (list_length(names) == 2)
			collation = get_collation_oid(names, true);
	}
	if (!OidIsValid(collation))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("collation \"%s\" for encoding \"%s\" does not exist",
						name, GetDatabaseEncodingName()),
				 errhint("A collation outside pg_catalog is named with its schema, "
						 "as in 'public.german'.")));
	if (isAnyTempNamespace(get_collation_namespace(collation)))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("bounds cannot have the temporary collation \"%s\"", name)));
	if (!get_collation_isdeterministic(collation))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("bounds cannot have the nondeterministic collation \"%s\"", name),
				 errhint("Name another collation, such as \"C\".")));
	return collation;
}

char *
chash_collation_name(Oid collation)
{
	char	   *name = get_collation_name(collation);
	Oid			schema = get_collation_namespace(collation);

	if (!name)
		elog(ERROR, "cache lookup failed for collation %u", collation);
	return schema == PG_CATALOG_NAMESPACE ? name :
		quote_qualified_identifier(get_namespace_name(schema), name);
}

/* ---- text and values ---- */

pg_noreturn static void
refuse_datetime(chash_key_type key_type, const char *text)
{
	const char *example = key_type == CHASH_KEY_DATE ? "2024-12-31" :
		key_type == CHASH_KEY_TIMESTAMP ? "2024-12-31 23:59:59" : "2024-12-31 23:59:59+00";

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_DATETIME_FORMAT),
			 errmsg("\"%s\" is not in the fixed form of type %s",
					text, chash_key_type_name(key_type)),
			 errdetail("How other forms are read depends on settings of the session."),
			 errhint("Write it like \"%s\".", example)));
}

/*
 * Whether text starts with an ISO date, a year of four digits or more first.
 * Of others PostgreSQL would say that they need another DateStyle.
 */
static bool
starts_with_date(const char *text)
{
	size_t		digits = strspn(text, "0123456789");
	int			month;
	int			day;

	return digits >= 4 && sscanf(text + digits, "-%2d-%2d", &month, &day) == 2 &&
		month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* Dates and times are read in one form only: others depend on settings. */
static Datum
parse_datetime(chash_key_type key_type, const char *text)
{
	char		buffer[CHASH_KEY_BUFFER];
	chash_key_kind kind = range_types[key_type].kind;
	chash_bytes form;
	Datum		value;

	if (!starts_with_date(text) && strcmp(text, EARLY) != 0 && strcmp(text, LATE) != 0)
		refuse_datetime(key_type, text);
	if (key_type == CHASH_KEY_DATE)
		value = DirectFunctionCall1(date_in, CStringGetDatum(text));
	else if (key_type == CHASH_KEY_TIMESTAMP)
		value = DirectFunctionCall3(timestamp_in, CStringGetDatum(text),
									ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	else
		value = DirectFunctionCall3(timestamptz_in, CStringGetDatum(text),
									ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));

	form = chash_key_form(kind, value, buffer);
	if (strcmp(form.data, text) != 0)
		refuse_datetime(key_type, text);
	return value;
}

/* A value of a key type, from text in the server's encoding. */
static Datum
parse_value(chash_key_type key_type, const char *text)
{
	switch (key_type)
	{
		case CHASH_KEY_TEXT:
			return CStringGetTextDatum(text);
		case CHASH_KEY_BIGINT:
			return DirectFunctionCall1(int8in, CStringGetDatum(text));
		case CHASH_KEY_UUID:
			return DirectFunctionCall1(uuid_in, CStringGetDatum(text));
		case CHASH_KEY_BYTEA:
			return DirectFunctionCall1(byteain, CStringGetDatum(text));
		case CHASH_KEY_NUMERIC:
			return DirectFunctionCall3(numeric_in, CStringGetDatum(text),
									   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
		case CHASH_KEY_DATE:
		case CHASH_KEY_TIMESTAMP:
		case CHASH_KEY_TIMESTAMPTZ:
			return parse_datetime(key_type, text);
		case CHASH_KEY_UNSPECIFIED:
			break;
	}
	elog(ERROR, "unexpected key type: %d", (int) key_type);
}

/* ---- bounds ---- */

chash_bounds *
chash_bounds_compile(const chash_router *router)
{
	chash_bounds *bounds = palloc0(sizeof(*bounds));
	int			i;

	bounds->key_type = router->key_type;
	if (router->key_type == CHASH_KEY_TEXT)
		bounds->collation = find_collation(chash_from_utf8(router->collation));
	bounds->type = lookup_type_cache(range_types[router->key_type].type,
									 TYPECACHE_CMP_PROC_FINFO);
	bounds->count = router->nbounds;
	bounds->value = palloc(Max(bounds->count, 1) * sizeof(Datum));
	for (i = 0; i < bounds->count; i++)
		bounds->value[i] = parse_value(router->key_type, chash_from_utf8(router->bounds[i]));
	return bounds;
}

int
chash_bounds_compare(const chash_bounds *bounds, Datum a, Datum b)
{
	return DatumGetInt32(FunctionCall2Coll(&bounds->type->cmp_proc_finfo,
										   bounds->collation, a, b));
}

void
chash_bounds_normalize(chash_router *router)
{
	chash_bounds *bounds = chash_bounds_compile(router);
	int			i;

	if (OidIsValid(bounds->collation))
		router->collation = chash_to_utf8(chash_collation_name(bounds->collation));
	for (i = 0; i < bounds->count; i++)
	{
		router->bounds[i] = chash_to_utf8(chash_key_text(range_types[router->key_type].kind,
														 bounds->value[i], PG_INT32_MAX));
		if (i > 0 && chash_bounds_compare(bounds, bounds->value[i - 1], bounds->value[i]) >= 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("bounds must increase: \"%s\" is not above \"%s\"",
							chash_from_utf8(router->bounds[i]),
							chash_from_utf8(router->bounds[i - 1])),
					 errdetail("They are compared as %s.",
							   chash_key_type_name(router->key_type))));
	}
}

char *
chash_key_type_form(chash_key_type key_type, const char *utf8)
{
	Datum		value = parse_value(key_type, chash_from_utf8(utf8));

	return chash_to_utf8(chash_key_text(range_types[key_type].kind, value, PG_INT32_MAX));
}

void
chash_pins_normalize(chash_router *router)
{
	const char **keys;
	const char **names;
	chash_error error;
	uint32		i;

	if (router->npins == 0)
		return;
	if (router->key_type == CHASH_KEY_BYTEA)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("keys of type bytea cannot be pinned")));
	keys = palloc(router->npins * sizeof(char *));
	names = palloc(router->npins * sizeof(char *));
	for (i = 0; i < router->npins; i++)
	{
		keys[i] = chash_key_type_form(router->key_type, router->pins[i].key);
		names[i] = router->shards[router->pins[i].shard].name;
	}
	if (!chash_router_set_pins(router, router->npins, keys, names, &chash_server_host, &error))
		chash_report(&error);
}

/* A key of some kind as a value of the type in which the bounds are. */
static Datum
convert_key(const chash_bounds *bounds, chash_key_kind kind, Datum key)
{
	chash_key_type type = chash_key_type_of_kind(kind);

	switch (kind)
	{
		case CHASH_KIND_INT2:
			key = Int64GetDatum((int64) DatumGetInt16(key));
			break;
		case CHASH_KIND_INT4:
			key = Int64GetDatum((int64) DatumGetInt32(key));
			break;
		case CHASH_KIND_BPCHAR:
			key = DirectFunctionCall1(rtrim1, key);
			break;
		case CHASH_KIND_NAME:
			key = CStringGetTextDatum(NameStr(*DatumGetName(key)));
			break;
		default:
			break;
	}
	if (type == bounds->key_type)
		return key;
	if (type == CHASH_KEY_BIGINT && bounds->key_type == CHASH_KEY_NUMERIC)
		return DirectFunctionCall1(int8_numeric, key);
	/* untyped literals and parameters arrive as text */
	if (type == CHASH_KEY_TEXT)
		return parse_value(bounds->key_type, TextDatumGetCString(key));

	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("key \"%s\" of type %s cannot be compared with bounds of type %s",
					chash_key_text(kind, key, 100), chash_key_type_name(type),
					chash_key_type_name(bounds->key_type)),
			 errhint("Cast the key, or make the router with key_type => '%s'.",
					 chash_key_type_name(type))));
}

int
chash_bounds_interval(const chash_bounds *bounds, chash_key_kind kind, Datum key)
{
	Datum		value = convert_key(bounds, kind, key);
	int			low = 0;
	int			high = bounds->count;

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (chash_bounds_compare(bounds, bounds->value[middle], value) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
