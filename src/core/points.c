/*
 * points.c
 *		Placing the points of a ring and sorting them.
 *
 * Positions are hashes, so that a radix sort on their top 64 bits takes time
 * in proportion to their number, and can be stopped between its passes.
 */
#include "core/points.h"

#include <math.h>
#include <string.h>

#define DIGIT_BITS		11
#define DIGITS			(1 << DIGIT_BITS)
#define PASSES			6		/* 6 times 11 bits are 64 and more */

/* What is sorted: the head of a point and which one it is. */
typedef struct entry
{
	uint64_t	head;
	uint32_t	point;
} entry;

double
chash_points_of_shard(const chash_router *router, const chash_shard *shard)
{
	double		points = floor(router->vnodes * shard->weight + 0.5);

	return points < 1 ? 1 : points;
}

/* ---- placing ---- */

static void
allocate(const chash_router *router, const chash_host *host, uint32_t count,
		 chash_points *points)
{
	points->count = count;
	points->head = chash_alloc(host, count * sizeof(*points->head));
	points->position = router->bits > 64 ?
		chash_alloc(host, count * sizeof(*points->position)) : NULL;
	points->node = chash_alloc(host, count * sizeof(*points->node));
}

void
chash_points_free(const chash_host *host, chash_points *points)
{
	chash_release(host, points->head);
	if (points->position)
		chash_release(host, points->position);
	chash_release(host, points->node);
}

static bool
place_all(const chash_router *router, const chash_host *host, chash_points *points,
		  chash_error *error)
{
	const chash_hash *hash = chash_hash_for_labels(router->hash);
	char		label[CHASH_LABEL_MAX];
	uint32_t	next = 0;
	uint32_t	shard;

	for (shard = 0; shard < router->nshards; shard++)
	{
		uint32_t	count = (uint32_t) chash_points_of_shard(router, &router->shards[shard]);
		uint32_t	number;

		for (number = 0; number < count; number++, next++)
		{
			size_t		length = chash_label_expand(router->label, router->shards[shard].name,
													number, label);
			chash_uint	position;

			if (next % 1024 == 0)
				chash_check(host);
			if (!hash->digest(label, length, &position, error))
				return false;
			position = chash_uint_shift_right(&position, hash->bits - router->bits);
			points->head[next] = chash_position_head(router, &position);
			if (points->position)
				points->position[next] = position;
			points->node[next].shard = shard;
			points->node[next].number = number;
		}
	}
	return true;
}

/* ---- sorting ---- */

/* One pass: a stable sort by the digit that begins at bit "shift". */
static void
sort_by_digit(const entry *from, entry *to, uint32_t n, unsigned shift)
{
	uint32_t	start[DIGITS] = {0};
	uint32_t	sum = 0;
	uint32_t	i;

	for (i = 0; i < n; i++)
		start[(from[i].head >> shift) % DIGITS]++;
	for (i = 0; i < DIGITS; i++)
	{
		uint32_t	count = start[i];

		start[i] = sum;
		sum += count;
	}
	for (i = 0; i < n; i++)
		to[start[(from[i].head >> shift) % DIGITS]++] = from[i];
}

/* The points in the order of their heads. */
static entry *
sort_heads(const chash_host *host, const chash_points *points)
{
	uint32_t	n = points->count;
	entry	   *sorted = chash_alloc(host, n * sizeof(entry));
	entry	   *other = chash_alloc(host, n * sizeof(entry));
	unsigned	pass;
	uint32_t	i;

	for (i = 0; i < n; i++)
	{
		sorted[i].head = points->head[i];
		sorted[i].point = i;
	}
	/* an even number of passes ends where it began */
	for (pass = 0; pass < PASSES; pass += 2)
	{
		chash_check(host);
		sort_by_digit(sorted, other, n, pass * DIGIT_BITS);
		sort_by_digit(other, sorted, n, (pass + 1) * DIGIT_BITS);
	}
	chash_release(host, other);
	return sorted;
}

/*
 * The rank of each shard's name.  Points at one position are ordered by it and
 * not by the order of the shards, so that a ring depends on which shards it
 * has and not on the order in which they came.
 */
static uint32_t *
rank_names(const chash_router *router, const chash_host *host)
{
	uint32_t	n = router->nshards;
	const chash_shard **sorted = chash_router_sort_by_name(router, host);
	uint32_t   *rank = chash_alloc(host, n * sizeof(*rank));
	uint32_t	i;

	for (i = 0; i < n; i++)
		rank[sorted[i] - router->shards] = i;
	chash_release(host, sorted);
	return rank;
}

/* The order of two points whose heads are the same; 0 at the same position. */
static int
compare_rest(const chash_points *points, uint32_t a, uint32_t b)
{
	return points->position ? chash_uint_compare(&points->position[a], &points->position[b]) : 0;
}

/* Of two points at one position, whether the first is the one that serves. */
static bool
goes_before(const chash_points *points, const uint32_t *rank, uint32_t a, uint32_t b)
{
	const chash_node *first = &points->node[a];
	const chash_node *second = &points->node[b];

	if (first->shard != second->shard)
		return rank[first->shard] < rank[second->shard];
	return first->number < second->number;
}

/*
 * Put a point among those kept so far that have its head, which end at "end"
 * and begin at "begin"; returns the new end.  Only where positions are wider
 * than heads can there be more than one, and then only by a rare accident.
 */
static uint32_t
keep(const chash_points *points, const uint32_t *rank, entry *kept,
	 uint32_t begin, uint32_t end, entry new)
{
	uint32_t	place = end;

	while (place > begin && compare_rest(points, new.point, kept[place - 1].point) < 0)
		place--;
	if (place > begin && compare_rest(points, new.point, kept[place - 1].point) == 0)
	{
		if (goes_before(points, rank, new.point, kept[place - 1].point))
			kept[place - 1] = new;
		return end;
	}
	memmove(&kept[place + 1], &kept[place], (end - place) * sizeof(entry));
	kept[place] = new;
	return end + 1;
}

/* One point for each position, in their order; returns how many. */
static uint32_t
keep_one_each(const chash_points *points, const uint32_t *rank, entry *sorted)
{
	uint32_t	begin = 0;
	uint32_t	end = 0;
	uint32_t	i;

	for (i = 0; i < points->count; i++)
	{
		entry		new = sorted[i];

		if (end > 0 && sorted[end - 1].head != new.head)
			begin = end;
		end = keep(points, rank, sorted, begin, end, new);
	}
	return end;
}

bool
chash_points_place(const chash_router *router, const chash_host *host,
				   chash_points *points, chash_error *error)
{
	double		count = 0;
	chash_points placed;
	bool		ok;
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
		count += chash_points_of_shard(router, &router->shards[i]);
	allocate(router, host, (uint32_t) count, &placed);
	ok = place_all(router, host, &placed, error);
	if (ok)
	{
		entry	   *sorted = sort_heads(host, &placed);
		uint32_t   *rank = rank_names(router, host);

		allocate(router, host, keep_one_each(&placed, rank, sorted), points);
		for (i = 0; i < points->count; i++)
		{
			uint32_t	point = sorted[i].point;

			points->head[i] = placed.head[point];
			if (points->position)
				points->position[i] = placed.position[point];
			points->node[i] = placed.node[point];
		}
		chash_release(host, rank);
		chash_release(host, sorted);
	}
	chash_points_free(host, &placed);
	return ok;
}
