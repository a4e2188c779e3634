/*
 * statistics.c
 *		ANALYZE after a change.
 *
 * Which rows leave a shard or come to it is decided by hashes of keys, so that
 * those that are there are a fair sample of those that were: it is their number
 * that has changed.  To count them ANALYZE looks at one column, the key, which
 * takes half the time, and leaves it to autovacuum's own rule when the others
 * are due.  New partitions have no statistics yet.
 */
#include "reshard/statistics.h"

#include "language/naming.h"
#include "table/leaves.h"
#include "table/routed.h"

#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* A range router's keys are not hashed. */
static bool
has_fair_sample(const chash_job *job, const chash_leaf *leaf)
{
	return !job->before->bounds && !job->after->bounds &&
		chash_has_id(job->before->router, leaf->remainder);
}

static char *
command_for(const chash_job *job, Oid table, const chash_leaf *leaf)
{
	char	   *name = chash_quoted_name(get_rel_namespace(leaf->table), get_rel_name(leaf->table));
	chash_routed routed;

	if (has_fair_sample(job, leaf) && chash_get_routed(table, &routed))
		return psprintf("ANALYZE %s (%s)", name,
						quote_identifier(get_attname(table, routed.key, false)));
	return psprintf("ANALYZE %s", name);
}

void
chash_analyze(const chash_job *job)
{
	List	   *leaves = NIL;
	List	   *commands = NIL;
	ListCell   *cell;
	ListCell   *command;

	/* the tables as a whole are what they were */
	foreach(cell, chash_tables_of_router(job->router))
	{
		Oid			table = lfirst_oid(cell);
		ListCell   *leaf;

		foreach(leaf, chash_leaves_of(table, AccessShareLock))
		{
			leaves = lappend_oid(leaves, ((chash_leaf *) lfirst(leaf))->table);
			commands = lappend(commands, command_for(job, table, lfirst(leaf)));
		}
	}
	SPI_commit();
	forboth(cell, leaves, command, commands)
	{
		if (get_rel_name(lfirst_oid(cell)))
			chash_run(lfirst(command));
		SPI_commit();
	}
}
