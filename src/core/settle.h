/*
 * settle.h
 *		A map of slots while it is being assigned (assign.h), and how it is
 *		put right where entries cannot simply be handed over.
 */
#ifndef CHASH_SETTLE_H
#define CHASH_SETTLE_H

#include "core/host.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct chash_map
{
	uint32_t   *entry;			/* [row * slots + slot], the caller's */
	uint32_t   *before;			/* what the entries were; NULL with one replica */
	uint32_t	slots;
	uint32_t	replicas;		/* number of rows */
	uint32_t	nshards;
	uint32_t   *zone;			/* of each shard; all below nshards */
	uint32_t	fair;			/* as many of a slot's replicas may be in a zone */
	uint32_t   *count;			/* entries of each shard, kept up to date */
	uint32_t   *target;			/* entries that it shall have */
	const chash_host *host;
} chash_map;

/* Begin with a map as it is; chash_map_end gives back what that allocates. */
extern void chash_map_begin(chash_map *map, uint32_t *entries, uint32_t slots,
							uint32_t replicas, const uint32_t *zones, uint32_t nshards,
							const chash_host *host);
extern void chash_map_end(chash_map *map);

/*
 * Count the entries.  Unknown shards, and all but the first entry of a shard in
 * a slot, become unassigned.  Returns how many are unassigned.
 */
extern uint32_t chash_map_clean(chash_map *map);

/* The entries of each shard in one row. */
extern void chash_map_count_row(const chash_map *map, uint32_t row, uint32_t *counts);

/* The shards with those of a zone together, zones in the order of their first shards. */
extern uint32_t *chash_map_sort_by_zone(const chash_map *map);

/* Change an entry; a shard may be CHASH_UNASSIGNED. */
extern void chash_map_set(chash_map *map, uint32_t row, uint32_t slot, uint32_t shard);

static inline uint32_t
chash_map_get(const chash_map *map, uint32_t row, uint32_t slot)
{
	return map->entry[(size_t) row * map->slots + slot];
}

/* Give the host a chance to stop, now and then in a loop over slots: each may have 64 replicas. */
static inline void
chash_map_check(const chash_map *map, uint32_t slot)
{
	if (slot % 1024 == 0)
		chash_check(map->host);
}

/* Whether one of a slot's replicas is on this shard. */
static inline bool
chash_map_has(const chash_map *map, uint32_t slot, uint32_t shard)
{
	uint32_t	row;

	for (row = 0; row < map->replicas; row++)
	{
		if (chash_map_get(map, row, slot) == shard)
			return true;
	}
	return false;
}

/* How many of a slot's replicas are in a zone. */
static inline uint32_t
chash_map_in_zone(const chash_map *map, uint32_t slot, uint32_t zone)
{
	uint32_t	count = 0;
	uint32_t	row;

	for (row = 0; row < map->replicas; row++)
	{
		uint32_t	shard = chash_map_get(map, row, slot);

		if (shard < map->nshards && map->zone[shard] == zone)
			count++;
	}
	return count;
}

/*
 * Take entries away that are too many in a zone, as far as the targets leave
 * room elsewhere; before anything else moves.
 */
extern void chash_settle_release(chash_map *map);

/*
 * Bring every shard to its target: whoever cannot take an entry, because it
 * has one of the slot, takes another whose shard can.
 */
extern void chash_settle_holes(chash_map *map);

/*
 * When every shard is at its target: exchange entries of two slots until none
 * has more in a zone than the targets force upon it.
 */
extern void chash_settle_zones(chash_map *map);

/* At last: a shard that had an entry of a slot before has the same one, if it has any. */
extern void chash_settle_order(chash_map *map);

#endif							/* CHASH_SETTLE_H */
