/*
 * statistics.c
 *		What the planner knows of partitions after a change.
 *
 * Which rows leave a shard or come to it is decided by hashes of keys, so that
 * those that are there are a fair sample of those that were: it is their number
 * that has changed.  Of a partition that rows have only left, their share tells
 * it; where they have only come, the planner goes by the pages; else ANALYZE looks
 * at the key.  Where keys are that common that all rows of one may have gone, and
 * what goes with it, it looks at all.  Partitions of which few rows have come or
 * gone are left to autovacuum's own rule, which knows of each of them.  New
 * partitions have no statistics yet.
 */
#include "reshard/statistics.h"

#include "core/diff.h"
#include "core/hash.h"
#include "language/naming.h"
#include "router/server.h"
#include "table/leaves.h"
#include "table/routed.h"

#include "access/multixact.h"
#include "access/relation.h"
#include "access/transam.h"
#include "catalog/pg_statistic.h"
#include "commands/vacuum.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "postmaster/autovacuum.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* Shares of all keys, by the id of the shard; NULL where the routers do not tell. */
typedef struct shares
{
	double	   *before;			/* that it had */
	double	   *gone;
	double	   *come;
} shares;

/* ---- how much has changed ---- */

/*
 * A pinned key can have any number of rows, and a range router's keys are not
 * hashed, nor those that are their own position.
 */
static bool
are_spread(const chash_entry *entry)
{
	const chash_hash *hash = entry->router->hash;

	return hash && hash->code != CHASH_HASH_NONE && entry->router->npins == 0;
}

static void
add_piece(const chash_job *job, const chash_diff *diff, const chash_piece *piece, shares *shares)
{
	const chash_shard *from = &job->before->router->shards[piece->source];
	const chash_shard *to = &job->after->router->shards[piece->target];
	double		share = diff->exact ? chash_uint_ratio(&piece->width, &diff->space) : piece->share;

	shares->before[from->id] += share;
	if (strcmp(from->name, to->name) == 0)
		return;
	shares->gone[from->id] += share;
	shares->come[to->id] += share;
}

static shares
read_shares(const chash_job *job)
{
	shares		shares = {NULL, NULL, NULL};
	chash_diff	diff;
	chash_piece piece;

	if (!are_spread(job->before) || !are_spread(job->after))
		return shares;
	shares.before = palloc0((CHASH_MAX_ID + 1) * sizeof(double));
	shares.gone = palloc0((CHASH_MAX_ID + 1) * sizeof(double));
	shares.come = palloc0((CHASH_MAX_ID + 1) * sizeof(double));
	chash_diff_begin(&diff, &job->before->compiled, &job->after->compiled, &chash_server_host);
	while (chash_diff_next(&diff, &piece))
	{
		CHECK_FOR_INTERRUPTS();
		add_piece(job, &diff, &piece, &shares);
	}
	return shares;
}

/* ---- counts ---- */

/* As pg_class has them. */
typedef struct count
{
	Oid			leaf;
	float4		rows;
	int32		pages;
} count;

void
chash_remember_counts(chash_job *job, List *tables, MemoryContext context)
{
	MemoryContext old_context = MemoryContextSwitchTo(context);
	ListCell   *table;
	ListCell   *cell;

	foreach(table, tables)
	{
		foreach(cell, chash_leaves_of(((chash_routed *) lfirst(table))->table, AccessShareLock))
		{
			Relation	leaf = relation_open(((chash_leaf *) lfirst(cell))->table, NoLock);
			count	   *one = palloc(sizeof(*one));

			one->leaf = RelationGetRelid(leaf);
			one->rows = leaf->rd_rel->reltuples;
			one->pages = leaf->rd_rel->relpages;
			job->counts = lappend(job->counts, one);
			relation_close(leaf, NoLock);
		}
	}
	MemoryContextSwitchTo(old_context);
}

/* VACUUM and ANALYZE count anew, and somebody may have run them since. */
static bool
is_same(const count *count, Relation leaf)
{
	return leaf->rd_rel->reltuples == count->rows && leaf->rd_rel->relpages == count->pages;
}

/* What was counted when no row had moved; NULL if that is not known any more. */
static const count *
count_before(const chash_job *job, Oid leaf)
{
	ListCell   *cell;

	foreach(cell, job->counts)
	{
		const count *one = lfirst(cell);
		Relation	relation;
		bool		same;

		if (one->leaf != leaf)
			continue;
		relation = relation_open(leaf, AccessShareLock);
		same = is_same(one, relation);
		relation_close(relation, NoLock);
		return same ? one : NULL;
	}
	return NULL;
}

/* ---- which partitions, and what of them ---- */

typedef enum known
{
	NOTHING,
	NO_COMMON_VALUES,
	COMMON_VALUES
} known;

/* What the statistics say of a partition's key. */
static known
what_is_known(const chash_leaf *leaf, AttrNumber key)
{
	HeapTuple	tuple = SearchSysCache3(STATRELATTINH, ObjectIdGetDatum(leaf->table),
										Int16GetDatum(key), BoolGetDatum(false));
	AttStatsSlot slot;
	known		known;

	if (!HeapTupleIsValid(tuple))
		return NOTHING;
	known = get_attstatsslot(&slot, tuple, STATISTIC_KIND_MCV, InvalidOid, 0) ?
		COMMON_VALUES : NO_COMMON_VALUES;
	ReleaseSysCache(tuple);
	return known;
}

