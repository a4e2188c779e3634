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

/*
 * Shards that the router has no more leave the tables, in which they have no
 * rows.  To see that takes as long as to read the rows that were there, and so
 * it is seen before the tables are locked: while the router stays the same, no
 * row can be put there.
 */
typedef struct leaving
{
	List	   *leaves;			/* that have no rows */
	TransactionId change;		/* the last one of the router by then */
} leaving;

static void
check_empty(Oid table, Oid leaf)
{
	chash_check_kind(table, leaf);
	if (!chash_is_empty(leaf))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("partition \"%s\" of a shard that was removed has rows",
						get_rel_name(leaf))));
	chash_failpoint(CHASH_FAILPOINT_FOUND_EMPTY);
}

static bool
is_leaving(const chash_leaf *leaf, const Bitmapset *ids)
{
	return !bms_is_member((int) leaf->remainder, ids);
}

static void
find_leaving(chash_job *job, List *tables, void *argument)
{
	const chash_named *named = chash_named_get(job->router);
	leaving    *leaving = argument;
	Bitmapset  *ids = chash_ids_of(chash_version_copy(&named->version));
	ListCell   *table;
	ListCell   *cell;

	leaving->leaves = NIL;
	leaving->change = named->xmin;
	foreach(table, tables)
	{
		Oid			oid = ((chash_routed *) lfirst(table))->table;

		foreach(cell, chash_leaves_of(oid, AccessShareLock))
		{
			const chash_leaf *leaf = lfirst(cell);

			if (!is_leaving(leaf, ids))
				continue;
			check_empty(oid, leaf->table);
			leaving->leaves = lappend_oid(leaving->leaves, leaf->table);
		}
	}
}

static void
detach_leaf(const chash_job *job, Oid table, Oid leaf)
{
	const char *partition = get_rel_name(leaf);
	const char *name = chash_quoted_name(get_rel_namespace(leaf), partition);

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
	const chash_named *named = chash_named_get(job->router);
	const leaving *leaving = argument;
	bool		same = named->xmin == leaving->change;
	Bitmapset  *ids = chash_ids_of(chash_version_copy(&named->version));
	ListCell   *table;
	ListCell   *cell;

	foreach(table, tables)
	{
		Oid			oid = ((chash_routed *) lfirst(table))->table;

		/* nobody drops or detaches one now */
		foreach(cell, chash_leaves_of(oid, NoLock))
		{
			const chash_leaf *leaf = lfirst(cell);

			if (!is_leaving(leaf, ids))
				continue;
			/* at once as ALTER TABLE does: see unlock_shared() in steps.c */
			LockRelationOid(leaf->table, AccessExclusiveLock);
			if (!same || !list_member_oid(leaving->leaves, leaf->table))
				check_empty(oid, leaf->table);
			detach_leaf(job, oid, leaf->table);
		}
	}
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
	leaving		leaving;

	chash_drop_all_indexes(job);
	chash_must(job, find_leaving, &leaving);
	if (leaving.leaves)
	{
		chash_wait_for_snapshots();
		chash_failpoint(CHASH_FAILPOINT_BEFORE_DETACH);
		do
			chash_wait_for_vacuum(job, leaving.leaves);
		while (!chash_attempt_locked(job, detach_leaves, &leaving));
	}
	chash_must(job, forget, NULL);
}
