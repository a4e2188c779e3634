/*
 * hash.c
 *		The table of hash functions, and those of the xxHash family.
 *
 * xxHash: https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md; seed 0.
 */
#include "core/hash.h"
#include "core/names.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/*
 * A hash that gives an integer of up to 64 bits, as that and as a digest; the
 * expression may use bytes and length.
 */
#define INTEGER_DIGEST(name, expression) \
static uint64_t \
value_##name(const void *bytes, size_t length) \
{ \
	return (expression); \
} \
\
static bool \
digest_##name(const void *bytes, size_t length, chash_uint *digest, \
			  chash_error *error) \
{ \
	(void) error; \
	*digest = chash_uint_from(value_##name(bytes, length)); \
	return true; \
}

INTEGER_DIGEST(xxh3, XXH3_64bits(bytes, length))
INTEGER_DIGEST(xxh64, XXH64(bytes, length, 0))
INTEGER_DIGEST(crc32, chash_crc32(0, bytes, length))
INTEGER_DIGEST(crc16, chash_crc16(bytes, length))
INTEGER_DIGEST(crc32c, chash_crc32c(0, bytes, length))
INTEGER_DIGEST(fnv1a_32, chash_fnv1a_32(bytes, length))
INTEGER_DIGEST(hashkit_one_at_a_time, chash_hashkit_one_at_a_time(bytes, length))
INTEGER_DIGEST(hashkit_fnv1_32, chash_hashkit_fnv1_32(bytes, length))
INTEGER_DIGEST(hashkit_fnv1a_32, chash_hashkit_fnv1a_32(bytes, length))
INTEGER_DIGEST(hashkit_fnv1_64, chash_hashkit_fnv1_64(bytes, length))
INTEGER_DIGEST(hashkit_fnv1a_64, chash_hashkit_fnv1a_64(bytes, length))
INTEGER_DIGEST(hashkit_crc32, chash_hashkit_crc32(bytes, length))
INTEGER_DIGEST(hashkit_hsieh, chash_hashkit_hsieh(bytes, length))
INTEGER_DIGEST(hashkit_murmur, chash_hashkit_murmur(bytes, length))
INTEGER_DIGEST(hashkit_murmur3, chash_hashkit_murmur3(bytes, length))
INTEGER_DIGEST(hashkit_jenkins, chash_hashkit_jenkins(bytes, length))
INTEGER_DIGEST(twemproxy_crc16, chash_twemproxy_crc16(bytes, length))
INTEGER_DIGEST(haproxy_sdbm, chash_haproxy_sdbm(bytes, length))
INTEGER_DIGEST(haproxy_sdbm_avalanche, chash_haproxy_avalanche(chash_haproxy_sdbm(bytes, length)))
INTEGER_DIGEST(haproxy_djb2, chash_haproxy_djb2(bytes, length))
INTEGER_DIGEST(haproxy_djb2_avalanche, chash_haproxy_avalanche(chash_haproxy_djb2(bytes, length)))
INTEGER_DIGEST(haproxy_wt6, chash_haproxy_wt6(bytes, length))
INTEGER_DIGEST(haproxy_wt6_avalanche, chash_haproxy_avalanche(chash_haproxy_wt6(bytes, length)))
INTEGER_DIGEST(haproxy_crc32_avalanche, chash_haproxy_avalanche(chash_crc32(0, bytes, length)))
INTEGER_DIGEST(murmur3_32, chash_murmur3_32(bytes, length, 0))
/* Guava's Hashing.sipHash24(), whose key is the bytes 0 to 15 */
INTEGER_DIGEST(guava_siphash24, chash_siphash24(UINT64_C(0x0706050403020100),
												UINT64_C(0x0F0E0D0C0B0A0908), bytes, length))
INTEGER_DIGEST(siphash24_key0, chash_siphash24(0, 0, bytes, length))
INTEGER_DIGEST(farmhash64, chash_farmhash64(bytes, length))
INTEGER_DIGEST(cassandra, chash_cassandra(bytes, length))

/* A digest of OpenSSL. */
#define OUTPUT_DIGEST(name, size) \
static bool \
digest_##name(const void *bytes, size_t length, chash_uint *digest, \
			  chash_error *error) \
{ \
	uint8_t		output[size]; \
\
	if (!chash_digest_##name(bytes, length, output, error)) \
		return false; \
	*digest = chash_uint_from_bytes(output, size); \
	return true; \
}

OUTPUT_DIGEST(sha1, 20)
OUTPUT_DIGEST(md5, 16)
OUTPUT_DIGEST(sha256, 32)

/* libhashkit and twemproxy read the first four bytes of MD5. */
static bool
digest_hashkit_md5(const void *bytes, size_t length, chash_uint *digest,
				   chash_error *error)
{
	uint8_t		md5[16];
	uint32_t	value = 0;
	unsigned	i;

	if (!chash_digest_md5(bytes, length, md5, error))
		return false;
	for (i = 0; i < 4; i++)
		value |= (uint32_t) md5[i] << (8 * i);
	*digest = chash_uint_from(value);
	return true;
}

/* The bytes of this hash are its two halves, each little-endian, one after the other. */
static bool
digest_murmur3_128(const void *bytes, size_t length, chash_uint *digest,
				   chash_error *error)
{
	uint64_t	half[2];
	uint8_t		output[16];
	unsigned	i;

	(void) error;
	chash_murmur3_128(bytes, length, half);
	for (i = 0; i < 16; i++)
		output[i] = (uint8_t) (half[i / 8] >> (8 * (i % 8)));
	*digest = chash_uint_from_bytes(output, 16);
	return true;
}

/*
 * Two hashes for strategies that need two: SipHash-2-4 with the keys 1 and 2,
 * the seeds that go-mpchash is tested with, one after the other.
 */
static bool
digest_siphash24_pair(const void *bytes, size_t length, chash_uint *digest,
					  chash_error *error)
{
	chash_uint	high = chash_uint_from(chash_siphash24(1, 0, bytes, length));
	chash_uint	low = chash_uint_from(chash_siphash24(2, 0, bytes, length));

	(void) error;
	high = chash_uint_shift_left(&high, 64);
	*digest = chash_uint_add(&high, &low);
	return true;
}

uint64_t
chash_xxh64(const void *bytes, size_t length, uint64_t seed)
{
	return XXH64(bytes, length, seed);
}

/* Rows of bytes, and of the others, which have no digest of bytes. */
#define BYTES(name, code, bits, digest) \
	{name, CHASH_HASH_##code, bits, CHASH_INPUT_BYTES, digest, NULL, NULL}
#define INTEGER(name, code, bits) \
	{#name, CHASH_HASH_##code, bits, CHASH_INPUT_BYTES, digest_##name, value_##name, NULL}
#define OUTPUT(name, code, bits) \
	{#name, CHASH_HASH_##code, bits, CHASH_INPUT_BYTES, digest_##name, NULL, chash_digest_##name}
#define VALUE(name, code, bits) \
	{name, CHASH_HASH_##code, bits, CHASH_INPUT_VALUE, NULL, NULL, NULL}
#define POSITION(name, code, bits) \
	{name, CHASH_HASH_##code, bits, CHASH_INPUT_POSITION, NULL, NULL, NULL}
#define SECRET(name, code, bits) \
	{name, CHASH_HASH_##code, bits, CHASH_INPUT_SECRET, NULL, NULL, NULL}

static const chash_hash hashes[] = {
	INTEGER(xxh3, XXH3, 64),
	INTEGER(xxh64, XXH64, 64),
	OUTPUT(sha1, SHA1, 160),
	OUTPUT(md5, MD5, 128),
	OUTPUT(sha256, SHA256, 256),
	VALUE("pg", PG, 64),
	/* 63 bits: what a non-negative bigint has */
	POSITION("none", NONE, 63),
	INTEGER(crc32, CRC32, 32),
	INTEGER(crc16, CRC16, 16),
	INTEGER(crc32c, CRC32C, 32),
	INTEGER(fnv1a_32, FNV1A_32, 32),
	INTEGER(hashkit_one_at_a_time, HASHKIT_ONE_AT_A_TIME, 32),
	INTEGER(hashkit_fnv1_32, HASHKIT_FNV1_32, 32),
	INTEGER(hashkit_fnv1a_32, HASHKIT_FNV1A_32, 32),
	INTEGER(hashkit_fnv1_64, HASHKIT_FNV1_64, 32),
	INTEGER(hashkit_fnv1a_64, HASHKIT_FNV1A_64, 32),
	INTEGER(hashkit_crc32, HASHKIT_CRC32, 32),
	INTEGER(hashkit_hsieh, HASHKIT_HSIEH, 32),
	INTEGER(hashkit_murmur, HASHKIT_MURMUR, 32),
	INTEGER(hashkit_murmur3, HASHKIT_MURMUR3, 32),
	INTEGER(hashkit_jenkins, HASHKIT_JENKINS, 32),
	BYTES("hashkit_md5", HASHKIT_MD5, 32, digest_hashkit_md5),
	INTEGER(twemproxy_crc16, TWEMPROXY_CRC16, 32),
	INTEGER(haproxy_sdbm, HAPROXY_SDBM, 32),
	INTEGER(haproxy_sdbm_avalanche, HAPROXY_SDBM_AVALANCHE, 32),
	INTEGER(haproxy_djb2, HAPROXY_DJB2, 32),
	INTEGER(haproxy_djb2_avalanche, HAPROXY_DJB2_AVALANCHE, 32),
	INTEGER(haproxy_wt6, HAPROXY_WT6, 32),
	INTEGER(haproxy_wt6_avalanche, HAPROXY_WT6_AVALANCHE, 32),
	INTEGER(haproxy_crc32_avalanche, HAPROXY_CRC32_AVALANCHE, 32),
	INTEGER(murmur3_32, MURMUR3_32, 32),
	BYTES("murmur3_128", MURMUR3_128, 128, digest_murmur3_128),
	INTEGER(guava_siphash24, GUAVA_SIPHASH24, 64),
	INTEGER(farmhash64, FARMHASH64, 64),
	INTEGER(cassandra, CASSANDRA, 64),
	VALUE("mongodb", MONGODB, 64),
	VALUE("citus", CITUS, 32),
	INTEGER(siphash24_key0, SIPHASH24_KEY0, 64),
	BYTES("siphash24_pair", SIPHASH24_PAIR, 128, digest_siphash24_pair),
	SECRET("siphash24", SIPHASH24, 64),
};

#define NHASHES		(sizeof(hashes) / sizeof(hashes[0]))

const chash_hash *
chash_hash_by_name(const char *name)
{
	size_t		i;

	for (i = 0; i < NHASHES; i++)
	{
		if (strcmp(hashes[i].name, name) == 0)
			return &hashes[i];
	}
	return NULL;
}

const chash_hash *
chash_hash_by_code(unsigned code)
{
	size_t		i;

	for (i = 0; i < NHASHES; i++)
	{
		if (hashes[i].code == code)
			return &hashes[i];
	}
	return NULL;
}

const char *
chash_hash_names(void)
{
	static char list[CHASH_NAMES_TEXT];
	size_t		i;

	list[0] = '\0';
	for (i = 0; i < NHASHES; i++)
		chash_append_name(list, hashes[i].name, i, NHASHES);
	return list;
}

const chash_hash *
chash_hash_for_labels(const chash_hash *hash)
{
	return hash->input == CHASH_INPUT_BYTES ? hash : &hashes[0];
}
