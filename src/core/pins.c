/*
 * pins.c
 *		Finding the pin of a key, and what pins must fulfil.
 *
 * A model has its pins in the byte order of their keys.  To route, they are
 * put into a table of twice as many buckets at least, by XXH3 of the key, each
 * in the first free bucket from its own on.
 */
#include "core/pins.h"

#include <stdlib.h>
#include <string.h>

static uint64_t
hash_of(const void *key, size_t length)
{
	chash_uint	digest;
	chash_error error;

	(void) chash_hash_by_code(CHASH_HASH_XXH3)->digest(key, length, &digest, &error);
	return chash_uint_low64(&digest);
}

chash_pins *
chash_pins_compile(const chash_router *router, const chash_host *host, size_t *memory)
{
	chash_pins *pins;
	uint32_t	buckets = 2;
	uint32_t	i;

	if (router->npins == 0)
		return NULL;
	while (buckets < 2 * router->npins)
		buckets *= 2;
	pins = chash_alloc(host, sizeof(*pins));
	pins->pins = router->pins;
	pins->mask = buckets - 1;
	pins->bucket = chash_alloc(host, buckets * sizeof(uint32_t));
	for (i = 0; i < buckets; i++)
		pins->bucket[i] = CHASH_NOT_PINNED;
	for (i = 0; i < router->npins; i++)
	{
		const char *key = router->pins[i].key;
		uint32_t	place = (uint32_t) hash_of(key, strlen(key)) & pins->mask;

		while (pins->bucket[place] != CHASH_NOT_PINNED)
			place = (place + 1) & pins->mask;
		pins->bucket[place] = i;
	}
	*memory += sizeof(*pins) + buckets * sizeof(uint32_t);
	return pins;
}

uint32_t
chash_pins_find(const chash_pins *pins, const void *key, size_t length)
{
	uint32_t	place = (uint32_t) hash_of(key, length) & pins->mask;

	while (pins->bucket[place] != CHASH_NOT_PINNED)
	{
		const chash_pin *pin = &pins->pins[pins->bucket[place]];

		if (strlen(pin->key) == length && memcmp(pin->key, key, length) == 0)
			return pin->shard;
		place = (place + 1) & pins->mask;
	}
	return CHASH_NOT_PINNED;
}

/* ---- the model ---- */

static int
compare_pins(const void *a, const void *b)
{
	return strcmp(((const chash_pin *) a)->key, ((const chash_pin *) b)->key);
}

bool
chash_router_set_pins(chash_router *router, uint32_t n, const char *const *keys,
					  const char *const *names, const chash_host *host, chash_error *error)
{
	const chash_shard **sorted = chash_router_sort_by_name(router, host);
	bool		ok = true;
	uint32_t	i;

	router->pins = chash_alloc(host, n * sizeof(chash_pin));
	router->npins = n;
	for (i = 0; ok && i < n; i++)
	{
		const chash_shard *found = chash_find_by_name(sorted, router->nshards, names[i]);

		if (found)
		{
			router->pins[i].key = keys[i];
			router->pins[i].shard = (uint32_t) (found - router->shards);
		}
		else
		{
			chash_fail(error, CHASH_ERROR_UNKNOWN,
					   "key \"%.*s\" is pinned to shard \"%s\", which the router does not have",
					   chash_clip(keys[i], 100), keys[i], names[i]);
			ok = chash_fail_hint(error, "Add the shard first, or pin the key to another one.");
		}
	}
	chash_release(host, sorted);
	if (ok)
		qsort(router->pins, n, sizeof(chash_pin), compare_pins);
	return ok;
}

uint32_t
chash_router_find_pin(const chash_router *router, const char *key, bool *found)
{
	uint32_t	low = 0;
	uint32_t	high = router->npins;

	*found = false;
	while (low < high)
	{
		uint32_t	middle = low + (high - low) / 2;
		int			order = strcmp(router->pins[middle].key, key);

		if (order < 0)
			low = middle + 1;
		else
			high = middle;
		*found = *found || order == 0;
	}
	return low;
}

/* Whether a key can be a position under the hash "none", see the server's key.c. */
static bool
is_position(const char *key, unsigned bits)
{
	uint64_t	limit = ((uint64_t) 1 << bits) - 1;
	uint64_t	value = 0;

	if (key[0] == '\0' || (key[0] == '0' && key[1] != '\0'))
		return false;
	for (; *key; key++)
	{
		unsigned	digit = (unsigned char) *key - '0';

		if (digit > 9 || digit > limit || value > (limit - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	return true;
}

bool
chash_router_takes(const chash_router *router, const char *key)
{
	return !router->hash || router->hash->input != CHASH_INPUT_POSITION ||
		is_position(key, router->bits);
}

bool
chash_pins_validate(const chash_router *router, chash_error *error)
{
	const chash_hash *hash = router->hash;
	uint32_t	i;

	if (router->npins == 0)
		return true;
	if (router->npins > CHASH_MAX_PINS)
		return chash_fail(error, CHASH_ERROR_LIMIT, "too many pinned keys: %u, the limit is %d",
						  router->npins, CHASH_MAX_PINS);
	if (hash && hash->input == CHASH_INPUT_VALUE)
	{
		chash_fail(error, CHASH_ERROR_UNSUPPORTED,
				   "keys of a router with the hash \"%s\" cannot be pinned", hash->name);
		return chash_fail_detail(error, "The hash depends on the type of a key, "
								 "which a pin does not tell.");
	}
	for (i = 0; i < router->npins; i++)
	{
		const chash_pin *pin = &router->pins[i];
		int			order;

		if (strlen(pin->key) > CHASH_MAX_PIN)
			return chash_fail(error, CHASH_ERROR_LIMIT,
							  "pinned key \"%.*s...\" is too long: %zu bytes, the limit is %d",
							  chash_clip(pin->key, 40), pin->key, strlen(pin->key), CHASH_MAX_PIN);
		if (!chash_router_takes(router, pin->key))
			return chash_fail(error, CHASH_ERROR_VALUE,
							  "pinned key \"%.*s\" is not a whole number from 0 to 2^%u - 1, as keys are under the hash \"none\"",
							  chash_clip(pin->key, 100), pin->key, router->bits);
		if (pin->shard >= router->nshards)
			return chash_fail(error, CHASH_ERROR_CORRUPT,
							  "key \"%.*s\" is pinned to shard number %u of %u",
							  chash_clip(pin->key, 100), pin->key, pin->shard, router->nshards);
		order = i > 0 ? strcmp(router->pins[i - 1].key, pin->key) : -1;
		if (order == 0)
			return chash_fail(error, CHASH_ERROR_DUPLICATE, "key \"%.*s\" is pinned more than once",
							  chash_clip(pin->key, 100), pin->key);
		if (order > 0)
			return chash_fail(error, CHASH_ERROR_CORRUPT,
							  "pinned key \"%.*s\" is not in the order of the keys",
							  chash_clip(pin->key, 100), pin->key);
	}
	return true;
}
