/*
 * properties_test.c
 *		What every strategy promises in each of its dialects, on random routers:
 *		what moves when shards come, go and get other weights, which shards have
 *		the replicas of a key, and that a comparison of two routers agrees with
 *		what they answer.
 *
 * All rows of the table of dialects are gone through, and all strategies for
 * the one that any strategy has, so that new ones are tested when they appear.
 */
#include "core/diff.h"
#include "core/replicas.h"
#include "core/slots.h"
#include "fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CODE	64			/* of strategies */
#define ROUNDS		24			/* routers of each strategy and dialect */
#define PROBES		150			/* positions that are routed by each */
#define MAX_SHARDS	9

/* What a change of one shard may move. */
typedef enum promise
{
	NOTHING_ELSE,				/* positions to it or from it, no others */
	LITTLE_ELSE,				/* others, too, but on average few */
	ANYTHING
} promise;

/* How much else may move on average, and at the most, as parts of all positions. */
#define LITTLE		0.1
#define AT_MOST		0.4

/* What moved between the shards that were not changed. */
typedef struct others
{
	double		sum;
	double		highest;
	unsigned	routers;
} others;

/* ---- random routers ---- */

/* The rule is that of the dialect's points: whether those of a shard depend on the others. */
static promise
promise_of(const chash_router *router)
{
	const chash_strategy *strategy = router->strategy;
	const chash_dialect *dialect = router->dialect;

	if (strategy == &chash_strategy_modulo || strategy == &chash_strategy_hash_range)
		return ANYTHING;
	if (strategy == &chash_strategy_maglev || strategy == &chash_strategy_bounded)
		return LITTLE_ELSE;
	if (strategy == &chash_strategy_ring && dialect->generator != CHASH_POINTS_GIVEN &&
		dialect->shares != CHASH_SHARES_ROUNDED && dialect->shares != CHASH_SHARES_ABSOLUTE)
		return LITTLE_ELSE;
	return NOTHING_ELSE;
}

static bool
has_weights(const chash_router *router)
{
	const chash_strategy *strategy = router->strategy;
	const chash_dialect *dialect = router->dialect;

	return dialect->weights != CHASH_WEIGHTS_NONE && !dialect->weighted &&
		dialect->generator != CHASH_POINTS_GIVEN && strategy != &chash_strategy_jump &&
		strategy != &chash_strategy_jumpback && strategy != &chash_strategy_multiprobe;
}

static double
random_weight(const chash_router *router)
{
	if (!has_weights(router))
		return 1;
	if (router->strategy->unit_weights || router->dialect->weights == CHASH_WEIGHTS_WHOLE ||
		test_below(2) == 0)
		return 1 + test_below(5);
	return (50 + test_below(400)) / 100.0;
}

/* Names that differ; some begin or end as others do, and some have ports. */
static char *
random_name(void)
{
	static const char *const forms[] = {
		"%u", "n%u", "n%u-1", "10.0.0.%u:11211", "10.0.0.%u:11212", "\xc3\xa4%u", "[fe80::%u]:11211"
	};
	static unsigned names = 0;
	char		name[50];

	snprintf(name, sizeof(name), forms[test_below(7)], names++);
	return test_copy(name);
}

static void
add_tokens(chash_router *router, uint32_t place)
{
	uint32_t	n = 1 + test_below(4);
	unsigned	bits = router->hash ? router->hash->bits : chash_hash_by_code(router->dialect->hash)->bits;
	chash_token *tokens = test_alloc((router->ntokens + n) * sizeof(*tokens));
	uint32_t	i;

	if (router->ntokens > 0)
		memcpy(tokens, router->tokens, router->ntokens * sizeof(*tokens));
	for (i = 0; i < n; i++)
	{
		int64_t		half = (int64_t) (test_random() >> (65 - bits));

		tokens[router->ntokens].token = test_below(2) == 0 ? half : -half - 1;
		tokens[router->ntokens++].shard = place;
	}
	router->tokens = tokens;
}

static chash_router *
random_router(const chash_strategy *strategy, const chash_dialect *dialect, const char *hash)
{
	static const uint32_t sizes[] = {251, 1021, 509};
	chash_router *router = fixture_router(strategy->name, hash, 0, 2 + test_below(MAX_SHARDS - 2));
	bool		equal = test_below(3) == 0;
	uint32_t	i;

	router->dialect = dialect;
	if (chash_parameter_is_set(chash_parameter_by_name("vnodes"), &strategy->defaults) &&
		dialect->generator != CHASH_POINTS_GIVEN && dialect->shares != CHASH_SHARES_RUNNING)
		router->p.vnodes = 12 * (1 + test_below(8));
	if (strategy == &chash_strategy_maglev || strategy == &chash_strategy_bounded)
		router->p.slots = sizes[test_below(3)];
	if (strategy == &chash_strategy_slots)
		router->p.slots = (uint32_t) 64 << test_below(5);
	for (i = 0; i < router->nshards; i++)
	{
		router->shards[i].name = random_name();
		router->shards[i].weight = equal ? 1 : random_weight(router);
		if (dialect->generator == CHASH_POINTS_GIVEN)
			add_tokens(router, i);
	}
	chash_router_complete(router, &test_host);
	return router;
}

