/*
 * assign_test.c
 *		Filling and rebalancing maps of slots: what Swift's builder moved, runs,
 *		limits, maps in disorder and large ones.
 */
#include "assigned.h"

#include <math.h>
#include <string.h>

/* ---- Swift ---- */

static uint32_t
parse_list(const char *list, uint32_t *numbers)
{
	uint32_t	n = 0;
	int			length;

	while (sscanf(list, "%*[[, ]%u%n", &numbers[n], &length) == 1)
	{
		list += length;
		n++;
	}
	return n;
}

static double
imbalance(const assigned *a)
{
	uint32_t	counts[MAX_SHARDS];
	double		total = 0;
	double		worst = 0;
	uint32_t	i;

	count_entries(a, a->map, counts);
	for (i = 0; i < a->n; i++)
		total += a->weight[i];
	for (i = 0; i < a->n; i++)
	{
		double		ideal = size_of(a) * a->weight[i] / total;

		worst = fmax(worst, fabs(counts[i] - ideal) / ideal * 100);
	}
	return worst;
}

/* The percentage of replicas that are one of too many in their zone. */
static double
dispersion(const assigned *a, uint32_t fair)
{
	uint32_t	excess = 0;
	uint32_t	slot;
	uint32_t	row;
	uint32_t	i;

	for (slot = 0; slot < a->slots; slot++)
	{
		for (row = 0; row < a->replicas; row++)
		{
			uint32_t	same = 0;

			for (i = 0; i < row; i++)
				same += a->zone[a->map[i * a->slots + slot]] ==
					a->zone[a->map[row * a->slots + slot]];
			excess += same >= fair;
		}
	}
	return 100.0 * excess / size_of(a);
}

/* Never worse than Swift's builder: moves, balance and dispersion. */
static void
swift(void)
{
	FILE	   *file = fixture_open_vectors("swift/summary.tsv");
	assigned	a;
	char		name[100];
	char		step[100];
	char		weights[100];
	char		zones[100];
	unsigned	power;
	unsigned	replicas;
	unsigned	lines = 0;
	unsigned	moved;
	double		overload;
	double		balance;
	double		swift_dispersion;

	while (fscanf(file, "%99s\t%99s\t%u\t%u\t%lf\t%99[^\t]\t%99[^\t]\t%u\t%lf\t%lf\t%*[^\n]\n",
				  name, step, &power, &replicas, &overload, weights, zones, &moved,
				  &balance, &swift_dispersion) == 10)
	{
		uint32_t	weight[MAX_SHARDS];
		uint32_t	zone[MAX_SHARDS];
		uint32_t	n = parse_list(weights, weight);
		uint32_t   *before;

		test_context("%s, %s", name, step);
		CHECK(parse_list(zones, zone) == n);
		if (overload > 0)
			continue;
		if (strcmp(step, "initial") == 0)
		{
			a = make_assigned(1U << power, replicas);
			a.zoned = true;
			for (a.n = 0; a.n < n;)
				add_shard(&a, weight[a.n], zone[a.n]);
			before = copy_map(&a);
			assign(&a, CHASH_NOBODY);
		}
		else if (strcmp(step, "add1") == 0)
		{
			add_shard(&a, weight[n - 1], zone[n - 1]);
			before = copy_map(&a);
			assign(&a, n - 1);
		}
		else
		{
			remove_shard(&a, 0);
			before = copy_map(&a);
			assign(&a, CHASH_NOBODY);
		}
		CHECK(compare_maps(&a, before, 0).moved <= moved);
		CHECK(imbalance(&a) <= balance + 0.00005);
		CHECK(dispersion(&a, strcmp(name, "r2_one_zone") == 0 ? 2 : 1) <= swift_dispersion + 0.00005);
		check_distinct(&a);
		lines++;
	}
	CHECK(feof(file) && lines == 12);
	fclose(file);
}

/* ---- runs ---- */

static uint32_t
count_runs(const assigned *a)
{
	uint32_t	runs = 1;
	uint32_t	i;

	for (i = 1; i < size_of(a); i++)
		runs += a->map[i] != a->map[i - 1];
	return runs;
}

