/*
 * ring.c
 *		The strategy "ring": consistent hashing with virtual nodes (Karger et
 *		al., "Consistent Hashing and Random Trees", STOC 1997).
 *
 * A shard of weight w has about vnodes * w points on the ring, placed by
 * hashing their labels.  Whatever the search rule, the ring is compiled into
 * slices sorted by their first position, so that every lookup is the same: the
 * last slice that starts at or before the position.
 */
#include "core/compile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A virtual node. */
typedef struct node
{
	uint32_t	shard;
	uint32_t	number;			/* within its shard, from 0 */
} node;

typedef struct point
{
	chash_uint	position;
	uint32_t	rank;			/* of its shard's name among all names */
	node		node;
} point;

typedef struct ring
{
	/*
	 * Where the slices start: the top 64 bits, which nearly always decide,
	 * and, where positions are wider, the whole.
	 */
	uint64_t   *head;
	chash_uint *start;			/* NULL where head is all */
	node	   *node;
} ring;

/* How many points a shard has: proportional to its weight, at least one. */
static double
points_of(const chash_router *router, const chash_shard *shard)
{
	double		points = floor(router->vnodes * shard->weight + 0.5);

	return points < 1 ? 1 : points;
}

static double
points_of_all(const chash_router *router)
{
	double		total = 0;
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
		total += points_of(router, &router->shards[i]);
	return total;
}

static bool
validate(const chash_router *router, chash_error *error)
{
	double		total;

	if (!router->label)
		return chash_fail(error, CHASH_ERROR_VALUE, "a ring needs a label");
	if (!chash_label_check(router->label, error))
		return false;
	if (!chash_search_name(router->search))
	{
		chash_fail(error, CHASH_ERROR_UNKNOWN,
				   "unknown search rule number %u", (unsigned) router->search);
		return chash_fail_hint(error, "Search rules are %s.", chash_search_names());
	}
	if (router->vnodes < 1 || router->vnodes > CHASH_MAX_VNODES)
		return chash_fail(error, CHASH_ERROR_VALUE,
						  "vnodes must be between 1 and %d, not %u",
						  CHASH_MAX_VNODES, router->vnodes);
	total = points_of_all(router);
	if (total > CHASH_MAX_POINTS)
	{
		chash_fail(error, CHASH_ERROR_LIMIT,
				   "the ring would have %.7g virtual nodes, the limit is %d",
				   total, CHASH_MAX_POINTS);
		return chash_fail_hint(error, "Use fewer virtual nodes or smaller weights.");
	}
	return true;
}

static uint64_t
head_of(const chash_router *router, const chash_uint *position)
{
	chash_uint	top;

	if (router->bits <= 64)
		return chash_uint_low64(position);
	top = chash_uint_shift_right(position, router->bits - 64);
	return chash_uint_low64(&top);
}

static int
compare_shard_names(const void *a, const void *b)
{
	return strcmp((*(const chash_shard *const *) a)->name,
				  (*(const chash_shard *const *) b)->name);
}

/*
 * The rank of each shard's name.  Points at the same position are ordered by
 * it and not by the order of the shards, so that a ring depends on which
 * shards it has and not on the order in which they came.
 */
static uint32_t *
rank_names(const chash_router *router, const chash_allocator *memory)
{
	uint32_t	n = router->nshards;
	const chash_shard **sorted = chash_alloc(memory, n * sizeof(*sorted));
	uint32_t   *rank = chash_alloc(memory, n * sizeof(*rank));
	uint32_t	i;

	for (i = 0; i < n; i++)
		sorted[i] = &router->shards[i];
	qsort(sorted, n, sizeof(*sorted), compare_shard_names);
	for (i = 0; i < n; i++)
		rank[sorted[i] - router->shards] = i;
	chash_release(memory, sorted);
	return rank;
}

static int
compare_points(const void *a, const void *b)
{
	const point *first = a;
	const point *second = b;
	int			result = chash_uint_compare(&first->position, &second->position);

	if (result != 0)
		return result;
	if (first->rank != second->rank)
		return first->rank < second->rank ? -1 : 1;
	return (first->node.number > second->node.number) - (first->node.number < second->node.number);
}

static bool
place_points(const chash_router *router, const uint32_t *rank, point *points,
			 chash_error *error)
{
	const chash_hash *hash = chash_hash_for_labels(router->hash);
	char		label[CHASH_LABEL_MAX];
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
	{
		const chash_shard *shard = &router->shards[i];
		uint32_t	count = (uint32_t) points_of(router, shard);
		uint32_t	number;

		for (number = 0; number < count; number++)
		{
			size_t		length = chash_label_expand(router->label, shard->name, number, label);
			chash_uint	digest;

			if (!hash->digest(label, length, &digest, error))
				return false;
			points->position = chash_uint_shift_right(&digest, hash->bits - router->bits);
			points->rank = rank[i];
			points->node.shard = i;
			points->node.number = number;
			points++;
		}
	}
	return true;
}

