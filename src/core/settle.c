/*
 * settle.c
 *		A map of slots while it is being assigned: counting, and exchanges.
 *
 * A hole can be stuck: every shard that has room has another replica of the
 * slot.  Some slot without such a shard then has an entry whose shard the stuck
 * slot does not have, because both have equally many; that shard fills the
 * hole, and the one with room takes its place.  The same counting shows that of
 * a slot with too many replicas in a zone and one with too few, two entries can
 * always be exchanged so that fewer are too many.
 *
 * Entries that have moved already are exchanged at no cost, so that they are
 * preferred among a number of slots that are looked at.
 */
#include "core/settle.h"
#include "core/assign.h"

#include <stdlib.h>
#include <string.h>

/* Among so many slots the best one for an exchange is chosen. */
#define SLOTS_TO_CHOOSE_FROM	256

#define NO_COST		INT32_MAX

/* ---- the map ---- */

typedef struct member
{
	uint32_t	zone;
	uint32_t	shard;
} member;

static int
compare_members(const void *a, const void *b)
{
	const member *first = a;
	const member *second = b;

	if (first->zone != second->zone)
		return first->zone > second->zone ? 1 : -1;
	return (first->shard > second->shard) - (first->shard < second->shard);
}

/* Number the zones from 0 on, whatever their numbers were; returns how many there are. */
static uint32_t
number_zones(chash_map *map, const uint32_t *zones)
{
	uint32_t	n = map->nshards;
	member	   *sorted = chash_alloc(map->host, n * sizeof(*sorted));
	uint32_t	nzones = 0;
	uint32_t	i;

	for (i = 0; i < n; i++)
	{
		sorted[i].zone = zones ? zones[i] : i;
		sorted[i].shard = i;
	}
	qsort(sorted, n, sizeof(*sorted), compare_members);
	for (i = 0; i < n; i++)
	{
		if (i == 0 || sorted[i].zone != sorted[i - 1].zone)
			nzones++;
		map->zone[sorted[i].shard] = nzones - 1;
	}
	chash_release(map->host, sorted);
	return nzones;
}

void
chash_map_begin(chash_map *map, uint32_t *entries, uint32_t slots, uint32_t replicas,
				const uint32_t *zones, uint32_t nshards, const chash_host *host)
{
	size_t		nentries = (size_t) slots * replicas;
	uint32_t	nzones;

	map->entry = entries;
	map->before = NULL;
	map->slots = slots;
	map->replicas = replicas;
	map->nshards = nshards;
	map->host = host;
	map->zone = chash_alloc(host, nshards * sizeof(uint32_t));
	nzones = number_zones(map, zones);
	map->fair = replicas / nzones + (replicas % nzones > 0);
	map->count = chash_alloc(host, nshards * sizeof(uint32_t));
	map->target = chash_alloc(host, nshards * sizeof(uint32_t));
	if (replicas > 1)
	{
		map->before = chash_alloc(host, nentries * sizeof(uint32_t));
		memcpy(map->before, entries, nentries * sizeof(uint32_t));
	}
}

void
chash_map_end(chash_map *map)
{
	if (map->before)
		chash_release(map->host, map->before);
	chash_release(map->host, map->target);
	chash_release(map->host, map->count);
	chash_release(map->host, map->zone);
}

uint32_t
chash_map_clean(chash_map *map)
{
	uint32_t	unassigned = 0;
	uint32_t	slot;
	uint32_t	row;

	memset(map->count, 0, map->nshards * sizeof(uint32_t));
	for (slot = 0; slot < map->slots; slot++)
	{
		chash_map_check(map, slot);
		for (row = 0; row < map->replicas; row++)
		{
			uint32_t   *entry = &map->entry[(size_t) row * map->slots + slot];
			uint32_t	shard = *entry;

			*entry = CHASH_UNASSIGNED;
			if (shard < map->nshards && !chash_map_has(map, slot, shard))
				chash_map_set(map, row, slot, shard);
			else
				unassigned++;
		}
	}
	return unassigned;
}

void
chash_map_count_row(const chash_map *map, uint32_t row, uint32_t *counts)
{
	uint32_t	slot;

	memset(counts, 0, map->nshards * sizeof(uint32_t));
	for (slot = 0; slot < map->slots; slot++)
	{
		uint32_t	shard = chash_map_get(map, row, slot);

		if (shard != CHASH_UNASSIGNED)
			counts[shard]++;
	}
}

