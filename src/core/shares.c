/*
 * shares.c
 *		How many points of a ring a weight is worth.
 *
 * Libraries that give each shard a share of vnodes * n points, where n is the
 * number of shards, compute it in floating point, each in its own way, and the
 * rounding shows: of 61 equal shards some get 156 points and not 160.  So the
 * steps below, with a cast after each operation in floats, are the rule.
 */
#include "core/shares.h"

#include <math.h>

/* What the libraries compute in C with float variables. */
static double
libmemcached(float share, float points, float shards)
{
	float		labels = (float) (share * points);

	labels = (float) (labels / 4.0f);
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

double
chash_labels_of_shard(const chash_router *router, uint32_t place, double total)
{
	const chash_dialect *dialect = router->dialect;
	double		weight = router->shards[place].weight;
	double		shards = router->nshards;
	double		labels = (double) router->p.vnodes / chash_digest_points(router);
	double		rounded;
	float		share;

	switch (dialect->shares)
	{
		case CHASH_SHARES_ROUNDED:
			rounded = floor(labels * weight + 0.5);
			return rounded < 1 ? 1 : rounded;
		case CHASH_SHARES_ABSOLUTE:
			return floor(labels * weight);
		case CHASH_SHARES_EQUAL:
			return labels;
		case CHASH_SHARES_DOUBLE:
			return floor(weight / total * labels * shards);
		case CHASH_SHARES_LIBKETAMA:
			share = (float) ((float) weight / (float) total);
			return floor((float) ((double) share * labels * shards));
		case CHASH_SHARES_LIBMEMCACHED:
			return libmemcached((float) ((float) weight / (float) total),
								(float) router->p.vnodes, (float) shards);
		case CHASH_SHARES_DIVIDED:
			return floor_divide(labels * shards * weight, total);
	}
	return 0;
}

double
chash_points_of_all(const chash_router *router)
{
	double		total_weight = chash_router_total_weight(router);
	double		points = 0;
	uint32_t	i;

	if (router->dialect->generator == CHASH_POINTS_GIVEN)
		return router->ntokens;
	for (i = 0; i < router->nshards; i++)
		points += chash_labels_of_shard(router, i, total_weight) * chash_digest_points(router);
	return points;
}
