/*
 * json.c
 *		Reading routers from JSON, with PostgreSQL's own jsonb.
 */
#include "router/json.h"

#include "core/pins.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "router/given_slots.h"
#include "router/server.h"
#include "router/value.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#define KEYS_OF_SHARD "name, weight, zone, tokens, id and slots"

/* ---- names ---- */

pg_noreturn static void
unknown_name(const char *what, const char *name, const char *known)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown %s \"%s\"", what, chash_clipped(name)),
			 errhint("Known are %s.", known)));
}

const chash_strategy *
chash_strategy_named(const char *name)
{
	const chash_strategy *strategy = chash_strategy_by_name(name);

	if (!strategy)
		unknown_name("strategy", name, chash_strategy_names());
	return strategy;
}

const chash_dialect *
chash_dialect_named(const char *name)
{
	const chash_dialect *dialect = chash_dialect_by_name(name);

	if (!dialect)
		unknown_name("dialect", name, chash_dialect_names());
	return dialect;
}

const chash_hash *
chash_hash_named(const char *name)
{
	const chash_hash *hash = chash_hash_by_name(name);

	if (!hash)
		unknown_name("hash", name, chash_hash_names());
	return hash;
}

uint32
chash_search_named(const char *name)
{
	uint32		search;

	if (!chash_search_by_name(name, &search))
		unknown_name("search rule", name, chash_search_names());
	return search;
}

chash_key_type
chash_key_type_named(const char *name)
{
	chash_key_type type = chash_key_type_by_name(name);

	if (type == CHASH_KEY_UNSPECIFIED)
		unknown_name("key type", name, chash_key_type_names());
	return type;
}

/* In a model, 0 means that none was given. */
double
chash_factor_given(const chash_parameter *parameter, double value)
{
	chash_parameters given = {0};
	chash_error error;

	*chash_parameter_factor(parameter, &given) = value;
	if (!chash_parameter_check(parameter, &given, &error))
		chash_report(&error);
	return value;
}

/* ---- reading ---- */

/*
 * A container is read through its iterator: keys and values of an object,
 * elements of an array.
 */
typedef struct json_reader
{
	JsonbIterator *iterator;
	JsonbValue	key;
	JsonbValue	value;
} json_reader;

static void
begin_container(json_reader *in, JsonbContainer *container)
{
	in->iterator = JsonbIteratorInit(container);
	(void) JsonbIteratorNext(&in->iterator, &in->value, true);
}

static bool
next_pair(json_reader *in)
{
	CHECK_FOR_INTERRUPTS();
	if (JsonbIteratorNext(&in->iterator, &in->key, true) != WJB_KEY)
		return false;
	(void) JsonbIteratorNext(&in->iterator, &in->value, true);
	return true;
}

static bool
next_element(json_reader *in)
{
	CHECK_FOR_INTERRUPTS();
	return JsonbIteratorNext(&in->iterator, &in->value, true) == WJB_ELEM;
}

static bool
is_object(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data);
}

static bool
is_array(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data) &&
		!JsonContainerIsScalar(value->val.binary.data);
}

static char *
string_of(const JsonbValue *string)
{
	return pnstrdup(string->val.string.val, string->val.string.len);
}

static bool
key_is(const json_reader *in, const char *name)
{
	return in->key.val.string.len == (int) strlen(name) &&
		memcmp(in->key.val.string.val, name, in->key.val.string.len) == 0;
}

pg_noreturn static void
wrong_shape(const char *key, const char *wanted)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("\"%s\" must be %s", key, wanted)));
}

pg_noreturn static void
unknown_key(const json_reader *in, const char *of, const char *known)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown key \"%s\" of a %s", chash_clipped(string_of(&in->key)), of),
			 errhint("Known are %s.", known)));
}

/* The value as a string in the server's encoding. */
static char *
get_string(const json_reader *in)
{
	if (in->value.type != jbvString)
		wrong_shape(string_of(&in->key), "a string");
	return string_of(&in->value);
}

static char *
get_utf8(const json_reader *in)
{
	return chash_to_utf8(get_string(in));
}

/* A number from 1 on; in a model, 0 means that none was given. */
static uint32
get_count(const json_reader *in, unsigned max)
{
	unsigned long number;
	char	   *digits;

	if (in->value.type != jbvNumeric)
		wrong_shape(string_of(&in->key), "a number");
	digits = numeric_normalize(in->value.val.numeric);
	number = strtoul(digits, NULL, 10);
	if (strspn(digits, "0123456789") != strlen(digits) || strlen(digits) > 9 ||
		number < 1 || number > max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a whole number from 1 to %u, not %.50s",
						string_of(&in->key), max, digits)));
	return (uint32) number;
}

