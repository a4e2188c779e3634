/*
 * slots.h
 *		The strategy "slots": the text form of slots, and changes of a map.
 */
#ifndef CHASH_SLOTS_H
#define CHASH_SLOTS_H

#include "core/assign.h"
#include "core/router.h"

/*
 * Start a map of nothing but unassigned entries, after the parameters are
 * complete.  False if it would be too large.
 */
extern bool chash_slots_begin(chash_router *router, const chash_host *host, chash_error *error);

/*
 * Give copy number "copy" of some slots to the shard at a place.  The text is
 * numbers and ranges, like "0-24,75-99"; it can be empty.  With "only_free" the
 * slots must be unassigned.  Otherwise whoever has them loses them; a shard
 * that has another copy of the slot exchanges it.
 */
extern bool chash_slots_give(chash_router *router, uint32_t place, uint32_t copy,
							 const char *text, bool only_free, const chash_host *host,
							 chash_error *error);

/* Whether every entry of the map is assigned. */
extern bool chash_slots_check_covered(const chash_router *router, chash_error *error);

/* Whether no slot has the same shard twice, in a map in which every entry is assigned. */
extern bool chash_slots_check_distinct(const chash_router *router, const chash_host *host,
									   chash_error *error);

/*
 * Rebalance the map; who may give and take: a place, or as in quota.h.  Does
 * nothing to a router that will not be valid, for its weights or replicas.
 */
extern void chash_slots_rebalance(chash_router *router, uint32_t changed,
								  const chash_host *host);

/* Take a shard's entries away, and one from the places above it. */
extern void chash_slots_remove_place(chash_router *router, uint32_t place);

/* Slots of one shard that follow each other, in the map of a copy. */
typedef struct chash_slot_run
{
	uint32_t	copy;
	uint32_t	first;
	uint32_t	last;
} chash_slot_run;

/*
 * All runs, those of a shard together and in order; start[i] is the first of
 * shard i, and of start there are one more than shards.  Both belong to the
 * caller.
 */
extern chash_slot_run *chash_slots_runs(const chash_router *router, const chash_host *host,
										uint32_t **start);

#endif							/* CHASH_SLOTS_H */