uint32_t *
chash_map_sort_by_zone(const chash_map *map)
{
	uint32_t	n = map->nshards;
	uint32_t   *sorted = chash_alloc(map->host, n * sizeof(uint32_t));
	uint32_t   *next = chash_alloc(map->host, n * sizeof(uint32_t));
	uint32_t	start = 0;
	uint32_t	i;

	/* the number of each zone's shards, then where its next one goes */
	memset(next, 0, n * sizeof(uint32_t));
	for (i = 0; i < n; i++)
		next[map->zone[i]]++;
	memset(sorted, 0, n * sizeof(uint32_t));
	for (i = 0; i < n; i++)
	{
		uint32_t	zone = map->zone[i];

		/* the marks of zones that have come up are in "sorted" until it is filled */
		if (!sorted[zone])
		{
			uint32_t	size = next[zone];

			sorted[zone] = 1;
			next[zone] = start;
			start += size;
		}
	}
	for (i = 0; i < n; i++)
		sorted[next[map->zone[i]]++] = i;
	chash_release(map->host, next);
	return sorted;
}

void
chash_map_set(chash_map *map, uint32_t row, uint32_t slot, uint32_t shard)
{
	uint32_t   *entry = &map->entry[(size_t) row * map->slots + slot];

	if (*entry < map->nshards)
		map->count[*entry]--;
	*entry = shard;
	if (shard < map->nshards)
		map->count[shard]++;
}

static uint32_t
get_before(const chash_map *map, uint32_t row, uint32_t slot)
{
	return map->before[(size_t) row * map->slots + slot];
}

/* Whether a shard had an entry of a slot before. */
static bool
had_before(const chash_map *map, uint32_t slot, uint32_t shard)
{
	uint32_t	row;

	for (row = 0; row < map->replicas; row++)
	{
		if (get_before(map, row, slot) == shard)
			return true;
	}
	return false;
}

/*
 * How many more entries of a slot differ from what they were with one shard
 * instead of another, in whichever order (chash_settle_order).
 */
static int
cost_of(const chash_map *map, uint32_t slot, uint32_t old, uint32_t new)
{
	return (int) had_before(map, slot, old) - (int) had_before(map, slot, new);
}

void
chash_settle_order(chash_map *map)
{
	uint32_t	slot;
	uint32_t	row;
	uint32_t	other;

	for (slot = 0; slot < map->slots; slot++)
	{
		chash_map_check(map, slot);
		for (row = 0; row < map->replicas; row++)
		{
			uint32_t	before = get_before(map, row, slot);
			uint32_t	shard = chash_map_get(map, row, slot);

			for (other = 0; other < map->replicas && shard != before; other++)
			{
				if (chash_map_get(map, other, slot) != before)
					continue;
				chash_map_set(map, other, slot, shard);
				chash_map_set(map, row, slot, before);
				break;
			}
		}
	}
}

/* ---- zones ---- */

/*
 * Of each zone, the entries that are too many in their slots and need not be:
 * the targets leave room for them elsewhere.  Returns how many there are.
 */
static uint64_t
count_excess(const chash_map *map, uint32_t *excess)
{
	uint32_t	n = map->nshards;
	uint64_t   *targets = chash_alloc(map->host, n * sizeof(uint64_t));
	uint64_t	fair = (uint64_t) map->fair * map->slots;
	uint64_t	sum = 0;
	uint32_t	slot;
	uint32_t	row;
	uint32_t	i;

	memset(excess, 0, n * sizeof(uint32_t));
	for (slot = 0; slot < map->slots; slot++)
	{
		chash_map_check(map, slot);
		for (row = 0; row < map->replicas; row++)
		{
			uint32_t	shard = chash_map_get(map, row, slot);
			uint32_t	same = 0;

			if (shard == CHASH_UNASSIGNED)
				continue;
			for (i = 0; i < row; i++)
			{
				uint32_t	other = chash_map_get(map, i, slot);

				same += other != CHASH_UNASSIGNED && map->zone[other] == map->zone[shard];
			}
			excess[map->zone[shard]] += same >= map->fair;
		}
	}

	memset(targets, 0, n * sizeof(uint64_t));
	for (i = 0; i < n; i++)
		targets[map->zone[i]] += map->target[i];
	for (i = 0; i < n; i++)
	{
		uint64_t	forced = targets[i] > fair ? targets[i] - fair : 0;

		excess[i] = excess[i] > forced ? excess[i] - (uint32_t) forced : 0;
		sum += excess[i];
	}
	chash_release(map->host, targets);
	return sum;
}

