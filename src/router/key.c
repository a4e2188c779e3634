/*
 * key.c
 *		The fixed forms of keys, and keys that are positions.
 */
#include "router/key.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "router/server.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

static const struct
{
	Oid			type;
	chash_key_kind kind;
	chash_key_type range_type;
}			kinds[] =
{
	/* in the order of chash_key_kind; more than one type of a kind goes below */
	{TEXTOID, CHASH_KIND_TEXT, CHASH_KEY_TEXT},
	{BPCHAROID, CHASH_KIND_BPCHAR, CHASH_KEY_TEXT},
	{NAMEOID, CHASH_KIND_NAME, CHASH_KEY_TEXT},
	{INT2OID, CHASH_KIND_INT2, CHASH_KEY_BIGINT},
	{INT4OID, CHASH_KIND_INT4, CHASH_KEY_BIGINT},
	{INT8OID, CHASH_KIND_INT8, CHASH_KEY_BIGINT},
	{UUIDOID, CHASH_KIND_UUID, CHASH_KEY_UUID},
	{BYTEAOID, CHASH_KIND_BYTEA, CHASH_KEY_BYTEA},
	{NUMERICOID, CHASH_KIND_NUMERIC, CHASH_KEY_NUMERIC},
	{DATEOID, CHASH_KIND_DATE, CHASH_KEY_DATE},
	{TIMESTAMPOID, CHASH_KIND_TIMESTAMP, CHASH_KEY_TIMESTAMP},
	{TIMESTAMPTZOID, CHASH_KIND_TIMESTAMPTZ, CHASH_KEY_TIMESTAMPTZ},
	{VARCHAROID, CHASH_KIND_TEXT, CHASH_KEY_TEXT},
};

chash_key_kind
chash_key_kind_of_type(Oid type)
{
	Oid			base = getBaseType(type);
	int			i;

	for (i = 0; i < (int) lengthof(kinds); i++)
	{
		if (kinds[i].type == base)
			return kinds[i].kind;
	}
	if (base == UNKNOWNOID)
		ereport(ERROR,
				(errcode(ERRCODE_INDETERMINATE_DATATYPE),
				 errmsg("could not determine the type of the key"),
				 errhint("Cast it, as in 'Tacos'::text.")));
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("keys of type %s cannot be routed", format_type_be(type)),
			 errhint("Routable types are smallint, integer, bigint, numeric, text, varchar, char, "
					 "name, uuid, bytea, date, timestamp, timestamptz, and domains over them.")));
}

void
chash_key_check_collation(Oid collation)
{
	/* a database's own is always deterministic, so that the catalog need not be asked */
	if (OidIsValid(collation) && collation != DEFAULT_COLLATION_OID &&
		!get_collation_isdeterministic(collation))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("keys with the nondeterministic collation \"%s\" cannot be routed",
						get_collation_name(collation)),
				 errdetail("Texts that are equal under this collation can differ in their bytes, "
						   "and would go to different shards."),
				 errhint("Add COLLATE \"C\" to the key to route by its bytes.")));
}

chash_key_type
chash_key_type_of_kind(chash_key_kind kind)
{
	return kinds[kind].range_type;
}

static chash_bytes
bytes_of_cstring(const char *string)
{
	chash_bytes bytes = {string, strlen(string)};

	return bytes;
}

chash_bytes
chash_key_server_text(chash_key_kind kind, Datum key)
{
	chash_bytes bytes;
	struct varlena *text;

	if (kind == CHASH_KIND_NAME)
		return bytes_of_cstring(NameStr(*DatumGetName(key)));
	text = PG_DETOAST_DATUM_PACKED(key);
	bytes.data = VARDATA_ANY(text);
	bytes.length = VARSIZE_ANY_EXHDR(text);
	if (kind == CHASH_KIND_BPCHAR)
		bytes.length = bpchartruelen((char *) bytes.data, bytes.length);
	return bytes;
}

/*
 * Two digits at a time, from the end.  PostgreSQL's own function writes them
 * from the beginning, for which it has to count them first.
 */
chash_bytes
chash_key_digits(int64 number, char buffer[CHASH_KEY_BUFFER])
{
	static const char pairs[] =
		"0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
		"5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
	uint64		rest = number < 0 ? -(uint64) number : (uint64) number;
	char	   *end = buffer + CHASH_KEY_BUFFER;
	char	   *next = end;
	chash_bytes bytes;

	while (rest >= 100)
	{
		next -= 2;
		memcpy(next, pairs + 2 * (rest % 100), 2);
		rest /= 100;
	}
	if (rest >= 10)
	{
		next -= 2;
		memcpy(next, pairs + 2 * rest, 2);
	}
	else
		*--next = (char) ('0' + rest);
	if (number < 0)
		*--next = '-';
	bytes.data = next;
	bytes.length = end - next;
	return bytes;
}

