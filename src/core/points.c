/*
 * points.c
 *		Placing the points of a ring and sorting them.
 */
#include "core/order.h"
#include "core/points.h"
#include "core/tokens.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- their number ---- */

bool
chash_points_check_number(const chash_router *router, chash_error *error)
{
	double		total = chash_points_of_all(router);

	/* also where floats overflow, and the total is not a number */
	if (!(total >= 1))
	{
		chash_fail(error, CHASH_ERROR_VALUE,
				   "the weights are too small or too large to give a ring its points");
		return chash_fail_hint(error, "Multiply or divide all weights by the same number.");
	}
	if (total > CHASH_MAX_POINTS)
	{
		chash_fail(error, CHASH_ERROR_LIMIT,
				   "the ring would have %.7g virtual nodes, the limit is %d",
				   total, CHASH_MAX_POINTS);
		return chash_fail_hint(error, "Use fewer virtual nodes or smaller weights.");
	}
	return true;
}

/* ---- placing ---- */

static chash_uint *
allocate_positions(const chash_host *host, size_t room)
{
	return (chash_uint *) chash_alloc(host, room * sizeof(chash_uint)) + CHASH_POINTS_ROOM;
}

void
chash_points_allocate(const chash_router *router, const chash_host *host, uint32_t count,
					  chash_points *points)
{
	points->count = count;
	points->room = (size_t) count + CHASH_POINTS_ROOM;
	points->point = (chash_point *) chash_alloc(host, points->room * sizeof(chash_point)) +
		CHASH_POINTS_ROOM;
	points->position = router->bits > 64 ? allocate_positions(host, points->room) : NULL;
}

size_t
chash_points_memory(const chash_points *points)
{
	return points->room * (sizeof(chash_point) + (points->position ? sizeof(chash_uint) : 0));
}

void
chash_points_free(const chash_host *host, chash_points *points)
{
	chash_release(host, points->point - CHASH_POINTS_ROOM);
	if (points->position)
		chash_release(host, points->position - CHASH_POINTS_ROOM);
}

/*
 * The points of one shard, as they are placed.  A chain needs the point
 * before, a name over and over needs as much room as the longest.
 */
typedef struct placing
{
	const chash_router *router;
	const chash_placement *placement;
	uint32_t	shard;
	char	   *text;			/* what is hashed */
	size_t		begun;			/* bytes of it that are the same in all labels */
	const char *template;		/* of the rest of a label */
	const char *name;			/* the shard's, as the dialect uses it */
	size_t		name_length;
	uint32_t	crc;			/* of host and port, where points are a chain */
	uint32_t	before;			/* the point before, there */
} placing;

/*
 * nginx takes for a port the digits after the last colon, if nothing but
 * digits is there, and leaves "unix:", in small letters or capitals, out.
 */
static uint32_t
crc_of_host_and_port(const char *name)
{
	size_t		length = strlen(name);
	size_t		digits = 0;
	uint32_t	crc;

	if (length >= 5 && (name[0] | 0x20) == 'u' && (name[1] | 0x20) == 'n' &&
		(name[2] | 0x20) == 'i' && (name[3] | 0x20) == 'x' && name[4] == ':')
		return chash_crc32(chash_crc32(0, name + 5, length - 5), "", 1);
	while (digits < length && name[length - 1 - digits] >= '0' && name[length - 1 - digits] <= '9')
		digits++;
	if (digits == length || name[length - 1 - digits] != ':')
		return chash_crc32(chash_crc32(0, name, length), "", 1);
	crc = chash_crc32(0, name, length - digits - 1);
	crc = chash_crc32(crc, "", 1);
	return chash_crc32(crc, name + length - digits, digits);
}

static void
begin_shard(placing *place, const chash_host *host, uint32_t labels)
{
	const chash_router *router = place->router;
	uint32_t	i;

	place->name = chash_name_used(router, place->shard, &place->name_length);
	switch (place->placement->dialect->generator)
	{
		case CHASH_POINTS_OF_LABELS:
			place->text = chash_alloc(host, CHASH_LABEL_MAX);
			place->template = router->p.label;
			place->begun = chash_label_begin(&place->template, place->name,
											 place->name_length, place->text);
			break;
		case CHASH_POINTS_OF_REPEATED_NAMES:
			place->text = chash_alloc(host, place->name_length * (labels + 1));
			for (i = 0; i < labels + 1; i++)
				memcpy(place->text + i * place->name_length, place->name, place->name_length);
			break;
		case CHASH_POINTS_OF_A_CHAIN:
			place->text = NULL;
			place->crc = crc_of_host_and_port(place->name);
			place->before = 0;
			break;
		case CHASH_POINTS_OF_IDS:
			place->text = NULL;
			break;
		case CHASH_POINTS_GIVEN:
			break;
	}
}

