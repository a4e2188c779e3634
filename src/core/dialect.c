/*
 * dialect.c
 *		The table of dialects and the names of the search rules.
 */
#include "core/dialect.h"
#include "core/names.h"

#include <string.h>

static const chash_dialect dialects[] = {
	/* this project's own ring, the default */
	{"chash", "chash itself", 1,
		CHASH_HASH_XXH3, 0, 160, "{shard}-{i}", CHASH_SEARCH_CEILING,
		CHASH_TAKE_TOP, 1, CHASH_POINTS_OF_LABELS, CHASH_SHARES_ROUNDED, CHASH_TIE_NAME, NULL},

	/*
	 * the ring of the textbooks: a position is the first seven hexadecimal
	 * digits of SHA-1, and a point is the lowest position that it serves
	 */
	{"textbook", "textbooks: seven hexadecimal digits of SHA-1", 2,
		CHASH_HASH_SHA1, 28, 160, "{shard}-{i}", CHASH_SEARCH_FLOOR,
		CHASH_TAKE_TOP, 1, CHASH_POINTS_OF_LABELS, CHASH_SHARES_ROUNDED, CHASH_TIE_NAME, NULL},

	/* ketama and its descendants: each MD5 gives four points */
	{"libketama", "libketama (RJ/ketama 18cf9a7)", 3,
		CHASH_HASH_MD5, 32, 160, "{shard}-{i}", CHASH_SEARCH_CEILING,
		CHASH_TAKE_LE32, 4, CHASH_POINTS_OF_LABELS, CHASH_SHARES_LIBKETAMA, CHASH_TIE_FIRST, NULL},
	{"libmemcached_ketama_weighted", "libmemcached 1.1.4, MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED", 4,
		CHASH_HASH_MD5, 32, 160, "{shard}-{i}", CHASH_SEARCH_CEILING,
		CHASH_TAKE_LE32, 4, CHASH_POINTS_OF_LABELS, CHASH_SHARES_LIBMEMCACHED, CHASH_TIE_FIRST, ":11211"},
	{"uhashring_ketama", "uhashring 2.4 (Python), hash_fn='ketama'", 5,
		CHASH_HASH_MD5, 32, 160, "{shard}-{i}", CHASH_SEARCH_HIGHER,
		CHASH_TAKE_LE32, 4, CHASH_POINTS_OF_LABELS, CHASH_SHARES_DIVIDED, CHASH_TIE_LAST, NULL},
	{"uhashring", "uhashring 2.4 (Python), default", 6,
		CHASH_HASH_MD5, 128, 160, "{shard}-{i}", CHASH_SEARCH_HIGHER,
		CHASH_TAKE_TOP, 1, CHASH_POINTS_OF_LABELS, CHASH_SHARES_ABSOLUTE, CHASH_TIE_LAST, NULL},
	{"node_hashring", "hashring 3.2.0 (npm)", 7,
		CHASH_HASH_MD5, 32, 160, "{shard}-{i}", CHASH_SEARCH_CEILING,
		CHASH_TAKE_LE32, 4, CHASH_POINTS_OF_LABELS, CHASH_SHARES_DOUBLE, CHASH_TIE_FIRST, NULL},
	{"node_hashring_default_port", "hashring 3.2.0 (npm), default port 11211", 8,
		CHASH_HASH_MD5, 32, 160, "{shard}-{i}", CHASH_SEARCH_CEILING,
		CHASH_TAKE_LE32, 4, CHASH_POINTS_OF_LABELS, CHASH_SHARES_DOUBLE, CHASH_TIE_FIRST, ":11211"},
	{"node_hash_ring", "hashring 3.2.0 (npm), compatibility 'hash_ring'", 9,
		CHASH_HASH_MD5, 32, 120, "{shard}-{i}", CHASH_SEARCH_CEILING,
		CHASH_TAKE_LE32, 3, CHASH_POINTS_OF_LABELS, CHASH_SHARES_DOUBLE, CHASH_TIE_FIRST, NULL},
	{"serialx", "serialx/hashring HEAD 22c0c7a (Go)", 10,
		CHASH_HASH_MD5, 128, 1, "{shard}-{i}", CHASH_SEARCH_HIGHER,
		CHASH_TAKE_LE64_SIGNED, 1, CHASH_POINTS_OF_LABELS, CHASH_SHARES_ABSOLUTE, CHASH_TIE_FIRST, NULL},
	{"serialx_2019", "serialx/hashring 8b29126 (Go, 2019)", 11,
		CHASH_HASH_MD5, 32, 120, "{shard}-{i}", CHASH_SEARCH_HIGHER,
		CHASH_TAKE_LE32, 3, CHASH_POINTS_OF_LABELS, CHASH_SHARES_DIVIDED, CHASH_TIE_LAST, NULL},

	/* others */
	{"tooz", "tooz 3.1.0 (OpenStack, Python)", 12,
		CHASH_HASH_MD5, 0, 32, "{shard}-{i}", CHASH_SEARCH_HIGHER,
		CHASH_TAKE_TOP, 1, CHASH_POINTS_OF_REPEATED_NAMES, CHASH_SHARES_ABSOLUTE, CHASH_TIE_LAST, NULL},
	{"stathat", "stathat.com/c/consistent (Go)", 13,
		CHASH_HASH_CRC32, 32, 20, "{i}{shard}", CHASH_SEARCH_HIGHER,
		CHASH_TAKE_TOP, 1, CHASH_POINTS_OF_LABELS, CHASH_SHARES_EQUAL, CHASH_TIE_LAST, NULL},
	{"nginx", "nginx 1.22.1, hash ... consistent", 14,
		CHASH_HASH_CRC32, 32, 160, "{shard}-{i}", CHASH_SEARCH_CEILING,
		CHASH_TAKE_TOP, 1, CHASH_POINTS_OF_A_CHAIN, CHASH_SHARES_ABSOLUTE, CHASH_TIE_FIRST, NULL},
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
chash_dialect_at(unsigned i)
{
	return i < NDIALECTS ? &dialects[i] : NULL;
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
