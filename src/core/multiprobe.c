/*
 * multiprobe.c
 *		The strategy "multiprobe" (Appleton and O'Reilly, "Multi-Probe Consistent
 *		Hashing", 2015): each shard has one point on the ring, and each key
 *		several probes.
 *
 * A probe looks for the first point after it.  The shard of the point that is
 * nearest to its probe has the key, and of equal distances the first probe's.
 * So a new shard takes keys for itself only, and one that goes leaves all other
 * keys where they were.  The more probes, the more even are the shards.
 *
 * The probes are the numbers that SplitMix64 gives when it begins with the key's
 * position.  In go-mpchash they are h1, h1 + h2, h1 + 2 h2 and so on, of two
 * hashes of the key, which are the halves of a position of 128 bits.  That is a
 * little faster, but where h2 is near a simple fraction of all positions, the
 * probes fall together: of ten shards the heaviest has, on average over many
 * names, 13 % too much and not 6 %.
 */
#include "core/compile.h"
#include "core/order.h"
#include "core/splitmix.h"

#include <stdlib.h>
#include <string.h>

typedef struct point
{
	uint64_t	position;
	uint32_t	shard;
	uint32_t	rank;			/* the lowest of those at one position serves */
} point;

/*
 * The points in their order, those that others hide too.  The upper bits of a
 * position are its bucket, and buckets are about as many as points, so that
 * only few points have to be looked at.
 */
typedef struct multiprobe
{
	uint64_t   *position;
	uint32_t   *shard;
	uint32_t   *bucket;			/* the first point in or after each, and the end */
	unsigned	shift;			/* from a position to its bucket */
} multiprobe;

/* The probes of a key: a counter, which is mixed unless the dialect says otherwise. */
typedef struct probes
{
	uint64_t	start;
	uint64_t	step;
	bool		mixed;
} probes;

/* ---- compiling ---- */

static int
compare_points(const void *a, const void *b)
{
	const point *first = a;
	const point *second = b;

	if (first->position != second->position)
		return first->position < second->position ? -1 : 1;
	return (first->rank > second->rank) - (first->rank < second->rank);
}

/*
 * chash places names by XXH64, whatever the router's hash, so that the points
 * have 64 bits and are not where keys of the same text are.
 */
static bool
place_points(const chash_router *router, const chash_host *host, point *points,
			 chash_error *error)
{
	const chash_dialect *dialect = router->dialect;
	const chash_hash *hash = chash_hash_by_code(dialect->points_hash != 0 ?
												dialect->points_hash : CHASH_HASH_XXH64);
	uint32_t   *rank = chash_rank_shards(router, host);
	bool		ok = true;
	uint32_t	i;

	for (i = 0; ok && i < router->nshards; i++)
	{
		const char *name = router->shards[i].name;
		chash_uint	digest;

		ok = hash->digest(name, strlen(name), &digest, error);
		if (!ok)
			break;
		points[i].position = chash_uint_low64(&digest);
		points[i].shard = i;
		points[i].rank = rank[i];
	}
	chash_release(host, rank);
	return ok;
}

static uint32_t
count_buckets(uint32_t npoints, unsigned *shift)
{
	unsigned	bits = 1;

	while ((uint32_t) 1 << bits < npoints)
		bits++;
	*shift = 64 - bits;
	return (uint32_t) 1 << bits;
}

static bool
compile(chash_compiled *compiled, const chash_host *host, chash_error *error)
{
	const chash_router *router = compiled->router;
	uint32_t	n = router->nshards;
	multiprobe *data;
	point	   *points = chash_alloc(host, n * sizeof(*points));
	unsigned	shift;
	uint32_t	nbuckets = count_buckets(n, &shift);
	uint32_t	bucket;
	uint32_t	i;

	if (!place_points(router, host, points, error))
	{
		chash_release(host, points);
		return false;
	}
	chash_check(host);
	qsort(points, n, sizeof(*points), compare_points);

	data = chash_alloc(host, sizeof(*data));
	data->position = chash_alloc(host, n * sizeof(*data->position));
	data->shard = chash_alloc(host, n * sizeof(*data->shard));
	data->bucket = chash_alloc(host, (nbuckets + 1) * sizeof(*data->bucket));
	data->shift = shift;
	for (i = 0, bucket = 0; i < n; i++)
	{
		data->position[i] = points[i].position;
		data->shard[i] = points[i].shard;
		while (bucket <= points[i].position >> shift)
			data->bucket[bucket++] = i;
	}
	while (bucket <= nbuckets)
		data->bucket[bucket++] = n;
	chash_release(host, points);
	compiled->data = data;
	compiled->memory = sizeof(*data) + (nbuckets + 1) * sizeof(*data->bucket) +
		n * (sizeof(*data->position) + sizeof(*data->shard));
	return true;
}

/* ---- routing ---- */

static probes
probes_of(const chash_router *router, const chash_uint *position)
{
	probes		result;

	result.start = chash_position_head(router, position);
	switch (router->dialect->probes)
	{
		case CHASH_PROBES_MIXED:
			result.step = CHASH_SPLITMIX_STEP;
			result.start += result.step;
			result.mixed = true;
			break;
		case CHASH_PROBES_OF_HALVES:
			result.step = chash_uint_low64(position);
			result.mixed = false;
			break;
	}
	return result;
}

