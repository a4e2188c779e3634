/*
 * worker_main.c
 *		Background processes, seen from inside.
 */
#include "reshard/worker.h"

#include "reshard/job.h"
#include "reshard/movers.h"
#include "reshard/top_level.h"
#include "reshard/worker_request.h"

#include "access/xact.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/dsm.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lock.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"

PGDLLEXPORT void chash_worker_main(Datum segment);

/* Of this process, if it is one. */
static chash_worker_request *request = NULL;
static emit_log_hook_type next_log_hook = NULL;

static void
tell_requester(uint32 state)
{
	chash_worker_set_state(request, state);
	SetLatch(&request->requester->procLatch);
}

void
chash_worker_is_running(void)
{
	if (request && request->is_job && chash_worker_state(request) < CHASH_WORKER_RUNS)
		tell_requester(CHASH_WORKER_RUNS);
}

bool
chash_is_worker_of(Oid router)
{
	return request && request->is_job && request->router == router;
}

/* ---- errors ---- */

static void
copy_text(char *to, Size size, const char *text)
{
	int			length;

	if (!text)
		return;
	length = pg_mbcliplen(text, (int) strlen(text), (int) size - 1);
	memcpy(to, text, length);
	to[length] = '\0';
}

/* The first error counts. */
static void
note_error(const ErrorData *error)
{
	if (request->error.sqlstate != 0)
		return;
	copy_text(request->error.message, sizeof(request->error.message), error->message);
	copy_text(request->error.detail, sizeof(request->error.detail), error->detail);
	copy_text(request->error.hint, sizeof(request->error.hint), error->hint);
	request->error.sqlstate = error->sqlerrcode;
}

/* What ends this process at once, as before it is connected, comes by nowhere else. */
static void
log_hook(ErrorData *error)
{
	if (error->elevel >= ERROR)
		note_error(error);
	if (next_log_hook)
		next_log_hook(error);
}

/* Nobody may be there any more to whom it could be told. */
static void
write_error(void)
{
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	chash_job_failed(request->router, request->schema, request->error.message);
	PopActiveSnapshot();
	CommitTransactionCommand();
}

/* ---- the work ---- */

/* What a role has set for its sessions is not meant for work that is done bit by bit. */
static void
reset(const char *name, const char *value)
{
	if (GetConfigOption(name, true, false))
		SetConfigOption(name, value, PGC_USERSET, PGC_S_SESSION);
}

static void
connect_to_database(void)
{
	BackgroundWorkerInitializeConnectionByOid(request->database, request->role,
											  CHASH_WORKER_FLAGS);
	SetConfigOption("application_name", MyBgworkerEntry->bgw_name, PGC_USERSET, PGC_S_SESSION);
	pgstat_report_appname(MyBgworkerEntry->bgw_name);
	reset("default_transaction_read_only", "off");
	reset("default_transaction_isolation", "read committed");
	reset("lock_timeout", "0");
	reset("statement_timeout", "0");
	reset("transaction_timeout", "0");
	chash_failpoint_take_over(request->failpoint);
}

static void
wait_for_permission(void)
{
	while (chash_worker_state(request) < CHASH_WORKER_MAY_GO)
	{
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_EXIT_ON_PM_DEATH, 0, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
}

/* chash_stat_progress_reshard finds whom a change waits for through this lock. */
static void
show_router(void)
{
	LOCKTAG		tag;

	if (request->is_job || !OidIsValid(request->router))
		return;
	chash_job_lock_tag(&tag, request->router, CHASH_INDEX_LOCK);
	(void) LockAcquire(&tag, ShareLock, true, false);
}

/* The session has looked, too, but here is where functions are found by their names. */
static void
check_functions(void)
{
	StartTransactionCommand();
	chash_check_slice_function(request->schema);
	CommitTransactionCommand();
}

static void
run_commands(void)
{
	const char *command;

	for (command = request->commands; *command; command += strlen(command) + 1)
	{
		check_functions();
		chash_run_at_top_level(command);
	}
}

static void
work(void)
{
	connect_to_database();
	tell_requester(CHASH_WORKER_CONNECTED);
	wait_for_permission();
	StartTransactionCommand();
	show_router();
	CommitTransactionCommand();
	run_commands();
}

static void
work_or_note_error(void)
{
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		work();
	}
	PG_CATCH();
	{
		HOLD_INTERRUPTS();
		MemoryContextSwitchTo(context);
		/* the hook sees nothing of it where log_min_messages is above ERROR */
		note_error(CopyErrorData());
		EmitErrorReport();
		AbortOutOfAnyTransaction();
		FlushErrorState();
		RESUME_INTERRUPTS();
		if (request->is_job)
			write_error();
	}
	PG_END_TRY();
}

/* The process's entry, as worker.c has registered it. */
void
chash_worker_main(Datum segment)
{
	dsm_segment *mapped;

	pqsignal(SIGTERM, die);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
	mapped = dsm_attach(DatumGetUInt32(segment));
	if (!mapped)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the session that has asked for this background worker has gone")));
	dsm_pin_mapping(mapped);
	request = dsm_segment_address(mapped);
	request->worker = MyProc;
	next_log_hook = emit_log_hook;
	emit_log_hook = log_hook;
	work_or_note_error();
	tell_requester(CHASH_WORKER_ENDED);
}
