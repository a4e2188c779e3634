/*
 * layout.c
 *		Names, places and storage parameters of partitions, and the command
 *		that makes one.
 */
#include "table/layout.h"

#include "catalog/namespace.h"
#include "language/naming.h"
#include "router/server.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/syscache.h"

#define KEYS_OF_SHARD	"name, schema, tablespace and options"

/* ---- JSON ---- */

static char *
string_of(const JsonbValue *value)
{
	return pnstrdup(value->val.string.val, value->val.string.len);
}

pg_noreturn static void
refuse_json(const char *what, const char *must)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s must be %s", what, must)));
}

static JsonbContainer *
object_of(JsonbContainer *container, const char *what)
{
	if (!JsonContainerIsObject(container))
		refuse_json(what, "a JSON object");
	return container;
}

static JsonbContainer *
object_in(const JsonbValue *value, const char *what)
{
	if (value->type != jbvBinary)
		refuse_json(what, "a JSON object");
	return object_of(value->val.binary.data, what);
}

static bool
find(JsonbContainer *object, const char *key, JsonbValue *value)
{
	return getKeyJsonValueFromContainer(object, key, strlen(key), value) != NULL;
}

/* The value of a storage parameter, as SQL. */
static char *
parameter_value(const char *name, const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvString:
			return quote_literal_cstr(string_of(value));
		case jbvNumeric:
			return quote_literal_cstr(DatumGetCString(DirectFunctionCall1(numeric_out,
																		  NumericGetDatum(value->val.numeric))));
		case jbvBool:
			return pstrdup(value->val.boolean ? "'true'" : "'false'");
		default:
			refuse_json(psprintf("storage parameter \"%s\"", name),
						"a number, a boolean or a string");
	}
}

/* Its name, of which what is before a dot is the name space. */
static char *
parameter_name(char *name)
{
	char	   *dot = strchr(name, '.');

	if (!dot)
		return pstrdup(quote_identifier(name));
	*dot = '\0';
	return quote_qualified_identifier(name, dot + 1);
}

/* Append the storage parameters of an object, but for those that are in another one. */
static void
append_parameters(StringInfo out, JsonbContainer *object, JsonbContainer *but)
{
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbValue	key;
	JsonbValue	value;

	(void) JsonbIteratorNext(&iterator, &key, true);
	while (JsonbIteratorNext(&iterator, &key, true) == WJB_KEY)
	{
		char	   *name = string_of(&key);
		char	   *text;

		(void) JsonbIteratorNext(&iterator, &value, true);
		if (but && find(but, name, &key))
			continue;
		text = parameter_value(name, &value);
		appendStringInfo(out, "%s%s = %s", out->len > 0 ? ", " : "", parameter_name(name), text);
	}
}

/* ---- one shard ---- */

/* What a layout says of a shard in particular, or NULL. */
static JsonbContainer *
settings_of(const chash_layout *layout, const char *shard)
{
	JsonbValue	value;

	if (!layout->per_shard || !find(&layout->per_shard->root, shard, &value))
		return NULL;
	return object_in(&value, psprintf("per_shard of \"%s\"", shard));
}

static const char *
text_setting(JsonbContainer *settings, const char *key, const char *otherwise)
{
	JsonbValue	value;

	if (!settings || !find(settings, key, &value))
		return otherwise;
	if (value.type != jbvString)
		refuse_json(psprintf("\"%s\" of a shard", key), "a string");
	return string_of(&value);
}

static void
append_options(StringInfo command, const chash_layout *layout, JsonbContainer *settings)
{
	StringInfoData options;
	JsonbContainer *own = NULL;
	JsonbValue	value;

	initStringInfo(&options);
	if (settings && find(settings, "options", &value))
		own = object_in(&value, "\"options\" of a shard");
	if (layout->options)
		append_parameters(&options, object_of(&layout->options->root, "options"), own);
	if (own)
		append_parameters(&options, own, NULL);
	if (options.len > 0)
		appendStringInfo(command, " WITH (%s)", options.data);
}

static void
check_settings(const chash_layout *layout, const char *shard)
{
	static const char *const known[] = {"name", "schema", "tablespace", "options"};
	JsonbIterator *iterator = JsonbIteratorInit(settings_of(layout, shard));
	JsonbValue	key;
	JsonbValue	value;

	(void) JsonbIteratorNext(&iterator, &key, true);
	while (JsonbIteratorNext(&iterator, &key, true) == WJB_KEY)
	{
		char	   *name = string_of(&key);
		int			i = 0;

		(void) JsonbIteratorNext(&iterator, &value, true);
		while (i < (int) lengthof(known) && strcmp(name, known[i]) != 0)
			i++;
		if (i == (int) lengthof(known))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown key \"%s\" in per_shard of \"%s\"", name, shard),
					 errhint("Known are %s.", KEYS_OF_SHARD)));
	}
}

