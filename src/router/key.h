/*
 * key.h
 *		Keys: which types can be routed, and the fixed form of each.
 *
 * Equal keys have equal forms, whatever the settings, the server's encoding,
 * its version, its machine or the width of an integer: integers are decimal
 * digits, texts are UTF-8, a uuid is in lower case, a numeric is its shortest
 * digits, dates and times are ISO and UTC, and a bytea is its bytes.
 */
#ifndef CHASH_KEY_H
#define CHASH_KEY_H

#include "router/compat.h"

#include "core/router.h"
#include "fmgr.h"

/* The types that can be routed; domains count as what they are made of. */
typedef enum chash_key_kind
{
	CHASH_KIND_TEXT,			/* text and varchar */
	CHASH_KIND_BPCHAR,
	CHASH_KIND_NAME,
	CHASH_KIND_INT2,
	CHASH_KIND_INT4,
	CHASH_KIND_INT8,
	CHASH_KIND_UUID,
	CHASH_KIND_BYTEA,
	CHASH_KIND_NUMERIC,
	CHASH_KIND_DATE,
	CHASH_KIND_TIMESTAMP,
	CHASH_KIND_TIMESTAMPTZ
} chash_key_kind;

/* Raises an error for a type that cannot be routed, and names those that can. */
extern chash_key_kind chash_key_kind_of_type(Oid type);

/*
 * Raises an error for a collation under which texts that differ are equal:
 * their forms would differ.  InvalidOid is none and passes.
 */
extern void chash_key_check_collation(Oid collation);

/* In which type a range router compares keys of a kind, unless told otherwise. */
extern chash_key_type chash_key_type_of_kind(chash_key_kind kind);

/* Like a Datum of variable length, but plain bytes. */
typedef struct chash_bytes
{
	const char *data;
	int			length;
} chash_bytes;

/* The bytes of a text or a bytea, which is detoasted if need be. */
static pg_attribute_always_inline chash_bytes
chash_varlena_bytes(Datum datum)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(datum);
	chash_bytes bytes;

	if (unlikely(VARATT_IS_EXTERNAL(value) || VARATT_IS_COMPRESSED(value)))
		value = pg_detoast_datum_packed(value);
	bytes.data = VARDATA_ANY(value);
	bytes.length = (int) VARSIZE_ANY_EXHDR(value);
	return bytes;
}

/* Enough for the fixed form of a kind that is written into a buffer. */
#define CHASH_KEY_BUFFER	160

/*
 * The fixed form of a key.  It may lie in the datum, in buffer, or be
 * palloc'd.
 */
extern chash_bytes chash_key_form(chash_key_kind kind, Datum key,
								  char buffer[CHASH_KEY_BUFFER]);

/* The fixed form of an integer of any width, which lies in buffer. */
extern chash_bytes chash_key_digits(int64 number, char buffer[CHASH_KEY_BUFFER]);

/*
 * The fixed form for people, in the server's encoding, a bytea in hexadecimal
 * digits.  What goes beyond max_length bytes is cut off and marked so.
 */
extern char *chash_key_text(chash_key_kind kind, Datum key, int max_length);

/* The bytes of a text, in the server's encoding and without padding, or of a bytea. */
extern chash_bytes chash_key_server_text(chash_key_kind kind, Datum key);

/* The value of a key that is an integer. */
static inline int64
chash_key_integer(chash_key_kind kind, Datum key)
{
	switch (kind)
	{
		case CHASH_KIND_INT2:
			return DatumGetInt16(key);
		case CHASH_KIND_INT4:
			return DatumGetInt32(key);
		default:
			return DatumGetInt64(key);
	}
}

/* The position of a key under the hash "none": an integer below 2^bits. */
extern uint64 chash_key_as_position(chash_key_kind kind, Datum key, unsigned bits);

#endif							/* CHASH_KEY_H */
