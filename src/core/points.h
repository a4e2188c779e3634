/*
 * points.h
 *		The points of a ring, in their order.
 */
#ifndef CHASH_POINTS_H
#define CHASH_POINTS_H

#include "core/compile.h"
#include "core/radix.h"
#include "core/shares.h"

/* Before the first point there is room for so many others. */
#define CHASH_POINTS_ROOM	2

typedef struct chash_points
{
	chash_placement placement;	/* how they came here */
	uint32_t	count;
	chash_point *point;

	/*
	 * Heads nearly always decide; where positions are wider than these, the
	 * whole of each; else NULL.
	 */
	chash_uint *position;
	size_t		room;			/* of both arrays, at least count and CHASH_POINTS_ROOM */
} chash_points;

/* Whether the points of a router are neither none nor too many. */
extern bool chash_points_check_number(const chash_router *router, chash_error *error);

/* Room for so many points of a router, allocated from the host. */
extern void chash_points_allocate(const chash_router *router, const chash_host *host,
								  uint32_t count, chash_points *points);

/*
 * Place all points of a valid ring, sort them by position, and keep one at
 * each, which the dialect chooses.  False where a digest is unavailable.
 */
extern bool chash_points_place(const chash_router *router, const chash_host *host,
							   chash_points *points, chash_error *error);

/* What a point is called; text has CHASH_VNODE_TEXT bytes. */
extern void chash_point_name(const chash_router *router, const chash_placement *placement,
							 const chash_point *point, char *text);

/* The bytes that the arrays take. */
extern size_t chash_points_memory(const chash_points *points);

extern void chash_points_free(const chash_host *host, chash_points *points);

#endif							/* CHASH_POINTS_H */
