/*
 * tokens.h
 *		Tokens: the points of rings whose shards say themselves where theirs
 *		are, as Cassandra's nodes and MongoDB's chunks do.
 */
#ifndef CHASH_TOKENS_H
#define CHASH_TOKENS_H

#include "core/router.h"

/* Whether a router has tokens if its dialect wants them, and such as can be used. */
extern bool chash_tokens_validate(const chash_router *router, const chash_host *host,
								  chash_error *error);

/* The position of a token: the lowest token is the position 0. */
static inline uint64_t
chash_token_position(const chash_router *router, const chash_token *token)
{
	return (uint64_t) token->token + ((uint64_t) 1 << (router->bits - 1));
}

#endif							/* CHASH_TOKENS_H */
