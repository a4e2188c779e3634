/*
 * typed_hash.c
 *		The hashes that take a typed value: "pg" and "citus", which are the
 *		server's own, and "mongodb".
 *
 * pg: PostgreSQL's compute_partition_hash_value() of a single column.
 * citus: the type's 32-bit hash function, by which Citus 12.1 distributes; the
 *		range of shards begins at -2^31.
 * mongodb: hashed indexes of MongoDB, src/mongo/db/hasher.cpp: MD5 of the seed
 *		0, the canonical type and the value as BSON, its first eight bytes as
 *		a little-endian signed integer.
 *
 * Where the original is signed, 2^31 or 2^63 is added, so that positions have
 * the order of the originals.
 */
#include "router/typed_hash.h"

#include "catalog/partition.h"
#include "common/hashfn.h"
#include "router/server.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/uuid.h"

/* ---- the server's own ---- */

/* What the hash operator class of the key's type computes, 64 bits with a seed. */
static uint64
extended_hash(chash_key_kind kind, Datum key)
{
	Datum		seed = UInt64GetDatum(HASH_PARTITION_SEED);
	chash_bytes bytes;

	switch (kind)
	{
		case CHASH_KIND_TEXT:
		case CHASH_KIND_BPCHAR:
		case CHASH_KIND_NAME:
		case CHASH_KIND_BYTEA:
			bytes = chash_key_server_text(kind, key);
			return hash_bytes_extended((const unsigned char *) bytes.data, bytes.length,
									   HASH_PARTITION_SEED);
		case CHASH_KIND_INT2:
		case CHASH_KIND_INT4:
		case CHASH_KIND_INT8:
			return DatumGetUInt64(DirectFunctionCall2(hashint8extended,
													  Int64GetDatum(chash_key_integer(kind, key)), seed));
		case CHASH_KIND_UUID:
			return DatumGetUInt64(DirectFunctionCall2(uuid_hash_extended, key, seed));
		case CHASH_KIND_NUMERIC:
			return DatumGetUInt64(DirectFunctionCall2(hash_numeric_extended, key, seed));
		case CHASH_KIND_DATE:
			return DatumGetUInt64(DirectFunctionCall2(hashint4extended, key, seed));
		case CHASH_KIND_TIMESTAMP:
		case CHASH_KIND_TIMESTAMPTZ:
			return DatumGetUInt64(DirectFunctionCall2(timestamp_hash_extended, key, seed));
	}
	elog(ERROR, "unexpected kind of key: %d", (int) kind);
}

/* The same in 32 bits without a seed. */
static uint32
plain_hash(chash_key_kind kind, Datum key)
{
	chash_bytes bytes;

	switch (kind)
	{
		case CHASH_KIND_TEXT:
		case CHASH_KIND_BPCHAR:
		case CHASH_KIND_NAME:
		case CHASH_KIND_BYTEA:
			bytes = chash_key_server_text(kind, key);
			return hash_bytes((const unsigned char *) bytes.data, bytes.length);
		case CHASH_KIND_INT2:
		case CHASH_KIND_INT4:
		case CHASH_KIND_INT8:
			/* hashint2() and hashint4() agree with it on equal numbers */
			return DatumGetUInt32(DirectFunctionCall1(hashint8,
													  Int64GetDatum(chash_key_integer(kind, key))));
		case CHASH_KIND_UUID:
			return DatumGetUInt32(DirectFunctionCall1(uuid_hash, key));
		case CHASH_KIND_NUMERIC:
			return DatumGetUInt32(DirectFunctionCall1(hash_numeric, key));
		case CHASH_KIND_DATE:
			return DatumGetUInt32(DirectFunctionCall1(hashint4, key));
		case CHASH_KIND_TIMESTAMP:
		case CHASH_KIND_TIMESTAMPTZ:
			return DatumGetUInt32(DirectFunctionCall1(timestamp_hash, key));
	}
	elog(ERROR, "unexpected kind of key: %d", (int) kind);
}

/* ---- MongoDB ---- */

/* the canonical types of BSON values */
#define BSON_NUMBER		10
#define BSON_STRING		15
#define BSON_BINARY		30

