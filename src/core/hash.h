/*
 * hash.h
 *		The table of hash functions.
 *
 * A hash turns a key into a digest, a big-endian integer of "bits" bits; one
 * that is defined as an integer gives its value.  Most hash the bytes of the
 * key's fixed form.  Typed hashes take the value itself, which only the server
 * can read (router/typed_hash.c), "none" takes an integer key for its position,
 * and "siphash24" hashes the bytes with a secret (secret.h).  The labels of
 * virtual nodes are placed by "xxh3" under these.  They are neither typed
 * values nor integers; and a secret they do not need: who knows where the
 * points are, but not where a key is, cannot choose keys for a shard.  So a
 * router has the same points under every secret, also where none is known.
 */
#ifndef CHASH_HASH_H
#define CHASH_HASH_H

#include "core/error.h"
#include "core/hashes.h"
#include "core/uint.h"

typedef enum chash_hash_code
{
	/* stored in routers: a number is never given a second meaning */
	CHASH_HASH_XXH3 = 1,
	CHASH_HASH_XXH64 = 2,
	CHASH_HASH_SHA1 = 3,
	CHASH_HASH_MD5 = 4,
	CHASH_HASH_SHA256 = 5,
	CHASH_HASH_PG = 6,
	CHASH_HASH_NONE = 7,
	CHASH_HASH_CRC32 = 8,
	CHASH_HASH_CRC16 = 9,
	CHASH_HASH_CRC32C = 10,
	CHASH_HASH_FNV1A_32 = 11,
	CHASH_HASH_HASHKIT_ONE_AT_A_TIME = 12,
	CHASH_HASH_HASHKIT_FNV1_32 = 13,
	CHASH_HASH_HASHKIT_FNV1A_32 = 14,
	CHASH_HASH_HASHKIT_FNV1_64 = 15,
	CHASH_HASH_HASHKIT_FNV1A_64 = 16,
	CHASH_HASH_HASHKIT_CRC32 = 17,
	CHASH_HASH_HASHKIT_HSIEH = 18,
	CHASH_HASH_HASHKIT_MURMUR = 19,
	CHASH_HASH_HASHKIT_MURMUR3 = 20,
	CHASH_HASH_HASHKIT_JENKINS = 21,
	CHASH_HASH_HASHKIT_MD5 = 22,
	CHASH_HASH_TWEMPROXY_CRC16 = 23,
	CHASH_HASH_HAPROXY_SDBM = 24,
	CHASH_HASH_HAPROXY_SDBM_AVALANCHE = 25,
	CHASH_HASH_HAPROXY_DJB2 = 26,
	CHASH_HASH_HAPROXY_DJB2_AVALANCHE = 27,
	CHASH_HASH_HAPROXY_WT6 = 28,
	CHASH_HASH_HAPROXY_WT6_AVALANCHE = 29,
	CHASH_HASH_HAPROXY_CRC32_AVALANCHE = 30,
	CHASH_HASH_MURMUR3_32 = 31,
	CHASH_HASH_MURMUR3_128 = 32,
	CHASH_HASH_GUAVA_SIPHASH24 = 33,
	CHASH_HASH_FARMHASH64 = 34,
	CHASH_HASH_CASSANDRA = 35,
	CHASH_HASH_MONGODB = 36,
	CHASH_HASH_CITUS = 37,
	CHASH_HASH_SIPHASH24_KEY0 = 38,
	CHASH_HASH_SIPHASH24_PAIR = 39,
	CHASH_HASH_SIPHASH24 = 40
} chash_hash_code;

/* What of a key a hash takes. */
typedef enum chash_hash_input
{
	CHASH_INPUT_BYTES,			/* its fixed form */
	CHASH_INPUT_VALUE,			/* the typed value */
	CHASH_INPUT_POSITION,		/* an integer, which is the position already */
	CHASH_INPUT_SECRET			/* its fixed form, hashed with a secret */
} chash_hash_input;

typedef struct chash_hash
{
	const char *name;
	chash_hash_code code;
	unsigned	bits;			/* width of the digest */
	chash_hash_input input;

	/* the digest of some bytes; NULL if the input is something else */
	bool		(*digest) (const void *bytes, size_t length,
						   chash_uint *digest, chash_error *error);

	/* short ways to the same: an integer of up to 64 bits, or bytes; NULL if it is not such */
	uint64_t	(*value) (const void *bytes, size_t length);
	bool		(*output) (const void *bytes, size_t length, uint8_t *output,
						   chash_error *error);
} chash_hash;

#define CHASH_MAX_OUTPUT	32	/* bytes of a digest */

/* NULL if there is no such hash. */
extern const chash_hash *chash_hash_by_name(const char *name);
extern const chash_hash *chash_hash_by_code(unsigned code);

/* All names, for hints: "xxh3", "xxh64" and so on; static memory. */
extern const char *chash_hash_names(void);

/* The hash that places the labels of virtual nodes under the given one. */
extern const chash_hash *chash_hash_for_labels(const chash_hash *hash);

/* XXH64 with a seed; the hash "xxh64" is that with the seed 0. */
extern uint64_t chash_xxh64(const void *bytes, size_t length, uint64_t seed);

/* The digests of OpenSSL (digest.c), 20, 16 and 32 bytes; false where it refuses to give one. */
extern bool chash_digest_sha1(const void *bytes, size_t length,
							  uint8_t *output, chash_error *error);
extern bool chash_digest_md5(const void *bytes, size_t length,
							 uint8_t *output, chash_error *error);
extern bool chash_digest_sha256(const void *bytes, size_t length,
								uint8_t *output, chash_error *error);

#endif							/* CHASH_HASH_H */
