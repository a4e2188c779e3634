/*
 * hash_range.c
 *		The strategy "hash_range": position div size, where size is the number
 *		of positions divided by the sum of the weights, rounded down.  The last
 *		shard takes the rest.
 */
#include "core/units.h"

#include <math.h>

static bool
validate(const chash_router *router, chash_error *error)
{
	chash_uint	space = chash_uint_power_of_two(router->bits);
	chash_uint	units = chash_uint_from((uint64_t) chash_router_total_weight(router));

	if (chash_uint_compare(&space, &units) < 0)
	{
		chash_fail(error, CHASH_ERROR_VALUE,
				   "a space of %.0f positions cannot be divided by weights that add up to %.0f",
				   ldexp(1, (int) router->bits), chash_router_total_weight(router));
		return chash_fail_hint(error, "Use more than %u bits.", router->bits);
	}
	return true;
}

static bool
compile(chash_compiled *compiled, const chash_host *host,
		chash_error *error)
{
	chash_units *units = chash_units_compile(compiled, host);

	(void) error;
	units->size = chash_uint_divide(&compiled->space, units->count, NULL);
	return true;
}

/* The quotient, not yet limited to the last unit. */
static uint64_t
divide_by_size(const chash_compiled *compiled, const chash_units *units,
			   const chash_uint *position)
{
	chash_uint	guess;
	chash_uint	next;

	if (compiled->router->bits < 64)
		return chash_uint_low64(position) / chash_uint_low64(&units->size);

	/*
	 * With a space of S = 2^bits positions, position * n / S is too small by
	 * less than n / size, which is less than 1 in spaces as wide as these.
	 */
	guess = chash_uint_multiply(position, units->count);
	guess = chash_uint_shift_right(&guess, compiled->router->bits);
	next = chash_uint_multiply(&units->size, guess.limb[0] + 1);
	return guess.limb[0] + (chash_uint_compare(&next, position) <= 0 ? 1 : 0);
}

static uint32_t
lookup(const chash_compiled *compiled, const chash_uint *position)
{
	const chash_units *units = chash_units_of(compiled);
	uint64_t	unit = divide_by_size(compiled, units, position);

	return unit < units->count ? (uint32_t) unit : units->count - 1;
}

static uint32_t
shard_of_head(const chash_compiled *compiled, uint64_t head)
{
	const chash_units *units = chash_units_of(compiled);
	uint64_t	unit = 0;

	if (compiled->router->bits > 64)
		return CHASH_UNDECIDED;
	/* with one unit its size could need a bit more */
	if (units->count > 1)
		unit = head / chash_uint_low64(&units->size);
	return units->shard[unit < units->count ? unit : units->count - 1];
}

static void
slice(const chash_compiled *compiled, uint32_t i, chash_slice *slice)
{
	const chash_units *units = chash_units_of(compiled);

	slice->first = chash_uint_multiply(&units->size, i);
	slice->width = units->size;
	if (i == units->count - 1)
		slice->width = chash_uint_subtract(&compiled->space, &slice->first);
	slice->shard = units->shard[i];
}

const chash_strategy chash_strategy_hash_range = {
	.name = "hash_range",
	.code = 2,
	.hashed = true,
	.sliced = true,
	.unit_weights = true,
	.validate = validate,
	.compile = compile,
	.lookup = lookup,
	.shard_of_head = shard_of_head,
	.slice = slice,
	.slice_shard = chash_units_slice_shard,
	.vnode = chash_units_vnode,
};
