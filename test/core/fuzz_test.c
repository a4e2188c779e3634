/*
 * fuzz_test.c
 *		Bytes that are not stored routers: whatever they are, loading them reads
 *		nothing beyond their end, and what is accepted can be used.
 */
#include "fixture.h"

#include <string.h>

#define BIT_FLIPS			4000
#define RANDOM_STRINGS		4000
#define MAX_COMPILED		20000	/* slices; more are only validated */
#define MAX_SLOTS			100000

typedef struct stored
{
	uint8_t    *bytes;
	size_t		size;
} stored;

/* Routers of all strategies, small ones, so that a flip hits every field. */
#define NSEEDS		18

static stored
seed(int number)
{
	static const char *bounds[] = {"10", "20"};
	static chash_pin pins[] = {{"", 1}, {"42", 0}, {"\xc3\xa4", 2}};
	static chash_token tokens[] = {{-5, 1}, {0, 0}, {INT32_MAX, 1}};
	chash_router *router;
	stored		result;

	switch (number)
	{
		case 0:
			router = fixture_router("ring", NULL, 0, 3);
			router->p.vnodes = 4;
			break;
		case 1:
			router = fixture_router("ring", "sha256", 0, 2);
			router->shards[1].weight = 2.5;
			router->shards[1].zone = "z";
			break;
		case 2:
			router = fixture_router("ring", NULL, 0, 2);
			router->dialect = chash_dialect_by_name("textbook");
			break;
		case 3:
			router = fixture_router("modulo", "md5", 0, 3);
			break;
		case 4:
			router = fixture_router("hash_range", "sha1", 10, 3);
			router->shards[0].weight = 5;
			break;
		case 5:
			router = fixture_router("hash_range", "none", 0, 1);
			break;
		case 6:
			router = fixture_router("range", NULL, 0, 3);
			router->nbounds = 2;
			router->bounds = bounds;
			break;
		case 7:
			router = fixture_router("jump", "xxh64", 0, 3);
			break;
		case 8:
			router = fixture_router("jumpback", "sha1", 0, 2);
			break;
		case 9:
			router = fixture_router("rendezvous", NULL, 0, 3);
			router->shards[1].weight = 0.3;
			break;
		case 10:
			router = fixture_router("maglev", NULL, 0, 2);
			router->shards[0].weight = 2.5;
			break;
		case 11:
			router = fixture_router("multiprobe", NULL, 0, 3);
			router->p.probes = 3;
			break;
		case 12:
			router = fixture_router("multiprobe", NULL, 0, 2);
			router->dialect = chash_dialect_by_name("mpchash");
			break;
		case 13:
			router = fixture_router("bounded", "sha1", 0, 3);
			router->shards[2].weight = 2.5;
			router->p.slots = 50;
			router->p.vnodes = 4;
			break;
		case 14:
			router = fixture_router("bounded", NULL, 0, 2);
			router->dialect = chash_dialect_by_name("buraksezer_0_10");
			router->p.load = 1.5;
			break;
		case 15:
			router = fixture_router("jump", NULL, 0, 3);
			router->npins = 3;
			router->pins = pins;
			break;
		case 16:
			router = fixture_router("ring", NULL, 0, 2);
			router->dialect = chash_dialect_by_name("citus");
			router->ntokens = 3;
			router->tokens = tokens;
			break;
		default:
			router = fixture_router("range", NULL, 0, 1);
			router->key_type = CHASH_KEY_BIGINT;
			break;
	}
	chash_router_complete(router, &test_host);
	result.size = chash_router_stored_size(router);
	result.bytes = test_alloc(result.size);
	chash_router_store(router, result.bytes);
	return result;
}

static bool
load(const uint8_t *bytes, size_t size, chash_router *router, chash_error *error)
{
	/* a block of its own, so that tools see a read beyond it */
	uint8_t    *copy = test_alloc(size);
	bool		loaded;

	memcpy(copy, bytes, size);
	memset(error, 0xFF, sizeof(*error));
	loaded = chash_router_load(copy, size, &test_host, router, error);
	chash_release(&test_host, copy);
	if (!loaded)
	{
		CHECK(error->kind == CHASH_ERROR_CORRUPT);
		CHECK(memchr(error->message, '\0', CHASH_ERROR_TEXT) && error->message[0]);
	}
	return loaded;
}

