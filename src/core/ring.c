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
#include "core/index.h"
#include "core/points.h"
#include "core/shares.h"

#include <string.h>

typedef struct ring
{
	/* where they start, and which point serves each */
	chash_points slices;

	/* if slices are cut half way between points: the points, else NULL */
	chash_points *near;
} ring;

/* Where a slice starts; the position is set only where it is wider than its head. */
typedef struct cut
{
	uint64_t	head;
	chash_uint	position;
} cut;

/* The two points around a position, and how far it is to each. */
typedef struct neighbours
{
	const chash_compiled *compiled;
	const chash_points *points;
	const chash_uint *position;
	uint32_t	below;
	uint32_t	above;
	chash_uint	down;
	chash_uint	up;
} neighbours;

/* The most points that a shard can have; 0 if only their sum is limited. */
static unsigned
max_points_of_shard(const chash_router *router)
{
	switch (router->dialect->generator)
	{
		case CHASH_POINTS_OF_LABELS:
		case CHASH_POINTS_OF_A_CHAIN:
		case CHASH_POINTS_GIVEN:
			break;
		case CHASH_POINTS_OF_REPEATED_NAMES:
			return CHASH_MAX_REPEATED;
		case CHASH_POINTS_OF_IDS:
			return CHASH_MAX_ID_POINTS;
	}
	return 0;
}

/* Whether the label and the numbers of points suit the dialect. */
static bool
check_dialect(const chash_router *router, chash_error *error)
{
	const chash_dialect *dialect = router->dialect;
	unsigned	limit = max_points_of_shard(router);
	uint32_t	i;

	if (dialect->generator != CHASH_POINTS_OF_LABELS &&
		strcmp(router->p.label, router->strategy->defaults.label) != 0)
	{
		chash_fail(error, CHASH_ERROR_UNSUPPORTED,
				   "dialect \"%s\" places points without labels", dialect->name);
		return chash_fail_hint(error, "Leave label out.");
	}
	for (i = 0; limit > 0 && i < router->nshards; i++)
	{
		double		points = router->p.vnodes * router->shards[i].weight;

		if (points > limit)
		{
			chash_fail(error, CHASH_ERROR_LIMIT,
					   "shard \"%s\" would have %.7g points, the limit of dialect \"%s\" is %u",
					   router->shards[i].name, points, dialect->name, limit);
			return chash_fail_hint(error, "Use fewer virtual nodes or smaller weights.");
		}
	}
	return true;
}

/* Whether the points can be placed as they are asked for. */
static bool
check_placement(const chash_router *router, chash_error *error)
{
	chash_placement placement = chash_placement_of(router);
	const chash_dialect *dialect = router->dialect;
	uint32_t	vnodes = dialect->defaults.vnodes ? dialect->defaults.vnodes :
		router->strategy->defaults.vnodes;

	if (placement.dialect != dialect && router->p.vnodes != vnodes)
	{
		chash_fail(error, CHASH_ERROR_UNSUPPORTED,
				   "dialect \"%s\" has %u virtual nodes for each shard when weights are above 1, not %u",
				   dialect->name, placement.vnodes, router->p.vnodes);
		return chash_fail_hint(error, "Leave vnodes out, or use dialect \"%s\".",
							   placement.dialect->name);
	}
	if (placement.digest_points > 1 && placement.dialect->take != CHASH_TAKE_LE32)
		return chash_fail(error, CHASH_ERROR_UNSUPPORTED,
						  "a digest gives one point in dialect \"%s\", not %u",
						  dialect->name, placement.digest_points);
	if (placement.vnodes < placement.digest_points)
	{
		chash_fail(error, CHASH_ERROR_VALUE,
				   "%u virtual nodes are too few for digests that give %u points each",
				   placement.vnodes, placement.digest_points);
		return chash_fail_hint(error, "Use a multiple of %u.", placement.digest_points);
	}
	if (placement.digest_points > 1 && placement.hash->bits < 32 * placement.digest_points)
	{
		chash_fail(error, CHASH_ERROR_UNSUPPORTED,
				   "a digest of %u bits does not give %u points of 32 bits",
				   placement.hash->bits, placement.digest_points);
		return chash_fail_detail(error, "Dialect \"%s\" places points by the hash \"%s\".",
								 dialect->name, placement.hash->name);
	}
	return true;
}

