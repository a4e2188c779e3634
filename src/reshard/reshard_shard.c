/*
 * reshard_shard.c
 *		The short forms of chash_reshard: CALL chash_add_shard,
 *		chash_remove_shard, chash_reweight_shard.
 */
#include "reshard/reshard.h"

#include "reshard/target.h"

PG_FUNCTION_INFO_V1(chash_add_shard);
PG_FUNCTION_INFO_V1(chash_remove_shard);
PG_FUNCTION_INFO_V1(chash_reweight_shard);

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

/* The router with a function of the algebra applied, which takes "given" arguments of the call. */
static struct varlena *
apply(FunctionCallInfo fcinfo, PGFunction function, int given, int arguments)
{
	return chash_target_by(PG_GETARG_OID(0), function, arguments, &fcinfo->args[1], given);
}

static struct varlena *
with_shard(FunctionCallInfo fcinfo, chash_job *job)
{
	(void) job;
	return apply(fcinfo, chash_add, 4, CHASH_ADD_ARGUMENTS);
}

static struct varlena *
without_shard(FunctionCallInfo fcinfo, chash_job *job)
{
	job->drop = !PG_ARGISNULL(2) && PG_GETARG_BOOL(2);
	return apply(fcinfo, chash_remove, 1, CHASH_REMOVE_ARGUMENTS);
}

static struct varlena *
with_weight(FunctionCallInfo fcinfo, chash_job *job)
{
	(void) job;
	return apply(fcinfo, chash_reweight, 2, CHASH_REWEIGHT_ARGUMENTS);
}

/*
 * chash_add_shard(router regproc, shard text, weight float8, zone text, bound text,
 *				   options, and those of partitions)
 */
Datum
chash_add_shard(PG_FUNCTION_ARGS)
{
	refuse_nulls(fcinfo, 2);
	chash_reshard_to(fcinfo, with_shard, 5, true);
	PG_RETURN_VOID();
}

/* chash_remove_shard(router regproc, shard text, "drop" boolean, options) */
Datum
chash_remove_shard(PG_FUNCTION_ARGS)
{
	refuse_nulls(fcinfo, 2);
	chash_reshard_to(fcinfo, without_shard, 3, false);
	PG_RETURN_VOID();
}

/* chash_reweight_shard(router regproc, shard text, weight float8, options) */
Datum
chash_reweight_shard(PG_FUNCTION_ARGS)
{
	refuse_nulls(fcinfo, 3);
	chash_reshard_to(fcinfo, with_weight, 3, false);
	PG_RETURN_VOID();
}
