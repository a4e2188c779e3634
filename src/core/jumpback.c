/*
 * jumpback.c
 *		The strategy "jumpback" (Ertl, "JumpBackHash: Say Goodbye to the Modulo
 *		Operation to Distribute Keys Uniformly to Buckets", 2024), with random
 *		numbers from SplitMix64.
 *
 * Like jump it finds the last shard that a key reaches when shards come one by
 * one, but it looks for it from the end.  Shards are taken in octaves: octave k
 * has the numbers from 2^k to 2^(k+1) - 1.  One bit of a random number says
 * whether the key reaches an octave at all, so that the octaves without it are
 * passed over at once.  Within an octave the last number reached is uniform;
 * where that is beyond the last shard, the one reached before it is looked for.
 */
#include "core/numbered.h"
#include "core/splitmix.h"

/* The highest bit that is set; there is one. */
static uint32_t
highest_bit(uint32_t bits)
{
	uint32_t	bit = 1;

	while (bits >>= 1)
		bit <<= 1;
	return bit;
}

static bool
is_odd(uint32_t bits)
{
	bool		odd = false;

	for (; bits != 0; bits &= bits - 1)
		odd = !odd;
	return odd;
}

/*
 * Within the octave that begins at "first", step back from numbers that are
 * beyond the last shard.  A random number from 0 on below the octave's end is
 * the one reached before, or, where it is below "first", says that there is
 * none in this octave.  Each draw gives two, the low half first.
 */
static uint32_t
step_back(uint64_t *counter, uint32_t first, uint32_t n)
{
	uint32_t	mask = 2 * first - 1;

	for (;;)
	{
		uint64_t	draw;
		uint32_t	number;

		*counter += CHASH_SPLITMIX_STEP;
		draw = chash_splitmix64(*counter);
		number = (uint32_t) draw & mask;
		if (number >= n)
			number = (uint32_t) (draw >> 32) & mask;
		if (number < n)
			return number;
	}
}

uint32_t
chash_jumpback_number(uint64_t key, uint32_t n)
{
	uint64_t	counter = key + CHASH_SPLITMIX_STEP;
	uint64_t	draw = chash_splitmix64(counter);
	uint32_t	octaves;

	if (n == 1)
		return 0;

	/* bit k says whether octave k is reached; octaves without shards do not count */
	octaves = (uint32_t) (draw ^ (draw >> 32)) & (2 * highest_bit(n - 1) - 1);
	while (octaves != 0)
	{
		uint32_t	first = highest_bit(octaves);
		uint32_t	half = (uint32_t) (is_odd(octaves) ? draw >> 32 : draw);
		uint32_t	number = first + (half & (first - 1));

		/* only the last octave can have numbers beyond the last shard */
		if (number >= n)
			number = step_back(&counter, first, n);
		if (number >= first)
			return number;
		octaves ^= first;
	}
	return 0;
}

static uint32_t
shard_of_head(const chash_compiled *compiled, uint64_t head)
{
	return chash_jumpback_number(head, compiled->router->nshards);
}

const chash_strategy chash_strategy_jumpback = {
	.name = "jumpback",
	.code = 6,
	.hashed = true,
	.no_weights = CHASH_NUMBERED_NO_WEIGHTS("jumpback"),
	.validate = chash_router_check_whole_digest,
	.can_remove = chash_numbered_can_remove,
	.compile = chash_numbered_compile,
	.lookup = chash_lookup_by_head,
	.shard_of_head = shard_of_head,
	.slice_shard = chash_slice_is_shard,
};
