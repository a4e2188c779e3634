/*
 * model.c
 *		Routers from input: of every strategy, dialect and hash, with parameters,
 *		shards, maps, tokens and pins, most of them valid.
 */
#include "fuzz.h"

#include "core/secret.h"
#include "core/slots.h"

#include <string.h>

#define MAX_SHARDS		12
#define MAX_MAP			1024
#define MAX_PINS		4
#define MAX_TOKENS		6		/* besides one for each shard */

#define SECRETS			3		/* that routers have */

/* Which parts of a router the input says; the others are left to be completed. */
#define SAYS_PARAMETERS	1
#define SAYS_HASH		2
#define SAYS_BITS		4
#define SAYS_MAP		8
#define SAYS_PINS		16
#define SAYS_TOKENS		32
#define SAYS_KEY		64
#define SAYS_LARGE		128		/* numbers are anything */

static uint32_t
take_count(input *in, bool large)
{
	static const uint32_t counts[] = {0, 1, 2, 3, 4, 5, 7, 8, 11, 13, 16, 31, 64, 101, 128, 251};

	return large && take_byte(in) % 4 == 0 ? take_number(in) : counts[take_below(in, 16)];
}

static void
take_parameters(input *in, chash_router *router, bool large)
{
	static const char *const labels[] = {
		"{shard}-{i}", "{shard}{i}", "{i}:{shard}", "{i}{shard}{i}{shard}", "{shard}{i", "no label"
	};
	const chash_parameter *parameter;
	unsigned	i;

	for (i = 0; (parameter = chash_parameter_at(i)) != NULL; i++)
	{
		/* one that the router does not use, or has already, is given now and then */
		bool		wanted = chash_router_uses(router, parameter) &&
			!chash_parameter_is_set(parameter, &router->p);
		bool		given = wanted ? take_byte(in) % 2 == 0 : take_byte(in) == 255;

		if (!given)
			continue;
		switch (parameter->kind)
		{
			case CHASH_PARAMETER_COUNT:
				*chash_parameter_number(parameter, &router->p) = take_count(in, large);
				break;
			case CHASH_PARAMETER_SEARCH:
				*chash_parameter_number(parameter, &router->p) = take_below(in, 6);
				break;
			case CHASH_PARAMETER_FACTOR:
				*chash_parameter_factor(parameter, &router->p) =
					large ? take_weight(in) : 1 + take_byte(in) / 64.0;
				break;
			case CHASH_PARAMETER_TEXT:
				if (strcmp(parameter->name, "label") == 0 && take_byte(in) % 4 != 0)
					*chash_parameter_text(parameter, &router->p) = labels[take_below(in, 6)];
				else
					*chash_parameter_text(parameter, &router->p) = take_text(in, 300);
				break;
		}
	}
}

/* Numbers that are small by default, so that no router is large. */
static void
limit_parameters(chash_router *router)
{
	const chash_strategy *strategy = router->strategy;

	if (router->p.vnodes == 0 && strategy->defaults.vnodes > 0 &&
		router->dialect->generator != CHASH_POINTS_GIVEN)
		router->p.vnodes = 20;
	if (router->p.slots == 0 && strategy == &chash_strategy_maglev)
		router->p.slots = 251;
	if (router->p.slots == 0 && strategy->defaults.slots > 0)
		router->p.slots = 64;
}

chash_shard
take_shard(input *in, uint32_t number)
{
	static const char *const forms[] = {
		"%u", "n%u", "10.0.0.%u:11211", "n%u:80", "unix:%u", "s\xc3\xa4%u"
	};
	static const char *const zones[] = {NULL, NULL, "a", "b", "c"};
	uint32_t	choice = take_below(in, 8);
	chash_shard shard = {NULL, NULL, 0, 0};
	char		name[50];

	if (choice < 6)
	{
		snprintf(name, sizeof(name), forms[choice], (unsigned) number);
		shard.name = test_copy(name);
	}
	else
		shard.name = take_text(in, choice == 6 ? 300 : 20);
	shard.weight = take_byte(in) % 2 == 0 ? 1 : take_weight(in);
	choice = take_below(in, 6);
	shard.zone = choice < 5 ? zones[choice] : take_text(in, 300);
	if (take_byte(in) == 255)
		shard.id = take_number(in);
	return shard;
}

static void
take_shards(input *in, chash_router *router)
{
	uint32_t	n = take_below(in, MAX_SHARDS + 1);
	uint32_t	i;

	router->nshards = n;
	router->shards = test_alloc(n * sizeof(chash_shard));
	for (i = 0; i < n; i++)
		router->shards[i] = take_shard(in, i);
}

/* Some slots of the map, which chash_router_complete then leaves as it is, or all. */
static void
take_map(input *in, chash_router *router)
{
	chash_error error;
	uint32_t	size;
	uint32_t	i;

	chash_router_complete_parameters(router);
	if ((double) router->p.slots * router->p.replicas > MAX_MAP ||
		!chash_slots_begin(router, &test_host, &error))
		return;
	size = chash_router_map_size(router);
	for (i = 0; i < size; i++)
	{
		uint8_t		byte = take_byte(in);

		router->map[i] = byte == 255 ? CHASH_UNASSIGNED :
			byte == 254 || router->nshards == 0 ? byte : (i + byte) % router->nshards;
	}
	if (take_byte(in) % 2 == 0)
		chash_slots_rebalance(router, CHASH_EVERYBODY, &test_host);
}

