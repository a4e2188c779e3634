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

/*
 * The state of the aggregate.  Where both routers are constants and there are
 * many rows, pairs are counted in a matrix, and gathered in the table only at
 * the end.
 */
typedef struct tallies
{
	tally_table_hash *table;
	uint32		rows;			/* that were counted without a matrix */
	int64	   *matrix;			/* rows and bytes of each pair; NULL if there is none */
	uint32		sources;		/* its size, with 0 for keys that are NULL */
	uint32		targets;

	/* where there is one: the routers, which the call site has pinned */
	const chash_entry *before;
	const chash_entry *after;
	chash_key_kind kind;
	bool		text_alike;		/* whether they hash a text's own bytes alike */
} tallies;

/* Larger ones would not stay in the processor's cache. */
#define MAX_MATRIX		16384

/* One of many groups with a few rows each should not have a matrix. */
#define ROWS_BEFORE_MATRIX	1000

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

static tallies *
make_tallies(MemoryContext context)
{
	tallies    *state = MemoryContextAllocZero(context, sizeof(*state));

	state->table = tally_table_create(context, 16, NULL);
	return state;
}

/* If both routers are constants, all has been checked, and it is worth it. */
static void
make_matrix(tallies *state, const chash_call *site)
{
	uint64		sources;
	uint64		targets;

	if (!site || !site->router[1].constant || !site->router[2].constant || !site->collation_checked ||
		++state->rows <= ROWS_BEFORE_MATRIX)
		return;
	state->before = site->router[1].entry;
	state->after = site->router[2].entry;
	sources = (uint64) state->before->router->nshards + 1;
	targets = (uint64) state->after->router->nshards + 1;
	if (sources * targets > MAX_MATRIX)
		return;
	state->matrix = MemoryContextAllocZero(state->table->ctx,
										   sources * targets * 2 * sizeof(int64));
	state->sources = sources;
	state->targets = targets;
	state->kind = site->kind;
	state->text_alike = site->kind == CHASH_KIND_TEXT && state->before->shortcut.text &&
		chash_entries_hash_alike(state->before, state->after);
}

/* Everything in the table, as it is passed on. */
static tally_table_hash *
gather(tallies *state)
{
	uint32		pairs = state->matrix ? state->sources * state->targets : 0;
	uint32		i;

	for (i = 0; i < pairs; i++)
	{
		if (state->matrix[2 * i] > 0)
			add_tally(state->table, chash_pair_of(i / state->targets, i % state->targets),
					  state->matrix[2 * i], state->matrix[2 * i + 1]);
		state->matrix[2 * i] = state->matrix[2 * i + 1] = 0;
	}
	return state->table;
}

/* Count a row where there is a matrix: what reports ask for, row by row. */
static inline void
count_in_matrix(FunctionCallInfo fcinfo, tallies *state)
{
	uint32		source = 0;
	uint32		target = 0;
	int64	   *cell;

	if (likely(!PG_ARGISNULL(3)))
	{
		uint32		from = CHASH_UNDECIDED;
		uint32		to = CHASH_UNDECIDED;

		if (likely(state->text_alike))
		{
			chash_bytes key = chash_varlena_bytes(PG_GETARG_DATUM(3));

			chash_entry_shards_of_bytes(state->before, state->after, key.data, key.length,
										&from, &to);
		}
		if (unlikely(from == CHASH_UNDECIDED || to == CHASH_UNDECIDED))
			chash_entry_shards(state->before, state->after, state->kind,
							   PG_GETARG_DATUM(3), &from, &to);
		source = from + 1;
		target = to + 1;
	}
	cell = state->matrix + 2 * (source * state->targets + target);
	cell[0]++;
	cell[1] += PG_ARGISNULL(4) ? 0 : PG_GETARG_INT64(4);
}

/* (state internal, before chash_router, after chash_router, key "any", bytes bigint) */
Datum
chash_count_moves_add(PG_FUNCTION_ARGS)
{
	tallies    *state = PG_ARGISNULL(0) ? make_tallies(aggregate_context(fcinfo)) :
		(tallies *) PG_GETARG_POINTER(0);
	chash_pair	pair = chash_pair_of(0, 0);

	if (likely(state->matrix))
	{
		count_in_matrix(fcinfo, state);
		PG_RETURN_POINTER(state);
	}
	make_matrix(state, chash_call_site(fcinfo));
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
	add_tally(state->table, pair, 1, PG_ARGISNULL(4) ? 0 : PG_GETARG_INT64(4));
	PG_RETURN_POINTER(state);
}

Datum
chash_count_moves_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	tallies    *sum = PG_ARGISNULL(0) ? NULL : (tallies *) PG_GETARG_POINTER(0);
	tallies    *part = PG_ARGISNULL(1) ? NULL : (tallies *) PG_GETARG_POINTER(1);
	tally_table_hash *table;
	tally_table_iterator scan;
	tally	   *entry;

	if (!part)
	{
		if (!sum)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(sum);
	}
	if (!sum)
		sum = make_tallies(context);
	table = gather(part);
	tally_table_start_iterate(table, &scan);
	while ((entry = tally_table_iterate(table, &scan)) != NULL)
		add_tally(sum->table, entry->pair, entry->rows, entry->bytes);
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
	table = gather((tallies *) PG_GETARG_POINTER(0));
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
	tallies    *state;
	StringInfoData in;

	(void) aggregate_context(fcinfo);
	bytes = PG_GETARG_BYTEA_PP(0);
	initStringInfo(&in);
	appendBinaryStringInfo(&in, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	state = make_tallies(CurrentMemoryContext);
	while (in.cursor < in.len)
	{
		chash_pair	pair = pq_getmsgint64(&in);
		int64		rows = pq_getmsgint64(&in);

		add_tally(state->table, pair, rows, pq_getmsgint64(&in));
	}
	PG_RETURN_POINTER(state);
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

	table = gather((tallies *) PG_GETARG_POINTER(0));
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
