/*
 * units.c
 *		The table from a unit to its shard.
 */
#include "core/order.h"
#include "core/units.h"

#include <stdio.h>

chash_units *
chash_units_allocate(chash_compiled *compiled, const chash_host *host, uint32_t count)
{
	chash_units *units = chash_alloc(host, sizeof(*units));

	units->count = count;
	units->shard = chash_alloc(host, count * sizeof(uint32_t));
	units->size = chash_uint_from(0);
	compiled->nslices = count;
	compiled->data = units;
	compiled->memory = sizeof(*units) + count * sizeof(uint32_t);
	return units;
}

chash_units *
chash_units_compile(chash_compiled *compiled, const chash_host *host)
{
	const chash_router *router = compiled->router;
	chash_order order = router->dialect->order;
	uint32_t   *places = chash_order_shards(router, host, order ? order : CHASH_ORDER_GIVEN);
	uint32_t	count = (uint32_t) chash_router_total_weight(router);
	chash_units *units = chash_units_allocate(compiled, host, count);
	uint32_t	unit = 0;
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
	{
		uint32_t	end = unit + (uint32_t) router->shards[places[i]].weight;

		while (unit < end)
			units->shard[unit++] = places[i];
	}
	chash_release(host, places);
	return units;
}

uint32_t
chash_units_remainder(const chash_compiled *compiled, const chash_uint *position)
{
	return chash_uint_modulo(position, chash_units_of(compiled)->count);
}

uint32_t
chash_units_shard_of_head(const chash_compiled *compiled, uint64_t head)
{
	const chash_units *units = chash_units_of(compiled);

	return compiled->router->bits <= 64 ? units->shard[head % units->count] : CHASH_UNDECIDED;
}

/* Of the positions 0 to S - 1, S div n leave each remainder, the first S mod n one more. */
void
chash_units_residues(const chash_compiled *compiled, uint32_t i, chash_slice *slice)
{
	const chash_units *units = chash_units_of(compiled);
	chash_uint	one = chash_uint_from(1);
	uint32_t	rest;

	slice->first = chash_uint_from(i);
	slice->width = chash_uint_divide(&compiled->space, units->count, &rest);
	if (i < rest)
		slice->width = chash_uint_add(&slice->width, &one);
	slice->shard = units->shard[i];
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
