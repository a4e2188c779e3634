/*
 * built_fuzz.c
 *		A router that the input describes: it is refused for a reason, or valid;
 *		then it can be stored and loaded, is the same, and answers the same.
 */
#include "fuzz.h"
#include "used.h"

#include <string.h>

#define POSITIONS	8

static uint8_t *
store(const chash_router *router, size_t *size)
{
	uint8_t    *bytes;

	*size = chash_router_stored_size(router);
	bytes = test_alloc(*size);
	chash_router_store(router, bytes);
	return bytes;
}

/* Two routers of the same bytes send all positions to the same shards. */
static void
check_same_answers(const chash_router *a, const chash_router *b)
{
	chash_compiled first;
	chash_compiled second;
	chash_error error;
	int			i;

	if (!a->strategy->hashed || !is_affordable(a))
		return;
	CHECK(chash_compile(&first, a, &test_host, &error));
	CHECK(chash_compile(&second, b, &test_host, &error));
	CHECK(equal(first.space, second.space) && first.nslices == second.nslices);
	for (i = 0; i < POSITIONS; i++)
	{
		chash_uint	position = random_position(a->bits);

		CHECK(fixture_route(&first, position) == fixture_route(&second, position));
	}
}

void
fuzz_one(input *in)
{
	chash_router *router = take_router(in);
	chash_router loaded;
	chash_error error;
	uint8_t    *bytes;
	uint8_t    *again;
	size_t		size;
	size_t		size_again;

	if (!fixture_valid(router, &error))
		return;
	use_router(router);

	bytes = store(router, &size);
	CHECK(load_stored(bytes, size, &loaded, &error));
	CHECK(fixture_valid(&loaded, &error));
	again = store(&loaded, &size_again);
	CHECK(size_again == size && memcmp(again, bytes, size) == 0);
	check_same_answers(router, &loaded);

	/* one byte less or more is another thing, or none */
	CHECK(!load_stored(bytes, size - 1, &loaded, &error));
}
