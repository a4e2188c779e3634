/*
 * hash.h
 *		The table of hash functions.
 *
 * A hash turns the bytes of a key into a digest, a big-endian integer of
 * "bits" bits.  Two rows do not hash bytes: "pg" is PostgreSQL's own hash of a
 * typed value, which only the server can compute, and "none" takes an integer
 * key as it is.  The labels of virtual nodes, which are neither typed values
 * nor integers, are placed by "xxh3" under these two.
 */
#ifndef CHASH_HASH_H
#define CHASH_HASH_H

#include "core/error.h"
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
	CHASH_HASH_CRC32 = 8
} chash_hash_code;

typedef struct chash_hash
{
	const char *name;
	chash_hash_code code;
	unsigned	bits;			/* width of the digest */

	/* the digest of some bytes; NULL in "pg" and "none" */
	bool		(*digest) (const void *bytes, size_t length,
						   chash_uint *digest, chash_error *error);
} chash_hash;

/* NULL if there is no such hash. */
extern const chash_hash *chash_hash_by_name(const char *name);
extern const chash_hash *chash_hash_by_code(unsigned code);

/* All names, for hints: "xxh3", "xxh64" and so on; static memory. */
extern const char *chash_hash_names(void);

/* The hash that places the labels of virtual nodes under the given one. */
extern const chash_hash *chash_hash_for_labels(const chash_hash *hash);

/* Continue the CRC-32 of some bytes, which is 0 of none, with more. */
extern uint32_t chash_crc32(uint32_t crc, const void *bytes, size_t length);

/* XXH64 with a seed; the hash "xxh64" is that with the seed 0. */
extern uint64_t chash_xxh64(const void *bytes, size_t length, uint64_t seed);

/* The digests of OpenSSL (digest.c); false where OpenSSL refuses to give one. */
extern bool chash_digest_sha1(const void *bytes, size_t length,
							  chash_uint *digest, chash_error *error);
extern bool chash_digest_md5(const void *bytes, size_t length,
							 chash_uint *digest, chash_error *error);
extern bool chash_digest_sha256(const void *bytes, size_t length,
								chash_uint *digest, chash_error *error);

#endif							/* CHASH_HASH_H */
