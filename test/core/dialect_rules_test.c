/*
 * dialect_rules_test.c
 *		Rules of dialects that need more than a list of keys and shards: names
 *		in labels, orders, many servers, single positions, what is refused.
 */
#include "core/order.h"
#include "core/pins.h"
#include "core/replicas.h"
#include "core/shares.h"
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

/* Each row is found by its name and its number, and its own defaults suit it. */
static void
rows(void)
{
	const chash_dialect *dialect;
	unsigned	i;

	for (i = 0; (dialect = chash_dialect_at(i)) != NULL; i++)
	{
		const chash_dialect *weighted = chash_dialect_by_code(dialect->weighted);
		size_t		k = 0;

		test_context("%s", dialect->name);
		CHECK(chash_dialect_by_name(dialect->name) == dialect);
		CHECK(chash_dialect_by_code(dialect->code) == dialect);
		CHECK(dialect->code > 0 && dialect->code <= 255);
		CHECK(chash_hash_by_code(dialect->hash));
		CHECK(!dialect->points_hash || chash_hash_by_code(dialect->points_hash));
		CHECK((dialect->weights == CHASH_WEIGHTS_WHOLE) == (dialect->max_weight > 0));
		CHECK(!dialect->weighted || (weighted && weighted->strategy == dialect->strategy &&
									 weighted->tie == dialect->tie && !weighted->weighted));

		/* its default is one of the hashes that it has */
		while (dialect->hashes && dialect->hashes[k] && dialect->hashes[k] != dialect->hash)
			k++;
		CHECK(!dialect->hashes || dialect->hashes[k] == dialect->hash);
		for (k = 0; dialect->hashes && dialect->hashes[k]; k++)
			CHECK(chash_hash_by_code(dialect->hashes[k]));
		if (dialect->strategy && dialect->generator != CHASH_POINTS_GIVEN)
			fixture_compile(numbered_shards(dialect->name, 3, NULL));
	}
	CHECK(i > 30);
}

/* 7 to 61 equal servers, some of which do not get 160 points. */
static void
many_servers(void)
{
	static const char *const libraries[][2] = {
		{"libketama", "libketama"},
		{"libmemcached-1.1.4", "libmemcached_ketama_weighted"},
		{"node-hashring-3.2.0", "node_hashring"},
	};
	table	   *in = open_table("libmemcached/large_n_vectors.tsv");
	chash_compiled *compiled = NULL;
	char		last[100] = "";
	int			rows = 0;

	while (next_line(in))
	{
		char		current[100];
		int			i;

		snprintf(current, sizeof(current), "%s %s", field(in, "library"), field(in, "n_servers"));
		if (strcmp(current, last) != 0)
		{
			for (i = 0; strcmp(libraries[i][0], field(in, "library")) != 0; i++)
				CHECK(i < 2);
			compiled = fixture_compile(numbered_shards(libraries[i][1],
													   (uint32_t) atoi(field(in, "n_servers")),
													   "10.9.0.%u:11299"));
			strcpy(last, current);
		}
		test_context("%s: %s", current, field(in, "key"));
		CHECK(route_text(compiled, field(in, "key")) == (uint32_t) atoi(field(in, "node_index")));
		rows++;
	}
	CHECK(rows == 31500);
}

/* Servers without names of their own lose the usual port, those with names nothing. */
static void
names_in_labels(void)
{
	table	   *in = open_table("twemproxy/label_rule_vectors.tsv");
	chash_router *router = numbered_shards("twemproxy_ketama_default_port", 3, "127.0.3.%u:11211");
	chash_compiled *compiled;
	chash_compiled *whole;
	int			rows = 0;
	int			different = 0;

	router->hash = chash_hash_by_name("md5");
	router->shards[2].name = "127.0.3.3:23212";
	compiled = fixture_compile(router);
	router = numbered_shards("twemproxy_ketama", 3, "127.0.3.%u:11211");
	router->hash = chash_hash_by_name("md5");
	router->shards[2].name = "127.0.3.3:23212";
	whole = fixture_compile(router);
	while (next_line(in))
	{
		uint32_t	place = route_text(compiled, field(in, "key"));

		test_context("%s", field(in, "key"));
		CHECK(strcmp(field(in, "servers"), "127.0.3.1:11211:1,127.0.3.2:11211:1,127.0.3.3:23212:1") == 0);
		CHECK(place == (uint32_t) atoi(field(in, "node_index")));
		different += place != route_text(whole, field(in, "key"));
		rows++;
	}
	CHECK(rows == 100 && different > 0);
}

