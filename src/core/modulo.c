/*
 * modulo.c
 *		The strategy "modulo": position mod n, where n is the sum of the
 *		weights.  Over the hash "pg" it is PostgreSQL's PARTITION BY HASH.
 *
 * The slices are residue classes.  Changing n moves nearly everything.
 */
#include "core/units.h"

static bool
validate(const chash_router *router, chash_error *error)
{
	if (router->bits != router->hash->bits)
		return chash_fail(error, CHASH_ERROR_UNSUPPORTED,
						  "strategy \"modulo\" uses all %u bits of hash \"%s\", not %u",
						  router->hash->bits, router->hash->name, router->bits);
	return true;
}

static bool
compile(chash_compiled *compiled, const chash_host *host,
		chash_error *error)
{
	(void) error;
	chash_units_compile(compiled, host);
	return true;
}

static uint32_t
lookup(const chash_compiled *compiled, const chash_uint *position)
{
	return chash_uint_modulo(position, chash_units_of(compiled)->count);
}

/* Of the positions 0 to S - 1, S div n leave each remainder, the first S mod n one more. */
static void
slice(const chash_compiled *compiled, uint32_t i, chash_slice *slice)
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

const chash_strategy chash_strategy_modulo = {
	.name = "modulo",
	.code = 1,
	.hashed = true,
	.periodic = true,
	.unit_weights = true,
	.validate = validate,
	.compile = compile,
	.lookup = lookup,
	.slice = slice,
	.slice_shard = chash_units_slice_shard,
	.vnode = chash_units_vnode,
};
