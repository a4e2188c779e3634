/*
 * compile.c
 *		What all strategies share in making a router ready to route.
 */
#include "core/compile.h"

bool
chash_compile(chash_compiled *compiled, const chash_router *router,
			  const chash_host *host, chash_error *error)
{
	compiled->router = router;
	compiled->space = router->strategy->hashed ?
		chash_uint_power_of_two(router->bits) : chash_uint_from(router->nshards);
	compiled->nslices = 0;
	compiled->memory = 0;
	compiled->data = NULL;
	return router->strategy->compile(compiled, host, error);
}

chash_uint
chash_position_of_digest(const chash_router *router, const chash_uint *digest)
{
	if (router->bits == router->hash->bits)
		return *digest;
	return chash_uint_shift_right(digest, router->hash->bits - router->bits);
}

uint64_t
chash_position_head(const chash_router *router, const chash_uint *position)
{
	chash_uint	top;

	if (router->bits <= 64)
		return chash_uint_low64(position);
	top = chash_uint_shift_right(position, router->bits - 64);
	return chash_uint_low64(&top);
}

uint32_t
chash_slice_is_shard(const chash_compiled *compiled, uint32_t i)
{
	(void) compiled;
	return i;
}

void
chash_count_positions(const chash_compiled *compiled, chash_uint *positions)
{
	const chash_strategy *strategy = compiled->router->strategy;
	uint32_t	i;

	for (i = 0; i < compiled->router->nshards; i++)
		positions[i] = chash_uint_from(0);
	for (i = 0; i < compiled->nslices; i++)
	{
		chash_slice slice;

		strategy->slice(compiled, i, &slice);
		positions[slice.shard] = chash_uint_add(&positions[slice.shard], &slice.width);
	}
}
