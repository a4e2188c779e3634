/*
 * assign_history_test.c
 *		Maps of slots through thousands of histories of shards that come, go and
 *		change their weights.
 */
#include "assigned.h"

#include <string.h>

/*
 * Whether quotas can be kept though no shard loses (gains) entries except the
 * changed one, which has so many.
 */
static bool
can_keep_quotas(const assigned *a, const uint32_t *counts, bool gain, uint32_t changed,
				uint32_t has)
{
	uint32_t	least[MAX_SHARDS];
	uint32_t	most[MAX_SHARDS];
	uint64_t	lowest = 0;
	uint64_t	highest = 0;
	uint32_t	i;

	exact_quotas(a, least, most);
	for (i = 0; i < a->n; i++)
	{
		uint32_t	from = gain && counts[i] > least[i] ? counts[i] : least[i];
		uint32_t	to = !gain && counts[i] < most[i] ? counts[i] : most[i];

		if (i == changed)
			from = to = has;
		if (from > to)
			return false;
		lowest += from;
		highest += to;
	}
	return lowest <= size_of(a) && highest >= size_of(a);
}

/* What is counted over many histories. */
typedef struct statistics
{
	unsigned	steps;
	unsigned	infeasible;		/* steps after which not all quotas can be kept */
	unsigned	moved;
	unsigned	extra;			/* moved above what must */
} statistics;

/* What must hold after a step in which one shard, or nobody, was changed. */
static void
check_step(const assigned *a, const uint32_t *before, uint32_t changed, bool gain,
		   statistics *sums)
{
	uint32_t	had[MAX_SHARDS];
	uint32_t	has[MAX_SHARDS];
	uint32_t	least[MAX_SHARDS];
	uint32_t	most[MAX_SHARDS];
	change		change = compare_maps(a, before, changed);
	bool		feasible;

	count_entries(a, before, had);
	count_entries(a, a->map, has);
	exact_quotas(a, least, most);
	if (changed == CHASH_NOBODY)
		feasible = can_keep_quotas(a, had, true, changed, 0);
	else
	{
		uint32_t	few = gain ? least[changed] : most[changed];
		uint32_t	many = gain ? most[changed] : least[changed];

		/* no more entries than it takes */
		if (gain ? had[changed] >= few : had[changed] <= few)
			few = had[changed];
		feasible = can_keep_quotas(a, had, !gain, changed, few);
		if (feasible)
			CHECK(has[changed] == few);
		else
			feasible = can_keep_quotas(a, had, !gain, changed, many);
	}
	CHECK(within_quota(a) || !feasible);
	check_distinct(a);

	sums->steps++;
	sums->infeasible += !feasible;
	sums->moved += change.moved;
	sums->extra += change.moved - change.least;
	if (a->replicas == 1)
		CHECK(change.moved == change.least && change.strays == 0);
}

static void
random_step(assigned *a, statistics *sums)
{
	uint32_t	place = test_below(a->n);
	uint32_t   *before;

	switch (test_below(3))
	{
		case 0:
			if (a->n == MAX_SHARDS)
				break;
			add_shard(a, 1 + test_below(1000), test_below(6));
			before = copy_map(a);
			assign(a, a->n - 1);
			check_step(a, before, a->n - 1, true, sums);
			break;
		case 1:
			if (a->n == a->replicas)
				break;
			remove_shard(a, place);
			before = copy_map(a);
			assign(a, CHASH_NOBODY);
			check_step(a, before, CHASH_NOBODY, true, sums);
			break;
		case 2:
			{
				uint32_t	old = a->weight[place];

				before = copy_map(a);
				a->weight[place] = 1 + test_below(1000);
				assign(a, place);
				check_step(a, before, place, a->weight[place] >= old, sums);
			}
	}
}

static statistics
run_histories(unsigned histories, uint32_t max_replicas, bool zoned)
{
	statistics	sums = {0, 0, 0, 0};
	unsigned	history;
	unsigned	step;

	for (history = 0; history < histories; history++)
	{
		assigned	a = random_start(1 + test_below(max_replicas), zoned);

		for (step = 0; step < 20; step++)
		{
			test_context("history %u, step %u: %u slots, %u replicas, %u shards", history, step,
						 a.slots, a.replicas, a.n);
			random_step(&a, &sums);
		}
	}
	return sums;
}

/*
 * Shards come, go and change their weights: quotas are kept in all but a few
 * odd histories, and there too entries move only from or to the changed shard.
 */
static void
histories(void)
{
	statistics	sums = run_histories(1000, 1, false);

	CHECK(sums.steps > 15000 && sums.extra == 0);
	CHECK(sums.infeasible < sums.steps / 500);
}

/* With replicas a few entries more have to move, to keep those of a slot apart. */
static void
histories_of_replicas(void)
{
	statistics	sums = run_histories(500, 4, false);

	CHECK(sums.steps > 8000 && sums.infeasible < sums.steps / 500);
	CHECK(sums.extra < sums.moved / 80);
}

static void
histories_of_zones(void)
{
	statistics	sums = run_histories(500, 4, true);

	CHECK(sums.steps > 8000 && sums.infeasible < sums.steps / 500);
	CHECK(sums.extra < sums.moved / 40);
}

const test_case assign_history_tests[] = {
	{"assign: histories", histories},
	{"assign: histories of replicas", histories_of_replicas},
	{"assign: histories of zones", histories_of_zones},
	{NULL, NULL}
};
