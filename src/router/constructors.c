/*
 * constructors.c
 *		chash_ring and its like: routers from shards and parameters.
 *
 * An argument that is NULL has its default.
 */
#include "router/value.h"

#include "catalog/pg_type.h"
#include "router/given_slots.h"
#include "router/json.h"
#include "router/server.h"
#include "utils/array.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(chash_modulo);
PG_FUNCTION_INFO_V1(chash_hash_range);
PG_FUNCTION_INFO_V1(chash_range);
PG_FUNCTION_INFO_V1(chash_ring);
PG_FUNCTION_INFO_V1(chash_jump);
PG_FUNCTION_INFO_V1(chash_jumpback);
PG_FUNCTION_INFO_V1(chash_rendezvous);
PG_FUNCTION_INFO_V1(chash_maglev);
PG_FUNCTION_INFO_V1(chash_slots);
PG_FUNCTION_INFO_V1(chash_multiprobe);
PG_FUNCTION_INFO_V1(chash_bounded);

/* An array has one element for each shard at most; what, in the plural, names it in errors. */
static void
check_array(ArrayType *array, const char *what)
{
	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("the %s must be an array of one dimension, not %d",
						what, ARR_NDIM(array))));
	chash_check_count(what, ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)), CHASH_MAX_SHARDS);
}

/* The elements of text[] as UTF-8; what names one in errors, whats all of them. */
static const char **
get_strings(ArrayType *array, const char *what, const char *whats, int *count)
{
	Datum	   *elements;
	bool	   *nulls;
	const char **strings;
	int			i;

	check_array(array, whats);
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, count);
	strings = palloc(Max(*count, 1) * sizeof(char *));
	for (i = 0; i < *count; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("%s number %d is null", what, i + 1)));
		strings[i] = chash_to_utf8(TextDatumGetCString(elements[i]));
	}
	return strings;
}

static void
set_weights(chash_router *router, ArrayType *array)
{
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	uint32		i;

	check_array(array, "weights");
	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &elements, &nulls, &count);
	if (count != (int) router->nshards)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("wrong number of weights: %d instead of %u",
						count, router->nshards),
				 errhint("Give each shard one, or none at all; then all have the weight 1.")));
	for (i = 0; i < router->nshards; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("weight number %u is null", i + 1)));
		router->shards[i].weight = DatumGetFloat8(elements[i]);
	}
}

/* An element lists the tokens of a shard. */
static void
set_tokens(chash_router *router, ArrayType *array)
{
	int			count;
	const char **lists = get_strings(array, "list of tokens", "lists of tokens", &count);
	int			i;

	if (count != (int) router->nshards)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("wrong number of lists of tokens: %d instead of %u",
						count, router->nshards),
				 errhint("Give each shard one, as in tokens => ARRAY['-100,200', '0,300'].")));
	for (i = 0; i < count; i++)
		chash_add_tokens(router, i, lists[i]);
}

/* A model with the shards that argument 0 names. */
static chash_router *
start_router(FunctionCallInfo fcinfo, const chash_strategy *strategy)
{
	chash_router *router = palloc0(sizeof(*router));
	const char **names;
	int			count;
	int			i;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the shards must not be null")));
	names = get_strings(PG_GETARG_ARRAYTYPE_P(0), "shard", "shards", &count);
	router->strategy = strategy;
	router->nshards = count;
	router->shards = palloc0(Max(count, 1) * sizeof(chash_shard));
	for (i = 0; i < count; i++)
	{
		router->shards[i].name = names[i];
		router->shards[i].weight = 1;
	}
	return router;
}

static char *
get_text(FunctionCallInfo fcinfo, int argno)
{
	return text_to_cstring(PG_GETARG_TEXT_PP(argno));
}