/* ---- changes ---- */

/* A copy that shares nothing that a change would change. */
static chash_router *
copy_router(const chash_router *router)
{
	chash_router *result = test_alloc(sizeof(*result));

	*result = *router;
	result->shards = test_alloc((router->nshards + 1) * sizeof(chash_shard));
	memcpy(result->shards, router->shards, router->nshards * sizeof(chash_shard));
	if (router->map)
	{
		result->map = test_alloc(chash_router_map_size(router) * sizeof(uint32_t));
		memcpy(result->map, router->map, chash_router_map_size(router) * sizeof(uint32_t));
	}
	if (router->ntokens > 0)
	{
		result->tokens = test_alloc(router->ntokens * sizeof(chash_token));
		memcpy(result->tokens, router->tokens, router->ntokens * sizeof(chash_token));
	}
	return result;
}

static chash_router *
with_shard(const chash_router *router)
{
	chash_router *result = copy_router(router);
	chash_shard added = {NULL, NULL, 0, 0};

	added.name = random_name();
	added.weight = random_weight(router);
	result->shards[result->nshards++] = added;
	if (router->ntokens > 0)
		add_tokens(result, router->nshards);
	if (result->map)
		chash_slots_rebalance(result, router->nshards, &test_host);
	chash_router_complete(result, &test_host);
	return result;
}

static chash_router *
without_shard(const chash_router *router, uint32_t place)
{
	chash_router *result = copy_router(router);
	uint32_t	i;

	result->nshards--;
	memmove(&result->shards[place], &result->shards[place + 1],
			(result->nshards - place) * sizeof(chash_shard));
	if (result->map)
	{
		chash_slots_remove_place(result, place);
		chash_slots_rebalance(result, CHASH_NOBODY, &test_host);
	}
	result->ntokens = 0;
	for (i = 0; i < router->ntokens; i++)
	{
		chash_token token = router->tokens[i];

		if (token.shard == place)
			continue;
		token.shard -= token.shard > place;
		result->tokens[result->ntokens++] = token;
	}
	return result;
}

static chash_router *
heavier(const chash_router *router, uint32_t place)
{
	chash_router *result = copy_router(router);

	result->shards[place].weight += 1 + test_below(4);
	if (result->map)
		chash_slots_rebalance(result, place, &test_host);
	return result;
}

/* ---- what moves ---- */

/*
 * Route random positions by both.  The shard "gone", if not -1, is not in the
 * second router; positions may move to the shard "gains" of it, and from "gone".
 */
static void
compare(chash_router *router, chash_router *other, int gone, int gains, others *moved)
{
	chash_compiled *before = fixture_compile(router);
	chash_compiled *after = fixture_compile(other);
	unsigned	elsewhere = 0;
	int			i;

	for (i = 0; i < PROBES; i++)
	{
		chash_uint	position = random_position(router->bits);
		int			source = (int) fixture_route(before, position);
		int			target = (int) fixture_route(after, position);

		if (source == gone)
			continue;
		source -= gone >= 0 && source > gone;
		if (source != target && target != gains)
			elsewhere++;
	}
	if (promise_of(router) == NOTHING_ELSE)
		CHECK(elsewhere == 0);
	moved->sum += (double) elsewhere / PROBES;
	moved->highest = fmax(moved->highest, (double) elsewhere / PROBES);
	moved->routers++;
}

/* Go through all strategies with all of their dialects. */
typedef void (*with_dialect) (const chash_strategy *strategy, const chash_dialect *dialect);

static void
for_all(with_dialect run)
{
	const chash_dialect *dialect;
	unsigned	pairs = 0;
	unsigned	i;

	for (i = 0; (dialect = chash_dialect_at(i)) != NULL; i++)
	{
		unsigned	code;

		for (code = 1; code < MAX_CODE; code++)
		{
			const chash_strategy *strategy = chash_strategy_by_code(code);

			if (!strategy || !strategy->hashed ||
				(dialect->strategy && dialect->strategy != strategy))
				continue;
			test_context("%s, %s", strategy->name, dialect->name);
			run(strategy, dialect);
			pairs++;
		}
	}
	CHECK(pairs >= 45);
}

