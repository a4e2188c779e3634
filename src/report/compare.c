/*
 * compare.c
 *		chash_compare: all strategies side by side on a table.
 *
 * Every strategy is a pair of routers, before and after the change, and is
 * counted by the same aggregate.
 */
#include "report/source.h"

#include <math.h>

#include "access/relation.h"
#include "core/slots.h"
#include "router/bounds.h"
#include "router/call.h"
#include "router/json.h"
#include "router/server.h"
#include "router/srf.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(chash_compare);

/* The part of the keys that range_shards asks for. */
#define QUERY_FRACTION	0.01

typedef struct comparison
{
	int			shards;			/* before */
	int			shards_after;
	const chash_hash *hash;		/* of all that hash but modulo */
	int			vnodes;			/* of the rings */
} comparison;

typedef struct candidate
{
	const chash_strategy *strategy;
	Datum		before;
	Datum		after;
	chash_tally *tallies;
	int			count;
} candidate;

/* Shards are called shard_1, shard_2 and so on; so is the place of each. */
static void
set_shards(chash_router *router, int n)
{
	int			i;

	router->nshards = n;
	router->shards = palloc0(n * sizeof(chash_shard));
	for (i = 0; i < n; i++)
	{
		router->shards[i].name = psprintf("shard_%d", i + 1);
		router->shards[i].weight = 1;
		router->shards[i].id = i + 1;
	}
}

static Datum
make_hashed(const comparison *comparison, const chash_strategy *strategy, int n)
{
	chash_router router = {0};

	router.strategy = strategy;
	set_shards(&router, n);
	if (strategy == &chash_strategy_modulo)
		router.hash = chash_hash_by_code(CHASH_HASH_PG);
	else
		router.hash = comparison->hash;
	if (strategy == &chash_strategy_ring || strategy == &chash_strategy_bounded)
		router.p.vnodes = comparison->vnodes;

	/* more shards than there are slots as a rule, before or after the change */
	if ((strategy == &chash_strategy_bounded || strategy == &chash_strategy_slots) &&
		Max(comparison->shards, comparison->shards_after) > (int) strategy->defaults.slots)
		router.p.slots = CHASH_MAX_SLOTS;
	return PointerGetDatum(chash_value_make(&router));
}

/*
 * A router of slots after the change: the map that it had, with the fewest
 * entries moved.  A new one would be another history.
 */
static Datum
change_slots(Datum before, int n)
{
	chash_router *router = chash_value_open((struct varlena *) DatumGetPointer(before));

	/* entries of shards that are gone count as unassigned */
	set_shards(router, n);
	chash_slots_rebalance(router, CHASH_EVERYBODY, &chash_server_host);
	return PointerGetDatum(chash_value_make(router));
}

/*
 * A key as the bound of a range router.  A text or bytea that is too long is
 * cut: what is left of it is a key just below.
 */
static char *
make_bound(const chash_source *source, const char *key)
{
	chash_key_type type = chash_key_type_of_kind(source->kind);
	char	   *bound = chash_to_utf8(key);

	if (type == CHASH_KEY_TEXT || type == CHASH_KEY_BYTEA)
		bound = pnstrdup(bound, chash_clip(bound, CHASH_MAX_BOUND));
	return bound;
}

/*
 * A range router of n shards cut at n - 1 keys that do not decrease.  Of cuts
 * at the same key only the first counts, and the shards that would begin at
 * the others get nothing.
 */
static Datum
make_range(const chash_source *source, char **cuts, int n)
{
	chash_router router = {0};
	uint32		kept = 0;
	int			i;

	router.strategy = &chash_strategy_range;
	router.key_type = chash_key_type_of_kind(source->kind);
	if (router.key_type == CHASH_KEY_TEXT)
		router.collation = chash_to_utf8(chash_collation_name(source->collation));
	set_shards(&router, n);
	router.bounds = palloc0(n * sizeof(char *));
	for (i = 1; i < n; i++)
	{
		if (i > 1 && strcmp(cuts[i - 1], cuts[i - 2]) == 0)
			continue;
		router.bounds[kept++] = cuts[i - 1];
		router.shards[kept] = router.shards[i];
	}
	router.nbounds = kept;
	router.nshards = kept + 1;
	return PointerGetDatum(chash_value_make(&router));
}

