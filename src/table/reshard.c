/*
 * reshard.c
 *		CALL chash_reshard: from one router to another, in steps.
 *
 * The router first becomes a change that has not begun to move anything, then
 * passes slice after slice, and at last is the other router.  All of this is
 * in its text: whoever calls again after a crash or a cancel goes on.
 */
#include "table/reshard.h"

#include "language/named.h"
#include "language/naming.h"
#include "router/json.h"
#include "router/value.h"
#include "table/failpoint.h"
#include "table/leaves.h"
#include "table/move.h"
#include "table/movers.h"
#include "table/partitions.h"
#include "table/reshardable.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(chash_reshard);
PG_FUNCTION_INFO_V1(chash_reshard_back);

/* The rows of a first step, from which the next ones learn. */
#define FIRST_ROWS		100

/* Where nothing is to be moved the aim grows with each step. */
#define MOST_ROWS		1000000000

/* A step takes up this part of max_lock, as not all of them take equally long. */
#define AIM				0.8

/* After a step that others waited for, they have this many times as long for themselves. */
#define YIELD			3

/* Notices come that often. */
#define NOTICE_SECONDS	5

/* The second key of the advisory lock that keeps other operators out. */
#define RESHARD_LOCK	0x63686173

/* ---- arguments ---- */

static int64
microseconds(FunctionCallInfo fcinfo, int argno, const char *name)
{
	const Interval *interval;
	double		value;

	if (PG_ARGISNULL(argno))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be null", name)));
	interval = PG_GETARG_INTERVAL_P(argno);
	value = interval->time + ((double) interval->day + 30.0 * interval->month) * USECS_PER_DAY;

	if (value < 0 || value > USECS_PER_DAY)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be between 0 and one day", name)));
	return (int64) value;
}

static void
refuse_transaction_block(FunctionCallInfo fcinfo)
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

/* ---- the two routers ---- */

/* A shard keeps its id; new ones get ids that neither router uses. */
static void
take_over_ids(chash_router *after, const chash_router *before)
{
	bool	   *used = palloc0((CHASH_MAX_ID + 1) * sizeof(bool));
	uint32		next = 1;
	uint32		i;

	for (i = 0; i < before->nshards; i++)
		used[before->shards[i].id] = true;
	for (i = 0; i < after->nshards; i++)
	{
		int			place = chash_router_find(before, after->shards[i].name);

		if (place >= 0)
		{
			after->shards[i].id = before->shards[place].id;
			continue;
		}
		while (next <= CHASH_MAX_ID && used[next])
			next++;
		if (next > CHASH_MAX_ID)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("there are no ids left for new shards")));
		used[next] = true;
		after->shards[i].id = next;
	}
	pfree(used);
}

static chash_entry *
hold_with_ids(const struct varlena *target, const chash_router *before)
{
	chash_router *after = chash_value_open(target);

	take_over_ids(after, before);
	return chash_cache_hold(chash_cache_get(chash_value_make(after)));
}

/* Find out where the router is, and where it is to go; false if it is there. */
static bool
begin_job(chash_job *job, const struct varlena *target)
{
	const chash_version *now = &chash_named_get(job->router)->version;

	job->before = chash_cache_hold(now->entry);
	if (now->after)
	{
		job->after = chash_cache_hold(now->after);
		if (target && hold_with_ids(target, job->before->router) != job->after)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("router \"%s\" is being changed to another router",
							get_func_name(job->router)),
					 errhint("CALL chash_reshard without a target to finish that change, "
							 "or CALL chash_reshard_back to take it back.")));
		return true;
	}
	if (!target)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("router \"%s\" is not being changed", get_func_name(job->router)),
				 errhint("Give the router that it is to become.")));
	job->after = hold_with_ids(target, job->before->router);
	return job->after != job->before;
}

/* ---- what is done under locks ---- */

/* Between two steps anybody may change the router, without knowing of this job. */
static void
check_same(const chash_job *job, bool same)
{
	if (!same)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("router \"%s\" was changed by somebody else", get_func_name(job->router))));
}

