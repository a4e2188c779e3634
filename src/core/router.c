/*
 * router.c
 *		The router's model.
 */
#include "core/names.h"
#include "core/router.h"

#include <stdlib.h>
#include <string.h>

static const struct
{
	const char *name;
	chash_key_type type;
}			key_types[] =
{
	/* the first name of a type is the one that is printed */
	{"text", CHASH_KEY_TEXT},
	{"bigint", CHASH_KEY_BIGINT},
	{"uuid", CHASH_KEY_UUID},
	{"bytea", CHASH_KEY_BYTEA},
	{"numeric", CHASH_KEY_NUMERIC},
	{"date", CHASH_KEY_DATE},
	{"timestamp", CHASH_KEY_TIMESTAMP},
	{"timestamptz", CHASH_KEY_TIMESTAMPTZ},
	/* integers of all widths compare alike, and so do the texts */
	{"int", CHASH_KEY_BIGINT},
	{"integer", CHASH_KEY_BIGINT},
	{"smallint", CHASH_KEY_BIGINT},
	{"int2", CHASH_KEY_BIGINT},
	{"int4", CHASH_KEY_BIGINT},
	{"int8", CHASH_KEY_BIGINT},
	{"varchar", CHASH_KEY_TEXT},
	{"character varying", CHASH_KEY_TEXT},
	{"decimal", CHASH_KEY_NUMERIC},
	{"timestamp without time zone", CHASH_KEY_TIMESTAMP},
	{"timestamp with time zone", CHASH_KEY_TIMESTAMPTZ},
};

#define NKEY_TYPES	(sizeof(key_types) / sizeof(key_types[0]))

const char *
chash_key_type_name(unsigned key_type)
{
	size_t		i;

	for (i = 0; i < NKEY_TYPES; i++)
	{
		if (key_types[i].type == key_type)
			return key_types[i].name;
	}
	return NULL;
}

chash_key_type
chash_key_type_by_name(const char *name)
{
	size_t		i;

	for (i = 0; i < NKEY_TYPES; i++)
	{
		if (strcmp(key_types[i].name, name) == 0)
			return key_types[i].type;
	}
	return CHASH_KEY_UNSPECIFIED;
}

const char *
chash_key_type_names(void)
{
	static char list[CHASH_NAMES_TEXT];
	unsigned	type;

	list[0] = '\0';
	for (type = CHASH_KEY_TEXT; type <= CHASH_KEY_TIMESTAMPTZ; type++)
		chash_append_name(list, chash_key_type_name(type), type - 1, CHASH_KEY_TIMESTAMPTZ);
	return list;
}

/* ---- the model ---- */

/*
 * A table of CHASH_MAX_ID + 1 flags, each saying whether a shard has that id.
 * Ids out of range, which validation will refuse, are passed over.
 */
static bool *
ids_in_use(const chash_router *router, const chash_host *host)
{
	bool	   *used = chash_alloc(host, CHASH_MAX_ID + 1);
	uint32_t	i;

	memset(used, 0, CHASH_MAX_ID + 1);
	for (i = 0; i < router->nshards; i++)
	{
		if (router->shards[i].id <= CHASH_MAX_ID)
			used[router->shards[i].id] = true;
	}
	return used;
}

uint32_t
chash_router_free_id(const chash_router *router, const chash_host *host)
{
	bool	   *used = ids_in_use(router, host);
	uint32_t	id = 1;

	while (id <= CHASH_MAX_ID && used[id])
		id++;
	chash_release(host, used);
	return id;
}

/* Whether a parameter is a prefix or suffix, and the dialect has these. */
static bool
is_affix(const chash_router *router, const chash_parameter *parameter)
{
	return router->dialect->affixes &&
		(parameter->offset == offsetof(chash_parameters, prefix) ||
		 parameter->offset == offsetof(chash_parameters, suffix));
}

/* Whether a parameter belongs to a secret, and the hash takes one. */
static bool
is_of_secret(const chash_router *router, const chash_parameter *parameter)
{
	return router->hash && router->hash->input == CHASH_INPUT_SECRET &&
		(parameter->offset == offsetof(chash_parameters, secret) ||
		 parameter->offset == offsetof(chash_parameters, check));
}

bool
chash_router_uses(const chash_router *router, const chash_parameter *parameter)
{
	return chash_router_default(router, parameter) != NULL || is_affix(router, parameter) ||
		is_of_secret(router, parameter);
}

