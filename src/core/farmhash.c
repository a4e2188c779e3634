/*
 * farmhash.c
 *		Fingerprint64 of Google's FarmHash 1.1 (Geoff Pike,
 *		https://github.com/google/farmhash), which never changes; Guava has it
 *		as farmHashFingerprint64.
 */
#include "core/byte_order.h"
#include "core/hashes.h"

#define K0		UINT64_C(0xC3A5C85C97CB3127)
#define K1		UINT64_C(0xB492B66FBE98F273)
#define K2		UINT64_C(0x9AE16A3B2F90404F)

static uint64_t
rotate_right(uint64_t value, unsigned bits)
{
	return chash_rotate64(value, 64 - bits);
}

static uint64_t
shift_mix(uint64_t value)
{
	return value ^ (value >> 47);
}

/* Two words into one. */
static uint64_t
join(uint64_t u, uint64_t v, uint64_t factor)
{
	uint64_t	a = shift_mix((u ^ v) * factor);

	return shift_mix((v ^ a) * factor) * factor;
}

static uint64_t
up_to_16(const uint8_t *s, size_t length)
{
	uint64_t	factor = K2 + 2 * (uint64_t) length;

	if (length >= 8)
	{
		uint64_t	a = chash_load64(s) + K2;
		uint64_t	b = chash_load64(s + length - 8);

		return join(rotate_right(b, 37) * factor + a, (rotate_right(a, 25) + b) * factor, factor);
	}
	if (length >= 4)
		return join(length + ((uint64_t) chash_load32(s) << 3), chash_load32(s + length - 4), factor);
	if (length > 0)
	{
		uint64_t	first_and_middle = s[0] + ((uint64_t) s[length / 2] << 8);
		uint64_t	last = length + ((uint64_t) s[length - 1] << 2);

		return shift_mix((first_and_middle * K2) ^ (last * K0)) * K2;
	}
	return K2;
}

static uint64_t
up_to_32(const uint8_t *s, size_t length)
{
	uint64_t	factor = K2 + 2 * (uint64_t) length;
	uint64_t	a = chash_load64(s) * K1;
	uint64_t	b = chash_load64(s + 8);
	uint64_t	c = chash_load64(s + length - 8) * factor;
	uint64_t	d = chash_load64(s + length - 16) * K2;

	return join(rotate_right(a + b, 43) + rotate_right(c, 30) + d,
				a + rotate_right(b + K2, 18) + c, factor);
}

static uint64_t
up_to_64(const uint8_t *s, size_t length)
{
	uint64_t	factor = K2 + 2 * (uint64_t) length;
	uint64_t	a = chash_load64(s) * K2;
	uint64_t	b = chash_load64(s + 8);
	uint64_t	c = chash_load64(s + length - 8) * factor;
	uint64_t	d = chash_load64(s + length - 16) * K2;
	uint64_t	y = rotate_right(a + b, 43) + rotate_right(c, 30) + d;
	uint64_t	z = join(y, a + rotate_right(b + K2, 18) + c, factor);
	uint64_t	e = chash_load64(s + 16) * factor;
	uint64_t	f = chash_load64(s + 24);
	uint64_t	g = (y + chash_load64(s + length - 32)) * factor;
	uint64_t	h = (z + chash_load64(s + length - 24)) * factor;

	return join(rotate_right(e + f, 43) + rotate_right(g, 30) + h,
				e + rotate_right(f + a, 18) + g, factor);
}

/* What goes from block to block. */
typedef struct farm_state
{
	uint64_t	x;
	uint64_t	y;
	uint64_t	z;
	uint64_t	v[2];
	uint64_t	w[2];
} farm_state;

/* 32 bytes and two seeds into two words. */
static void
weak_hash(const uint8_t *s, uint64_t a, uint64_t b, uint64_t result[2])
{
	uint64_t	last = chash_load64(s + 24);
	uint64_t	begin;

	a += chash_load64(s);
	b = rotate_right(b + a + last, 21);
	begin = a;
	a += chash_load64(s + 8) + chash_load64(s + 16);
	result[0] = a + last;
	result[1] = b + rotate_right(a, 44) + begin;
}

/* 64 bytes; the last block has another factor, and nine times as much of v and w. */
static void
take_block(farm_state *state, const uint8_t *s, uint64_t factor, uint64_t times)
{
	uint64_t	x = rotate_right(state->x + state->y + state->v[0] + chash_load64(s + 8), 37) * factor;
	uint64_t	y = rotate_right(state->y + state->v[1] + chash_load64(s + 48), 42) * factor;
	uint64_t	z = rotate_right(state->z + state->w[0], 33) * factor;

	x ^= state->w[1] * times;
	y += state->v[0] * times + chash_load64(s + 40);
	weak_hash(s, state->v[1] * factor, x + state->w[0], state->v);
	weak_hash(s + 32, z + state->w[1], y + chash_load64(s + 16), state->w);
	state->x = z;
	state->y = y;
	state->z = x;
}

static uint64_t
above_64(const uint8_t *s, size_t length)
{
	const uint8_t *last = s + length - 64;
	size_t		left = length;
	farm_state	state = {0};
	uint64_t	factor;

	state.x = 81 * K2 + chash_load64(s);
	state.y = 81 * K1 + 113;
	state.z = shift_mix(state.y * K2 + 113) * K2;
	for (; left > 64; left -= 64, s += 64)
		take_block(&state, s, K1, 1);

	/* the last 64 bytes, which overlap with those before unless 64 are left */
	factor = K1 + ((state.z & 0xFF) << 1);
	state.w[0] += left - 1;
	state.v[0] += state.w[0];
	state.w[0] += state.v[0];
	take_block(&state, last, factor, 9);
	return join(join(state.v[0], state.w[0], factor) + shift_mix(state.y) * K0 + state.z,
				join(state.v[1], state.w[1], factor) + state.x, factor);
}

uint64_t
chash_farmhash64(const void *bytes, size_t length)
{
	if (length <= 16)
		return up_to_16(bytes, length);
	if (length <= 32)
		return up_to_32(bytes, length);
	if (length <= 64)
		return up_to_64(bytes, length);
	return above_64(bytes, length);
}
