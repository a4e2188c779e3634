/*
 * table_test.c
 *		The tables of strategies, dialects, search rules and key types: names
 *		and the codes that stored routers hold, which may never change.
 */
#include "core/router.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

static bool
lists(const char *names, const char *name)
{
	char		quoted[40];

	sprintf(quoted, "\"%s\"", name);
	return strstr(names, quoted) != NULL;
}

static void
strategies(void)
{
	static const struct
	{
		const char *name;
		unsigned	code;
		bool		hashed;
		bool		sliced;
		bool		periodic;
		bool		unit_weights;
	}			rows[] =
	{
		{"modulo", 1, true, true, true, true},
		{"hash_range", 2, true, true, false, true},
		{"range", 3, false, true, false, false},
		{"ring", 4, true, true, false, false},
		{"jump", 5, true, false, false, false},
		{"jumpback", 6, true, false, false, false},
		{"rendezvous", 7, true, false, false, false},
		{"maglev", 8, true, true, true, false},
		{"multiprobe", 10, true, false, false, false},
		{"bounded", 11, true, true, true, false},
	};
	size_t		i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		const chash_strategy *strategy = chash_strategy_by_name(rows[i].name);

		test_context("%s", rows[i].name);
		CHECK(strategy && strategy == chash_strategy_by_code(rows[i].code));
		CHECK(strcmp(strategy->name, rows[i].name) == 0 && strategy->code == rows[i].code);
		CHECK(strategy->hashed == rows[i].hashed && strategy->periodic == rows[i].periodic);
		CHECK(strategy->unit_weights == rows[i].unit_weights);
		CHECK(strategy->sliced == rows[i].sliced);
		CHECK(strategy->sliced == (strategy->slice != NULL) && strategy->slice_shard);
		CHECK(strategy->sliced == (strategy->vnode != NULL));
		CHECK(lists(chash_strategy_names(), rows[i].name));
	}
	CHECK(!chash_strategy_by_code(0) && !chash_strategy_by_code(12));
	CHECK(!chash_strategy_by_code(255));
	CHECK(!chash_strategy_by_name("") && !chash_strategy_by_name("Ring"));
}

static void
dialects(void)
{
	const chash_dialect *chash = chash_dialect_by_name("chash");
	const chash_dialect *textbook = chash_dialect_by_name("textbook");

	CHECK(chash && chash == chash_dialect_by_code(1) && chash == chash_dialect_default());
	CHECK(chash->hash == CHASH_HASH_XXH3 && chash->bits == 0 && chash->defaults.vnodes == 0);
	CHECK(!chash->defaults.label && chash->defaults.search == 0);
	CHECK(textbook && textbook == chash_dialect_by_code(2));
	CHECK(textbook->hash == CHASH_HASH_SHA1 && textbook->bits == 28 && textbook->defaults.vnodes == 0);
	CHECK(!textbook->defaults.label && textbook->strategy == &chash_strategy_ring);
	CHECK(textbook->defaults.search == CHASH_SEARCH_FLOOR);
	CHECK(lists(chash_dialect_names(), "chash") && lists(chash_dialect_names(), "textbook"));
	CHECK(!chash_dialect_by_code(0) && !chash_dialect_by_code(200));
	CHECK(!chash_dialect_by_name("") && !chash_dialect_by_name("Textbook"));
}

static void
searches(void)
{
	static const char *const names[] = {NULL, "ceiling", "higher", "floor", "nearest"};
	chash_search search;
	unsigned	i;

	for (i = 1; i <= 4; i++)
	{
		CHECK(strcmp(chash_search_name(i), names[i]) == 0);
		CHECK(chash_search_by_name(names[i], &search) && (unsigned) search == i);
		CHECK(lists(chash_search_names(), names[i]));
	}
	CHECK(!chash_search_name(0) && !chash_search_name(5));
	CHECK(!chash_search_by_name("", &search) && !chash_search_by_name("lower", &search));
}

static void
key_types(void)
{
	static const struct
	{
		const char *name;
		unsigned	code;
	}			rows[] =
	{
		{"text", 1}, {"bigint", 2}, {"uuid", 3}, {"bytea", 4},
		{"numeric", 5}, {"date", 6}, {"timestamp", 7}, {"timestamptz", 8},
	};
	size_t		i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		CHECK(strcmp(chash_key_type_name(rows[i].code), rows[i].name) == 0);
		CHECK((unsigned) chash_key_type_by_name(rows[i].name) == rows[i].code);
		CHECK(strstr(chash_key_type_names(), rows[i].name));
	}
	CHECK(!chash_key_type_name(0) && !chash_key_type_name(9) && !chash_key_type_name(255));
	CHECK(chash_key_type_by_name("int") == CHASH_KEY_BIGINT);
	CHECK(chash_key_type_by_name("smallint") == CHASH_KEY_BIGINT);
	CHECK(chash_key_type_by_name("varchar") == CHASH_KEY_TEXT);
	CHECK(chash_key_type_by_name("decimal") == CHASH_KEY_NUMERIC);
	CHECK(chash_key_type_by_name("timestamp with time zone") == CHASH_KEY_TIMESTAMPTZ);
	CHECK(chash_key_type_by_name("timestamp without time zone") == CHASH_KEY_TIMESTAMP);
	CHECK(chash_key_type_by_name("float8") == CHASH_KEY_UNSPECIFIED);
	CHECK(chash_key_type_by_name("") == CHASH_KEY_UNSPECIFIED);
}

const test_case table_tests[] = {
	{"table: strategies", strategies},
	{"table: dialects", dialects},
	{"table: search rules", searches},
	{"table: key types", key_types},
	{NULL, NULL}
};