/* An empty map becomes runs in the order of the shards; their neighbours' ends go to new ones. */
static void
runs(void)
{
	assigned	a = make_assigned(100, 1);
	uint32_t	slot;

	add_shard(&a, 1, 0);
	add_shard(&a, 1, 0);
	assign(&a, CHASH_NOBODY);
	for (slot = 0; slot < 100; slot++)
		CHECK(a.map[slot] == (slot >= 50));

	/* 50 and 50 become 34, 33 and 33, the new ones together in the middle */
	add_shard(&a, 1, 0);
	assign(&a, 2);
	for (slot = 0; slot < 100; slot++)
		CHECK(a.map[slot] == (slot < 34 ? 0 : slot < 67 ? 2 : 1));
	CHECK(count_runs(&a) == 3);

	/* two runs of others stay two runs */
	remove_shard(&a, 2);
	assign(&a, CHASH_NOBODY);
	for (slot = 0; slot < 100; slot++)
		CHECK(a.map[slot] == (slot >= 50));
}

static void
runs_of_many(void)
{
	assigned	a = make_assigned(16384, 1);
	uint32_t	i;

	for (i = 0; i < 20; i++)
		add_shard(&a, 1, 0);
	assign(&a, CHASH_NOBODY);
	CHECK(count_runs(&a) == 20);
	for (i = 0; i < 20; i++)
	{
		uint32_t	before = count_runs(&a);

		add_shard(&a, 1, 0);
		assign(&a, a.n - 1);
		test_context("shard %u, from %u to %u runs", a.n, before, count_runs(&a));
		CHECK(count_runs(&a) <= before + (i < 2 ? a.n / 2 + 1 : a.n));
	}
}

/* ---- quotas ---- */

/* More weight than a slot has replicas for goes to the others. */
static void
limits(void)
{
	assigned	a = make_assigned(100, 2);
	uint32_t	counts[MAX_SHARDS];

	add_shard(&a, 1000, 0);
	add_shard(&a, 2, 0);
	add_shard(&a, 1, 0);
	assign(&a, CHASH_NOBODY);
	count_entries(&a, a.map, counts);
	CHECK(counts[0] == 100 && counts[1] == 67 && counts[2] == 33);
	check_distinct(&a);

	/* as many shards as replicas: each has every slot */
	remove_shard(&a, 2);
	assign(&a, CHASH_NOBODY);
	count_entries(&a, a.map, counts);
	CHECK(counts[0] == 100 && counts[1] == 100);
	check_distinct(&a);
}

static void
too_many_replicas(void)
{
	uint32_t	map[6] = {7, 7, 7, 7, 7, 7};
	double		weights[2] = {1, 1};
	uint32_t	i;

	CHECK(!chash_assign_slots(map, 2, 3, weights, NULL, 2, CHASH_NOBODY, &test_host));
	for (i = 0; i < 6; i++)
		CHECK(map[i] == 7);
}

/* Weights that are no multiples of anything, and far apart. */
static void
odd_weights(void)
{
	double		weights[3] = {1e-300, 1e300, 1e300};
	double		thirds[3] = {0.1, 0.1, 0.1};
	chash_quota ideals[3];
	uint32_t	i;

	chash_quota_ideals(weights, 3, 1000, 1000, &test_host, ideals);
	CHECK(ideals[0].whole == 0 && ideals[0].rest == 0);
	CHECK(ideals[1].whole == 500 && ideals[1].rest == 0);
	chash_quota_ideals(thirds, 3, 3, 3, &test_host, ideals);
	for (i = 0; i < 3; i++)
		CHECK(ideals[i].whole == 1 && ideals[i].rest == 0);
	chash_quota_ideals(thirds, 3, 100, 100, &test_host, ideals);
	for (i = 0; i < 3; i++)
		CHECK(ideals[i].whole == 33 && fabs(ideals[i].rest - 1.0 / 3) < 1e-9);
}

/* ---- rebalancing ---- */

