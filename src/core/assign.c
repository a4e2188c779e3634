/*
 * assign.c
 *		Filling and rebalancing a map of slots.
 *
 * First it is decided how many entries each shard shall have (quota.h), then
 * which ones: entries move from shards with too many to shards with too few, in
 * passes that allow more and more.  At first an entry moves only where it
 * leaves every replica with its fair part of each shard and no two of a slot
 * in a zone.  What cannot be placed then is placed by exchange (settle.h).
 *
 * Runs of slots stay long because whoever has the neighbouring slot is asked
 * first, and because shards give from the ends of their runs, at best two of
 * them where their runs meet.
 */
#include "core/assign.h"
#include "core/settle.h"

#include <string.h>

#define NO_SHARD	UINT32_MAX
#define ALL_ROWS	UINT32_MAX

/*
 * Who may take entries: shards that have room, linked by zone, and the zones
 * that have such shards.  The last place of each list is its head.
 */
typedef struct receivers
{
	uint32_t   *room;			/* of each shard */
	uint32_t   *next;			/* shard, then heads of zones */
	uint32_t   *previous;
	uint32_t   *next_zone;		/* zone, then the head */
	uint32_t   *previous_zone;
} receivers;

/* What one call of chash_assign_slots works on. */
typedef struct assignment
{
	chash_map	map;
	receivers	to;
	uint32_t   *surplus;		/* of each shard, what it may give in this pass */
	bool		new_zones_only;
	bool		only_holes;
} assignment;

/* ---- lists ---- */

static void
list_clear(uint32_t *next, uint32_t *previous, uint32_t head)
{
	next[head] = previous[head] = head;
}

static void
list_append(uint32_t *next, uint32_t *previous, uint32_t head, uint32_t item)
{
	next[item] = head;
	previous[item] = previous[head];
	next[previous[item]] = item;
	previous[head] = item;
}

static void
list_remove(uint32_t *next, uint32_t *previous, uint32_t item)
{
	next[previous[item]] = next[item];
	previous[next[item]] = previous[item];
}

/* ---- receivers ---- */

/* Shards in the order of their places, zones in that of their first ones. */
static void
list_receivers(assignment *a)
{
	const chash_map *map = &a->map;
	receivers  *to = &a->to;
	uint32_t	n = map->nshards;
	uint32_t	i;

	list_clear(to->next_zone, to->previous_zone, n);
	for (i = 0; i < n; i++)
		list_clear(to->next, to->previous, n + i);
	for (i = 0; i < n; i++)
	{
		uint32_t	head = n + map->zone[i];

		if (to->room[i] == 0)
			continue;
		if (to->next[head] == head)
			list_append(to->next_zone, to->previous_zone, n, map->zone[i]);
		list_append(to->next, to->previous, head, i);
	}
}

static void
use_room(assignment *a, uint32_t shard)
{
	receivers  *to = &a->to;
	uint32_t	zone = a->map.zone[shard];
	uint32_t	head = a->map.nshards + zone;

	if (--to->room[shard] > 0)
		return;
	list_remove(to->next, to->previous, shard);
	if (to->next[head] == head)
		list_remove(to->next_zone, to->previous_zone, zone);
}

/* Whether a shard may take an entry of a slot. */
static bool
can_take(const assignment *a, uint32_t slot, uint32_t shard)
{
	const chash_map *map = &a->map;

	if (shard >= map->nshards || a->to.room[shard] == 0 || chash_map_has(map, slot, shard))
		return false;
	return !a->new_zones_only || chash_map_in_zone(map, slot, map->zone[shard]) < map->fair;
}

/*
 * Who takes the entry of a slot, whose neighbour has priority, or NO_SHARD.  A
 * slot can block no more zones, and no more shards, than it has replicas.
 */
static uint32_t
find_receiver(const assignment *a, uint32_t slot, uint32_t neighbour)
{
	const chash_map *map = &a->map;
	const receivers *to = &a->to;
	uint32_t	n = map->nshards;
	uint32_t	zone;
	uint32_t	shard;

	if (can_take(a, slot, neighbour))
		return neighbour;
	for (zone = to->next_zone[n]; zone != n; zone = to->next_zone[zone])
	{
		if (a->new_zones_only && chash_map_in_zone(map, slot, zone) >= map->fair)
			continue;
		for (shard = to->next[n + zone]; shard < n; shard = to->next[shard])
		{
			if (!chash_map_has(map, slot, shard))
				return shard;
		}
	}
	return NO_SHARD;
}

