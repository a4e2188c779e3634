/*
 * router_type.c
 *		Input, output, casts and equality of the type chash_router.
 */
#include "router/value.h"

#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "router/json.h"
#include "router/server.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

PG_FUNCTION_INFO_V1(chash_router_in);
PG_FUNCTION_INFO_V1(chash_router_out);
PG_FUNCTION_INFO_V1(chash_router_recv);
PG_FUNCTION_INFO_V1(chash_router_send);
PG_FUNCTION_INFO_V1(chash_router_from_jsonb);
PG_FUNCTION_INFO_V1(chash_router_to_jsonb);
PG_FUNCTION_INFO_V1(chash_router_eq);
PG_FUNCTION_INFO_V1(chash_router_ne);
PG_FUNCTION_INFO_V1(chash_router_hash);
PG_FUNCTION_INFO_V1(chash_router_hash_extended);

struct varlena *
chash_value_of_text(char *text)
{
	Datum		jsonb = DirectFunctionCall1(jsonb_in, CStringGetDatum(text));

	return chash_value_make(chash_router_of_jsonb(DatumGetJsonbP(jsonb)));
}

Datum
chash_router_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(chash_value_of_text(PG_GETARG_CSTRING(0)));
}

Datum
chash_router_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(chash_router_text(chash_value_open(PG_GETARG_ROUTER(0))));
}

/* The message is the stored form, which starts with a version byte. */
Datum
chash_router_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int			length = message->len - message->cursor;
	const char *bytes = pq_getmsgbytes(message, length);
	chash_router router;
	chash_error error;

	if (!chash_router_load((const uint8_t *) bytes, length, &chash_server_host,
						   &router, &error))
		chash_report(&error);
	PG_RETURN_POINTER(chash_value_make(&router));
}

Datum
chash_router_send(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_GETARG_ROUTER(0);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendbytes(&message, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

Datum
chash_router_from_jsonb(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(chash_value_make(chash_router_of_jsonb(PG_GETARG_JSONB_P(0))));
}

Datum
chash_router_to_jsonb(PG_FUNCTION_ARGS)
{
	char	   *text = chash_router_text(chash_value_open(PG_GETARG_ROUTER(0)));

	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in, CStringGetDatum(text)));
}

/* Models that are equal have the same stored form. */
static bool
values_are_equal(const struct varlena *a, const struct varlena *b)
{
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

Datum
chash_router_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(values_are_equal(PG_GETARG_ROUTER(0), PG_GETARG_ROUTER(1)));
}

Datum
chash_router_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!values_are_equal(PG_GETARG_ROUTER(0), PG_GETARG_ROUTER(1)));
}

/*
 * The hashes are of the text form and not of the stored bytes, so that a
 * later version of the stored form leaves hash indexes valid.
 */
Datum
chash_router_hash(PG_FUNCTION_ARGS)
{
	char	   *text = chash_router_text(chash_value_open(PG_GETARG_ROUTER(0)));

	PG_RETURN_UINT32(hash_bytes((const unsigned char *) text, strlen(text)));
}

Datum
chash_router_hash_extended(PG_FUNCTION_ARGS)
{
	char	   *text = chash_router_text(chash_value_open(PG_GETARG_ROUTER(0)));

	PG_RETURN_UINT64(hash_bytes_extended((const unsigned char *) text, strlen(text),
										 (uint64) PG_GETARG_INT64(1)));
}
