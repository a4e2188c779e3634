/*
 * secret.c
 *		Secrets of the hash "siphash24": names, check values, the text that has
 *		them.
 */
#include "core/secret.h"

#include <string.h>

/* Says what is hashed, so that the check value is of no use elsewhere. */
#define CHECK_LABEL		"chash: check value of a secret"

#define HEX_DIGITS		"0123456789abcdef"

static const char *const what_name_is =
	"Its name is a letter or an underscore and then letters, digits and underscores, "
	"all of them ASCII, at most %d bytes.";

static uint64_t
little_endian64(const uint8_t *bytes)
{
	uint64_t	value = 0;
	int			i;

	for (i = 7; i >= 0; i--)
		value = (value << 8) | bytes[i];
	return value;
}

chash_secret
chash_secret_of_bytes(const uint8_t bytes[CHASH_SECRET_BYTES])
{
	chash_secret secret = {little_endian64(bytes), little_endian64(bytes + 8)};

	return secret;
}

/* SHA-256 of the label without its zero byte, then the 16 bytes of the secret. */
bool
chash_secret_check_value(const chash_secret *secret, char check[CHASH_MAX_CHECK + 1],
						 chash_error *error)
{
	size_t		label = strlen(CHECK_LABEL);
	uint8_t		input[sizeof(CHECK_LABEL) + CHASH_SECRET_BYTES];
	uint8_t		output[CHASH_MAX_OUTPUT];
	size_t		i;

	memcpy(input, CHECK_LABEL, label);
	for (i = 0; i < CHASH_SECRET_BYTES; i++)
		input[label + i] = (uint8_t) ((i < 8 ? secret->key0 : secret->key1) >> (8 * (i % 8)));
	if (!chash_digest_sha256(input, label + CHASH_SECRET_BYTES, output, error))
		return false;
	for (i = 0; i < CHASH_MAX_CHECK; i++)
		check[i] = HEX_DIGITS[(output[i / 2] >> (i % 2 == 0 ? 4 : 0)) & 0xF];
	check[CHASH_MAX_CHECK] = '\0';
	return true;
}

/* ---- names ---- */

/* In ASCII, whatever the locale. */
static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* How many bytes, of those up to end, can be a name. */
static size_t
name_length(const char *text, const char *end)
{
	const char *next = text;

	if (next == end || !is_letter(*next))
		return 0;
	while (next < end && (is_letter(*next) || (*next >= '0' && *next <= '9')))
		next++;
	return (size_t) (next - text);
}

bool
chash_secret_check_name(const char *name, chash_error *error)
{
	size_t		length = strlen(name);

	if (length > 0 && length <= CHASH_MAX_SECRET && name_length(name, name + length) == length)
		return true;
	chash_fail(error, CHASH_ERROR_VALUE, "\"%.*s\" cannot be the name of a secret",
			   chash_clip(name, 2 * CHASH_MAX_SECRET), name);
	return chash_fail_detail(error, what_name_is, CHASH_MAX_SECRET);
}

/* ---- the text ---- */

static const char *
skip_blanks(const char *next, const char *end)
{
	while (next < end && (*next == ' ' || *next == '\t' || *next == '\r'))
		next++;
	return next;
}

static int
value_of_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Two digits for each byte; false unless all are there. */
static bool
read_bytes(const char *next, const char *end, uint8_t *bytes)
{
	int			i;

	if (end - next < 2 * CHASH_SECRET_BYTES)
		return false;
	for (i = 0; i < CHASH_SECRET_BYTES; i++, next += 2)
	{
		int			high = value_of_digit(next[0]);
		int			low = value_of_digit(next[1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = (uint8_t) (high << 4 | low);
	}
	return true;
}

typedef struct secret_line
{
	const char *name;
	size_t		length;			/* of the name, 0 in a line that has nothing */
	uint8_t		bytes[CHASH_SECRET_BYTES];
} secret_line;

static bool
read_line(const char *next, const char *end, secret_line *line)
{
	next = skip_blanks(next, end);
	line->name = next;
	line->length = 0;
	if (next == end || *next == '#')
		return true;
	line->length = name_length(next, end);
	if (line->length == 0 || line->length > CHASH_MAX_SECRET)
		return false;
	next = skip_blanks(next + line->length, end);
	if (next == end || *next != '=')
		return false;
	next = skip_blanks(next + 1, end);
	if (!read_bytes(next, end, line->bytes))
		return false;
	next = skip_blanks(next + 2 * CHASH_SECRET_BYTES, end);
	return next == end || *next == '#';
}

bool
chash_secret_find(const char *text, size_t length, const char *name,
				  bool *found, chash_secret *secret, chash_error *error)
{
	const char *end = text + length;
	unsigned	number = 1;
	secret_line line;
	bool		ok = true;

	*found = false;
	for (; ok && text < end; number++)
	{
		const char *next = memchr(text, '\n', (size_t) (end - text));

		if (!read_line(text, next ? next : end, &line))
			ok = chash_fail(error, CHASH_ERROR_VALUE,
							"line %u is not a name, \"=\" and %d hexadecimal digits",
							number, 2 * CHASH_SECRET_BYTES);
		else if (line.length > 0 && line.length == strlen(name) &&
				 memcmp(line.name, name, line.length) == 0)
		{
			if (*found)
				ok = chash_fail(error, CHASH_ERROR_VALUE,
								"line %u has another secret of the same name", number);
			*found = true;
			*secret = chash_secret_of_bytes(line.bytes);
		}
		text = next ? next + 1 : end;
	}
	return ok;
}

/* ---- routers ---- */

bool
chash_secret_validate(const chash_router *router, chash_error *error)
{
	const char *check = router->p.check;

	if (!router->hash || router->hash->input != CHASH_INPUT_SECRET)
	{
		if (!router->p.secret && !check)
			return true;
		if (!router->hash)
			return chash_fail(error, CHASH_ERROR_UNSUPPORTED,
							  "strategy \"%s\" has no parameter \"%s\"",
							  router->strategy->name, router->p.secret ? "secret" : "check");
		chash_fail(error, CHASH_ERROR_UNSUPPORTED, "hash \"%s\" has no secret", router->hash->name);
		return chash_fail_hint(error, "The hash \"siphash24\" has one.");
	}
	if (!router->p.secret || !check)
	{
		chash_fail(error, CHASH_ERROR_VALUE, "hash \"%s\" needs a secret%s", router->hash->name,
				   router->p.secret ? " and its check value" : "");
		return chash_fail_hint(error, "Make the router with another hash, and let "
							   "chash_with_secret(router, name) put the secret's name and its "
							   "check value in.");
	}
	if (!chash_secret_check_name(router->p.secret, error))
		return false;
	if (strlen(check) != CHASH_MAX_CHECK || strspn(check, HEX_DIGITS) != CHASH_MAX_CHECK)
		return chash_fail(error, CHASH_ERROR_VALUE,
						  "check must be %d hexadecimal digits in lower case", CHASH_MAX_CHECK);
	return true;
}