/* The order of names' lengths, and of the names where these are the same. */
static void
shortest_first(void)
{
	static const char *const names[] = {"10.0.0.10:11211", "b:1", "10.0.0.9:80", "a:11211", "ab"};
	chash_router *router = numbered_shards("twemproxy_modula", 5, NULL);
	chash_compiled *compiled;
	uint32_t   *places;
	uint32_t	i;

	for (i = 0; i < 5; i++)
		router->shards[i].name = names[i];
	router->shards[4].weight = 2;
	/* "ab", "b:1", "a:11211", "10.0.0.9:80", "10.0.0.10:11211" */
	compiled = fixture_compile(router);
	CHECK(compiled->nslices == 6);
	CHECK(fixture_slice(compiled, 0)->shard == 4 && fixture_slice(compiled, 1)->shard == 4);
	CHECK(fixture_slice(compiled, 2)->shard == 1 && fixture_slice(compiled, 3)->shard == 3);
	CHECK(fixture_slice(compiled, 4)->shard == 2 && fixture_slice(compiled, 5)->shard == 0);

	/* "a", "ab", "b:1", "10.0.0.10", "10.0.0.9:80" */
	router->dialect = chash_dialect_by_name("twemproxy_modula_default_port");
	places = chash_order_shards(router, &test_host, CHASH_ORDER_SHORTEST);
	CHECK(places[0] == 3 && places[1] == 4 && places[2] == 1 && places[3] == 0 && places[4] == 2);
	places = chash_order_shards(router, &test_host, CHASH_ORDER_GIVEN);
	for (i = 0; i < 5; i++)
		CHECK(places[i] == i);
	places = chash_order_shards(router, &test_host, CHASH_ORDER_NAME);
	/* "10.0.0.10:11211", "10.0.0.9:80", "a:11211", "ab", "b:1" */
	CHECK(places[0] == 0 && places[1] == 2 && places[2] == 3 && places[3] == 4 && places[4] == 1);
}

/* Of two servers whose names are the same without the port, the first one has the points. */
static void
same_label_twice(void)
{
	chash_router *router = numbered_shards("twemproxy_ketama_default_port", 2, NULL);
	chash_compiled *compiled;
	uint32_t	i;

	router->shards[0].name = "a:11211";
	router->shards[1].name = "a";
	compiled = fixture_compile(router);
	for (i = 0; i < compiled->nslices; i++)
		CHECK(fixture_slice(compiled, i)->shard == 0);
}

/* A weight above 1 gives libmemcached other points, and these are the weighted dialect's. */
static void
switch_to_weighted(void)
{
	chash_router *plain = numbered_shards("libmemcached_ketama", 3, "10.0.2.%u:11211");
	chash_router *weighted = numbered_shards("libmemcached_ketama_weighted", 3, "10.0.2.%u:11211");
	chash_compiled *one;
	chash_compiled *other;
	chash_error error;
	uint32_t	i;

	CHECK(fixture_compile(plain)->nslices == 301);
	CHECK(!strchr(fixture_vnode(fixture_compile(plain), 0), '/'));
	plain->shards[1].weight = weighted->shards[1].weight = 2;
	plain->hash = weighted->hash = chash_hash_by_name("hashkit_fnv1a_32");
	one = fixture_compile(plain);
	other = fixture_compile(weighted);
	CHECK(one->nslices == other->nslices && one->nslices > 470);
	for (i = 0; i < one->nslices; i++)
	{
		CHECK(equal(fixture_slice(one, i)->first, fixture_slice(other, i)->first));
		CHECK(fixture_slice(one, i)->shard == fixture_slice(other, i)->shard);
		CHECK(strcmp(test_copy(fixture_vnode(one, i)), fixture_vnode(other, i)) == 0);
	}

	/* the number of its points cannot be chosen then */
	plain->p.vnodes = 50;
	CHECK(!fixture_valid(plain, &error) && error.kind == CHASH_ERROR_UNSUPPORTED);
	plain->shards[1].weight = 1;
	CHECK(fixture_valid(plain, &error));
	CHECK(fixture_compile(plain)->nslices == 151);
}

