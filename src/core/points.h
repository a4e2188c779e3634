/*
 * points.h
 *		The points of a ring, in their order.
 */
#ifndef CHASH_POINTS_H
#define CHASH_POINTS_H

#include "core/compile.h"
#include "core/shares.h"

/* A virtual node. */
typedef struct chash_node
{
	uint32_t	shard;
	uint32_t	number;			/* within its shard, from 0 */
} chash_node;

typedef struct chash_points
{
	chash_placement placement;	/* how they came here */
	uint32_t	count;

	/*
	 * Positions: the top 64 bits, which nearly always decide, and, where
	 * positions are wider, the whole.
	 */
	uint64_t   *head;
	chash_uint *position;		/* NULL where head is all */
	chash_node *node;

	/* of slices that are cut half way between points: the points */
	struct chash_points *near;

	/* of slices: how they are found fast, see index.h; NULL if they crowd together */
	struct chash_index *index;
} chash_points;

/* Whether the points of a router are neither none nor too many. */
extern bool chash_points_check_number(const chash_router *router, chash_error *error);

/*
 * Place all points of a valid ring, sort them by position, and keep one at
 * each, which the dialect chooses.  False where a digest is unavailable.
 */
extern bool chash_points_place(const chash_router *router, const chash_host *host,
							   chash_points *points, chash_error *error);

/* What a point is called; text has CHASH_VNODE_TEXT bytes. */
extern void chash_node_name(const chash_router *router, const chash_placement *placement,
							const chash_node *node, char *text);

extern void chash_points_free(const chash_host *host, chash_points *points);

#endif							/* CHASH_POINTS_H */
