/*
 * fixture.c
 *		Building routers to test with, and asking them.
 */
#include "fixture.h"

#include <string.h>

/* ---- building ---- */

char *
fixture_name(uint32_t i)
{
	char		name[32];

	if (i < 26)
		sprintf(name, "server-%c", (char) ('a' + i));
	else
		sprintf(name, "server-%u", (unsigned) i);
	return test_copy(name);
}

chash_router *
fixture_router(const char *strategy, const char *hash, unsigned bits,
			   uint32_t nshards)
{
	chash_router *router = test_alloc(sizeof(*router));
	uint32_t	i;

	memset(router, 0, sizeof(*router));
	router->strategy = chash_strategy_by_name(strategy);
	router->hash = hash ? chash_hash_by_name(hash) : NULL;
	router->bits = bits;
	CHECK(router->strategy && (router->hash || !hash));
	router->nshards = nshards;
	router->shards = test_alloc(nshards * sizeof(chash_shard));
	for (i = 0; i < nshards; i++)
	{
		chash_shard *shard = &router->shards[i];

		shard->name = fixture_name(i);
		shard->zone = NULL;
		shard->weight = 1;
		shard->id = 0;
	}
	return router;
}

chash_router *
fixture_with_shard(const chash_router *router, const char *name, double weight)
{
	chash_router *result = test_alloc(sizeof(*result));
	chash_shard added = {NULL, NULL, 0, 0};

	*result = *router;
	added.name = name;
	added.weight = weight;
	result->shards = test_alloc((router->nshards + 1) * sizeof(chash_shard));
	memcpy(result->shards, router->shards, router->nshards * sizeof(chash_shard));
	result->shards[result->nshards++] = added;
	chash_router_complete(result, &test_host);
	return result;
}

chash_router *
fixture_without_shard(const chash_router *router, uint32_t place)
{
	chash_router *result = test_alloc(sizeof(*result));
	uint32_t	i;

	*result = *router;
	result->nshards = 0;
	result->shards = test_alloc(router->nshards * sizeof(chash_shard));
	for (i = 0; i < router->nshards; i++)
	{
		if (i != place)
			result->shards[result->nshards++] = router->shards[i];
	}
	return result;
}

chash_router *
fixture_random_ring(const char *hash, unsigned bits, uint32_t max_shards,
					uint32_t max_vnodes)
{
	static const char *const labels[] = {
		NULL, "{shard}-{i}", "{shard}{i}", "{i}/{shard}", "{i}{shard}{i}"
	};
	chash_router *router = fixture_router("ring", hash, bits, 1 + test_below(max_shards));
	uint32_t	i;

	/* an even number, so that halves of it are whole */
	router->p.vnodes = 2 * (1 + test_below(max_vnodes / 2));
	router->p.label = labels[test_below(5)];
	router->p.search = (chash_search) (1 + test_below(4));
	for (i = 0; i < router->nshards; i++)
		router->shards[i].weight = 0.5 * (1 + test_below(4));

	/* names whose order differs from their place */
	for (i = router->nshards; i > 1; i--)
	{
		chash_shard *last = &router->shards[i - 1];
		chash_shard *other = &router->shards[test_below(i)];
		const char *name = last->name;

		last->name = other->name;
		other->name = name;
	}
	chash_router_complete(router, &test_host);
	return router;
}

/* Whether text is UTF-8, as far as its lead and continuation bytes go. */
static bool
is_utf8(const char *text)
{
	const unsigned char *next = (const unsigned char *) text;

	while (*next)
	{
		int			more = *next < 0x80 ? 0 : *next < 0xC2 ? -1 : *next < 0xE0 ? 1 :
			*next < 0xF0 ? 2 : *next < 0xF5 ? 3 : -1;

		if (more < 0)
			return false;
		for (next++; more > 0; more--, next++)
		{
			if ((*next & 0xC0) != 0x80)
				return false;
		}
	}
	return true;
}

bool
fixture_valid(const chash_router *router, chash_error *error)
{
	size_t		blocks = test_live_blocks();
	bool		valid;

	memset(error, 0xFF, sizeof(*error));
	valid = chash_router_validate(router, &test_host, error);
	CHECK(test_live_blocks() == blocks);
	if (!valid)
	{
		CHECK(memchr(error->message, '\0', CHASH_ERROR_TEXT) && error->message[0]);
		CHECK(memchr(error->detail, '\0', CHASH_ERROR_TEXT));
		CHECK(memchr(error->hint, '\0', CHASH_ERROR_TEXT));
		CHECK(is_utf8(error->message) && is_utf8(error->detail) && is_utf8(error->hint));
	}
	return valid;
}

chash_compiled *
fixture_compile(chash_router *router)
{
	chash_compiled *compiled = test_alloc(sizeof(*compiled));
	chash_error error;
	size_t		bytes;

	chash_router_complete(router, &test_host);
	CHECK(fixture_valid(router, &error));
	bytes = test_live_bytes();
	CHECK(chash_compile(compiled, router, &test_host, &error));

	/* the cache of the server reckons with it */
	CHECK(test_live_bytes() - bytes == compiled->memory);
	CHECK(compiled->router == router);
	CHECK(router->strategy->sliced ? compiled->nslices >= 1 : compiled->nslices == 0);
	return compiled;
}

