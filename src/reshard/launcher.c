/*
 * launcher.c
 *		With chash in shared_preload_libraries: after a start or a crash, each
 *		database is looked into once for background jobs that were cut short,
 *		and these get new workers.
 *
 * The launcher can read only what is shared by all databases.  So it has a
 * scout in one database after the other, which starts the workers there.
 */
#include "reshard/launcher.h"

#include "language/naming.h"
#include "reshard/job.h"
#include "reshard/worker.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_database.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* Seconds after which the launcher comes again when it has failed. */
#define RESTART			60

PGDLLEXPORT void chash_launcher_main(Datum nothing);
PGDLLEXPORT void chash_scout_main(Datum database);

static void
name_process(BackgroundWorker *process, const char *function, const char *name)
{
	memset(process, 0, sizeof(*process));
	process->bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	process->bgw_start_time = BgWorkerStart_RecoveryFinished;
	process->bgw_restart_time = BGW_NEVER_RESTART;
	snprintf(process->bgw_library_name, BGW_MAXLEN, "$libdir/chash");
	snprintf(process->bgw_function_name, BGW_MAXLEN, "%s", function);
	snprintf(process->bgw_name, BGW_MAXLEN, "%s", name);
	snprintf(process->bgw_type, BGW_MAXLEN, "%s", name);
}

void
chash_register_launcher(void)
{
	BackgroundWorker process;

	if (!process_shared_preload_libraries_in_progress || IsBinaryUpgrade)
		return;
	name_process(&process, "chash_launcher_main", "chash launcher");
	process.bgw_restart_time = RESTART;
	RegisterBackgroundWorker(&process);
}

static void
prepare_signals(void)
{
	pqsignal(SIGTERM, die);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
}

/* ---- the launcher ---- */

/* The databases that accept connections, as a list that outlives the transaction. */
static List *
connectable_databases(void)
{
	MemoryContext context = CurrentMemoryContext;
	List	   *databases = NIL;
	Relation	catalog;
	TableScanDesc scan;
	HeapTuple	tuple;

	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	catalog = table_open(DatabaseRelationId, AccessShareLock);
	scan = table_beginscan_catalog(catalog, 0, NULL);
	while (HeapTupleIsValid(tuple = heap_getnext(scan, ForwardScanDirection)))
	{
		Form_pg_database form = (Form_pg_database) GETSTRUCT(tuple);
		MemoryContext old_context = MemoryContextSwitchTo(context);

		if (form->datallowconn)
			databases = lappend_oid(databases, form->oid);
		MemoryContextSwitchTo(old_context);
	}
	table_endscan(scan);
	table_close(catalog, AccessShareLock);
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	return databases;
}

/* One at a time, so that workers are left for what they find. */
static void
look_into(Oid database)
{
	BackgroundWorker process;
	BackgroundWorkerHandle *handle;

	name_process(&process, "chash_scout_main", "chash scout");
	process.bgw_main_arg = ObjectIdGetDatum(database);
	process.bgw_notify_pid = MyProcPid;
	if (!RegisterDynamicBackgroundWorker(&process, &handle))
	{
		ereport(LOG,
				(errmsg("chash cannot look for jobs in database %u", database),
				 errhint("Increase max_worker_processes, or CALL chash_reshard_resume there.")));
		return;
	}
	(void) WaitForBackgroundWorkerShutdown(handle);
	pfree(handle);
}

void
chash_launcher_main(Datum nothing)
{
	ListCell   *cell;

	(void) nothing;
	prepare_signals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	foreach(cell, connectable_databases())
		look_into(lfirst_oid(cell));

	/* whoever ends is not started again after a crash of others */
	for (;;)
	{
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_EXIT_ON_PM_DEATH, 0, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
}

/* ---- the scout of a database ---- */

/* The schema of the extension; InvalidOid if the database has none. */
static Oid
schema_of_extension(void)
{
	Oid			schema = InvalidOid;
	bool		isnull;

	if (SPI_execute("SELECT extnamespace FROM pg_catalog.pg_extension"
					" WHERE extname OPERATOR(pg_catalog.=) 'chash'", true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read pg_extension");
	if (SPI_processed == 1)
		schema = DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1,
												&isnull));
	return schema;
}

static void
start_job(Oid router, Oid role, Oid schema)
{
	chash_task	task = chash_job_task(router, role, schema);
	chash_worker *worker = chash_worker_start(&task);

	chash_worker_leave_alone(worker);
	chash_worker_begin(worker);
	chash_worker_end(worker);
}

/* One that cannot be started says so in its row, and does not keep others from it. */
static void
start_job_or_say_why(Oid router, Oid role, Oid schema)
{
	MemoryContext context = CurrentMemoryContext;
	ErrorData  *volatile error = NULL;

	StartTransactionCommand();
	PG_TRY();
	{
		start_job(router, role, schema);
		CommitTransactionCommand();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		EmitErrorReport();
		FlushErrorState();
		AbortCurrentTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	if (!error)
		return;
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	chash_job_failed(router, schema, error->message);
	PopActiveSnapshot();
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
}

/* Pairs of a router and the role of its job, as a list that outlives the transaction. */
static List *
jobs_to_go_on_with(Oid *schema)
{
	MemoryContext context = CurrentMemoryContext;
	List	   *jobs = NIL;
	bool		isnull;
	uint64		i;

	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	*schema = schema_of_extension();
	if (OidIsValid(*schema) && OidIsValid(get_relname_relid(CHASH_JOB_TABLE, *schema)))
	{
		if (SPI_execute(psprintf("SELECT router, role FROM %s WHERE background AND NOT paused"
								 " AND NOT stop AND error IS NULL",
								 chash_quoted_name(*schema, CHASH_JOB_TABLE)), true, 0) != SPI_OK_SELECT)
			elog(ERROR, "could not read \"%s\"", CHASH_JOB_TABLE);
		for (i = 0; i < SPI_processed; i++)
		{
			MemoryContext old_context = MemoryContextSwitchTo(context);

			jobs = lappend_oid(jobs, DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[i],
																	SPI_tuptable->tupdesc, 1, &isnull)));
			jobs = lappend_oid(jobs, DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[i],
																	SPI_tuptable->tupdesc, 2, &isnull)));
			MemoryContextSwitchTo(old_context);
		}
	}
	SPI_finish();
	PopActiveSnapshot();
	CommitTransactionCommand();
	MemoryContextSwitchTo(context);
	return jobs;
}

void
chash_scout_main(Datum database)
{
	List	   *jobs;
	Oid			schema;
	int			i;

	prepare_signals();
	BackgroundWorkerInitializeConnectionByOid(DatumGetObjectId(database), InvalidOid, 0);
	jobs = jobs_to_go_on_with(&schema);
	for (i = 0; i < list_length(jobs); i += 2)
		start_job_or_say_why(list_nth_oid(jobs, i), list_nth_oid(jobs, i + 1), schema);
}
