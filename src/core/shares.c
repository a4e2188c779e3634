/*
 * shares.c
 *		How many points of a ring a weight is worth.
 *
 * Libraries that give each shard a share of vnodes * n points, where n is the
 * number of shards, compute it in floating point, each in its own way, and the
 * rounding shows: of 61 equal shards some get 156 points and not 160.  So the
 * steps below, with a cast after each operation in floats, are the rule.
 */
#include "core/rounded.h"
#include "core/shares.h"

#include <math.h>

/* What the libraries compute in C with float variables. */
static double
libmemcached(float share, float points, float digest_points, float shards)
{
	float		labels = (float) (share * points);

	labels = (float) (labels / digest_points);
	labels = (float) (labels * shards);
	return floor((float) ((double) labels + 0.0000000001));
}

/* a // b as Python has it, which rounds once and not twice. */
static double
floor_divide(double a, double b)
{
	double		quotient = (a - fmod(a, b)) / b;
	double		whole = floor(quotient);

	return quotient - whole > 0.5 ? whole + 1 : whole;
}

/* Whether a weight makes the dialect place its points as another one does. */
static bool
is_weighted(const chash_router *router)
{
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
	{
		if (router->shards[i].weight > 1)
			return true;
	}
	return false;
}

chash_placement
chash_placement_of(const chash_router *router)
{
	const chash_dialect *dialect = router->dialect;
	chash_placement placement = {dialect, NULL, router->p.vnodes, router->p.digest_points};

	/* points that are given come one by one */
	if (placement.digest_points == 0)
		placement.digest_points = 1;

	if (dialect->weighted && is_weighted(router))
	{
		const chash_parameters *defaults = &router->strategy->defaults;

		placement.dialect = dialect = chash_dialect_by_code(dialect->weighted);
		placement.vnodes = dialect->defaults.vnodes ? dialect->defaults.vnodes : defaults->vnodes;
		placement.digest_points = dialect->defaults.digest_points ?
			dialect->defaults.digest_points : defaults->digest_points;
	}
	placement.hash = dialect->points_hash ? chash_hash_by_code(dialect->points_hash) :
		chash_hash_for_labels(router->hash);
	return placement;
}

/*
 * Envoy makes its ring larger until the smallest weight is worth a whole number
 * of points, and rounds nothing but the sum so far.
 */
static void
begin_running(chash_shares_walk *walk)
{
	const chash_router *router = walk->router;
	double		least = router->shards[0].weight;
	uint32_t	i;

	for (i = 1; i < router->nshards; i++)
		least = router->shards[i].weight < least ? router->shards[i].weight : least;
	least = chash_rounded(least / walk->total);
	walk->scale = chash_rounded(ceil(chash_rounded(least * walk->placement.vnodes)) / least);
	walk->target = 0;
	walk->placed = 0;
}

static double
next_running(chash_shares_walk *walk, double weight)
{
	double		share = chash_rounded(weight / walk->total);
	double		before = walk->placed;

	walk->target = chash_rounded(walk->target + chash_rounded(walk->scale * share));
	if (walk->target > walk->placed)
		walk->placed = ceil(walk->target);
	return walk->placed - before;
}

void
chash_shares_begin(chash_shares_walk *walk, const chash_router *router)
{
	walk->router = router;
	walk->placement = chash_placement_of(router);
	walk->total = chash_router_total_weight(router);
	walk->next = 0;
	if (walk->placement.dialect->shares == CHASH_SHARES_RUNNING)
		begin_running(walk);
}

double
chash_shares_next(chash_shares_walk *walk)
{
	const chash_placement *placement = &walk->placement;
	double		weight = walk->router->shards[walk->next++].weight;
	double		shards = walk->router->nshards;
	double		labels = (double) placement->vnodes / placement->digest_points;
	double		rounded;
	float		share;

	switch (placement->dialect->shares)
	{
		case CHASH_SHARES_ROUNDED:
			rounded = floor(labels * weight + 0.5);
			return rounded < 1 ? 1 : rounded;
		case CHASH_SHARES_ABSOLUTE:
			return floor(labels * weight);
		case CHASH_SHARES_DOUBLE:
			return floor(weight / walk->total * labels * shards);
		case CHASH_SHARES_LIBKETAMA:
			share = (float) ((float) weight / (float) walk->total);
			return floor((float) ((double) share * labels * shards));
		case CHASH_SHARES_LIBMEMCACHED:
			return libmemcached((float) ((float) weight / (float) walk->total),
								(float) placement->vnodes, (float) placement->digest_points,
								(float) shards);
		case CHASH_SHARES_DIVIDED:
			return floor_divide(labels * shards * weight, walk->total);
		case CHASH_SHARES_RUNNING:
			return next_running(walk, weight);
	}
	return 0;
}

double
chash_points_of_all(const chash_router *router)
{
	chash_shares_walk walk;
	double		points = 0;

	if (router->dialect->generator == CHASH_POINTS_GIVEN)
		return router->ntokens;
	chash_shares_begin(&walk, router);
	while (walk.next < router->nshards)
		points += chash_shares_next(&walk) * walk.placement.digest_points;
	return points;
}
