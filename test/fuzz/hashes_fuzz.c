/*
 * hashes_fuzz.c
 *		All hashes of any bytes, by each way that leads to a digest, at any
 *		address; and what the dialects take from digests.
 */
#include "fuzz.h"

#include <string.h>

#define MAX_SHIFT	8			/* bytes by which an address is odd */

/* The bytes at an address of their own. */
static uint8_t *
copy_to(const uint8_t *bytes, size_t length, unsigned shift)
{
	uint8_t    *copy = (uint8_t *) test_alloc(length + shift) + shift;

	if (length > 0)
		memcpy(copy, bytes, length);
	return copy;
}

/* The bytes that a digest is the big-endian integer of, padded for those that read 8. */
static void
write_digest(chash_uint digest, unsigned bits, uint8_t *bytes)
{
	unsigned	i;

	memset(bytes, 0, CHASH_MAX_OUTPUT);
	for (i = 0; i < bits / 8; i++)
		bytes[i] = chash_uint_byte(&digest, bits, i);
}

/* The top of a position is found from the bytes of a digest alone. */
static void
check_takes(const chash_hash *hash, chash_uint digest)
{
	const chash_dialect *dialect;
	uint8_t		bytes[CHASH_MAX_OUTPUT];
	unsigned	i;

	write_digest(digest, hash->bits, bytes);
	for (i = 0; (dialect = chash_dialect_at(i)) != NULL; i++)
	{
		chash_router *router = fixture_router("ring", hash->name, 0, 1);
		chash_uint	position;
		chash_take	take;

		router->dialect = dialect;
		if (dialect->slot_bits)
			continue;
		router->bits = chash_router_natural_bits(router);
		take = chash_router_take(router, hash);
		if (take == CHASH_TAKE_LE64_SIGNED && hash->bits < 128)
			continue;
		position = chash_position_of_digest(router, hash, &digest, 0);
		CHECK(chash_uint_is_zero(&position) || router->bits == CHASH_MAX_BITS ||
			  equal(chash_uint_shift_right(&position, router->bits), chash_uint_from(0)));
		CHECK(chash_head_of_output(take, router->bits, bytes) ==
			  chash_position_head(router, &position));
	}
}

void
fuzz_one(input *in)
{
	const chash_hash *hash = chash_hash_by_code(1 + take_below(in, 39));
	unsigned	shift = take_below(in, MAX_SHIFT);
	size_t		length = bytes_left(in);
	uint8_t    *bytes = copy_to(in->next, length, 0);
	uint8_t    *elsewhere = copy_to(in->next, length, shift);
	uint8_t		output[CHASH_MAX_OUTPUT];
	uint8_t		naive[CHASH_MAX_OUTPUT];
	chash_uint	digest;
	chash_uint	again;
	chash_error error;

	if (!hash->digest)
	{
		CHECK(hash->input != CHASH_INPUT_BYTES);
		return;
	}
	CHECK(hash->digest(bytes, length, &digest, &error));
	CHECK(hash->digest(elsewhere, length, &again, &error));
	CHECK(equal(digest, again));
	CHECK(hash->bits == CHASH_MAX_BITS ||
		  equal(chash_uint_shift_right(&digest, hash->bits), chash_uint_from(0)));
	if (hash->value)
		CHECK(equal(digest, chash_uint_from(hash->value(bytes, length))));
	if (hash->output)
	{
		CHECK(hash->output(bytes, length, output, &error));
		CHECK(equal(digest, chash_uint_from_bytes(output, hash->bits / 8)));
	}
	if (hash->code <= CHASH_HASH_SHA256)
	{
		CHECK(naive_digest(hash->code, bytes, length, naive) == hash->bits / 8);
		CHECK(equal(digest, chash_uint_from_bytes(naive, hash->bits / 8)));
	}
	check_takes(hash, digest);
}
