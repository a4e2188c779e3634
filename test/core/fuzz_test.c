/*
 * fuzz_test.c
 *		Bytes that are not stored routers: whatever they are, loading them reads
 *		nothing beyond their end, and what is accepted can be used.
 */
#include "seeds.h"
#include "used.h"

#include <string.h>

#define BIT_FLIPS			4000
#define RANDOM_STRINGS		4000

static void
seeds(void)
{
	int			i;

	for (i = 0; i < SEEDS; i++)
	{
		seed		bytes = seed_number(i);

		test_context("seed %d", i);
		CHECK(use_stored(bytes.bytes, bytes.size));
	}
}

static void
truncations(void)
{
	int			i;

	for (i = 0; i < SEEDS; i++)
	{
		seed		bytes = seed_number(i);
		size_t		size;

		for (size = 0; size < bytes.size; size++)
		{
			chash_router router;
			chash_error error;

			test_context("seed %d, %zu bytes", i, size);
			CHECK(!load_stored(bytes.bytes, size, &router, &error));
		}
	}
}

static void
trailing_bytes(void)
{
	int			i;

	for (i = 0; i < SEEDS; i++)
	{
		seed		bytes = seed_number(i);
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
				CHECK(!load_stored(longer, bytes.size + more, &router, &error));
		}
	}
}

static void
bit_flips(void)
{
	unsigned	used = 0;
	int			i;
	int			round;

	for (i = 0; i < SEEDS; i++)
	{
		seed		bytes = seed_number(i);
		size_t		bit;

		for (bit = 0; bit < 8 * bytes.size; bit++)
		{
			test_context("seed %d, bit %zu", i, bit);
			bytes.bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
			used += use_stored(bytes.bytes, bytes.size);
			bytes.bytes[bit / 8] ^= (uint8_t) (1 << bit % 8);
		}
	}
	/* in names, for example, bits can flip */
	CHECK(used > 100);

	for (round = 0; round < BIT_FLIPS; round++)
	{
		seed		bytes = seed_number(round % SEEDS);
		uint32_t	flips = 2 + test_below(6);

		test_context("round %d", round);
		while (flips-- > 0)
			bytes.bytes[test_below((uint32_t) bytes.size)] ^= (uint8_t) (1 << test_below(8));
		use_stored(bytes.bytes, bytes.size);
	}
}

static void
random_strings(void)
{
	int			round;

	for (round = 0; round < RANDOM_STRINGS; round++)
	{
		seed		bytes = seed_number(round % SEEDS);
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
		use_stored(noise, size);
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

	for (i = 0; i < SEEDS; i++)
	{
		seed		bytes = seed_number(i);
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
				use_stored(bytes.bytes, bytes.size);
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

	CHECK(load_stored(bytes, sizeof(bytes), &router, &error));
	CHECK(router.nshards == 0 && router.nbounds == 0 && !router.p.label);
	CHECK(!chash_router_validate(&router, &test_host, &error));
	memcpy(changed, bytes, sizeof(bytes));
	memset(changed + sizeof(bytes) - 4, 0xFF, 4);
	CHECK(!load_stored(changed, sizeof(bytes), &router, &error));
	memcpy(changed, bytes, sizeof(bytes));
	memset(changed + sizeof(bytes) - 8, 0xFF, 4);
	CHECK(!load_stored(changed, sizeof(bytes), &router, &error));
	memcpy(changed, bytes, sizeof(bytes));
	memset(changed + sizeof(bytes) - 12, 0xFF, 4);
	CHECK(!load_stored(changed, sizeof(bytes), &router, &error));
	memcpy(changed, bytes, sizeof(bytes));
	memset(changed + sizeof(bytes) - 16, 0xFF, 4);
	CHECK(!load_stored(changed, sizeof(bytes), &router, &error));
	memcpy(changed, bytes, sizeof(bytes));
	memset(changed + sizeof(bytes) - 20, 0xFF, 4);
	CHECK(!load_stored(changed, sizeof(bytes), &router, &error));
}

static void
unknown_codes(void)
{
	int			i;

	for (i = 0; i < SEEDS; i++)
	{
		seed		bytes = seed_number(i);
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
				CHECK(load_stored(bytes.bytes, bytes.size, &router, &error) == known[k]);
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

	CHECK(!load_stored(version2, 1, &router, &error));
	CHECK(strstr(error.message, "version 2"));
	CHECK(!load_stored(version2, 0, &router, &error));
}

/* A zero byte would end a C string early, and two routers would look the same. */
static void
zero_bytes(void)
{
	int			i;

	for (i = 0; i < SEEDS; i++)
	{
		seed		bytes = seed_number(i);
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
				CHECK(!load_stored(bytes.bytes, bytes.size, &router, &error));
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
