/*
 * worker.c
 *		Background processes, seen from the session that starts one.
 */
#include "reshard/worker.h"

#include "reshard/worker_request.h"

#include "access/htup_details.h"
#include "catalog/pg_authid.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "storage/dsm.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "utils/syscache.h"

/* Milliseconds between two looks; the process sets our latch when it has something to say. */
#define LOOK_AGAIN		500

struct chash_worker
{
	BackgroundWorkerHandle *handle;
	dsm_segment *segment;
	chash_worker_request *request;
	bool		alone;
};

void
chash_check_worker_role(Oid role)
{
	HeapTuple	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	Form_pg_authid form;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("role with OID %u does not exist", role)));
	form = (Form_pg_authid) GETSTRUCT(tuple);
	if (!form->rolcanlogin && !CHASH_WORKER_LOGS_IN_ANYBODY)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("a background worker cannot run as role \"%s\", which may not log in",
						NameStr(form->rolname)),
				 errhint("Before PostgreSQL 17 only a role with LOGIN can have one: use such a role, or "
						 "concurrently => false, which keeps out writers of a partition while its "
						 "index is built, and no background.")));
	ReleaseSysCache(tuple);
}

/* ---- starting ---- */

static Size
size_of_commands(List *commands)
{
	Size		size = 1;
	ListCell   *cell;

	foreach(cell, commands)
		size += strlen(lfirst(cell)) + 1;
	return size;
}

static void
write_request(chash_worker_request *request, const chash_task *task)
{
	char	   *next = request->commands;
	ListCell   *cell;

	memset(request, 0, offsetof(chash_worker_request, commands));
	pg_atomic_init_u32(&request->state, CHASH_WORKER_STARTS);
	request->database = task->database;
	request->role = task->role;
	request->router = task->router;
	request->schema = task->schema;
	request->is_job = task->is_job;
	if (task->is_job)
		chash_failpoint_hand_over(request->failpoint);
	request->requester = MyProc;
	foreach(cell, task->commands)
	{
		strcpy(next, lfirst(cell));
		next += strlen(next) + 1;
	}
	*next = '\0';
}

static bool
register_worker(const chash_task *task, chash_worker *worker)
{
	BackgroundWorker process;

	memset(&process, 0, sizeof(process));
	process.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	process.bgw_start_time = BgWorkerStart_RecoveryFinished;
	process.bgw_restart_time = BGW_NEVER_RESTART;
	process.bgw_notify_pid = MyProcPid;
	process.bgw_main_arg = UInt32GetDatum(dsm_segment_handle(worker->segment));
	snprintf(process.bgw_library_name, BGW_MAXLEN, "$libdir/chash");
	snprintf(process.bgw_function_name, BGW_MAXLEN, "chash_worker_main");
	snprintf(process.bgw_type, BGW_MAXLEN, "chash");
	snprintf(process.bgw_name, BGW_MAXLEN, "%s", task->name);
	return RegisterDynamicBackgroundWorker(&process, &worker->handle);
}

static chash_worker *
create_worker(const chash_task *task)
{
	chash_worker *worker = palloc0(sizeof(*worker));

	worker->segment = dsm_create(offsetof(chash_worker_request, commands) +
								 size_of_commands(task->commands), 0);
	dsm_pin_mapping(worker->segment);
	worker->request = dsm_segment_address(worker->segment);
	write_request(worker->request, task);
	if (!register_worker(task, worker))
	{
		dsm_detach(worker->segment);
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
				 errmsg("there is no free background worker for \"%s\"", task->name),
				 errhint("Increase max_worker_processes, which is %d, or wait until others have ended; "
						 "concurrently => false needs none to build indexes, and keeps out writers of "
						 "a partition meanwhile.", max_worker_processes)));
	}
	return worker;
}

/* ---- waiting ---- */

static bool
has_stopped(const chash_worker *worker)
{
	pid_t		pid;

	return GetBackgroundWorkerPid(worker->handle, &pid) == BGWH_STOPPED;
}