/* The router becomes a change, and new shards get partitions; nothing moves yet. */
static void
enter(chash_job *job, List *tables, void *argument)
{
	const chash_version *now = &chash_named_get(job->router)->version;
	chash_layout layout = {0};
	ListCell   *cell;

	(void) argument;
	check_same(job, now->after == NULL && now->entry == job->before);
	layout.name = CHASH_NAME_OF_SHARD;
	chash_write_version(job, tables, chash_version_text(job->before->router, job->after->router, 0));
	chash_failpoint(CHASH_FAILPOINT_ROUTER_CHANGING);
	foreach(cell, tables)
		(void) chash_make_partitions(((chash_routed *) lfirst(cell))->table, &layout);
	chash_failpoint(CHASH_FAILPOINT_PARTITIONS_MADE);
}

static bool
is_leaf_of(Oid leaf, Oid table)
{
	ListCell   *cell;

	foreach(cell, chash_leaves_of(table, AccessShareLock))
	{
		if (((chash_leaf *) lfirst(cell))->table == leaf)
			return true;
	}
	return false;
}

static void
make_index(chash_job *job, List *tables, void *argument)
{
	Oid			leaf = *(Oid *) argument;
	const chash_version version = {job->before, job->after, 0};
	ListCell   *cell;

	foreach(cell, tables)
	{
		const chash_routed *routed = lfirst(cell);

		if (is_leaf_of(leaf, routed->table))
			chash_make_movers_index(routed, leaf, &version, job->schema);
	}
	chash_failpoint(CHASH_FAILPOINT_INDEX_MADE);
}

/* Shards that the router has no more leave the tables, in which they have no rows. */
static void
detach_leaf(const chash_job *job, Oid table, Oid leaf)
{
	const char *partition = get_rel_name(leaf);
	const char *name = chash_quoted_name(get_rel_namespace(leaf), partition);

	if (!chash_is_empty(leaf))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("partition \"%s\" of a shard that was removed has rows", partition)));
	chash_run(psprintf("ALTER TABLE %s DETACH PARTITION %s",
					   chash_quoted_name(get_rel_namespace(table), get_rel_name(table)), name));
	if (job->drop)
		chash_run(psprintf("DROP TABLE %s", name));
	ereport(NOTICE,
			(errmsg("%s partition \"%s\", whose shard the router has no more",
					job->drop ? "dropped" : "detached", partition)));
	chash_failpoint(CHASH_FAILPOINT_DETACHED);
}

static void
detach_leaves(chash_job *job, List *tables, void *argument)
{
	const chash_router *router = chash_version_copy(&chash_named_get(job->router)->version);
	ListCell   *table;
	ListCell   *cell;

	(void) argument;
	foreach(table, tables)
	{
		const chash_routed *routed = lfirst(table);

		foreach(cell, chash_leaves_of(routed->table, AccessShareLock))
		{
			const chash_leaf *leaf = lfirst(cell);

			if (!chash_has_id(router, leaf->remainder))
				detach_leaf(job, routed->table, leaf->table);
		}
	}
}

static void
drop_index(chash_job *job, List *tables, void *argument)
{
	(void) job;
	(void) tables;
	chash_drop_movers_indexes(*(Oid *) argument);
	chash_failpoint(CHASH_FAILPOINT_INDEX_DROPPED);
}

/* The slices of the next step: as many as have its rows, by the indexes of movers. */
static chash_slices
next_slices(const chash_job *job, List *tables, int64 passed)
{
	chash_slices slices = {passed, CHASH_SLICES_END};
	ListCell   *cell;

	if (job->back)
	{
		slices.from = 0;
		slices.to = passed;
	}
	foreach(cell, tables)
		chash_limit_slices(lfirst(cell), job->before, job->after, job->rows_aim, job->back,
						   &slices);
	return slices;
}

