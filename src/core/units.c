/*
 * units.c
 *		The table from a unit to its shard.
 */
#include "core/units.h"

#include <stdio.h>

chash_units *
chash_units_compile(chash_compiled *compiled, const chash_host *host)
{
	const chash_router *router = compiled->router;
	uint32_t	count = (uint32_t) chash_router_total_weight(router);
	chash_units *units = chash_alloc(host, sizeof(*units));
	uint32_t	unit = 0;
	uint32_t	i;

	units->count = count;
	units->shard = chash_alloc(host, count * sizeof(uint32_t));
	units->size = chash_uint_from(0);
	for (i = 0; i < router->nshards; i++)
	{
		uint32_t	end = unit + (uint32_t) router->shards[i].weight;

		while (unit < end)
			units->shard[unit++] = i;
	}
	compiled->nslices = count;
	compiled->data = units;
	compiled->memory = sizeof(*units) + count * sizeof(uint32_t);
	return units;
}

uint32_t
chash_units_slice_shard(const chash_compiled *compiled, uint32_t i)
{
	return chash_units_of(compiled)->shard[i];
}

/* What the division gives: the number of the unit. */
void
chash_units_vnode(const chash_compiled *compiled, uint32_t i, char *text)
{
	(void) compiled;
	sprintf(text, "%u", (unsigned) i);
}