static double
get_number(const json_reader *in)
{
	if (in->value.type != jbvNumeric)
		wrong_shape(string_of(&in->key), "a number");
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8,
											  NumericGetDatum(in->value.val.numeric)));
}

/* A text, or one for each replica. */
static void
read_slots(json_reader *shard_in, chash_given_slots *given)
{
	json_reader in;

	if (shard_in->value.type == jbvString)
	{
		given->texts = palloc(sizeof(char *));
		given->texts[given->count++] = get_utf8(shard_in);
		return;
	}
	if (!is_array(&shard_in->value))
		wrong_shape("slots", "a string, or an array with one for each replica");
	chash_check_count("replicas", JsonContainerSize(shard_in->value.val.binary.data),
					  CHASH_MAX_REPLICAS);
	begin_container(&in, shard_in->value.val.binary.data);
	given->texts = palloc(Max(JsonContainerSize(shard_in->value.val.binary.data), 1) *
						  sizeof(char *));
	while (next_element(&in))
	{
		if (in.value.type != jbvString)
			wrong_shape("slots", "a string, or an array with one for each replica");
		given->texts[given->count++] = chash_to_utf8(string_of(&in.value));
	}
}

/* Tokens are strings, since many a reader of JSON has only 53 bits for a number. */
static void
read_tokens(const json_reader *shard_in, chash_router *router, uint32 shard)
{
	json_reader in;

	if (!is_array(&shard_in->value))
		wrong_shape("tokens", "an array of integers");
	begin_container(&in, shard_in->value.val.binary.data);
	while (next_element(&in))
	{
		char	   *digits;

		if (in.value.type == jbvNumeric)
			digits = numeric_normalize(in.value.val.numeric);
		else if (in.value.type == jbvString)
			digits = chash_to_utf8(string_of(&in.value));
		else
			wrong_shape("tokens", "an array of integers");
		chash_add_token(router, shard, digits);
	}
}

static void
read_shard_object(JsonbContainer *object, chash_router *router, chash_shard *shard,
				  chash_given_slots *given)
{
	json_reader in;

	begin_container(&in, object);
	while (next_pair(&in))
	{
		if (key_is(&in, "name"))
			shard->name = get_utf8(&in);
		else if (key_is(&in, "weight"))
			shard->weight = get_number(&in);
		else if (key_is(&in, "zone"))
			shard->zone = get_utf8(&in);
		else if (key_is(&in, "tokens"))
			read_tokens(&in, router, shard - router->shards);
		else if (key_is(&in, "id"))
			shard->id = get_count(&in, CHASH_MAX_ID);
		else if (key_is(&in, "slots"))
			read_slots(&in, given);
		else
			unknown_key(&in, "shard", KEYS_OF_SHARD);
	}
}

/*
 * Shards are names, or objects where there is more to say.  Returns the slots
 * that are given to each.
 */
static chash_given_slots *
read_shards(json_reader *router_in, chash_router *router)
{
	json_reader in;
	chash_given_slots *given;

	if (!is_array(&router_in->value))
		wrong_shape("shards", "an array");
	chash_check_count("shards", JsonContainerSize(router_in->value.val.binary.data),
					  CHASH_MAX_SHARDS);
	begin_container(&in, router_in->value.val.binary.data);
	router->nshards = 0;
	router->shards = palloc0(Max(JsonContainerSize(router_in->value.val.binary.data), 1) *
							 sizeof(chash_shard));
	given = palloc0(Max(JsonContainerSize(router_in->value.val.binary.data), 1) *
					sizeof(chash_given_slots));
	while (next_element(&in))
	{
		chash_given_slots *slots = &given[router->nshards];
		chash_shard *shard = &router->shards[router->nshards++];

		shard->weight = 1;
		if (in.value.type == jbvString)
			shard->name = chash_to_utf8(string_of(&in.value));
		else if (is_object(&in.value))
			read_shard_object(in.value.val.binary.data, router, shard, slots);
		else
			wrong_shape("shards", "an array of names and objects");
	}
	return given;
}

static void
read_bounds(json_reader *router_in, chash_router *router)
{
	json_reader in;

	if (!is_array(&router_in->value))
		wrong_shape("bounds", "an array");
	chash_check_count("bounds", JsonContainerSize(router_in->value.val.binary.data),
					  CHASH_MAX_SHARDS);
	begin_container(&in, router_in->value.val.binary.data);
	router->nbounds = 0;
	router->bounds = palloc0(Max(JsonContainerSize(router_in->value.val.binary.data), 1) *
							 sizeof(char *));
	while (next_element(&in))
	{
		char	   *bound;

		/* a number is as good as its digits in quotes */
		if (in.value.type == jbvNumeric)
			bound = numeric_normalize(in.value.val.numeric);
		else if (in.value.type == jbvString)
			bound = string_of(&in.value);
		else
			wrong_shape("bounds", "an array of strings and numbers");
		router->bounds[router->nbounds++] = chash_to_utf8(bound);
	}
}

