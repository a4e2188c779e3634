/*
 * constructors.c
 *		chash_ring and its like: routers from shards and parameters.
 *
 * An argument that is NULL has its default.
 */
#include "router/value.h"

#include "catalog/pg_type.h"
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

static void
check_dimensions(ArrayType *array, const char *what)
{
	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("the %ss must be an array of one dimension, not %d",
						what, ARR_NDIM(array))));
}

/* The elements of text[] as UTF-8; what names the array in errors. */
static const char **
get_strings(ArrayType *array, const char *what, int *count)
{
	Datum	   *elements;
	bool	   *nulls;
	const char **strings;
	int			i;

	check_dimensions(array, what);
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

	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE,
					  &elements, &nulls, &count);
	check_dimensions(array, "weight");
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
	names = get_strings(PG_GETARG_ARRAYTYPE_P(0), "shard", &count);
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

/* A strategy of (shards, weights, hash). */
static Datum
make_weighted(FunctionCallInfo fcinfo, const chash_strategy *strategy)
{
	chash_router *router = start_router(fcinfo, strategy);

	if (!PG_ARGISNULL(1))
		set_weights(router, PG_GETARG_ARRAYTYPE_P(1));
	if (!PG_ARGISNULL(2))
		router->hash = chash_hash_named(get_text(fcinfo, 2));
	PG_RETURN_POINTER(chash_value_make(router));
}

/* A strategy of (shards, hash). */
static Datum
make_unweighted(FunctionCallInfo fcinfo, const chash_strategy *strategy)
{
	chash_router *router = start_router(fcinfo, strategy);

	if (!PG_ARGISNULL(1))
		router->hash = chash_hash_named(get_text(fcinfo, 1));
	PG_RETURN_POINTER(chash_value_make(router));
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

Datum
chash_maglev(PG_FUNCTION_ARGS)
{
	return make_weighted(fcinfo, &chash_strategy_maglev);
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

/* chash_hash_range(shards, weights, hash, bits) */
Datum
chash_hash_range(PG_FUNCTION_ARGS)
{
	chash_router *router = start_router(fcinfo, &chash_strategy_hash_range);

	if (!PG_ARGISNULL(1))
		set_weights(router, PG_GETARG_ARRAYTYPE_P(1));
	if (!PG_ARGISNULL(2))
		router->hash = chash_hash_named(get_text(fcinfo, 2));
	if (!PG_ARGISNULL(3))
		router->bits = get_count(fcinfo, 3, "bits", CHASH_MAX_BITS);
	PG_RETURN_POINTER(chash_value_make(router));
}

/* chash_range(shards, bounds, key_type, collation) */
Datum
chash_range(PG_FUNCTION_ARGS)
{
	chash_router *router = start_router(fcinfo, &chash_strategy_range);
	int			nbounds = 0;

	if (!PG_ARGISNULL(1))
		router->bounds = get_strings(PG_GETARG_ARRAYTYPE_P(1), "bound", &nbounds);
	router->nbounds = nbounds;
	if (!PG_ARGISNULL(2))
		router->key_type = chash_key_type_named(get_text(fcinfo, 2));
	if (!PG_ARGISNULL(3))
		router->collation = chash_to_utf8(get_text(fcinfo, 3));
	PG_RETURN_POINTER(chash_value_make(router));
}

/* chash_ring(shards, weights, vnodes, hash, bits, label, search, dialect) */
Datum
chash_ring(PG_FUNCTION_ARGS)
{
	chash_router *router = start_router(fcinfo, &chash_strategy_ring);

	if (!PG_ARGISNULL(1))
		set_weights(router, PG_GETARG_ARRAYTYPE_P(1));
	if (!PG_ARGISNULL(2))
		router->vnodes = get_count(fcinfo, 2, "vnodes", CHASH_MAX_VNODES);
	if (!PG_ARGISNULL(3))
		router->hash = chash_hash_named(get_text(fcinfo, 3));
	if (!PG_ARGISNULL(4))
		router->bits = get_count(fcinfo, 4, "bits", CHASH_MAX_BITS);
	if (!PG_ARGISNULL(5))
		router->label = chash_to_utf8(get_text(fcinfo, 5));
	if (!PG_ARGISNULL(6))
		router->search = chash_search_named(get_text(fcinfo, 6));
	if (!PG_ARGISNULL(7))
		router->dialect = chash_dialect_named(get_text(fcinfo, 7));
	PG_RETURN_POINTER(chash_value_make(router));
}