/* Any map, also with entries that nobody has, or somebody unknown, is brought to quotas. */
static void
rebalance(void)
{
	unsigned	round;

	for (round = 0; round < 2000; round++)
	{
		assigned	a = random_start(1 + test_below(3), test_below(2));
		uint32_t	holes = test_below(4) == 0 ? test_below(size_of(&a)) : 0;
		uint32_t	had[MAX_SHARDS];
		uint32_t	least[MAX_SHARDS];
		uint32_t	most[MAX_SHARDS];
		uint32_t	above = 0;
		uint32_t	ceilings;
		uint32_t	fewest = 0;
		uint32_t   *before;
		uint32_t	i;

		test_context("round %u: %u slots, %u replicas, %u shards", round, a.slots, a.replicas, a.n);
		for (i = 0; a.replicas == 1 && i < size_of(&a); i++)
			a.map[i] = test_below(1 + test_below(a.n));
		for (i = 0; i < a.n; i++)
			a.weight[i] = 1 + test_below(100);
		while (holes-- > 0)
			a.map[test_below(size_of(&a))] = test_below(2) ? CHASH_UNASSIGNED : a.n + test_below(100);
		for (i = 0; i < size_of(&a); i++)
		{
			if (a.map[i] >= a.n)
				a.map[i] = CHASH_UNASSIGNED;
		}
		before = copy_map(&a);
		assign(&a, CHASH_EVERYBODY);
		CHECK(within_quota(&a));
		check_distinct(&a);

		/* each is rounded down but so many, who best had more before */
		count_entries(&a, before, had);
		exact_quotas(&a, least, most);
		ceilings = size_of(&a);
		for (i = 0; i < a.n; i++)
		{
			above += most[i] > least[i] && had[i] > least[i];
			ceilings -= least[i];
			fewest += had[i] < least[i] ? had[i] : least[i];
		}
		fewest = size_of(&a) - fewest - (above < ceilings ? above : ceilings);
		if (a.replicas == 1)
			CHECK(compare_maps(&a, before, 0).moved == fewest);
		CHECK(compare_maps(&a, before, 0).least == fewest);

		/* and then nothing is left to be done */
		before = copy_map(&a);
		assign(&a, CHASH_EVERYBODY);
		CHECK(compare_maps(&a, before, 0).moved == 0);
	}
}

/* The largest map and the most shards, in no time. */
static void
large(void)
{
	const uint32_t slots = 1048576;
	const uint32_t n = 65535;
	uint32_t   *map = test_alloc(slots * sizeof(uint32_t));
	double	   *weights = test_alloc((n + 1) * sizeof(double));
	uint32_t   *counts = test_alloc((n + 1) * sizeof(uint32_t));
	uint32_t	changed = 0;
	uint32_t   *before;
	uint32_t	i;

	memset(map, 0xFF, slots * sizeof(uint32_t));
	memset(counts, 0, (n + 1) * sizeof(uint32_t));
	for (i = 0; i <= n; i++)
		weights[i] = 1 + i % 3;
	CHECK(chash_assign_slots(map, slots, 1, weights, NULL, n - 1, CHASH_NOBODY, &test_host));
	before = test_alloc(slots * sizeof(uint32_t));
	memcpy(before, map, slots * sizeof(uint32_t));
	CHECK(chash_assign_slots(map, slots, 1, weights, NULL, n, n - 1, &test_host));
	for (i = 0; i < slots; i++)
	{
		counts[map[i]]++;
		changed += map[i] != before[i];
		CHECK(map[i] == before[i] || map[i] == n - 1);
	}
	CHECK(changed == counts[n - 1] && changed >= 23 && changed <= 25);
	for (i = 0; i < n; i++)
		CHECK(fabs(counts[i] - slots * weights[i] / (2.0 * n)) < 1.01);

	/* three replicas on few shards in three zones, of which one goes */
	map = test_alloc(3 * slots * sizeof(uint32_t));
	memset(map, 0xFF, 3 * slots * sizeof(uint32_t));
	for (i = 0; i < 30; i++)
		counts[i] = i / 10;
	CHECK(chash_assign_slots(map, slots, 3, weights, counts, 30, CHASH_NOBODY, &test_host));
	for (i = 0; i < 3 * slots; i++)
	{
		if (map[i] == 29)
			map[i] = CHASH_UNASSIGNED;
	}
	CHECK(chash_assign_slots(map, slots, 3, weights, counts, 29, CHASH_NOBODY, &test_host));
	for (i = 0; i < slots; i++)
	{
		CHECK(map[i] != map[slots + i] && map[i] != map[2 * slots + i]);
		CHECK(map[slots + i] != map[2 * slots + i]);
	}
}

const test_case assign_tests[] = {
	{"assign: Swift's builder", swift},
	{"assign: runs", runs},
	{"assign: runs of many shards", runs_of_many},
	{"assign: no more than every slot", limits},
	{"assign: too many replicas", too_many_replicas},
	{"assign: odd weights", odd_weights},
	{"assign: rebalance", rebalance},
	{"assign: large maps", large},
	{NULL, NULL}
};
