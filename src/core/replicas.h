/*
 * replicas.h
 *		The shards that hold a key when it is kept more than once.
 */
#ifndef CHASH_REPLICAS_H
#define CHASH_REPLICAS_H

#include "core/compile.h"

/*
 * The places of n distinct shards for a position, 1 <= n <= nshards, in the
 * order of preference: the owner first, then the shards that own the slices
 * after its own, or before it where a point serves the positions above it.  Of
 * a slot with several copies these come first, in their order.
 *
 * While there are zones that have no copy yet, shards of other zones are passed
 * over; a shard without a zone is a zone of its own.  Shards that serve nothing
 * come last, whatever their zones.  A shard that the key is pinned to (pins.h)
 * comes before all of them; pin is CHASH_NOT_PINNED if there is none.
 *
 * False where the strategy prefers none of the others.
 */
extern bool chash_replicas(const chash_compiled *compiled, const chash_host *host,
						   const chash_uint *position, uint32_t pin, uint32_t n,
						   uint32_t *places, chash_error *error);

#endif							/* CHASH_REPLICAS_H */
