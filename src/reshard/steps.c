/*
 * steps.c
 *		Locks, retries and commits of the steps of a change.
 *
 * Everybody who uses a table waits behind a request for its ACCESS EXCLUSIVE
 * lock.  So no attempt to get all locks takes longer than lock_timeout, which
 * is well below deadlock_timeout: who would wait for each other in a circle
 * goes on at once.
 */
#include "reshard/steps.h"

#include "language/change.h"
#include "language/subtransaction.h"
#include "reshard/failpoint.h"

#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_proc.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

/* Between two attempts; others have got their locks by then. */
#define FIRST_PAUSE		1000
#define LONGEST_PAUSE	1000000

/* Milliseconds that an autovacuum takes to end, when it is told to. */
#define VACUUM_ENDS_WITHIN	1000

/* Attempts that fail before and between notices. */
#define SAY_AFTER		20

typedef struct attempt
{
	chash_job  *job;
	chash_work	before;			/* before the locks; or NULL */
	chash_work	work;
	void	   *argument;
	bool		lock;
	Oid			vacuumed;		/* a partition to wait for, and nothing else */
	bool		is_before;		/* and no further yet */
	TimestampTz begun;
	TimestampTz locked;
} attempt;

List *
chash_routed_by(Oid router)
{
	List	   *tables = NIL;
	ListCell   *cell;

	foreach(cell, chash_tables_of_router(router))
	{
		chash_routed *routed = palloc(sizeof(*routed));

		chash_require_routed(lfirst_oid(cell), routed);
		tables = lappend(tables, routed);
	}
	return tables;
}

void
chash_write_version(const chash_job *job, List *tables, const char *text)
{
	ListCell   *cell;

	chash_set_body(job->router, text);
	foreach(cell, tables)
		CacheInvalidateRelcacheByRelid(((chash_routed *) lfirst(cell))->table);
}

void
chash_sleep(int64 microseconds)
{
	TimestampTz end = GetCurrentTimestamp() + microseconds;
	int64		left = microseconds;

	CHECK_FOR_INTERRUPTS();
	while (left > 0)
	{
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 (left + 999) / 1000, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		left = end - GetCurrentTimestamp();
	}
}

/* What is left of the time for locks, as the limit for the next one. */
static void
limit_lock(const attempt *attempt)
{
	int64		left = attempt->job->lock_timeout - (GetCurrentTimestamp() - attempt->begun);
	char		setting[32];

	snprintf(setting, sizeof(setting), INT64_FORMAT "us", Max(left, 1000));
	(void) set_config_option("lock_timeout", setting, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_LOCAL, true, 0, false);
}

void
chash_wait_for_locks(void)
{
	(void) set_config_option("lock_timeout", "0", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_LOCAL, true, 0, false);
}

/*
 * VACUUM keeps a partition for as long as it takes, and everybody would queue
 * behind each attempt to get an exclusive lock.  Nobody who reads or writes does
 * so behind this one; and of an autovacuum that somebody has waited for longer
 * than deadlock_timeout PostgreSQL makes an end.  There is no snapshot meanwhile,
 * for which CREATE INDEX CONCURRENTLY would wait, which has this lock.
 */
static void
wait_for_vacuum(Oid leaf)
{
	char		setting[32];

	snprintf(setting, sizeof(setting), INT64_FORMAT "ms",
			 Min((int64) DeadlockTimeout + VACUUM_ENDS_WITHIN, INT_MAX));
	(void) set_config_option("lock_timeout", setting, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_LOCAL, true, 0, false);
	InvalidateCatalogSnapshot();
	LockRelationOid(leaf, ShareUpdateExclusiveLock);
	UnlockRelationOid(leaf, ShareUpdateExclusiveLock);
}

static void
lock_table(const attempt *attempt, Oid table)
{
	limit_lock(attempt);
	attempt->job->first = table;
	LockRelationOid(table, AccessExclusiveLock);
}

/*
 * The tables first, as everybody has them locked when he comes to the router;
 * and of these the one that was not to be had the last time.  Whoever has that
 * one locked and waits for another one would be waited for again and again.
 */
