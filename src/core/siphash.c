/*
 * siphash.c
 *		SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF",
 *		INDOCRYPT 2012, https://www.aumasson.jp/siphash/siphash.pdf).
 */
#include "core/byte_order.h"
#include "core/hashes.h"

typedef struct sip_state
{
	uint64_t	v0;
	uint64_t	v1;
	uint64_t	v2;
	uint64_t	v3;
} sip_state;

static void
rounds(sip_state *s, int n)
{
	while (n-- > 0)
	{
		s->v0 += s->v1;
		s->v2 += s->v3;
		s->v1 = chash_rotate64(s->v1, 13) ^ s->v0;
		s->v3 = chash_rotate64(s->v3, 16) ^ s->v2;
		s->v0 = chash_rotate64(s->v0, 32);
		s->v2 += s->v1;
		s->v0 += s->v3;
		s->v1 = chash_rotate64(s->v1, 17) ^ s->v2;
		s->v3 = chash_rotate64(s->v3, 21) ^ s->v0;
		s->v2 = chash_rotate64(s->v2, 32);
	}
}

static void
compress(sip_state *s, uint64_t word)
{
	s->v3 ^= word;
	rounds(s, 2);
	s->v0 ^= word;
}

uint64_t
chash_siphash24(uint64_t key0, uint64_t key1, const void *bytes, size_t length)
{
	/* "somepseudorandomlygeneratedbytes" */
	sip_state	s = {
		key0 ^ UINT64_C(0x736F6D6570736575),
		key1 ^ UINT64_C(0x646F72616E646F6D),
		key0 ^ UINT64_C(0x6C7967656E657261),
		key1 ^ UINT64_C(0x7465646279746573)
	};
	const uint8_t *next = bytes;
	size_t		left = length;

	for (; left >= 8; left -= 8, next += 8)
		compress(&s, chash_load64(next));
	compress(&s, chash_load_some(next, left) | (uint64_t) length << 56);
	s.v2 ^= 0xFF;
	rounds(&s, 4);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
