/*
 * index_test.c
 *		Short ways lead where the long ones do: from the head of a position to
 *		its shard, from a hash to its digest, and from a digest to the head.
 */
#include "fixture.h"
#include "core/index.h"
#include "core/radix.h"

#include <string.h>

static uint64_t
random64(void)
{
	return ((uint64_t) test_below(UINT32_MAX) << 32) | test_below(UINT32_MAX);
}

static uint64_t
within(uint64_t number, unsigned bits)
{
	return bits < 64 ? number & (((uint64_t) 1 << bits) - 1) : number;
}

/* The long way; returns whether the short one came to an end. */
static bool
check_head(const chash_compiled *compiled, uint64_t head)
{
	const chash_strategy *strategy = compiled->router->strategy;
	chash_uint	position = chash_uint_from(head);
	uint32_t	place = strategy->shard_of_head(compiled, head);

	CHECK(place == CHASH_UNDECIDED ||
		  place == strategy->slice_shard(compiled, strategy->lookup(compiled, &position)));
	CHECK(chash_route(compiled, &position) ==
		  strategy->slice_shard(compiled, strategy->lookup(compiled, &position)));
	return place != CHASH_UNDECIDED;
}

/* Around all heads and anywhere; what is not decided is close to a head, or in a crowd. */
static void
rings(void)
{
	static const unsigned widths[] = {1, 2, 8, 17, 32, 47, 48, 49, 63, 64};
	int			undecided = 0;
	int			round;

	for (round = 0; round < 200; round++)
	{
		unsigned	bits = widths[round % 10];
		chash_router *router = fixture_random_ring("xxh3", bits, 12, round < 100 ? 10 : 300);
		chash_compiled *compiled = fixture_compile(router);
		uint32_t	i;

		test_context("round %d, %u bits", round, bits);
		for (i = 0; i < compiled->nslices; i++)
		{
			uint64_t	head = chash_uint_low64(&fixture_slice(compiled, i)->first);

			check_head(compiled, head);
			check_head(compiled, within(head + 1, bits));
			check_head(compiled, within(head - 1, bits));
			check_head(compiled, within(head + 65535, bits));
		}
		for (i = 0; i < 1000; i++)
			undecided += !check_head(compiled, within(random64(), bits));
	}
	CHECK(undecided < 200 * 1000 / 500);
}

/* Where a position has more than its head, the rest decides at the head of a slice. */
static void
wide_rings(void)
{
	int			round;

	for (round = 0; round < 20; round++)
	{
		chash_router *router = fixture_random_ring("md5", 65 + test_below(64), 12, 100);
		chash_compiled *compiled = fixture_compile(router);
		uint32_t	i;

		for (i = 1; i < compiled->nslices; i++)
		{
			chash_uint	first = fixture_slice(compiled, i)->first;
			chash_uint	before = minus(first, 1);

			CHECK(router->strategy->shard_of_head(compiled, chash_position_head(router, &first)) ==
				  CHASH_UNDECIDED);
			CHECK(chash_route(compiled, &first) == fixture_slice(compiled, i)->shard);
			CHECK(chash_route(compiled, &before) == fixture_slice(compiled, i - 1)->shard);
		}
	}
}

static void
strategies(void)
{
	static const char *const names[] = {
		"modulo", "hash_range", "jump", "jumpback", "rendezvous", "maglev", "bounded", "slots"
	};
	size_t		i;
	uint32_t	n;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		for (n = 1; n <= 40; n += 13)
		{
			chash_compiled *compiled = fixture_compile(fixture_router(names[i], NULL, 0, n));
			chash_compiled *wide = fixture_compile(fixture_router(names[i], "md5", 0, n));
			int			k;

			test_context("%s of %u", names[i], (unsigned) n);
			for (k = 0; k < 200; k++)
			{
				chash_uint	position = random_position(128);

				CHECK(check_head(compiled, k < 3 ? (uint64_t) k - 1 : random64()));
				CHECK(chash_route(wide, &position) ==
					  wide->router->strategy->slice_shard(wide, wide->router->strategy->lookup(wide, &position)));
			}
		}
	}
}

