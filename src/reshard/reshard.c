/*
 * reshard.c
 *		CALL chash_reshard: from one router to another, in steps.
 *
 * The router first becomes a change that has not begun to move anything, then
 * passes slice after slice, and at last is the other router.  All of this is
 * in its text: whoever calls again after a crash or a cancel goes on.
 */
#include "reshard/reshard.h"

#include "language/named.h"
#include "language/naming.h"
#include "reshard/failpoint.h"
#include "reshard/job.h"
#include "reshard/mover_indexes.h"
#include "reshard/movers.h"
#include "reshard/moving.h"
#include "reshard/options.h"
#include "reshard/reshardable.h"
#include "reshard/statistics.h"
#include "reshard/summary.h"
#include "reshard/target.h"
#include "reshard/tidy.h"
#include "reshard/worker.h"
#include "router/position.h"
#include "table/layout.h"
#include "table/partitions.h"

#include "catalog/pg_class.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(chash_reshard);
PG_FUNCTION_INFO_V1(chash_reshard_back);

/* ---- what there is to do ---- */

pg_noreturn static void
refuse_no_change(const chash_job *job, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("router \"%s\" is not being changed", get_func_name(job->router)),
			 errhint("%s", hint)));
}

/* Find out where the router is, and where it is to go; false if it is there. */
static bool
begin_job(chash_job *job, const struct varlena *target)
{
	const chash_version *now = &chash_named_get(job->router)->version;
	bool		under_way = now->after != NULL;

	job->before = chash_cache_hold(now->entry);
	job->after = chash_target_of(job->router, now, target);
	/* or the change would begin and never move a row */
	chash_entry_require_secret(job->before);
	chash_entry_require_secret(job->after);
	return under_way || job->after != job->before;
}

/* Names, schemas and parameters, which new partitions would fail with. */
static void
check_layout(const chash_job *job)
{
	const chash_version change = {job->before, job->after, 0};
	chash_router *router;
	ListCell   *table;
	uint32		i;
	Oid			schema;
	char	   *name;

	if (!job->layout)
		return;
	router = chash_version_copy(&change);
	chash_check_layout(job->layout, router);
	foreach(table, chash_tables_of_router(job->router))
	{
		for (i = job->before->router->nshards; i < router->nshards; i++)
			(void) chash_partition_command(job->layout, lfirst_oid(table), &router->shards[i],
										   CHASH_MAX_MODULUS, &schema, &name);
	}
}

/* A worker, which is another session, knows nothing of this one's temporary tables. */
static void
check_temporary(const chash_job *job)
{
	ListCell   *cell;

	if (!job->concurrently && !job->background)
		return;
	foreach(cell, chash_tables_of_router(job->router))
	{
		if (get_rel_persistence(lfirst_oid(cell)) == RELPERSISTENCE_TEMP)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("rows of table \"%s\" cannot be moved by a background worker",
							get_rel_name(lfirst_oid(cell))),
					 errdetail("It is a temporary table."),
					 errhint("Use concurrently => false, and not background => true.")));
	}
}

/* ---- the change ---- */

/* From here on the change is there to be gone on with. */
static void
begin_change(chash_job *job)
{
	if (chash_named_get(job->router)->version.after)
		chash_job_take(job);
	else
		chash_enter_change(job);
}

/* A worker that waits until the change has begun, and this session has let go of it. */
static void
start_worker(chash_job *job)
{
	chash_task	task = chash_job_task(job->router, GetUserId(), job->schema);

	job->worker = chash_worker_start(&task);
}

static void
finish_change(chash_job *job)
{
	chash_move_all(job);
	chash_failpoint(CHASH_FAILPOINT_ALL_MOVED);
	chash_tidy_up(job);
	chash_failpoint(CHASH_FAILPOINT_BEFORE_ANALYZE);
	chash_analyze(job);
	chash_report_change(job);
	if (job->turned)
		ereport(ERROR,
				(errcode(ERRCODE_QUERY_CANCELED),
				 errmsg("the change of router \"%s\" was taken back, as another session has asked for",
						get_func_name(job->router))));
}

/* What a call has not come to that got the router to where it is. */
static void
finish_tidying(chash_job *job)
{
	chash_check_reshardable(job->router);
	chash_tidy_up(job);
}

static void
make_change(chash_job *job)
{
	chash_check_reshardable(job->router);
	chash_check_slice_function(job->schema);
	check_layout(job);
	check_temporary(job);
	if (job->background)
		start_worker(job);
	chash_check_index_worker(job);
	begin_change(job);
	chash_failpoint(CHASH_FAILPOINT_ENTERED);
	if (!job->background)
		finish_change(job);
}

