/*
 * plan_locks.c
 *		Which locks a change of a router takes, in which phase, and who waits
 *		for them.
 *
 * Tables at the other ends of foreign keys are locked by PostgreSQL when
 * partitions are made and detached.  ACCESS SHARE, as any query takes it, is
 * not mentioned.
 */
#include "reshard/plan.h"

#include "language/version.h"
#include "table/catalog_query.h"
#include "table/leaves.h"

#include "utils/builtins.h"
#include "utils/regproc.h"

#define ACCESS_EXCLUSIVE		"ACCESS EXCLUSIVE"
#define SHARE_ROW_EXCLUSIVE		"SHARE ROW EXCLUSIVE"
#define SHARE					"SHARE"
#define SHARE_UPDATE_EXCLUSIVE	"SHARE UPDATE EXCLUSIVE"
#define ROW_EXCLUSIVE			"ROW EXCLUSIVE"

#define REFERENCING \
	"SELECT DISTINCT conrelid FROM pg_constraint" \
	" WHERE contype = 'f' AND confrelid = $1 AND conparentid = 0 AND conrelid <> $1" \
	" ORDER BY conrelid"

/* A partitioned table is referred to with all its partitions. */
#define REFERENCED \
	"SELECT DISTINCT confrelid FROM pg_constraint" \
	" WHERE contype = 'f' AND conrelid = $1 AND confrelid <> $1 ORDER BY confrelid"

/* One lock, before it becomes a row. */
typedef struct lock
{
	const char *phase;
	const char *mode;
	int64		times;
	int64		duration;		/* CHASH_PLAN_NONE for milliseconds */
	const char *detail;
} lock;

static void
add(chash_plan *plan, const char *item, Oid relation, const lock *lock)
{
	chash_plan_row row = chash_plan_row_of(item, lock->mode, relation);

	row.source = lock->phase;
	row.times = lock->times;
	row.duration = lock->duration;
	row.detail = lock->detail;
	chash_plan_add(plan, &row);
}

static void
add_lock(chash_plan *plan, Oid relation, lock lock)
{
	add(plan, "lock", relation, &lock);
}

/* Of partitions of a table, one by one or all of them. */
static void
add_partition_lock(chash_plan *plan, const chash_plan_table *table, lock lock)
{
	add(plan, "partition lock", table->routed.table, &lock);
}

/* ---- foreign keys ---- */

static bool
is_routed(const chash_plan *plan, Oid oid)
{
	ListCell   *cell;

	foreach(cell, plan->tables)
	{
		if (((chash_plan_table *) lfirst(cell))->routed.table == oid)
			return true;
	}
	return false;
}

/* The table of the router that this is a partition of; NULL if there is none. */
static const chash_plan_table *
table_of_leaf(const chash_plan *plan, Oid oid)
{
	ListCell   *table;
	ListCell   *cell;

	foreach(table, plan->tables)
	{
		foreach(cell, ((chash_plan_table *) lfirst(table))->leaves)
		{
			if (((chash_leaf *) lfirst(cell))->table == oid)
				return lfirst(table);
		}
	}
	return NULL;
}

/* The tables at the other ends of a table's foreign keys, which are not locked in any case. */
static List *
partners(const chash_plan *plan, const chash_plan_table *table, const char *query)
{
	List	   *oids = NIL;
	ListCell   *cell;

	foreach(cell, chash_catalog_strings(query, table->routed.table, ""))
	{
		Oid			oid = atooid(lfirst(cell));

		if (!is_routed(plan, oid))
			oids = lappend_oid(oids, oid);
	}
	return oids;
}

/* Lock the partners of some tables, each once; those among a router's partitions as such. */
static void
add_partner_locks(chash_plan *plan, bool of_losing, const char *query, const lock *lock)
{
	List	   *said = NIL;
	ListCell   *table;
	ListCell   *cell;

	foreach(table, plan->tables)
	{
		const chash_plan_table *one = lfirst(table);

		if (!(of_losing ? one->loses_partition : one->gets_partition))
			continue;
		foreach(cell, partners(plan, one, query))
		{
			const chash_plan_table *whole = table_of_leaf(plan, lfirst_oid(cell));
			Oid			relation = whole ? whole->routed.table : lfirst_oid(cell);

			if (list_member_oid(said, relation))
				continue;
			said = lappend_oid(said, relation);
			if (whole)
				add_partition_lock(plan, whole, *lock);
			else
				add_lock(plan, relation, *lock);
		}
	}
}

/* ---- the phases ---- */

static void
lock_all(chash_plan *plan, const char *phase, int64 times, int64 duration, const char *detail)
{
	ListCell   *cell;
	lock		router = {phase, ACCESS_EXCLUSIVE, times, duration, NULL};

	foreach(cell, plan->tables)
		add_lock(plan, ((chash_plan_table *) lfirst(cell))->routed.table,
				 (lock) {phase, ACCESS_EXCLUSIVE, times, duration, detail});
	router.detail = psprintf("The router %s itself.", format_procedure(plan->router));
	add_lock(plan, InvalidOid, router);
}