/* subtypes of binary data */
#define BSON_GENERIC	0
#define BSON_UUID		4

static void
store_little_endian(uint8 *to, uint64 value, int bytes)
{
	while (bytes-- > 0)
	{
		*to++ = (uint8) value;
		value >>= 8;
	}
}

/* The first eight bytes of the MD5, plus 2^63. */
static uint64
hash_of_bson(uint8 *bson, size_t length, uint32 canonical_type)
{
	uint8		md5[16];
	chash_error error;
	uint64		hash = 0;
	int			i;

	store_little_endian(bson, 0, 4);
	store_little_endian(bson + 4, canonical_type, 4);
	if (!chash_digest_md5(bson, length, md5, &error))
		chash_report(&error);
	for (i = 7; i >= 0; i--)
		hash = (hash << 8) | md5[i];
	return hash ^ (UINT64CONST(1) << 63);
}

static uint64
hash_of_bson_number(int64 value)
{
	uint8		bson[16];

	store_little_endian(bson + 8, (uint64) value, 8);
	return hash_of_bson(bson, sizeof(bson), BSON_NUMBER);
}

/* A string has its length, which counts a zero byte at its end, in front. */
static uint64
hash_of_bson_string(chash_bytes text)
{
	uint8	   *bson = palloc(12 + (Size) text.length + 1);
	uint64		hash;

	store_little_endian(bson + 8, (uint32) text.length + 1, 4);
	memcpy(bson + 12, text.data, text.length);
	bson[12 + text.length] = 0;
	hash = hash_of_bson(bson, 12 + (Size) text.length + 1, BSON_STRING);
	pfree(bson);
	return hash;
}

/* Binary data have their length and a subtype in front. */
static uint64
hash_of_bson_binary(chash_bytes bytes, uint8 subtype)
{
	uint8	   *bson = palloc(13 + (Size) bytes.length);
	uint64		hash;

	store_little_endian(bson + 8, (uint32) bytes.length, 4);
	bson[12] = subtype;
	memcpy(bson + 13, bytes.data, bytes.length);
	hash = hash_of_bson(bson, 13 + (Size) bytes.length, BSON_BINARY);
	pfree(bson);
	return hash;
}

static uint64
mongodb_hash(chash_key_kind kind, Datum key)
{
	char		buffer[CHASH_KEY_BUFFER];
	chash_bytes uuid;

	switch (kind)
	{
		case CHASH_KIND_INT2:
		case CHASH_KIND_INT4:
		case CHASH_KIND_INT8:
			return hash_of_bson_number(chash_key_integer(kind, key));
		case CHASH_KIND_TEXT:
		case CHASH_KIND_BPCHAR:
		case CHASH_KIND_NAME:
			return hash_of_bson_string(chash_key_form(kind, key, buffer));
		case CHASH_KIND_UUID:
			uuid.data = (const char *) DatumGetUUIDP(key)->data;
			uuid.length = UUID_LEN;
			return hash_of_bson_binary(uuid, BSON_UUID);
		case CHASH_KIND_BYTEA:
			return hash_of_bson_binary(chash_key_server_text(kind, key), BSON_GENERIC);
		case CHASH_KIND_NUMERIC:
		case CHASH_KIND_DATE:
		case CHASH_KIND_TIMESTAMP:
		case CHASH_KIND_TIMESTAMPTZ:
			break;
	}
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("hash \"mongodb\" cannot take the key \"%s\"", chash_key_text(kind, key, 100)),
			 errdetail("It takes keys of type smallint, integer, bigint, text, varchar, char, name, "
					   "uuid and bytea."),
			 errhint("Other hashes take keys of any routable type.")));
}

uint64
chash_typed_hash(const chash_hash *hash, chash_key_kind kind, Datum key)
{
	switch (hash->code)
	{
		case CHASH_HASH_PG:
			return hash_combine64(0, extended_hash(kind, key));
		case CHASH_HASH_CITUS:
			return plain_hash(kind, key) ^ (UINT64CONST(1) << 31);
		case CHASH_HASH_MONGODB:
			return mongodb_hash(kind, key);
		default:
			elog(ERROR, "hash \"%s\" does not take typed values", hash->name);
	}
}