static void
lock_all(const attempt *attempt)
{
	List	   *tables = chash_tables_of_router(attempt->job->router);
	Oid			first = attempt->job->first;
	ListCell   *cell;

	if (list_member_oid(tables, first))
		lock_table(attempt, first);
	foreach(cell, tables)
		lock_table(attempt, lfirst_oid(cell));
	limit_lock(attempt);
	LockDatabaseObject(ProcedureRelationId, attempt->job->router, 0, AccessExclusiveLock);
	attempt->job->first = first;
}

/*
 * CheckRelationOidLockedByMe() is not in all minor versions, so this asks
 * for the lock of a relation that is open.
 */
static bool
is_locked(Oid table)
{
	Relation	relation;
	bool		locked = false;

	if (!ConditionalLockRelationOid(table, AccessShareLock))
		return false;
	if ((relation = try_relation_open(table, NoLock)))
	{
		locked = CheckRelationLockedByMe(relation, AccessExclusiveLock, false);
		relation_close(relation, NoLock);
	}
	UnlockRelationOid(table, AccessShareLock);
	return locked;
}

/* A table that was made in the meantime is not among those that are locked. */
static void
check_locked(List *tables)
{
	ListCell   *cell;

	foreach(cell, tables)
	{
		if (!is_locked(((chash_routed *) lfirst(cell))->table))
			ereport(ERROR,
					(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
					 errmsg("a table was created in the meantime")));
	}
}

static bool
is_waited_for(Oid table)
{
	Relation	relation = table_open(table, NoLock);
	bool		waited_for = LockHasWaitersRelation(relation, AccessExclusiveLock);

	table_close(relation, NoLock);
	return waited_for;
}

static bool
are_waited_for(List *tables)
{
	ListCell   *cell;

	foreach(cell, tables)
	{
		if (is_waited_for(((chash_routed *) lfirst(cell))->table))
			return true;
	}
	return false;
}

/* Lock tables as whoever reads them does; those that others have just dropped are not among them. */
static List *
lock_shared(const attempt *attempt)
{
	List	   *tables = NIL;
	ListCell   *cell;

	limit_lock(attempt);
	foreach(cell, chash_tables_of_router(attempt->job->router))
	{
		chash_routed *routed = palloc(sizeof(*routed));

		LockRelationOid(lfirst_oid(cell), AccessShareLock);
		if (!get_rel_name(lfirst_oid(cell)))
			continue;
		chash_require_routed(lfirst_oid(cell), routed);
		tables = lappend(tables, routed);
	}
	return tables;
}

/*
 * Partitions stay locked, and so as they are.  Who has used a table and then
 * locks all of it for himself, while somebody waits to do so who has it locked,
 * too, gets an error at once.
 */
static void
unlock_shared(List *tables)
{
	ListCell   *cell;

	foreach(cell, tables)
	{
		Relation	relation = relation_open(((chash_routed *) lfirst(cell))->table, NoLock);
		LOCKTAG		tag;

		/* PostgreSQL 13 has it locked again, whoever writes to partitions */
		SET_LOCKTAG_RELATION(tag, MyDatabaseId, RelationGetRelid(relation));
		while (CheckRelationLockedByMe(relation, AccessShareLock, false) &&
			   LockRelease(&tag, AccessShareLock, false))
			;
		relation_close(relation, NoLock);
	}
}

/* Nobody waits for us meanwhile, so that the time for locks begins after it. */
static void
do_before(attempt *attempt)
{
	List	   *tables = lock_shared(attempt);

	PushActiveSnapshot(GetLatestSnapshot());
	attempt->is_before = true;
	attempt->before(attempt->job, tables, attempt->argument);
	attempt->is_before = false;
	PopActiveSnapshot();
	unlock_shared(tables);
	attempt->begun = GetCurrentTimestamp();
}

/* What follows in the same session and waits for it can do so when nobody is kept waiting. */
void
chash_commit_at_once(void)
{
	(void) set_config_option("synchronous_commit", "off", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_LOCAL, true, 0, false);
}

static void
do_work(void *argument)
{
	attempt    *attempt = argument;
	List	   *tables;

	if (OidIsValid(attempt->vacuumed))
	{
		wait_for_vacuum(attempt->vacuumed);
		return;
	}
	if (attempt->before)
		do_before(attempt);
	if (attempt->lock)
		lock_all(attempt);
	tables = chash_routed_by(attempt->job->router);
	if (attempt->lock)
		check_locked(tables);
	limit_lock(attempt);
	attempt->locked = GetCurrentTimestamp();
	chash_failpoint(CHASH_FAILPOINT_LOCKED);
	PushActiveSnapshot(GetLatestSnapshot());
	attempt->work(attempt->job, tables, attempt->argument);
	PopActiveSnapshot();
	if (!attempt->lock)
		return;
	chash_commit_at_once();
	attempt->job->waited_for = are_waited_for(tables);
}