/* A number from 1 on; in a model, 0 means that none was given. */
static uint32
get_count(FunctionCallInfo fcinfo, int argno, const char *what, int max)
{
	int32		number = PG_GETARG_INT32(argno);

	if (number < 1 || number > max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a whole number from 1 to %d, not %d", what, max, number)));
	return number;
}

static void
set_hash(FunctionCallInfo fcinfo, int argno, chash_router *router)
{
	if (!PG_ARGISNULL(argno))
		router->hash = chash_hash_named(get_text(fcinfo, argno));
}

static void
set_weights_and_hash(FunctionCallInfo fcinfo, chash_router *router)
{
	if (!PG_ARGISNULL(1))
		set_weights(router, PG_GETARG_ARRAYTYPE_P(1));
	set_hash(fcinfo, 2, router);
}

/* Set the parameter of that name from an argument. */
static void
set_parameter(FunctionCallInfo fcinfo, int argno, chash_router *router, const char *name)
{
	const chash_parameter *parameter = chash_parameter_by_name(name);

	if (PG_ARGISNULL(argno))
		return;
	switch (parameter->kind)
	{
		case CHASH_PARAMETER_COUNT:
			*chash_parameter_number(parameter, &router->p) =
				get_count(fcinfo, argno, name, parameter->limit);
			break;
		case CHASH_PARAMETER_FACTOR:
			*chash_parameter_factor(parameter, &router->p) =
				chash_factor_given(parameter, PG_GETARG_FLOAT8(argno));
			break;
		case CHASH_PARAMETER_TEXT:
			*chash_parameter_text(parameter, &router->p) = chash_to_utf8(get_text(fcinfo, argno));
			break;
		case CHASH_PARAMETER_SEARCH:
			*chash_parameter_number(parameter, &router->p) =
				chash_search_named(get_text(fcinfo, argno));
			break;
	}
}

/* The dialect is the last argument. */
static void
set_dialect(FunctionCallInfo fcinfo, chash_router *router)
{
	int			argno = PG_NARGS() - 1;

	if (!PG_ARGISNULL(argno))
		router->dialect = chash_dialect_named(get_text(fcinfo, argno));
}

/* With the dialect the router is complete. */
static Datum
finish_router(FunctionCallInfo fcinfo, chash_router *router)
{
	set_dialect(fcinfo, router);
	PG_RETURN_POINTER(chash_value_make(router));
}

/* A strategy of (shards, weights, hash, dialect). */
static Datum
make_weighted(FunctionCallInfo fcinfo, const chash_strategy *strategy)
{
	chash_router *router = start_router(fcinfo, strategy);

	set_weights_and_hash(fcinfo, router);
	return finish_router(fcinfo, router);
}

/* A strategy of (shards, hash, dialect). */
static Datum
make_unweighted(FunctionCallInfo fcinfo, const chash_strategy *strategy)
{
	chash_router *router = start_router(fcinfo, strategy);

	set_hash(fcinfo, 1, router);
	return finish_router(fcinfo, router);
}

Datum
chash_modulo(PG_FUNCTION_ARGS)
{
	return make_weighted(fcinfo, &chash_strategy_modulo);
}

Datum
chash_rendezvous(PG_FUNCTION_ARGS)
{
	return make_weighted(fcinfo, &chash_strategy_rendezvous);
}

/* chash_maglev(shards, weights, hash, slots, dialect) */
Datum
chash_maglev(PG_FUNCTION_ARGS)
{
	chash_router *router = start_router(fcinfo, &chash_strategy_maglev);

	set_weights_and_hash(fcinfo, router);
	set_parameter(fcinfo, 3, router, "slots");
	return finish_router(fcinfo, router);
}

/* The slots that are given to each shard, those of its replicas separated by semicolons. */
static chash_given_slots *
get_assignment(chash_router *router, ArrayType *array)
{
	chash_given_slots *given = palloc0(Max(router->nshards, 1) * sizeof(*given));
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	uint32		i;

	check_array(array, "assignments");
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	if (count != (int) router->nshards)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("wrong number of assignments: %d instead of %u", count, router->nshards),
				 errhint("Give each shard its slots, as in '{0-24,\"25-49,75-99\",50-74}'.")));
	for (i = 0; i < router->nshards; i++)
	{
		char	   *next = nulls[i] ? NULL : TextDatumGetCString(elements[i]);

		while (next)
		{
			char	   *end = strchr(next, ';');

			if (end)
				*end++ = '\0';
			given[i].texts = given[i].count == 0 ? palloc(sizeof(char *)) :
				repalloc(given[i].texts, (given[i].count + 1) * sizeof(char *));
			given[i].texts[given[i].count++] = chash_to_utf8(next);
			next = end;
		}
	}
	return given;
}