static void
begin(chash_plan *plan)
{
	lock		partner = {
		"begin", SHARE_ROW_EXCLUSIVE, 1, CHASH_PLAN_NONE,
		"A foreign key connects it with a table that gets a partition: who writes to it waits "
		"for milliseconds."
	};

	lock_all(plan, "begin", 1, CHASH_PLAN_NONE,
			 "The router becomes a change, and new shards get their partitions: everybody who uses "
			 "the table waits for milliseconds.");
	add_partner_locks(plan, false, REFERENCING, &partner);
	add_partner_locks(plan, false, REFERENCED, &partner);
}

static int
count_sources(const chash_plan *plan, const chash_plan_table *table)
{
	Bitmapset  *ids = chash_ids_of(plan->before->router);
	int			count = 0;
	ListCell   *cell;

	foreach(cell, table->leaves)
		count += bms_is_member((int) ((chash_leaf *) lfirst(cell))->remainder, ids);
	return count;
}

static void
indexes(chash_plan *plan)
{
	ListCell   *cell;

	foreach(cell, plan->tables)
	{
		const chash_plan_table *table = lfirst(cell);
		int			sources = count_sources(plan, table);
		int64		duration = (int64) chash_plan_reading(table->rows / (double) Max(sources, 1));
		lock		concurrent = {
			"index", SHARE_UPDATE_EXCLUSIVE, sources, duration,
			"One partition after the other, while an index of the rows that move is built "
			"concurrently: nobody waits but VACUUM, CREATE INDEX and the like. With concurrently => "
			"false it is SHARE, and who writes to the partition waits."
		};
		lock		plain = {
			"index", SHARE, sources, duration,
			"One partition after the other, while an index of the rows that move is built: who "
			"writes to the partition waits, who reads does not."
		};

		if (sources > 0)
			add_partition_lock(plan, table, plan->concurrently ? concurrent : plain);
	}
}

static void
steps(chash_plan *plan)
{
	ListCell   *cell;

	lock_all(plan, "step", plan->steps, plan->step,
			 "In each step: everybody who uses the table waits.");
	foreach(cell, plan->tables)
		add_partition_lock(plan, lfirst(cell), (lock)
						   {
							   "step", ROW_EXCLUSIVE, plan->steps, plan->step,
							   "In each step, as any statement that writes."
						   });
}

static void
drop_indexes(chash_plan *plan)
{
	ListCell   *cell;

	foreach(cell, plan->tables)
	{
		int			sources = count_sources(plan, lfirst(cell));

		if (sources > 0)
			add_partition_lock(plan, lfirst(cell), (lock)
							   {
								   "drop index", ACCESS_EXCLUSIVE, sources, CHASH_PLAN_NONE,
								   "One partition after the other, when all rows have moved: everybody "
								   "who uses it waits for milliseconds."
							   });
	}
}

static void
detach(chash_plan *plan)
{
	bool		any = false;
	lock		referencing = {
		"detach", ACCESS_EXCLUSIVE, 1, CHASH_PLAN_NONE,
		"It refers to a table that loses a partition: everybody who uses it waits for milliseconds."
	};
	lock		referenced = {
		"detach", SHARE_ROW_EXCLUSIVE, 1, CHASH_PLAN_NONE,
		"A table that loses a partition refers to it: who writes to it waits for milliseconds."
	};
	ListCell   *cell;

	foreach(cell, plan->tables)
		any |= ((chash_plan_table *) lfirst(cell))->loses_partition;
	if (!any)
		return;
	lock_all(plan, "detach", 1, CHASH_PLAN_NONE,
			 "Partitions of shards that are gone are detached: everybody who uses the table waits for "
			 "milliseconds.");
	foreach(cell, plan->tables)
	{
		const chash_plan_table *table = lfirst(cell);

		if (table->loses_partition)
			add_partition_lock(plan, table, (lock)
							   {
								   "detach", ACCESS_EXCLUSIVE, 1, CHASH_PLAN_NONE,
								   "The partitions that are detached."
							   });
	}
	add_partner_locks(plan, true, REFERENCING, &referencing);
	add_partner_locks(plan, true, REFERENCED, &referenced);
}

static void
analyze(chash_plan *plan)
{
	ListCell   *cell;

	foreach(cell, plan->tables)
		add_partition_lock(plan, lfirst(cell), (lock)
						   {
							   "analyze", SHARE_UPDATE_EXCLUSIVE,
							   list_length(((chash_plan_table *) lfirst(cell))->leaves),
							   CHASH_PLAN_NONE,
							   "One partition after the other, at the end, at most: nobody waits but "
							   "VACUUM, CREATE INDEX and the like."
						   });
}

void
chash_plan_locks(chash_plan *plan)
{
	int			level = chash_begin_plain_settings("heap");

	if (!plan->under_way)
		begin(plan);
	indexes(plan);
	steps(plan);
	drop_indexes(plan);
	detach(plan);
	analyze(plan);
	chash_end_plain_settings(level);
}
