/*
 * label_test.c
 *		Templates of labels: which are accepted, and what they become.
 */
#include "core/label.h"
#include "test.h"

#include <string.h>

static bool
accepted(const char *template)
{
	chash_error error;

	return chash_label_check(template, &error);
}

static bool
becomes(const char *template, const char *shard, uint32_t i, const char *expected)
{
	char	   *text = test_alloc(CHASH_LABEL_MAX);
	const char *rest = template;
	size_t		begun;

	test_context("%s", template);
	CHECK(accepted(template));

	/* in two steps, of which the first is done once for all numbers */
	begun = chash_label_begin(&rest, shard, strlen(shard), text);
	CHECK(strncmp(rest, "{i}", 3) == 0);
	CHECK(begun + chash_label_expand(rest, shard, strlen(shard), i, text + begun) ==
		  strlen(expected));
	CHECK(strcmp(text, expected) == 0);
	return chash_label_expand(template, shard, strlen(shard), i, text) == strlen(expected) &&
		strcmp(text, expected) == 0;
}

static void
expanding(void)
{
	CHECK(becomes("{shard}-{i}", "server-a", 0, "server-a-0"));
	CHECK(becomes("{shard}-{i}", "server-a", 2097151, "server-a-2097151"));
	CHECK(becomes("{shard}-{i}", "server-a", UINT32_MAX, "server-a-4294967295"));
	CHECK(becomes("{i}{shard}", "x", 7, "7x"));
	CHECK(becomes("{shard}{i}{shard}{i}", "x", 7, "x7x7"));
	CHECK(becomes("<{i}>{{shard}}", "x", 7, "<7>{x}"));
	CHECK(becomes("{i {i} {{i}} {shard{shard}", "x", 7, "{i 7 {7} {shardx"));
	CHECK(becomes("{I}{SHARD}{i}{shard}", "x", 7, "{I}{SHARD}7x"));
	CHECK(becomes("%s%n{shard}{i}%d", "%s", 7, "%s%n%s7%d"));
	/* what is put in is not looked at again */
	CHECK(becomes("{shard}-{i}", "{i}", 7, "{i}-7"));
	CHECK(becomes("{shard}-{i}", "{shard}", 7, "{shard}-7"));
	CHECK(becomes("\xc3\xa4{shard}\xe2\x82\xac{i}", "\xc3\xb6", 7,
				  "\xc3\xa4\xc3\xb6\xe2\x82\xac" "7"));
}

static void
refusing(void)
{
	CHECK(!accepted(""));
	CHECK(!accepted("{shard}"));
	CHECK(!accepted("{i}"));
	CHECK(!accepted("{shard}-{ i }"));
	CHECK(!accepted("{Shard}-{i}"));
	CHECK(!accepted("{shard-{i}"));
	CHECK(!accepted("{sha{i}rd}"));
}

/* "{shard}{i}", and x up to a length. */
static char *
long_template(size_t length)
{
	char	   *template = test_alloc(length + 1);

	memset(template, 'x', length);
	template[length] = '\0';
	memcpy(template + length - 10, "{shard}{i}", 10);
	return template;
}

static void
limits(void)
{
	chash_error error;

	CHECK(accepted(long_template(255)));
	CHECK(!chash_label_check(long_template(256), &error));
	CHECK(error.kind == CHASH_ERROR_LIMIT);
	CHECK(strstr(error.message, "256") && strstr(error.message, "255"));
	CHECK(!chash_label_check("{shard}", &error));
	CHECK(error.kind == CHASH_ERROR_VALUE);
}

/* The longest labels there are fit into CHASH_LABEL_MAX bytes. */
static void
longest(void)
{
	char	   *name = test_alloc(256);
	char	   *template = test_alloc(256);
	char	   *text = test_alloc(CHASH_LABEL_MAX);
	int			shards;

	memset(name, 'n', 255);
	name[255] = '\0';
	for (shards = 1; shards <= 36; shards++)
	{
		size_t		numbers = (size_t) (255 - 7 * shards) / 3;
		size_t		others = 255 - 7 * (size_t) shards - 3 * numbers;
		char	   *end = template;
		size_t		i;

		for (i = 0; i < (size_t) shards; i++, end += 7)
			memcpy(end, "{shard}", 7);
		for (i = 0; i < numbers; i++, end += 3)
			memcpy(end, "{i}", 3);
		memset(end, 'x', others);
		end[others] = '\0';
		CHECK(strlen(template) == 255);
		CHECK(accepted(template));
		CHECK(chash_label_expand(template, name, strlen(name), 9999999, text) ==
			  (size_t) shards * 255 + numbers * 7 + others);
		CHECK(strlen(text) < CHASH_LABEL_MAX);
	}
}

const test_case label_tests[] = {
	{"label: expanding", expanding},
	{"label: refusing", refusing},
	{"label: limits", limits},
	{"label: the longest fit", longest},
	{NULL, NULL}
};
