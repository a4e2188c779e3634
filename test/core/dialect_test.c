/*
 * dialect_test.c
 *		The dialects against what the real libraries answered
 *		(test/vectors/LIBRARY).
 */
#include "core/shares.h"
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINE	8192
#define MAX_FIELDS	8

/* A file of tab-separated lines, the first of which names the fields. */
typedef struct table
{
	FILE	   *file;
	char		line[MAX_LINE];
	char	   *field[MAX_FIELDS];
	char	   *heading[MAX_FIELDS];
	int			nfields;
} table;

static int
split(char *line, char **fields)
{
	int			n = 0;

	line[strcspn(line, "\n")] = '\0';
	for (; line && n < MAX_FIELDS; n++)
	{
		char	   *tab = strchr(line, '\t');

		fields[n] = line;
		if (tab)
			*tab++ = '\0';
		line = tab;
	}
	return n;
}

static table *
open_table(const char *name)
{
	table	   *in = test_alloc(sizeof(*in));
	char		path[4096];

	snprintf(path, sizeof(path), "%s/%s", VECTORS, name);
	in->file = fopen(path, "r");
	test_context("%s", path);
	CHECK(in->file != NULL);
	CHECK(fgets(in->line, MAX_LINE, in->file));
	in->nfields = split(test_copy(in->line), in->heading);
	return in;
}

static bool
next_line(table *in)
{
	if (!fgets(in->line, MAX_LINE, in->file))
	{
		fclose(in->file);
		return false;
	}
	CHECK(split(in->line, in->field) == in->nfields);
	return true;
}

/* NULL if there is no such field. */
static const char *
field(const table *in, const char *name)
{
	int			i;

	for (i = 0; i < in->nfields; i++)
	{
		if (strcmp(in->heading[i], name) == 0)
			return in->field[i];
	}
	return NULL;
}

/* The shards of a node set, in a router of a dialect. */
static chash_router *
router_of_nodes(const char *file, const char *nodeset, const char *dialect)
{
	table	   *in = open_table(file);
	chash_router *router = fixture_router("ring", NULL, 0, 100);
	uint32_t	n = 0;

	while (next_line(in))
	{
		if (strcmp(field(in, "nodeset"), nodeset) != 0)
			continue;
		CHECK((uint32_t) atoi(field(in, "idx")) == n);
		router->shards[n].name = test_copy(field(in, "node"));
		router->shards[n].weight = strtod(field(in, "weight"), NULL);
		n++;
	}
	CHECK(n > 0);
	router->nshards = n;
	router->dialect = chash_dialect_by_name(dialect);
	CHECK(router->dialect != NULL);
	return router;
}

static uint32_t
route_text(const chash_compiled *compiled, const char *key)
{
	const chash_hash *hash = compiled->router->hash;
	chash_uint	digest;
	chash_error error;

	CHECK(hash->digest(key, strlen(key), &digest, &error));
	return fixture_route(compiled, chash_position_of_digest(compiled->router, hash, &digest, 0));
}

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
} answers;

static const answers all_answers[] = {
	{"libketama/vectors.tsv", NULL, NULL, "libketama", NULL, 0, 800},
	{"libmemcached/vectors.tsv", "mode", "ketama_weighted", "libmemcached_ketama_weighted", NULL, 0, 600},
	{"uhashring/vectors.tsv", "mode", "ketama", "uhashring_ketama", NULL, 0, 800},
	{"uhashring/vectors.tsv", "mode", "default_md5_160", "uhashring", NULL, 0, 800},
	{"tooz/vectors.tsv", "mode", "md5_32", "tooz", NULL, 0, 800},
	{"tooz/vectors.tsv", "mode", "md5_128", "tooz", NULL, 128, 800},
	{"tooz/vectors.tsv", "mode", "sha256_32", "tooz", "sha256", 0, 800},
	{"node-hashring/vectors.tsv", "mode", "ketama_md5", "node_hashring", NULL, 0, 600},
	{"node-hashring/vectors.tsv", "mode", "sha1", "node_hashring", "sha1", 0, 600},
	{"node-hashring/vectors.tsv", "mode", "md5_default_port", "node_hashring_default_port", NULL, 0, 600},
	{"node-hashring/vectors.tsv", "mode", "hash_ring_3", "node_hash_ring", NULL, 0, 600},
	{"serialx/vectors.tsv", "mode", "HEAD_22c0c7a", "serialx", NULL, 0, 800},
	{"serialx/vectors.tsv", "mode", "HEAD_22c0c7a_w100", "serialx", NULL, 100, 800},
	{"serialx/vectors.tsv", "mode", "OLD_8b29126", "serialx_2019", NULL, 0, 800},
	{"stathat/vectors.tsv", "mode", "crc32_20", "stathat", NULL, 0, 500},
	{"stathat/vectors.tsv", "mode", "crc32_160", "stathat", NULL, 160, 500},
	{"nginx/vectors.tsv", "mode", "consistent", "nginx", NULL, 0, 400},
	{NULL, NULL, NULL, NULL, NULL, 0, 0}
};

/* Rows of one node set follow each other, so that a ring is compiled once for each. */
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
		if (expected->column && strcmp(field(in, expected->column), expected->value) != 0)
			continue;
		if (strcmp(field(in, "nodeset"), nodeset) != 0)
		{
			chash_router *router;

			snprintf(nodeset, sizeof(nodeset), "%s", field(in, "nodeset"));
			router = router_of_nodes(nodes, nodeset, expected->dialect);
			if (expected->hash)
				router->hash = chash_hash_by_name(expected->hash);
			router->p.vnodes = expected->vnodes;
			compiled = fixture_compile(router);
			check_ranges(compiled);
		}
		test_context("%s, %s: %s", expected->dialect, nodeset, field(in, "key"));
		CHECK(route_text(compiled, field(in, "key")) == (uint32_t) atoi(field(in, "node_index")));
		rows++;
	}
	test_context("%s", expected->dialect);
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

	router->dialect = chash_dialect_by_name(dialect);
	chash_router_complete(router, &test_host);
	return chash_labels_of_shard(router, 0, n) * router->p.digest_points;
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