/* Of several points at one position the first serves; returns how many remain. */
static uint32_t
drop_hidden_points(point *points, uint32_t n)
{
	uint32_t	kept = 1;
	uint32_t	i;

	for (i = 1; i < n; i++)
	{
		if (chash_uint_compare(&points[i].position, &points[kept - 1].position) != 0)
			points[kept++] = points[i];
	}
	return kept;
}

static void
append_slice(chash_compiled *compiled, const chash_uint *start, node owner)
{
	ring	   *data = compiled->data;
	uint32_t	i = compiled->nslices++;

	data->head[i] = head_of(compiled->router, start);
	if (data->start)
		data->start[i] = *start;
	data->node[i] = owner;
}

/*
 * Turn sorted points into slices.  At position 0, and after the last point
 * where a rule looks upwards, the ring closes.
 */
static void
cut_slices(chash_compiled *compiled, const point *points, uint32_t n)
{
	chash_search search = compiled->router->search;
	bool		upwards = search != CHASH_SEARCH_FLOOR;
	chash_uint	zero = chash_uint_from(0);
	uint32_t	i;

	for (i = 0; i < n; i++)
	{
		/* where this point's service begins (floor), or the next one's does */
		chash_uint	cut = points[i].position;

		if (search == CHASH_SEARCH_CEILING)
		{
			chash_uint	one = chash_uint_from(1);

			cut = chash_uint_add(&cut, &one);
		}
		if (i == 0 && !chash_uint_is_zero(&cut))
			append_slice(compiled, &zero, upwards ? points[0].node : points[n - 1].node);
		if (chash_uint_compare(&cut, &compiled->space) < 0)
			append_slice(compiled, &cut,
						 upwards ? points[(i + 1) % n].node : points[i].node);
	}
}

static bool
compile(chash_compiled *compiled, const chash_allocator *memory,
		chash_error *error)
{
	const chash_router *router = compiled->router;
	bool		wide = router->bits > 64;
	uint32_t	n = (uint32_t) points_of_all(router);
	uint32_t   *rank = rank_names(router, memory);
	point	   *points = chash_alloc(memory, n * sizeof(*points));
	bool		ok = place_points(router, rank, points, error);

	if (ok)
	{
		ring	   *data = chash_alloc(memory, sizeof(*data));

		qsort(points, n, sizeof(*points), compare_points);
		n = drop_hidden_points(points, n);

		/* one slice a point, and the one that closes the ring */
		data->head = chash_alloc(memory, (n + 1) * sizeof(*data->head));
		data->start = wide ? chash_alloc(memory, (n + 1) * sizeof(*data->start)) : NULL;
		data->node = chash_alloc(memory, (n + 1) * sizeof(*data->node));
		compiled->data = data;
		compiled->memory = sizeof(*data) + (n + 1) * (sizeof(*data->head) + sizeof(*data->node) +
													  (wide ? sizeof(*data->start) : 0));
		cut_slices(compiled, points, n);
	}
	chash_release(memory, points);
	chash_release(memory, rank);
	return ok;
}

/* The first slice starts at 0, so that there always is one. */
static uint32_t
lookup(const chash_compiled *compiled, const chash_uint *position)
{
	const ring *data = compiled->data;
	const uint64_t *head = data->head;
	const uint64_t *base = head;
	uint64_t	wanted = head_of(compiled->router, position);
	uint32_t	n = compiled->nslices;
	uint32_t	i;

	/* the last slice whose head is not above; written to need no branches */
	while (n > 1)
	{
		uint32_t	half = n / 2;

		base = base[half] <= wanted ? base + half : base;
		n -= half;
	}
	i = (uint32_t) (base - head);

	/* where heads are equal, the rest of the position decides */
	if (data->start)
	{
		while (i > 0 && chash_uint_compare(&data->start[i], position) > 0)
			i--;
	}
	return i;
}

static chash_uint
slice_start(const chash_compiled *compiled, uint32_t i)
{
	const ring *data = compiled->data;

	if (i == compiled->nslices)
		return compiled->space;
	return data->start ? data->start[i] : chash_uint_from(data->head[i]);
}

static void
slice(const chash_compiled *compiled, uint32_t i, chash_slice *slice)
{
	const ring *data = compiled->data;
	chash_uint	end = slice_start(compiled, i + 1);

	slice->first = slice_start(compiled, i);
	slice->width = chash_uint_subtract(&end, &slice->first);
	slice->shard = data->node[i].shard;
}

static uint32_t
slice_shard(const chash_compiled *compiled, uint32_t i)
{
	const ring *data = compiled->data;

	return data->node[i].shard;
}

static void
vnode(const chash_compiled *compiled, uint32_t i, char *text)
{
	const chash_router *router = compiled->router;
	const ring *data = compiled->data;
	node		owner = data->node[i];

	chash_label_expand(router->label, router->shards[owner.shard].name, owner.number, text);
}

const chash_strategy chash_strategy_ring = {
	.name = "ring",
	.code = 4,
	.hashed = true,
	.validate = validate,
	.compile = compile,
	.lookup = lookup,
	.slice = slice,
	.slice_shard = slice_shard,
	.vnode = vnode,
};
