/*
 * sample.c
 *		The sample of positions, from a counter that SplitMix64 mixes.
 */
#include "core/sample.h"
#include "core/splitmix.h"

/* Of the widest position. */
#define WORDS		(CHASH_MAX_BITS / 64)

/* How often to give the host a chance to stop, in shards of all lookups. */
#define WORK_BETWEEN_CHECKS	1000000

chash_uint
chash_sample_position(uint32_t i, unsigned bits)
{
	unsigned	words = (bits + 63) / 64;
	uint64_t	counter = (uint64_t) i * WORDS * CHASH_SPLITMIX_STEP;
	chash_uint	position = chash_uint_from(0);
	unsigned	k;

	/* the most significant word comes first */
	for (k = words; k > 0; k--)
	{
		uint64_t	word;

		counter += CHASH_SPLITMIX_STEP;
		word = chash_splitmix64(counter);
		position.limb[2 * k - 1] = (uint32_t) (word >> 32);
		position.limb[2 * k - 2] = (uint32_t) word;
	}
	return chash_uint_shift_right(&position, 64 * words - bits);
}

void
chash_sample_shares(const chash_compiled *compiled, const chash_host *host,
					double *shares)
{
	const chash_router *router = compiled->router;
	uint32_t	between_checks = 1 + WORK_BETWEEN_CHECKS / router->nshards;
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
		shares[i] = 0;
	for (i = 0; i < CHASH_SAMPLE_SIZE; i++)
	{
		chash_uint	position = chash_sample_position(i, router->bits);

		if (i % between_checks == 0)
			chash_check(host);
		shares[chash_route(compiled, &position)] += 1.0 / CHASH_SAMPLE_SIZE;
	}
}
