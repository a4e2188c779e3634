/*
 * mover_indexes.c
 *		When indexes of movers are built, and by whom.
 *
 * CREATE INDEX CONCURRENTLY cannot run in a procedure.  A background worker
 * runs it, one partition after the other, while the session that waits for it
 * has neither a snapshot nor a lock.
 */
#include "reshard/mover_indexes.h"

#include "language/naming.h"
#include "reshard/failpoint.h"
#include "reshard/job.h"
#include "reshard/movers.h"
#include "reshard/obey.h"
#include "reshard/reshardable.h"
#include "reshard/worker.h"
#include "table/leaves.h"

#include "catalog/pg_inherits.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"

/* A partition without one, and its table. */
typedef struct missing
{
	Oid			table;
	Oid			leaf;
} missing;

/*
 * Rows leave only the shards of the router that is left; the others'
 * partitions are spared an index, which each row that comes would have to be
 * put into.
 */
static List *
leaves_that_rows_leave(const chash_job *job, Oid table)
{
	return chash_leaves_of_shards(table, (job->back ? job->after : job->before)->router,
								  AccessShareLock);
}

typedef struct search
{
	List	   *found;			/* missing * */
	int64		expected;		/* rows, by the indexes that are there */
} search;

static void
look_at_leaf(const chash_job *job, Oid table, Oid leaf, search *search)
{
	missing    *one;

	chash_check_kind(table, leaf);
	if (OidIsValid(chash_find_movers_index(leaf, job->before, job->after)))
	{
		search->expected += chash_count_movers(leaf, job->before, job->after);
		return;
	}
	one = palloc(sizeof(*one));
	one->table = table;
	one->leaf = leaf;
	search->found = lappend(search->found, one);
}

/* New tables and partitions may come at any time. */
static void
find_missing(chash_job *job, List *tables, void *argument)
{
	search	   *search = argument;
	ListCell   *table;
	ListCell   *cell;

	search->found = NIL;
	search->expected = 0;
	foreach(table, tables)
	{
		Oid			oid = ((chash_routed *) lfirst(table))->table;

		foreach(cell, leaves_that_rows_leave(job, oid))
			look_at_leaf(job, oid, ((chash_leaf *) lfirst(cell))->table, search);
	}
}

/* Do work that locks a partition against VACUUM, too. */
static void
must_lock_leaf(chash_job *job, Oid leaf, chash_work work, void *argument)
{
	do
		chash_wait_for_vacuum(job, list_make1_oid(leaf));
	while (!chash_attempt(job, work, argument));
	job->attempts = 0;
}

static void
drop_index(chash_job *job, List *tables, void *argument)
{
	(void) job;
	(void) tables;
	chash_drop_movers_indexes(*(Oid *) argument);
	chash_commit_at_once();
	chash_failpoint(CHASH_FAILPOINT_INDEX_DROPPED);
}

/* ---- by a worker ---- */

static chash_task
task_of(const chash_job *job, List *commands)
{
	chash_task	task = {0};

	task.name = psprintf("chash index %s", get_func_name(job->router));
	task.database = MyDatabaseId;
	task.role = GetUserId();
	task.router = job->router;
	task.schema = job->schema;
	task.commands = commands;
	return task;
}

void
chash_check_index_worker(chash_job *job)
{
	chash_task	task = task_of(job, NIL);
	chash_worker_error error;
	search		search;

	if (!job->concurrently)
		return;
	chash_must(job, find_missing, &search);
	if (!search.found)
		return;
	chash_check_worker_role(task.role);
	SPI_commit();
	chash_worker_do(&task, NULL, NULL, &error);
	if (error.sqlstate != 0)
		chash_worker_raise(&error);
}

static List *
commands_for(const chash_job *job, List *found)
{
	const chash_version version = {job->before, job->after, 0};
	List	   *commands = NIL;
	ListCell   *cell;

	foreach(cell, found)
	{
		const missing *one = lfirst(cell);
		chash_routed routed;

		/* or it could be dropped while its names are looked up */
		LockRelationOid(one->leaf, AccessShareLock);
		if (get_rel_name(one->leaf) && chash_get_routed(one->table, &routed))
			commands = lappend(commands, chash_movers_index_command(&routed, one->leaf, &version,
																	job->schema, true));
	}
	return commands;
}

