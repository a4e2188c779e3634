/*
 * moves_fuzz.c
 *		Two routers that the input describes, the second mostly the first with a
 *		shard more, less or heavier: the pieces of their difference add up to
 *		what each shard has before and after, and agree with how keys are routed.
 */
#include "fuzz.h"
#include "used.h"

#include "core/diff.h"
#include "core/sample.h"
#include "core/slots.h"

#include <math.h>
#include <string.h>

#define MAX_PIECES		20000	/* more are only begun */
#define MAX_SHARDS		16
#define SMALL_BITS		9		/* all positions of a space are routed */
#define POSITIONS		20
#define MAX_PROBES		200		/* that a sampled position may take */

typedef enum edit
{
	SAME,
	ADDED,
	REMOVED,
	REWEIGHTED,
	ANOTHER_SECRET,
	ANOTHER
} edit;

/* ---- two routers ---- */

static chash_router *
copy_router(const chash_router *router)
{
	chash_router *copy = test_alloc(sizeof(*copy));

	*copy = *router;
	copy->shards = test_alloc((router->nshards + 1) * sizeof(chash_shard));
	memcpy(copy->shards, router->shards, router->nshards * sizeof(chash_shard));
	if (router->map)
	{
		size_t		size = chash_router_map_size(router) * sizeof(uint32_t);

		copy->map = memcpy(test_alloc(size), router->map, size);
	}
	return copy;
}

/* As the functions of SQL do it; what goes beyond the shards is left to them. */
static chash_router *
edited(const chash_router *router, edit how, uint32_t place, input *in)
{
	chash_router *result = copy_router(router);
	uint32_t	changed = place;

	switch (how)
	{
		case ADDED:
			changed = result->nshards;
			result->shards[result->nshards++] = take_shard(in, 1000);
			break;
		case REMOVED:
			memmove(result->shards + place, result->shards + place + 1,
					(result->nshards - place - 1) * sizeof(chash_shard));
			result->nshards--;
			if (result->map)
				chash_slots_remove_place(result, place);
			changed = CHASH_NOBODY;
			break;
		case REWEIGHTED:
			result->shards[place].weight = take_weight(in);
			break;
		case ANOTHER_SECRET:
			result->p.check = "0123456789abcdef";
			return result;
		case SAME:
		case ANOTHER:
			return result;
	}
	if (result->map)
		chash_slots_rebalance(result, changed, &test_host);
	chash_router_complete(result, &test_host);
	return result;
}

/*
 * Any other router, half of them with the same hash, so that positions are the
 * same; the name of a secret does not count.
 */
static chash_router *
another(const chash_router *router, input *in)
{
	chash_router *result = take_router(in);

	if (result->strategy->hashed && take_byte(in) % 2 == 0)
	{
		result->hash = router->hash;
		result->bits = take_byte(in) % 2 ? router->bits : chash_router_natural_bits(result);
		result->p.secret = router->p.secret ? "renamed" : NULL;
		result->p.check = router->p.check;
	}
	return result;
}

/* Whether a key has the same digest under both. */
static bool
same_digests(const chash_router *before, const chash_router *after)
{
	return before->hash == after->hash &&
		(!before->p.check || strcmp(before->p.check, after->p.check) == 0);
}

/* ---- what moves ---- */

typedef struct sums
{
	const chash_compiled *before;
	const chash_compiled *after;
	const chash_diff *diff;
	chash_uint	width[MAX_SHARDS][MAX_SHARDS];
	bool		moves[MAX_SHARDS][MAX_SHARDS];
	double		share;
} sums;

