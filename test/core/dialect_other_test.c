/*
 * dialect_other_test.c
 *		The dialects of strategies other than rings and remainders: Guava's,
 *		go-maglev's and go-redis's.
 */
#include "core/numbered.h"
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

/* Guava: the numbers, the positions that digests give, and both together. */
static void
guava(void)
{
	table	   *in = open_table("guava/vectors.tsv");
	int			rows = 0;

	while (next_line(in))
	{
		uint32_t	n = (uint32_t) atoi(field(in, "buckets"));
		uint64_t	key = (uint64_t) strtoll(field(in, "md5_first8_le_i64"), NULL, 10);
		uint32_t	expected = (uint32_t) atoi(field(in, "guava_consistentHash"));

		test_context("%s, %u", field(in, "key"), n);
		CHECK(chash_guava_number(key, n) == expected);
		CHECK(chash_jump_number(key, n) == (uint32_t) atoi(field(in, "jump_reference")));
		if (n <= 1000)
		{
			chash_router *router = numbered_shards("guava", n, NULL);

			router->hash = chash_hash_by_name("md5");
			CHECK(route_text(fixture_compile(router), field(in, "key")) == expected);
		}
		rows++;
	}
	CHECK(rows == 1700);

	in = open_table("jump/guava_differs.tsv");
	for (rows = 0; next_line(in); rows++)
		CHECK(chash_guava_number(strtoull(field(in, "key_u64"), NULL, 10),
								 (uint32_t) atoi(field(in, "buckets"))) ==
			  (uint32_t) atoi(field(in, "guava_31.1")));
	CHECK(rows == 40);
}

/* HashCode.padToLong(): eight bytes, the first one lowest; an integer is itself. */
static void
longs(void)
{
	static const struct
	{
		const char *hash;
		unsigned	bits;
		uint64_t	position;	/* of "key:0" */
	}			rows[] =
	{
		{"murmur3_128", 64, UINT64_C(0x7c208627a5b9777b)},
		{"md5", 64, (uint64_t) INT64_C(-8781346799560718625)},
		{"murmur3_32", 32, 2469073803},
		{"crc32c", 32, 1062518806},
		{"guava_siphash24", 64, UINT64_C(8474499680822079056)},
		{"farmhash64", 64, UINT64_C(8162455212149336558)},
	};
	size_t		i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		chash_router *router = numbered_shards("guava", 10, NULL);
		chash_uint	digest;
		chash_error error;

		router->hash = chash_hash_by_name(rows[i].hash);
		test_context("%s", rows[i].hash);
		CHECK(router->hash != NULL);
		fixture_compile(router);
		CHECK(router->bits == rows[i].bits);
		CHECK(router->hash->digest("key:0", 5, &digest, &error));
		CHECK(equal(chash_position_of_digest(router, router->hash, &digest, 0),
					chash_uint_from(rows[i].position)));
	}
	/* murmur3_128 is the default */
	CHECK(fixture_compile(numbered_shards("guava", 3, NULL))->router->hash ==
		  chash_hash_by_name("murmur3_128"));
}

/* go-maglev's tables of 251 entries, and its answers with these and 65,537. */
static void
go_maglev(void)
{
	table	   *in = open_table("maglev/go_maglev_table_M251.tsv");
	chash_compiled *compiled = NULL;
	char		last[100] = "";
	int			rows;

	for (rows = 0; next_line(in); rows++)
	{
		uint32_t	slot = (uint32_t) atoi(field(in, "slot"));

		if (strcmp(field(in, "nodeset"), last) != 0)
		{
			chash_router *router = router_of_nodes("nodesets.tsv", field(in, "nodeset"), "go_maglev");

			router->p.slots = 251;
			compiled = fixture_compile(router);
			strcpy(last, field(in, "nodeset"));
		}
		test_context("%s, %u", last, slot);
		CHECK(fixture_slice(compiled, slot)->shard == (uint32_t) atoi(field(in, "node_index")));
	}
	CHECK(rows == 1255);

	in = open_table("maglev/go_maglev_vectors.tsv");
	last[0] = '\0';
	for (rows = 0; next_line(in); rows++)
	{
		char		current[100];

		snprintf(current, sizeof(current), "%s %s", field(in, "nodeset"), field(in, "M"));
		if (strcmp(current, last) != 0)
		{
			chash_router *router = router_of_nodes("nodesets.tsv", field(in, "nodeset"), "go_maglev");

			router->p.slots = (uint32_t) atoi(field(in, "M"));
			compiled = fixture_compile(router);
			strcpy(last, current);
		}
		test_context("%s: %s", current, field(in, "key"));
		CHECK(route_text(compiled, field(in, "key")) == (uint32_t) atoi(field(in, "node_index")));
	}
	CHECK(rows == 1000);
}

static char *
text_of(const char *bytes, size_t length)
{
	char	   *copy = test_alloc(length + 1);

	memcpy(copy, bytes, length);
	copy[length] = '\0';
	return copy;
}

/*
 * go-redis hashes the tag of a key.  Its recorded answers are those of its
 * hash function alone, which nobody calls with a key that has a tag: these keys
 * go where their tags go.
 */
static void
go_redis(void)
{
	table	   *in = open_table("rendezvous/vectors.tsv");
	chash_compiled *compiled = NULL;
	chash_compiled *plain = NULL;
	char		last[100] = "";
	int			whole = 0;
	int			tagged = 0;

	while (next_line(in))
	{
		const char *key = field(in, "key");
		size_t		length = strlen(key);
		const char *part = chash_key_part(CHASH_KEY_TAG, key, &length);
		uint32_t	place;

		if (strcmp(field(in, "impl"), "go-redis_9.22") != 0)
			continue;
		if (strcmp(field(in, "nodeset"), last) != 0)
		{
			strcpy(last, field(in, "nodeset"));
			compiled = fixture_compile(router_of_nodes("nodesets.tsv", last, "go_redis"));
			plain = fixture_compile(fixture_nodeset("rendezvous", "xxh64", last));
		}
		test_context("%s: %s", last, key);
		place = route_text(compiled, key);
		CHECK(place == route_text(plain, text_of(part, length)));
		if (part == key)
		{
			CHECK(place == (uint32_t) atoi(field(in, "node_index")));
			whole++;
		}
		else
		{
			CHECK(route_text(plain, key) == (uint32_t) atoi(field(in, "node_index")));
			tagged++;
		}
	}
	CHECK(whole == 490 && tagged == 10);
}

const test_case dialect_other_tests[] = {
	{"dialects: Guava", guava},
	{"dialects: Guava's longs", longs},
	{"dialects: go-maglev", go_maglev},
	{"dialects: go-redis", go_redis},
	{NULL, NULL}
};
