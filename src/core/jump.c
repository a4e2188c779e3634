/*
 * jump.c
 *		The strategy "jump" (Lamping and Veach, "A Fast, Minimal Memory,
 *		Consistent Hash Algorithm", 2014), which needs no memory at all.
 *
 * Imagine that shards come one by one.  The n-th takes each key with the
 * probability 1/n, so that a key jumps from shard to shard, ever further ahead.
 * The last shard that it reaches has it.
 */
#include "core/numbered.h"
#include "core/rounded.h"

/*
 * The paper's listing.  Its quotient and its product are each rounded to a
 * double, which is part of the definition.  Guava divides by the reciprocal of
 * the quotient, which is exact, so that it rounds once, and comes to another
 * number for some keys.
 */
static inline uint32_t
jump(uint64_t key, uint32_t n, bool one_rounding)
{
	uint64_t	random = key;
	int64_t		reached = 0;
	int64_t		next = 0;

	while (next < (int64_t) n)
	{
		double		part;
		double		target;

		reached = next;
		random = random * UINT64_C(2862933555777941757) + 1;
		part = (double) ((random >> 33) + 1);
		if (one_rounding)
			target = (double) (reached + 1) / (part / 2147483648.0);
		else
			target = (double) (reached + 1) * chash_rounded(2147483648.0 / part);
		next = (int64_t) chash_rounded(target);
	}
	return (uint32_t) reached;
}

uint32_t
chash_jump_number(uint64_t key, uint32_t n)
{
	return jump(key, n, false);
}

uint32_t
chash_guava_number(uint64_t key, uint32_t n)
{
	return jump(key, n, true);
}

static uint32_t
shard_of_head(const chash_compiled *compiled, uint64_t head)
{
	const chash_router *router = compiled->router;

	return jump(head, router->nshards, router->dialect->one_rounding);
}

const chash_strategy chash_strategy_jump = {
	.name = "jump",
	.code = 5,
	.hashed = true,
	.no_weights = CHASH_NUMBERED_NO_WEIGHTS("jump"),
	.validate = chash_router_check_whole_digest,
	.can_remove = chash_numbered_can_remove,
	.compile = chash_numbered_compile,
	.lookup = chash_lookup_by_head,
	.shard_of_head = shard_of_head,
	.slice_shard = chash_slice_is_shard,
};
