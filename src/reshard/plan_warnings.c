/*
 * plan_warnings.c
 *		What would be refused, and what should be known or set before a router
 *		is changed.
 */
#include "reshard/plan.h"

#include "language/subtransaction.h"
#include "reshard/job.h"
#include "reshard/reshardable.h"
#include "table/catalog_query.h"
#include "table/partitions.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

/* ---- what would be refused ---- */

static void
add_refusal(chash_plan *plan, const char *kind, Oid relation, const char *message,
			const char *detail)
{
	chash_plan_row row = chash_plan_row_of("refusal", kind, relation);

	row.detail = detail ? psprintf("%s: %s", message, detail) : message;
	chash_plan_add(plan, &row);
}

static void
refuse_tables(chash_plan *plan)
{
	ListCell   *cell;

	foreach(cell, chash_reshard_refusals(plan->router))
	{
		const chash_refusal *refusal = lfirst(cell);

		add_refusal(plan, "table", refusal->relation, refusal->error->message, refusal->error->detail);
	}
}

typedef struct room
{
	Oid			table;
	const chash_router *router;
} room;

static void
check_room(void *argument)
{
	const room *room = argument;

	chash_check_room(room->table, room->router);
}

static void
refuse_partitions(chash_plan *plan)
{
	ListCell   *cell;

	foreach(cell, plan->tables)
	{
		const chash_plan_table *table = lfirst(cell);
		room		room = {table->routed.table, plan->after->router};
		ErrorData  *error;

		if (!table->gets_partition)
			continue;
		if (plan->under_way)
			add_refusal(plan, "partition", room.table, "a shard has no partition",
						"chash_create_partitions makes the partitions that are missing.");
		else if ((error = chash_in_cancelable_subtransaction(check_room, &room)) != NULL)
			add_refusal(plan, "partition", room.table, error->message, error->detail);
	}
}

/* What keeps this session, or any one, from calling it now. */
static void
refuse_session(chash_plan *plan)
{
	List	   *pids = chash_catalog_strings("SELECT pid::text FROM pg_locks"
											 " WHERE locktype = 'object' AND granted"
											 " AND classid = 'pg_proc'::regclass"
											 " AND objid = $1 AND objsubid = $2::int"
											 " AND database = (SELECT oid FROM pg_database"
											 "  WHERE datname = current_database())",
											 plan->router, psprintf("%u", CHASH_RESHARD_LOCK));

	if (DefaultXactReadOnly || RecoveryInProgress())
		add_refusal(plan, "read only", InvalidOid,
					"cannot execute chash_reshard in a read-only transaction", NULL);
	if (pids != NIL)
		add_refusal(plan, "in use", InvalidOid,
					psprintf("router \"%s\" is being resharded by another session",
							 get_func_name(plan->router)),
					psprintf("Its pid is %s.", (char *) linitial(pids)));
}

void
chash_plan_refusals(chash_plan *plan)
{
	int			level;

	refuse_tables(plan);
	refuse_partitions(plan);
	level = chash_begin_plain_settings("heap");
	refuse_session(plan);
	chash_end_plain_settings(level);
}

/* ---- what should be known ---- */

#define LEAFWISE \
	"SELECT DISTINCT p.pubname::text FROM pg_publication_tables p" \
	" JOIN pg_namespace n ON n.nspname = p.schemaname" \
	" JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = p.tablename" \
	" JOIN pg_inherits i ON i.inhrelid = c.oid WHERE i.inhparent = $1 ORDER BY 1"

/* Of partitions whose changes are decoded: the number of those without, and one of them. */
#define WITHOUT_IDENTITY \
	"SELECT count(*)::text, min(c.relname::text) FROM pg_class c" \
	" JOIN pg_inherits i ON i.inhrelid = c.oid" \
	" WHERE i.inhparent = $1 AND c.relkind = 'r' AND c.relreplident <> 'f'" \
	" AND pg_get_replica_identity_index(c.oid) IS NULL" \
	" AND (current_setting('wal_level') = 'logical' OR EXISTS (" \
	"  SELECT FROM pg_publication_tables p JOIN pg_namespace n ON n.nspname = p.schemaname" \
	"  JOIN pg_class t ON t.relnamespace = n.oid AND t.relname = p.tablename" \
	"  WHERE t.oid IN (c.oid, i.inhparent)))"