/* Probe number i, from 0. */
static uint64_t
probe_at(const probes *of_key, uint32_t i)
{
	uint64_t	counter = of_key->start + i * of_key->step;

	return of_key->mixed ? chash_splitmix64(counter) : counter;
}

/* The first point after a probe, beyond the highest one the lowest. */
static uint32_t
point_after(const multiprobe *data, uint32_t npoints, uint64_t probe)
{
	uint64_t	bucket = probe >> data->shift;
	uint32_t	low = data->bucket[bucket];
	uint32_t	high = data->bucket[bucket + 1];

	while (low < high)
	{
		uint32_t	middle = low + (high - low) / 2;

		if (data->position[middle] > probe)
			high = middle;
		else
			low = middle + 1;
	}
	return low < npoints ? low : 0;
}

/*
 * How many positions are between a probe and a point after it: the distance less
 * one, so that it fits where the point is at the probe and all around from it.
 */
static uint64_t
between(uint64_t probe, uint64_t point)
{
	return point - probe - 1;
}

static uint32_t
lookup(const chash_compiled *compiled, const chash_uint *position)
{
	const chash_router *router = compiled->router;
	const multiprobe *data = compiled->data;
	probes		of_key = probes_of(router, position);
	uint32_t	nearest = 0;
	uint64_t	least = 0;
	uint32_t	i;

	for (i = 0; i < router->p.probes; i++)
	{
		uint64_t	probe = probe_at(&of_key, i);
		uint32_t	point = point_after(data, router->nshards, probe);
		uint64_t	distance = between(probe, data->position[point]);

		if (i == 0 || distance < least)
		{
			nearest = point;
			least = distance;
		}
	}
	return data->shard[nearest];
}

/* ---- the order of preference ---- */

/* A probe, or a point with the probe nearest to it. */
typedef struct reached
{
	uint64_t	distance;		/* of a probe: from position 0 */
	uint32_t	probe;			/* its number */
	uint32_t	point;
} reached;

/* The nearest first; of equal ones the first probe, then the first point. */
static int
compare_reached(const void *a, const void *b)
{
	const reached *first = a;
	const reached *second = b;

	if (first->distance != second->distance)
		return first->distance < second->distance ? -1 : 1;
	if (first->probe != second->probe)
		return first->probe < second->probe ? -1 : 1;
	return (first->point > second->point) - (first->point < second->point);
}

/* The probes in their order, of several at one position the first only. */
static uint32_t
sort_probes(const probes *of_key, uint32_t count, reached *sorted)
{
	uint32_t	kept = 0;
	uint32_t	i;

	for (i = 0; i < count; i++)
	{
		reached		probe = {probe_at(of_key, i), i, 0};

		sorted[i] = probe;
	}
	qsort(sorted, count, sizeof(*sorted), compare_reached);
	for (i = 0; i < count; i++)
	{
		if (kept == 0 || sorted[kept - 1].distance != sorted[i].distance)
			sorted[kept++] = sorted[i];
	}
	return kept;
}

/*
 * Each shard would have the key if all that are nearer were gone: whatever
 * probe reaches its point soonest, which is the last one before it.
 */
static uint32_t *
prefer(const chash_compiled *compiled, const chash_host *host, const chash_uint *position)
{
	const chash_router *router = compiled->router;
	const multiprobe *data = compiled->data;
	uint32_t	n = router->nshards;
	reached    *sorted = chash_alloc(host, router->p.probes * sizeof(*sorted));
	reached    *points = chash_alloc(host, n * sizeof(*points));
	probes		of_key = probes_of(router, position);
	uint32_t	count = sort_probes(&of_key, router->p.probes, sorted);
	uint32_t   *places = chash_alloc(host, n * sizeof(*places));
	uint32_t	passed = 0;		/* probes before the point */
	uint32_t	i;

	for (i = 0; i < n; i++)
	{
		const reached *last;

		while (passed < count && sorted[passed].distance < data->position[i])
			passed++;
		last = &sorted[(passed > 0 ? passed : count) - 1];
		points[i].distance = between(last->distance, data->position[i]);
		points[i].probe = last->probe;
		points[i].point = i;
	}
	qsort(points, n, sizeof(*points), compare_reached);
	for (i = 0; i < n; i++)
		places[i] = data->shard[points[i].point];
	chash_release(host, points);
	chash_release(host, sorted);
	return places;
}

const chash_strategy chash_strategy_multiprobe = {
	.name = "multiprobe",
	.code = 10,
	.hashed = true,
	.defaults = {.probes = 21},
	.no_weights = "Strategy \"multiprobe\" has one point for each shard; "
	"strategies \"rendezvous\" and \"ring\" have weights.",
	.validate = chash_router_check_whole_digest,
	.compile = compile,
	.lookup = lookup,
	.prefer = prefer,
	.slice_shard = chash_slice_is_shard,
};
