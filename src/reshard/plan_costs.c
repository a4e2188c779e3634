/*
 * plan_costs.c
 *		How many steps a change of a router takes, how long, and how much space.
 *
 * These are estimates, and say so.  What a row takes was measured on a server
 * of two cores with the table in memory and nobody else there.
 */
#include "reshard/plan.h"

#include "reshard/aim.h"
#include "table/leaves.h"

#include "utils/guc.h"

/* Microseconds of a row that moves: by itself, by its entry in an index, by its size; of a step. */
#define OF_ROW			1.5
#define OF_ENTRY		3.0
#define OF_KILOBYTE		10.0
#define OF_STEP			1500.0

/* Of a row that is read to make an index of movers. */
#define OF_READ			0.25

/* With slow disks and others who work, it takes so many times as long. */
#define SLOW			5

/* An entry in an index of movers, with what is free in its pages. */
#define MOVER_BYTES		20

/* In the write-ahead log: of a row beside its own bytes, and of an entry in an index. */
#define LOG_OF_ROW		120
#define LOG_OF_ENTRY	80

/* ---- time ---- */

static double
moving_table(const chash_plan_table *table)
{
	return table->moved * (OF_ROW + OF_ENTRY * table->indexes) + table->bytes / 1024.0 * OF_KILOBYTE;
}

double
chash_plan_moving(const chash_plan *plan, double rows)
{
	double		all = 0;
	ListCell   *cell;

	foreach(cell, plan->tables)
		all += moving_table(lfirst(cell));
	return plan->moved == 0 ? 0 : all * rows / plan->moved;
}

double
chash_plan_reading(double rows)
{
	return OF_READ * rows;
}

/* As the mover goes on, until the size of steps stays what it is; the rows of one then. */
static double
count_steps(chash_plan *plan)
{
	double		least = (double) plan->moved / Max(plan->keys, 1);
	double		aim = CHASH_FIRST_AIM;
	double		left = plan->moved;
	double		last;
	double		rows;

	plan->steps = 0;
	do
	{
		rows = Min(Max(aim, least), left);
		left -= rows;
		plan->steps++;
		last = aim;
		aim = chash_next_aim(aim, (int64) rows, (int64) (OF_STEP + chash_plan_moving(plan, rows)),
							 plan->max_lock);
	} while (left > 0 && (aim < 0.99 * last || aim > 1.01 * last));
	rows = Max(aim, least);
	plan->steps += (int64) (left / rows) + (left > 0);
	return Min(rows, plan->moved);
}

static void
say_steps(chash_plan *plan)
{
	chash_plan_row row = chash_plan_row_of("steps", NULL, InvalidOid);

	row.rows = (int64) count_steps(plan);
	row.times = plan->steps;
	row.duration = plan->step = (int64) (OF_STEP + chash_plan_moving(plan, row.rows));
	row.detail = "An estimate. Each step is a transaction, and how long it takes decides how many "
		"rows the next one moves.";
	chash_plan_add(plan, &row);
}

static void
say_time(chash_plan *plan)
{
	chash_plan_row row = chash_plan_row_of("time", "fast", InvalidOid);
	double		steps = OF_STEP * plan->steps + chash_plan_moving(plan, plan->moved);
	double		reading = chash_plan_reading(plan->rows);
	double		pauses = (double) plan->pause * Max(plan->steps - 1, 0);

	row.duration = (int64) (steps + reading + pauses);
	row.detail = psprintf("An estimate, for a table in memory and with nobody else there: %.1f s to "
						  "make indexes of the rows that move, %.1f s of steps, %.1f s of pauses.",
						  reading / 1e6, steps / 1e6, pauses / 1e6);
	chash_plan_add(plan, &row);
	row.kind = "slow";
	row.duration = (int64) (SLOW * (steps + reading) + pauses);
	row.detail = "An estimate, with slow disks and busy clients. Time for which transactions keep "
		"the tables comes on top.";
	chash_plan_add(plan, &row);
}

/* ---- space ---- */

static void
say_disk(chash_plan *plan, const char *kind, double bytes, const char *detail)
{
	chash_plan_row row = chash_plan_row_of("disk", kind, InvalidOid);

	row.bytes = (int64) bytes;
	row.detail = detail;
	chash_plan_add(plan, &row);
}

static void
say_space(chash_plan *plan)
{
	double		index_bytes = 0;
	double		log = 0;
	bool		full_pages = strcmp(GetConfigOption("full_page_writes", false, false), "on") == 0;
	double		movers = (double) plan->moved * MOVER_BYTES;
	ListCell   *cell;

	foreach(cell, plan->tables)
	{
		const chash_plan_table *table = lfirst(cell);
		double		pages = full_pages ? Min(table->pages, table->moved) : 0;

		index_bytes += table->index_bytes;
		log += pages * BLCKSZ + table->bytes +
			(double) table->moved * (LOG_OF_ROW + LOG_OF_ENTRY * table->indexes);
	}
	say_disk(plan, "tables", plan->bytes,
			 "Rows that move are written again. The space that they leave is free for other rows of "
			 "the same partition after a VACUUM; files do not shrink.");
	say_disk(plan, "indexes", index_bytes, "Their entries in indexes.");
	say_disk(plan, "movers", movers, "The indexes of the rows that move, until the end.");
	say_disk(plan, "log", log, "An estimate of what is written to the write-ahead log.");
}

void
chash_plan_costs(chash_plan *plan)
{
	say_steps(plan);
	say_time(plan);
	say_space(plan);
}
