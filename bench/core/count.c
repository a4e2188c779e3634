/*
 * count.c
 *		How evenly a router spreads keys, and what moves from one to another.
 */
#include "bench.h"

#include "core/diff.h"
#include "core/splitmix.h"

#include <string.h>

#define NOWHERE		UINT32_MAX

/* ---- balance ---- */

/* Of shares that add up to 1. */
static bench_balance
balance_of(const double *shares, uint32_t nshards, uint32_t keys)
{
	bench_balance balance = {keys, 0, 0};
	uint32_t	i;

	balance.min = nshards;
	for (i = 0; i < nshards; i++)
	{
		double		ratio = shares[i] * nshards;

		if (ratio > balance.max)
			balance.max = ratio;
		if (ratio < balance.min)
			balance.min = ratio;
	}
	return balance;
}

static bench_balance
balance_of_counts(const uint32_t *counts, uint32_t nshards, uint32_t keys, double *shares)
{
	uint32_t	i;

	for (i = 0; i < nshards; i++)
		shares[i] = (double) counts[i] / keys;
	return balance_of(shares, nshards, keys);
}

static void
shares_of_slices(const chash_compiled *compiled, const chash_host *host, double *shares)
{
	uint32_t	n = compiled->router->nshards;
	chash_uint *positions = chash_alloc(host, n * sizeof(*positions));
	uint32_t	i;

	chash_count_positions(compiled, positions);
	for (i = 0; i < n; i++)
		shares[i] = chash_uint_ratio(&positions[i], &compiled->space);
	chash_release(host, positions);
}

static uint32_t
route_key(const chash_compiled *compiled, uint32_t i)
{
	char		key[BENCH_KEY_BYTES];
	chash_uint	position;

	bench_key(i, key);
	position = bench_position(compiled->router, key);
	return chash_route(compiled, &position);
}

bench_balance
bench_count_balance(const chash_compiled *compiled, uint32_t keys, const chash_host *host,
					double *shares)
{
	uint32_t	n = compiled->router->nshards;
	double	   *own = chash_alloc(host, n * sizeof(*own));
	uint32_t   *counts = chash_alloc(host, n * sizeof(*counts));
	bench_balance balance;
	uint32_t	i;

	memset(counts, 0, n * sizeof(*counts));
	if (compiled->router->strategy->sliced)
	{
		shares_of_slices(compiled, host, own);
		balance = balance_of(own, n, 0);
	}
	else
	{
		for (i = 0; i < keys; i++)
			counts[route_key(compiled, i)]++;
		balance = balance_of_counts(counts, n, keys, own);
	}
	if (shares)
		memcpy(shares, own, n * sizeof(*own));
	chash_release(host, counts);
	chash_release(host, own);
	return balance;
}

bench_balance
bench_balance_by_lot(uint32_t nshards, uint32_t keys, const chash_host *host)
{
	double	   *shares = chash_alloc(host, nshards * sizeof(*shares));
	uint32_t   *counts = chash_alloc(host, nshards * sizeof(*counts));
	bench_balance balance;
	uint32_t	i;

	memset(counts, 0, nshards * sizeof(*counts));
	for (i = 0; i < keys; i++)
		counts[chash_splitmix64((i + UINT64_C(1)) * CHASH_SPLITMIX_STEP) % nshards]++;
	balance = balance_of_counts(counts, nshards, keys, shares);
	chash_release(host, counts);
	chash_release(host, shares);
	return balance;
}

/* ---- moves ---- */

/* Where each shard of a router is in another one, by its name; NOWHERE if it is not. */
static uint32_t *
find_shards(const chash_router *router, const chash_router *other, const chash_host *host)
{
	const chash_shard **sorted = chash_router_sort_by_name(router, host);
	const chash_shard **others = chash_router_sort_by_name(other, host);
	uint32_t   *places = chash_alloc(host, router->nshards * sizeof(*places));
	uint32_t	i = 0;
	uint32_t	j = 0;

	while (i < router->nshards)
	{
		int			order = j == other->nshards ? -1 : strcmp(sorted[i]->name, others[j]->name);

		if (order <= 0)
			places[sorted[i] - router->shards] = order < 0 ? NOWHERE : (uint32_t) (others[j] - other->shards);
		i += order <= 0;
		j += order >= 0;
	}
	chash_release(host, others);
	chash_release(host, sorted);
	return places;
}

/* The shards of two routers, found in each other. */
typedef struct mapping
{
	uint32_t   *later;			/* of each shard before, its place after */
	uint32_t   *earlier;		/* and the other way round */
} mapping;

static mapping
map_shards(const chash_compiled *before, const chash_compiled *after, const chash_host *host)
{
	mapping		map;

	map.later = find_shards(before->router, after->router, host);
	map.earlier = find_shards(after->router, before->router, host);
	return map;
}

static void
free_mapping(mapping *map, const chash_host *host)
{
	chash_release(host, map->later);
	chash_release(host, map->earlier);
}

static bool
is_move(const mapping *map, uint32_t source, uint32_t target)
{
	return map->later[source] != target;
}

static bool
is_needless(const mapping *map, uint32_t source, uint32_t target)
{
	return is_move(map, source, target) &&
		map->later[source] != NOWHERE && map->earlier[target] != NOWHERE;
}

bool
bench_diff_moves(const chash_compiled *before, const chash_compiled *after,
				 const chash_host *host, bench_moves *moves)
{
	chash_uint	moved = chash_uint_from(0);
	chash_uint	needless = chash_uint_from(0);
	mapping		map;
	chash_diff	diff;
	chash_piece piece;

	if (!before->router->strategy->sliced || !after->router->strategy->sliced)
		return false;
	chash_diff_begin(&diff, before, after, host);
	if (!diff.exact)
		return false;
	map = map_shards(before, after, host);
	while (chash_diff_next(&diff, &piece))
	{
		if (is_move(&map, piece.source, piece.target))
			moved = chash_uint_add(&moved, &piece.width);
		if (is_needless(&map, piece.source, piece.target))
			needless = chash_uint_add(&needless, &piece.width);
	}
	free_mapping(&map, host);
	moves->possible = true;
	moves->keys = 0;
	moves->moved = chash_uint_ratio(&moved, &diff.space);
	moves->needless = chash_uint_ratio(&needless, &diff.space);
	return true;
}

bench_moves
bench_count_moves(const chash_compiled *before, const chash_compiled *after, uint32_t keys,
				  const chash_host *host)
{
	mapping		map = map_shards(before, after, host);
	bench_moves moves = {true, keys, 0, 0};
	uint32_t	moved = 0;
	uint32_t	needless = 0;
	uint32_t	i;

	for (i = 0; i < keys; i++)
	{
		uint32_t	source = route_key(before, i);
		uint32_t	target = route_key(after, i);

		moved += is_move(&map, source, target);
		needless += is_needless(&map, source, target);
	}
	free_mapping(&map, host);
	moves.moved = (double) moved / keys;
	moves.needless = (double) needless / keys;
	return moves;
}
