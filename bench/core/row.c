/*
 * row.c
 *		A row of the result: one way of routing among so many shards.
 */
#include "bench.h"

#include <string.h>

void
bench_row_begin(bench_row *row, const bench_case *which, uint32_t nshards)
{
	size_t		before;

	memset(row, 0, sizeof(*row));
	row->which = *which;
	row->nshards = nshards;
	row->arena = bench_arena_begin();
	row->router = bench_router(which, nshards, &row->arena->host);
	before = row->arena->live_bytes;
	row->refused = !bench_router_compile(&row->compiled, row->router, &row->arena->host, &row->error);
	if (row->refused)
		return;
	row->memory = row->arena->live_bytes - before;
	row->stored_size = chash_router_stored_size(row->router);
}

void
bench_row_end(bench_row *row)
{
	bench_arena_end(row->arena);
}

bool
bench_row_change(const bench_row *row, bench_change change, bench_arena *arena,
				 chash_compiled *after)
{
	uint32_t	last = row->nshards - 1;
	uint32_t	place = change == BENCH_REMOVE_FIRST ? 0 : change == BENCH_REMOVE_LAST ? last : row->nshards / 2;
	const chash_strategy *strategy = row->which.strategy;
	const chash_router *router;
	chash_error error;

	if (!strategy->hashed)
		return false;
	if (change == BENCH_ADD)
		router = bench_router_gain(row->router, &arena->host);
	else if (strategy->can_remove && !strategy->can_remove(row->router, place, &error))
		return false;
	else
		router = bench_router_lose(row->router, place, &arena->host);
	if (!bench_router_compile(after, router, &arena->host, &error))
		bench_die("%s: %s", strategy->name, error.message);
	return true;
}

uint32_t
bench_move_keys(const bench_row *row, const bench_effort *effort)
{
	uint32_t	affordable = effort->shards_by_keys / row->nshards;

	return row->which.linear && affordable < effort->keys ? affordable : effort->keys;
}

void
bench_row_count(bench_row *row, const bench_effort *effort)
{
	int			change;

	if (row->refused || !row->which.strategy->hashed)
		return;
	row->balance = bench_count_balance(&row->compiled, effort->keys, &row->arena->host, NULL);
	for (change = 0; change < BENCH_CHANGES; change++)
	{
		bench_arena *arena = bench_arena_begin();
		bench_moves *moves = &row->moves[change];
		chash_compiled after;

		if (bench_row_change(row, (bench_change) change, arena, &after) &&
			!bench_diff_moves(&row->compiled, &after, &arena->host, moves))
			*moves = bench_count_moves(&row->compiled, &after, bench_move_keys(row, effort),
									   &arena->host);
		bench_arena_end(arena);
	}
}
