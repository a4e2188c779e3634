/*
 * key_rule_test.c
 *		Which part of a key is hashed.
 */
#include "core/key_rule.h"
#include "test.h"

#include <string.h>

static bool
part_is(chash_key_rule rule, const char *key, const char *part)
{
	size_t		length = strlen(key);
	/* a copy that ends where the key does, so that tools see a read beyond it */
	char	   *copy = memcpy(test_alloc(length + (length == 0)), key, length);
	const char *found = chash_key_part(rule, copy, &length);

	test_context("%s", key);
	return length == strlen(part) && memcmp(found, part, length) == 0;
}

static void
whole(void)
{
	size_t		nothing = 0;

	CHECK(part_is(CHASH_KEY_WHOLE, "", ""));
	CHECK(part_is(CHASH_KEY_WHOLE, "{user1000}.following", "{user1000}.following"));
	CHECK(chash_key_part(CHASH_KEY_WHOLE, NULL, &nothing) == NULL && nothing == 0);
}

/* The examples of the Redis Cluster Specification, and the edges of its words. */
static void
tags(void)
{
	size_t		nothing = 0;

	CHECK(part_is(CHASH_KEY_TAG, "{user1000}.following", "user1000"));
	CHECK(part_is(CHASH_KEY_TAG, "{user1000}.followers", "user1000"));
	CHECK(part_is(CHASH_KEY_TAG, "foo{}{bar}", "foo{}{bar}"));
	CHECK(part_is(CHASH_KEY_TAG, "foo{{bar}}zap", "{bar"));
	CHECK(part_is(CHASH_KEY_TAG, "foo{bar}{zap}", "bar"));
	CHECK(part_is(CHASH_KEY_TAG, "", ""));
	CHECK(part_is(CHASH_KEY_TAG, "{", "{"));
	CHECK(part_is(CHASH_KEY_TAG, "}", "}"));
	CHECK(part_is(CHASH_KEY_TAG, "{}", "{}"));
	CHECK(part_is(CHASH_KEY_TAG, "a{b", "a{b"));
	CHECK(part_is(CHASH_KEY_TAG, "a}b{c", "a}b{c"));
	CHECK(part_is(CHASH_KEY_TAG, "}a{b}c", "b"));
	CHECK(part_is(CHASH_KEY_TAG, "{a}", "a"));
	CHECK(part_is(CHASH_KEY_TAG, "x{a", "x{a"));
	CHECK(chash_key_part(CHASH_KEY_TAG, NULL, &nothing) == NULL && nothing == 0);
}

/* A byte 0 is a byte of a key like any other. */
static void
bytes(void)
{
	size_t		length = 6;
	const char *part = chash_key_part(CHASH_KEY_TAG, "\0{\0a}b", &length);

	CHECK(length == 2 && memcmp(part, "\0a", 2) == 0);
}

const test_case key_rule_tests[] = {
	{"key rule: the whole key", whole},
	{"key rule: tags", tags},
	{"key rule: bytes", bytes},
	{NULL, NULL},
};