/* Add up all pieces; false if there are too many. */
static bool
add_up(chash_diff *diff, sums *sums)
{
	chash_piece piece;
	uint32_t	pieces = 0;

	memset(sums->width, 0, sizeof(sums->width));
	memset(sums->moves, 0, sizeof(sums->moves));
	sums->share = 0;
	while (chash_diff_next(diff, &piece))
	{
		CHECK(piece.source < sums->before->router->nshards);
		CHECK(piece.target < sums->after->router->nshards);
		if (diff->exact)
		{
			chash_uint *sum = &sums->width[piece.source][piece.target];

			*sum = chash_uint_add(sum, &piece.width);
			sums->moves[piece.source][piece.target] |= !chash_uint_is_zero(&piece.width);
		}
		else
		{
			CHECK(piece.share >= 0 && piece.share <= 1);
			sums->share += piece.share;
			sums->moves[piece.source][piece.target] |= piece.share > 0;
		}
		if (++pieces > MAX_PIECES)
			return false;
	}
	CHECK(!chash_diff_next(diff, &piece));
	return true;
}

/* Of each shard, what is said to come from it or to go to it is what it has. */
static void
check_totals(const sums *sums, bool of_sources)
{
	const chash_compiled *compiled = of_sources ? sums->before : sums->after;
	const chash_compiled *other = of_sources ? sums->after : sums->before;
	unsigned	shift = of_sources ? sums->diff->shift_before : sums->diff->shift_after;
	chash_uint	positions[MAX_SHARDS];
	uint32_t	i;
	uint32_t	j;

	chash_count_positions(compiled, positions);
	for (i = 0; i < compiled->router->nshards; i++)
	{
		chash_uint	sum = chash_uint_from(0);

		for (j = 0; j < other->router->nshards; j++)
			sum = chash_uint_add(&sum, of_sources ? &sums->width[i][j] : &sums->width[j][i]);
		CHECK(equal(sum, chash_uint_shift_left(&positions[i], shift)));
	}
}

/* From where to where a position of the wider space moves. */
static void
route_both(const sums *sums, chash_uint position, uint32_t *source, uint32_t *target)
{
	*source = fixture_route(sums->before, chash_uint_shift_right(&position, sums->diff->shift_before));
	*target = fixture_route(sums->after, chash_uint_shift_right(&position, sums->diff->shift_after));
}

static void
check_positions(const sums *sums)
{
	unsigned	bits = sums->before->router->bits + sums->diff->shift_before;
	uint32_t	source;
	uint32_t	target;
	uint32_t	i;

	for (i = 0; i < POSITIONS; i++)
	{
		route_both(sums, random_position(bits), &source, &target);
		CHECK(sums->moves[source][target]);
	}
	if (bits <= SMALL_BITS)
	{
		uint32_t	counts[MAX_SHARDS][MAX_SHARDS] = {{0}};

		for (i = 0; i >> bits == 0; i++)
		{
			route_both(sums, chash_uint_from(i), &source, &target);
			counts[source][target]++;
		}
		for (source = 0; source < MAX_SHARDS; source++)
		{
			for (target = 0; target < MAX_SHARDS; target++)
				CHECK(equal(sums->width[source][target], chash_uint_from(counts[source][target])));
		}
	}
}

/* What these strategies promise: a shard that comes or goes leaves others alone. */
static bool
moves_nothing_else(const chash_router *router)
{
	const chash_strategy *strategy = router->strategy;

	return router->dialect == chash_dialect_default() &&
		(strategy == &chash_strategy_ring || strategy == &chash_strategy_rendezvous ||
		 strategy == &chash_strategy_jump || strategy == &chash_strategy_jumpback ||
		 strategy == &chash_strategy_multiprobe ||
		 (strategy == &chash_strategy_slots && router->p.replicas == 1));
}

static void
check_promise(const sums *sums, edit how, uint32_t place)
{
	uint32_t	source;
	uint32_t	target;

	for (source = 0; source < sums->before->router->nshards; source++)
	{
		for (target = 0; target < sums->after->router->nshards; target++)
		{
			/* the shard that has its place afterwards, if it has not gone */
			uint32_t	stays = how == REMOVED && source > place ? source - 1 : source;

			if (!sums->moves[source][target] || (stays == target && !(how == REMOVED && source == place)))
				continue;
			CHECK(how != SAME);
			if (!moves_nothing_else(sums->before->router))
				continue;
			CHECK(how != ADDED || target == sums->before->router->nshards);
			CHECK(how != REMOVED || source == place);
			CHECK(how != REWEIGHTED || source == place || target == place);
		}
	}
}