/* Route with a valid router, at the ends of the space and in it. */
static void
use(const chash_router *router)
{
	chash_compiled compiled;
	chash_error error;
	double		slices = chash_router_total_weight(router) *
		(router->p.vnodes > 0 ? router->p.vnodes : 1);
	chash_uint	sum = chash_uint_from(0);
	chash_uint *positions;
	uint32_t	i;

	if (slices > MAX_COMPILED || router->nshards > MAX_COMPILED || router->p.slots > MAX_SLOTS)
		return;
	CHECK(chash_compile(&compiled, router, &test_host, &error));
	fixture_route64(&compiled, 0);
	fixture_route(&compiled, minus(compiled.space, 1));
	for (i = 0; i < 5 && router->strategy->hashed; i++)
		fixture_route(&compiled, random_position(router->bits));
	if (router->strategy->prefer)
	{
		chash_uint	position = random_position(router->bits);
		uint32_t   *places = router->strategy->prefer(&compiled, &test_host, &position);

		CHECK(!places || places[0] == fixture_route(&compiled, position));
	}
	if (!router->strategy->sliced)
		return;
	for (i = 0; i < 5; i++)
		fixture_vnode(&compiled, test_below(compiled.nslices));
	positions = test_alloc(router->nshards * sizeof(chash_uint));
	chash_count_positions(&compiled, positions);
	for (i = 0; i < router->nshards; i++)
		sum = chash_uint_add(&sum, &positions[i]);
	CHECK(equal(sum, compiled.space));
}

/* Returns whether it got as far as being used. */
static bool
try(const uint8_t *bytes, size_t size)
{
	chash_router router;
	chash_error error;
	uint8_t    *again;

	if (!load(bytes, size, &router, &error))
		return false;

	/* what can be read is written as the same bytes */
	CHECK(chash_router_stored_size(&router) == size);
	again = test_alloc(size);
	chash_router_store(&router, again);
	CHECK(memcmp(again, bytes, size) == 0);

	if (!chash_router_validate(&router, &test_host, &error))
		return false;
	use(&router);
	return true;
}

static void
seeds(void)
{
	int			i;

	for (i = 0; i < NSEEDS; i++)
	{
		stored		bytes = seed(i);

		test_context("seed %d", i);
		CHECK(try(bytes.bytes, bytes.size));
	}
}

static void
truncations(void)
{
	int			i;

	for (i = 0; i < NSEEDS; i++)
	{
		stored		bytes = seed(i);
		size_t		size;

		for (size = 0; size < bytes.size; size++)
		{
			chash_router router;
			chash_error error;

			test_context("seed %d, %zu bytes", i, size);
			CHECK(!load(bytes.bytes, size, &router, &error));
		}
	}
}

static void
trailing_bytes(void)
{
	int			i;

	for (i = 0; i < NSEEDS; i++)
	{
		stored		bytes = seed(i);
		uint8_t    *longer = test_alloc(bytes.size + 40);
		int			value;
		size_t		more;
		chash_router router;
		chash_error error;

		memcpy(longer, bytes.bytes, bytes.size);
		for (value = 0; value < 256; value++)
		{
			memset(longer + bytes.size, value, 40);
			for (more = 1; more <= 40; more += more < 4 ? 1 : 9)
				CHECK(!load(longer, bytes.size + more, &router, &error));
		}
	}
}

static void
bit_flips(void)
{
	unsigned	used = 0;
	int			i;
	int			round;

	for (i = 0; i < NSEEDS; i++)
	{
		stored		bytes = seed(i);
		size_t		bit;

		for (bit = 0; bit < 8 * bytes.size; bit++)
		{
			test_context("seed %d, bit %zu", i, bit);
			bytes.bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
			used += try(bytes.bytes, bytes.size);
			bytes.bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
		}
	}
	/* in names, for example, bits can flip */
	CHECK(used > 100);

	for (round = 0; round < BIT_FLIPS; round++)
	{
		stored		bytes = seed(round % NSEEDS);
		uint32_t	flips = 2 + test_below(6);

		test_context("round %d", round);
		while (flips-- > 0)
			bytes.bytes[test_below((uint32_t) bytes.size)] ^= (uint8_t) (1 << test_below(8));
		try(bytes.bytes, bytes.size);
	}
}

static void
random_strings(void)
{
	int			round;

	for (round = 0; round < RANDOM_STRINGS; round++)
	{
		stored		bytes = seed(round % NSEEDS);
		size_t		size = test_below(200);
		size_t		known = test_below((uint32_t) bytes.size);
		uint8_t    *noise = test_alloc(size);
		size_t		i;

		test_context("round %d", round);
		for (i = 0; i < size; i++)
			noise[i] = (uint8_t) (test_below(2) ? test_below(4) : test_random());
		/* some begin well, else only the first bytes are ever read */
		if (round % 4 != 0)
			memcpy(noise, bytes.bytes, known < size ? known : size);
		try(noise, size);
	}
}

/* Where the stored form says how many there are of something. */
static void
counts(void)
{
	static const uint32_t values[] = {
		0, 1, 2, 4, 5, 0xFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0x80000001,
		0x0FFFFFFF, 0x10000000, 0x1FFFFFFF, 0x20000000, UINT32_MAX
	};
	int			i;
	size_t		j;

	for (i = 0; i < NSEEDS; i++)
	{
		stored		bytes = seed(i);
		size_t		place;

		/* at every place, so that all counts are hit whatever the layout */
		for (place = 0; place + 4 <= bytes.size; place++)
		{
			uint8_t		saved[4];

			memcpy(saved, bytes.bytes + place, 4);
			for (j = 0; j < sizeof(values) / sizeof(values[0]); j++)
			{
				int			k;

				test_context("seed %d, byte %zu, %u", i, place, (unsigned) values[j]);
				for (k = 0; k < 4; k++)
					bytes.bytes[place + k] = (uint8_t) (values[j] >> (24 - 8 * k));
				try(bytes.bytes, bytes.size);
			}
			memcpy(bytes.bytes + place, saved, 4);
		}
	}
}

