/*
 * redistribution.c
 *		chash_redistribution: the rows and bytes of a table that a change of
 *		its router moves.
 */
#include "report/source.h"

#include <math.h>

#include "access/relation.h"
#include "router/call.h"
#include "router/srf.h"

PG_FUNCTION_INFO_V1(chash_redistribution);

typedef struct report
{
	const chash_entry *before;
	const chash_entry *after;
	double		sample;
	int64		counted_rows;	/* all that were read, moved or not */
	bool		exact_bytes;
	bool		is_stored;		/* views and foreign tables are not */
	double		average;		/* bytes of a row, if it is */
} report;

/*
 * (source text, target text, rows bigint, bytes bigint, share float8,
 * rows_exact boolean, bytes_exact boolean)
 */
static void
add_row(chash_rows *rows, const report *report, const chash_tally *tally)
{
	Datum		values[7];
	bool		nulls[7] = {false};
	double		estimated_rows = tally->rows / report->sample;
	double		bytes = report->exact_bytes ? tally->bytes / report->sample :
		estimated_rows * report->average;

	nulls[0] = nulls[1] = tally->source == 0;
	values[0] = nulls[0] ? (Datum) 0 : report->before->names[tally->source - 1];
	values[1] = nulls[0] ? (Datum) 0 : report->after->names[tally->target - 1];
	values[2] = Int64GetDatum((int64) rint(estimated_rows));
	values[3] = Int64GetDatum((int64) rint(bytes));
	nulls[3] = !report->exact_bytes && !report->is_stored;
	values[4] = Float8GetDatum((double) tally->rows / report->counted_rows);
	values[5] = BoolGetDatum(report->sample == 1);
	values[6] = BoolGetDatum(report->sample == 1 && report->exact_bytes && report->is_stored);
	chash_rows_add(rows, values, nulls);
}

static bool
is_move(const report *report, const chash_tally *tally)
{
	return tally->source != 0 &&
		strcmp(report->before->router->shards[tally->source - 1].name,
			   report->after->router->shards[tally->target - 1].name) != 0;
}

/*
 * chash_redistribution(tab regclass, key name, before chash_router,
 * after chash_router, sample float8, exact_bytes boolean, unmoved boolean)
 */
Datum
chash_redistribution(PG_FUNCTION_ARGS)
{
	Datum		before;
	Datum		after;
	bool		unmoved;
	report		report = {0};
	chash_source *source;
	chash_rows	rows;
	chash_tally *tallies;
	int64		stored_bytes;
	int			count;
	int			i;

	chash_call_refuse_nulls(fcinfo);
	rows = chash_rows_begin(fcinfo);
	report.before = chash_call_router(fcinfo, 2);
	report.after = chash_call_router(fcinfo, 3);
	before = PointerGetDatum(report.before->value);
	after = PointerGetDatum(report.after->value);
	unmoved = PG_GETARG_BOOL(6);
	report.sample = PG_GETARG_FLOAT8(4);
	report.exact_bytes = PG_GETARG_BOOL(5);
	source = chash_source_open(fcinfo, report.sample);
	chash_source_count(source, 1, &before, &after,
					   report.exact_bytes ? chash_source_row_size(source) : NULL,
					   &tallies, &count);

	for (i = 0; i < count; i++)
		report.counted_rows += tallies[i].rows;
	report.is_stored = chash_source_stored_bytes(source, &stored_bytes);
	if (report.is_stored && report.counted_rows > 0)
		report.average = stored_bytes / (report.counted_rows / report.sample);
	for (i = 0; i < count; i++)
	{
		if (unmoved || is_move(&report, &tallies[i]))
			add_row(&rows, &report, &tallies[i]);
	}
	relation_close(source->relation, NoLock);
	return (Datum) 0;
}
