/*
 * validate.c
 *		The one validator: what every router has to fulfil.
 */
#include "core/names.h"
#include "core/pins.h"
#include "core/secret.h"
#include "core/slots.h"
#include "core/tokens.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool
check_shard(const chash_shard *shard, uint32_t place, const chash_strategy *strategy,
			chash_error *error)
{
	if (!shard->name || shard->name[0] == '\0')
		return chash_fail(error, CHASH_ERROR_VALUE,
						  "shard number %u has no name", place + 1);
	if (strlen(shard->name) > CHASH_MAX_NAME)
		return chash_fail(error, CHASH_ERROR_LIMIT,
						  "name of shard \"%.*s...\" is too long: %zu bytes, the limit is %d",
						  chash_clip(shard->name, 40), shard->name, strlen(shard->name), CHASH_MAX_NAME);
	if (shard->zone && shard->zone[0] == '\0')
		return chash_fail(error, CHASH_ERROR_VALUE,
						  "zone of shard \"%s\" is empty", shard->name);
	if (shard->zone && strlen(shard->zone) > CHASH_MAX_NAME)
		return chash_fail(error, CHASH_ERROR_LIMIT,
						  "zone of shard \"%s\" is too long: %zu bytes, the limit is %d",
						  shard->name, strlen(shard->zone), CHASH_MAX_NAME);
	if (!isfinite(shard->weight) || shard->weight <= 0)
	{
		if (isnan(shard->weight))
			chash_fail(error, CHASH_ERROR_VALUE,
					   "weight NaN of shard \"%s\" is not a positive number", shard->name);
		else if (isinf(shard->weight))
			chash_fail(error, CHASH_ERROR_VALUE,
					   "weight of shard \"%s\" is infinite", shard->name);
		else
			chash_fail(error, CHASH_ERROR_VALUE,
					   "weight %g of shard \"%s\" is not a positive number",
					   shard->weight, shard->name);
		return shard->weight != 0 ? false :
			chash_fail_hint(error, "To take all keys from a shard, remove it.");
	}
	if (strategy->unit_weights && shard->weight != floor(shard->weight))
	{
		chash_fail(error, CHASH_ERROR_VALUE,
				   "weight %g of shard \"%s\" is not a whole number",
				   shard->weight, shard->name);
		return chash_fail_hint(error, "Strategy \"%s\" counts in whole units; "
							   "multiply all weights by the same number, or use strategy \"ring\".",
							   strategy->name);
	}
	if (strategy->no_weights && shard->weight != 1)
	{
		chash_fail(error, CHASH_ERROR_UNSUPPORTED,
				   "shard \"%s\" of a %s router cannot have the weight %g",
				   shard->name, strategy->name, shard->weight);
		return chash_fail_hint(error, "%s", strategy->no_weights);
	}
	if (shard->id < 1 || shard->id > CHASH_MAX_ID)
		return chash_fail(error, CHASH_ERROR_LIMIT,
						  "id %u of shard \"%s\" is not between 1 and %d",
						  shard->id, shard->name, CHASH_MAX_ID);
	return true;
}

static int
compare_ids(const void *a, const void *b)
{
	uint32_t	first = (*(const chash_shard *const *) a)->id;
	uint32_t	second = (*(const chash_shard *const *) b)->id;

	return (first > second) - (first < second);
}

/* Names and ids must differ: sort, then compare neighbours. */
static bool
check_distinct(const chash_router *router, const chash_host *host,
			   chash_error *error)
{
	const chash_shard **sorted = chash_router_sort_by_name(router, host);
	bool		ok = true;
	uint32_t	i;

	for (i = 1; ok && i < router->nshards; i++)
	{
		if (strcmp(sorted[i - 1]->name, sorted[i]->name) == 0)
			ok = chash_fail(error, CHASH_ERROR_DUPLICATE,
							"shard \"%s\" is given more than once", sorted[i]->name);
	}
	qsort(sorted, router->nshards, sizeof(*sorted), compare_ids);
	for (i = 1; ok && i < router->nshards; i++)
	{
		if (sorted[i - 1]->id == sorted[i]->id)
			ok = chash_fail(error, CHASH_ERROR_DUPLICATE,
							"shards \"%s\" and \"%s\" both have the id %u",
							sorted[i - 1]->name, sorted[i]->name, sorted[i]->id);
	}
	chash_release(host, sorted);
	return ok;
}