/* A sample goes through its positions one by one. */
static void
check_sampled(chash_diff *diff, const sums *sums)
{
	unsigned	bits = sums->before->router->bits + diff->shift_before;
	chash_piece piece;
	uint32_t	i;

	for (i = 0; i < POSITIONS; i++)
	{
		uint32_t	source;
		uint32_t	target;

		CHECK(chash_diff_next(diff, &piece));
		route_both(sums, chash_sample_position(i, bits), &source, &target);
		CHECK(piece.source == source && piece.target == target);
		CHECK(piece.share == 1.0 / CHASH_SAMPLE_SIZE);
	}
}

/* A sample of all positions takes long: only of few shards, and now and then. */
static bool
takes_long(const chash_router *router)
{
	return !router->strategy->sliced && (test_below(200) != 0 ||
										 router->nshards * (router->p.probes + 1) > MAX_PROBES);
}

static void
check_difference(const chash_router *before, const chash_router *after, edit how, uint32_t place)
{
	bool		sampled = !before->strategy->sliced || !after->strategy->sliced;
	chash_compiled compiled_before;
	chash_compiled compiled_after;
	sums	   *sums = test_alloc(sizeof(*sums));
	size_t		blocks;
	chash_diff	diff;
	chash_error error;

	CHECK(chash_compile(&compiled_before, before, &test_host, &error));
	CHECK(chash_compile(&compiled_after, after, &test_host, &error));
	sums->before = &compiled_before;
	sums->after = &compiled_after;
	sums->diff = &diff;
	if (!same_digests(before, after) && (takes_long(before) || takes_long(after)))
		return;
	blocks = test_live_blocks();
	chash_diff_begin(&diff, &compiled_before, &compiled_after, &test_host);
	if (diff.exact)
	{
		CHECK(!sampled && same_digests(before, after) && test_live_blocks() == blocks);
		if (!add_up(&diff, sums))
			return;
		check_totals(sums, true);
		check_totals(sums, false);
		check_positions(sums);
		check_promise(sums, how, place);
	}
	else if (sampled && same_digests(before, after) && test_live_blocks() == blocks)
	{
		check_sampled(&diff, sums);
		memset(sums->moves, 0, sizeof(sums->moves));
		for (blocks = 0; blocks < POSITIONS; blocks++)
		{
			uint32_t	source;
			uint32_t	target;

			route_both(sums, random_position(before->bits + diff.shift_before), &source, &target);
			sums->moves[source][target] = true;
		}
		check_promise(sums, how, place);
	}
	else
	{
		CHECK(add_up(&diff, sums));
		CHECK(fabs(sums->share - 1) < 1e-9);
	}
}

void
fuzz_one(input *in)
{
	edit		how = (edit) take_below(in, 6);
	uint32_t	place = take_byte(in);
	chash_router *before = take_router(in);
	chash_router *after;
	chash_error error;

	if (before->nshards == 0 || !before->strategy->hashed || !fixture_valid(before, &error) ||
		!is_affordable(before))
		return;
	place %= before->nshards;
	if (before->npins > 0 || (how == ANOTHER_SECRET && !before->p.check) || (before->ntokens > 0 && how != ANOTHER))
		how = SAME;
	if (before->strategy->can_remove && how == REMOVED &&
		!before->strategy->can_remove(before, place, &error))
		place = before->nshards - 1;
	after = how == ANOTHER ? another(before, in) : edited(before, how, place, in);
	if (!after->strategy->hashed || !fixture_valid(after, &error) || !is_affordable(after))
		return;
	check_difference(before, after, how, place);
}
