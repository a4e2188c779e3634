/*
 * text_fuzz.c
 *		The texts that the core reads: names, slots, labels, keys with tags,
 *		pins, and what goes into errors.
 */
#include "fuzz.h"

#include "core/key_rule.h"
#include "core/slots.h"

#include <string.h>

#define MAX_PINS	8

/* ---- names ---- */

/* A name that is known is the name of what it leads to. */
static void
names(input *in)
{
	char	   *name = take_rest(in);
	const chash_strategy *strategy = chash_strategy_by_name(name);
	const chash_dialect *dialect = chash_dialect_by_name(name);
	const chash_hash *hash = chash_hash_by_name(name);
	const chash_parameter *parameter = chash_parameter_by_name(name);
	chash_key_type key_type = chash_key_type_by_name(name);
	uint32_t	search = 0;

	CHECK(!strategy || strcmp(strategy->name, name) == 0);
	CHECK(!strategy || chash_strategy_by_code(strategy->code) == strategy);
	CHECK(!strategy || strstr(chash_strategy_names(), name));
	CHECK(!dialect || strcmp(dialect->name, name) == 0);
	CHECK(!dialect || chash_dialect_by_code(dialect->code) == dialect);
	CHECK(!dialect || strstr(chash_dialect_names(), name));
	CHECK(!hash || strcmp(hash->name, name) == 0);
	CHECK(!hash || chash_hash_by_code(hash->code) == hash);
	CHECK(!hash || strstr(chash_hash_names(), name));
	CHECK(!parameter || strcmp(parameter->name, name) == 0);
	CHECK(!parameter || chash_parameter_by_code(parameter->code) == parameter);
	CHECK(key_type == CHASH_KEY_UNSPECIFIED || chash_key_type_name(key_type));
	CHECK(key_type == CHASH_KEY_UNSPECIFIED ||
		  chash_key_type_by_name(chash_key_type_name(key_type)) == key_type);
	CHECK(key_type == CHASH_KEY_UNSPECIFIED || strstr(chash_key_type_names(), chash_key_type_name(key_type)));
	if (chash_search_by_name(name, &search))
	{
		CHECK(strcmp(chash_search_name(search), name) == 0);
		CHECK(strstr(chash_search_names(), name));
	}
	else
		CHECK(search == 0);
}

/* ---- slots ---- */

static chash_router *
router_of_slots(uint32_t slots, uint32_t replicas)
{
	chash_router *router = fixture_router("slots", NULL, 0, 3);
	chash_error error;

	router->p.slots = slots;
	router->p.replicas = replicas;
	chash_router_complete_parameters(router);
	CHECK(chash_slots_begin(router, &test_host, &error));
	return router;
}

/* What the runs of a map say, given to another one, makes it the same. */
static void
give_runs(const chash_router *router)
{
	chash_router *copy = router_of_slots(router->p.slots, router->p.replicas);
	size_t		blocks = test_live_blocks();
	uint32_t   *start;
	chash_slot_run *runs = chash_slots_runs(router, &test_host, &start);
	chash_error error;
	uint32_t	shard;
	uint32_t	i;

	CHECK(start[0] == 0);
	for (shard = 0; shard < router->nshards; shard++)
	{
		for (i = start[shard]; i < start[shard + 1]; i++)
		{
			char		text[50];

			snprintf(text, sizeof(text), "%u-%u", (unsigned) runs[i].first, (unsigned) runs[i].last);
			CHECK(chash_slots_give(copy, shard, runs[i].copy, text, true, &test_host, &error));
		}
	}
	CHECK(chash_slots_check_covered(copy, &error));
	CHECK(memcmp(copy->map, router->map, chash_router_map_size(router) * sizeof(uint32_t)) == 0);
	chash_release(&test_host, runs);
	chash_release(&test_host, start);
	CHECK(test_live_blocks() == blocks);
}

