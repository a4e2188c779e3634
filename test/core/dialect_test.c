/*
 * dialect_test.c
 *		The dialects against what the real libraries answered
 *		(test/vectors/LIBRARY).
 */
#include "core/shares.h"
#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Which rows of a file a dialect, with these parameters, has to give. */
typedef struct answers
{
	const char *file;
	const char *column;			/* that a row must have a value in; NULL for all rows */
	const char *value;
	const char *dialect;
	const char *hash;			/* NULL or 0: the dialect's */
	uint32_t	vnodes;
	int			rows;
	uint32_t	digest_points;
	const char *distribution;	/* another value that a row must have, unless NULL */
} answers;

#define LIBMEMCACHED(mode, dialect, hash, rows) \
	{"libmemcached/vectors.tsv", "mode", mode, dialect, hash, 0, rows, 0, NULL}
#define TWEMPROXY(function, hash, rows) \
	{"twemproxy/vectors.tsv", "hash", function, "twemproxy_ketama", hash, 0, rows, 0, "ketama"}, \
	{"twemproxy/vectors.tsv", "hash", function, "twemproxy_modula", hash, 0, rows, 0, "modula"}
#define HAPROXY(mode, hash) \
	{"haproxy/vectors.tsv", "mode", mode, "haproxy", hash, 0, 200, 0, NULL}

static const answers all_answers[] = {
	{"libketama/vectors.tsv", NULL, NULL, "libketama", NULL, 0, 800, 0, NULL},
	LIBMEMCACHED("ketama_weighted", "libmemcached_ketama_weighted", NULL, 600),
	LIBMEMCACHED("ketama_weighted", "libmemcached_ketama_weighted", "hashkit_md5", 600),
	LIBMEMCACHED("ketama_default", "libmemcached_ketama", NULL, 600),
	LIBMEMCACHED("ketama_md5", "libmemcached_ketama", "md5", 600),
	LIBMEMCACHED("ketama_md5", "libmemcached_ketama", "hashkit_md5", 600),
	LIBMEMCACHED("consistent_md5", "libmemcached_ketama", "md5", 600),
	LIBMEMCACHED("ketama_fnv1a32", "libmemcached_ketama", "hashkit_fnv1a_32", 600),
	LIBMEMCACHED("modula_default", "libmemcached_modula", NULL, 400),
	LIBMEMCACHED("modula_crc", "libmemcached_modula", "hashkit_crc32", 400),
	LIBMEMCACHED("modula_md5", "libmemcached_modula", "md5", 400),
	LIBMEMCACHED("modula_md5", "libmemcached_modula", "hashkit_md5", 400),
	TWEMPROXY("md5", "md5", 600),
	TWEMPROXY("md5", "hashkit_md5", 600),
	TWEMPROXY("fnv1a_64", NULL, 600),
	TWEMPROXY("fnv1_64", "hashkit_fnv1_64", 100),
	TWEMPROXY("fnv1_32", "hashkit_fnv1_32", 100),
	TWEMPROXY("fnv1a_32", "hashkit_fnv1a_32", 100),
	TWEMPROXY("one_at_a_time", "hashkit_one_at_a_time", 100),
	TWEMPROXY("crc16", "twemproxy_crc16", 100),
	TWEMPROXY("crc32", "hashkit_crc32", 100),
	TWEMPROXY("crc32a", "crc32", 100),
	TWEMPROXY("hsieh", "hashkit_hsieh", 100),
	TWEMPROXY("murmur", "hashkit_murmur", 100),
	TWEMPROXY("jenkins", "hashkit_jenkins", 100),
	{"libketama/go_ketama_vectors.tsv", "hashfunc", "HashFunc1", "go_ketama_hashfunc1", NULL, 0, 800, 0, NULL},
	{"libketama/go_ketama_vectors.tsv", "hashfunc", "HashFunc2", "go_ketama_hashfunc2", NULL, 0, 800, 0, NULL},
	{"uhashring/vectors.tsv", "mode", "ketama", "uhashring_ketama", NULL, 0, 800, 0, NULL},
	{"uhashring/vectors.tsv", "mode", "ketama_v100_r2", "uhashring_ketama", NULL, 200, 800, 2, NULL},
	{"uhashring/vectors.tsv", "mode", "default_md5_160", "uhashring", NULL, 0, 800, 0, NULL},
	{"tooz/vectors.tsv", "mode", "md5_32", "tooz", NULL, 0, 800, 0, NULL},
	{"tooz/vectors.tsv", "mode", "md5_128", "tooz", NULL, 128, 800, 0, NULL},
	{"tooz/vectors.tsv", "mode", "sha256_32", "tooz", "sha256", 0, 800, 0, NULL},
	{"node-hashring/vectors.tsv", "mode", "ketama_md5", "node_hashring", NULL, 0, 600, 0, NULL},
	{"node-hashring/vectors.tsv", "mode", "md5_vnode100_r1", "node_hashring", NULL, 100, 600, 1, NULL},
	{"node-hashring/vectors.tsv", "mode", "sha1", "node_hashring", "sha1", 0, 600, 0, NULL},
	{"node-hashring/vectors.tsv", "mode", "md5_default_port", "node_hashring_default_port", NULL, 0, 600, 0, NULL},
	{"node-hashring/vectors.tsv", "mode", "hash_ring_3", "node_hash_ring", NULL, 0, 600, 0, NULL},
	{"serialx/vectors.tsv", "mode", "HEAD_22c0c7a", "serialx", NULL, 0, 800, 0, NULL},
	{"serialx/vectors.tsv", "mode", "HEAD_22c0c7a_w100", "serialx", NULL, 100, 800, 0, NULL},
	{"serialx/vectors.tsv", "mode", "OLD_8b29126", "serialx_2019", NULL, 0, 800, 0, NULL},
	{"stathat/vectors.tsv", "mode", "crc32_20", "stathat", NULL, 0, 500, 0, NULL},
	{"stathat/vectors.tsv", "mode", "crc32_160", "stathat", NULL, 160, 500, 0, NULL},
	{"stathat/vectors.tsv", "mode", "fnv1a32_20", "stathat", "fnv1a_32", 0, 500, 0, NULL},
	{"nginx/vectors.tsv", "mode", "consistent", "nginx", NULL, 0, 400, 0, NULL},
	{"nginx/vectors.tsv", "mode", "plain", "nginx_plain", NULL, 0, 400, 0, NULL},
	HAPROXY("consistent", NULL),
	HAPROXY("consistent_sdbm", "haproxy_sdbm"),
	HAPROXY("consistent_djb2_avalanche", "haproxy_djb2_avalanche"),
	HAPROXY("consistent_wt6", "haproxy_wt6"),
	HAPROXY("consistent_crc32", "crc32"),
	HAPROXY("consistent_crc32_avalanche", "haproxy_crc32_avalanche"),
	{NULL, NULL, NULL, NULL, NULL, 0, 0, 0, NULL}
};