/* ---- test data ---- */

FILE *
fixture_open_vectors(const char *name)
{
	char		path[4096];
	char		heading[200];
	FILE	   *file;

	snprintf(path, sizeof(path), "%s/%s", VECTORS, name);
	file = fopen(path, "r");
	test_context("%s", path);
	CHECK(file != NULL);
	CHECK(fgets(heading, sizeof(heading), file));
	return file;
}

chash_router *
fixture_nodeset(const char *strategy, const char *hash, const char *nodeset)
{
	chash_router *router = fixture_router(strategy, hash, 0, 100);
	FILE	   *file = fixture_open_vectors("nodesets.tsv");
	char		set[100];
	char		node[300];
	double		weight;

	router->nshards = 0;
	while (fscanf(file, "%99s\t%*u\t%299s\t%lf\n", set, node, &weight) == 3)
	{
		if (strcmp(set, nodeset) == 0 && router->nshards < 100)
		{
			router->shards[router->nshards].name = test_copy(node);
			router->shards[router->nshards++].weight = weight;
		}
	}
	CHECK(feof(file) && router->nshards > 0);
	fclose(file);
	return router;
}

/* ---- asking ---- */

const chash_slice *
fixture_slice(const chash_compiled *compiled, uint32_t i)
{
	static chash_slice slice;

	memset(&slice, 0xFF, sizeof(slice));
	compiled->router->strategy->slice(compiled, i, &slice);
	CHECK(slice.shard < compiled->router->nshards);
	CHECK(slice.shard == compiled->router->strategy->slice_shard(compiled, i));
	return &slice;
}

uint32_t
fixture_lookup(const chash_compiled *compiled, chash_uint position)
{
	uint32_t	i = compiled->router->strategy->lookup(compiled, &position);

	CHECK(i < (compiled->router->strategy->sliced ? compiled->nslices : compiled->router->nshards));
	return i;
}

uint32_t
fixture_route(const chash_compiled *compiled, chash_uint position)
{
	uint32_t	shard = chash_route(compiled, &position);

	CHECK(shard < compiled->router->nshards);
	return shard;
}

uint32_t
fixture_route64(const chash_compiled *compiled, uint64_t position)
{
	return fixture_route(compiled, chash_uint_from(position));
}

const char *
fixture_vnode(const chash_compiled *compiled, uint32_t i)
{
	static char text[CHASH_VNODE_TEXT];

	compiled->router->strategy->vnode(compiled, i, text);
	return text;
}

chash_uint
plus(chash_uint a, uint64_t b)
{
	chash_uint	addend = chash_uint_from(b);

	return chash_uint_add(&a, &addend);
}

chash_uint
minus(chash_uint a, uint64_t b)
{
	chash_uint	subtrahend = chash_uint_from(b);

	return chash_uint_subtract(&a, &subtrahend);
}

bool
equal(chash_uint a, chash_uint b)
{
	return memcmp(a.limb, b.limb, sizeof(a.limb)) == 0;
}

void
check_ranges(const chash_compiled *compiled)
{
	chash_uint	position = chash_uint_from(0);
	uint32_t	i;

	for (i = 0; i < compiled->nslices; i++)
	{
		chash_slice slice = *fixture_slice(compiled, i);

		CHECK(equal(slice.first, position));
		CHECK(!chash_uint_is_zero(&slice.width));
		position = chash_uint_add(&position, &slice.width);
		CHECK(fixture_lookup(compiled, slice.first) == i);
		CHECK(fixture_lookup(compiled, minus(position, 1)) == i);
	}
	CHECK(equal(position, compiled->space));
}

chash_uint
random_position(unsigned bits)
{
	chash_uint	result = chash_uint_from(0);
	unsigned	i;

	for (i = 0; i < bits; i += 32)
		result.limb[i / 32] = (uint32_t) (test_random() >> 32);
	if (bits % 32 != 0)
		result.limb[bits / 32] &= ((uint32_t) 1 << bits % 32) - 1;
	return result;
}

/* ---- big numbers ---- */

BIGNUM *
big_of(chash_uint value)
{
	uint8_t		bytes[4 * CHASH_UINT_LIMBS];
	int			i;

	for (i = 0; i < 4 * CHASH_UINT_LIMBS; i++)
		bytes[4 * CHASH_UINT_LIMBS - 1 - i] = (uint8_t) (value.limb[i / 4] >> 8 * (i % 4));
	return BN_bin2bn(bytes, 4 * CHASH_UINT_LIMBS, NULL);
}

bool
big_equal(chash_uint value, const BIGNUM *big)
{
	BIGNUM	   *other = big_of(value);
	bool		result = BN_cmp(other, big) == 0;

	BN_free(other);
	return result;
}