static void
run(chash_job *job, const struct varlena *target)
{
	if (begin_job(job, target))
		make_change(job);
	else if (target)
	{
		ereport(NOTICE,
				(errmsg("router \"%s\" is that router already", get_func_name(job->router))));
		finish_tidying(job);
	}
	else if (job->back)
		refuse_no_change(job, "There is nothing to take back. CALL chash_reshard with the router that "
						 "it is to become changes it.");
	else if (chash_job_read(job))
		finish_tidying(job);
	else
		refuse_no_change(job, "Give the router that it is to become.");
}

/* As the row of the job says. */
static void
go_on(chash_job *job, const struct varlena *target)
{
	if (begin_job(job, target))
		make_change(job);
	else if (chash_job_read(job))
		finish_tidying(job);
	else
		refuse_no_change(job, "There is nothing to go on with. CALL chash_reshard with the router that "
						 "it is to become changes it.");
}

/* ---- one operator at a time ---- */

/* A lock of the session, as it has to outlive transactions. */
static bool
lock_job(const chash_job *job)
{
	LOCKTAG		tag;

	chash_job_lock_tag(&tag, job->router, CHASH_RESHARD_LOCK);
	return LockAcquire(&tag, ExclusiveLock, true, true) != LOCKACQUIRE_NOT_AVAIL;
}

static void
unlock_job(const chash_job *job)
{
	LOCKTAG		tag;

	chash_job_lock_tag(&tag, job->router, CHASH_RESHARD_LOCK);
	LockRelease(&tag, ExclusiveLock, true);
}

static void
give_up(int code, Datum argument)
{
	chash_job  *job = (chash_job *) DatumGetPointer(argument);

	(void) code;
	if (job->worker)
		chash_worker_end(job->worker);
	unlock_job(job);
}

/* The worker goes on when this session has let go of the job. */
static void
hand_over(chash_job *job)
{
	chash_worker_leave_alone(job->worker);
	PG_TRY();
	{
		chash_worker_begin(job->worker);
	}
	PG_FINALLY();
	{
		chash_worker_end(job->worker);
	}
	PG_END_TRY();
	ereport(NOTICE,
			(errmsg("router \"%s\" is resharded in the background", get_func_name(job->router)),
			 errhint("chash_stat_progress_reshard shows how far it has come.")));
}

static bool
run_alone(chash_job *job, void (*work) (chash_job *job, const struct varlena *target),
		  const struct varlena *target)
{
	if (!lock_job(job))
		return false;
	PG_ENSURE_ERROR_CLEANUP(give_up, PointerGetDatum(job));
	{
		chash_worker_is_running();
		work(job, target);
	}
	PG_END_ENSURE_ERROR_CLEANUP(give_up, PointerGetDatum(job));
	unlock_job(job);
	if (job->worker)
		hand_over(job);
	return true;
}

/* ---- the procedures ---- */

void
chash_reshard_to(FunctionCallInfo fcinfo, chash_goal goal, int first_option, bool makes_shards)
{
	chash_job	job = {0};
	chash_layout layout;
	struct varlena *target;

	chash_refuse_transaction_block(fcinfo);
	chash_refuse_null(fcinfo, 0, "router");
	job.router = PG_GETARG_OID(0);
	job.procedure = fcinfo->flinfo->fn_oid;
	chash_find_schema(&job);
	chash_read_options(fcinfo, first_option, false, &job);
	if (makes_shards)
	{
		layout = chash_layout_of_new_shards(fcinfo, first_option + CHASH_N_OPTIONS);
		job.layout = &layout;
	}
	chash_check_router_owner(job.router);
	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	target = goal(fcinfo, &job);
	if (!run_alone(&job, run, target))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("router \"%s\" is being resharded by another session",
						get_func_name(job.router))));
	SPI_finish();
}

bool
chash_reshard_go_on(chash_job *job)
{
	return run_alone(job, go_on, NULL);
}

static struct varlena *
given_target(FunctionCallInfo fcinfo, chash_job *job)
{
	(void) job;
	return PG_ARGISNULL(1) ? NULL : PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(1));
}

static struct varlena *
go_back(FunctionCallInfo fcinfo, chash_job *job)
{
	(void) fcinfo;
	job->back = true;
	return NULL;
}

/* chash_reshard(router regproc, target chash_router, options, and those of partitions) */
Datum
chash_reshard(PG_FUNCTION_ARGS)
{
	chash_reshard_to(fcinfo, given_target, 2, true);
	PG_RETURN_VOID();
}

/* chash_reshard_back(router regproc, options) */
Datum
chash_reshard_back(PG_FUNCTION_ARGS)
{
	chash_reshard_to(fcinfo, go_back, 1, false);
	PG_RETURN_VOID();
}
