/*
 * dialect.c
 *		The table of dialects and the names of the search rules.
 */
#include "core/dialect.h"
#include "core/names.h"

#include <string.h>

static const chash_dialect dialects[] = {
	/* this project's own ring, the default */
	{"chash", 1, CHASH_HASH_XXH3, 0, 160, "{shard}-{i}", CHASH_SEARCH_CEILING},

	/*
	 * the ring of the textbooks: a position is the first seven hexadecimal
	 * digits of SHA-1, and a point is the lowest position that it serves
	 */
	{"textbook", 2, CHASH_HASH_SHA1, 28, 160, "{shard}-{i}", CHASH_SEARCH_FLOOR},
};

static const struct
{
	const char *name;
	chash_search search;
}			searches[] =
{
	{"ceiling", CHASH_SEARCH_CEILING},
	{"higher", CHASH_SEARCH_HIGHER},
	{"floor", CHASH_SEARCH_FLOOR},
};

#define NDIALECTS	(sizeof(dialects) / sizeof(dialects[0]))
#define NSEARCHES	(sizeof(searches) / sizeof(searches[0]))

const chash_dialect *
chash_dialect_by_name(const char *name)
{
	size_t		i;

	for (i = 0; i < NDIALECTS; i++)
	{
		if (strcmp(dialects[i].name, name) == 0)
			return &dialects[i];
	}
	return NULL;
}

const chash_dialect *
chash_dialect_by_code(unsigned code)
{
	size_t		i;

	for (i = 0; i < NDIALECTS; i++)
	{
		if (dialects[i].code == code)
			return &dialects[i];
	}
	return NULL;
}

const chash_dialect *
chash_dialect_default(void)
{
	return &dialects[0];
}

bool
chash_search_by_name(const char *name, chash_search *search)
{
	size_t		i;

	for (i = 0; i < NSEARCHES; i++)
	{
		if (strcmp(searches[i].name, name) == 0)
		{
			*search = searches[i].search;
			return true;
		}
	}
	return false;
}

const char *
chash_search_name(unsigned search)
{
	size_t		i;

	for (i = 0; i < NSEARCHES; i++)
	{
		if (searches[i].search == search)
			return searches[i].name;
	}
	return NULL;
}

const char *
chash_dialect_names(void)
{
	static char list[CHASH_NAMES_TEXT];
	size_t		i;

	list[0] = '\0';
	for (i = 0; i < NDIALECTS; i++)
		chash_append_name(list, dialects[i].name, i, NDIALECTS);
	return list;
}

const char *
chash_search_names(void)
{
	static char list[CHASH_NAMES_TEXT];
	size_t		i;

	list[0] = '\0';
	for (i = 0; i < NSEARCHES; i++)
		chash_append_name(list, searches[i].name, i, NSEARCHES);
	return list;
}
