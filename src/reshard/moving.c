/*
 * moving.c
 *		What is done in each step of a change, and how many rows the next one
 *		moves.
 */
#include "reshard/moving.h"

#include "language/named.h"
#include "reshard/aim.h"
#include "reshard/failpoint.h"
#include "reshard/job.h"
#include "reshard/lag.h"
#include "reshard/move.h"
#include "reshard/mover_indexes.h"
#include "reshard/movers.h"
#include "reshard/obey.h"
#include "reshard/reshardable.h"
#include "reshard/room.h"
#include "reshard/statistics.h"
#include "router/json.h"
#include "table/leaves.h"
#include "table/partitions.h"

#include "access/xlog.h"
#include "executor/spi.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

/* After a step that others waited for, they have this many times as long for themselves. */
#define YIELD			6

/* Where copies are in vain again and again, one step of so many puts them. */
#define MOST_PENALTY	64

/* Notices come that often. */
#define NOTICE_SECONDS	5

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

/*
 * They do not have the rows that were written while the router was not this
 * change.  While the tables are locked, nobody drops or detaches a partition.
 */
static void
drop_old_indexes(List *tables)
{
	ListCell   *table;
	ListCell   *cell;

	foreach(table, tables)
	{
		foreach(cell, chash_leaves_of(((chash_routed *) lfirst(table))->table, NoLock))
			chash_drop_movers_indexes(((chash_leaf *) lfirst(cell))->table);
	}
}

static void
enter(chash_job *job, List *tables, void *argument)
{
	const chash_version *now = &chash_named_get(job->router)->version;
	chash_layout layout = {0};
	ListCell   *cell;

	(void) argument;
	check_same(job, now->after == NULL && now->entry == job->before);
	layout.name = CHASH_NAME_OF_SHARD;
	drop_old_indexes(tables);
	chash_write_version(job, tables, chash_version_text(job->before->router, job->after->router, 0));
	chash_failpoint(CHASH_FAILPOINT_ROUTER_CHANGING);
	foreach(cell, tables)
		(void) chash_make_partitions(((chash_routed *) lfirst(cell))->table,
									 job->layout ? job->layout : &layout);
	chash_failpoint(CHASH_FAILPOINT_PARTITIONS_MADE);
	chash_job_insert(job);
}

void
chash_enter_change(chash_job *job)
{
	/* of the partitions, which were looked at before */
	SPI_commit();
	chash_drop_all_indexes(job);
	chash_must_locked(job, enter, NULL);
	/* that it has begun is on disk when this is */
	chash_enter_phase(job, CHASH_PHASE_INDEXES);
}

/* The slices of the next step: as many as have its rows, by the indexes of movers. */
static chash_slices
next_slices(const chash_job *job, List *tables, int64 passed, double rows)
{
	chash_slices slices = {passed, CHASH_SLICES_END};
	ListCell   *cell;

	if (job->back)
	{
		slices.from = 0;
		slices.to = passed;
	}
	foreach(cell, tables)
		chash_limit_slices(lfirst(cell), job->before, job->after, rows, job->back, &slices);
	return slices;
}

/* The step, from what is found out beforehand to what comes of it. */
typedef struct step
{
	chash_slices slices;
	chash_version change;		/* whose rows it moves */
	List	   *movers;			/* chash_mover *, of the tables whose rows were put ahead */
	bool		ahead;			/* copies of its rows are put before the locks are asked for */
	int			penalty;		/* steps without copies that follow one whose copies were in vain */
	int			wait;			/* of these, how many are left */
	double		aim;			/* rows that it is to move */
	double		aim_locked;		/* the next one of steps that put rows under the locks */
	double		aim_ahead;		/* and of those that put them ahead; 0 before the first one */
	double		last_aim;		/* of the step before; and the rows that it has moved */
	int64		last_moved;
	double		expected;		/* rows of all steps; VACUUM lets the indexes tell of fewer */
	chash_rooms *rooms;
	bool		done;			/* it was the last one */
} step;

