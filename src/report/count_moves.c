/*
 * count_moves.c
 *		The aggregate chash_count_moves: rows and bytes per source and target.
 *
 * Counting into a table of its own rather than by GROUP BY needs no groups
 * that the planner would guess in millions, and so runs in parallel.
 */
#include "router/call.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "router/position.h"
#include "utils/array.h"

#include "core/pair.h"

PG_FUNCTION_INFO_V1(chash_count_moves_add);
PG_FUNCTION_INFO_V1(chash_count_moves_combine);
PG_FUNCTION_INFO_V1(chash_count_moves_serialize);
PG_FUNCTION_INFO_V1(chash_count_moves_deserialize);
PG_FUNCTION_INFO_V1(chash_count_moves_result);

/* Shards are counted from 1; rows whose key is NULL go from 0 to 0. */
typedef struct tally
{
	chash_pair	pair;
	int64		rows;
	int64		bytes;
	char		status;			/* simplehash's own */
} tally;

#define SH_PREFIX tally_table
#define SH_ELEMENT_TYPE tally
#define SH_KEY_TYPE chash_pair
#define SH_KEY pair
#define SH_HASH_KEY(table, key) murmurhash32(chash_pair_target(key) ^ chash_pair_source(key) * 0x9e3779b1)
#define SH_EQUAL(table, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

static MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "chash_count_moves called in non-aggregate context");
	return context;
}

static void
add_tally(tally_table_hash *table, chash_pair pair, int64 rows, int64 bytes)
{
	bool		found;
	tally	   *entry = tally_table_insert(table, pair, &found);

	if (!found)
		entry->rows = entry->bytes = 0;
	entry->rows += rows;
	entry->bytes += bytes;
}

/* (state internal, before chash_router, after chash_router, key "any", bytes bigint) */
Datum
chash_count_moves_add(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	tally_table_hash *table;
	chash_pair	pair = chash_pair_of(0, 0);

	table = PG_ARGISNULL(0) ? tally_table_create(context, 16, NULL) :
		(tally_table_hash *) PG_GETARG_POINTER(0);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("the routers must not be null")));
	if (!PG_ARGISNULL(3))
	{
		chash_entry *before = chash_call_router(fcinfo, 1);
		chash_entry *after = chash_call_router(fcinfo, 2);
		chash_key_kind kind = chash_call_key_kind(fcinfo, 3);
		Datum		key = PG_GETARG_DATUM(3);
		uint32		from;
		uint32		to;

		chash_call_check_collation(fcinfo);
		chash_entry_shards(before, after, kind, key, &from, &to);
		pair = chash_pair_of(from + 1, to + 1);
	}
	add_tally(table, pair, 1, PG_ARGISNULL(4) ? 0 : PG_GETARG_INT64(4));
	PG_RETURN_POINTER(table);
}

Datum
chash_count_moves_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	tally_table_hash *sum = PG_ARGISNULL(0) ? NULL : (tally_table_hash *) PG_GETARG_POINTER(0);
	tally_table_hash *part = PG_ARGISNULL(1) ? NULL : (tally_table_hash *) PG_GETARG_POINTER(1);
	tally_table_iterator scan;
	tally	   *entry;

	if (!part)
	{
		if (!sum)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(sum);
	}
	if (!sum)
		sum = tally_table_create(context, part->members, NULL);
	tally_table_start_iterate(part, &scan);
	while ((entry = tally_table_iterate(part, &scan)) != NULL)
		add_tally(sum, entry->pair, entry->rows, entry->bytes);
	PG_RETURN_POINTER(sum);
}

Datum
chash_count_moves_serialize(PG_FUNCTION_ARGS)
{
	tally_table_hash *table;
	tally_table_iterator scan;
	tally	   *entry;
	StringInfoData out;

	(void) aggregate_context(fcinfo);
	table = (tally_table_hash *) PG_GETARG_POINTER(0);
	pq_begintypsend(&out);
	tally_table_start_iterate(table, &scan);
	while ((entry = tally_table_iterate(table, &scan)) != NULL)
	{
		pq_sendint64(&out, entry->pair);
		pq_sendint64(&out, entry->rows);
		pq_sendint64(&out, entry->bytes);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

Datum
chash_count_moves_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes;
	tally_table_hash *table;
	StringInfoData in;

	(void) aggregate_context(fcinfo);
	bytes = PG_GETARG_BYTEA_PP(0);
	initStringInfo(&in);
	appendBinaryStringInfo(&in, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	table = tally_table_create(CurrentMemoryContext, 16, NULL);
	while (in.cursor < in.len)
	{
		chash_pair	pair = pq_getmsgint64(&in);
		int64		rows = pq_getmsgint64(&in);

		add_tally(table, pair, rows, pq_getmsgint64(&in));
	}
	PG_RETURN_POINTER(table);
}

static int
compare_tallies(const void *a, const void *b)
{
	return chash_pair_compare((*(tally *const *) a)->pair, (*(tally *const *) b)->pair);
}

/* An array of {source, target, rows, bytes}, in the order of sources and targets. */
Datum
chash_count_moves_result(PG_FUNCTION_ARGS)
{
	tally_table_hash *table;
	tally_table_iterator scan;
	tally	   *entry;
	tally	  **sorted;
	Datum	   *elements;
	int			dims[2] = {0, 4};
	int			lower_bounds[2] = {1, 1};
	int			i;

	(void) aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_POINTER(construct_empty_array(INT8OID));

	table = (tally_table_hash *) PG_GETARG_POINTER(0);
	sorted = palloc(table->members * sizeof(tally *));
	tally_table_start_iterate(table, &scan);
	while ((entry = tally_table_iterate(table, &scan)) != NULL)
		sorted[dims[0]++] = entry;
	qsort(sorted, dims[0], sizeof(*sorted), compare_tallies);

	elements = palloc(dims[0] * 4 * sizeof(Datum));
	for (i = 0; i < dims[0]; i++)
	{
		elements[4 * i] = Int64GetDatum(chash_pair_source(sorted[i]->pair));
		elements[4 * i + 1] = Int64GetDatum(chash_pair_target(sorted[i]->pair));
		elements[4 * i + 2] = Int64GetDatum(sorted[i]->rows);
		elements[4 * i + 3] = Int64GetDatum(sorted[i]->bytes);
	}
	PG_RETURN_POINTER(construct_md_array(elements, NULL, 2, dims, lower_bounds, INT8OID,
										 sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