static bool
check_shards(const chash_router *router, const chash_host *host,
			 chash_error *error)
{
	double		total = chash_router_total_weight(router);
	uint32_t	i;

	if (router->nshards == 0)
	{
		chash_fail(error, CHASH_ERROR_VALUE, "a router needs at least one shard");
		return chash_fail_hint(error, "Give the names of the shards, as in '{shard_0,shard_1}'.");
	}
	if (router->nshards > CHASH_MAX_SHARDS)
		return chash_fail(error, CHASH_ERROR_LIMIT,
						  "too many shards: %u, the limit is %d",
						  router->nshards, CHASH_MAX_SHARDS);
	for (i = 0; i < router->nshards; i++)
	{
		if (!check_shard(&router->shards[i], i, router->strategy, error))
			return false;
	}
	if (!isfinite(total))
		return chash_fail(error, CHASH_ERROR_LIMIT, "the weights add up to too large a number");
	if (router->strategy->unit_weights && total > CHASH_MAX_TOTAL_WEIGHT)
		return chash_fail(error, CHASH_ERROR_LIMIT,
						  "the weights add up to %.15g, the limit is %d",
						  total, CHASH_MAX_TOTAL_WEIGHT);
	return check_distinct(router, host, error);
}

/* A parameter that the strategy would silently ignore is refused. */
static bool
refuse_unused(const chash_router *router, const char *unused, chash_error *error)
{
	return !unused ||
		chash_fail(error, CHASH_ERROR_UNSUPPORTED, "strategy \"%s\" has no parameter \"%s\"",
				   router->strategy->name, unused);
}

static bool
check_parameters(const chash_router *router, chash_error *error)
{
	const chash_parameter *parameter;
	unsigned	i;

	for (i = 0; (parameter = chash_parameter_at(i)) != NULL; i++)
	{
		bool		used = chash_router_uses(router, parameter);
		bool		is_set = chash_parameter_is_set(parameter, &router->p);

		if (is_set && !used && chash_parameter_is_set(parameter, &router->strategy->defaults))
			return chash_fail(error, CHASH_ERROR_UNSUPPORTED,
							  "dialect \"%s\" has no parameter \"%s\"",
							  router->dialect->name, parameter->name);
		if (is_set && !used)
			return refuse_unused(router, parameter->name, error);
		if (used && (is_set || chash_router_default(router, parameter)) &&
			!chash_parameter_check(parameter, &router->p, error))
			return false;
	}
	return true;
}

/* Whether the dialect's library has such a weight. */
static bool
check_weight(const chash_dialect *dialect, const chash_shard *shard, chash_error *error)
{
	double		weight = shard->weight;

	switch (dialect->weights)
	{
		case CHASH_WEIGHTS_ANY:
			break;
		case CHASH_WEIGHTS_WHOLE:
			if (weight == floor(weight) && weight <= dialect->max_weight)
				break;
			chash_fail(error, CHASH_ERROR_UNSUPPORTED,
					   "weight %.15g of shard \"%s\" is not one that dialect \"%s\" has",
					   weight, shard->name, dialect->name);
			return chash_fail_hint(error, "Its weights are whole numbers from 1 to %u.",
								   dialect->max_weight);
		case CHASH_WEIGHTS_NONE:
			if (weight == 1)
				break;
			chash_fail(error, CHASH_ERROR_UNSUPPORTED,
					   "dialect \"%s\" has no weights, but shard \"%s\" has %g",
					   dialect->name, shard->name, weight);
			return chash_fail_hint(error, "Leave the weights out, or use a dialect that has them.");
	}
	return true;
}

static bool
check_dialect(const chash_router *router, chash_error *error)
{
	const chash_dialect *dialect = router->dialect;
	bool		ok = true;
	uint32_t	i;

	for (i = 0; ok && i < router->nshards; i++)
		ok = check_weight(dialect, &router->shards[i], error);
	if (!ok)
		return false;
	if (!dialect->strategy || dialect->strategy == router->strategy)
		return true;
	chash_fail(error, CHASH_ERROR_UNSUPPORTED, "strategy \"%s\" has no dialect \"%s\"",
			   router->strategy->name, dialect->name);
	return chash_fail_hint(error, "It is a dialect of strategy \"%s\".", dialect->strategy->name);
}

