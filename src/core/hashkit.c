/*
 * hashkit.c
 *		The hashes of libhashkit (libmemcached 1.1.4), which twemproxy 0.5.0
 *		has, too; where both have one they agree.  FNV is in fnv.c.
 *
 * Their code takes the bytes of a key for chars, which are signed on x86.  So
 * in one_at_a_time, and in one place of hsieh, a byte above 127 sets all higher
 * bits.
 *
 * one_at_a_time and jenkins are Bob Jenkins's "one at a time" and lookup3
 * (http://burtleburtle.net/bob/hash/doobs.html), hsieh is Paul Hsieh's
 * SuperFastHash (http://www.azillionmonkeys.com/qed/hash.html), and murmur is
 * Austin Appleby's MurmurHash2 (https://github.com/aappleby/smhasher), all but
 * the first with seeds of libhashkit's own.
 */
#include "core/byte_order.h"
#include "core/hashes.h"

#define SEED		0xDEADBEEFu

uint32_t
chash_hashkit_one_at_a_time(const void *bytes, size_t length)
{
	const uint8_t *next = bytes;
	uint32_t	hash = 0;

	while (length-- > 0)
	{
		hash += chash_signed_byte32(*next++);
		hash += hash << 10;
		hash ^= hash >> 6;
	}
	hash += hash << 3;
	hash ^= hash >> 11;
	hash += hash << 15;
	return hash;
}

/* Bits 16 to 30 of the CRC-32, a number below 32768. */
uint32_t
chash_hashkit_crc32(const void *bytes, size_t length)
{
	return (chash_crc32(0, bytes, length) >> 16) & 0x7FFF;
}

uint32_t
chash_hashkit_hsieh(const void *bytes, size_t length)
{
	const uint8_t *next = bytes;
	uint32_t	hash = 0;

	for (; length >= 4; length -= 4, next += 4)
	{
		uint32_t	word = chash_load32(next);

		hash += word & 0xFFFF;
		hash = (hash << 16) ^ (word >> 16 << 11) ^ hash;
		hash += hash >> 11;
	}
	switch (length)
	{
		case 3:
			hash += (uint32_t) chash_load_some(next, 2);
			hash ^= hash << 16;
			hash ^= chash_signed_byte32(next[2]) << 18;
			hash += hash >> 11;
			break;
		case 2:
			hash += (uint32_t) chash_load_some(next, 2);
			hash ^= hash << 11;
			hash += hash >> 17;
			break;
		case 1:
			hash += next[0];
			hash ^= hash << 10;
			hash += hash >> 1;
			break;
	}
	hash ^= hash << 3;
	hash += hash >> 5;
	hash ^= hash << 4;
	hash += hash >> 17;
	hash ^= hash << 25;
	hash += hash >> 6;
	return hash;
}

uint32_t
chash_hashkit_murmur(const void *bytes, size_t length)
{
	const uint32_t m = 0x5BD1E995u;
	const uint8_t *next = bytes;
	uint32_t	hash = (SEED * (uint32_t) length) ^ (uint32_t) length;

	for (; length >= 4; length -= 4, next += 4)
	{
		uint32_t	word = chash_load32(next) * m;

		hash = (hash * m) ^ ((word ^ (word >> 24)) * m);
	}
	if (length > 0)
		hash = (hash ^ (uint32_t) chash_load_some(next, length)) * m;
	hash ^= hash >> 13;
	hash *= m;
	hash ^= hash >> 15;
	return hash;
}

/* twemproxy does not have this one. */
uint32_t
chash_hashkit_murmur3(const void *bytes, size_t length)
{
	return chash_murmur3_32(bytes, length, SEED * (uint32_t) length);
}

/* What lookup3 does after each twelve bytes. */
static void
mix(uint32_t *a, uint32_t *b, uint32_t *c)
{
	*a = (*a - *c) ^ chash_rotate32(*c, 4);
	*c += *b;
	*b = (*b - *a) ^ chash_rotate32(*a, 6);
	*a += *c;
	*c = (*c - *b) ^ chash_rotate32(*b, 8);
	*b += *a;
	*a = (*a - *c) ^ chash_rotate32(*c, 16);
	*c += *b;
	*b = (*b - *a) ^ chash_rotate32(*a, 19);
	*a += *c;
	*c = (*c - *b) ^ chash_rotate32(*b, 4);
	*b += *a;
}

uint32_t
chash_hashkit_jenkins(const void *bytes, size_t length)
{
	const uint8_t *next = bytes;
	uint32_t	a = SEED + (uint32_t) length + 13;
	uint32_t	b = a;
	uint32_t	c = a;

	for (; length > 12; length -= 12, next += 12)
	{
		a += chash_load32(next);
		b += chash_load32(next + 4);
		c += chash_load32(next + 8);
		mix(&a, &b, &c);
	}
	if (length == 0)
		return c;

	/* up to twelve bytes are left, as if zeroes followed */
	a += (uint32_t) chash_load_some(next, length < 4 ? length : 4);
	if (length > 4)
		b += (uint32_t) chash_load_some(next + 4, length < 8 ? length - 4 : 4);
	if (length > 8)
		c += (uint32_t) chash_load_some(next + 8, length - 8);

	c = (c ^ b) - chash_rotate32(b, 14);
	a = (a ^ c) - chash_rotate32(c, 11);
	b = (b ^ a) - chash_rotate32(a, 25);
	c = (c ^ b) - chash_rotate32(b, 16);
	a = (a ^ c) - chash_rotate32(c, 4);
	b = (b ^ a) - chash_rotate32(a, 14);
	c = (c ^ b) - chash_rotate32(b, 24);
	return c;
}
