/*
 * server.c
 *		Memory, interrupts, error reports and encodings for the core.
 */
#include "router/server.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* Bytes of a text that stand in a message; no name that is allowed is as long. */
#define CLIPPED			300

static void *
server_alloc(void *context, size_t size)
{
	(void) context;
	return MemoryContextAllocHuge(CurrentMemoryContext, size);
}

static void
server_release(void *context, void *pointer)
{
	(void) context;
	pfree(pointer);
}

static void
server_check(void *context)
{
	(void) context;
	CHECK_FOR_INTERRUPTS();
}

const chash_host chash_server_host = {server_alloc, server_release, server_check, NULL};

static int
errcode_of(chash_error_kind kind)
{
	switch (kind)
	{
		case CHASH_ERROR_VALUE:
			return ERRCODE_INVALID_PARAMETER_VALUE;
		case CHASH_ERROR_LIMIT:
			return ERRCODE_PROGRAM_LIMIT_EXCEEDED;
		case CHASH_ERROR_DUPLICATE:
			return ERRCODE_DUPLICATE_OBJECT;
		case CHASH_ERROR_UNKNOWN:
			return ERRCODE_UNDEFINED_OBJECT;
		case CHASH_ERROR_UNSUPPORTED:
			return ERRCODE_FEATURE_NOT_SUPPORTED;
		case CHASH_ERROR_CORRUPT:
			return ERRCODE_INVALID_BINARY_REPRESENTATION;
		case CHASH_ERROR_DIGEST:
			return ERRCODE_EXTERNAL_ROUTINE_EXCEPTION;
	}
	return ERRCODE_INTERNAL_ERROR;
}

void
chash_report(const chash_error *error)
{
	ereport(ERROR,
			(errcode(errcode_of(error->kind)),
			 errmsg("%s", chash_from_utf8(error->message)),
			 error->detail[0] ? errdetail("%s", chash_from_utf8(error->detail)) : 0,
			 error->hint[0] ? errhint("%s", chash_from_utf8(error->hint)) : 0));
	pg_unreachable();
}

char *
chash_clipped(const char *text)
{
	int			length = strlen(text);

	if (length <= CLIPPED)
		return pstrdup(text);
	return psprintf("%.*s...", pg_mbcliplen(text, length, CLIPPED), text);
}

void
chash_check_count(const char *what, int count, int limit)
{
	if (count > limit)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many %s: %d, the limit is %d", what, count, limit)));
}

bool
chash_passes_utf8(void)
{
	return GetDatabaseEncoding() == PG_UTF8 || GetDatabaseEncoding() == PG_SQL_ASCII;
}

const char *
chash_to_utf8_counted(const char *text, int *length)
{
	const char *utf8 = text;

	if (!chash_passes_utf8())
	{
		utf8 = pg_server_to_any(text, *length, PG_UTF8);
		if (utf8 != text)
			*length = strlen(utf8);
	}
	return utf8;
}

char *
chash_to_utf8(const char *text)
{
	int			length = strlen(text);

	return (char *) chash_to_utf8_counted(text, &length);
}

char *
chash_from_utf8(const char *utf8)
{
	if (chash_passes_utf8())
		return (char *) utf8;
	return pg_any_to_server(utf8, strlen(utf8), PG_UTF8);
}