static bool
validate(const chash_router *router, chash_error *error)
{
	if (router->dialect->generator == CHASH_POINTS_GIVEN)
		return true;
	return chash_label_check(router->p.label, error) &&
		check_dialect(router, error) &&
		check_placement(router, error) &&
		chash_points_check_number(router, error);
}

/* The owner may be the very place that is written to. */
static void
append_slice(chash_compiled *compiled, const cut *start, const chash_point *owner)
{
	ring	   *data = compiled->data;
	uint32_t	i = compiled->nslices++;

	data->slices.point[i] = *owner;
	data->slices.point[i].head = start->head;
	if (data->slices.position)
		data->slices.position[i] = start->position;
}

static void
append_slice_at(chash_compiled *compiled, const chash_uint *start, const chash_point *owner)
{
	cut			cut = {chash_position_head(compiled->router, start), *start};

	append_slice(compiled, &cut, owner);
}

static chash_uint
point_at(const chash_points *points, uint32_t i)
{
	return points->position ? points->position[i] : chash_uint_from(points->point[i].head);
}

/*
 * Where a point's service begins (floor), or the next one's does; false if that
 * is beyond the last position.
 */
static bool
cut_at_point(const chash_compiled *compiled, const chash_points *points, uint32_t i, cut *cut)
{
	const chash_router *router = compiled->router;
	bool		after = router->p.search == CHASH_SEARCH_CEILING;
	chash_uint	one = chash_uint_from(1);

	cut->head = points->point[i].head;
	if (!points->position)
	{
		if (after && cut->head == UINT64_MAX >> (64 - router->bits))
			return false;
		cut->head += after;
		return true;
	}
	cut->position = points->position[i];
	if (after)
	{
		cut->position = chash_uint_add(&cut->position, &one);
		cut->head = chash_position_head(router, &cut->position);
	}
	return chash_uint_compare(&cut->position, &compiled->space) < 0;
}

/*
 * Turn sorted points into slices.  At position 0, and after the last point
 * where a rule looks upwards, the ring closes.  The slices take the place of
 * the points: number i is read before slice number i + CHASH_POINTS_ROOM, at
 * the same place, is written.
 */
static void
cut_at_points(chash_compiled *compiled, const chash_points *points)
{
	const chash_router *router = compiled->router;
	bool		upwards = router->p.search != CHASH_SEARCH_FLOOR;
	bool		ceiling = router->p.search == CHASH_SEARCH_CEILING;
	chash_uint	zero = chash_uint_from(0);
	chash_uint	one = chash_uint_from(1);
	chash_uint	lowest = point_at(points, 0);
	bool		at_zero = chash_uint_is_zero(&lowest);
	uint32_t	n = points->count;
	chash_point first = points->point[0];
	chash_point last = points->point[n - 1];
	uint32_t	i;

	if (ceiling && router->dialect->zero_is_last)
	{
		append_slice_at(compiled, &zero, &last);
		if (!at_zero)
			append_slice_at(compiled, &one, &first);
	}
	else if (ceiling || !at_zero)
		append_slice_at(compiled, &zero, upwards ? &first : &last);

	for (i = 0; i < n; i++)
	{
		const chash_point *next = i + 1 < n ? &points->point[i + 1] : &first;
		cut			cut;

		if (cut_at_point(compiled, points, i, &cut))
			append_slice(compiled, &cut, upwards ? next : &points->point[i]);
	}
}

/* The first position that is nearer to b than to a, which is below b. */
static chash_uint
cut_between(const chash_uint *a, const chash_uint *b)
{
	chash_uint	one = chash_uint_from(1);
	chash_uint	cut = chash_uint_add(a, b);

	cut = chash_uint_shift_right(&cut, 1);
	return chash_uint_add(&cut, &one);
}

