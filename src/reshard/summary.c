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

void
chash_report_change(const chash_job *job)
{
	double		share;
	const char *demand = "";

	if (get_share_that_moves(job, &share))
		demand = psprintf(" The two routers send %.1f %% of all keys elsewhere, which of %.0f rows are %.0f.",
						  100 * share, rows_of_all_tables(job->router),
						  share * rows_of_all_tables(job->router));
	ereport(NOTICE,
			(errmsg("moved " INT64_FORMAT " rows in " INT64_FORMAT " steps", job->rows, job->steps),
			 errdetail("From the request for locks to the commit a step took %.1f ms at most, "
					   "and all together took %.1f s.%s",
					   job->longest / 1000.0, job->total / 1000000.0, demand)));
}