bool
chash_is_worth_retrying(int sqlstate)
{
	return sqlstate == ERRCODE_LOCK_NOT_AVAILABLE ||
		sqlstate == ERRCODE_T_R_DEADLOCK_DETECTED ||
		sqlstate == ERRCODE_T_R_SERIALIZATION_FAILURE;
}

void
chash_wait_after_attempt(chash_job *job)
{
	if (++job->attempts % SAY_AFTER == 0)
		ereport(NOTICE,
				(errmsg("waiting for locks; " INT64_FORMAT " attempts failed so far", job->attempts)));
	chash_sleep(Min(FIRST_PAUSE << Min(job->attempts, 10), LONGEST_PAUSE));
}

void
chash_find_schema(chash_job *job)
{
	job->schema = get_func_namespace(job->procedure);
}

/*
 * Of rows that others may change or delete until all is locked, which decides:
 * as of an index that cannot take them.
 */
static bool
is_about_data(const attempt *attempt, int sqlstate)
{
	int			category = ERRCODE_TO_CATEGORY(sqlstate);

	return attempt->is_before && (category == ERRCODE_DATA_EXCEPTION ||
								  category == ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION);
}

/*
 * In READ COMMITTED, whatever the default is: a transaction that has to fail
 * for the sake of serializable ones would do so at its commit, out of reach.
 */
static bool
attempt_once(attempt *attempt)
{
	chash_job  *job = attempt->job;
	ErrorData  *error;

	chash_find_schema(job);
	if (!FirstSnapshotSet)
		XactIsoLevel = XACT_READ_COMMITTED;
	attempt->begun = GetCurrentTimestamp();
	error = chash_in_subtransaction(do_work, attempt);
	if (error && !chash_is_worth_retrying(error->sqlerrcode) &&
		!is_about_data(attempt, error->sqlerrcode))
		ReThrowError(error);
	if (!error)
		chash_failpoint(CHASH_FAILPOINT_BEFORE_COMMIT);
	SPI_commit();
	if (!error)
		chash_failpoint(CHASH_FAILPOINT_COMMITTED);
	if (error)
		chash_wait_after_attempt(job);
	return !error;
}

bool
chash_attempt(chash_job *job, chash_work work, void *argument)
{
	attempt		attempt = {.job = job, .work = work, .argument = argument};

	return attempt_once(&attempt);
}

bool
chash_attempt_after(chash_job *job, chash_work before, chash_work work, void *argument)
{
	attempt		attempt = {.job = job, .before = before, .work = work, .argument = argument, .lock = true};
	TimestampTz now;

	if (!attempt_once(&attempt))
		return false;
	job->attempts = 0;
	now = GetCurrentTimestamp();
	job->held = now - attempt.locked;
	job->longest = Max(job->longest, now - attempt.begun);
	job->total += now - attempt.begun;
	return true;
}

bool
chash_attempt_locked(chash_job *job, chash_work work, void *argument)
{
	return chash_attempt_after(job, NULL, work, argument);
}

void
chash_wait_for_vacuum(chash_job *job, List *leaves)
{
	ListCell   *cell;

	foreach(cell, leaves)
	{
		attempt		attempt = {.job = job, .vacuumed = lfirst_oid(cell)};
		bool		said = false;

		while (!attempt_once(&attempt))
		{
			if (!said && get_rel_name(attempt.vacuumed))
				ereport(NOTICE,
						(errmsg("waiting for VACUUM, or a command that locks as it does, of partition \"%s\"",
								get_rel_name(attempt.vacuumed))));
			said = true;
		}
	}
}

void
chash_must(chash_job *job, chash_work work, void *argument)
{
	while (!chash_attempt(job, work, argument))
		;
	job->attempts = 0;
}

void
chash_must_locked(chash_job *job, chash_work work, void *argument)
{
	while (!chash_attempt_locked(job, work, argument))
		;
}
