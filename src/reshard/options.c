/*
 * options.c
 *		Reading and checking the arguments of procedures.
 */
#include "reshard/options.h"

#include "access/xact.h"
#include "datatype/timestamp.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

void
chash_refuse_null(FunctionCallInfo fcinfo, int argno, const char *name)
{
	if (PG_ARGISNULL(argno))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be null", name)));
}

int64
chash_microseconds(FunctionCallInfo fcinfo, int argno, const char *name)
{
	const Interval *interval;
	double		value;

	chash_refuse_null(fcinfo, argno, name);
	interval = PG_GETARG_INTERVAL_P(argno);
	value = interval->time + ((double) interval->day + 30.0 * interval->month) * USECS_PER_DAY;
	if (value < 0 || value > USECS_PER_DAY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be between 0 and one day", name)));
	return (int64) value;
}

static void
read_interval(FunctionCallInfo fcinfo, int argno, const char *name, bool keep, int64 *value)
{
	if (keep && PG_ARGISNULL(argno))
		return;
	*value = chash_microseconds(fcinfo, argno, name);
}

static void
read_boolean(FunctionCallInfo fcinfo, int argno, const char *name, bool keep, bool *value)
{
	if (keep && PG_ARGISNULL(argno))
		return;
	chash_refuse_null(fcinfo, argno, name);
	*value = PG_GETARG_BOOL(argno);
}

void
chash_read_options(FunctionCallInfo fcinfo, int first, bool keep, chash_job *job)
{
	read_interval(fcinfo, first, "max_lock", keep, &job->max_lock);
	read_interval(fcinfo, first + 1, "lock_timeout", keep, &job->lock_timeout);
	read_interval(fcinfo, first + 2, "pause", keep, &job->pause);
	if (!keep)
		job->max_replication_lag = -1;
	read_interval(fcinfo, first + 3, "max_replication_lag", true, &job->max_replication_lag);
	read_boolean(fcinfo, first + 4, "concurrently", keep, &job->concurrently);
	read_boolean(fcinfo, first + 5, "background", keep, &job->background);
}

void
chash_refuse_transaction_block(FunctionCallInfo fcinfo)
{
	if (!fcinfo->context || !IsA(fcinfo->context, CallContext) ||
		castNode(CallContext, fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
				 errmsg("%s cannot run inside a transaction block or a function",
						get_func_name(fcinfo->flinfo->fn_oid)),
				 errdetail("Each of its steps is a transaction of its own."),
				 errhint("CALL it by itself, with autocommit on.")));
	PreventCommandIfReadOnly(get_func_name(fcinfo->flinfo->fn_oid));
}
