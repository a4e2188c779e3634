/*
 * error_test.c
 *		Filling in errors, above all: long texts are never cut inside a character.
 */
#include "test.h"

#include <string.h>

static void
fields(void)
{
	chash_error error;

	memset(&error, 'x', sizeof(error));
	CHECK(!chash_fail(&error, CHASH_ERROR_LIMIT, "%s is %d", "it", 5));
	CHECK(error.kind == CHASH_ERROR_LIMIT);
	CHECK(strcmp(error.message, "it is 5") == 0);
	CHECK(error.detail[0] == '\0' && error.hint[0] == '\0');
	CHECK(!chash_fail_detail(&error, "Detail %d.", 1));
	CHECK(!chash_fail_hint(&error, "Hint %d.", 2));
	CHECK(strcmp(error.message, "it is 5") == 0);
	CHECK(strcmp(error.detail, "Detail 1.") == 0);
	CHECK(strcmp(error.hint, "Hint 2.") == 0);
	chash_fail(&error, CHASH_ERROR_VALUE, "another");
	CHECK(error.detail[0] == '\0' && error.hint[0] == '\0');
}

/* Characters of 1 to 4 bytes, with 0 to 3 bytes before them. */
static void
cutting(void)
{
	static const char *const characters[] = {"a", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x90\x98"};
	int			size;

	for (size = 1; size <= 4; size++)
	{
		size_t		before;

		for (before = 0; before < 4; before++)
		{
			char		text[2 * CHASH_ERROR_TEXT] = "";
			chash_error error;
			size_t		length;

			memset(text, '.', before);
			while (strlen(text) < CHASH_ERROR_TEXT + 100)
				strcat(text, characters[size - 1]);
			chash_fail(&error, CHASH_ERROR_VALUE, "%s", text);
			length = strlen(error.message);
			test_context("characters of %d bytes after %zu", size, before);
			CHECK(length < CHASH_ERROR_TEXT && length >= CHASH_ERROR_TEXT - 1 - 4);
			CHECK((length - before) % (size_t) size == 0);
			CHECK(memcmp(error.message, text, length) == 0);
		}
	}
}

/* What just fits is not cut. */
static void
fitting(void)
{
	char		text[CHASH_ERROR_TEXT + 1];
	chash_error error;

	memset(text, 'a', sizeof(text));
	text[CHASH_ERROR_TEXT - 1] = '\0';
	memcpy(text + CHASH_ERROR_TEXT - 3, "\xc3\xa4", 2);
	chash_fail(&error, CHASH_ERROR_VALUE, "%s", text);
	CHECK(strcmp(error.message, text) == 0);
}

const test_case error_tests[] = {
	{"error: fields", fields},
	{"error: long texts are cut between characters", cutting},
	{"error: what fits is not cut", fitting},
	{NULL, NULL}
};
