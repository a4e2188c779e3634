/*
 * secret.h
 *		Secrets of the hash "siphash24", for keys that an attacker chooses.
 *
 * A router holds a secret's name and its check value, never the secret.  The
 * server has the secrets in a text of lines such as
 *
 *		tenants = 000102030405060708090a0b0c0d0e0f
 *
 * with empty lines and comments after "#" between them.
 */
#ifndef CHASH_SECRET_H
#define CHASH_SECRET_H

#include "core/hashes.h"
#include "core/router.h"

#define CHASH_SECRET_BYTES	16

/* The two halves of a secret, each a little-endian integer, as SipHash takes them. */
typedef struct chash_secret
{
	uint64_t	key0;
	uint64_t	key1;
} chash_secret;

/* The hash "siphash24": SipHash-2-4 of the bytes of a key's fixed form. */
static inline uint64_t
chash_secret_hash(const chash_secret *secret, const void *bytes, size_t length)
{
	return chash_siphash24(secret->key0, secret->key1, bytes, length);
}

extern chash_secret chash_secret_of_bytes(const uint8_t bytes[CHASH_SECRET_BYTES]);

/*
 * The check value of a secret, by which a router knows it again.  It is the
 * first 64 bits of a SHA-256, from which a secret of 128 random bits cannot be
 * found.
 */
extern bool chash_secret_check_value(const chash_secret *secret, char check[CHASH_MAX_CHECK + 1],
									 chash_error *error);

/* Whether that is the name of a secret: a letter, then letters, digits and underscores. */
extern bool chash_secret_check_name(const char *name, chash_error *error);

/*
 * Look for a secret in a text as above.  False if the text is not such; what is
 * wrong is said without a word of it.
 */
extern bool chash_secret_find(const char *text, size_t length, const char *name,
							  bool *found, chash_secret *secret, chash_error *error);

/* Whether a router has a secret just if its hash takes one, and a check value with it. */
extern bool chash_secret_validate(const chash_router *router, chash_error *error);

#endif							/* CHASH_SECRET_H */