static void
check_moves(const chash_strategy *strategy, const chash_dialect *dialect)
{
	others		moved = {0, 0, 0};
	int			round;

	for (round = 0; round < ROUNDS; round++)
	{
		chash_router *router = random_router(strategy, dialect, NULL);
		uint32_t	last = router->nshards - 1;
		uint32_t	place = strategy->can_remove ? last : test_below(router->nshards);

		compare(router, with_shard(router), -1, (int) router->nshards, &moved);
		compare(router, without_shard(router, place), (int) place, -1, &moved);
		if (has_weights(router))
			compare(router, heavier(router, place), -1, (int) place, &moved);
	}
	if (promise_of(random_router(strategy, dialect, NULL)) == LITTLE_ELSE)
	{
		CHECK(moved.sum / moved.routers < LITTLE);
		CHECK(moved.highest < AT_MOST);
	}
}

static void
moves(void)
{
	for_all(check_moves);
}

/* ---- replicas ---- */

/* How many zones have a shard that serves some position: one without points comes last. */
static uint32_t
zones_that_serve(const chash_compiled *compiled)
{
	const chash_router *router = compiled->router;
	bool		serves[MAX_SHARDS];
	uint32_t	n = 0;
	uint32_t	i;
	uint32_t	j;

	for (i = 0; i < router->nshards; i++)
		serves[i] = compiled->nslices == 0;
	for (i = 0; i < compiled->nslices; i++)
		serves[router->strategy->slice_shard(compiled, i)] = true;
	for (i = 0; i < router->nshards; i++)
	{
		const char *zone = router->shards[i].zone;

		for (j = 0; j < i; j++)
		{
			if (zone && serves[j] && router->shards[j].zone && strcmp(zone, router->shards[j].zone) == 0)
				break;
		}
		n += serves[i] && j == i;
	}
	return n;
}

static void
check_copies(const chash_compiled *compiled, uint32_t nzones, const uint32_t *places, uint32_t n,
			 chash_uint position)
{
	const chash_router *router = compiled->router;
	uint32_t	i;
	uint32_t	j;

	CHECK(places[0] == fixture_route(compiled, position));
	for (i = 0; i < n; i++)
	{
		const char *zone = router->shards[places[i]].zone;

		CHECK(places[i] < router->nshards);
		for (j = 0; j < i; j++)
		{
			const char *other = router->shards[places[j]].zone;

			CHECK(places[i] != places[j]);
			if (i < nzones)
				CHECK(!zone || !other || strcmp(zone, other) != 0);
		}
	}
}

static void
check_replicas(const chash_strategy *strategy, const chash_dialect *dialect)
{
	static const char *const zones[] = {NULL, "east", "west", "north"};
	int			round;

	for (round = 0; round < ROUNDS; round++)
	{
		chash_router *router = random_router(strategy, dialect, NULL);
		uint32_t	names = 1 + test_below(4);
		uint32_t	nzones;
		chash_compiled *compiled;
		uint32_t	i;

		for (i = 0; i < router->nshards; i++)
			router->shards[i].zone = zones[test_below(names)];
		compiled = fixture_compile(router);
		nzones = zones_that_serve(compiled);
		for (i = 0; i < PROBES / 4; i++)
		{
			chash_uint	position = random_position(router->bits);
			uint32_t	n = 1 + test_below(router->nshards);
			uint32_t	places[MAX_SHARDS];
			chash_error error;

			if (chash_replicas(compiled, &test_host, &position, CHASH_NOT_PINNED, n, places, &error))
				check_copies(compiled, nzones, places, n, position);
			else
				CHECK(!strategy->slice && !strategy->prefer);
		}
	}
}

static void
replicas(void)
{
	for_all(check_replicas);
}

/* ---- comparisons ---- */

/* What of the space moves from each shard to each, as a comparison says; whether it is exact. */
static bool
shares_of_diff(const chash_compiled *before, const chash_compiled *after,
			   double shares[MAX_SHARDS + 1][MAX_SHARDS + 1])
{
	chash_diff	diff;
	chash_piece piece;
	double		sum = 0;

	chash_diff_begin(&diff, before, after, &test_host);
	while (chash_diff_next(&diff, &piece))
	{
		double		share = diff.exact ? chash_uint_ratio(&piece.width, &diff.space) : piece.share;

		CHECK(piece.source < before->router->nshards && piece.target < after->router->nshards);
		shares[piece.source][piece.target] += share;
		sum += share;
	}
	CHECK(fabs(sum - 1) < 1e-9);
	return diff.exact;
}

/*
 * Compare with a count: of all positions, where there are few enough, and then
 * to the last one; else of a sample.
 */