/* Lines, each the slots of the next shard or the next copy. */
static void
slots(input *in)
{
	uint32_t	replicas = 1 + take_below(in, 3);
	bool		only_free = take_byte(in) % 2 == 0;
	chash_router *router = router_of_slots(1 + take_byte(in), replicas);
	uint32_t	size = chash_router_map_size(router);
	chash_error error;
	uint32_t	line;
	uint32_t	i;

	for (line = 0; bytes_left(in) > 0; line++)
	{
		uint32_t	shard = line % router->nshards;
		uint32_t	copy = line / router->nshards % replicas;

		if (!chash_slots_give(router, shard, copy, take_until(in, '\n'), only_free,
							  &test_host, &error))
			CHECK(error.message[0] && error.hint[0]);
		for (i = 0; i < size; i++)
			CHECK(router->map[i] < router->nshards || router->map[i] == CHASH_UNASSIGNED);
	}
	if (chash_slots_check_covered(router, &error))
		give_runs(router);
	else
		CHECK(memchr(router->map, 0xFF, size * sizeof(uint32_t)));
	chash_slots_rebalance(router, CHASH_EVERYBODY, &test_host);
	CHECK(chash_slots_check_covered(router, &error));
	give_runs(router);
}

/* ---- labels ---- */

static size_t
append(char *to, size_t length, const char *text)
{
	memcpy(to + length, text, strlen(text));
	return length + strlen(text);
}

/* Written as label.h describes it. */
static size_t
expand(const char *template, const char *shard, uint32_t i, char *to)
{
	size_t		length = 0;
	char		number[20];

	snprintf(number, sizeof(number), "%u", (unsigned) i);
	while (*template)
	{
		if (strncmp(template, "{shard}", 7) == 0)
		{
			length = append(to, length, shard);
			template += 7;
		}
		else if (strncmp(template, "{i}", 3) == 0)
		{
			length = append(to, length, number);
			template += 3;
		}
		else
			to[length++] = *template++;
	}
	to[length] = '\0';
	return length;
}

static void
labels(input *in)
{
	/* never more than seven digits, which is what there is room for */
	uint32_t	i = take_number(in) % 10000000;
	char	   *shard = take_text(in, CHASH_MAX_NAME / 2);
	char	   *template = take_rest(in);
	const char *rest = template;
	char	   *text = test_alloc(CHASH_LABEL_MAX);
	char	   *expected = test_alloc(CHASH_LABEL_MAX);
	chash_error error;
	size_t		length;
	size_t		begun;

	if (!chash_label_check(template, &error))
	{
		CHECK(strlen(template) > CHASH_LABEL_TEMPLATE_MAX || !strstr(template, "{shard}") ||
			  !strstr(template, "{i}"));
		return;
	}
	length = chash_label_expand(template, shard, strlen(shard), i, text);
	CHECK(length == expand(template, shard, i, expected));
	CHECK(memcmp(text, expected, length + 1) == 0);

	/* the part that all labels begin with, and the rest */
	memset(text, 0xFF, CHASH_LABEL_MAX);
	begun = chash_label_begin(&rest, shard, strlen(shard), text);
	CHECK(begun + chash_label_expand(rest, shard, strlen(shard), i, text + begun) == length);
	CHECK(memcmp(text, expected, length + 1) == 0);
}

/* ---- keys ---- */

static void
tags(input *in)
{
	size_t		size = bytes_left(in);
	char	   *key = test_alloc(size);
	size_t		length = size;
	const char *part;
	size_t		open = 0;
	size_t		close;

	if (size > 0)
		memcpy(key, in->next, size);
	CHECK(chash_key_part(CHASH_KEY_WHOLE, key, &length) == key && length == size);
	part = chash_key_part(CHASH_KEY_TAG, key, &length);
	while (open < size && key[open] != '{')
		open++;
	for (close = open; close < size && key[close] != '}';)
		close++;
	if (close < size && close > open + 1)
		CHECK(part == key + open + 1 && length == close - open - 1);
	else
		CHECK(part == key && length == size);
}

