/*
 * reshard_shard.c
 *		The short forms of chash_reshard: CALL chash_add_shard,
 *		chash_remove_shard, chash_reweight_shard.
 */
#include "table/reshard.h"

#include "language/named.h"
#include "router/value.h"

#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(chash_add_shard);
PG_FUNCTION_INFO_V1(chash_remove_shard);
PG_FUNCTION_INFO_V1(chash_reweight_shard);

/* the algebra, router/algebra.c */
extern Datum chash_add(PG_FUNCTION_ARGS);
extern Datum chash_remove(PG_FUNCTION_ARGS);
extern Datum chash_reweight(PG_FUNCTION_ARGS);

#define ADD_ARGUMENTS	7

static const char *const names[] = {"router", "shard", "weight"};

/* The first arguments, without which there is nothing to do. */
static void
refuse_nulls(FunctionCallInfo fcinfo, int count)
{
	int			i;

	for (i = 0; i < count; i++)
	{
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument \"%s\" must not be null", names[i])));
	}
}

/*
 * The router with a function of the algebra applied, which takes it and the
 * "given" arguments after it.  The others that it has are null.
 */
static struct varlena *
apply(FunctionCallInfo fcinfo, PGFunction function, int given, int arguments)
{
	LOCAL_FCINFO(call, ADD_ARGUMENTS);
	const chash_version *now = &chash_named_get(PG_GETARG_OID(0))->version;
	int			i;

	if (now->after)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("router \"%s\" is being changed", get_func_name(PG_GETARG_OID(0))),
				 errhint("CALL chash_reshard without a target to finish that change, "
						 "or CALL chash_reshard_back to take it back.")));
	InitFunctionCallInfoData(*call, NULL, arguments, InvalidOid, NULL, NULL);
	call->args[0].value = PointerGetDatum(now->entry->value);
	call->args[0].isnull = false;
	for (i = 1; i < arguments; i++)
	{
		call->args[i].value = i <= given ? PG_GETARG_DATUM(i) : (Datum) 0;
		call->args[i].isnull = i > given || PG_ARGISNULL(i);
	}
	return (struct varlena *) DatumGetPointer(function(call));
}

static struct varlena *
with_shard(FunctionCallInfo fcinfo, chash_job *job)
{
	(void) job;
	return apply(fcinfo, chash_add, 4, ADD_ARGUMENTS);
}

static struct varlena *
without_shard(FunctionCallInfo fcinfo, chash_job *job)
{
	job->drop = !PG_ARGISNULL(2) && PG_GETARG_BOOL(2);
	return apply(fcinfo, chash_remove, 1, 2);
}

static struct varlena *
with_weight(FunctionCallInfo fcinfo, chash_job *job)
{
	(void) job;
	return apply(fcinfo, chash_reweight, 2, 3);
}

/*
 * chash_add_shard(router regproc, shard text, weight float8, zone text, bound text,
 *				   max_lock, lock_timeout, pause interval)
 */
Datum
chash_add_shard(PG_FUNCTION_ARGS)
{
	refuse_nulls(fcinfo, 2);
	chash_reshard_to(fcinfo, with_shard, 5);
	PG_RETURN_VOID();
}

/* chash_remove_shard(router regproc, shard text, "drop" boolean, max_lock, lock_timeout, pause interval) */
Datum
chash_remove_shard(PG_FUNCTION_ARGS)
{
	refuse_nulls(fcinfo, 2);
	chash_reshard_to(fcinfo, without_shard, 3);
	PG_RETURN_VOID();
}

/* chash_reweight_shard(router regproc, shard text, weight float8, max_lock, lock_timeout, pause interval) */
Datum
chash_reweight_shard(PG_FUNCTION_ARGS)
{
	refuse_nulls(fcinfo, 3);
	chash_reshard_to(fcinfo, with_weight, 3);
	PG_RETURN_VOID();
}
