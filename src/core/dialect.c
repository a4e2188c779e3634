/*
 * dialect.c
 *		The table of dialects.
 */
#include "core/dialect.h"
#include "core/names.h"

#include <string.h>

/* What a library chooses its hash from. */
static const chash_hash_code only_crc16[] = {CHASH_HASH_CRC16, 0};
static const chash_hash_code only_crc32[] = {CHASH_HASH_CRC32, 0};
static const chash_hash_code only_md5[] = {CHASH_HASH_MD5, 0};
static const chash_hash_code only_xxh64[] = {CHASH_HASH_XXH64, 0};
static const chash_hash_code only_siphash24_pair[] = {CHASH_HASH_SIPHASH24_PAIR, 0};
static const chash_hash_code only_hashkit_crc32[] = {CHASH_HASH_HASHKIT_CRC32, 0};
static const chash_hash_code openssl[] = {CHASH_HASH_MD5, CHASH_HASH_SHA1, CHASH_HASH_SHA256, 0};
static const chash_hash_code stathat[] = {CHASH_HASH_CRC32, CHASH_HASH_FNV1A_32, 0};

static const chash_hash_code hashkit[] = {
	CHASH_HASH_HASHKIT_ONE_AT_A_TIME, CHASH_HASH_MD5, CHASH_HASH_HASHKIT_MD5,
	CHASH_HASH_HASHKIT_CRC32, CHASH_HASH_HASHKIT_FNV1_64, CHASH_HASH_HASHKIT_FNV1A_64,
	CHASH_HASH_HASHKIT_FNV1_32, CHASH_HASH_HASHKIT_FNV1A_32, CHASH_HASH_HASHKIT_HSIEH,
	CHASH_HASH_HASHKIT_MURMUR, CHASH_HASH_HASHKIT_JENKINS, CHASH_HASH_HASHKIT_MURMUR3, 0
};

/* twemproxy's "crc32a" is crc32, and its "crc32" libhashkit's. */
static const chash_hash_code twemproxy[] = {
	CHASH_HASH_HASHKIT_ONE_AT_A_TIME, CHASH_HASH_MD5, CHASH_HASH_HASHKIT_MD5,
	CHASH_HASH_TWEMPROXY_CRC16, CHASH_HASH_HASHKIT_CRC32, CHASH_HASH_CRC32,
	CHASH_HASH_HASHKIT_FNV1_64, CHASH_HASH_HASHKIT_FNV1A_64, CHASH_HASH_HASHKIT_FNV1_32,
	CHASH_HASH_HASHKIT_FNV1A_32, CHASH_HASH_HASHKIT_HSIEH, CHASH_HASH_HASHKIT_MURMUR,
	CHASH_HASH_HASHKIT_JENKINS, 0
};

