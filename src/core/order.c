/*
 * order.c
 *		The orders in which the shards of a router are dealt with.
 */
#include "core/order.h"

#include <stdlib.h>
#include <string.h>

/* What is sorted: a shard and its name as the dialect uses it. */
typedef struct entry
{
	const char *name;
	size_t		length;
	uint32_t	place;
} entry;

/*
 * hashring (npm) splits a name at its colons and takes the second part for the
 * port, so that an IPv6 address is used whole and a name of three parts is not.
 */
static bool
has_port_after_first_colon(const char *name, const char *port, size_t *host)
{
	const char *colon = strchr(name, ':');

	if (!colon || strncmp(colon, port, strlen(port)) != 0)
		return false;
	if (colon[strlen(port)] != '\0' && colon[strlen(port)] != ':')
		return false;
	*host = (size_t) (colon - name);
	return true;
}

const char *
chash_name_used(const chash_router *router, uint32_t place, size_t *length)
{
	const chash_dialect *dialect = router->dialect;
	const char *name = router->shards[place].name;
	const char *port = dialect->default_port;

	*length = strlen(name);
	if (!port)
		return name;
	if (dialect->port_ends_host)
		(void) has_port_after_first_colon(name, port, length);
	else if (*length > strlen(port) && strcmp(name + *length - strlen(port), port) == 0)
		*length -= strlen(port);
	return name;
}

static int
compare_names(const void *a, const void *b)
{
	const entry *first = a;
	const entry *second = b;

	return strcmp(first->name, second->name);
}

/* Without their ports names can be the same; then the shard that comes first is first. */
static int
compare_lengths(const void *a, const void *b)
{
	const entry *first = a;
	const entry *second = b;
	int			order;

	if (first->length != second->length)
		return first->length < second->length ? -1 : 1;
	order = memcmp(first->name, second->name, first->length);
	if (order != 0)
		return order;
	return (first->place > second->place) - (first->place < second->place);
}

uint32_t *
chash_order_shards(const chash_router *router, const chash_host *host, chash_order order)
{
	uint32_t	n = router->nshards;
	uint32_t   *places = chash_alloc(host, n * sizeof(*places));
	entry	   *entries = chash_alloc(host, n * sizeof(*entries));
	uint32_t	i;

	for (i = 0; i < n; i++)
	{
		entries[i].name = chash_name_used(router, i, &entries[i].length);
		entries[i].place = i;
	}
	if (order != CHASH_ORDER_GIVEN)
		qsort(entries, n, sizeof(*entries),
			  order == CHASH_ORDER_NAME ? compare_names : compare_lengths);
	for (i = 0; i < n; i++)
		places[i] = entries[i].place;
	chash_release(host, entries);
	return places;
}

uint32_t *
chash_rank_shards(const chash_router *router, const chash_host *host)
{
	static const chash_order orders[] = {
		[CHASH_TIE_NAME] = CHASH_ORDER_NAME,
		[CHASH_TIE_FIRST] = CHASH_ORDER_GIVEN,
		[CHASH_TIE_LAST] = CHASH_ORDER_GIVEN,
		[CHASH_TIE_SHORTEST] = CHASH_ORDER_SHORTEST,
	};
	chash_tie	tie = router->dialect->tie;
	uint32_t	n = router->nshards;
	uint32_t   *rank = chash_alloc(host, n * sizeof(*rank));
	uint32_t   *places = chash_order_shards(router, host, orders[tie]);
	uint32_t	i;

	for (i = 0; i < n; i++)
		rank[places[i]] = tie == CHASH_TIE_LAST ? n - 1 - i : i;
	chash_release(host, places);
	return rank;
}