/* ---- passes ---- */

/*
 * Give an entry to a receiver, if there is one.  "step" is from the neighbour
 * to the slot.
 */
static bool
give_entry(assignment *a, uint32_t row, uint32_t slot, int step, bool only_neighbour)
{
	chash_map  *map = &a->map;
	uint32_t	giver = chash_map_get(map, row, slot);
	uint32_t	beside = slot - (uint32_t) step;
	uint32_t	neighbour = beside < map->slots ? chash_map_get(map, row, beside) : NO_SHARD;
	uint32_t	taker;

	if (only_neighbour && (neighbour >= map->nshards || a->to.room[neighbour] == 0))
		return false;

	/* it does not count as one of the slot's while a receiver is looked for */
	chash_map_set(map, row, slot, CHASH_UNASSIGNED);
	if (!only_neighbour)
		taker = find_receiver(a, slot, neighbour);
	else
		taker = can_take(a, slot, neighbour) ? neighbour : NO_SHARD;
	if (taker == NO_SHARD)
	{
		chash_map_set(map, row, slot, giver);
		return false;
	}
	chash_map_set(map, row, slot, taker);
	use_room(a, taker);
	if (giver != CHASH_UNASSIGNED)
		a->surplus[giver]--;
	return true;
}

/* Whether an entry has no shard, or one that has too many. */
static bool
is_given(const assignment *a, uint32_t row, uint32_t slot)
{
	uint32_t	shard = chash_map_get(&a->map, row, slot);

	return a->only_holes ? shard == CHASH_UNASSIGNED :
		shard != CHASH_UNASSIGNED && a->surplus[shard] > 0;
}

static void
pass_right(assignment *a, uint32_t row, bool only_neighbour)
{
	uint32_t	slot;

	for (slot = 0; slot < a->map.slots; slot++)
	{
		chash_map_check(&a->map, slot);
		if (is_given(a, row, slot))
			(void) give_entry(a, row, slot, 1, only_neighbour);
	}
}

static void
pass_left(assignment *a, uint32_t row, bool only_neighbour)
{
	uint32_t	slot;

	for (slot = a->map.slots; slot > 0; slot--)
	{
		chash_map_check(&a->map, slot);
		if (is_given(a, row, slot - 1))
			(void) give_entry(a, row, slot - 1, -1, only_neighbour);
	}
}

/* Where the runs of two shards meet that both have too many, both give. */
static void
pass_seams(assignment *a, uint32_t row)
{
	const chash_map *map = &a->map;
	uint32_t	seam;

	for (seam = 1; seam < map->slots; seam++)
	{
		uint32_t	left = chash_map_get(map, row, seam - 1);
		uint32_t	right = chash_map_get(map, row, seam);
		uint32_t	slot = seam;

		chash_map_check(map, seam);
		if (left == right || !is_given(a, row, seam - 1) || !is_given(a, row, seam))
			continue;
		while (slot > 0 && chash_map_get(map, row, slot - 1) == left && a->surplus[left] > 0 &&
			   give_entry(a, row, slot - 1, -1, false))
			slot--;
		while (seam < map->slots && chash_map_get(map, row, seam) == right &&
			   a->surplus[right] > 0 && give_entry(a, row, seam, 1, false))
			seam++;
	}
}

/* First what lengthens runs, then all; holes before shards with too many. */
static void
pass_row(assignment *a, uint32_t row)
{
	a->only_holes = true;
	pass_right(a, row, true);
	pass_left(a, row, true);
	pass_right(a, row, false);
	a->only_holes = false;
	pass_right(a, row, true);
	pass_left(a, row, true);
	pass_seams(a, row);
	pass_right(a, row, false);
}

/*
 * How many entries each shard may give and take, in one row or in all.  In one
 * row that is what brings it to its part of the row.
 */
static void
begin_pass(assignment *a, uint32_t row)
{
	const chash_map *map = &a->map;
	uint32_t	n = map->nshards;
	uint32_t   *in_row = NULL;
	uint32_t	i;

	if (row != ALL_ROWS)
	{
		in_row = chash_alloc(map->host, n * sizeof(uint32_t));
		chash_map_count_row(map, row, in_row);
	}
	for (i = 0; i < n; i++)
	{
		uint32_t	count = map->count[i];
		uint32_t	target = map->target[i];

		a->surplus[i] = count > target ? count - target : 0;
		a->to.room[i] = count < target ? target - count : 0;
		if (in_row)
		{
			uint32_t	least = target / map->replicas;
			uint32_t	most = least + (target % map->replicas > 0);
			uint32_t	surplus = in_row[i] > least ? in_row[i] - least : 0;
			uint32_t	room = in_row[i] < most ? most - in_row[i] : 0;

			if (surplus < a->surplus[i])
				a->surplus[i] = surplus;
			if (room < a->to.room[i])
				a->to.room[i] = room;
		}
	}
	if (in_row)
		chash_release(map->host, in_row);
	list_receivers(a);
}

