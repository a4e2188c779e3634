/*
 * bounded.c
 *		The strategy "bounded" (Mirrokni, Thorup and Zadimoghaddam, "Consistent
 *		Hashing with Bounded Loads", SODA 2018): position mod slots, and a table
 *		from the slots to the shards.
 *
 * A slot is hashed like a key and belongs to the first point on a ring of
 * virtual nodes whose shard has room.  The slots come in their order, and a
 * shard has room for no more than "load" times its part of them.
 *
 * Which libraries do the same, and how they compute the room, is in the table
 * of dialects.
 */
#include "core/points.h"
#include "core/rounded.h"
#include "core/shares.h"
#include "core/units.h"

#include <math.h>
#include <string.h>

/* How often to give the host a chance to stop, in slots. */
#define SLOTS_BETWEEN_CHECKS	4096

/* ---- how much room there is ---- */

/* How many slots a shard may have whose weight is this part of all weights. */
static uint32_t
capacity(const chash_router *router, double part)
{
	uint32_t	slots = router->p.slots;
	double		load = router->p.load;
	double		result = 0;

	switch (router->dialect->capacity)
	{
		case CHASH_CAPACITY_WEIGHTED:
			result = chash_rounded(chash_rounded(slots * load) * part);
			break;
		case CHASH_CAPACITY_WHOLE:
			result = chash_rounded(slots / router->nshards * load);
			break;
		case CHASH_CAPACITY_DIVIDED:
			result = chash_rounded(chash_rounded((double) slots / router->nshards) * load);
			break;
	}
	result = ceil(result);
	return result < slots ? (uint32_t) result : slots;
}

/*
 * Whether all slots find a place where all shards have the same room.  Where
 * it depends on weights they do: it adds up to the slots at least.
 */
static bool
check_room(const chash_router *router, chash_error *error)
{
	uint32_t	n = router->nshards;
	uint32_t	each;

	if (n > router->p.slots && router->dialect->capacity == CHASH_CAPACITY_WEIGHTED)
	{
		chash_fail(error, CHASH_ERROR_VALUE, "%u slots are too few for %u shards",
				   router->p.slots, n);
		return chash_fail_hint(error, "Each shard needs a slot, and should have a hundred or more.");
	}
	if (router->dialect->capacity == CHASH_CAPACITY_WEIGHTED)
		return true;
	each = capacity(router, 0);
	if ((uint64_t) each * n >= router->p.slots)
		return true;
	chash_fail(error, CHASH_ERROR_VALUE,
			   "%u shards with room for %u slots each cannot hold %u slots",
			   n, each, router->p.slots);
	return chash_fail_hint(error, "Use a larger load, or as many slots as shards or a multiple of them.");
}

static bool
validate(const chash_router *router, chash_error *error)
{
	return chash_label_check(router->p.label, error) &&
		chash_points_check_number(router, error) && check_room(router, error) &&
		chash_router_check_whole_digest(router, error);
}

/* ---- filling the table ---- */

typedef struct filling
{
	const chash_router *router;
	const chash_points *points;
	uint32_t   *next;			/* of a point whose shard is full: where to look next */
	uint32_t   *room;			/* of each shard */
	uint32_t	visible;		/* room of all shards that have points */
	const chash_shard **by_name;	/* the shards in the order of their names */
	uint32_t	hidden;			/* of these, the first that may have room besides */
} filling;

/* The first point at or after a position, beyond the last one the first. */
static uint32_t
first_point(const chash_router *router, const chash_points *points, const chash_uint *position)
{
	uint64_t	wanted = chash_position_head(router, position);
	uint32_t	low = 0;
	uint32_t	high = points->count;

	while (low < high)
	{
		uint32_t	middle = low + (high - low) / 2;

		if (points->point[middle].head < wanted)
			low = middle + 1;
		else
			high = middle;
	}

	/* where heads are equal, the rest of the position decides */
	if (points->position)
	{
		while (low < points->count && points->point[low].head == wanted &&
			   chash_uint_compare(&points->position[low], position) < 0)
			low++;
	}
	return low < points->count ? low : 0;
}

static bool
is_full(const filling *filling, uint32_t point)
{
	return filling->room[filling->points->point[point].shard] == 0;
}

/*
 * The first point from this one on whose shard has room; there is one.  A shard
 * that is full stays so, so that every walk can leave a shorter way behind it:
 * all walks together then take little more than one step each.
 */
