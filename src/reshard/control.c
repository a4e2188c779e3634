/*
 * control.c
 *		What others ask of a change that is under way: chash_reshard_pause,
 *		chash_reshard_resume, chash_reshard_cancel.
 *
 * They write it into the job's row, which whoever makes the change reads
 * between two steps.
 */
#include "reshard/reshard.h"

#include "language/named.h"
#include "language/naming.h"
#include "reshard/job.h"
#include "reshard/options.h"

#include "executor/spi.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(chash_reshard_pause);
PG_FUNCTION_INFO_V1(chash_reshard_resume);
PG_FUNCTION_INFO_V1(chash_reshard_cancel);

/* Of a job without a row, as in a database that was restored: microseconds. */
#define DEFAULT_LOCK	20000

pg_noreturn static void
refuse(Oid router)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("router \"%s\" is not being changed", get_func_name(router))));
}

static Oid
own_schema(FunctionCallInfo fcinfo)
{
	return get_func_namespace(fcinfo->flinfo->fn_oid);
}

/* A change by whoever may make it. */
static Oid
changing_router(FunctionCallInfo fcinfo)
{
	Oid			router = PG_GETARG_OID(0);

	chash_check_router_owner(router);
	if (!chash_named_get(router)->version.after)
		refuse(router);
	return router;
}

pg_noreturn static void
refuse_not_worked_on(Oid router)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("no session works on the change of router \"%s\"", get_func_name(router)),
			 errhint("CALL chash_reshard_back takes it back, CALL chash_reshard_resume goes on.")));
}

/* chash_reshard_pause(router regproc) */
Datum
chash_reshard_pause(PG_FUNCTION_ARGS)
{
	Oid			router = changing_router(fcinfo);

	if (!chash_job_ask_to_pause(router, own_schema(fcinfo)))
		refuse_not_worked_on(router);
	if (!chash_job_is_worked_on(router))
		ereport(NOTICE,
				(errmsg("no session works on the change of router \"%s\"", get_func_name(router)),
				 errdetail("Nor will one after a restart, until it is resumed.")));
	PG_RETURN_VOID();
}

/* chash_reshard_cancel(router regproc, back boolean) */
Datum
chash_reshard_cancel(PG_FUNCTION_ARGS)
{
	Oid			router = changing_router(fcinfo);
	Oid			schema = own_schema(fcinfo);

	if (!chash_job_is_worked_on(router))
		refuse_not_worked_on(router);
	if (!(PG_GETARG_BOOL(1) ? chash_job_ask_to_go_back(router, schema) :
		  chash_job_ask_to_stop(router, schema)))
		refuse(router);
	PG_RETURN_VOID();
}

/* chash_reshard_resume(router regproc, options) */
Datum
chash_reshard_resume(PG_FUNCTION_ARGS)
{
	chash_job	job = {0};

	chash_refuse_transaction_block(fcinfo);
	chash_refuse_null(fcinfo, 0, "router");
	job.router = PG_GETARG_OID(0);
	job.procedure = fcinfo->flinfo->fn_oid;
	chash_find_schema(&job);
	job.max_lock = DEFAULT_LOCK;
	job.lock_timeout = DEFAULT_LOCK;
	job.max_replication_lag = -1;
	job.concurrently = true;
	chash_check_router_owner(job.router);
	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	(void) chash_job_read(&job);
	chash_read_options(fcinfo, 1, true, &job);
	if (!chash_reshard_go_on(&job))
	{
		chash_job_resume(&job);
		ereport(NOTICE,
				(errmsg("the session that changes router \"%s\" goes on", get_func_name(job.router))));
	}
	SPI_finish();
	PG_RETURN_VOID();
}
