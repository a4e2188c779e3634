/*
 * textbook_test.c
 *		The examples that people have read about, to the digit: the published
 *		ring (test/vectors/textbook) and divisions of MD5.
 */
#include "fixture.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static chash_compiled *
textbook_ring(unsigned servers, unsigned points)
{
	chash_router *router = fixture_router("ring", NULL, 0, servers);

	router->dialect = chash_dialect_by_name("textbook");
	router->p.vnodes = points;
	return fixture_compile(router);
}

static void
routing_table(void)
{
	FILE	   *file = fixture_open_vectors("textbook/routing_table.tsv");
	chash_compiled *compiled = NULL;
	unsigned	servers = 0;
	unsigned	points = 0;
	uint32_t	i = 0;
	unsigned	lines = 0;
	unsigned	new_servers;
	unsigned	new_points;
	uint64_t	first;
	char		vnode[100];
	char		name[100];
	uint64_t	width;

	while (fscanf(file, "%u\t%u\t%" SCNu64 "\t%99s\t%99s\t%" SCNu64 "\n", &new_servers,
				  &new_points, &first, vnode, name, &width) == 6)
	{
		const chash_slice *slice;

		if (!compiled || new_servers != servers || new_points != points)
		{
			CHECK(!compiled || i == compiled->nslices);
			servers = new_servers;
			points = new_points;
			compiled = textbook_ring(servers, points);
			check_ranges(compiled);
			i = 0;
		}
		test_context("%u servers, %s", servers, vnode);
		slice = fixture_slice(compiled, i);
		CHECK(equal(slice->first, chash_uint_from(first)));
		CHECK(equal(slice->width, chash_uint_from(width)));
		CHECK(strcmp(compiled->router->shards[slice->shard].name, name) == 0);
		CHECK(strcmp(fixture_vnode(compiled, i), vnode) == 0);
		i++;
		lines++;
	}
	CHECK(feof(file) && lines == 27);
	CHECK(i == compiled->nslices);
	fclose(file);
}

static void
balance(void)
{
	FILE	   *file = fixture_open_vectors("textbook/balance.tsv");
	unsigned	lines = 0;
	unsigned	servers;
	unsigned	points;
	char		name[100];
	uint64_t	expected;

	while (fscanf(file, "%u\t%u\t%99s\t%" SCNu64 "\n", &servers, &points, name, &expected) == 4)
	{
		chash_compiled *compiled = textbook_ring(servers, points);
		chash_uint *positions = test_alloc(servers * sizeof(chash_uint));
		int			place = chash_router_find(compiled->router, name);

		test_context("%u servers, %u points, %s", servers, points, name);
		CHECK(place >= 0);
		chash_count_positions(compiled, positions);
		CHECK(equal(positions[place], chash_uint_from(expected)));
		lines++;
	}
	CHECK(feof(file) && lines == 20);
	fclose(file);
}

static uint32_t
routes_to(const char *strategy, uint32_t n, const char *key)
{
	chash_compiled *compiled = fixture_compile(fixture_router(strategy, "md5", 0, n));
	chash_uint	digest;
	chash_error error;

	CHECK(chash_hash_by_name("md5")->digest(key, strlen(key), &digest, &error));
	return fixture_route(compiled, chash_position_of_digest(compiled->router, compiled->router->hash, &digest, 0));
}

static void
divisions(void)
{
	CHECK(routes_to("modulo", 16, "60000") == 12);
	CHECK(routes_to("modulo", 16, "60100") == 10);
	CHECK(routes_to("hash_range", 16, "60000") == 2);
	CHECK(routes_to("hash_range", 16, "60100") == 9);
	CHECK(routes_to("modulo", 8, "ABCDEF") == 6);
}

const test_case textbook_tests[] = {
	{"textbook: routing tables", routing_table},
	{"textbook: balances", balance},
	{"textbook: divisions of MD5", divisions},
	{NULL, NULL}
};
