/*
 * range.c
 *		The strategy "range": bounds on the key itself.  n shards have n - 1
 *		bounds, and bound i is the first key of shard i + 1.
 *
 * Only the server can compare keys of a type, so that here a position is the
 * number of an interval: how many bounds are not above the key.
 */
#include "core/compile.h"

#include <stdio.h>
#include <string.h>

static bool
validate(const chash_router *router, chash_error *error)
{
	uint32_t	i;

	if (!chash_key_type_name(router->key_type))
	{
		chash_fail(error, CHASH_ERROR_UNKNOWN,
				   "unknown key type number %u", (unsigned) router->key_type);
		return chash_fail_hint(error, "Key types are %s.", chash_key_type_names());
	}
	if (router->key_type == CHASH_KEY_TEXT &&
		(!router->collation || router->collation[0] == '\0' ||
		 strlen(router->collation) > CHASH_MAX_COLLATION))
		return chash_fail(error, CHASH_ERROR_VALUE,
						  "the name of the collation must have between 1 and %d bytes",
						  CHASH_MAX_COLLATION);
	if (router->nbounds != router->nshards - 1)
	{
		chash_fail(error, CHASH_ERROR_VALUE,
				   "wrong number of bounds: %u instead of %u",
				   router->nbounds, router->nshards - 1);
		return chash_fail_hint(error, "A bound is the first key of a shard; "
							   "every shard but the first needs one.");
	}
	for (i = 0; i < router->nbounds; i++)
	{
		if (strlen(router->bounds[i]) > CHASH_MAX_BOUND)
			return chash_fail(error, CHASH_ERROR_LIMIT,
							  "bound number %u is too long: %zu bytes, the limit is %d",
							  i + 1, strlen(router->bounds[i]), CHASH_MAX_BOUND);
	}
	return true;
}

static bool
compile(chash_compiled *compiled, const chash_host *host,
		chash_error *error)
{
	(void) host;
	(void) error;
	compiled->nslices = compiled->router->nshards;
	return true;
}

static uint32_t
lookup(const chash_compiled *compiled, const chash_uint *position)
{
	(void) compiled;
	return position->limb[0];
}

static void
slice(const chash_compiled *compiled, uint32_t i, chash_slice *slice)
{
	(void) compiled;
	slice->first = chash_uint_from(i);
	slice->width = chash_uint_from(1);
	slice->shard = i;
}

/* As PostgreSQL writes ranges: [lower,upper). */
static void
vnode(const chash_compiled *compiled, uint32_t i, char *text)
{
	const chash_router *router = compiled->router;
	const char *lower = i > 0 ? router->bounds[i - 1] : "";
	const char *upper = i < router->nbounds ? router->bounds[i] : "";

	snprintf(text, CHASH_VNODE_TEXT, "%c%s,%s)", i > 0 ? '[' : '(', lower, upper);
}

const chash_strategy chash_strategy_range = {
	.name = "range",
	.code = 3,
	.no_weights = "The bounds alone decide how much a shard gets.",
	.sliced = true,
	.validate = validate,
	.compile = compile,
	.lookup = lookup,
	.slice = slice,
	.slice_shard = chash_slice_is_shard,
	.vnode = vnode,
};
