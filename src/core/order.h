/*
 * order.h
 *		The orders in which the shards of a router are dealt with.
 */
#ifndef CHASH_ORDER_H
#define CHASH_ORDER_H

#include "core/router.h"

/*
 * The name of the shard at a place as the dialect uses it, which has *length
 * bytes: whole, or without the port that the dialect leaves out.
 */
extern const char *chash_name_used(const chash_router *router, uint32_t place, size_t *length);

/* The places of all shards in an order, which is not the strategy's own. */
extern uint32_t *chash_order_shards(const chash_router *router, const chash_host *host,
									chash_order order);

/*
 * Which of the shards serves where points meet: the one of the lowest rank.
 * chash's own rings rank by name and not by the order of the shards, so that a
 * ring depends on which shards it has and not on the order in which they came.
 */
extern uint32_t *chash_rank_shards(const chash_router *router, const chash_host *host);

#endif							/* CHASH_ORDER_H */