static const chash_entry *
goal_of(const chash_job *job)
{
	return job->back ? job->before : job->after;
}

/* What it puts, beside what the last step has put: as much as it aims at, or as is left. */
static double
times_the_last(const chash_job *job, step *step)
{
	double		times = step->aim / step->last_aim;

	step->expected = Max(step->expected, job->rows_expected);
	if (step->last_moved == 0)
		return times;
	return Min(times, Max(step->expected - job->rows, 0) / step->last_moved);
}

/* What needs no lock that others would wait for. */
static void
prepare_step(chash_job *job, List *tables, void *argument)
{
	const chash_version *now = &chash_named_get(job->router)->version;
	step	   *step = argument;

	if (now->passed == 0 && !job->back && !job->counts)
		chash_remember_counts(job, tables, step->rooms->context);
	step->slices = next_slices(job, tables, now->passed, step->aim);
	chash_make_room(step->rooms, times_the_last(job, step));
}

static chash_mover *
begin_mover(const chash_job *job, const chash_routed *table, step *step)
{
	return chash_mover_begin(table, &step->change, goal_of(job), &step->slices, step->rooms);
}

/* Put copies of rows before anything is locked that others would wait for. */
static void
put_copies(chash_job *job, List *tables, void *argument)
{
	step	   *step = argument;
	ListCell   *cell;

	foreach(cell, tables)
	{
		chash_mover *mover = begin_mover(job, lfirst(cell), step);

		chash_mover_put_ahead(mover);
		step->movers = lappend(step->movers, mover);
	}
	chash_failpoint(CHASH_FAILPOINT_PUT_AHEAD);
}

/* Tables may have come since. */
static chash_mover *
mover_of(const chash_job *job, const chash_routed *table, step *step)
{
	ListCell   *cell;

	foreach(cell, step->movers)
	{
		chash_mover *mover = lfirst(cell);

		if (chash_mover_table(mover) == table->table)
		{
			step->movers = list_delete_ptr(step->movers, mover);
			return mover;
		}
	}
	return begin_mover(job, table, step);
}

/* Move the rows of some slices, and let the router say so. */
static void
move_slices(chash_job *job, List *tables, void *argument)
{
	const chash_version *now = &chash_named_get(job->router)->version;
	step	   *step = argument;
	const chash_slices *slices = &step->slices;
	const chash_entry *goal = goal_of(job);
	int64		passed = job->back ? slices->from : slices->to;
	int64		rows = 0;
	ListCell   *cell;

	check_same(job, now->after == job->after && now->entry == job->before &&
			   now->passed == (job->back ? slices->to : slices->from));
	foreach(cell, tables)
		rows += chash_mover_end(mover_of(job, lfirst(cell), step));
	chash_failpoint(CHASH_FAILPOINT_ROWS_MOVED);
	step->done = passed == (job->back ? 0 : CHASH_SLICES_END);
	chash_write_version(job, tables,
						step->done ? chash_router_text(goal->router) :
						chash_version_text(job->before->router, job->after->router, passed));
	chash_job_moved(job, rows, step->done);
	chash_failpoint(step->done ? CHASH_FAILPOINT_END_WRITTEN : CHASH_FAILPOINT_STEP_WRITTEN);
	job->rows += rows;
}

/* ---- from step to step ---- */

static void
report_progress(const chash_job *job, TimestampTz *last)
{
	TimestampTz now = GetCurrentTimestamp();

	if (now - *last < NOTICE_SECONDS * USECS_PER_SEC)
		return;
	*last = now;
	ereport(NOTICE,
			(errmsg_plural("moved " INT64_FORMAT " of " INT64_FORMAT " rows in " INT64_FORMAT " step",
						   "moved " INT64_FORMAT " of " INT64_FORMAT " rows in " INT64_FORMAT " steps",
						   (unsigned long) job->steps, job->rows, job->rows_expected, job->steps)));
}