/* All numbers of slices, begins that are close to each other, and those at both ends. */
static void
buckets(void)
{
	int			round;

	for (round = 0; round < 2000; round++)
	{
		/* at a multiple of its size, as in an index */
		char	   *room = test_alloc(2 * sizeof(chash_bucket));
		chash_bucket *bucket = (chash_bucket *) (room + sizeof(chash_bucket) -
												 (uintptr_t) room % sizeof(chash_bucket));
		uint32_t	range = round % 3 == 0 ? 20 : 65536;
		int			i;
		int			k;

		test_context("round %d", round);
		memset(bucket, 0xFF, sizeof(*bucket));
		for (i = 0; i < round % CHASH_BUCKET_SLICES; i++)
		{
			uint16_t	begin = (uint16_t) test_below(range);

			for (k = i; k > 0 && bucket->begin[k - 1] > begin; k--)
				bucket->begin[k] = bucket->begin[k - 1];
			bucket->begin[k] = begin;
		}
		for (k = 0; k < 100; k++)
		{
			uint16_t	part = k < 2 ? (uint16_t) -k : (uint16_t) test_below(range);
			unsigned	passed = chash_bucket_passed(bucket, part);

			CHECK(passed == chash_bucket_passed_anywhere(bucket, part));
			CHECK(passed == 0 || bucket->begin[passed - 1] < part);
			CHECK(bucket->begin[passed] >= part);
		}
	}
}

/* A ring of so many tokens from the first one on at these distances, of two shards by turns. */
static chash_compiled *
ring_of_tokens(uint32_t n, int64_t first, int64_t distance)
{
	chash_router *router = fixture_router("ring", NULL, 0, 2);
	uint32_t	i;

	router->dialect = chash_dialect_by_name("cassandra");
	router->ntokens = n;
	router->tokens = test_alloc(n * sizeof(chash_token));
	for (i = 0; i < n; i++)
	{
		router->tokens[i].token = first + i * distance;
		router->tokens[i].shard = i % 2;
	}
	return fixture_compile(router);
}

/* Points that nobody spread evenly. */
static void
crowds(void)
{
	chash_compiled *quarter = ring_of_tokens(1000, INT64_MIN, (int64_t) 1 << 52);
	uint32_t	n;
	uint32_t	i;
	int			undecided = 0;

	for (n = 60; n <= 70; n++)
	{
		chash_compiled *compiled = ring_of_tokens(n, 0, 3);

		for (i = 0; i < 3 * n + 10; i++)
			CHECK(fixture_route64(compiled, ((uint64_t) 1 << 63) + i) == (i <= 3 * (n - 1) ? (i + 2) / 3 % 2 : 0));
		for (i = 0; i < 100; i++)
			check_head(compiled, random64());
	}
	/* a quarter of the space has all of them, and more buckets find them all the same */
	for (i = 0; i < 10000; i++)
		undecided += !check_head(quarter, random64() >> 2);
	CHECK(undecided < 100);
}

static void
hashes(void)
{
	unsigned	code;
	int			values = 0;
	int			outputs = 0;

	for (code = 1; code < 255; code++)
	{
		const chash_hash *hash = chash_hash_by_code(code);
		uint8_t		bytes[100];
		size_t		length;

		if (!hash || !hash->digest)
			continue;
		test_context("%s", hash->name);
		for (length = 0; length < sizeof(bytes); length++)
		{
			uint8_t		output[CHASH_MAX_OUTPUT];
			chash_uint	digest;
			chash_uint	again;
			chash_error error;
			size_t		i;

			for (i = 0; i < length; i++)
				bytes[i] = (uint8_t) test_below(256);
			CHECK(hash->digest(bytes, length, &digest, &error));
			if (hash->value)
				CHECK(equal(digest, chash_uint_from(hash->value(bytes, length))));
			if (!hash->output)
				continue;
			CHECK(hash->output(bytes, length, output, &error));
			again = chash_uint_from_bytes(output, hash->bits / 8);
			CHECK(equal(digest, again));
		}
		values += hash->value != NULL;
		outputs += hash->output != NULL;
	}
	CHECK(values >= 25 && outputs == 3);
}

