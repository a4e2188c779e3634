/*
 * dialect.c
 *		The table of dialects.
 */
#include "core/dialect.h"
#include "core/names.h"

#include <string.h>

/*
 * A rule that a row does not name is the first of its kind.  Those of chash
 * itself are: positions of the top bits, points of labels, rounded numbers of
 * points, ties for the shard whose name comes first.
 */
static const chash_dialect dialects[] = {
	/* this project's own rules, the default */
	{.name = "chash", .origin = "chash itself", .code = 1, .hash = CHASH_HASH_XXH3},

	/*
	 * the ring of the textbooks: a position is the first seven hexadecimal
	 * digits of SHA-1, and a point is the lowest position that it serves
	 */
	{.name = "textbook", .origin = "textbooks: seven hexadecimal digits of SHA-1", .code = 2,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_SHA1, .bits = 28,
	.defaults = {.search = CHASH_SEARCH_FLOOR}},

	/* ketama and its descendants: each MD5 gives four points */
	{.name = "libketama", .origin = "libketama (RJ/ketama 18cf9a7)", .code = 3,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MD5, .bits = 32,
		.defaults = {.digest_points = 4}, .take = CHASH_TAKE_LE32,
	.shares = CHASH_SHARES_LIBKETAMA, .tie = CHASH_TIE_FIRST},
	{.name = "libmemcached_ketama_weighted",
		.origin = "libmemcached 1.1.4, MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED", .code = 4,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MD5, .bits = 32,
		.defaults = {.digest_points = 4}, .take = CHASH_TAKE_LE32,
		.shares = CHASH_SHARES_LIBMEMCACHED, .tie = CHASH_TIE_FIRST,
	.default_port = ":11211"},
	{.name = "uhashring_ketama", .origin = "uhashring 2.4 (Python), hash_fn='ketama'", .code = 5,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MD5, .bits = 32,
		.defaults = {.digest_points = 4, .search = CHASH_SEARCH_HIGHER}, .take = CHASH_TAKE_LE32,
	.shares = CHASH_SHARES_DIVIDED, .tie = CHASH_TIE_LAST},
	{.name = "uhashring", .origin = "uhashring 2.4 (Python), default", .code = 6,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MD5, .bits = 128,
		.defaults = {.search = CHASH_SEARCH_HIGHER},
	.shares = CHASH_SHARES_ABSOLUTE, .tie = CHASH_TIE_LAST},
	{.name = "node_hashring", .origin = "hashring 3.2.0 (npm)", .code = 7,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MD5, .bits = 32,
		.defaults = {.digest_points = 4}, .take = CHASH_TAKE_LE32,
	.shares = CHASH_SHARES_DOUBLE, .tie = CHASH_TIE_FIRST},
	{.name = "node_hashring_default_port", .origin = "hashring 3.2.0 (npm), default port 11211", .code = 8,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MD5, .bits = 32,
		.defaults = {.digest_points = 4}, .take = CHASH_TAKE_LE32,
		.shares = CHASH_SHARES_DOUBLE, .tie = CHASH_TIE_FIRST,
	.default_port = ":11211"},
	{.name = "node_hash_ring", .origin = "hashring 3.2.0 (npm), compatibility 'hash_ring'", .code = 9,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MD5, .bits = 32,
		.defaults = {.vnodes = 120, .digest_points = 3}, .take = CHASH_TAKE_LE32,
	.shares = CHASH_SHARES_DOUBLE, .tie = CHASH_TIE_FIRST},
	{.name = "serialx", .origin = "serialx/hashring HEAD 22c0c7a (Go)", .code = 10,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MD5, .bits = 128,
		.defaults = {.vnodes = 1, .search = CHASH_SEARCH_HIGHER}, .take = CHASH_TAKE_LE64_SIGNED,
	.shares = CHASH_SHARES_ABSOLUTE, .tie = CHASH_TIE_FIRST},
	{.name = "serialx_2019", .origin = "serialx/hashring 8b29126 (Go, 2019)", .code = 11,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MD5, .bits = 32,
		.defaults = {.vnodes = 120, .digest_points = 3, .search = CHASH_SEARCH_HIGHER},
	.take = CHASH_TAKE_LE32, .shares = CHASH_SHARES_DIVIDED, .tie = CHASH_TIE_LAST},

	/* other rings */
	{.name = "tooz", .origin = "tooz 3.1.0 (OpenStack, Python)", .code = 12,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MD5,
		.defaults = {.vnodes = 32, .search = CHASH_SEARCH_HIGHER},
		.generator = CHASH_POINTS_OF_REPEATED_NAMES,
	.shares = CHASH_SHARES_ABSOLUTE, .tie = CHASH_TIE_LAST},
	{.name = "stathat", .origin = "stathat.com/c/consistent (Go)", .code = 13,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_CRC32,
		.defaults = {.vnodes = 20, .label = "{i}{shard}", .search = CHASH_SEARCH_HIGHER},
	.shares = CHASH_SHARES_EQUAL, .tie = CHASH_TIE_LAST},
	{.name = "nginx", .origin = "nginx 1.22.1, hash ... consistent", .code = 14,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_CRC32,
		.generator = CHASH_POINTS_OF_A_CHAIN,
	.shares = CHASH_SHARES_ABSOLUTE, .tie = CHASH_TIE_FIRST},

	/* rings whose points are given: the end or the beginning of a range of hashes */
	{.name = "cassandra", .origin = "Cassandra's tokens, Murmur3Partitioner (driver 4.10.0)", .code = 60,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_CASSANDRA,
	.generator = CHASH_POINTS_GIVEN},
	{.name = "mongodb", .origin = "MongoDB's chunks of a hashed shard key", .code = 61,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MONGODB,
	.defaults = {.search = CHASH_SEARCH_FLOOR}, .generator = CHASH_POINTS_GIVEN},
	{.name = "citus", .origin = "Citus 12.1.12, shardminvalue of hash-distributed tables", .code = 62,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_CITUS,
	.defaults = {.search = CHASH_SEARCH_FLOOR}, .generator = CHASH_POINTS_GIVEN},

	/* nearest points, and rings with bounded loads */
	{.name = "mpchash", .origin = "dgryski/go-mpchash 7382f34 (Go), as it is tested", .code = 80,
		.strategy = &chash_strategy_multiprobe, .hash = CHASH_HASH_SIPHASH24_PAIR,
		.defaults = {.probes = 21}, .probes = CHASH_PROBES_OF_HALVES,
	.points_hash = CHASH_HASH_SIPHASH24, .tie = CHASH_TIE_LAST},
	{.name = "buraksezer_0_10", .origin = "buraksezer/consistent 0.10.0 (Go)", .code = 81,
		.strategy = &chash_strategy_bounded, .hash = CHASH_HASH_XXH64,
		.defaults = {.vnodes = 20, .label = "{shard}{i}", .slots = 271, .load = 1.25},
		.shares = CHASH_SHARES_EQUAL, .tie = CHASH_TIE_LAST,
	.capacity = CHASH_CAPACITY_WHOLE},
	{.name = "buraksezer_1_0", .origin = "buraksezer/consistent 1.0.0 (Go)", .code = 82,
		.strategy = &chash_strategy_bounded, .hash = CHASH_HASH_XXH64,
		.defaults = {.vnodes = 20, .label = "{i}:{shard}", .slots = 271, .load = 1.25},
		.shares = CHASH_SHARES_EQUAL, .tie = CHASH_TIE_LAST,
	.capacity = CHASH_CAPACITY_DIVIDED},
};

#define NDIALECTS	(sizeof(dialects) / sizeof(dialects[0]))

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

const chash_parameters *
chash_dialect_default_of(const chash_dialect *dialect, const chash_strategy *strategy,
						 const chash_parameter *parameter)
{
	/* tokens say all that there is to say about points */
	if (dialect->generator == CHASH_POINTS_GIVEN &&
		parameter->offset != offsetof(chash_parameters, search))
		return NULL;
	if (dialect->strategy == strategy && chash_parameter_is_set(parameter, &dialect->defaults))
		return &dialect->defaults;
	if (chash_parameter_is_set(parameter, &strategy->defaults))
		return &strategy->defaults;
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