static chash_bytes
form_of_date(DateADT date, char *buffer)
{
	struct pg_tm tm = {0};

	if (DATE_NOT_FINITE(date))
		return bytes_of_cstring(DATE_IS_NOBEGIN(date) ? EARLY : LATE);
	j2date(date + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
	EncodeDateOnly(&tm, USE_ISO_DATES, buffer);
	return bytes_of_cstring(buffer);
}

/* A timestamptz is stored in UTC, so that both are split without a time zone. */
static chash_bytes
form_of_timestamp(Timestamp timestamp, bool with_zone, char *buffer)
{
	struct pg_tm tm;
	fsec_t		fraction;

	if (TIMESTAMP_NOT_FINITE(timestamp))
		return bytes_of_cstring(TIMESTAMP_IS_NOBEGIN(timestamp) ? EARLY : LATE);
	if (timestamp2tm(timestamp, NULL, &tm, &fraction, NULL, NULL) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	/* timestamp2tm() does not know of daylight saving here; without it no zone is written */
	tm.tm_isdst = 0;
	EncodeDateTime(&tm, fraction, with_zone, 0, NULL, USE_ISO_DATES, buffer);
	return bytes_of_cstring(buffer);
}

chash_bytes
chash_key_form(chash_key_kind kind, Datum key, char buffer[CHASH_KEY_BUFFER])
{
	chash_bytes bytes;

	StaticAssertStmt(CHASH_KEY_BUFFER > MAXDATELEN, "no room for a timestamp");
	switch (kind)
	{
		case CHASH_KIND_TEXT:
		case CHASH_KIND_BPCHAR:
		case CHASH_KIND_NAME:
			bytes = chash_key_server_text(kind, key);
			bytes.data = chash_to_utf8_counted(bytes.data, &bytes.length);
			return bytes;
		case CHASH_KIND_INT2:
		case CHASH_KIND_INT4:
		case CHASH_KIND_INT8:
			return chash_key_digits(chash_key_integer(kind, key), buffer);
		case CHASH_KIND_UUID:
			return bytes_of_cstring(DatumGetCString(DirectFunctionCall1(uuid_out, key)));
		case CHASH_KIND_BYTEA:
			return chash_key_server_text(kind, key);
		case CHASH_KIND_NUMERIC:
			return bytes_of_cstring(numeric_normalize(DatumGetNumeric(key)));
		case CHASH_KIND_DATE:
			return form_of_date(DatumGetDateADT(key), buffer);
		case CHASH_KIND_TIMESTAMP:
			return form_of_timestamp(DatumGetTimestamp(key), false, buffer);
		case CHASH_KIND_TIMESTAMPTZ:
			return form_of_timestamp(DatumGetTimestampTz(key), true, buffer);
	}
	elog(ERROR, "unexpected kind of key: %d", (int) kind);
}

char *
chash_key_text(chash_key_kind kind, Datum key, int max_length)
{
	char		buffer[CHASH_KEY_BUFFER];
	chash_bytes form = chash_key_form(kind, key, buffer);
	bool		cut = form.length > max_length;
	int			length = cut ? pg_encoding_mbcliplen(PG_UTF8, form.data, form.length, max_length) :
		form.length;
	char	   *text;

	if (kind != CHASH_KIND_BYTEA)
		text = chash_from_utf8(pnstrdup(form.data, length));
	else
	{
		length = Min(form.length, max_length);
		text = palloc(2 * length + 3);
		strcpy(text, "\\x");
		hex_encode(form.data, length, text + 2);
		text[2 * length + 2] = '\0';
	}
	return cut ? psprintf("%s...", text) : text;
}

uint64
chash_key_as_position(chash_key_kind kind, Datum key, unsigned bits)
{
	char		buffer[CHASH_KEY_BUFFER];
	chash_bytes form = chash_key_form(kind, key, buffer);
	uint64		limit = (UINT64CONST(1) << bits) - 1;
	uint64		value = 0;
	bool		ok = form.length > 0 && (form.data[0] != '0' || form.length == 1) &&
		kind != CHASH_KIND_BYTEA;
	int			i;

	for (i = 0; ok && i < form.length; i++)
	{
		unsigned	digit = (unsigned char) form.data[i] - '0';

		ok = digit <= 9 && digit <= limit && value <= (limit - digit) / 10;
		value = value * 10 + digit;
	}
	if (!ok)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("hash \"none\" cannot use the key \"%s\" as a position",
						chash_key_text(kind, key, 100)),
				 errdetail("It takes whole numbers from 0 to " UINT64_FORMAT
						   ", written without a sign or leading zeros.", limit),
				 errhint("Other hashes take any key.")));
	return value;
}