/* Rows of one node set follow each other, so that a router is compiled once for each. */
static void
check_answers(const answers *expected)
{
	const char *nodes = strncmp(expected->file, "nginx", 5) == 0 ? "nginx/nodesets.tsv" : "nodesets.tsv";
	table	   *in = open_table(expected->file);
	chash_compiled *compiled = NULL;
	char		nodeset[100] = "";
	int			rows = 0;

	while (next_line(in))
	{
		if ((expected->column && strcmp(field(in, expected->column), expected->value) != 0) ||
			(expected->distribution && strcmp(field(in, "distribution"), expected->distribution) != 0))
			continue;
		if (strcmp(field(in, "nodeset"), nodeset) != 0)
		{
			chash_router *router;

			snprintf(nodeset, sizeof(nodeset), "%s", field(in, "nodeset"));
			router = router_of_nodes(nodes, nodeset, expected->dialect);
			if (expected->hash)
				router->hash = chash_hash_by_name(expected->hash);
			router->p.vnodes = expected->vnodes;
			router->p.digest_points = expected->digest_points;
			compiled = fixture_compile(router);
			if (router->strategy == &chash_strategy_ring)
				check_ranges(compiled);
		}
		test_context("%s, %s, %s: %s", expected->dialect, compiled->router->hash->name, nodeset, field(in, "key"));
		CHECK(route_text(compiled, field(in, "key")) == (uint32_t) atoi(field(in, "node_index")));
		rows++;
	}
	test_context("%s, %s", expected->dialect, expected->value ? expected->value : "all");
	CHECK(rows == expected->rows);
}

static void
vectors(void)
{
	const answers *expected;

	for (expected = all_answers; expected->file; expected++)
		check_answers(expected);
}

/* The points of each of n equal servers. */
static double
points_of_equal(const char *dialect, uint32_t n)
{
	chash_router *router = fixture_router("ring", NULL, 0, n);
	chash_shares_walk walk;

	router->dialect = chash_dialect_by_name(dialect);
	chash_router_complete(router, &test_host);
	chash_shares_begin(&walk, router);
	return chash_shares_next(&walk) * walk.placement.digest_points;
}