static bool
check_key_type(const chash_router *router, chash_error *error)
{
	const char *unused = NULL;

	if (router->strategy->hashed)
	{
		if (router->nbounds > 0)
			unused = "bounds";
		else if (router->key_type != CHASH_KEY_UNSPECIFIED)
			unused = "key_type";
	}
	else if (router->hash)
		unused = "hash";
	else if (router->bits != 0)
		unused = "bits";

	if (router->collation && router->key_type != CHASH_KEY_TEXT)
		return chash_fail(error, CHASH_ERROR_UNSUPPORTED,
						  "only keys of type text have a collation");
	return refuse_unused(router, unused, error);
}

/* Whether the hash is one of those that the dialect's library has. */
static bool
check_hash_of_dialect(const chash_router *router, chash_error *error)
{
	const chash_dialect *dialect = router->dialect;
	char		list[CHASH_NAMES_TEXT] = "";
	size_t		n = 0;
	size_t		i;

	if (!dialect->hashes)
		return true;
	for (; dialect->hashes[n]; n++)
	{
		if (dialect->hashes[n] == router->hash->code)
			return true;
	}
	for (i = 0; i < n; i++)
		chash_append_name(list, chash_hash_by_code(dialect->hashes[i])->name, i, n);
	chash_fail(error, CHASH_ERROR_UNSUPPORTED, "dialect \"%s\" has no hash \"%s\"",
			   dialect->name, router->hash->name);
	return chash_fail_hint(error, n == 1 ? "Its hash is %s." : "Its hashes are %s.", list);
}

/* Whether the digest has what the dialect takes, and positions are that. */
static bool
check_take(const chash_router *router, chash_error *error)
{
	const chash_dialect *dialect = router->dialect;
	chash_take	take = chash_router_take(router, router->hash);
	unsigned	least = take == CHASH_TAKE_LE64_SIGNED ? 128 : 1;

	if (take != CHASH_TAKE_TOP && (!router->hash->digest || router->hash->bits < least))
		return chash_fail(error, CHASH_ERROR_UNSUPPORTED,
						  least == 1 ? "dialect \"%s\" needs a hash of bytes, which \"%s\" is not" :
						  "dialect \"%s\" needs a hash of 128 bits, which \"%s\" is not",
						  dialect->name, router->hash->name);
	if (dialect->take != CHASH_TAKE_TOP && router->bits != chash_router_natural_bits(router))
	{
		chash_fail(error, CHASH_ERROR_UNSUPPORTED,
				   "positions of dialect \"%s\" have %u bits, not %u",
				   dialect->name, chash_router_natural_bits(router), router->bits);
		return chash_fail_hint(error, "Leave bits out.");
	}
	return true;
}

static bool
check_hash(const chash_router *router, chash_error *error)
{
	if (!router->hash)
		return chash_fail(error, CHASH_ERROR_VALUE,
						  "strategy \"%s\" needs a hash", router->strategy->name);
	if (router->bits < 1 || router->bits > router->hash->bits)
		return chash_fail(error, CHASH_ERROR_VALUE,
						  "bits must be between 1 and %u for hash \"%s\", not %u",
						  router->hash->bits, router->hash->name, router->bits);
	return check_hash_of_dialect(router, error) && check_take(router, error);
}

bool
chash_router_check_whole_digest(const chash_router *router, chash_error *error)
{
	if (router->bits != chash_router_natural_bits(router))
		return chash_fail(error, CHASH_ERROR_UNSUPPORTED,
						  "strategy \"%s\" uses all %u bits of hash \"%s\", not %u",
						  router->strategy->name, chash_router_natural_bits(router),
						  router->hash->name, router->bits);
	return true;
}

bool
chash_router_validate(const chash_router *router, const chash_host *host,
					  chash_error *error)
{
	return check_shards(router, host, error) &&
		check_dialect(router, error) &&
		chash_secret_validate(router, error) &&
		check_parameters(router, error) &&
		check_key_type(router, error) &&
		(!router->strategy->hashed || check_hash(router, error)) &&
		refuse_unused(router, router->map && !router->strategy->copy ? "slots" : NULL, error) &&
		chash_tokens_validate(router, host, error) &&
		chash_pins_validate(router, error) &&
		router->strategy->validate(router, error) &&
		chash_slots_check_distinct(router, host, error);
}
