/*
 * assigned.h
 *		Maps of slots to test with, and oracles that share no code with the
 *		core: ideals in whole numbers, and counting.
 */
#ifndef ASSIGNED_H
#define ASSIGNED_H

#include "core/assign.h"
#include "fixture.h"

#define MAX_SHARDS	64

/* A map with its shards; weights are whole, so that ideals can be computed exactly. */
typedef struct assigned
{
	uint32_t	slots;
	uint32_t	replicas;
	uint32_t	n;
	uint32_t	weight[MAX_SHARDS];
	uint32_t	zone[MAX_SHARDS];
	bool		zoned;
	uint32_t   *map;
} assigned;

/* How a map has changed. */
typedef struct change
{
	uint32_t	moved;			/* entries */
	uint32_t	least;			/* that must have, given what each shard had and has */
	uint32_t	strays;			/* entries moved from and to others than the changed shard */
} change;

/* The number of entries. */
extern uint32_t size_of(const assigned *a);

/* A map of unassigned entries, without shards. */
extern assigned make_assigned(uint32_t slots, uint32_t replicas);

extern uint32_t *copy_map(const assigned *a);

/* Call chash_assign_slots, which leaves nothing behind. */
extern void assign(assigned *a, uint32_t changed);

extern void add_shard(assigned *a, uint32_t weight, uint32_t zone);

/* Its entries become unassigned, the places above it one less. */
extern void remove_shard(assigned *a, uint32_t place);

/* Of each of MAX_SHARDS places, the entries in a map. */
extern void count_entries(const assigned *a, const uint32_t *map, uint32_t *counts);

/* The ideals rounded down and up, in whole numbers. */
extern void exact_quotas(const assigned *a, uint32_t *least, uint32_t *most);

extern bool within_quota(const assigned *a);

/* No shard twice in a slot, and no zone more often than the weights force it to be. */
extern void check_distinct(const assigned *a);

/* What has changed since a map was as it was before; only the "changed" shard may have. */
extern change compare_maps(const assigned *a, const uint32_t *before, uint32_t changed);

/* A random map, of which every shard has its quota. */
extern assigned random_start(uint32_t replicas, bool zoned);

#endif							/* ASSIGNED_H */