/* Of a shard that gives anyway if there is one, and of the last replica. */
void
chash_settle_release(chash_map *map)
{
	uint32_t   *excess = chash_alloc(map->host, map->nshards * sizeof(uint32_t));
	uint64_t	left = count_excess(map, excess);
	int			pass;
	uint32_t	slot;
	uint32_t	row;

	for (pass = 0; pass < 2 && left > 0; pass++)
	{
		for (slot = 0; slot < map->slots; slot++)
		{
			chash_map_check(map, slot);
			for (row = map->replicas; row > 0; row--)
			{
				uint32_t	shard = chash_map_get(map, row - 1, slot);

				if (shard == CHASH_UNASSIGNED || excess[map->zone[shard]] == 0 ||
					(pass == 0 && map->count[shard] <= map->target[shard]) ||
					chash_map_in_zone(map, slot, map->zone[shard]) <= map->fair)
					continue;
				chash_map_set(map, row - 1, slot, CHASH_UNASSIGNED);
				excess[map->zone[shard]]--;
				left--;
			}
		}
	}
	chash_release(map->host, excess);
}

/* An exchange that is being looked for: an entry of one slot for one of another. */
typedef struct exchange
{
	uint32_t	row;
	uint32_t	other_slot;
	uint32_t	other_row;
	int			cost;
} exchange;

/*
 * The cheapest exchange of an entry in a zone, of which a slot has too many,
 * for one of a slot that has too few.
 */
static void
try_zone_exchange(const chash_map *map, uint32_t zone, uint32_t slot, uint32_t other_slot,
				  exchange *best)
{
	uint32_t	row;
	uint32_t	other_row;

	for (row = 0; row < map->replicas; row++)
	{
		uint32_t	shard = chash_map_get(map, row, slot);

		if (map->zone[shard] != zone || chash_map_has(map, other_slot, shard))
			continue;
		for (other_row = 0; other_row < map->replicas; other_row++)
		{
			uint32_t	other = chash_map_get(map, other_row, other_slot);
			uint32_t	other_zone = map->zone[other];
			int			cost;

			if (other_zone == zone || chash_map_has(map, slot, other) ||
				chash_map_in_zone(map, other_slot, other_zone) <=
				chash_map_in_zone(map, slot, other_zone))
				continue;
			cost = cost_of(map, slot, shard, other) + cost_of(map, other_slot, other, shard);
			if (cost < best->cost)
			{
				best->row = row;
				best->other_slot = other_slot;
				best->other_row = other_row;
				best->cost = cost;
			}
		}
	}
}

/* Find a slot with too few of a zone, from the cursor on and around, and exchange. */
static bool
exchange_zones(chash_map *map, uint32_t zone, uint32_t slot, uint32_t *cursor)
{
	exchange	best = {0, 0, 0, NO_COST};
	uint32_t	looked_at = 0;
	uint32_t	other_slot = *cursor;
	uint32_t	step;

	for (step = 0; step < map->slots; step++)
	{
		if (chash_map_in_zone(map, other_slot, zone) < map->fair)
		{
			try_zone_exchange(map, zone, slot, other_slot, &best);
			if (best.cost <= 0 || ++looked_at == SLOTS_TO_CHOOSE_FROM)
				break;
		}
		if (++other_slot == map->slots)
			other_slot = 0;
	}
	*cursor = other_slot;
	chash_check(map->host);
	if (best.cost != NO_COST)
	{
		uint32_t	shard = chash_map_get(map, best.row, slot);
		uint32_t	other = chash_map_get(map, best.other_row, best.other_slot);

		chash_map_set(map, best.row, slot, other);
		chash_map_set(map, best.other_row, best.other_slot, shard);
	}
	return best.cost != NO_COST;
}

void
chash_settle_zones(chash_map *map)
{
	uint32_t   *excess = chash_alloc(map->host, map->nshards * sizeof(uint32_t));
	uint32_t   *cursor = chash_alloc(map->host, map->nshards * sizeof(uint32_t));
	bool		progress = true;
	uint32_t	slot;
	uint32_t	row;

	memset(cursor, 0, map->nshards * sizeof(uint32_t));
	while (progress && count_excess(map, excess) > 0)
	{
		progress = false;
		for (slot = 0; slot < map->slots; slot++)
		{
			chash_map_check(map, slot);
			for (row = 0; row < map->replicas; row++)
			{
				uint32_t	zone = map->zone[chash_map_get(map, row, slot)];

				while (excess[zone] > 0 && chash_map_in_zone(map, slot, zone) > map->fair &&
					   exchange_zones(map, zone, slot, &cursor[zone]))
				{
					excess[zone]--;
					progress = true;
				}
			}
		}
	}
	chash_release(map->host, cursor);
	chash_release(map->host, excess);
}

/* ---- holes ---- */

/* The shards below their targets, those that have reached them taken out. */
typedef struct needy
{
	uint32_t   *shard;
	uint32_t	count;
	uint32_t	cursor;			/* the slot at which the next exchange is looked for */
} needy;