/* HAProxy's crc32 without the avalanche is zlib's. */
static const chash_hash_code haproxy[] = {
	CHASH_HASH_HAPROXY_SDBM_AVALANCHE, CHASH_HASH_HAPROXY_SDBM,
	CHASH_HASH_HAPROXY_DJB2_AVALANCHE, CHASH_HASH_HAPROXY_DJB2,
	CHASH_HASH_HAPROXY_WT6_AVALANCHE, CHASH_HASH_HAPROXY_WT6,
	CHASH_HASH_HAPROXY_CRC32_AVALANCHE, CHASH_HASH_CRC32, 0
};

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
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MD5, .hashes = only_md5, .bits = 32,
		.defaults = {.digest_points = 4}, .take = CHASH_TAKE_LE32,
	.shares = CHASH_SHARES_LIBKETAMA, .tie = CHASH_TIE_FIRST},
	{.name = "libmemcached_ketama_weighted",
		.origin = "libmemcached 1.1.4, MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED", .code = 4,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MD5, .hashes = hashkit, .bits = 32,
		.defaults = {.digest_points = 4}, .take = CHASH_TAKE_LE32, .points_hash = CHASH_HASH_MD5,
		.shares = CHASH_SHARES_LIBMEMCACHED, .tie = CHASH_TIE_FIRST,
	.default_port = ":11211"},
	{.name = "uhashring_ketama", .origin = "uhashring 2.4 (Python), hash_fn='ketama'", .code = 5,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MD5, .hashes = only_md5, .bits = 32,
		.defaults = {.digest_points = 4, .search = CHASH_SEARCH_HIGHER}, .take = CHASH_TAKE_LE32,
	.shares = CHASH_SHARES_DIVIDED, .tie = CHASH_TIE_LAST},
	{.name = "uhashring", .origin = "uhashring 2.4 (Python), default", .code = 6,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MD5, .bits = 128,
		.defaults = {.search = CHASH_SEARCH_HIGHER},
	.shares = CHASH_SHARES_ABSOLUTE, .tie = CHASH_TIE_LAST},
	{.name = "node_hashring", .origin = "hashring 3.2.0 (npm)", .code = 7,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MD5, .hashes = openssl, .bits = 32,
		.defaults = {.digest_points = 4}, .take = CHASH_TAKE_LE32,
	.shares = CHASH_SHARES_DOUBLE, .tie = CHASH_TIE_FIRST},
	{.name = "node_hashring_default_port", .origin = "hashring 3.2.0 (npm), default port 11211", .code = 8,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MD5, .hashes = openssl, .bits = 32,
		.defaults = {.digest_points = 4}, .take = CHASH_TAKE_LE32,
		.shares = CHASH_SHARES_DOUBLE, .tie = CHASH_TIE_FIRST,
	.default_port = ":11211", .port_ends_host = true},
	{.name = "node_hash_ring", .origin = "hashring 3.2.0 (npm), compatibility 'hash_ring'", .code = 9,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MD5, .hashes = openssl, .bits = 32,
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

	/* once a weight is above 1, libmemcached places points as number 4 does */
	{.name = "libmemcached_ketama", .origin = "libmemcached 1.1.4, MEMCACHED_DISTRIBUTION_CONSISTENT",
		.code = 15, .strategy = &chash_strategy_ring,
		.hash = CHASH_HASH_HASHKIT_ONE_AT_A_TIME, .hashes = hashkit, .bits = 32,
		.defaults = {.vnodes = 100}, .weights = CHASH_WEIGHTS_WHOLE, .max_weight = UINT32_MAX,
		.take = CHASH_TAKE_LE32, .shares = CHASH_SHARES_ABSOLUTE, .tie = CHASH_TIE_FIRST,
	.default_port = ":11211", .weighted = 4},
	/* names that the configuration gives are used whole, addresses without the usual port */
	{.name = "twemproxy_ketama", .origin = "twemproxy 0.5.0, ketama, servers with names",
		.code = 16, .strategy = &chash_strategy_ring,
		.hash = CHASH_HASH_HASHKIT_FNV1A_64, .hashes = twemproxy, .bits = 32,
		.defaults = {.digest_points = 4}, .weights = CHASH_WEIGHTS_WHOLE, .max_weight = INT32_MAX,
		.empty_is_zero = true, .take = CHASH_TAKE_LE32, .points_hash = CHASH_HASH_MD5,
	.shares = CHASH_SHARES_LIBMEMCACHED, .tie = CHASH_TIE_SHORTEST},
	{.name = "twemproxy_ketama_default_port", .origin = "twemproxy 0.5.0, ketama, servers without names",
		.code = 17, .strategy = &chash_strategy_ring,
		.hash = CHASH_HASH_HASHKIT_FNV1A_64, .hashes = twemproxy, .bits = 32,
		.defaults = {.digest_points = 4}, .weights = CHASH_WEIGHTS_WHOLE, .max_weight = INT32_MAX,
		.empty_is_zero = true, .take = CHASH_TAKE_LE32, .points_hash = CHASH_HASH_MD5,
		.shares = CHASH_SHARES_LIBMEMCACHED, .tie = CHASH_TIE_SHORTEST,
	.default_port = ":11211"},
	{.name = "go_ketama_hashfunc1", .origin = "dgryski/go-ketama 8c95656, HashFunc1 (its default)",
		.code = 18, .strategy = &chash_strategy_ring,
		.hash = CHASH_HASH_MD5, .hashes = only_md5, .bits = 32,
		.defaults = {.digest_points = 4}, .weights = CHASH_WEIGHTS_WHOLE, .max_weight = INT32_MAX,
		.take = CHASH_TAKE_LE32, .shares = CHASH_SHARES_LIBKETAMA, .tie = CHASH_TIE_FIRST,
	.zero_is_last = true},
	{.name = "go_ketama_hashfunc2", .origin = "dgryski/go-ketama 8c95656, HashFunc2",
		.code = 19, .strategy = &chash_strategy_ring,
		.hash = CHASH_HASH_MD5, .hashes = only_md5, .bits = 32,
		.defaults = {.digest_points = 4}, .weights = CHASH_WEIGHTS_WHOLE, .max_weight = INT32_MAX,
	.take = CHASH_TAKE_LE32, .shares = CHASH_SHARES_LIBKETAMA, .tie = CHASH_TIE_FIRST},

	/* other rings */
	{.name = "tooz", .origin = "tooz 3.1.0 (OpenStack, Python)", .code = 12,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MD5,
		.defaults = {.vnodes = 32, .search = CHASH_SEARCH_HIGHER},
		.generator = CHASH_POINTS_OF_REPEATED_NAMES,
	.shares = CHASH_SHARES_ABSOLUTE, .tie = CHASH_TIE_LAST},
	{.name = "stathat", .origin = "stathat.com/c/consistent (Go)", .code = 13,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_CRC32, .hashes = stathat,
		.defaults = {.vnodes = 20, .label = "{i}{shard}", .search = CHASH_SEARCH_HIGHER},
		.weights = CHASH_WEIGHTS_NONE,
	.shares = CHASH_SHARES_ABSOLUTE, .tie = CHASH_TIE_LAST},
	{.name = "nginx", .origin = "nginx 1.22.1, hash ... consistent", .code = 14,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_CRC32, .hashes = only_crc32,
		.generator = CHASH_POINTS_OF_A_CHAIN,
	.shares = CHASH_SHARES_ABSOLUTE, .tie = CHASH_TIE_FIRST},
	{.name = "haproxy", .origin = "HAProxy 2.6, balance hash, hash-type consistent", .code = 20,
		.strategy = &chash_strategy_ring,
		.hash = CHASH_HASH_HAPROXY_SDBM_AVALANCHE, .hashes = haproxy,
		.defaults = {.vnodes = 16, .search = CHASH_SEARCH_NEAREST},
		.weights = CHASH_WEIGHTS_WHOLE, .max_weight = 256, .generator = CHASH_POINTS_OF_IDS,
	.shares = CHASH_SHARES_ABSOLUTE, .tie = CHASH_TIE_FIRST},
	/* vnodes is the minimum ring size, of all hosts together */
	{.name = "envoy_ring_hash", .origin = "Envoy, ring_hash", .code = 21,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_XXH64, .hashes = only_xxh64,
		.defaults = {.vnodes = 1024, .label = "{shard}_{i}"},
	.shares = CHASH_SHARES_RUNNING, .tie = CHASH_TIE_FIRST},

	/* rings whose points are given: the end or the beginning of a range of hashes */
	{.name = "cassandra", .origin = "Cassandra's tokens, Murmur3Partitioner (driver 4.10.0)", .code = 30,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_CASSANDRA,
	.weights = CHASH_WEIGHTS_NONE, .generator = CHASH_POINTS_GIVEN},
	{.name = "mongodb", .origin = "MongoDB's chunks of a hashed shard key", .code = 31,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_MONGODB,
	.defaults = {.search = CHASH_SEARCH_FLOOR}, .weights = CHASH_WEIGHTS_NONE, .generator = CHASH_POINTS_GIVEN},
	{.name = "citus", .origin = "Citus 12.1.12, shardminvalue of hash-distributed tables", .code = 32,
		.strategy = &chash_strategy_ring, .hash = CHASH_HASH_CITUS,
	.defaults = {.search = CHASH_SEARCH_FLOOR}, .weights = CHASH_WEIGHTS_NONE, .generator = CHASH_POINTS_GIVEN},

	/* remainders */
	{.name = "libmemcached_modula", .origin = "libmemcached 1.1.4, MEMCACHED_DISTRIBUTION_MODULA",
		.code = 22, .strategy = &chash_strategy_modulo,
		.hash = CHASH_HASH_HASHKIT_ONE_AT_A_TIME, .hashes = hashkit, .bits = 32,
	.weights = CHASH_WEIGHTS_NONE, .take = CHASH_TAKE_LE32},
	{.name = "twemproxy_modula", .origin = "twemproxy 0.5.0, modula, servers with names", .code = 23,
		.strategy = &chash_strategy_modulo,
		.hash = CHASH_HASH_HASHKIT_FNV1A_64, .hashes = twemproxy, .bits = 32,
	.empty_is_zero = true, .take = CHASH_TAKE_LE32, .order = CHASH_ORDER_SHORTEST},
	{.name = "twemproxy_modula_default_port", .origin = "twemproxy 0.5.0, modula, servers without names",
		.code = 24, .strategy = &chash_strategy_modulo,
		.hash = CHASH_HASH_HASHKIT_FNV1A_64, .hashes = twemproxy, .bits = 32,
		.empty_is_zero = true, .take = CHASH_TAKE_LE32, .order = CHASH_ORDER_SHORTEST,
	.default_port = ":11211"},
	{.name = "nginx_plain", .origin = "nginx 1.22.1, hash without consistent", .code = 25,
		.strategy = &chash_strategy_modulo,
	.hash = CHASH_HASH_HASHKIT_CRC32, .hashes = only_hashkit_crc32},

	/* other strategies */
	{.name = "guava", .origin = "Guava 31.1 (Java), Hashing.consistentHash", .code = 26,
		.strategy = &chash_strategy_jump, .hash = CHASH_HASH_MURMUR3_128, .bits = 64,
	.take = CHASH_TAKE_LE64, .one_rounding = true},
	{.name = "go_redis", .origin = "go-redis 9.22.0, Ring", .code = 27,
		.strategy = &chash_strategy_rendezvous, .hash = CHASH_HASH_XXH64, .hashes = only_xxh64,
	.weights = CHASH_WEIGHTS_NONE, .key_rule = CHASH_KEY_TAG},
	{.name = "go_maglev", .origin = "dgryski/go-maglev 8961b9b", .code = 28,
		.strategy = &chash_strategy_maglev, .hash = CHASH_HASH_XXH64,
		.weights = CHASH_WEIGHTS_NONE, .order = CHASH_ORDER_GIVEN,
	.preference = CHASH_PREFERENCE_SIPHASH},
	{.name = "envoy_maglev", .origin = "Envoy, maglev", .code = 29,
	.strategy = &chash_strategy_maglev, .hash = CHASH_HASH_XXH64, .hashes = only_xxh64},

	/* slots */
	{.name = "redis_cluster", .origin = "Redis Cluster 7.0.15, with redis-cli --cluster create",
		.code = 33, .strategy = &chash_strategy_slots, .hash = CHASH_HASH_CRC16, .hashes = only_crc16,
		.defaults = {.slots = 16384}, .key_rule = CHASH_KEY_TAG,
	.fill = CHASH_FILL_REDIS_CLI},
	{.name = "swift", .origin = "OpenStack Swift 2.30.1: hash_path and a ring of partitions",
		.code = 34, .strategy = &chash_strategy_slots, .hash = CHASH_HASH_MD5, .hashes = only_md5,
	.affixes = true, .slot_bits = true},

	/* nearest points, and rings with bounded loads */
	{.name = "mpchash", .origin = "dgryski/go-mpchash 7382f34 (Go), as it is tested", .code = 35,
		.strategy = &chash_strategy_multiprobe, .hash = CHASH_HASH_SIPHASH24_PAIR,
		.hashes = only_siphash24_pair, .defaults = {.probes = 21}, .probes = CHASH_PROBES_OF_HALVES,
	.points_hash = CHASH_HASH_SIPHASH24_KEY0, .tie = CHASH_TIE_LAST},
	{.name = "buraksezer_0_10", .origin = "buraksezer/consistent 0.10.0 (Go)", .code = 36,
		.strategy = &chash_strategy_bounded, .hash = CHASH_HASH_XXH64,
		.defaults = {.vnodes = 20, .label = "{shard}{i}", .slots = 271, .load = 1.25},
		.weights = CHASH_WEIGHTS_NONE, .tie = CHASH_TIE_LAST,
	.capacity = CHASH_CAPACITY_WHOLE},
	{.name = "buraksezer_1_0", .origin = "buraksezer/consistent 1.0.0 (Go)", .code = 37,
		.strategy = &chash_strategy_bounded, .hash = CHASH_HASH_XXH64,
		.defaults = {.vnodes = 20, .label = "{i}:{shard}", .slots = 271, .load = 1.25},
		.weights = CHASH_WEIGHTS_NONE, .tie = CHASH_TIE_LAST,
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