/* Write a label into the text; returns its length. */
static size_t
write_label(const placing *place, uint32_t label)
{
	return place->begun + chash_label_expand(place->template, place->name, place->name_length,
											 label, place->text + place->begun);
}

static bool
digest_of_label(placing *place, uint32_t label, chash_uint *digest, chash_error *error)
{
	const chash_router *router = place->router;
	const chash_hash *hash = place->placement->hash;
	uint8_t		before[4];
	size_t		length;
	unsigned	i;

	switch (place->placement->dialect->generator)
	{
		case CHASH_POINTS_OF_LABELS:
			length = write_label(place, label);
			return hash->digest(place->text, length, digest, error);
		case CHASH_POINTS_OF_REPEATED_NAMES:
			length = place->name_length * ((size_t) label + 2);
			return hash->digest(place->text, length, digest, error);
		case CHASH_POINTS_OF_A_CHAIN:
			for (i = 0; i < 4; i++)
				before[i] = (uint8_t) (place->before >> (8 * i));
			place->before = chash_crc32(place->crc, before, 4);
			*digest = chash_uint_from(place->before);
			break;
		case CHASH_POINTS_OF_IDS:
			*digest = chash_uint_from(chash_haproxy_avalanche(router->shards[place->shard].id *
															  CHASH_MAX_ID_POINTS + label));
			break;
		case CHASH_POINTS_GIVEN:
			break;
	}
	return true;
}

/* A label's point where the hash is an integer, whose top bits are the position. */
static uint64_t
head_of_label(const placing *place, uint32_t label)
{
	const chash_hash *hash = place->placement->hash;
	size_t		length = write_label(place, label);

	return hash->value(place->text, length) >> (hash->bits - place->router->bits);
}

/* Whether that is how the points of a router are placed: a short way. */
static bool
has_short_way(const placing *place)
{
	const chash_placement *placement = place->placement;

	return placement->dialect->generator == CHASH_POINTS_OF_LABELS &&
		placement->hash->value && placement->digest_points == 1 &&
		chash_router_take(place->router, placement->hash) == CHASH_TAKE_TOP;
}

static void
add_point(const placing *place, chash_points *points, uint32_t i, uint64_t head, uint32_t number)
{
	points->point[i].head = head;
	points->point[i].shard = place->shard;
	points->point[i].number = number;
}

static bool
place_shard(placing *place, const chash_host *host, uint32_t labels, chash_points *points,
			uint32_t *next, chash_error *error)
{
	const chash_router *router = place->router;
	unsigned	words = place->placement->digest_points;
	bool		short_way = has_short_way(place);
	bool		ok = true;
	uint32_t	label;

	begin_shard(place, host, labels);
	for (label = 0; ok && label < labels; label++)
	{
		chash_uint	digest;
		unsigned	word;

		/* a name repeated thousands of times takes long to hash */
		if (label % 16 == 0)
			chash_check(host);
		if (short_way)
		{
			add_point(place, points, *next, head_of_label(place, label), label);
			(*next)++;
			continue;
		}
		ok = digest_of_label(place, label, &digest, error);
		for (word = 0; ok && word < words; word++)
		{
			chash_uint	position = chash_position_of_digest(router, place->placement->hash,
																   &digest, word);
			uint32_t	i = (*next)++;

			add_point(place, points, i, chash_position_head(router, &position),
					  label * words + word);
			if (points->position)
				points->position[i] = position;
		}
	}
	if (place->text)
		chash_release(host, place->text);
	return ok;
}

static void
place_tokens(const chash_router *router, chash_points *points)
{
	uint32_t	i;

	for (i = 0; i < router->ntokens; i++)
	{
		points->point[i].head = chash_token_position(router, &router->tokens[i]);
		points->point[i].shard = router->tokens[i].shard;
		points->point[i].number = i;
	}
}

static bool
place_all(const chash_router *router, const chash_host *host, chash_points *points,
		  chash_error *error)
{
	chash_shares_walk walk;
	placing		place = {.router = router, .placement = &walk.placement};
	uint32_t	next = 0;

	if (router->dialect->generator == CHASH_POINTS_GIVEN)
	{
		place_tokens(router, points);
		return true;
	}
	chash_shares_begin(&walk, router);
	for (place.shard = 0; place.shard < router->nshards; place.shard++)
	{
		uint32_t	labels = (uint32_t) chash_shares_next(&walk);

		if (place.shard % 64 == 0)
			chash_check(host);
		if (!place_shard(&place, host, labels, points, &next, error))
			return false;
	}
	return true;
}