static void
check_diff(const chash_compiled *before, const chash_compiled *after, uint32_t sample,
		   bool *is_exact)
{
	const chash_router *router = before->router;
	bool		all = router->bits <= 16;
	uint32_t	n = all ? (uint32_t) 1 << router->bits : sample;
	double		shares[MAX_SHARDS + 1][MAX_SHARDS + 1] = {{0}};
	uint32_t	counts[MAX_SHARDS + 1][MAX_SHARDS + 1] = {{0}};
	bool		exact = shares_of_diff(before, after, shares);
	uint32_t	i;
	uint32_t	j;

	for (i = 0; i < n; i++)
	{
		chash_uint	position = all ? chash_uint_from(i) : random_position(router->bits);

		counts[fixture_route(before, position)][fixture_route(after, position)]++;
	}
	for (i = 0; i < router->nshards; i++)
	{
		for (j = 0; j < after->router->nshards; j++)
		{
			double		share = shares[i][j];
			double		off = fabs((double) counts[i][j] / n - share);

			/* five standard deviations, and a little where something is very rare */
			if (exact && all)
				CHECK(off < 1e-9);
			else
				CHECK(off <= 5 * sqrt(share * (1 - share) / n) * (exact ? 1 : 1.2) + 4.0 / n);
		}
	}
	CHECK(exact == (before->router->strategy->sliced && after->router->strategy->sliced));
	*is_exact = exact;
}

/* With the dialect's hash, whose keys are sampled. */
static void
check_sampled(const chash_strategy *strategy, const chash_dialect *dialect)
{
	int			round;

	for (round = 0; round < 2; round++)
	{
		chash_router *router = random_router(strategy, dialect, NULL);
		chash_router *other = round == 0 ? with_shard(router) :
			without_shard(router, router->nshards - 1);
		bool		exact;

		check_diff(fixture_compile(router), fixture_compile(other), 6000, &exact);
	}
}

static void
sampled(void)
{
	for_all(check_sampled);
}

/*
 * Pairs of strategies whose positions have 16 bits, all of which are counted.
 */
static void
counted(void)
{
	unsigned	exact = 0;
	unsigned	pairs = 0;
	unsigned	a;
	unsigned	b;

	for (a = 1; a < MAX_CODE; a++)
	{
		const chash_strategy *first = chash_strategy_by_code(a);

		for (b = a; first && first->hashed && b < MAX_CODE; b++)
		{
			const chash_strategy *second = chash_strategy_by_code(b);
			bool		is_exact;

			if (!second || !second->hashed)
				continue;
			test_context("%s, %s", first->name, second->name);
			check_diff(fixture_compile(random_router(first, chash_dialect_default(), "crc16")),
					   fixture_compile(random_router(second, chash_dialect_default(), "crc16")),
					   0, &is_exact);
			exact += is_exact;
			pairs++;
		}
	}
	CHECK(pairs >= 55 && exact >= 21);
}

/* ---- slots ---- */

/* How far a shard is from its part of the slots, at the most. */
static double
furthest_from_ideal(const chash_router *router)
{
	double		total = chash_router_total_weight(router);
	double		furthest = 0;
	uint32_t	i;
	uint32_t	slot;

	for (i = 0; i < router->nshards; i++)
	{
		uint32_t	count = 0;

		for (slot = 0; slot < router->p.slots; slot++)
			count += router->map[slot] == i;
		furthest = fmax(furthest, fabs(count - router->p.slots * router->shards[i].weight / total));
	}
	return furthest;
}

/* Only where a change may not take back what an earlier one gave, a shard is further off. */
static void
slots_near_ideal(void)
{
	unsigned	changes = 0;
	unsigned	further = 0;
	int			round;

	for (round = 0; round < 400; round++)
	{
		chash_router *router = random_router(&chash_strategy_slots, chash_dialect_default(), NULL);
		int			change;

		test_context("round %d", round);
		CHECK(furthest_from_ideal(router) < 1);
		for (change = 0; change < 5; change++)
		{
			uint32_t	place = test_below(router->nshards);

			if (router->nshards < MAX_SHARDS && test_below(2) == 0)
				router = with_shard(router);
			else if (router->nshards > 1 && test_below(2) == 0)
				router = without_shard(router, place);
			else
				router = heavier(router, place);
			further += furthest_from_ideal(router) >= 1;
			changes++;
		}
	}
	CHECK(further * 500 < changes);
}

const test_case properties_tests[] = {
	{"properties: what moves", moves},
	{"properties: replicas", replicas},
	{"properties: comparisons and samples", sampled},
	{"properties: comparisons and all positions", counted},
	{"properties: slots are near their ideals", slots_near_ideal},
	{NULL, NULL}
};
