/*
 * summary.c
 *		Rows, steps and times of a change, beside what the two routers demand.
 */
#include "reshard/summary.h"

#include "language/naming.h"
#include "language/subtransaction.h"
#include "router/json.h"
#include "table/leaves.h"
#include "table/routed.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

static char *
literal_of(const chash_entry *entry, Oid schema)
{
	return psprintf("%s::%s", quote_literal_cstr(chash_router_text(entry->router)),
					chash_quoted_name(schema, "chash_router"));
}

typedef struct asked
{
	const chash_job *job;
	bool		isnull;
	double		share;			/* of all keys, that goes from one shard to another */
} asked;

static void
ask_for_share(void *argument)
{
	asked	   *asked = argument;
	const chash_job *job = asked->job;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute(psprintf("SELECT pg_catalog.sum(share) FROM %s(%s, %s)",
							 chash_quoted_name(job->schema, "chash_moves"),
							 literal_of(job->before, job->schema),
							 literal_of(job->after, job->schema)), false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not ask for the moves of a change");
	asked->share = DatumGetFloat8(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1,
												&asked->isnull));
	SPI_finish();
}

/* False if the routers do not tell, as bounds of keys and positions of hashes do not. */
static bool
get_share_that_moves(const chash_job *job, double *share)
{
	asked		asked = {job, true, 0};

	if (chash_in_cancelable_subtransaction(ask_for_share, &asked) || asked.isnull)
		return false;
	*share = asked.share;
	return true;
}

static double
rows_of(Oid leaf)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(leaf));
	double		rows = 0;

	if (HeapTupleIsValid(tuple))
	{
		rows = Max(((Form_pg_class) GETSTRUCT(tuple))->reltuples, 0);
		ReleaseSysCache(tuple);
	}
	return rows;
}

static double
rows_of_all_tables(Oid router)
{
	double		rows = 0;
	ListCell   *table;
	ListCell   *cell;

	foreach(table, chash_tables_of_router(router))
	{
		foreach(cell, chash_leaves_of(lfirst_oid(table), AccessShareLock))
			rows += rows_of(((chash_leaf *) lfirst(cell))->table);
	}
	return rows;
}

static char *
describe_times(const chash_job *job)
{
	return psprintf("From the request for locks to the commit a step took %.1f ms at most, "
					"and all together took %.3f s.", job->longest / 1e3, job->total / 1e6);
}

/* Beside what the routers alone demand, where there are rows that it can be said of. */
static char *
describe_change(const chash_job *job)
{
	double		rows = rows_of_all_tables(job->router);
	double		share;

	if (rows == 0 || !get_share_that_moves(job, &share))
		return describe_times(job);
	return psprintf("%s The two routers send %.1f %% of all keys elsewhere, which of %.0f rows are %.0f.",
					describe_times(job), 100 * share, rows, share * rows);
}

void
chash_report_change(const chash_job *job)
{
	char	   *detail = describe_change(job);

	if (job->rows == 0)
		ereport(NOTICE,
				(errmsg("no rows had to be moved"), errdetail("%s", detail)));
	else if (job->steps == 1)
		ereport(NOTICE,
				(errmsg_plural("moved " INT64_FORMAT " row in one step",
							   "moved " INT64_FORMAT " rows in one step",
							   (unsigned long) job->rows, job->rows),
				 errdetail("%s", detail)));
	else
		ereport(NOTICE,
				(errmsg_plural("moved " INT64_FORMAT " row in " INT64_FORMAT " steps",
							   "moved " INT64_FORMAT " rows in " INT64_FORMAT " steps",
							   (unsigned long) job->rows, job->rows, job->steps),
				 errdetail("%s", detail)));
}
