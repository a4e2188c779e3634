/*
 * haproxy.c
 *		The hash functions of HAProxy 2.6 ("hash-type ... sdbm", djb2 and wt6),
 *		and its avalanche.  Its crc32 is in crc.c.
 *
 * Described in HAProxy's configuration manual under "hash-type".  sdbm and
 * djb2 are old acquaintances (http://www.cse.yorku.ca/~oz/hash.html), wt6 is
 * HAProxy's own.  Bytes are unsigned.
 */
#include "core/byte_order.h"
#include "core/hashes.h"

uint32_t
chash_haproxy_sdbm(const void *bytes, size_t length)
{
	const uint8_t *next = bytes;
	uint32_t	hash = 0;

	while (length-- > 0)
		hash = hash * 65599 + *next++;
	return hash;
}

uint32_t
chash_haproxy_djb2(const void *bytes, size_t length)
{
	const uint8_t *next = bytes;
	uint32_t	hash = 5381;

	while (length-- > 0)
		hash = hash * 33 + *next++;
	return hash;
}

/* The bits of the two halves rotate by numbers that the halves themselves give. */
uint32_t
chash_haproxy_wt6(const void *bytes, size_t length)
{
	const uint8_t *next = bytes;
	uint32_t	h0 = 0xA53C965Au;
	uint32_t	h1 = 0x5CA6953Au;
	unsigned	step0 = 6;
	unsigned	step1 = 18;

	for (; length > 0; length--, next++)
	{
		uint32_t	left = ~(h0 ^ *next);
		uint32_t	right = ~(h1 + *next);
		uint32_t	mixed;

		h0 = chash_rotate32(right, step0);
		h1 = chash_rotate32(left, step1);
		mixed = ((h0 >> 16) ^ h1) & 0xFFFF;
		step0 = mixed & 31;
		step1 = mixed >> 11;
	}
	return h0 ^ h1;
}

/*
 * One of Bob Jenkins's integer hashes
 * (http://burtleburtle.net/bob/hash/integer.html), times a prime near 3/4 of 2^32.
 */
uint32_t
chash_haproxy_avalanche(uint32_t hash)
{
	hash = (hash + 0x7ED55D16u) + (hash << 12);
	hash = (hash ^ 0xC761C23Cu) ^ (hash >> 19);
	hash = (hash + 0x165667B1u) + (hash << 5);
	hash = (hash + 0xD3A2646Cu) ^ (hash << 9);
	hash = (hash + 0xFD7046C5u) + (hash << 3);
	hash = (hash ^ 0xB55A4F09u) ^ (hash >> 16);
	return hash * 3221225473u;
}