/* A ring without shards and without a label. */
static void
no_shards(void)
{
	static const uint8_t bytes[] = {
		1, 4, 1, 0, 64, 1, 1, 0, 0, 0, 160, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
	};
	uint8_t		changed[sizeof(bytes)];
	chash_router router;
	chash_error error;

	CHECK(load(bytes, sizeof(bytes), &router, &error));
	CHECK(router.nshards == 0 && router.nbounds == 0 && !router.p.label);
	CHECK(!chash_router_validate(&router, &test_host, &error));
	memcpy(changed, bytes, sizeof(bytes));
	memset(changed + sizeof(bytes) - 4, 0xFF, 4);
	CHECK(!load(changed, sizeof(bytes), &router, &error));
	memcpy(changed, bytes, sizeof(bytes));
	memset(changed + sizeof(bytes) - 8, 0xFF, 4);
	CHECK(!load(changed, sizeof(bytes), &router, &error));
	memcpy(changed, bytes, sizeof(bytes));
	memset(changed + sizeof(bytes) - 12, 0xFF, 4);
	CHECK(!load(changed, sizeof(bytes), &router, &error));
	memcpy(changed, bytes, sizeof(bytes));
	memset(changed + sizeof(bytes) - 16, 0xFF, 4);
	CHECK(!load(changed, sizeof(bytes), &router, &error));
	memcpy(changed, bytes, sizeof(bytes));
	memset(changed + sizeof(bytes) - 20, 0xFF, 4);
	CHECK(!load(changed, sizeof(bytes), &router, &error));
}

static void
unknown_codes(void)
{
	int			i;

	for (i = 0; i < NSEEDS; i++)
	{
		stored		bytes = seed(i);
		unsigned	value;

		for (value = 0; value <= 255; value++)
		{
			static const size_t places[] = {0, 1, 2, 5};
			bool		known[4];
			int			k;

			known[0] = value == 1;
			known[1] = chash_strategy_by_code(value) != NULL;
			known[2] = value == 0 || chash_hash_by_code(value);
			known[3] = chash_dialect_by_code(value) != NULL;

			for (k = 0; k < 4; k++)
			{
				uint8_t		saved = bytes.bytes[places[k]];
				chash_router router;
				chash_error error;

				test_context("seed %d, byte %zu, %u", i, places[k], value);
				bytes.bytes[places[k]] = (uint8_t) value;
				CHECK(load(bytes.bytes, bytes.size, &router, &error) == known[k]);
				bytes.bytes[places[k]] = saved;
			}
		}
	}
}

/* A version to come may be shorter or longer: nothing after it is judged. */
static void
unknown_version(void)
{
	static const uint8_t version2[] = {2};
	chash_router router;
	chash_error error;

	CHECK(!load(version2, 1, &router, &error));
	CHECK(strstr(error.message, "version 2"));
	CHECK(!load(version2, 0, &router, &error));
}

/* A zero byte would end a C string early, and two routers would look the same. */
static void
zero_bytes(void)
{
	int			i;

	for (i = 0; i < NSEEDS; i++)
	{
		stored		bytes = seed(i);
		chash_router router;
		chash_error error;
		size_t		place;

		for (place = 8; place + 8 <= bytes.size; place++)
		{
			size_t		k;

			if (memcmp(bytes.bytes + place, "server-", 7) != 0 &&
				memcmp(bytes.bytes + place, "{shard}", 7) != 0)
				continue;
			for (k = 0; k < 8; k++)
			{
				uint8_t		saved = bytes.bytes[place + k];

				test_context("seed %d, byte %zu", i, place + k);
				bytes.bytes[place + k] = 0;
				CHECK(!load(bytes.bytes, bytes.size, &router, &error));
				bytes.bytes[place + k] = saved;
			}
		}
	}
}

const test_case fuzz_tests[] = {
	{"fuzz: what it starts from", seeds},
	{"fuzz: every truncation", truncations},
	{"fuzz: trailing bytes", trailing_bytes},
	{"fuzz: bit flips", bit_flips},
	{"fuzz: random bytes", random_strings},
	{"fuzz: counts", counts},
	{"fuzz: no shards", no_shards},
	{"fuzz: unknown codes", unknown_codes},
	{"fuzz: unknown version", unknown_version},
	{"fuzz: zero bytes in strings", zero_bytes},
	{NULL, NULL}
};