/* Wait until a process has come to a state; false if it has ended, or is not to go on. */
static bool
wait_for(chash_worker *worker, uint32 state, chash_tick tick, void *argument)
{
	for (;;)
	{
		bool		stopped = has_stopped(worker);

		if (chash_worker_state(worker->request) >= state)
			return true;
		if (stopped)
			return false;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, LOOK_AGAIN,
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		if (tick && !tick(argument))
			return false;
	}
}

static void
get_error(const chash_worker *worker, chash_worker_error *error)
{
	*error = worker->request->error;
	if (error->sqlstate != 0)
		return;
	error->sqlstate = ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
	snprintf(error->message, sizeof(error->message), "a background worker ended without saying why");
	snprintf(error->hint, sizeof(error->hint), "The server log may tell.");
}

void
chash_worker_raise(const chash_worker_error *error)
{
	ereport(ERROR,
			(errcode(error->sqlstate),
			 errmsg("%s", error->message),
			 error->detail[0] ? errdetail("%s", error->detail) : 0,
			 error->hint[0] ? errhint("%s", error->hint) : 0,
			 errcontext("background worker")));
}

/* ---- what sessions do with one ---- */

static void
end_at_error(int code, Datum worker)
{
	(void) code;
	chash_worker_end((chash_worker *) DatumGetPointer(worker));
}

static void
wait_until_connected(chash_worker *worker)
{
	chash_worker_error error;

	if (wait_for(worker, CHASH_WORKER_CONNECTED, NULL, NULL) &&
		worker->request->error.sqlstate == 0)
		return;
	get_error(worker, &error);
	if (error.hint[0] == '\0')
		snprintf(error.hint, sizeof(error.hint),
				 "Indexes are built concurrently, and changes made in the background, by a process "
				 "that has to connect to the database as the role that calls: see to it that it may, "
				 "or use concurrently => false, which keeps out writers of a partition while its "
				 "index is built, and no background.");
	chash_worker_raise(&error);
}

chash_worker *
chash_worker_start(const chash_task *task)
{
	chash_worker *worker;

	chash_check_worker_role(task->role);
	worker = create_worker(task);
	PG_ENSURE_ERROR_CLEANUP(end_at_error, PointerGetDatum(worker));
	{
		wait_until_connected(worker);
	}
	PG_END_ENSURE_ERROR_CLEANUP(end_at_error, PointerGetDatum(worker));
	return worker;
}

static void
let_go(chash_worker *worker)
{
	chash_worker_set_state(worker->request, CHASH_WORKER_MAY_GO);
	SetLatch(&worker->request->worker->procLatch);
}

void
chash_worker_begin(chash_worker *worker)
{
	chash_worker_error error;

	let_go(worker);
	(void) wait_for(worker, CHASH_WORKER_RUNS, NULL, NULL);
	if (worker->request->error.sqlstate == 0 &&
		chash_worker_state(worker->request) >= CHASH_WORKER_RUNS)
		return;
	get_error(worker, &error);
	chash_worker_raise(&error);
}

void
chash_worker_leave_alone(chash_worker *worker)
{
	worker->alone = true;
}

void
chash_worker_end(chash_worker *worker)
{
	if (!worker->segment)
		return;
	if (!worker->alone)
		TerminateBackgroundWorker(worker->handle);
	dsm_detach(worker->segment);
	worker->segment = NULL;
}

void
chash_worker_do(const chash_task *task, chash_tick tick, void *argument, chash_worker_error *error)
{
	chash_worker *worker = create_worker(task);

	PG_ENSURE_ERROR_CLEANUP(end_at_error, PointerGetDatum(worker));
	{
		wait_until_connected(worker);
		let_go(worker);
		if (wait_for(worker, CHASH_WORKER_ENDED, tick, argument))
			*error = worker->request->error;
		else if (has_stopped(worker))
			get_error(worker, error);
		else
		{
			memset(error, 0, sizeof(*error));
			TerminateBackgroundWorker(worker->handle);
			(void) WaitForBackgroundWorkerShutdown(worker->handle);
		}
	}
	PG_END_ENSURE_ERROR_CLEANUP(end_at_error, PointerGetDatum(worker));
	chash_worker_end(worker);
}
