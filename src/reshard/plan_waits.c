/*
 * plan_waits.c
 *		Whom a change of a router would have to wait for: transactions that have
 *		used its tables, and old snapshots.
 */
#include "reshard/plan.h"

#include "table/catalog_query.h"
#include "table/leaves.h"

#include "lib/stringinfo.h"

/* Since when, in microseconds. */
#define AGE(since) \
	"(pg_catalog.date_part('epoch', clock_timestamp() - " since ") * 1000000)::bigint"

/*
 * A transaction that has a lock on a table of the router or a partition, or has
 * written to what a foreign key refers to or from.  Of a prepared transaction
 * pg_locks tells no more than its number.
 */
#define LOCKERS \
	"SELECT pg_catalog.min(r.relation)::text, coalesce(p.gid, l.pid::text), p.gid," \
	" pg_catalog.max(" AGE("coalesce(a.xact_start, p.prepared)") ")::text," \
	" coalesce(p.owner, a.usename), a.state" \
	" FROM pg_locks l" \
	" JOIN (SELECT o::oid AS oid, o::oid::bigint AS relation, true AS own FROM unnest($2::oid[]) o" \
	"  UNION SELECT conrelid, confrelid::bigint, false FROM pg_constraint" \
	"   WHERE contype = 'f' AND confrelid = ANY ($2::oid[])" \
	"  UNION SELECT confrelid, conrelid::bigint, false FROM pg_constraint" \
	"   WHERE contype = 'f' AND conrelid = ANY ($2::oid[])) r ON r.oid = l.relation" \
	" LEFT JOIN pg_stat_activity a ON a.pid = l.pid" \
	" LEFT JOIN pg_locks x ON l.pid IS NULL AND x.pid IS NULL AND x.locktype = 'transactionid'" \
	"  AND x.virtualtransaction = l.virtualtransaction" \
	" LEFT JOIN pg_prepared_xacts p ON p.transaction = x.transactionid" \
	" WHERE l.locktype = 'relation' AND l.pid IS DISTINCT FROM pg_backend_pid()" \
	" AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())" \
	" AND a.backend_type IS DISTINCT FROM 'autovacuum worker'" \
	" AND (r.own OR l.mode NOT IN ('AccessShareLock', 'RowShareLock'))" \
	" GROUP BY p.gid, l.pid, coalesce(p.owner, a.usename), a.state" \
	" ORDER BY 2"

/* Whoever holds a snapshot for longer than a second; others are gone until it matters. */
#define SNAPSHOTS \
	"SELECT NULL, pid::text, NULL, " AGE("xact_start") "::text, usename, state" \
	" FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()" \
	" AND datname = current_database() AND clock_timestamp() - xact_start > '1 s'" \
	" AND backend_type <> 'autovacuum worker' ORDER BY xact_start"

typedef enum waiter_column
{
	WAIT_RELATION, WAIT_ID, WAIT_GID, WAIT_AGE, WAIT_ROLE, WAIT_STATE
} waiter_column;

static void
add_wait(chash_plan *plan, const char *kind, char **columns, const char *why)
{
	chash_plan_row row = chash_plan_row_of("wait", kind, InvalidOid);

	if (columns[WAIT_RELATION])
		row.relation = atooid(columns[WAIT_RELATION]);
	row.source = columns[WAIT_ID];
	if (columns[WAIT_AGE])
		row.duration = strtoll(columns[WAIT_AGE], NULL, 10);
	row.detail = psprintf("%s %s of role %s%s%s%s %s",
						  columns[WAIT_GID] ? "Prepared transaction" : "Session",
						  columns[WAIT_ID], columns[WAIT_ROLE] ? columns[WAIT_ROLE] : "unknown",
						  columns[WAIT_STATE] ? " (" : "",
						  columns[WAIT_STATE] ? columns[WAIT_STATE] : "",
						  columns[WAIT_STATE] ? ")" : "", why);
	chash_plan_add(plan, &row);
}

/* The tables and their partitions, as an array of oids. */
static char *
all_relations(const chash_plan *plan)
{
	StringInfoData oids;
	ListCell   *table;
	ListCell   *cell;

	initStringInfo(&oids);
	foreach(table, plan->tables)
	{
		const chash_plan_table *one = lfirst(table);

		appendStringInfo(&oids, ",%u", one->routed.table);
		foreach(cell, one->leaves)
			appendStringInfo(&oids, ",%u", ((chash_leaf *) lfirst(cell))->table);
	}
	return psprintf("{%s}", oids.len > 0 ? oids.data + 1 : "");
}

static bool
waits_for_snapshots(const chash_plan *plan)
{
	bool		any = plan->concurrently && plan->tables != NIL;
	ListCell   *cell;

	foreach(cell, plan->tables)
		any |= ((chash_plan_table *) lfirst(cell))->loses_partition;
	return any;
}

void
chash_plan_waits(chash_plan *plan)
{
	int			level = chash_begin_plain_settings("heap");
	ListCell   *cell;

	foreach(cell, chash_catalog_rows(LOCKERS, InvalidOid, all_relations(plan)))
	{
		char	  **columns = lfirst(cell);

		add_wait(plan, columns[WAIT_GID] ? "prepared transaction" : "session", columns,
				 "has used the table in a transaction that is open; locks are not to be had until it ends.");
	}
	if (waits_for_snapshots(plan))
	{
		foreach(cell, chash_catalog_rows(SNAPSHOTS, InvalidOid, ""))
			add_wait(plan, "snapshot", lfirst(cell),
					 "has an old snapshot; indexes that are built concurrently and partitions that are "
					 "detached wait until its transaction ends.");
	}
	chash_end_plain_settings(level);
}