/* Whether a text is a number below 2^bits, as the hash "none" takes it. */
static bool
is_number(const char *text, unsigned bits)
{
	BIGNUM	   *value = NULL;
	bool		result;

	if (text[0] == '\0' || (text[0] == '0' && text[1]) || strspn(text, "0123456789") != strlen(text))
		return false;
	CHECK(BN_dec2bn(&value, text) > 0);
	result = BN_num_bits(value) <= (int) bits;
	BN_free(value);
	return result;
}

static void
positions(input *in)
{
	chash_router *router = fixture_router("jump", "none", 1 + take_below(in, 63), 2);
	char	   *key = take_rest(in);

	if (strlen(key) < 1000)
		CHECK(chash_router_takes(router, key) == is_number(key, router->bits));
}

static void
pins(input *in)
{
	chash_router *router = fixture_router("ring", NULL, 0, 3);
	const char *keys[MAX_PINS];
	const char *names[MAX_PINS];
	chash_pins *compiled;
	size_t		memory = 0;
	chash_error error;
	uint32_t	n = 0;
	uint32_t	i;

	while (bytes_left(in) > 0 && n < MAX_PINS)
	{
		uint32_t	place = take_below(in, 4);

		keys[n] = take_until(in, '\n');
		names[n++] = place < 3 ? router->shards[place].name : "nobody";
	}
	if (!chash_router_set_pins(router, n, keys, names, &test_host, &error))
	{
		CHECK(error.kind == CHASH_ERROR_UNKNOWN);
		return;
	}
	if (!chash_pins_validate(router, &error))
	{
		CHECK(error.kind == CHASH_ERROR_DUPLICATE || error.kind == CHASH_ERROR_LIMIT);
		return;
	}
	compiled = chash_pins_compile(router, &test_host, &memory);
	CHECK((compiled == NULL) == (n == 0));
	for (i = 0; i < n; i++)
	{
		uint32_t	place = chash_pins_find(compiled, keys[i], strlen(keys[i]));
		bool		found;

		CHECK(place < 3 && strcmp(router->shards[place].name, names[i]) == 0);
		CHECK(strcmp(router->pins[chash_router_find_pin(router, keys[i], &found)].key, keys[i]) == 0);
		CHECK(found);
	}
}

/* ---- errors ---- */

/* What is cut off begins with a whole character, and three bytes at the most are lost. */
static void
errors(input *in)
{
	uint32_t	limit = take_number(in) % (2 * CHASH_ERROR_TEXT);
	char	   *text = take_text(in, 4000);
	int			clipped = chash_clip(text, (int) limit);
	chash_error error;

	CHECK(clipped >= 0 && (size_t) clipped <= strlen(text) && clipped <= (int) limit);
	CHECK((text[clipped] & 0xC0) != 0x80);
	CHECK((size_t) clipped == strlen(text) || clipped + 3 >= (int) limit);
	memset(&error, 0xFF, sizeof(error));
	CHECK(!chash_fail(&error, CHASH_ERROR_VALUE, "%s", text));
	CHECK(strlen(error.message) < CHASH_ERROR_TEXT && !error.detail[0] && !error.hint[0]);
	CHECK(strncmp(error.message, text, strlen(error.message)) == 0);
	CHECK((text[strlen(error.message)] & 0xC0) != 0x80);
	CHECK(!chash_fail_detail(&error, "%s", text) && !chash_fail_hint(&error, "%s", text));
	CHECK(strcmp(error.detail, error.message) == 0 && strcmp(error.hint, error.message) == 0);
}

void
fuzz_one(input *in)
{
	static void (*const kinds[]) (input *) = {names, slots, labels, tags, positions, pins, errors};

	kinds[take_below(in, sizeof(kinds) / sizeof(kinds[0]))] (in);
}
