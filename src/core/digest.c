/*
 * digest.c
 *		SHA-1, MD5 and SHA-256 from OpenSSL's EVP.
 *
 * Fetching a digest and making contexts cost more than hashing a short key, so
 * both are done once a process and kept.
 */
#include "core/hash.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/opensslv.h>

/* OpenSSL 3 can fetch a digest ahead; 1.1.1 has constant ones. */
#if OPENSSL_VERSION_NUMBER >= 0x30000000L
#define FETCH(name, legacy)		EVP_MD_fetch(NULL, name, NULL)
#else
#define FETCH(name, legacy)		legacy()
#endif

/*
 * The state of one digest: NULL until it is first asked for.  To copy a context
 * that has been begun takes less time than to begin one.
 */
typedef struct digest_state
{
	const EVP_MD *method;
	EVP_MD_CTX *begun;
	EVP_MD_CTX *context;
} digest_state;

/* Whether both contexts are there. */
static bool
prepare(digest_state *state)
{
	if (!state->context)
		state->context = EVP_MD_CTX_new();
	if (!state->begun && state->method)
	{
		state->begun = EVP_MD_CTX_new();
		if (state->begun && EVP_DigestInit_ex(state->begun, state->method, NULL) != 1)
		{
			EVP_MD_CTX_free(state->begun);
			state->begun = NULL;
		}
	}
	return state->context && state->begun;
}

static bool
compute(digest_state *state, const char *name, const void *bytes,
		size_t length, uint8_t *output, chash_error *error)
{
	if (!((state->begun && state->context) || prepare(state)) ||
		EVP_MD_CTX_copy_ex(state->context, state->begun) != 1 ||
		EVP_DigestUpdate(state->context, bytes, length) != 1 ||
		EVP_DigestFinal_ex(state->context, output, NULL) != 1)
	{
		/* what is left in OpenSSL's queue would confuse its next user */
		ERR_clear_error();
		chash_fail(error, CHASH_ERROR_DIGEST,
				   "OpenSSL does not provide the digest \"%s\"", name);
		return chash_fail_hint(error, "Its configuration may forbid the digest, as in FIPS mode. "
							   "The hashes \"xxh3\" and \"xxh64\" do not depend on OpenSSL.");
	}
	return true;
}

bool
chash_digest_sha1(const void *bytes, size_t length, uint8_t *output,
				  chash_error *error)
{
	static digest_state state;

	if (!state.method)
		state.method = FETCH("SHA1", EVP_sha1);
	return compute(&state, "sha1", bytes, length, output, error);
}

bool
chash_digest_md5(const void *bytes, size_t length, uint8_t *output,
				 chash_error *error)
{
	static digest_state state;

	if (!state.method)
		state.method = FETCH("MD5", EVP_md5);
	return compute(&state, "md5", bytes, length, output, error);
}

bool
chash_digest_sha256(const void *bytes, size_t length, uint8_t *output,
					chash_error *error)
{
	static digest_state state;

	if (!state.method)
		state.method = FETCH("SHA256", EVP_sha256);
	return compute(&state, "sha256", bytes, length, output, error);
}