/* Move the rows of some slices, and let the router say so; *argument is whether it is done. */
static void
move_slices(chash_job *job, List *tables, void *argument)
{
	const chash_version *now = &chash_named_get(job->router)->version;
	const chash_version change = {job->before, job->after, now->passed};
	chash_slices slices = next_slices(job, tables, now->passed);
	chash_entry *goal = job->back ? job->before : job->after;
	int64		passed = job->back ? slices.from : slices.to;
	bool	   *done = argument;
	int64		rows = 0;
	ListCell   *cell;

	check_same(job, now->after == job->after && now->entry == job->before);
	foreach(cell, tables)
		rows += chash_move_rows(lfirst(cell), &change, goal, &slices);
	chash_failpoint(CHASH_FAILPOINT_ROWS_MOVED);
	*done = passed == (job->back ? 0 : CHASH_SLICES_END);
	chash_write_version(job, tables,
						*done ? chash_router_text(goal->router) :
						chash_version_text(job->before->router, job->after->router, passed));
	chash_failpoint(*done ? CHASH_FAILPOINT_END_WRITTEN : CHASH_FAILPOINT_STEP_WRITTEN);

	/* a crash takes the last steps back as a whole; the end is waited for */
	if (!*done)
		(void) set_config_option("synchronous_commit", "off", PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_LOCAL, true, 0, false);
	job->rows += rows;
}

/* ---- the phases ---- */

static void
must(chash_job *job, chash_work work, void *argument)
{
	while (!chash_attempt(job, work, argument))
		;
}

static void
must_locked(chash_job *job, chash_work work)
{
	while (!chash_attempt_locked(job, work, NULL))
		;
}

/*
 * The partitions of the shards of a router, or, if it is NULL, of all, of all
 * tables, in an array that outlives transactions.
 */
static List *
leaves_of_shards(const chash_job *job, const chash_entry *entry)
{
	List	   *leaves = NIL;
	ListCell   *table;
	ListCell   *cell;

	foreach(table, chash_tables_of_router(job->router))
	{
		List	   *of_table = entry ?
			chash_leaves_of_shards(lfirst_oid(table), entry->router, AccessShareLock) :
			chash_leaves_of(lfirst_oid(table), AccessShareLock);

		foreach(cell, of_table)
			leaves = lappend_oid(leaves, ((chash_leaf *) lfirst(cell))->table);
	}
	SPI_commit();
	return leaves;
}

/*
 * New tables and partitions may come at any time.  Rows leave only the shards
 * of the router that is left; the others' partitions are spared an index, which
 * each row that comes would have to be put into.
 */
static void
make_missing_indexes(chash_job *job)
{
	int64		expected = 0;
	ListCell   *cell;

	foreach(cell, leaves_of_shards(job, job->back ? job->after : job->before))
	{
		Oid			leaf = lfirst_oid(cell);

		if (!OidIsValid(chash_find_movers_index(leaf, job->before, job->after)))
		{
			/* what another change or a failure has left behind */
			must(job, drop_index, &leaf);
			must(job, make_index, &leaf);
		}
		expected += chash_count_movers(leaf, job->before, job->after);
	}
	job->rows_expected = expected;
}

static void
drop_indexes(chash_job *job)
{
	ListCell   *cell;

	foreach(cell, leaves_of_shards(job, NULL))
	{
		Oid			leaf = lfirst_oid(cell);

		if (chash_has_movers_indexes(leaf))
			must(job, drop_index, &leaf);
	}
}

/* Learn from the last step how many rows the next one may move. */
static void
adapt_aim(chash_job *job, int64 moved)
{
	double		factor = 2;

	if (moved > 0)
		factor = AIM * job->max_lock / Max(job->held, 1);
	job->rows_aim = Min(Max(job->rows_aim * Max(Min(factor, 2), 0.25), 1), MOST_ROWS);
}

static void
report_progress(const chash_job *job, TimestampTz *last)
{
	TimestampTz now = GetCurrentTimestamp();

	if (now - *last < NOTICE_SECONDS * USECS_PER_SEC)
		return;
	*last = now;
	ereport(NOTICE,
			(errmsg("moved " INT64_FORMAT " of " INT64_FORMAT " rows in " INT64_FORMAT " steps",
					job->rows, job->rows_expected, job->steps)));
}

/* Move one step further, if the locks can be had; true at the end. */
static bool
move_step(chash_job *job)
{
	int64		rows_before = job->rows;
	bool		done = false;

	make_missing_indexes(job);
	if (!chash_attempt_locked(job, move_slices, &done))
	{
		job->rows = rows_before;
		return false;
	}
	job->steps++;
	adapt_aim(job, job->rows - rows_before);
	return done;
}