/*
 * The same where the nearest point serves: cuts are half way between points.
 * Behind the last point, that can be beyond position 0.
 */
static void
cut_between_points(chash_compiled *compiled, const chash_points *points)
{
	uint32_t	n = points->count;
	chash_uint	start = chash_uint_from(0);
	chash_uint	here = point_at(points, n - 1);
	chash_uint	next = point_at(points, 0);
	chash_uint	last_cut;
	uint32_t	i;

	/* from the last point to the first, around the ring */
	next = chash_uint_add(&next, &compiled->space);
	last_cut = cut_between(&here, &next);
	if (chash_uint_compare(&last_cut, &compiled->space) > 0)
	{
		append_slice_at(compiled, &start, &points->point[n - 1]);
		start = chash_uint_subtract(&last_cut, &compiled->space);
	}
	append_slice_at(compiled, &start, &points->point[0]);

	for (i = 0; i + 1 < n; i++)
	{
		here = point_at(points, i);
		next = point_at(points, i + 1);
		start = cut_between(&here, &next);
		append_slice_at(compiled, &start, &points->point[i + 1]);
	}
	if (chash_uint_compare(&last_cut, &compiled->space) < 0)
		append_slice_at(compiled, &last_cut, &points->point[0]);
}

static bool
compile(chash_compiled *compiled, const chash_host *host, chash_error *error)
{
	const chash_router *router = compiled->router;
	chash_points points;
	ring	   *data;

	if (!chash_points_place(router, host, &points, error))
		return false;

	data = chash_alloc(host, sizeof(*data));
	compiled->data = data;
	compiled->memory = sizeof(*data);
	data->near = NULL;
	if (router->p.search == CHASH_SEARCH_NEAREST)
	{
		/* half way between points, slices do not tell where these are */
		chash_points_allocate(router, host, points.count, &data->slices);
		data->slices.placement = points.placement;
		data->near = chash_alloc(host, sizeof(points));
		*data->near = points;
		compiled->memory += sizeof(points) + chash_points_memory(&points);
	}
	else
		data->slices = points;

	/* one slice a point, the one that closes the ring, and one for position 0 alone */
	data->slices.point -= CHASH_POINTS_ROOM;
	if (data->slices.position)
		data->slices.position -= CHASH_POINTS_ROOM;
	if (data->near)
		cut_between_points(compiled, data->near);
	else
		cut_at_points(compiled, &points);
	data->slices.count = compiled->nslices;
	compiled->memory += chash_points_memory(&data->slices);
	compiled->index = chash_index_make(&data->slices, router->bits, host, &compiled->memory);
	return true;
}

/* The first slice starts at 0, so that there always is one. */
static uint32_t
lookup(const chash_compiled *compiled, const chash_uint *position)
{
	const ring *data = compiled->data;
	const chash_point *point = data->slices.point;
	const chash_point *base = point;
	uint64_t	wanted = chash_position_head(compiled->router, position);
	uint32_t	n = compiled->nslices;
	uint32_t	i;

	/* the last slice whose head is not above; written to need no branches */
	while (n > 1)
	{
		uint32_t	half = n / 2;

		base = base[half].head <= wanted ? base + half : base;
		n -= half;
	}
	i = (uint32_t) (base - point);

	/* where heads are equal, the rest of the position decides */
	if (data->slices.position)
	{
		while (i > 0 && chash_uint_compare(&data->slices.position[i], position) > 0)
			i--;
	}
	return i;
}

static uint32_t
shard_of_head(const chash_compiled *compiled, uint64_t head)
{
	return chash_index_find(compiled->index, head);
}

static chash_uint
slice_start(const chash_compiled *compiled, uint32_t i)
{
	const ring *data = compiled->data;

	if (i == compiled->nslices)
		return compiled->space;
	return point_at(&data->slices, i);
}

