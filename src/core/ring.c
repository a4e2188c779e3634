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
#include "core/points.h"
#include "core/shares.h"

#include <string.h>

/*
 * Where the slices start, and which point serves each.  This is laid out as
 * the points themselves are.
 */
typedef chash_points ring;

/* Whether the hash, the label and the weights suit the dialect. */
static bool
check_dialect(const chash_router *router, chash_error *error)
{
	const chash_dialect *dialect = router->dialect;
	uint32_t	i;

	if (dialect->generator == CHASH_POINTS_OF_A_CHAIN && router->hash->code != CHASH_HASH_CRC32)
		return chash_fail(error, CHASH_ERROR_UNSUPPORTED,
						  "dialect \"%s\" has the hash \"crc32\", not \"%s\"",
						  dialect->name, router->hash->name);
	if (dialect->generator != CHASH_POINTS_OF_LABELS &&
		strcmp(router->p.label, router->strategy->defaults.label) != 0)
		return chash_fail(error, CHASH_ERROR_UNSUPPORTED,
						  "dialect \"%s\" places points without labels", dialect->name);
	for (i = 0; i < router->nshards; i++)
	{
		double		weight = router->shards[i].weight;

		if (dialect->shares == CHASH_SHARES_EQUAL && weight != 1)
			return chash_fail(error, CHASH_ERROR_UNSUPPORTED,
							  "dialect \"%s\" has no weights, but shard \"%s\" has %g",
							  dialect->name, router->shards[i].name, weight);
		if (dialect->generator == CHASH_POINTS_OF_REPEATED_NAMES &&
			router->p.vnodes * weight > CHASH_MAX_REPEATED)
			return chash_fail(error, CHASH_ERROR_LIMIT,
							  "shard \"%s\" would have %.7g points, the limit of dialect \"%s\" is %d",
							  router->shards[i].name, router->p.vnodes * weight, dialect->name,
							  CHASH_MAX_REPEATED);
	}
	return true;
}

static bool
validate(const chash_router *router, chash_error *error)
{
	if (router->dialect->generator == CHASH_POINTS_GIVEN)
		return true;
	if (!chash_label_check(router->p.label, error))
		return false;
	if (router->p.digest_points > 1 && router->dialect->take != CHASH_TAKE_LE32)
		return chash_fail(error, CHASH_ERROR_UNSUPPORTED,
						  "a digest gives one point in dialect \"%s\", not %u",
						  router->dialect->name, router->p.digest_points);
	return check_dialect(router, error) && chash_points_check_number(router, error);
}

static void
append_slice(chash_compiled *compiled, const chash_uint *start, chash_node owner)
{
	ring	   *data = compiled->data;
	uint32_t	i = compiled->nslices++;

	data->head[i] = chash_position_head(compiled->router, start);
	if (data->position)
		data->position[i] = *start;
	data->node[i] = owner;
}

/*
 * Turn sorted points into slices.  At position 0, and after the last point
 * where a rule looks upwards, the ring closes.
 */
static void
cut_slices(chash_compiled *compiled, const chash_points *points)
{
	chash_search search = compiled->router->p.search;
	bool		upwards = search != CHASH_SEARCH_FLOOR;
	chash_uint	zero = chash_uint_from(0);
	chash_uint	one = chash_uint_from(1);
	uint32_t	n = points->count;
	uint32_t	i;

	for (i = 0; i < n; i++)
	{
		/* where this point's service begins (floor), or the next one's does */
		chash_uint	cut = points->position ? points->position[i] : chash_uint_from(points->head[i]);

		if (search == CHASH_SEARCH_CEILING)
			cut = chash_uint_add(&cut, &one);
		if (i == 0 && !chash_uint_is_zero(&cut))
			append_slice(compiled, &zero, points->node[upwards ? 0 : n - 1]);
		if (chash_uint_compare(&cut, &compiled->space) < 0)
			append_slice(compiled, &cut, points->node[upwards ? (i + 1) % n : i]);
	}
}

static bool
compile(chash_compiled *compiled, const chash_host *host, chash_error *error)
{
	chash_points points;
	ring	   *data;
	size_t		slices;

	if (!chash_points_place(compiled->router, host, &points, error))
		return false;

	/* one slice a point, and the one that closes the ring */
	slices = (size_t) points.count + 1;
	data = chash_alloc(host, sizeof(*data));
	data->head = chash_alloc(host, slices * sizeof(*data->head));
	data->position = points.position ? chash_alloc(host, slices * sizeof(*data->position)) : NULL;
	data->node = chash_alloc(host, slices * sizeof(*data->node));
	compiled->data = data;
	compiled->memory = sizeof(*data) + slices * (sizeof(*data->head) + sizeof(*data->node) +
												 (data->position ? sizeof(*data->position) : 0));
	cut_slices(compiled, &points);
	data->count = compiled->nslices;
	chash_points_free(host, &points);
	return true;
}

/* The first slice starts at 0, so that there always is one. */
static uint32_t
lookup(const chash_compiled *compiled, const chash_uint *position)
{
	const ring *data = compiled->data;
	const uint64_t *head = data->head;
	const uint64_t *base = head;
	uint64_t	wanted = chash_position_head(compiled->router, position);
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
	if (data->position)
	{
		while (i > 0 && chash_uint_compare(&data->position[i], position) > 0)
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
	return data->position ? data->position[i] : chash_uint_from(data->head[i]);
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
	const ring *data = compiled->data;

	chash_node_name(compiled->router, &data->node[i], text);
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
	.slice = slice,
	.slice_shard = slice_shard,
	.vnode = vnode,
};