/* Whether autovacuum would, if so many rows of a partition were changed. */
static bool
is_due(const chash_leaf *leaf, double share)
{
	Relation	relation = relation_open(leaf->table, AccessShareLock);
	StdRdOptions *options = (StdRdOptions *) relation->rd_options;
	double		rows = Max(relation->rd_rel->reltuples, 0);
	double		threshold = autovacuum_anl_thresh;
	double		scale = autovacuum_anl_scale;

	if (options && options->autovacuum.analyze_threshold >= 0)
		threshold = options->autovacuum.analyze_threshold;
	if (options && options->autovacuum.analyze_scale_factor >= 0)
		scale = options->autovacuum.analyze_scale_factor;
	relation_close(relation, NoLock);
	return rows * share > threshold + scale * rows;
}

typedef struct analysis
{
	Oid			leaf;
	AttrNumber	key;			/* the column to look at; 0 for all */
	double		share;			/* of the rows of before that are there; 0 for ANALYZE */
	const count *before;		/* NULL if not known any more */
} analysis;

/* NULL if nothing is to be done. */
static analysis *
analysis_of(const chash_job *job, const chash_routed *routed, const chash_leaf *leaf,
			const shares *shares)
{
	AttrNumber	key = get_attnum(leaf->table, get_attname(routed->table, routed->key, false));
	known		known = what_is_known(leaf, key);
	uint32		id = leaf->remainder;
	analysis   *analysis = palloc0(sizeof(*analysis));

	analysis->leaf = leaf->table;

	/* a new partition has no share before, also where somebody has analyzed it already */
	if (!shares->before || id > CHASH_MAX_ID || shares->before[id] == 0 || known == NOTHING)
		return analysis;
	if (shares->gone[id] == 0 && shares->come[id] == 0)
		return NULL;
	if (known == NO_COMMON_VALUES && (shares->gone[id] == 0 || shares->come[id] == 0))
	{
		analysis->share = 1 + (shares->come[id] - shares->gone[id]) / shares->before[id];
		analysis->before = job->back ? NULL : count_before(job, leaf->table);
		if (analysis->before || analysis->share > 1)
			return analysis;
		analysis->share = 0;
	}
	if (!is_due(leaf, (shares->gone[id] + shares->come[id]) / shares->before[id]))
		return NULL;
	analysis->key = known == NO_COMMON_VALUES ? key : 0;
	return analysis;
}

static void
find_analyses(chash_job *job, List *tables, void *argument)
{
	shares		shares = read_shares(job);
	List	  **analyses = argument;
	ListCell   *cell;
	ListCell   *leaf;

	*analyses = NIL;
	/* the tables as a whole are what they were */
	foreach(cell, tables)
	{
		const chash_routed *routed = lfirst(cell);

		foreach(leaf, chash_leaves_of(routed->table, AccessShareLock))
		{
			analysis   *analysis = analysis_of(job, routed, lfirst(leaf), &shares);

			if (analysis)
				*analyses = lappend(*analyses, analysis);
		}
	}
}

/*
 * The planner takes it that pages have as many rows each as when they were
 * counted, and so knows of rows that others have added.  That is as good where
 * rows have come, if not all of them went to pages that were there.
 */
static void
count_rows(const analysis *analysis)
{
	Relation	leaf = relation_open(analysis->leaf, NoLock);
	bool		same = analysis->before && is_same(analysis->before, leaf);
	double		rows = leaf->rd_rel->reltuples;
	int32		counted = leaf->rd_rel->relpages;
	BlockNumber pages = RelationGetNumberOfBlocks(leaf);
	double		share = same ? rows * analysis->share : 0;

	if (rows > 0 && counted > 0 && analysis->share > 1)
		chash_update_counts(leaf, pages, Max(share, rows * pages / counted));
	else if (rows > 0 && same)
		chash_update_counts(leaf, counted, share);
	relation_close(leaf, NoLock);
}

/*
 * Locked first, so that nobody drops it or renames anything before the command
 * runs; and nothing else is, for which others who have that could wait.
 */
static void
analyze(const analysis *analysis)
{
	char	   *name;

	chash_wait_for_locks();
	LockRelationOid(analysis->leaf, ShareUpdateExclusiveLock);
	if (!get_rel_name(analysis->leaf))
		return;
	if (analysis->share > 0)
	{
		count_rows(analysis);
		return;
	}
	name = chash_quoted_name(get_rel_namespace(analysis->leaf), get_rel_name(analysis->leaf));
	if (analysis->key)
		name = psprintf("%s (%s)", name,
						quote_identifier(get_attname(analysis->leaf, analysis->key, false)));
	chash_run(psprintf("ANALYZE %s", name));
}

void
chash_analyze(chash_job *job)
{
	List	   *analyses;
	ListCell   *cell;

	chash_must(job, find_analyses, &analyses);
	foreach(cell, analyses)
	{
		analyze(lfirst(cell));
		SPI_commit();
	}
}
