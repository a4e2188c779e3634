/*
 * keys.c
 *		The keys that are routed.
 */
#include "bench.h"

#include "core/splitmix.h"

/* Any number; another one gives another set of keys. */
#define SEED	UINT64_C(20240229)

void
bench_key(uint32_t i, char key[BENCH_KEY_BYTES])
{
	uint64_t	random = chash_splitmix64(SEED + (i + UINT64_C(1)) * CHASH_SPLITMIX_STEP);
	int			k;

	for (k = BENCH_KEY_BYTES - 1; k >= 0; k--)
	{
		key[k] = "0123456789abcdef"[random & 15];
		random >>= 4;
	}
}

chash_uint
bench_position(const chash_router *router, const char key[BENCH_KEY_BYTES])
{
	chash_uint	digest;
	chash_error error;

	if (!router->hash->digest(key, BENCH_KEY_BYTES, &digest, &error))
		bench_die("%s", error.message);
	return chash_position_of_digest(router, router->hash, &digest, 0);
}
