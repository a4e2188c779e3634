/*
 * tidy.c
 *		The end of a change.
 */
#include "reshard/tidy.h"

#include "language/named.h"
#include "language/naming.h"
#include "reshard/failpoint.h"
#include "reshard/job.h"
#include "reshard/mover_indexes.h"
#include "reshard/reshardable.h"
#include "table/leaves.h"

#include "executor/spi.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"

/* Shards that the router has no more leave the tables, in which they have no rows. */
static void
detach_leaf(const chash_job *job, Oid table, Oid leaf)
{
	const char *partition = get_rel_name(leaf);
	const char *name = chash_quoted_name(get_rel_namespace(leaf), partition);

	/* at once as ALTER TABLE does: see unlock_shared() in steps.c */
	LockRelationOid(leaf, AccessExclusiveLock);
	chash_check_kind(table, leaf);
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
	Bitmapset  *ids = chash_ids_of(chash_version_copy(&chash_named_get(job->router)->version));
	ListCell   *table;
	ListCell   *cell;

	(void) argument;
	foreach(table, tables)
	{
		const chash_routed *routed = lfirst(table);

		foreach(cell, chash_leaves_of(routed->table, NoLock))
		{
			const chash_leaf *leaf = lfirst(cell);

			if (!bms_is_member((int) leaf->remainder, ids))
				detach_leaf(job, routed->table, leaf->table);
		}
	}
}

static bool
has_leaf_of_no_shard(const chash_job *job)
{
	Bitmapset  *ids = chash_ids_of(chash_version_copy(&chash_named_get(job->router)->version));
	ListCell   *table;
	ListCell   *cell;

	foreach(table, chash_tables_of_router(job->router))
	{
		foreach(cell, chash_leaves_of(lfirst_oid(table), AccessShareLock))
		{
			if (!bms_is_member((int) ((chash_leaf *) lfirst(cell))->remainder, ids))
				return true;
		}
	}
	return false;
}

static void
forget(chash_job *job, List *tables, void *argument)
{
	(void) tables;
	(void) argument;
	chash_job_delete(job);
}

void
chash_tidy_up(chash_job *job)
{
	bool		detach;

	chash_drop_all_indexes(job);
	detach = has_leaf_of_no_shard(job);
	SPI_commit();
	if (detach)
	{
		chash_wait_for_snapshots();
		chash_failpoint(CHASH_FAILPOINT_BEFORE_DETACH);
		chash_must_locked(job, detach_leaves, NULL);
	}
	chash_must(job, forget, NULL);
}
