/*
 * murmur3.c
 *		MurmurHash3 (Austin Appleby, https://github.com/aappleby/smhasher):
 *		x86_32, x64_128, and the variant of x64_128 in Apache Cassandra.
 *
 * Cassandra's takes the bytes of the last, incomplete block for signed ones
 * (CASSANDRA-2975); its token is the first half of the hash, with the smallest
 * number turned into the largest (Murmur3Partitioner).
 */
#include "core/byte_order.h"
#include "core/hashes.h"

static uint32_t
scramble32(uint32_t word)
{
	return chash_rotate32(word * 0xCC9E2D51u, 15) * 0x1B873593u;
}

uint32_t
chash_murmur3_32(const void *bytes, size_t length, uint32_t seed)
{
	const uint8_t *next = bytes;
	size_t		left = length;
	uint32_t	hash = seed;

	for (; left >= 4; left -= 4, next += 4)
		hash = chash_rotate32(hash ^ scramble32(chash_load32(next)), 13) * 5 + 0xE6546B64u;
	hash ^= scramble32((uint32_t) chash_load_some(next, left));
	hash ^= (uint32_t) length;
	hash = (hash ^ (hash >> 16)) * 0x85EBCA6Bu;
	hash = (hash ^ (hash >> 13)) * 0xC2B2AE35u;
	return hash ^ (hash >> 16);
}

#define C1		UINT64_C(0x87C37B91114253D5)
#define C2		UINT64_C(0x4CF5AD432745937F)

static uint64_t
scramble_first(uint64_t word)
{
	return chash_rotate64(word * C1, 31) * C2;
}

static uint64_t
scramble_second(uint64_t word)
{
	return chash_rotate64(word * C2, 33) * C1;
}

static uint64_t
finish(uint64_t hash)
{
	hash = (hash ^ (hash >> 33)) * UINT64_C(0xFF51AFD7ED558CCD);
	hash = (hash ^ (hash >> 33)) * UINT64_C(0xC4CEB9FE1A85EC53);
	return hash ^ (hash >> 33);
}

/* Up to eight bytes of the last block; a signed one also changes the bits above it. */
static uint64_t
tail(const uint8_t *bytes, size_t count, bool is_signed)
{
	uint64_t	word = 0;
	size_t		i;

	if (!is_signed)
		return chash_load_some(bytes, count);
	for (i = 0; i < count; i++)
		word ^= chash_signed_byte64(bytes[i]) << (8 * i);
	return word;
}

static void
x64_128(const uint8_t *next, size_t length, bool is_signed, uint64_t half[2])
{
	size_t		left = length;
	uint64_t	h1 = 0;
	uint64_t	h2 = 0;

	for (; left >= 16; left -= 16, next += 16)
	{
		h1 ^= scramble_first(chash_load64(next));
		h1 = (chash_rotate64(h1, 27) + h2) * 5 + 0x52DCE729;
		h2 ^= scramble_second(chash_load64(next + 8));
		h2 = (chash_rotate64(h2, 31) + h1) * 5 + 0x38495AB5;
	}
	h1 ^= scramble_first(tail(next, left < 8 ? left : 8, is_signed));
	if (left > 8)
		h2 ^= scramble_second(tail(next + 8, left - 8, is_signed));

	h1 ^= length;
	h2 ^= length;
	h1 += h2;
	h2 += h1;
	h1 = finish(h1);
	h2 = finish(h2);
	h1 += h2;
	h2 += h1;
	half[0] = h1;
	half[1] = h2;
}

void
chash_murmur3_128(const void *bytes, size_t length, uint64_t half[2])
{
	x64_128(bytes, length, false, half);
}

uint64_t
chash_cassandra(const void *bytes, size_t length)
{
	const uint64_t sign = UINT64_C(1) << 63;
	uint64_t	half[2];

	x64_128(bytes, length, true, half);

	/* the smallest token is kept for "before all others", and is the largest instead */
	return half[0] == sign ? ~UINT64_C(0) : half[0] ^ sign;
}