/* chash_slots(shards, weights, slots, replicas, assignment, hash, prefix, suffix, dialect) */
Datum
chash_slots(PG_FUNCTION_ARGS)
{
	chash_router *router = start_router(fcinfo, &chash_strategy_slots);

	if (!PG_ARGISNULL(1))
		set_weights(router, PG_GETARG_ARRAYTYPE_P(1));
	set_parameter(fcinfo, 2, router, "slots");
	set_parameter(fcinfo, 3, router, "replicas");
	set_hash(fcinfo, 5, router);
	set_parameter(fcinfo, 6, router, "prefix");
	set_parameter(fcinfo, 7, router, "suffix");
	set_dialect(fcinfo, router);
	if (!PG_ARGISNULL(4))
		chash_give_slots(router, get_assignment(router, PG_GETARG_ARRAYTYPE_P(4)));
	PG_RETURN_POINTER(chash_value_make(router));
}

/* chash_multiprobe(shards, probes, hash, dialect) */
Datum
chash_multiprobe(PG_FUNCTION_ARGS)
{
	chash_router *router = start_router(fcinfo, &chash_strategy_multiprobe);

	set_parameter(fcinfo, 1, router, "probes");
	set_hash(fcinfo, 2, router);
	return finish_router(fcinfo, router);
}

/* chash_bounded(shards, weights, load, slots, vnodes, hash, dialect) */
Datum
chash_bounded(PG_FUNCTION_ARGS)
{
	chash_router *router = start_router(fcinfo, &chash_strategy_bounded);

	if (!PG_ARGISNULL(1))
		set_weights(router, PG_GETARG_ARRAYTYPE_P(1));
	set_parameter(fcinfo, 2, router, "load");
	set_parameter(fcinfo, 3, router, "slots");
	set_parameter(fcinfo, 4, router, "vnodes");
	set_hash(fcinfo, 5, router);
	return finish_router(fcinfo, router);
}

Datum
chash_jump(PG_FUNCTION_ARGS)
{
	return make_unweighted(fcinfo, &chash_strategy_jump);
}

Datum
chash_jumpback(PG_FUNCTION_ARGS)
{
	return make_unweighted(fcinfo, &chash_strategy_jumpback);
}

/* chash_hash_range(shards, weights, hash, bits, dialect) */
Datum
chash_hash_range(PG_FUNCTION_ARGS)
{
	chash_router *router = start_router(fcinfo, &chash_strategy_hash_range);

	set_weights_and_hash(fcinfo, router);
	if (!PG_ARGISNULL(3))
		router->bits = get_count(fcinfo, 3, "bits", CHASH_MAX_BITS);
	return finish_router(fcinfo, router);
}

/* chash_range(shards, bounds, key_type, collation) */
Datum
chash_range(PG_FUNCTION_ARGS)
{
	chash_router *router = start_router(fcinfo, &chash_strategy_range);
	int			nbounds = 0;

	if (!PG_ARGISNULL(1))
		router->bounds = get_strings(PG_GETARG_ARRAYTYPE_P(1), "bound", "bounds", &nbounds);
	router->nbounds = nbounds;
	if (!PG_ARGISNULL(2))
		router->key_type = chash_key_type_named(get_text(fcinfo, 2));
	if (!PG_ARGISNULL(3))
		router->collation = chash_to_utf8(get_text(fcinfo, 3));
	PG_RETURN_POINTER(chash_value_make(router));
}

/*
 * chash_ring(shards, weights, vnodes, hash, bits, label, search, digest_points, tokens,
 * dialect)
 */
Datum
chash_ring(PG_FUNCTION_ARGS)
{
	chash_router *router = start_router(fcinfo, &chash_strategy_ring);

	if (!PG_ARGISNULL(1))
		set_weights(router, PG_GETARG_ARRAYTYPE_P(1));
	set_parameter(fcinfo, 2, router, "vnodes");
	set_hash(fcinfo, 3, router);
	if (!PG_ARGISNULL(4))
		router->bits = get_count(fcinfo, 4, "bits", CHASH_MAX_BITS);
	set_parameter(fcinfo, 5, router, "label");
	set_parameter(fcinfo, 6, router, "search");
	set_parameter(fcinfo, 7, router, "digest_points");
	if (!PG_ARGISNULL(8))
		set_tokens(router, PG_GETARG_ARRAYTYPE_P(8));
	return finish_router(fcinfo, router);
}