/* A digest that gives several points adds their number; other generators count. */
void
chash_point_name(const chash_router *router, const chash_placement *placement,
				 const chash_point *point, char *text)
{
	uint32_t	label = point->number / placement->digest_points;
	size_t		name_length;
	const char *name = chash_name_used(router, point->shard, &name_length);
	size_t		length;

	switch (placement->dialect->generator)
	{
		case CHASH_POINTS_OF_LABELS:
			length = chash_label_expand(router->p.label, name, name_length, label, text);
			if (placement->digest_points > 1)
				sprintf(text + length, "/%u", (unsigned) (point->number % placement->digest_points));
			break;
		case CHASH_POINTS_OF_REPEATED_NAMES:
			snprintf(text, CHASH_VNODE_TEXT, "%s x %u", name, (unsigned) label + 2);
			break;
		case CHASH_POINTS_OF_A_CHAIN:
		case CHASH_POINTS_OF_IDS:
			snprintf(text, CHASH_VNODE_TEXT, "%s #%u", name, (unsigned) label);
			break;
		case CHASH_POINTS_GIVEN:
			snprintf(text, CHASH_VNODE_TEXT, "%" PRId64, router->tokens[point->number].token);
			break;
	}
}

/* ---- sorting ---- */

/* Points that have been placed. */
typedef struct placed
{
	chash_points *points;
	const uint32_t *rank;		/* of the shards, where points meet */
	uint32_t   *first;			/* where positions are wide, each shard's first one */
} placed;

static const chash_uint *
position_of(const placed *placed, const chash_point *point)
{
	return &placed->points->position[placed->first[point->shard] + point->number];
}

/* Positions stay where they are while points are sorted; points of a shard come together. */
static uint32_t *
first_of_shards(const chash_router *router, const chash_host *host, const chash_points *points)
{
	uint32_t   *first;
	uint32_t	i;

	if (!points->position)
		return NULL;
	first = chash_alloc(host, router->nshards * sizeof(*first));
	for (i = 0; i < points->count; i++)
	{
		if (points->point[i].number == 0)
			first[points->point[i].shard] = i;
	}
	return first;
}

/* The order of two points whose heads are the same; 0 at the same position. */
static int
compare_rest(const placed *placed, const chash_point *a, const chash_point *b)
{
	if (!placed->first)
		return 0;
	return chash_uint_compare(position_of(placed, a), position_of(placed, b));
}

/* Of two points at one position, whether the first is the one that serves. */
static bool
goes_before(const placed *placed, const chash_point *first, const chash_point *second)
{
	if (first->shard != second->shard)
		return placed->rank[first->shard] < placed->rank[second->shard];
	return first->number < second->number;
}

/*
 * Put a point among those kept so far that have its head, which end at "end"
 * and begin at "begin"; returns the new end.  Only where positions are wider
 * than heads can there be more than one, and then only by a rare accident.
 */
static uint32_t
keep(const placed *placed, uint32_t begin, uint32_t end, chash_point new)
{
	chash_point *kept = placed->points->point;
	uint32_t	place = end;

	while (place > begin && compare_rest(placed, &new, &kept[place - 1]) < 0)
		place--;
	if (place > begin && compare_rest(placed, &new, &kept[place - 1]) == 0)
	{
		if (goes_before(placed, &new, &kept[place - 1]))
			kept[place - 1] = new;
		return end;
	}
	memmove(&kept[place + 1], &kept[place], (end - place) * sizeof(*kept));
	kept[place] = new;
	return end + 1;
}

/* One point for each position, in their order; returns how many. */
static uint32_t
keep_one_each(const placed *placed)
{
	chash_point *sorted = placed->points->point;
	uint32_t	begin = 0;
	uint32_t	end = 0;
	uint32_t	i;

	for (i = 0; i < placed->points->count; i++)
	{
		chash_point new = sorted[i];

		if (end == 0 || sorted[end - 1].head != new.head)
		{
			/* alone so far, as nearly all are */
			begin = end;
			sorted[end++] = new;
		}
		else
			end = keep(placed, begin, end, new);
	}
	return end;
}

/* Bring wide positions into the order of their points. */
static void
sort_positions(const placed *placed, const chash_host *host)
{
	chash_points *points = placed->points;
	chash_uint *sorted = allocate_positions(host, points->room);
	uint32_t	i;

	for (i = 0; i < points->count; i++)
		sorted[i] = *position_of(placed, &points->point[i]);
	chash_release(host, points->position - CHASH_POINTS_ROOM);
	points->position = sorted;
}

bool
chash_points_place(const chash_router *router, const chash_host *host,
				   chash_points *points, chash_error *error)
{
	placed		placed = {points, NULL, NULL};
	uint32_t   *rank;

	chash_points_allocate(router, host, (uint32_t) chash_points_of_all(router), points);
	points->placement = chash_placement_of(router);
	if (!place_all(router, host, points, error))
	{
		chash_points_free(host, points);
		return false;
	}
	placed.rank = rank = chash_rank_shards(router, host);
	placed.first = first_of_shards(router, host, points);
	chash_radix_sort(points->point, points->count, router->bits < 64 ? router->bits : 64, host);
	points->count = keep_one_each(&placed);
	if (placed.first)
	{
		sort_positions(&placed, host);
		chash_release(host, placed.first);
	}
	chash_release(host, rank);
	return true;
}