static void
take_tokens(input *in, chash_router *router)
{
	uint32_t	n = router->nshards + take_below(in, MAX_TOKENS);
	unsigned	bits = router->hash ? router->hash->bits : 64;
	uint32_t	i;

	router->tokens = test_alloc(n * sizeof(chash_token));
	for (i = 0; i < n; i++)
	{
		uint64_t	value = take_long(in);

		/* in the hash's range mostly, and one for each shard */
		router->tokens[i].token = bits < 64 && value % 16 != 0 ?
			(int64_t) (value >> (64 - bits)) - ((int64_t) 1 << (bits - 1)) : (int64_t) value;
		router->tokens[i].shard = i < router->nshards ? i : take_below(in, router->nshards + 1);
	}
	router->ntokens = n;
}

static void
take_pins(input *in, chash_router *router)
{
	uint32_t	n = take_below(in, MAX_PINS + 1);
	const char *keys[MAX_PINS];
	const char *names[MAX_PINS];
	chash_error error;
	uint32_t	i;

	for (i = 0; i < n; i++)
	{
		uint32_t	place = take_below(in, router->nshards + 1);

		keys[i] = take_text(in, take_byte(in) == 255 ? 1200 : 8);
		names[i] = place < router->nshards ? router->shards[place].name : "nobody";
	}
	if (!chash_router_set_pins(router, n, keys, names, &test_host, &error))
		router->npins = 0;
}

static void
take_bounds(input *in, chash_router *router)
{
	uint32_t	n = router->nshards > 0 ? router->nshards - 1 : 0;
	uint32_t	i;

	router->key_type = (chash_key_type) take_below(in, 11);
	if (take_byte(in) % 4 == 0)
		router->collation = take_text(in, 400);
	if (take_byte(in) == 255)
		n = take_below(in, MAX_SHARDS);
	router->nbounds = n;
	router->bounds = test_alloc(n * sizeof(char *));
	for (i = 0; i < n; i++)
		router->bounds[i] = take_text(in, take_byte(in) == 255 ? 1200 : 8);
}

static void
take_hash(input *in, chash_router *router, bool says_bits)
{
	static const uint16_t widths[] = {1, 2, 3, 8, 10, 16, 31, 32, 33, 63, 64, 65, 127, 128, 160, 256, 257};
	const chash_hash_code *hashes = router->dialect->hashes;
	uint32_t	choice = take_byte(in);
	uint32_t	n = 0;

	while (hashes && hashes[n])
		n++;
	if (n > 0 && choice < 250)
		router->hash = chash_hash_by_code(hashes[choice % n]);
	else
		router->hash = chash_hash_by_code(choice < 220 ? 1 + choice % CHASH_HASH_SIPHASH24 : CHASH_HASH_SIPHASH24);
	if (says_bits)
		router->bits = widths[take_below(in, 17)];
}

/* The name of a secret and the check value of one of a few, if the hash takes one. */
static void
take_secret(input *in, chash_router *router)
{
	static const char *const names[SECRETS] = {"tenants", "_", "Z9"};
	char	   *check = test_alloc(CHASH_MAX_CHECK + 1);
	chash_secret secret = {0, 0};
	chash_error error;
	uint8_t		choice;

	if (!router->hash || router->hash->input != CHASH_INPUT_SECRET)
		return;
	choice = take_byte(in);
	router->p.secret = choice == 255 ? NULL : choice > 250 ? take_text(in, 100) : names[choice % SECRETS];
	choice = take_byte(in);
	secret.key1 = choice % SECRETS;
	CHECK(chash_secret_check_value(&secret, check, &error));
	router->p.check = choice == 255 ? NULL : choice > 250 ? take_text(in, 20) : check;
}

chash_router *
take_router(input *in)
{
	chash_router *router = test_alloc(sizeof(*router));
	unsigned	kind = take_byte(in);
	unsigned	says = take_byte(in);
	bool		large = (says & SAYS_LARGE) != 0;

	memset(router, 0, sizeof(*router));
	router->dialect = kind % 2 == 0 ? chash_dialect_default() : chash_dialect_at(kind / 2 % 37);
	router->strategy = kind % 2 == 1 && router->dialect->strategy ? router->dialect->strategy :
		chash_strategy_by_code(1 + kind / 2 % 11);
	if (kind >= 250)
		router->strategy = chash_strategy_by_code(1 + take_below(in, 11));
	if (says & SAYS_HASH && (router->strategy->hashed || take_byte(in) == 255))
		take_hash(in, router, (says & SAYS_BITS) != 0);
	take_secret(in, router);
	if (says & SAYS_PARAMETERS)
		take_parameters(in, router, large);
	if (!large)
		limit_parameters(router);
	take_shards(in, router);
	if (!router->strategy->hashed || (says & SAYS_KEY && take_byte(in) % 8 == 0))
		take_bounds(in, router);
	if (says & SAYS_MAP && router->strategy->copy)
		take_map(in, router);
	if (router->dialect->generator == CHASH_POINTS_GIVEN || says & SAYS_TOKENS)
		take_tokens(in, router);
	if (says & SAYS_PINS)
		take_pins(in, router);
	/* what takes long to be filled in is left as it is, and refused */
	if ((double) router->p.slots * router->p.replicas <= MAX_MAP)
		chash_router_complete(router, &test_host);
	return router;
}