static void
slice(const chash_compiled *compiled, uint32_t i, chash_slice *slice)
{
	const ring *data = compiled->data;
	chash_uint	end = slice_start(compiled, i + 1);

	slice->first = slice_start(compiled, i);
	slice->width = chash_uint_subtract(&end, &slice->first);
	slice->shard = data->slices.point[i].shard;
}

static uint32_t
slice_shard(const chash_compiled *compiled, uint32_t i)
{
	const ring *data = compiled->data;

	return data->slices.point[i].shard;
}

/* How far it is from a up to b, around the ring if need be. */
static chash_uint
way_up(const chash_compiled *compiled, const chash_uint *a, const chash_uint *b)
{
	chash_uint	end = *b;

	if (chash_uint_compare(a, b) > 0)
		end = chash_uint_add(&end, &compiled->space);
	return chash_uint_subtract(&end, a);
}

static void
step_down(neighbours *around)
{
	chash_uint	point;

	around->below = (around->below == 0 ? around->points->count : around->below) - 1;
	point = point_at(around->points, around->below);
	around->down = way_up(around->compiled, &point, around->position);
}

static void
step_up(neighbours *around)
{
	chash_uint	point;

	around->above = around->above + 1 == around->points->count ? 0 : around->above + 1;
	point = point_at(around->points, around->above);
	around->up = way_up(around->compiled, around->position, &point);
}

/* The neighbours of a position; one at the position itself counts as below it. */
static void
find_neighbours(neighbours *around, const chash_compiled *compiled, const chash_uint *position)
{
	const ring *data = compiled->data;
	uint32_t	low = 0;
	uint32_t	high = data->near->count;

	around->compiled = compiled;
	around->points = data->near;
	around->position = position;
	while (low < high)
	{
		uint32_t	middle = low + (high - low) / 2;
		chash_uint	point = point_at(data->near, middle);

		if (chash_uint_compare(&point, position) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	around->below = low;
	step_down(around);
	around->above = around->below;
	step_up(around);
}

/*
 * Where the nearest point serves: the shards by how near their points are, so
 * that the next one serves if those before it go.  Shards that have no point
 * left come last.
 */
static uint32_t *
prefer(const chash_compiled *compiled, const chash_host *host, const chash_uint *position)
{
	const ring *data = compiled->data;
	uint32_t	n = compiled->router->nshards;
	neighbours	around;
	uint32_t   *places;
	bool	   *taken;
	uint32_t	count = 0;
	uint32_t	i;

	if (!data->near)
		return NULL;
	places = chash_alloc(host, n * sizeof(*places));
	taken = chash_alloc(host, n * sizeof(bool));
	memset(taken, 0, n * sizeof(bool));
	find_neighbours(&around, compiled, position);
	for (i = 0; i < data->near->count && count < n; i++)
	{
		bool		downwards = chash_uint_compare(&around.down, &around.up) <= 0;
		uint32_t	shard = data->near->point[downwards ? around.below : around.above].shard;

		if (!taken[shard])
			places[count++] = shard;
		taken[shard] = true;
		if (downwards)
			step_down(&around);
		else
			step_up(&around);
	}
	for (i = 0; i < n; i++)
	{
		if (!taken[i])
			places[count++] = i;
	}
	chash_release(host, taken);
	return places;
}

static void
vnode(const chash_compiled *compiled, uint32_t i, char *text)
{
	const ring *data = compiled->data;

	chash_point_name(compiled->router, &data->slices.placement, &data->slices.point[i], text);
}

const chash_strategy chash_strategy_ring = {
	.name = "ring",
	.code = 4,
	.hashed = true,
	.sliced = true,
	.defaults = {
		.vnodes = 160,
		.label = "{shard}-{i}",
		.search = CHASH_SEARCH_CEILING,
		.digest_points = 1,
	},
	.validate = validate,
	.compile = compile,
	.lookup = lookup,
	.shard_of_head = shard_of_head,
	.slice = slice,
	.prefer = prefer,
	.slice_shard = slice_shard,
	.vnode = vnode,
};