const chash_parameters *
chash_router_default(const chash_router *router, const chash_parameter *parameter)
{
	return chash_dialect_default_of(router->dialect, router->strategy, parameter);
}

/* A digest narrower than what the dialect takes is taken whole. */
unsigned
chash_router_natural_bits(const chash_router *router)
{
	unsigned	bits = router->dialect->bits;
	unsigned	slot_bits = 0;

	if (router->dialect->slot_bits)
	{
		/* also of a number that is refused later */
		while (slot_bits < 31 && router->p.slots >> (slot_bits + 1) > 0)
			slot_bits++;
		return slot_bits > 0 ? slot_bits : 1;
	}
	return bits > 0 && bits < router->hash->bits ? bits : router->hash->bits;
}

chash_take
chash_router_take(const chash_router *router, const chash_hash *hash)
{
	chash_take	take = router->dialect->take;

	if ((take == CHASH_TAKE_LE32 && hash->bits <= 32) || (take == CHASH_TAKE_LE64 && hash->bits <= 64))
		return CHASH_TAKE_TOP;
	return take;
}

static int
compare_tokens(const void *a, const void *b)
{
	int64_t		first = ((const chash_token *) a)->token;
	int64_t		second = ((const chash_token *) b)->token;

	return (first > second) - (first < second);
}

static void
complete_ids(chash_router *router, const chash_host *host)
{
	bool	   *used = ids_in_use(router, host);
	uint32_t	id = 1;
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
	{
		if (router->shards[i].id != 0)
			continue;
		while (id <= CHASH_MAX_ID && used[id])
			id++;
		/* one past the limit if there are too many, which is refused later */
		router->shards[i].id = id++;
	}
	chash_release(host, used);
}

void
chash_router_complete_parameters(chash_router *router)
{
	const chash_parameter *parameter;
	unsigned	i;

	if (!router->dialect)
		router->dialect = chash_dialect_default();
	for (i = 0; (parameter = chash_parameter_at(i)) != NULL; i++)
	{
		const chash_parameters *defaults = chash_router_default(router, parameter);

		if (defaults && !chash_parameter_is_set(parameter, &router->p))
			chash_parameter_copy(parameter, &router->p, defaults);
		else if (is_affix(router, parameter))
		{
			const char **affix = chash_parameter_text(parameter, &router->p);

			/* an empty one is none, and has no stored form */
			if (*affix && (*affix)[0] == '\0')
				*affix = NULL;
		}
	}
	if (router->strategy->hashed)
	{
		if (!router->hash)
			router->hash = chash_hash_by_code(router->dialect->hash);
		if (router->bits == 0)
			router->bits = chash_router_natural_bits(router);
	}
	else if (router->key_type == CHASH_KEY_UNSPECIFIED)
		router->key_type = CHASH_KEY_TEXT;
	if (router->key_type == CHASH_KEY_TEXT && !router->collation)
		router->collation = "C";
}

void
chash_router_complete(chash_router *router, const chash_host *host)
{
	complete_ids(router, host);
	if (router->ntokens > 0)
		qsort(router->tokens, router->ntokens, sizeof(chash_token), compare_tokens);
	chash_router_complete_parameters(router);
	if (router->strategy->complete)
		router->strategy->complete(router, host);
}

int
chash_router_find(const chash_router *router, const char *name)
{
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
	{
		if (strcmp(router->shards[i].name, name) == 0)
			return (int) i;
	}
	return -1;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp((*(const chash_shard *const *) a)->name,
				  (*(const chash_shard *const *) b)->name);
}

const chash_shard **
chash_router_sort_by_name(const chash_router *router, const chash_host *host)
{
	const chash_shard **sorted = chash_alloc(host, router->nshards * sizeof(*sorted));
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
		sorted[i] = &router->shards[i];
	qsort(sorted, router->nshards, sizeof(*sorted), compare_names);
	return sorted;
}

static int
compare_to_name(const void *name, const void *shard)
{
	return strcmp(name, (*(const chash_shard *const *) shard)->name);
}

const chash_shard *
chash_find_by_name(const chash_shard *const *sorted, uint32_t n, const char *name)
{
	const chash_shard *const *found = bsearch(name, sorted, n, sizeof(*sorted), compare_to_name);

	return found ? *found : NULL;
}

double
chash_router_total_weight(const chash_router *router)
{
	double		total = 0;
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
		total += router->shards[i].weight;
	return total;
}
