/*
 * fnv.c
 *		FNV-1 and FNV-1a (Fowler, Noll and Vo,
 *		http://www.isthe.com/chongo/tech/comp/fnv), and what libhashkit made
 *		of them.
 *
 * libhashkit (libmemcached 1.1.4) and twemproxy 0.5.0 have the same code: a
 * byte is a char, which is signed on x86, so that one above 127 sets all
 * higher bits, too.  Of their "64" variants only the low 32 bits are returned,
 * which do not depend on the others.
 */
#include "core/byte_order.h"
#include "core/hashes.h"

#define OFFSET_32		0x811C9DC5u
#define PRIME_32		0x01000193u

/* the low halves of the numbers for 64 bits */
#define OFFSET_64_LOW	0x84222325u
#define PRIME_64_LOW	0x000001B3u

static uint32_t
signed_fnv1(uint32_t hash, uint32_t prime, const uint8_t *next, size_t length)
{
	while (length-- > 0)
		hash = (hash * prime) ^ chash_signed_byte32(*next++);
	return hash;
}

static uint32_t
signed_fnv1a(uint32_t hash, uint32_t prime, const uint8_t *next, size_t length)
{
	while (length-- > 0)
		hash = (hash ^ chash_signed_byte32(*next++)) * prime;
	return hash;
}

uint32_t
chash_fnv1a_32(const void *bytes, size_t length)
{
	const uint8_t *next = bytes;
	uint32_t	hash = OFFSET_32;

	while (length-- > 0)
		hash = (hash ^ *next++) * PRIME_32;
	return hash;
}

uint32_t
chash_hashkit_fnv1_32(const void *bytes, size_t length)
{
	return signed_fnv1(OFFSET_32, PRIME_32, bytes, length);
}

uint32_t
chash_hashkit_fnv1a_32(const void *bytes, size_t length)
{
	return signed_fnv1a(OFFSET_32, PRIME_32, bytes, length);
}

uint32_t
chash_hashkit_fnv1_64(const void *bytes, size_t length)
{
	return signed_fnv1(OFFSET_64_LOW, PRIME_64_LOW, bytes, length);
}

uint32_t
chash_hashkit_fnv1a_64(const void *bytes, size_t length)
{
	return signed_fnv1a(OFFSET_64_LOW, PRIME_64_LOW, bytes, length);
}