static void
move_all(chash_job *job)
{
	MemoryContext step = AllocSetContextCreate(CurrentMemoryContext, "chash step",
											   ALLOCSET_DEFAULT_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(step);
	TimestampTz last = GetCurrentTimestamp();

	job->rows_aim = FIRST_ROWS;
	while (!move_step(job))
	{
		report_progress(job, &last);
		chash_sleep(Max(job->pause, job->waited_for ? (int64) (YIELD * job->held) : 0));
		MemoryContextReset(step);
	}
	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(step);
}

static bool
has_leaf_of_no_shard(const chash_job *job)
{
	const chash_router *router = chash_version_copy(&chash_named_get(job->router)->version);
	ListCell   *table;
	ListCell   *cell;

	foreach(table, chash_tables_of_router(job->router))
	{
		foreach(cell, chash_leaves_of(lfirst_oid(table), AccessShareLock))
		{
			if (!chash_has_id(router, ((chash_leaf *) lfirst(cell))->remainder))
				return true;
		}
	}
	return false;
}

/* What is left to do when all rows have moved, also for a caller who went no further. */
static void
clean_up(chash_job *job)
{
	bool		detach;

	drop_indexes(job);
	detach = has_leaf_of_no_shard(job);
	SPI_commit();
	if (!detach)
		return;
	chash_wait_for_snapshots();
	chash_failpoint(CHASH_FAILPOINT_BEFORE_DETACH);
	must_locked(job, detach_leaves);
}

static void
run(chash_job *job, const struct varlena *target)
{
	if (!begin_job(job, target))
	{
		ereport(NOTICE,
				(errmsg("router \"%s\" is that router already", get_func_name(job->router))));
		chash_check_reshardable(job->router);
		clean_up(job);
		return;
	}
	chash_check_reshardable(job->router);
	if (!chash_named_get(job->router)->version.after)
		must_locked(job, enter);
	chash_failpoint(CHASH_FAILPOINT_ENTERED);
	chash_wait_for_writers(job->router);
	move_all(job);
	chash_failpoint(CHASH_FAILPOINT_ALL_MOVED);
	clean_up(job);
	chash_failpoint(CHASH_FAILPOINT_BEFORE_ANALYZE);
	chash_analyze(job->router);
	ereport(NOTICE,
			(errmsg("moved " INT64_FORMAT " rows in " INT64_FORMAT " steps", job->rows, job->steps),
			 errdetail("From the request for locks to the commit a step took %.1f ms at most, "
					   "and all together took %.1f s.",
					   job->longest / 1000.0, job->total / 1000000.0)));
}

/* One operator at a time: a lock of the session, as it has to outlive transactions. */
static void
run_alone(chash_job *job, const struct varlena *target)
{
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, job->router, RESHARD_LOCK, 2);
	if (LockAcquire(&tag, ExclusiveLock, true, true) == LOCKACQUIRE_NOT_AVAIL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("router \"%s\" is being resharded by another session",
						get_func_name(job->router))));
	PG_TRY();
	{
		run(job, target);
	}
	PG_FINALLY();
	{
		LockRelease(&tag, ExclusiveLock, true);
	}
	PG_END_TRY();
}

void
chash_reshard_to(FunctionCallInfo fcinfo, chash_goal goal, int first_interval)
{
	chash_job	job = {0};
	struct varlena *target;

	refuse_transaction_block(fcinfo);
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"router\" must not be null")));
	job.router = PG_GETARG_OID(0);
	job.schema = get_func_namespace(fcinfo->flinfo->fn_oid);
	job.max_lock = microseconds(fcinfo, first_interval, "max_lock");
	job.lock_timeout = microseconds(fcinfo, first_interval + 1, "lock_timeout");
	job.pause = microseconds(fcinfo, first_interval + 2, "pause");
	chash_check_router_owner(job.router);
	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	target = goal(fcinfo, &job);
	run_alone(&job, target);
	SPI_finish();
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

/* chash_reshard(router regproc, target chash_router, max_lock, lock_timeout, pause interval) */
Datum
chash_reshard(PG_FUNCTION_ARGS)
{
	chash_reshard_to(fcinfo, given_target, 2);
	PG_RETURN_VOID();
}

/* chash_reshard_back(router regproc, max_lock, lock_timeout, pause interval) */
Datum
chash_reshard_back(PG_FUNCTION_ARGS)
{
	chash_reshard_to(fcinfo, go_back, 1);
	PG_RETURN_VOID();
}