/* The rounding of floats: equal servers do not always get 160 points. */
static void
many_equal_servers(void)
{
	uint32_t	n;

	for (n = 1; n <= 61; n++)
	{
		test_context("%u servers", n);
		CHECK(points_of_equal("libmemcached_ketama_weighted", n) ==
			  (n == 25 || n == 47 || n == 50 || n == 55 || n == 61 ? 156 : 160));
		CHECK(points_of_equal("libketama", n) == (n == 61 ? 156 : 160));
		CHECK(points_of_equal("uhashring_ketama", n) == 160);
		CHECK(points_of_equal("serialx_2019", n) == 120);
	}
	for (n = 1; n <= 61; n++)
		CHECK(points_of_equal("node_hashring", n) ==
			  (n == 7 || n == 14 || n == 28 || n == 49 || n == 56 ? 156 : 160));
}

/* Where the libraries' points were written down, they are ours. */
static void
points(void)
{
	static const char *const modes[][4] = {
		{"uhashring/points_hp3w.tsv", "ketama", "uhashring_ketama", NULL},
		{"uhashring/points_hp3w.tsv", "default_md5_160", "uhashring", NULL},
		{"tooz/points_hp3w.tsv", "md5_32", "tooz", NULL},
		{"tooz/points_hp3w.tsv", "sha256_32", "tooz", "sha256"},
	};
	size_t		i;

	for (i = 0; i < 4; i++)
	{
		table	   *in = open_table(modes[i][0]);
		chash_router *router = router_of_nodes("nodesets.tsv", "hp3w", modes[i][2]);
		chash_compiled *compiled;
		uint32_t	next = 0;

		if (modes[i][3])
			router->hash = chash_hash_by_name(modes[i][3]);
		compiled = fixture_compile(router);

		/* a point is where the next slice begins: the rule is "higher" */
		while (next_line(in))
		{
			const char *point = field(in, "point") ? field(in, "point") : field(in, "point_dec");
			char		text[CHASH_UINT_DIGITS];
			const chash_slice *slice;

			if (strcmp(field(in, "mode"), modes[i][1]) != 0)
				continue;
			slice = fixture_slice(compiled, ++next);
			test_context("%s, %s", modes[i][2], point);
			CHECK(strcmp(chash_uint_to_text(&slice->first, text), point) == 0);
			CHECK(strcmp(router->shards[fixture_slice(compiled, next - 1)->shard].name,
						 field(in, "node")) == 0);
		}
		CHECK(next == compiled->nslices - 1);
	}
}

/* What a dialect cannot do is refused. */
static void
refused(void)
{
	chash_router *router;
	chash_error error;
	int			i;

	router = router_of_nodes("nodesets.tsv", "hp3w", "stathat");
	chash_router_complete(router, &test_host);
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_UNSUPPORTED);

	router = router_of_nodes("nodesets.tsv", "hp3", "libketama");
	router->hash = chash_hash_by_name("xxh3");
	chash_router_complete(router, &test_host);
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_UNSUPPORTED);

	router = router_of_nodes("nodesets.tsv", "hp3", "libketama");
	router->bits = 28;
	chash_router_complete(router, &test_host);
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_UNSUPPORTED);

	router = router_of_nodes("nginx/nodesets.tsv", "lo3", "nginx");
	router->hash = chash_hash_by_name("md5");
	chash_router_complete(router, &test_host);
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_UNSUPPORTED);

	router = router_of_nodes("nginx/nodesets.tsv", "lo3", "nginx");
	router->p.label = "{i}{shard}";
	chash_router_complete(router, &test_host);
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_UNSUPPORTED);

	router = router_of_nodes("nodesets.tsv", "hp3", "tooz");
	router->shards[0].weight = 129;
	chash_router_complete(router, &test_host);
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_LIMIT);

	router = router_of_nodes("nodesets.tsv", "hp3", "uhashring");
	router->shards[0].weight = router->shards[1].weight = router->shards[2].weight = 0.001;
	chash_router_complete(router, &test_host);
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_VALUE);

	/* weights that floats make infinite or zero, so that a share is not a number */
	for (i = 0; i < 5; i++)
	{
		static const char *const dialects[] = {"libketama", "libmemcached_ketama_weighted",
		"uhashring_ketama", "node_hashring", "serialx_2019"};
		static const double weights[] = {1e300, 1e-50, 5e307, 1e-320};
		int			k;

		for (k = 0; k < 4; k++)
		{
			router = router_of_nodes("nodesets.tsv", "hp3", dialects[i]);
			router->shards[0].weight = router->shards[1].weight = router->shards[2].weight = weights[k];
			chash_router_complete(router, &test_host);
			test_context("%s, %g", dialects[i], weights[k]);
			if (fixture_valid(router, &error))
				CHECK(fixture_compile(router)->nslices > 0);
		}
	}
}

const test_case dialect_tests[] = {
	{"dialects: what the libraries answered", vectors},
	{"dialects: many equal servers", many_equal_servers},
	{"dialects: points", points},
	{"dialects: refused", refused},
	{NULL, NULL}
};
