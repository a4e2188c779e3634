/*
 * value.c
 *		Making and opening values of the type chash_router.
 */
#include "router/value.h"

#include "mb/pg_wchar.h"
#include "router/bounds.h"
#include "router/server.h"
#include "utils/fmgrprotos.h"

/*
 * Bytes from outside could be anything; everything later relies on UTF-8, and
 * on its having a form in the server's encoding.
 */
static void
check_text(const char *text)
{
	if (text)
	{
		(void) pg_verify_mbstr(PG_UTF8, text, strlen(text), false);
		(void) chash_from_utf8(text);
	}
}

static void
check_encoding(chash_router *router)
{
	const chash_parameter *parameter;
	uint32		i;

	for (i = 0; (parameter = chash_parameter_at(i)) != NULL; i++)
	{
		if (parameter->kind == CHASH_PARAMETER_TEXT)
			check_text(*chash_parameter_text(parameter, &router->p));
	}
	check_text(router->collation);
	for (i = 0; i < router->nbounds; i++)
		check_text(router->bounds[i]);
	for (i = 0; i < router->npins; i++)
		check_text(router->pins[i].key);
	for (i = 0; i < router->nshards; i++)
	{
		check_text(router->shards[i].name);
		check_text(router->shards[i].zone);
	}
}

struct varlena *
chash_value_make(chash_router *router)
{
	chash_error error;
	size_t		size;
	struct varlena *value;

	/* what SQL_ASCII lets through need not be UTF-8, and stays as it is */
	if (GetDatabaseEncoding() != PG_SQL_ASCII)
		check_encoding(router);
	chash_router_complete(router, &chash_server_host);
	if (!chash_router_validate(router, &chash_server_host, &error))
		chash_report(&error);
	if (!router->strategy->hashed)
	{
		/* the fixed form of a bound or pin can be longer than what was given */
		chash_bounds_normalize(router);
		chash_pins_normalize(router);
		if (!chash_router_validate(router, &chash_server_host, &error))
			chash_report(&error);
	}

	size = chash_router_stored_size(router);
	value = palloc(VARHDRSZ + size);
	SET_VARSIZE(value, VARHDRSZ + size);
	chash_router_store(router, (uint8_t *) VARDATA(value));
	return value;
}

chash_router *
chash_value_open(const struct varlena *value)
{
	chash_router *router = palloc(sizeof(*router));
	chash_error error;

	if (!chash_router_load((const uint8_t *) VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value),
						   &chash_server_host, router, &error))
		chash_report(&error);
	return router;
}

/* Room for twice as many, since there can be many shards with a few tokens each. */
static void
widen_tokens(chash_router *router)
{
	uint32		space = Max(2 * router->ntokens, 16);
	chash_token *tokens = palloc(space * sizeof(chash_token));

	if (router->ntokens > 0)
		memcpy(tokens, router->tokens, router->ntokens * sizeof(chash_token));
	if (router->token_space > 0)
		pfree(router->tokens);
	router->tokens = tokens;
	router->token_space = space;
}

void
chash_add_token(chash_router *router, uint32 shard, const char *digits)
{
	chash_token *token;

	if (router->ntokens == CHASH_MAX_POINTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many tokens, the limit is %d", CHASH_MAX_POINTS)));
	if (router->ntokens >= router->token_space)
		widen_tokens(router);
	token = &router->tokens[router->ntokens++];
	token->token = DatumGetInt64(DirectFunctionCall1(int8in,
													CStringGetDatum(chash_from_utf8(digits))));
	token->shard = shard;
}

void
chash_add_tokens(chash_router *router, uint32 shard, const char *list)
{
	char	   *rest = pstrdup(list);
	char	   *token;

	while ((token = strsep(&rest, ",")) != NULL)
		chash_add_token(router, shard, token);
}

uint32
chash_find_shard(const chash_router *router, const char *name)
{
	int			place = chash_router_find(router, name);

	if (place < 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("the router has no shard \"%s\"", chash_clipped(chash_from_utf8(name))),
				 errhint("chash_balance(router) lists its shards.")));
	return place;
}
