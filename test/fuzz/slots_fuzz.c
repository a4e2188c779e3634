/*
 * slots_fuzz.c
 *		A map of slots through a history of changes: whatever it was, afterwards
 *		every entry has a shard, no slot the same shard twice, zones are kept
 *		apart as far as weights allow, and only entries move that must.
 */
#include "assigned.h"
#include "fuzz.h"

#include <math.h>
#include <string.h>

#define MAX_SLOTS		80
#define MAX_CHANGES		6
#define MOST_SHARDS		14

/* Entries that nobody has, of shards that do not exist, and doubled ones. */
static void
spoil(assigned *a, input *in)
{
	uint32_t	n = take_below(in, 20);

	while (n-- > 0)
	{
		uint32_t	entry = take_number(in) % size_of(a);
		uint8_t		shard = take_byte(in);

		a->map[entry] = shard < 200 ? shard % a->n : shard < 230 ? shard : CHASH_UNASSIGNED;
	}
}

/* With one replica no entry moves in vain, and none between shards that stay. */
static void
check_moves(const assigned *a, const uint32_t *before, uint32_t changed)
{
	change		moved = compare_maps(a, before, changed);

	CHECK(moved.moved >= moved.least);
	if (a->replicas > 1)
		return;
	CHECK(moved.moved == moved.least);
	CHECK(moved.strays == 0 || changed == CHASH_EVERYBODY);
}

static void
change_map(assigned *a, input *in)
{
	uint32_t	place = take_below(in, a->n);
	uint32_t	changed = place;
	bool		spoiled = false;
	uint32_t   *before;

	switch (take_below(in, 6))
	{
		case 0:
			if (a->n >= MOST_SHARDS)
				return;
			changed = a->n;
			add_shard(a, 1 + take_byte(in), take_below(in, 5));
			break;
		case 1:
			if (a->n <= a->replicas)
				return;
			remove_shard(a, place);
			changed = CHASH_NOBODY;
			break;
		case 2:
			a->weight[place] = 1 + take_byte(in);
			break;
		case 3:
			a->zone[place] = take_below(in, 5);
			changed = CHASH_EVERYBODY;
			break;
		case 4:
			changed = CHASH_EVERYBODY;
			break;
		default:
			spoil(a, in);
			spoiled = true;
			changed = take_byte(in) % 2 ? CHASH_NOBODY : CHASH_EVERYBODY;
			break;
	}
	before = copy_map(a);
	assign(a, changed);
	check_distinct(a);
	if (changed == CHASH_EVERYBODY)
		CHECK(within_quota(a));
	if (!spoiled)
		check_moves(a, before, changed);
	chash_release(&test_host, before);
}

/* Weights of any size, for which there is no exact oracle. */
static void
any_weights(input *in)
{
	assigned	a = make_assigned(1 + take_below(in, MAX_SLOTS), 1 + take_below(in, 4));
	double		weights[MOST_SHARDS];
	uint32_t	n = take_below(in, MOST_SHARDS + 1);
	double		total = 0;
	bool		assigned_all;
	uint32_t	i;

	for (i = 0; i < n; i++)
	{
		double		weight = fabs(take_weight(in));

		weights[i] = isfinite(weight) && weight > 0 ? weight : 1;
		total += weights[i];
		add_shard(&a, 1, take_below(in, 4));
	}
	a.zoned = take_byte(in) % 2;
	if (n == 0 || !isfinite(total))
		return;
	assigned_all = chash_assign_slots(a.map, a.slots, a.replicas, weights, a.zoned ? a.zone : NULL,
									  n, CHASH_NOBODY, &test_host);
	CHECK(assigned_all == (a.replicas <= n));
	if (assigned_all)
		check_distinct(&a);
}

void
fuzz_one(input *in)
{
	uint32_t	kind = take_byte(in);
	uint32_t	changes = 1 + take_below(in, MAX_CHANGES);
	uint32_t	n;
	assigned	a;

	if (kind % 8 == 7)
	{
		any_weights(in);
		return;
	}
	a = make_assigned(1 + take_below(in, MAX_SLOTS), 1 + kind % 4);
	a.zoned = kind / 8 % 2;
	n = a.replicas + take_below(in, 6);
	while (a.n < n)
		add_shard(&a, kind / 16 % 2 ? 1 : 1 + take_byte(in), take_below(in, 5));
	assign(&a, CHASH_NOBODY);
	CHECK(within_quota(&a));
	check_distinct(&a);
	while (changes-- > 0)
		change_map(&a, in);
}