/* Cut at the quantiles: the places at which n equal parts of the keys begin. */
static void
make_ranges(const chash_source *source, const comparison *comparison, int64 total,
			candidate *range)
{
	int			n_before = comparison->shards - 1;
	int			n_after = comparison->shards_after - 1;
	int64	   *places = palloc((n_before + n_after + 1) * sizeof(int64));
	char	  **cuts = NULL;
	int			i;

	for (i = 0; i < n_before; i++)
		places[i] = total * (i + 1) / comparison->shards + 1;
	for (i = 0; i < n_after; i++)
		places[n_before + i] = total * (i + 1) / comparison->shards_after + 1;
	if (total > 0)
	{
		cuts = chash_source_keys_at(source, total, places, n_before + n_after);
		for (i = 0; i < n_before + n_after; i++)
			cuts[i] = make_bound(source, cuts[i]);
	}

	/* without any keys there is nothing to cut */
	range->before = make_range(source, cuts, total > 0 ? comparison->shards : 1);
	range->after = make_range(source, total > 0 ? cuts + n_before : NULL,
							  total > 0 ? comparison->shards_after : 1);
}

/*
 * How many shards a query over QUERY_FRACTION of the keys touches on average.
 * A hash scatters the keys of a range, so that every shard has to be asked.
 * With ranges it is one, and one more for each cut within the query: a cut
 * with the fraction c of the keys below it is passed by the queries that start
 * between c - QUERY_FRACTION and c, of all that start between 0 and
 * 1 - QUERY_FRACTION.
 */
static double
shards_touched(const chash_strategy *strategy, const int64 *rows, int n, int64 total)
{
	double		touched = 1;
	double		last = 1 - QUERY_FRACTION;
	int64		below = 0;
	int			i;

	if (strategy->hashed)
		return n;
	for (i = 0; i < n - 1; i++)
	{
		double		cut;

		below += rows[i];
		if (rows[i] == 0 || below == total)
			continue;
		cut = (double) below / total;
		touched += (Min(cut, last) - Max(cut - QUERY_FRACTION, 0)) / last;
	}
	return touched;
}

/* The number in the name of a shard. */
static int
shard_number(const chash_router *router, int place)
{
	return router->shards[place - 1].id;
}

/* A number of rows, from that of the sample. */
static Datum
scaled(int64 rows, double sample)
{
	return Int64GetDatum((int64) rint(rows / sample));
}

/*
 * (strategy text, shards int, rows bigint, min_rows bigint, max_rows bigint,
 * skew float8, rows_moved bigint, share_moved float8, ideal_share float8,
 * range_shards float8, exact boolean)
 */
static void
add_row(chash_rows *rows, const comparison *comparison, double sample,
		const candidate *candidate)
{
	chash_router *before = chash_value_open((struct varlena *) DatumGetPointer(candidate->before));
	chash_router *after = chash_value_open((struct varlena *) DatumGetPointer(candidate->after));
	int			n = comparison->shards;
	int64	   *counts = palloc0(n * sizeof(int64));
	int64		total = 0;
	int64		moved = 0;
	int64		min = PG_INT64_MAX;
	int64		max = 0;
	Datum		values[11];
	bool		nulls[11] = {false};
	int			i;

	for (i = 0; i < candidate->count; i++)
	{
		const chash_tally *tally = &candidate->tallies[i];

		if (tally->source == 0)
			continue;
		total += tally->rows;
		counts[shard_number(before, tally->source) - 1] += tally->rows;
		if (shard_number(before, tally->source) != shard_number(after, tally->target))
			moved += tally->rows;
	}
	for (i = 0; i < n; i++)
	{
		min = Min(min, counts[i]);
		max = Max(max, counts[i]);
	}

	values[0] = CStringGetTextDatum(candidate->strategy->name);
	values[1] = Int32GetDatum(n);
	values[2] = scaled(total, sample);
	values[3] = scaled(min, sample);
	values[4] = scaled(max, sample);
	values[5] = Float8GetDatum(total > 0 ? (double) max * n / total : 0);
	values[6] = scaled(moved, sample);
	values[7] = Float8GetDatum(total > 0 ? (double) moved / total : 0);
	values[8] = Float8GetDatum((double) abs(comparison->shards_after - n) /
							   Max(n, comparison->shards_after));
	values[9] = Float8GetDatum(total > 0 ? shards_touched(candidate->strategy, counts, n, total) : 0);
	values[10] = BoolGetDatum(sample == 1);
	nulls[5] = nulls[7] = nulls[9] = total == 0;
	chash_rows_add(rows, values, nulls);
}