/* Workers that run now, as far as this role may see them. */
#define NO_WORKER_IS_FREE \
	"SELECT current_setting('max_worker_processes') FROM pg_stat_activity" \
	" WHERE backend_type NOT IN ('client backend', 'autovacuum launcher', 'autovacuum worker'," \
	"  'background writer', 'checkpointer', 'startup', 'walreceiver', 'walsender', 'walwriter'," \
	"  'archiver', 'walsummarizer', 'slotsync worker', 'io worker', 'standalone backend')" \
	" HAVING count(*) >= current_setting('max_worker_processes')::int"

#define MAY_NOT_LOG_IN \
	"SELECT rolname::text FROM pg_roles WHERE rolname = current_user AND NOT rolcanlogin"

static void
warn(chash_plan *plan, const char *kind, Oid relation, const char *source, const char *detail)
{
	chash_plan_row row = chash_plan_row_of("warning", kind, relation);

	row.source = source;
	row.detail = detail;
	chash_plan_add(plan, &row);
}

static void
warn_of_replication(chash_plan *plan, Oid table)
{
	char	  **without = linitial(chash_catalog_rows(WITHOUT_IDENTITY, table, ""));
	ListCell   *cell;

	foreach(cell, chash_catalog_strings(LEAFWISE, table, ""))
		warn(plan, "publication", table, lfirst(cell),
			 "It publishes the partitions under their own names: a subscriber needs a table for each "
			 "new partition, and is told of a row that moves as of a DELETE in one table and an INSERT "
			 "in another one.");
	if (strcmp(without[0], "0") != 0)
		warn(plan, "replica identity", table, NULL,
			 psprintf("Partitions without a replica identity: %s, such as \"%s\". The DELETE of a row "
					  "that moves is not sent, so that a subscriber has it twice.",
					  without[0], without[1]));
}

static void
warn_of_workers(chash_plan *plan)
{
	List	   *most = chash_catalog_strings(NO_WORKER_IS_FREE, InvalidOid, "");
	List	   *role = chash_catalog_strings(MAY_NOT_LOG_IN, InvalidOid, "");

	if (most != NIL)
		warn(plan, "max_worker_processes", InvalidOid, NULL,
			 psprintf("All %s workers are busy, and indexes are built concurrently by one: raise it, "
					  "or use concurrently => false.", (char *) linitial(most)));
	if (role != NIL)
		warn(plan, "role", InvalidOid, linitial(role),
			 "It may not log in, so that no worker can build indexes concurrently for it: ALTER ROLE "
			 "... LOGIN, call it as another role, or use concurrently => false.");
}

static bool
is_set(const char *setting)
{
	const char *value = GetConfigOption(setting, true, false);

	return value && strcmp(value, "0") != 0;
}

static void
warn_of_settings(chash_plan *plan)
{
	if (is_set("statement_timeout"))
		warn(plan, "statement_timeout", InvalidOid, NULL,
			 "It counts for all steps together: set it to 0 in the session that calls chash_reshard.");
	if (is_set("transaction_timeout"))
		warn(plan, "transaction_timeout", InvalidOid, NULL,
			 "It counts for each index that is built: set it to 0 in the session that calls "
			 "chash_reshard.");
	if (plan->lock_timeout >= DeadlockTimeout * INT64CONST(1000))
		warn(plan, "lock_timeout", InvalidOid, NULL,
			 "It is not below deadlock_timeout: who waits in a circle with a step has to wait for that "
			 "one, or gets an error.");
}

void
chash_plan_warnings(chash_plan *plan)
{
	int			level = chash_begin_plain_settings("heap");
	ListCell   *cell;

	foreach(cell, plan->tables)
		warn_of_replication(plan, ((chash_plan_table *) lfirst(cell))->routed.table);
	if (plan->concurrently && plan->tables != NIL)
		warn_of_workers(plan);
	warn_of_settings(plan);
	chash_end_plain_settings(level);
}