/* go-ketama's older search finds no point below 1, and takes the last. */
static void
position_zero(void)
{
	chash_compiled *older = fixture_compile(numbered_shards("go_ketama_hashfunc1", 3, "node-%u"));
	chash_compiled *newer = fixture_compile(numbered_shards("go_ketama_hashfunc2", 3, "node-%u"));
	uint32_t	i;

	check_ranges(older);
	CHECK(older->nslices == newer->nslices + 1);
	CHECK(chash_uint_is_zero(&fixture_slice(older, 0)->first));
	CHECK(equal(fixture_slice(older, 0)->width, chash_uint_from(1)));
	CHECK(strcmp(test_copy(fixture_vnode(older, 0)),
				 fixture_vnode(newer, newer->nslices - 2)) == 0);
	CHECK(fixture_route64(older, 1) == fixture_route64(newer, 0));
	for (i = 1; i < newer->nslices; i++)
		CHECK(equal(fixture_slice(older, i + 1)->first, fixture_slice(newer, i)->first));
}

/* HAProxy places a server by its id, whatever its name, also when others have gone. */
static void
points_of_ids(void)
{
	chash_router *router = numbered_shards("haproxy", 3, "node-%u");
	chash_router *renamed = numbered_shards("haproxy", 3, "server %u");
	chash_compiled *compiled = fixture_compile(router);
	chash_compiled *other = fixture_compile(renamed);
	chash_error error;
	uint32_t	i;

	check_ranges(compiled);
	for (i = 0; i < compiled->nslices; i++)
	{
		CHECK(equal(fixture_slice(compiled, i)->first, fixture_slice(other, i)->first));
		CHECK(fixture_slice(compiled, i)->shard == fixture_slice(other, i)->shard);
	}

	/* id 2 alone, without id 1, has the points that it had */
	router->nshards = 1;
	router->shards[0].id = 2;
	compiled = fixture_compile(router);
	CHECK(compiled->nslices == 16 || compiled->nslices == 17);

	/* the largest weight and the largest id give numbers that differ from all others */
	router->shards[0].weight = 256;
	router->shards[0].id = CHASH_MAX_ID;
	compiled = fixture_compile(router);
	CHECK(compiled->nslices == 4096 || compiled->nslices == 4097);
	router->shards[0].weight = 257;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_UNSUPPORTED);
	router->shards[0].weight = 1.5;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_UNSUPPORTED);
	router->shards[0].weight = 2;
	router->p.vnodes = 2049;
	CHECK(!fixture_valid(router, &error) && error.kind == CHASH_ERROR_LIMIT);
}

/* Where the nearest point serves, the next in the order is the nearest of the rest. */
static void
nearest_of_the_rest(void)
{
	static const char *const hashes[] = {"xxh3", "sha256", "md5"};
	int			round;

	for (round = 0; round < 60; round++)
	{
		chash_router *router = fixture_router("ring", hashes[round % 3], round % 2 ? 0 : 20, 6);
		chash_compiled *compiled;
		chash_error error;
		int			i;

		router->p.vnodes = 1 + test_below(20);
		router->p.search = CHASH_SEARCH_NEAREST;
		compiled = fixture_compile(router);
		for (i = 0; i < 20; i++)
		{
			chash_uint	position = random_position(router->bits);
			chash_router *rest = router;
			uint32_t	places[6];
			uint32_t	k;

			CHECK(chash_replicas(compiled, &test_host, &position, CHASH_NOT_PINNED, 6, places, &error));
			for (k = 0; k < 5; k++)
			{
				uint32_t	owner = fixture_route(fixture_compile(rest), position);

				test_context("round %d, copy %u", round, k);
				CHECK(strcmp(rest->shards[owner].name, router->shards[places[k]].name) == 0);
				rest = fixture_without_shard(rest, owner);
			}
		}
	}
}

