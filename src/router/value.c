/*
 * value.c
 *		Making and opening values of the type chash_router.
 */
#include "router/value.h"

#include "mb/pg_wchar.h"
#include "router/bounds.h"
#include "router/server.h"

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
		/* a bound's fixed form can be longer than what was given */
		chash_bounds_normalize(router);
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