static void
read_parameter(const json_reader *in, const chash_parameter *parameter, chash_parameters *to)
{
	switch (parameter->kind)
	{
		case CHASH_PARAMETER_COUNT:
			*chash_parameter_number(parameter, to) = get_count(in, parameter->limit);
			break;
		case CHASH_PARAMETER_FACTOR:
			*chash_parameter_factor(parameter, to) = chash_factor_given(parameter, get_number(in));
			break;
		case CHASH_PARAMETER_TEXT:
			*chash_parameter_text(parameter, to) = get_utf8(in);
			break;
		case CHASH_PARAMETER_SEARCH:
			*chash_parameter_number(parameter, to) = chash_search_named(get_string(in));
			break;
	}
}

/* The keys of a router, for a hint. */
static const char *
keys_of_router(void)
{
	StringInfoData keys;
	const chash_parameter *parameter;
	unsigned	i;

	initStringInfo(&keys);
	appendStringInfoString(&keys, "strategy, dialect, hash, bits, ");
	for (i = 0; (parameter = chash_parameter_at(i)) != NULL; i++)
		appendStringInfo(&keys, "%s, ", parameter->name);
	appendStringInfoString(&keys, "key_type, collation, bounds, pins and shards");
	return keys.data;
}

/* Pins name shards, which are known only when all of a router has been read. */
typedef struct json_pins
{
	uint32		count;
	const char **keys;
	const char **shards;
} json_pins;

static void
read_pins(const json_reader *router_in, json_pins *pins)
{
	json_reader in;
	uint32		size;

	if (!is_object(&router_in->value))
		wrong_shape("pins", "an object of keys and names of shards");
	chash_check_count("pinned keys", JsonContainerSize(router_in->value.val.binary.data),
					  CHASH_MAX_PINS);
	begin_container(&in, router_in->value.val.binary.data);
	size = Max(JsonContainerSize(router_in->value.val.binary.data), 1);
	pins->keys = palloc(size * sizeof(char *));
	pins->shards = palloc(size * sizeof(char *));
	while (next_pair(&in))
	{
		if (in.value.type != jbvString)
			wrong_shape("pins", "an object of keys and names of shards");
		pins->keys[pins->count] = chash_to_utf8(string_of(&in.key));
		pins->shards[pins->count++] = get_utf8(&in);
	}
}

chash_router *
chash_router_of_jsonb(Jsonb *jsonb)
{
	chash_router *router = palloc0(sizeof(*router));
	chash_given_slots *slots = NULL;
	const chash_parameter *parameter;
	json_pins	pins = {0};
	chash_error error;
	json_reader in;

	if (!JB_ROOT_IS_OBJECT(jsonb))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a router must be a JSON object"),
				 errhint("For example: {\"strategy\": \"ring\", \"shards\": [\"a\", \"b\"]}")));
	begin_container(&in, &jsonb->root);
	while (next_pair(&in))
	{
		if (key_is(&in, "strategy"))
			router->strategy = chash_strategy_named(get_string(&in));
		else if (key_is(&in, "dialect"))
			router->dialect = chash_dialect_named(get_string(&in));
		else if (key_is(&in, "hash"))
			router->hash = chash_hash_named(get_string(&in));
		else if (key_is(&in, "bits"))
			router->bits = get_count(&in, CHASH_MAX_BITS);
		else if (key_is(&in, "key_type"))
			router->key_type = chash_key_type_named(get_string(&in));
		else if (key_is(&in, "collation"))
			router->collation = get_utf8(&in);
		else if (key_is(&in, "bounds"))
			read_bounds(&in, router);
		else if (key_is(&in, "shards"))
			slots = read_shards(&in, router);
		else if (key_is(&in, "pins"))
			read_pins(&in, &pins);
		else if ((parameter = chash_parameter_by_name(string_of(&in.key))) != NULL)
			read_parameter(&in, parameter, &router->p);
		else
			unknown_key(&in, "router", keys_of_router());
	}
	if (!router->strategy)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a router needs a strategy"),
				 errhint("Known are %s.", chash_strategy_names())));
	chash_give_slots(router, slots);
	if (pins.count > 0 &&
		!chash_router_set_pins(router, pins.count, pins.keys, pins.shards,
							   &chash_server_host, &error))
		chash_report(&error);
	return router;
}
