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

#include "core/hash.h"
#include "language/naming.h"
#include "table/leaves.h"
#include "table/routed.h"

#include "executor/spi.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* Not those of a range router, nor with the hash "none". */
static bool
hashes_keys(const chash_entry *entry)
{
	const chash_hash *hash = entry->router->hash;

	return hash && hash->code != CHASH_HASH_NONE;
}

static bool
has_fair_sample(const chash_job *job, const chash_leaf *leaf)
{
	return hashes_keys(job->before) && hashes_keys(job->after) &&
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

/* Locked first, so that nobody drops it or renames anything before the command runs. */
static void
analyze(const chash_job *job, Oid table, const chash_leaf *leaf)
{
	LockRelationOid(leaf->table, ShareUpdateExclusiveLock);
	if (get_rel_name(leaf->table))
		chash_run(command_for(job, table, leaf));
}

void
chash_analyze(const chash_job *job)
{
	List	   *tables = NIL;
	List	   *leaves = NIL;
	ListCell   *table;
	ListCell   *leaf;

	/* the tables as a whole are what they were */
	foreach(table, chash_tables_of_router(job->router))
	{
		foreach(leaf, chash_leaves_of(lfirst_oid(table), AccessShareLock))
		{
			tables = lappend_oid(tables, lfirst_oid(table));
			leaves = lappend(leaves, lfirst(leaf));
		}
	}
	SPI_commit();
	forboth(table, tables, leaf, leaves)
	{
		analyze(job, lfirst_oid(table), lfirst(leaf));
		SPI_commit();
	}
}
