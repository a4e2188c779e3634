/*
 * secrets_fuzz.c
 *		Texts that have secrets, whatever they are: a secret is found where regular
 *		expressions find it, a bad line is refused and nothing of it is said; its
 *		check value and the hashes under it are those of OpenSSL.
 */
#include "fuzz.h"

#include "core/secret.h"

#include <openssl/evp.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS		"[ \t\r]*"
#define NAME		"[A-Za-z_][A-Za-z0-9_]{0,62}"
#define DIGITS		"[0-9A-Fa-f]{32}"
#define LINE		"^" BLANKS "((" NAME ")" BLANKS "=" BLANKS "(" DIGITS ")" BLANKS ")?(#.*)?$"

/* What of a line is in parentheses. */
#define NAME_PART	2
#define DIGITS_PART	3
#define PARTS		4

/* ---- an independent reader ---- */

static void
match_with(regex_t *compiled, bool *ready, const char *pattern)
{
	if (!*ready)
		CHECK(regcomp(compiled, pattern, REG_EXTENDED) == 0);
	*ready = true;
}

static bool
is_name(const char *text)
{
	static regex_t compiled;
	static bool ready;

	match_with(&compiled, &ready, "^" NAME "$");
	return regexec(&compiled, text, 0, NULL, 0) == 0;
}

/* Whether a line is well formed; the name and the digits are where they begin, or NULL. */
static bool
read_line(char *line, const char **name, const char **digits)
{
	static regex_t compiled;
	static bool ready;
	regmatch_t	part[PARTS];

	*name = *digits = NULL;
	match_with(&compiled, &ready, LINE);
	if (regexec(&compiled, line, PARTS, part, 0) != 0)
		return false;
	if (part[NAME_PART].rm_so >= 0)
	{
		*name = line + part[NAME_PART].rm_so;
		*digits = line + part[DIGITS_PART].rm_so;
		line[part[NAME_PART].rm_eo] = '\0';
		line[part[DIGITS_PART].rm_eo] = '\0';
	}
	return true;
}

static void
bytes_of(const char *digits, uint8_t bytes[CHASH_SECRET_BYTES])
{
	int			i;

	for (i = 0; i < CHASH_SECRET_BYTES; i++)
	{
		char		pair[3] = {digits[2 * i], digits[2 * i + 1], '\0'};

		bytes[i] = (uint8_t) strtoul(pair, NULL, 16);
	}
}

typedef struct answer
{
	bool		found;
	uint8_t		bytes[CHASH_SECRET_BYTES];
	char		message[200];	/* empty if the text is good */
} answer;

static answer
look_for(const char *wanted, const char *text)
{
	char	   *line = test_copy(text);
	answer		result;
	int			number = 1;

	memset(&result, 0, sizeof(result));
	while (line && !result.message[0])
	{
		char	   *end = strchr(line, '\n');
		const char *name;
		const char *digits;

		if (end)
			*end = '\0';
		if (!read_line(line, &name, &digits))
			snprintf(result.message, sizeof(result.message),
					 "line %d is not a name, \"=\" and 32 hexadecimal digits", number);
		else if (name && strcmp(name, wanted) == 0)
		{
			if (result.found)
				snprintf(result.message, sizeof(result.message),
						 "line %d has another secret of the same name", number);
			result.found = true;
			bytes_of(digits, result.bytes);
		}
		line = end ? end + 1 : NULL;
		number++;
	}
	return result;
}

/* ---- an independent hash ---- */

static uint64_t
openssl_siphash(const uint8_t secret[CHASH_SECRET_BYTES], const void *bytes, size_t length)
{
	EVP_PKEY   *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_SIPHASH, NULL, secret, CHASH_SECRET_BYTES);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *options;
	uint8_t		output[8];
	size_t		size = sizeof(output);
	uint64_t	value = 0;

	CHECK(key && context && EVP_DigestSignInit(context, &options, NULL, NULL, key) == 1);
	CHECK(EVP_PKEY_CTX_ctrl(options, EVP_PKEY_SIPHASH, EVP_PKEY_OP_SIGNCTX,
							EVP_PKEY_CTRL_SET_DIGEST_SIZE, sizeof(output), NULL) == 1);
	CHECK(EVP_DigestSignUpdate(context, bytes, length) == 1);
	CHECK(EVP_DigestSignFinal(context, output, &size) == 1 && size == sizeof(output));
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	while (size > 0)
		value = value << 8 | output[--size];
	return value;
}

static void
check_secret(const uint8_t bytes[CHASH_SECRET_BYTES], const char *text)
{
	static const char label[] = "chash: check value of a secret";
	chash_secret secret = chash_secret_of_bytes(bytes);
	uint8_t		labelled[sizeof(label) - 1 + CHASH_SECRET_BYTES];
	uint8_t		digest[32];
	char		check[CHASH_MAX_CHECK + 1];
	chash_error error;
	int			i;

	memcpy(labelled, label, sizeof(label) - 1);
	memcpy(labelled + sizeof(label) - 1, bytes, CHASH_SECRET_BYTES);
	CHECK(naive_digest(CHASH_HASH_SHA256, labelled, sizeof(labelled), digest) == 32);
	CHECK(chash_secret_check_value(&secret, check, &error) && strlen(check) == 16);
	for (i = 0; i < 8; i++)
	{
		char		pair[3];

		snprintf(pair, sizeof(pair), "%02x", digest[i]);
		CHECK(memcmp(check + 2 * i, pair, 2) == 0);
	}
	CHECK(chash_secret_hash(&secret, text, strlen(text)) == openssl_siphash(bytes, text, strlen(text)));
}

/* ---- the input: a name, then a text ---- */

void
fuzz_one(input *in)
{
	char	   *name = take_until(in, '\n');
	size_t		length = bytes_left(in);
	char	   *text = take_rest(in);
	char	   *whole = test_alloc(length);
	answer		expected;
	chash_secret secret;
	chash_error error;
	bool		found;
	bool		good;
	size_t		i;

	/* to the reader here a zero byte would be the end; to both another one is as bad */
	memcpy(whole, text, length);
	for (i = 0; i < length; i++)
		text[i] = (char) (text[i] == '\0' ? '\1' : text[i]);
	expected = look_for(name, text);
	memset(&error, 0xFF, sizeof(error));
	good = chash_secret_find(whole, length, name, &found, &secret, &error);
	CHECK(good == (expected.message[0] == '\0'));
	if (!good)
	{
		CHECK(error.kind == CHASH_ERROR_VALUE && strcmp(error.message, expected.message) == 0);
		CHECK(!error.detail[0] && !error.hint[0]);
	}
	else
	{
		CHECK(found == expected.found);
		for (i = 0; found && i < 8; i++)
		{
			CHECK((uint8_t) (secret.key0 >> 8 * i) == expected.bytes[i]);
			CHECK((uint8_t) (secret.key1 >> 8 * i) == expected.bytes[8 + i]);
		}
	}
	check_secret(expected.bytes, text);
	CHECK(chash_secret_check_name(name, &error) == is_name(name));
}