/*
 * Whether copies are put ahead.  Nothing is gained by that if nobody waits, and
 * they are dead rows if the locks are not to be had: so not after an attempt
 * that failed, and more and more rarely where that comes again.  Subscribers to
 * whom a table is one would see rows twice.
 */
static bool
puts_ahead(const chash_job *job, const step *step)
{
	return job->waited_for && job->attempts == 0 && step->wait == 0 &&
		!XLogLogicalInfoActive() && !chash_snapshots_grow_too_old();
}

static void
begin_step(const chash_job *job, step *step)
{
	step->ahead = puts_ahead(job, step);
	/* begin with what the others have learned, which keep others waiting for longer */
	if (step->ahead && step->aim_ahead == 0)
		step->aim_ahead = step->aim_locked;
	step->aim = step->ahead ? step->aim_ahead : step->aim_locked;
	step->movers = NIL;
}

static void
fail_step(step *step)
{
	if (!step->ahead)
		return;
	step->penalty = Min(Max(2 * step->penalty, 1), MOST_PENALTY);
	step->wait = step->penalty;
}

static void
end_step(chash_job *job, step *step, int64 moved)
{
	double		next = chash_next_aim(step->aim, moved, job->held, job->max_lock);

	job->steps++;
	step->last_aim = step->aim;
	step->last_moved = moved;
	if (step->ahead)
	{
		step->aim_ahead = next;
		step->penalty = 0;
	}
	else
	{
		step->aim_locked = next;
		step->wait = Max(step->wait - 1, 0);
	}
}

/* Move one step further, if the locks can be had; true at the end. */
static bool
move_step(chash_job *job, step *step)
{
	int64		rows_before = job->rows;

	chash_obey(job);
	if (!chash_make_missing_indexes(job))
		return false;
	begin_step(job, step);
	if (!chash_attempt(job, prepare_step, step))
		return false;
	if (!chash_attempt_after(job, step->ahead ? put_copies : NULL, move_slices, step))
	{
		job->rows = rows_before;
		fail_step(step);
		return false;
	}
	chash_failpoint(CHASH_FAILPOINT_STEPPED);
	end_step(job, step, job->rows - rows_before);
	return step->done;
}

/*
 * After a step that others waited for, let them work.  What it has written to
 * the WAL is flushed before the next one, which would else have to make room in
 * the WAL's buffers while it has everything locked.
 */
static void
yield(const chash_job *job)
{
	TimestampTz begun = GetCurrentTimestamp();
	int64		yielded = 0;

	if (job->waited_for)
	{
		XLogFlush(XactLastCommitEnd);
		yielded = GetCurrentTimestamp() - begun;
	}
	chash_sleep(Max(job->pause, job->waited_for ? (int64) (YIELD * job->held) - yielded : 0));
}

/*
 * A crash takes the last steps back as a whole.  That the change is at its end
 * is on disk when the job is forgotten.
 */
void
chash_move_all(chash_job *job)
{
	MemoryContext memory = AllocSetContextCreate(CurrentMemoryContext, "chash step",
												 ALLOCSET_DEFAULT_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(memory);
	chash_rooms rooms = {old_context, NIL};
	step		step = {
		.change = {job->before, job->after, 0},
		.aim_locked = CHASH_FIRST_AIM,
		.last_aim = CHASH_FIRST_AIM,
		.rooms = &rooms
	};
	TimestampTz last = GetCurrentTimestamp();
	chash_lag	lag = {0};

	chash_enter_phase(job, job->back ? CHASH_PHASE_BACK : CHASH_PHASE_MOVING);
	while (!move_step(job, &step))
	{
		report_progress(job, &last);
		yield(job);
		chash_wait_for_standbys(job, &lag);
		MemoryContextReset(memory);
	}
	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(memory);
}
