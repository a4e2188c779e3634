/*
 * planning.c
 *		chash_moves: what moves from one router to another.
 */
#include "router/call.h"
#include "router/srf.h"

#include "core/diff.h"
#include "core/pair.h"
#include "core/pins.h"
#include "miscadmin.h"
#include "router/position.h"
#include "router/server.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(chash_moves);

/* Beyond this a plan is of no use to anybody, and takes too much memory. */
#define MAX_MOVES		1048576

/* How often to look for interrupts, in pieces. */
#define PIECES_BETWEEN_INTERRUPTS	100

/* What goes from one shard to another, added up. */
typedef struct move
{
	chash_pair	pair;			/* hash key */
	chash_uint	positions;
	double		share;
	int64		pins;			/* single keys that are pinned before or after */
} move;

static HTAB *
make_table(void)
{
	HASHCTL		control = {0};

	control.keysize = sizeof(chash_pair);
	control.entrysize = sizeof(move);
	control.hcxt = CurrentMemoryContext;
	return hash_create("chash moves", 256, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static move *
find_move(HTAB *table, uint32 source, uint32 target)
{
	chash_pair	pair = chash_pair_of(source, target);
	bool		found;
	move	   *entry = hash_search(table, &pair, HASH_ENTER, &found);

	if (hash_get_num_entries(table) > MAX_MOVES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the plan has more than %d moves", MAX_MOVES),
				 errdetail("A move is a pair of a source and a target.")));
	if (!found)
	{
		entry->positions = chash_uint_from(0);
		entry->share = 0;
		entry->pins = 0;
	}
	return entry;
}

static bool
same_shard(const chash_entry *before, uint32 source, const chash_entry *after, uint32 target)
{
	return strcmp(before->router->shards[source].name, after->router->shards[target].name) == 0;
}

/*
 * Whether it can be told where a router sends a key of which only the fixed form
 * is known.
 */
static bool
routes_forms(const chash_entry *entry)
{
	const chash_hash *hash = entry->router->hash;

	return !hash || hash->input != CHASH_INPUT_VALUE;
}

/*
 * Add the keys that "pinned" pins, unless they are among those of "done".  A
 * key that one of the routers cannot take was nowhere, or will be: it does not
 * move.
 */
static void
add_pins(HTAB *table, const chash_entry *before, const chash_entry *after,
		 const chash_router *pinned, const chash_router *done)
{
	uint32		i;

	for (i = 0; i < pinned->npins; i++)
	{
		const char *form = pinned->pins[i].key;
		bool		is_done = false;
		Datum		key;
		uint32		source;
		uint32		target;

		CHECK_FOR_INTERRUPTS();
		if (done)
			(void) chash_router_find_pin(done, form, &is_done);
		if (is_done || !chash_router_takes(before->router, form) ||
			!chash_router_takes(after->router, form))
			continue;
		key = CStringGetTextDatum(chash_from_utf8(form));
		source = chash_entry_shard(before, CHASH_KIND_TEXT, key);
		target = chash_entry_shard(after, CHASH_KIND_TEXT, key);
		if (!same_shard(before, source, after, target))
			find_move(table, source, target)->pins++;
	}
}

/* Add the pinned keys that move; false if their number cannot be told. */
static bool
add_all_pins(HTAB *table, const chash_entry *before, const chash_entry *after)
{
	if (before->router->npins + after->router->npins == 0)
		return true;
	if (!routes_forms(before) || !routes_forms(after))
		return false;
	add_pins(table, before, after, before->router, NULL);
	add_pins(table, before, after, after->router, before->router);
	return true;
}

static int
compare_moves(const void *a, const void *b)
{
	return chash_pair_compare((*(move *const *) a)->pair, (*(move *const *) b)->pair);
}

/* The moves between different shards, in the order of sources and targets. */
static move **
sort_moves(HTAB *table, long *count)
{
	move	  **sorted = MemoryContextAllocHuge(CurrentMemoryContext,
												Max(hash_get_num_entries(table), 1) * sizeof(move *));
	HASH_SEQ_STATUS scan;
	move	   *entry;

	*count = 0;
	hash_seq_init(&scan, table);
	while ((entry = hash_seq_search(&scan)) != NULL)
		sorted[(*count)++] = entry;
	qsort(sorted, *count, sizeof(*sorted), compare_moves);
	return sorted;
}

/* Routers that hash keys: add up the pieces of the key space. */
static void
report_hashed(chash_rows *rows, const chash_entry *before, const chash_entry *after)
{
	HTAB	   *table = make_table();
	chash_diff diff;
	chash_piece piece;
	move	  **sorted;
	bool		pins_known;
	long		count;
	long		i;

	chash_diff_begin(&diff, &before->compiled, &after->compiled, &chash_server_host);
	for (i = 0; chash_diff_next(&diff, &piece); i++)
	{
		if (i % PIECES_BETWEEN_INTERRUPTS == 0)
			CHECK_FOR_INTERRUPTS();
		if (!same_shard(before, piece.source, after, piece.target))
		{
			move	   *entry = find_move(table, piece.source, piece.target);

			if (diff.exact)
				entry->positions = chash_uint_add(&entry->positions, &piece.width);
			else
				entry->share += piece.share;
		}
	}

	pins_known = add_all_pins(table, before, after);
	sorted = sort_moves(table, &count);
	for (i = 0; i < count; i++)
	{
		Datum		values[6];
		bool		nulls[6] = {false};
		move	   *entry = sorted[i];

		if (entry->pins == 0 &&
			(diff.exact ? chash_uint_is_zero(&entry->positions) : entry->share == 0))
			continue;
		values[0] = before->names[chash_pair_source(entry->pair)];
		values[1] = after->names[chash_pair_target(entry->pair)];
		values[2] = Float8GetDatum(diff.exact ?
								   chash_uint_ratio(&entry->positions, &diff.space) : entry->share);
		values[3] = diff.exact ? chash_uint_get_numeric(&entry->positions) : (Datum) 0;
		values[4] = Int64GetDatum(entry->pins);
		values[5] = BoolGetDatum(diff.exact);
		nulls[3] = !diff.exact;
		nulls[4] = !pins_known;
		chash_rows_add(rows, values, nulls);
	}
}

/*
 * Range routers: which intervals change hands follows from the bounds; what
 * share of the keys lies in them, only a table can tell.
 */
static void
report_ranges(chash_rows *rows, const chash_entry *before, const chash_entry *after)
{
	const chash_bounds *low = before->bounds;
	const chash_bounds *high = after->bounds;
	HTAB	   *table = make_table();
	move	  **sorted;
	long		count;
	long		k;
	int			i = 0;
	int			j = 0;

	for (;;)
	{
		int			order;

		if (!same_shard(before, i, after, j))
			(void) find_move(table, i, j);
		if (i == low->count && j == high->count)
			break;
		order = i == low->count ? 1 : j == high->count ? -1 :
			chash_bounds_compare(low, low->value[i], high->value[j]);
		i += order <= 0;
		j += order >= 0;
	}

	(void) add_all_pins(table, before, after);
	sorted = sort_moves(table, &count);
	for (k = 0; k < count; k++)
	{
		Datum		values[6] = {0};
		bool		nulls[6] = {false, false, true, true, false, false};

		values[0] = before->names[chash_pair_source(sorted[k]->pair)];
		values[1] = after->names[chash_pair_target(sorted[k]->pair)];
		values[4] = Int64GetDatum(sorted[k]->pins);
		values[5] = BoolGetDatum(false);
		chash_rows_add(rows, values, nulls);
	}
}

/*
 * (source text, target text, share float8, positions numeric, pins bigint,
 * exact boolean)
 */
Datum
chash_moves(PG_FUNCTION_ARGS)
{
	chash_entry *before;
	chash_entry *after;
	chash_rows	rows;

	/* a NULL from a query that found nothing must not look like a plan without moves */
	chash_call_refuse_nulls(fcinfo);
	before = chash_call_router(fcinfo, 0);
	after = chash_call_router(fcinfo, 1);
	rows = chash_rows_begin(fcinfo);

	if (before->router->strategy->hashed && after->router->strategy->hashed)
		report_hashed(&rows, before, after);
	else if (before->bounds && after->bounds &&
			 before->bounds->key_type == after->bounds->key_type &&
			 before->bounds->collation == after->bounds->collation)
		report_ranges(&rows, before, after);
	else
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot tell without the keys what moves from strategy \"%s\" to \"%s\"",
						before->router->strategy->name, after->router->strategy->name),
				 errdetail("Bounds on keys cannot be compared with positions of hashes, "
						   "nor with bounds of another type or collation."),
				 errhint("chash_redistribution counts the moves in a table.")));
	return (Datum) 0;
}