/* First with every row by itself, so that each shard has its part of the first replicas. */
static void
run_passes(assignment *a)
{
	uint32_t	rows = a->map.replicas;
	uint32_t	row;

	for (row = 0; row < rows; row++)
	{
		begin_pass(a, rows > 1 ? row : ALL_ROWS);
		pass_row(a, row);
	}
	begin_pass(a, ALL_ROWS);
	for (row = 0; rows > 1 && row < rows; row++)
		pass_row(a, row);
}

/* ---- all of it ---- */

static void *
allocate_numbers(const chash_host *host, size_t count)
{
	return chash_alloc(host, count * sizeof(uint32_t));
}

static void
move_entries(chash_map *map)
{
	const chash_host *host = map->host;
	uint32_t	n = map->nshards;
	assignment	a;

	a.map = *map;
	a.to.room = allocate_numbers(host, n);
	a.to.next = allocate_numbers(host, (size_t) 2 * n);
	a.to.previous = allocate_numbers(host, (size_t) 2 * n);
	a.to.next_zone = allocate_numbers(host, (size_t) n + 1);
	a.to.previous_zone = allocate_numbers(host, (size_t) n + 1);
	a.surplus = allocate_numbers(host, n);
	a.new_zones_only = map->replicas > 1;
	run_passes(&a);
	if (a.new_zones_only)
	{
		a.new_zones_only = false;
		run_passes(&a);
	}
	chash_release(host, a.surplus);
	chash_release(host, a.to.previous_zone);
	chash_release(host, a.to.next_zone);
	chash_release(host, a.to.previous);
	chash_release(host, a.to.next);
	chash_release(host, a.to.room);
}

/*
 * An empty map: the shards in a line, those of a zone together, each as long as
 * it has entries, bent into a circle.  A replica goes round it in steps of one
 * per slot, each from a starting point of its own, so that no shard or zone is
 * met twice by a slot unless it is larger than the way to the next starting
 * point.  Holes are left where it is.
 */
static void
fill_circle(chash_map *map)
{
	uint32_t	replicas = map->replicas;
	uint32_t	slots = map->slots;
	uint32_t   *order = chash_map_sort_by_zone(map);
	uint32_t	position = 0;
	uint32_t	i;

	for (i = 0; i < map->nshards; i++)
	{
		uint32_t	shard = order[i];
		uint32_t	end = position + map->target[shard];

		chash_check(map->host);
		for (; position < end; position++)
		{
			uint32_t	row = position % replicas;
			uint32_t	start = (uint32_t) ((uint64_t) row * slots / replicas);
			uint32_t	slot = (position / replicas + slots - start) % slots;

			if (!chash_map_has(map, slot, shard))
				chash_map_set(map, row, slot, shard);
		}
	}
	chash_release(map->host, order);
}

bool
chash_assign_slots(uint32_t *entries, uint32_t slots, uint32_t replicas,
				   const double *weights, const uint32_t *zones, uint32_t nshards,
				   uint32_t changed, const chash_host *host)
{
	chash_map	map;
	chash_quota *ideals;
	uint32_t	free;

	if (replicas > nshards)
		return false;
	chash_map_begin(&map, entries, slots, replicas, zones, nshards, host);
	free = chash_map_clean(&map);
	ideals = chash_alloc(host, nshards * sizeof(*ideals));
	chash_quota_ideals(weights, nshards, slots * replicas, slots, host, ideals);
	memcpy(map.target, map.count, nshards * sizeof(uint32_t));
	chash_quota_targets(ideals, nshards, slots, free, changed, host, map.target);
	chash_release(host, ideals);

	if (replicas > 1)
	{
		if (free == slots * replicas)
			fill_circle(&map);
		else
			chash_settle_release(&map);
	}
	move_entries(&map);
	if (replicas > 1)
	{
		chash_settle_holes(&map);
		chash_settle_zones(&map);
		chash_settle_order(&map);
	}
	chash_map_end(&map);
	return true;
}
