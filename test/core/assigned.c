/*
 * assigned.c
 *		Maps of slots to test with, and oracles for them.
 */
#include "assigned.h"

#include <string.h>

uint32_t
size_of(const assigned *a)
{
	return a->slots * a->replicas;
}

assigned
make_assigned(uint32_t slots, uint32_t replicas)
{
	assigned	a;

	memset(&a, 0, sizeof(a));
	a.slots = slots;
	a.replicas = replicas;
	a.map = test_alloc(size_of(&a) * sizeof(uint32_t));
	memset(a.map, 0xFF, size_of(&a) * sizeof(uint32_t));
	return a;
}

uint32_t *
copy_map(const assigned *a)
{
	uint32_t   *copy = test_alloc(size_of(a) * sizeof(uint32_t));

	memcpy(copy, a->map, size_of(a) * sizeof(uint32_t));
	return copy;
}

void
assign(assigned *a, uint32_t changed)
{
	size_t		blocks = test_live_blocks();
	double		weights[MAX_SHARDS];
	uint32_t	i;

	/* a fraction, so that sums of weights are rounded */
	for (i = 0; i < a->n; i++)
		weights[i] = a->weight[i] / 7.0;
	CHECK(chash_assign_slots(a->map, a->slots, a->replicas, weights,
							 a->zoned ? a->zone : NULL, a->n, changed, &test_host));
	CHECK(test_live_blocks() == blocks);
}

void
add_shard(assigned *a, uint32_t weight, uint32_t zone)
{
	a->weight[a->n] = weight;
	a->zone[a->n++] = zone;
}

void
remove_shard(assigned *a, uint32_t place)
{
	uint32_t	i;

	for (i = 0; i < size_of(a); i++)
	{
		if (a->map[i] == place)
			a->map[i] = CHASH_UNASSIGNED;
		else if (a->map[i] != CHASH_UNASSIGNED && a->map[i] > place)
			a->map[i]--;
	}
	a->n--;
	for (i = place; i < a->n; i++)
	{
		a->weight[i] = a->weight[i + 1];
		a->zone[i] = a->zone[i + 1];
	}
}

/* ---- oracles ---- */

void
count_entries(const assigned *a, const uint32_t *map, uint32_t *counts)
{
	uint32_t	i;

	memset(counts, 0, MAX_SHARDS * sizeof(uint32_t));
	for (i = 0; i < size_of(a); i++)
	{
		if (map[i] != CHASH_UNASSIGNED)
		{
			CHECK(map[i] < a->n);
			counts[map[i]]++;
		}
	}
}

void
exact_quotas(const assigned *a, uint32_t *least, uint32_t *most)
{
	bool		capped[MAX_SHARDS] = {false};
	uint64_t	left = size_of(a);
	bool		again = true;
	uint32_t	i;

	while (again)
	{
		uint64_t	total = 0;
		uint64_t	shared = left;

		again = false;
		for (i = 0; i < a->n; i++)
			total += capped[i] ? 0 : a->weight[i];
		for (i = 0; i < a->n; i++)
		{
			if (capped[i])
				continue;
			least[i] = (uint32_t) (shared * a->weight[i] / total);
			most[i] = least[i] + (shared * a->weight[i] % total > 0);
			if (most[i] > a->slots)
			{
				least[i] = most[i] = a->slots;
				left -= a->slots;
				capped[i] = again = true;
			}
		}
	}
}

bool
within_quota(const assigned *a)
{
	uint32_t	counts[MAX_SHARDS];
	uint32_t	least[MAX_SHARDS];
	uint32_t	most[MAX_SHARDS];
	uint32_t	i;

	count_entries(a, a->map, counts);
	exact_quotas(a, least, most);
	for (i = 0; i < a->n; i++)
	{
		if (counts[i] < least[i] || counts[i] > most[i])
			return false;
	}
	return true;
}

void
check_distinct(const assigned *a)
{
	uint32_t	in_zone[MAX_SHARDS] = {0};
	uint32_t	excess[MAX_SHARDS] = {0};
	uint32_t	nzones = 0;
	uint32_t	fair;
	uint32_t	slot;
	uint32_t	row;
	uint32_t	i;

	for (i = 0; i < a->n; i++)
	{
		uint32_t	zone = a->zoned ? a->zone[i] : i;
		uint32_t	j;

		for (j = 0; j < i && (a->zoned ? a->zone[j] : j) != zone; j++)
			;
		nzones += j == i;
	}
	fair = (a->replicas + nzones - 1) / nzones;
	for (slot = 0; slot < a->slots; slot++)
	{
		for (row = 0; row < a->replicas; row++)
		{
			uint32_t	shard = a->map[row * a->slots + slot];
			uint32_t	zone = a->zoned ? a->zone[shard] : shard;
			uint32_t	same = 0;

			for (i = 0; i < row; i++)
			{
				uint32_t	other = a->map[i * a->slots + slot];

				CHECK(other != shard);
				same += (a->zoned ? a->zone[other] : other) == zone;
			}
			in_zone[zone]++;
			excess[zone] += same >= fair;
		}
	}
	for (i = 0; i < MAX_SHARDS; i++)
	{
		uint32_t	forced = in_zone[i] > fair * a->slots ? in_zone[i] - fair * a->slots : 0;

		CHECK(excess[i] == forced);
	}
}

change
compare_maps(const assigned *a, const uint32_t *before, uint32_t changed)
{
	change		result = {0, 0, 0};
	uint32_t	had[MAX_SHARDS];
	uint32_t	has[MAX_SHARDS];
	uint32_t	i;

	count_entries(a, before, had);
	count_entries(a, a->map, has);
	for (i = 0; i < a->n; i++)
		result.least += has[i] > had[i] ? has[i] - had[i] : 0;
	for (i = 0; i < size_of(a); i++)
	{
		CHECK(a->map[i] < a->n);
		if (before[i] == a->map[i])
			continue;
		result.moved++;
		if (before[i] != CHASH_UNASSIGNED && before[i] != changed && a->map[i] != changed)
			result.strays++;
	}
	return result;
}

assigned
random_start(uint32_t replicas, bool zoned)
{
	uint32_t	slots = 1 + test_below(test_below(2) ? 50 : 2000);
	assigned	a = make_assigned(slots, replicas);
	uint32_t	n = replicas + test_below(8);
	uint32_t	heaviest = test_below(3) == 0 ? 1 : 1 + test_below(1000);

	a.zoned = zoned;
	while (a.n < n)
		add_shard(&a, 1 + test_below(heaviest), test_below(1 + test_below(6)));
	assign(&a, CHASH_NOBODY);
	CHECK(within_quota(&a));
	check_distinct(&a);
	return a;
}