/* The rings of Envoy's unit tests: each point, and whose it is. */
static void
envoy_rings(void)
{
	table	   *in = open_table("envoy/unit_test_vectors.tsv");
	chash_compiled *compiled = NULL;
	char		last[100] = "";
	uint32_t	next = 0;
	int			rows = 0;

	while (next_line(in))
	{
		static const char *const hosts[][7] = {
			{"Basic", "127.0.0.1:90", "127.0.0.1:91", "127.0.0.1:92", "127.0.0.1:93", "127.0.0.1:94", "127.0.0.1:95"},
			{"BasicWithHostname", "90", "91", "92", "93", "94", "95"},
			{"UnevenHosts", "127.0.0.1:80", "127.0.0.1:81"},
			{"HostWeightedTinyRing", "127.0.0.1:90", "127.0.0.1:91", "127.0.0.1:92"},
		};
		chash_uint	after;

		if (strcmp(field(in, "algo"), "ring_hash") != 0)
			continue;
		test_context("%s %s", field(in, "case"), field(in, "value"));
		if (strcmp(field(in, "case"), last) != 0)
		{
			chash_router *router;
			uint32_t	i;
			int			k;

			CHECK(!compiled || next == compiled->nslices);
			for (k = 0; strcmp(hosts[k][0], field(in, "case")) != 0; k++)
				CHECK(k < 3);
			router = numbered_shards("envoy_ring_hash", k < 2 ? 6 : k == 2 ? 2 : 3, NULL);
			for (i = 0; i < router->nshards; i++)
			{
				router->shards[i].name = hosts[k][i + 1];
				router->shards[i].weight = k == 3 ? i + 1 : 1;
			}
			CHECK(sscanf(field(in, "param"), "min_ring=%u", &router->p.vnodes) == 1);
			compiled = fixture_compile(router);
			strcpy(last, field(in, "case"));
			next = 0;
		}

		/* a point is the last position of its slice */
		after = fixture_slice(compiled, next)->first;
		after = chash_uint_add(&after, &fixture_slice(compiled, next)->width);
		CHECK(equal(minus(after, 1), chash_uint_from(strtoull(field(in, "value"), NULL, 10))));
		CHECK(strcmp(compiled->router->shards[fixture_slice(compiled, next)->shard].name,
					 field(in, "host")) == 0);
		rows++;
		next++;
		/* the slice that closes the ring has no point in it */
		if (next + 1 == compiled->nslices)
			next++;
	}
	CHECK(rows == 34);
}

/* How many points each of some hosts gets; their sum is scaled up and never loses a part. */
static void
running_sums(void)
{
	static const struct
	{
		double		weight[4];
		uint32_t	vnodes;
		double		points[4];
	}			cases[] =
	{
		{{1, 1, 1}, 1024, {342, 342, 342}},
		{{1, 1, 1}, 1, {1, 1, 1}},
		{{1, 2, 4}, 1, {1, 2, 4}},
		{{1, 1, 2, 3}, 10, {2, 2, 4, 6}},
		{{2, 3}, 7, {3, 5}},
		{{2, 5, 7}, 10, {2, 5, 7}},
		{{3, 3, 4, 4}, 10, {3, 3, 4, 4}},
	};
	size_t		i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		uint32_t	n;
		uint32_t	k;
		chash_router *router;
		chash_shares_walk walk;

		for (n = 0; n < 4 && cases[i].weight[n] > 0; n++)
			;
		router = numbered_shards("envoy_ring_hash", n, NULL);
		for (k = 0; k < n; k++)
			router->shards[k].weight = cases[i].weight[k];
		router->p.vnodes = cases[i].vnodes;
		chash_router_complete(router, &test_host);
		chash_shares_begin(&walk, router);
		for (k = 0; k < n; k++)
		{
			test_context("case %zu, host %u", i, k);
			CHECK(chash_shares_next(&walk) == cases[i].points[k]);
		}
	}
}