/* Put a shard with room into an entry. */
static void
give_to_needy(chash_map *map, needy *needy, uint32_t i, uint32_t row, uint32_t slot)
{
	uint32_t	shard = needy->shard[i];

	chash_map_set(map, row, slot, shard);
	if (map->count[shard] == map->target[shard])
		needy->shard[i] = needy->shard[--needy->count];
}

/* How many replicas more will be too many in their zones. */
static int
zones_lost(const chash_map *map, uint32_t slot, uint32_t old, uint32_t new)
{
	uint32_t	fair = map->fair;
	uint32_t	old_zone = old == CHASH_UNASSIGNED ? CHASH_UNASSIGNED : map->zone[old];
	int			lost;

	if (old_zone == map->zone[new])
		return 0;
	lost = chash_map_in_zone(map, slot, map->zone[new]) >= fair;
	if (old != CHASH_UNASSIGNED)
		lost -= chash_map_in_zone(map, slot, old_zone) > fair;
	return lost;
}

/* The cheapest entry of another slot for which a shard with room can be had. */
static void
try_exchange(const chash_map *map, uint32_t taker, uint32_t slot, uint32_t other_slot,
			 exchange *best)
{
	uint32_t	other_row;

	for (other_row = 0; other_row < map->replicas; other_row++)
	{
		uint32_t	other = chash_map_get(map, other_row, other_slot);
		int			cost;

		if (other == CHASH_UNASSIGNED || chash_map_has(map, slot, other))
			continue;

		/* to take two replicas in a zone apart again would cost two entries */
		cost = cost_of(map, other_slot, other, taker) - had_before(map, slot, other) +
			2 * (zones_lost(map, slot, CHASH_UNASSIGNED, other) +
				 zones_lost(map, other_slot, other, taker));
		if (cost < best->cost)
		{
			best->other_slot = other_slot;
			best->other_row = other_row;
			best->cost = cost;
		}
	}
}

/*
 * False if nothing can be exchanged, which is so only while other slots have
 * holes that a shard with room can fill.
 */
static bool
fill_hole(chash_map *map, needy *needy, uint32_t row, uint32_t slot)
{
	exchange	best = {0, 0, 0, NO_COST};
	uint32_t	looked_at = 0;
	uint32_t	taker = needy->shard[0];
	uint32_t	step;
	uint32_t	i;

	chash_check(map->host);
	for (i = 0; i < needy->count && i <= map->replicas; i++)
	{
		if (!chash_map_has(map, slot, needy->shard[i]))
		{
			give_to_needy(map, needy, i, row, slot);
			return true;
		}
	}
	for (step = 0; step < map->slots; step++)
	{
		if (!chash_map_has(map, needy->cursor, taker))
		{
			try_exchange(map, taker, slot, needy->cursor, &best);
			if (best.cost <= 0 || ++looked_at == SLOTS_TO_CHOOSE_FROM)
				break;
		}
		if (++needy->cursor == map->slots)
			needy->cursor = 0;
	}
	if (best.cost == NO_COST)
		return false;
	chash_map_set(map, row, slot, chash_map_get(map, best.other_row, best.other_slot));
	give_to_needy(map, needy, 0, best.other_row, best.other_slot);
	return true;
}

/* Go through the map once; false if nothing was done. */
static bool
fill_holes(chash_map *map, needy *needy)
{
	bool		progress = false;
	uint32_t	slot;
	uint32_t	row;

	for (row = map->replicas; row > 0; row--)
	{
		for (slot = 0; slot < map->slots && needy->count > 0; slot++)
		{
			uint32_t	shard = chash_map_get(map, row - 1, slot);

			chash_map_check(map, slot);
			if (shard != CHASH_UNASSIGNED && map->count[shard] > map->target[shard])
			{
				chash_map_set(map, row - 1, slot, CHASH_UNASSIGNED);
				shard = CHASH_UNASSIGNED;
			}
			if (shard == CHASH_UNASSIGNED && fill_hole(map, needy, row - 1, slot))
				progress = true;
		}
	}
	return progress;
}

void
chash_settle_holes(chash_map *map)
{
	needy		needy = {NULL, 0, 0};
	uint32_t	i;

	needy.shard = chash_alloc(map->host, map->nshards * sizeof(uint32_t));
	for (i = 0; i < map->nshards; i++)
	{
		if (map->count[i] < map->target[i])
			needy.shard[needy.count++] = i;
	}
	while (needy.count > 0 && fill_holes(map, &needy))
		;
	chash_release(map->host, needy.shard);
}