void
chash_check_layout(const chash_layout *layout, const chash_router *router)
{
	JsonbIterator *iterator;
	JsonbValue	key;
	JsonbValue	value;

	if (!layout->per_shard)
		return;
	iterator = JsonbIteratorInit(object_of(&layout->per_shard->root, "per_shard"));
	(void) JsonbIteratorNext(&iterator, &key, true);
	while (JsonbIteratorNext(&iterator, &key, true) == WJB_KEY)
	{
		char	   *shard = string_of(&key);

		(void) JsonbIteratorNext(&iterator, &value, true);
		if (chash_router_find(router, chash_to_utf8(shard)) < 0)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_OBJECT),
					 errmsg("per_shard names \"%s\", which is not a shard of the router", shard)));
		check_settings(layout, shard);
	}
}

/* ---- names ---- */

pg_noreturn static void
refuse_template(const char *template)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("template \"%s\" of names has something unknown in braces", template),
			 errhint("Known are {shard}, {table} and {id}.")));
}

/* What a template says that the partition of a shard is called. */
static char *
expand(const char *template, const char *table, const char *shard, uint32 id)
{
	const char *next = template;
	StringInfoData name;

	initStringInfo(&name);
	while (*next)
	{
		const char *close = *next == '{' ? strchr(next, '}') : next;
		int			length = close ? (int) (close - next) + 1 : 0;

		if (*next != '{')
			appendStringInfoChar(&name, *next);
		else if (length == 7 && memcmp(next, CHASH_NAME_OF_SHARD, 7) == 0)
			appendStringInfoString(&name, shard);
		else if (length == 7 && memcmp(next, "{table}", 7) == 0)
			appendStringInfoString(&name, table);
		else if (length == 4 && memcmp(next, "{id}", 4) == 0)
			appendStringInfo(&name, "%u", id);
		else
			refuse_template(template);
		next += length;
	}
	if (name.len >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG),
				 errmsg("name of the partition of shard \"%s\" is too long", shard),
				 errdetail("\"%s\" has %d bytes, and may have %d.",
						   name.data, name.len, NAMEDATALEN - 1),
				 errhint("Pass a template that makes shorter names, such as one with {id} "
						 "instead of {shard}.")));
	return name.data;
}

/* A table has its name among tables and among types. */
static bool
is_taken(Oid schema, const char *name)
{
	return OidIsValid(get_relname_relid(name, schema)) ||
		SearchSysCacheExists2(TYPENAMENSP, CStringGetDatum(name), ObjectIdGetDatum(schema));
}

char *
chash_partition_command(const chash_layout *layout, Oid table, const chash_shard *shard,
						int modulus, Oid *schema, char **name)
{
	const char *table_name = get_rel_name(table);
	Oid			table_schema = get_rel_namespace(table);
	const char *shard_name = chash_from_utf8(shard->name);
	JsonbContainer *settings = settings_of(layout, shard_name);
	const char *template = text_setting(settings, "name", layout->name);
	const char *schema_name = text_setting(settings, "schema", layout->schema);
	const char *tablespace = text_setting(settings, "tablespace", layout->tablespace);
	StringInfoData command;

	*schema = schema_name ? get_namespace_oid(schema_name, false) : table_schema;
	if (strcmp(template, CHASH_NAME_OF_SHARD) == 0 && strlen(shard_name) < NAMEDATALEN &&
		is_taken(*schema, shard_name))
		template = "{table}_{shard}";
	*name = expand(template, table_name, shard_name, shard->id);

	initStringInfo(&command);
	appendStringInfo(&command, "CREATE %sTABLE %s PARTITION OF %s "
					 "FOR VALUES WITH (MODULUS %d, REMAINDER %u)",
					 layout->unlogged ? "UNLOGGED " : "",
					 chash_quoted_name(*schema, *name), chash_quoted_name(table_schema, table_name),
					 modulus, shard->id);
	if (layout->method)
		appendStringInfo(&command, " USING %s", quote_identifier(layout->method));
	append_options(&command, layout, settings);
	if (tablespace)
		appendStringInfo(&command, " TABLESPACE %s", quote_identifier(tablespace));
	return command.data;
}