/* Other sessions may have dropped or renamed what the commands name. */
static bool
may_go_better(int sqlstate)
{
	return chash_is_worth_retrying(sqlstate) || sqlstate == ERRCODE_UNDEFINED_TABLE ||
		sqlstate == ERRCODE_UNDEFINED_COLUMN || sqlstate == ERRCODE_UNDEFINED_FUNCTION ||
		sqlstate == ERRCODE_INVALID_SCHEMA_NAME;
}

static bool
build_concurrently(chash_job *job, List *found)
{
	chash_task	task = task_of(job, commands_for(job, found));
	bool		back = job->back;
	chash_worker_error error;

	SPI_commit();
	chash_worker_do(&task, chash_obey_while_waiting, job, &error);
	if (error.sqlstate != 0 && !may_go_better(error.sqlstate))
		chash_worker_raise(&error);
	chash_failpoint(CHASH_FAILPOINT_INDEX_MADE);
	if (error.sqlstate != 0)
		chash_wait_after_attempt(job);
	return job->back == back;
}

/* ---- by this session ---- */

/* Locked as CREATE INDEX does, a partition stays one; see also unlock_shared() in steps.c. */
static void
make_index(chash_job *job, List *tables, void *argument)
{
	const missing *one = argument;
	const chash_version version = {job->before, job->after, 0};
	ListCell   *cell;

	LockRelationOid(one->leaf, ShareLock);
	foreach(cell, tables)
	{
		const chash_routed *routed = lfirst(cell);

		if (routed->table == one->table &&
			list_member_oid(find_inheritance_children(one->table, NoLock), one->leaf))
			chash_run(chash_movers_index_command(routed, one->leaf, &version, job->schema, false));
	}
	chash_commit_at_once();
	chash_failpoint(CHASH_FAILPOINT_INDEX_MADE);
}

static void
build_here(chash_job *job, List *found)
{
	ListCell   *cell;

	foreach(cell, found)
	{
		missing    *one = lfirst(cell);

		must_lock_leaf(job, one->leaf, make_index, one);
	}
}

/* ---- both ---- */

/* What another change, or a failure, has left behind. */
static void
drop_leftovers(chash_job *job, List *found)
{
	ListCell   *cell;

	foreach(cell, found)
	{
		missing    *one = lfirst(cell);
		bool		has = get_rel_name(one->leaf) && chash_has_movers_indexes(one->leaf);

		SPI_commit();
		if (has)
			must_lock_leaf(job, one->leaf, drop_index, &one->leaf);
	}
}

static void
expect(chash_job *job, List *tables, void *argument)
{
	(void) tables;
	chash_job_expect(job, *(int64 *) argument);
}

bool
chash_make_missing_indexes(chash_job *job)
{
	search		search;
	int64		before;
	int64		more;
	bool		first = true;

	if (!chash_attempt(job, find_missing, &search))
		return false;
	before = search.expected;
	while (search.found)
	{
		if (first)
			chash_enter_phase(job, CHASH_PHASE_INDEXES);
		first = false;
		drop_leftovers(job, search.found);
		if (!job->concurrently)
			build_here(job, search.found);
		else if (!build_concurrently(job, search.found))
			return false;
		chash_must(job, find_missing, &search);
	}
	job->rows_expected = search.expected;
	if (first)
		return true;
	more = Max(search.expected - before, 0);
	if (!job->back)
		chash_must(job, expect, &more);
	chash_enter_phase(job, job->back ? CHASH_PHASE_BACK : CHASH_PHASE_MOVING);
	return true;
}

static void
find_leaves_with_indexes(chash_job *job, List *tables, void *argument)
{
	List	  **leaves = argument;
	ListCell   *table;
	ListCell   *cell;

	(void) job;
	*leaves = NIL;
	foreach(table, tables)
	{
		foreach(cell, chash_leaves_of(((chash_routed *) lfirst(table))->table, AccessShareLock))
		{
			Oid			leaf = ((chash_leaf *) lfirst(cell))->table;

			if (chash_has_movers_indexes(leaf))
				*leaves = lappend_oid(*leaves, leaf);
		}
	}
}

static void
drop_index_if_there(chash_job *job, List *tables, void *argument)
{
	if (get_rel_name(*(Oid *) argument))
		drop_index(job, tables, argument);
}

void
chash_drop_all_indexes(chash_job *job)
{
	List	   *leaves;
	ListCell   *cell;

	chash_must(job, find_leaves_with_indexes, &leaves);
	foreach(cell, leaves)
	{
		Oid			leaf = lfirst_oid(cell);

		must_lock_leaf(job, leaf, drop_index_if_there, &leaf);
	}
}