static comparison
get_comparison(FunctionCallInfo fcinfo)
{
	comparison	result;
	int64		after = (int64) PG_GETARG_INT32(2) + PG_GETARG_INT32(3);

	result.shards = PG_GETARG_INT32(2);
	if (result.shards < 1 || result.shards > CHASH_MAX_SHARDS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("shards must be between 1 and %d, not %d",
						CHASH_MAX_SHARDS, result.shards)));
	if (after < 1 || after > CHASH_MAX_SHARDS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("shards + add must be between 1 and %d, not " INT64_FORMAT,
						CHASH_MAX_SHARDS, after)));
	result.shards_after = (int) after;
	result.vnodes = PG_GETARG_INT32(4);
	if (result.vnodes < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("vnodes must be at least 1, not %d", result.vnodes)));
	result.hash = chash_hash_named(text_to_cstring(PG_GETARG_TEXT_PP(5)));
	return result;
}

static void
count_candidates(const chash_source *source, candidate *candidates, int n)
{
	Datum	   *before = palloc(n * sizeof(Datum));
	Datum	   *after = palloc(n * sizeof(Datum));
	chash_tally **tallies = palloc(n * sizeof(chash_tally *));
	int		   *counts = palloc(n * sizeof(int));
	int			i;

	for (i = 0; i < n; i++)
	{
		before[i] = candidates[i].before;
		after[i] = candidates[i].after;
	}
	chash_source_count(source, n, before, after, NULL, tallies, counts);
	for (i = 0; i < n; i++)
	{
		candidates[i].tallies = tallies[i];
		candidates[i].count = counts[i];
	}
}

/*
 * chash_compare(tab regclass, key name, shards int, add int, vnodes int,
 * hash text, sample float8)
 */
Datum
chash_compare(PG_FUNCTION_ARGS)
{
	static const chash_strategy *const strategies[] = {
		&chash_strategy_range,
		&chash_strategy_modulo,
		&chash_strategy_hash_range,
		&chash_strategy_ring,
		&chash_strategy_jump,
		&chash_strategy_jumpback,
		&chash_strategy_rendezvous,
		&chash_strategy_maglev,
		&chash_strategy_slots,
		&chash_strategy_multiprobe,
		&chash_strategy_bounded,
	};
	candidate	candidates[lengthof(strategies)] = {0};
	candidate  *range = &candidates[0];
	candidate  *hashed = &candidates[1];
	const int	nhashed = lengthof(strategies) - 1;
	comparison	comparison;
	chash_rows	rows;
	chash_source *source;
	int64		total = 0;
	int			i;

	chash_call_refuse_nulls(fcinfo);
	comparison = get_comparison(fcinfo);
	rows = chash_rows_begin(fcinfo);
	source = chash_source_open(fcinfo, PG_GETARG_FLOAT8(6));
	for (i = 0; i < (int) lengthof(strategies); i++)
		candidates[i].strategy = strategies[i];
	for (i = 0; i < nhashed; i++)
	{
		hashed[i].before = make_hashed(&comparison, hashed[i].strategy, comparison.shards);
		if (hashed[i].strategy == &chash_strategy_slots)
			hashed[i].after = change_slots(hashed[i].before, comparison.shards_after);
		else
			hashed[i].after = make_hashed(&comparison, hashed[i].strategy, comparison.shards_after);
	}
	count_candidates(source, hashed, nhashed);

	/* the quantiles can be found only when the keys have been counted */
	for (i = 0; i < hashed->count; i++)
	{
		if (hashed->tallies[i].source != 0)
			total += hashed->tallies[i].rows;
	}
	make_ranges(source, &comparison, total, range);
	count_candidates(source, range, 1);

	for (i = 0; i < (int) lengthof(strategies); i++)
		add_row(&rows, &comparison, source->sample, &candidates[i]);
	relation_close(source->relation, NoLock);
	return (Datum) 0;
}