/* What a library cannot do is refused, and the error says what it can. */
static void
refused(void)
{
	static const struct
	{
		const char *dialect;
		const char *hash;
		double		weight;		/* of the first shard */
		uint32_t	vnodes;
		uint32_t	digest_points;
		uint32_t	slots;
		chash_error_kind kind;
		const char *message;
	}			rows[] =
	{
		{"libketama", NULL, 1, 3, 0, 0, CHASH_ERROR_VALUE, "3 virtual nodes are too few for digests that give 4 points"},
		{"libmemcached_modula", NULL, 2, 0, 0, 0, CHASH_ERROR_UNSUPPORTED, "has no weights"},
		{"libmemcached_ketama", NULL, 0.5, 0, 0, 0, CHASH_ERROR_UNSUPPORTED, "weight 0.5"},
		{"libmemcached_ketama", "fnv1a_32", 1, 0, 0, 0, CHASH_ERROR_UNSUPPORTED, "no hash \"fnv1a_32\""},
		{"libmemcached_ketama", NULL, 1, 0, 2, 0, CHASH_ERROR_UNSUPPORTED, "does not give 2 points"},
		{"twemproxy_ketama", "xxh3", 1, 0, 0, 0, CHASH_ERROR_UNSUPPORTED, "no hash \"xxh3\""},
		{"twemproxy_ketama", NULL, 1.5, 0, 0, 0, CHASH_ERROR_UNSUPPORTED, "weight 1.5"},
		{"twemproxy_ketama", NULL, 1, 0, 5, 0, CHASH_ERROR_UNSUPPORTED, "does not give 5 points"},
		{"twemproxy_modula", "sha1", 1, 0, 0, 0, CHASH_ERROR_UNSUPPORTED, "no hash \"sha1\""},
		{"serialx", "xxh3", 1, 0, 0, 0, CHASH_ERROR_UNSUPPORTED, "dialect \"serialx\" needs a hash of 128 bits, which \"xxh3\" is not"},
		{"serialx_2019", "none", 1, 0, 0, 0, CHASH_ERROR_UNSUPPORTED, "dialect \"serialx_2019\" needs a hash of bytes, which \"none\" is not"},
		{"nginx_plain", "crc32", 1, 0, 0, 0, CHASH_ERROR_UNSUPPORTED, "no hash \"crc32\""},
		{"haproxy", "md5", 1, 0, 0, 0, CHASH_ERROR_UNSUPPORTED, "no hash \"md5\""},
		{"haproxy", NULL, 1, 0, 2, 0, CHASH_ERROR_UNSUPPORTED, "gives one point"},
		{"haproxy", NULL, 1, 4097, 0, 0, CHASH_ERROR_LIMIT, "4097 points"},
		{"envoy_ring_hash", "xxh3", 1, 0, 0, 0, CHASH_ERROR_UNSUPPORTED, "no hash \"xxh3\""},
		{"envoy_ring_hash", NULL, 1e-9, 0, 0, 0, CHASH_ERROR_LIMIT, "virtual nodes"},
		{"go_ketama_hashfunc1", "sha1", 1, 0, 0, 0, CHASH_ERROR_UNSUPPORTED, "no hash \"sha1\""},
		{"go_ketama_hashfunc1", NULL, 0.5, 0, 0, 0, CHASH_ERROR_UNSUPPORTED, "weight 0.5"},
		{"stathat", "xxh3", 1, 0, 0, 0, CHASH_ERROR_UNSUPPORTED, "no hash \"xxh3\""},
		{"node_hashring", NULL, 1, 0, 5, 0, CHASH_ERROR_UNSUPPORTED, "does not give 5 points"},
		{"guava", NULL, 2, 0, 0, 0, CHASH_ERROR_UNSUPPORTED, "weight 2"},
		{"go_redis", NULL, 2, 0, 0, 0, CHASH_ERROR_UNSUPPORTED, "has no weights"},
		{"go_redis", "xxh3", 1, 0, 0, 0, CHASH_ERROR_UNSUPPORTED, "no hash \"xxh3\""},
		{"go_maglev", NULL, 2, 0, 0, 0, CHASH_ERROR_UNSUPPORTED, "has no weights"},
		{"go_maglev", NULL, 1, 0, 0, 250, CHASH_ERROR_VALUE, "prime"},
		{"go_maglev", NULL, 1, 0, 0, 2, CHASH_ERROR_VALUE, "too few for 3 shards"},
		{"envoy_maglev", NULL, 1, 0, 0, 2, CHASH_ERROR_VALUE, "too few for 3 shards"},
	};
	size_t		i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		chash_router *router = numbered_shards(rows[i].dialect, 3, NULL);
		chash_error error;

		if (rows[i].hash)
			router->hash = chash_hash_by_name(rows[i].hash);
		router->shards[0].weight = rows[i].weight;
		router->p.vnodes = rows[i].vnodes;
		router->p.digest_points = rows[i].digest_points;
		router->p.slots = rows[i].slots;
		chash_router_complete(router, &test_host);
		test_context("row %zu: %s", i, rows[i].dialect);
		CHECK(!fixture_valid(router, &error));
		test_context("row %zu: %s: %s", i, rows[i].dialect, error.message);
		CHECK(error.kind == rows[i].kind && strstr(error.message, rows[i].message));
	}
}