/* By the rule of every dialect that takes a digest of bytes. */
static void
outputs(void)
{
	static const char *const names[] = {"md5", "sha1", "sha256"};
	const chash_dialect *dialect;
	unsigned	i;
	int			tried = 0;

	for (i = 0; (dialect = chash_dialect_at(i)) != NULL; i++)
	{
		size_t		k;

		for (k = 0; k < 3; k++)
		{
			const char *strategy = dialect->strategy ? dialect->strategy->name : "ring";
			chash_router *router = fixture_router(strategy, names[k], 0, 2);
			chash_error error;
			int			round;

			router->dialect = dialect;
			if (dialect->generator == CHASH_POINTS_GIVEN)
				continue;
			chash_router_complete(router, &test_host);
			if (!chash_router_validate(router, &test_host, &error))
				continue;
			test_context("%s, %s", dialect->name, names[k]);
			for (round = 0; round < 50; round++)
			{
				uint8_t		output[CHASH_MAX_OUTPUT];
				uint64_t	text = random64();
				chash_uint	digest;
				chash_uint	position;

				CHECK(router->hash->output(&text, 8, output, &error));
				digest = chash_uint_from_bytes(output, router->hash->bits / 8);
				position = chash_position_of_digest(router, router->hash, &digest, 0);
				CHECK(chash_head_of_output(chash_router_take(router, router->hash), router->bits, output) ==
					  chash_position_head(router, &position));
			}
			tried++;
		}
	}
	CHECK(tried > 20);
}

/* Hashes, and numbers that are nothing like hashes. */
static uint64_t
number_of_kind(int kind, uint32_t i, uint32_t n)
{
	switch (kind)
	{
		case 0:
			return random64();
		case 1:
			return n - i;		/* from top to bottom, below all top digits */
		case 2:
			return ((uint64_t) test_below(3) << 40) | (n - i);
		case 3:
			return random64() >> 44;
		case 4:
			return random64() << 44;
		case 5:
			return UINT64_MAX - i % 5;
		default:
			return i;
	}
}

static void
radix(void)
{
	static const uint32_t counts[] = {0, 1, 2, 16, 17, 63, 64, 1000, 5000};
	size_t		c;
	int			kind;

	for (c = 0; c < sizeof(counts) / sizeof(counts[0]); c++)
	{
		uint32_t	n = counts[c];

		for (kind = 0; kind < 7; kind++)
		{
			unsigned	bits = 64 - c * kind;
			uint64_t   *numbers = test_alloc(n * sizeof(uint64_t));
			bool	   *seen = test_alloc(n * sizeof(bool));
			chash_point *points = test_alloc(n * sizeof(*points));
			size_t		blocks = test_live_blocks();
			uint32_t	i;

			test_context("%u numbers of kind %d, %u bits", (unsigned) n, kind, bits);
			memset(seen, 0, n * sizeof(bool));
			for (i = 0; i < n; i++)
			{
				points[i].head = numbers[i] = within(number_of_kind(kind, i, n), bits);
				points[i].number = i;
			}
			chash_radix_sort(points, n, bits, &test_host);
			CHECK(test_live_blocks() == blocks);
			for (i = 0; i < n; i++)
			{
				CHECK(i == 0 || points[i - 1].head <= points[i].head);
				CHECK(points[i].head == numbers[points[i].number]);
				CHECK(!seen[points[i].number]);
				seen[points[i].number] = true;
			}
		}
	}
}

const test_case index_tests[] = {
	{"index: radix sort", radix},
	{"index: rings of up to 64 bits", rings},
	{"index: wider rings", wide_rings},
	{"index: all strategies", strategies},
	{"index: buckets", buckets},
	{"index: points that crowd together", crowds},
	{"index: hashes", hashes},
	{"index: digests", outputs},
	{NULL, NULL}
};
