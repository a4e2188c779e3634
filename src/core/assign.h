/*
 * assign.h
 *		Which shard has which slot: filling and rebalancing the map of a router
 *		with slots, so that the fewest entries move.
 *
 * A map has an entry for each replica of each slot: entry
 * [replica * slots + slot] is the place of the shard that has it.  A slot's
 * replicas are on different shards, and in different zones as far as the
 * weights allow.
 */
#ifndef CHASH_ASSIGN_H
#define CHASH_ASSIGN_H

#include "core/host.h"
#include "core/quota.h"

#include <stdbool.h>
#include <stdint.h>

/* An entry that no shard has. */
#define CHASH_UNASSIGNED	UINT32_MAX

/*
 * Fill and rebalance a map of so many slots and replicas.  Entries of unknown
 * shards count as unassigned.  "zones" has a number for the zone of each shard;
 * NULL if all differ.  "changed" says whose entries may move
 * (quota.h): CHASH_NOBODY's after a shard is gone, that of a shard which is
 * new or has a new weight, or CHASH_EVERYBODY's.
 *
 * Where there are several replicas, other entries move too where else two of
 * a slot would be on one shard, or in one zone without need.
 *
 * An empty map becomes runs of slots in the order of the shards, each of its
 * replicas the same, turned on by an equal part of the circle.
 *
 * False, and nothing done, if there are more replicas than shards.
 */
extern bool chash_assign_slots(uint32_t *map, uint32_t slots, uint32_t replicas,
							   const double *weights, const uint32_t *zones,
							   uint32_t nshards, uint32_t changed, const chash_host *host);

#endif							/* CHASH_ASSIGN_H */