/*
 * What hashring (npm) 3.2.0 answered for the default port 11211: the port is
 * what is between the first two colons.
 */
static void
port_after_first_colon(void)
{
	static const struct
	{
		const char *nodes[3];
		const char *answers;	/* the places of key0 to key11 */
	}			expected[] =
	{
		{{"fe80::2f0:11211", "::e:11211", "a68:11211:5"}, "102000022220"},
		{{"[fe80::1]:11211", "[fe80::2]:11211", NULL}, "110111010100"},
		{{"h:11211", "g:11212", NULL}, "010010010000"},
		{{"unix:/tmp/x:11211", "b", NULL}, "000001011111"},
	};
	chash_router *longer = numbered_shards("node_hashring_default_port", 1, "h:11211%u");
	size_t		length;
	unsigned	i;

	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
	{
		uint32_t	n = expected[i].nodes[2] ? 3 : 2;
		chash_router *router = numbered_shards("node_hashring_default_port", n, NULL);
		chash_compiled *compiled;
		int			k;

		test_context("%s", expected[i].nodes[0]);
		while (n-- > 0)
			router->shards[n].name = expected[i].nodes[n];
		compiled = fixture_compile(router);
		for (k = 0; k < 12; k++)
		{
			char		key[20];

			sprintf(key, "key%d", k);
			CHECK(route_text(compiled, key) == (uint32_t) (expected[i].answers[k] - '0'));
		}
	}
	/* another port that begins with the same digits */
	(void) chash_name_used(longer, 0, &length);
	CHECK(length == strlen(longer->shards[0].name));
}

const test_case dialect_rules_tests[] = {
	{"dialects: rows", rows},
	{"dialects: many servers", many_servers},
	{"dialects: names in labels", names_in_labels},
	{"dialects: the port after the first colon", port_after_first_colon},
	{"dialects: shortest first", shortest_first},
	{"dialects: the same label twice", same_label_twice},
	{"dialects: weights switch to others' points", switch_to_weighted},
	{"dialects: position 0", position_zero},
	{"dialects: points of ids", points_of_ids},
	{"dialects: the nearest of the rest", nearest_of_the_rest},
	{"dialects: Envoy's rings", envoy_rings},
	{"dialects: running sums", running_sums},
	{"dialects: more refused", refused},
	{NULL, NULL}
};
