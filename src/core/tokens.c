/*
 * tokens.c
 *		What tokens must fulfil.
 */
#include "core/tokens.h"

#include <inttypes.h>
#include <string.h>

static bool
check_token(const chash_router *router, uint32_t i, chash_error *error)
{
	const chash_token *token = &router->tokens[i];
	int64_t		most = (int64_t) (((uint64_t) 1 << (router->bits - 1)) - 1);

	if (token->shard >= router->nshards)
		return chash_fail(error, CHASH_ERROR_CORRUPT,
						  "token %" PRId64 " belongs to shard number %u of %u",
						  token->token, token->shard, router->nshards);
	if (token->token > most || token->token < -most - 1)
		return chash_fail(error, CHASH_ERROR_VALUE,
						  "token %" PRId64 " of shard \"%s\" is not between %" PRId64 " and %" PRId64,
						  token->token, router->shards[token->shard].name, -most - 1, most);
	if (i > 0 && token->token <= router->tokens[i - 1].token)
		return chash_fail(error, CHASH_ERROR_DUPLICATE,
						  "token %" PRId64 " of shard \"%s\" is given more than once",
						  token->token, router->shards[token->shard].name);
	return true;
}

/* Each shard has a token. */
static bool
check_shards(const chash_router *router, const bool *has_token, chash_error *error)
{
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
	{
		const chash_shard *shard = &router->shards[i];

		if (!has_token[i])
		{
			chash_fail(error, CHASH_ERROR_VALUE, "shard \"%s\" has no tokens", shard->name);
			return chash_fail_hint(error, "In dialect \"%s\" each shard says where its points are.",
								   router->dialect->name);
		}
	}
	return true;
}

bool
chash_tokens_validate(const chash_router *router, const chash_host *host, chash_error *error)
{
	bool	   *has_token;
	bool		ok = true;
	uint32_t	i;

	if (router->dialect->generator != CHASH_POINTS_GIVEN)
		return router->ntokens == 0 ||
			chash_fail(error, CHASH_ERROR_UNSUPPORTED,
					   "strategy \"%s\" in dialect \"%s\" has no tokens",
					   router->strategy->name, router->dialect->name);
	if (router->hash->code != router->dialect->hash ||
		router->bits != chash_router_natural_bits(router))
		return chash_fail(error, CHASH_ERROR_UNSUPPORTED,
						  "dialect \"%s\" has the hash \"%s\" with all its bits",
						  router->dialect->name,
						  chash_hash_by_code(router->dialect->hash)->name);
	if (router->ntokens > CHASH_MAX_POINTS)
		return chash_fail(error, CHASH_ERROR_LIMIT, "too many tokens: %u, the limit is %d",
						  router->ntokens, CHASH_MAX_POINTS);

	has_token = chash_alloc(host, router->nshards * sizeof(bool));
	memset(has_token, 0, router->nshards * sizeof(bool));
	for (i = 0; ok && i < router->ntokens; i++)
	{
		ok = check_token(router, i, error);
		if (ok)
			has_token[router->tokens[i].shard] = true;
	}
	ok = ok && check_shards(router, has_token, error);
	chash_release(host, has_token);
	return ok;
}