static uint32_t
next_with_room(filling *filling, uint32_t point)
{
	uint32_t   *next = filling->next;

	while (is_full(filling, point))
	{
		if (is_full(filling, next[point]))
			next[point] = next[next[point]];
		point = next[point];
	}
	return point;
}

static uint32_t
place_by_name(const filling *filling, uint32_t i)
{
	return (uint32_t) (filling->by_name[i] - filling->router->shards);
}

/* The shard that a slot gets that begins to look at a point. */
static uint32_t
take_room(filling *filling, uint32_t point)
{
	uint32_t	shard;

	if (filling->visible > 0)
	{
		shard = filling->points->point[next_with_room(filling, point)].shard;
		filling->visible--;
	}
	else
	{
		/* on a crowded ring other points can hide all of a shard's */
		while (filling->room[place_by_name(filling, filling->hidden)] == 0)
			filling->hidden++;
		shard = place_by_name(filling, filling->hidden);
	}
	filling->room[shard]--;
	return shard;
}

static void
begin_filling(filling *filling, const chash_router *router, const chash_host *host,
			  const chash_points *points)
{
	uint32_t	n = router->nshards;
	bool	   *seen = chash_alloc(host, n * sizeof(*seen));
	double		total = 0;
	uint64_t	visible = 0;
	uint32_t	i;

	filling->router = router;
	filling->points = points;
	filling->next = chash_alloc(host, points->count * sizeof(uint32_t));
	filling->room = chash_alloc(host, n * sizeof(uint32_t));
	filling->by_name = chash_router_sort_by_name(router, host);
	filling->hidden = 0;

	/* a sum of doubles depends on the order, the table must not on the shards' */
	for (i = 0; i < n; i++)
		total = chash_rounded(total + filling->by_name[i]->weight);
	for (i = 0; i < n; i++)
	{
		uint32_t	room = capacity(router, chash_rounded(router->shards[i].weight / total));

		/* a part can be too small for a number */
		filling->room[i] = room > 0 ? room : 1;
		seen[i] = false;
	}
	for (i = 0; i < points->count; i++)
	{
		uint32_t	shard = points->point[i].shard;

		filling->next[i] = i + 1 < points->count ? i + 1 : 0;
		if (!seen[shard])
			visible += filling->room[shard];
		seen[shard] = true;
	}
	chash_release(host, seen);

	/* more than the slots are never asked for */
	filling->visible = visible < router->p.slots ? (uint32_t) visible : router->p.slots;
}

static bool
fill_table(filling *filling, const chash_host *host, uint32_t *table, chash_error *error)
{
	const chash_router *router = filling->router;
	const chash_hash *hash = chash_hash_for_labels(router->hash);
	uint32_t	slot;

	for (slot = 0; slot < router->p.slots; slot++)
	{
		uint8_t		bytes[8] = {0};
		chash_uint	digest;
		chash_uint	position;
		int			i;

		if (slot % SLOTS_BETWEEN_CHECKS == 0)
			chash_check(host);
		for (i = 0; i < 4; i++)
			bytes[i] = (uint8_t) (slot >> (8 * i));
		if (!hash->digest(bytes, sizeof(bytes), &digest, error))
			return false;
		position = chash_position_of_digest(router, hash, &digest, 0);
		table[slot] = take_room(filling, first_point(router, filling->points, &position));
	}
	return true;
}

static bool
compile(chash_compiled *compiled, const chash_host *host, chash_error *error)
{
	const chash_router *router = compiled->router;
	chash_units *units;
	chash_points points;
	filling		filling;
	bool		ok;

	if (!chash_points_place(router, host, &points, error))
		return false;
	units = chash_units_allocate(compiled, host, router->p.slots);
	begin_filling(&filling, router, host, &points);
	ok = fill_table(&filling, host, units->shard, error);
	chash_release(host, filling.by_name);
	chash_release(host, filling.room);
	chash_release(host, filling.next);
	chash_points_free(host, &points);
	return ok;
}

const chash_strategy chash_strategy_bounded = {
	.name = "bounded",
	.code = 11,
	.hashed = true,
	.sliced = true,
	.periodic = true,
	.defaults = {.vnodes = 160, .label = "{shard}-{i}", .slots = 16381, .load = 1.25},
	.validate = validate,
	.compile = compile,
	.lookup = chash_units_remainder,
	.shard_of_head = chash_units_shard_of_head,
	.slice = chash_units_residues,
	.slice_shard = chash_units_slice_shard,
	.vnode = chash_units_vnode,
};
