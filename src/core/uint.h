/*
 * uint.h
 *		Unsigned integers of 288 bits: enough to count the 2^256 positions of
 *		SHA-256 and to multiply that by a 32-bit number.  Digests, positions
 *		and widths are such numbers.  Results that do not fit wrap around.
 */
#ifndef CHASH_UINT_H
#define CHASH_UINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHASH_UINT_LIMBS	9
#define CHASH_UINT_BITS		(32 * CHASH_UINT_LIMBS)
#define CHASH_UINT_DIGITS	88	/* room for the decimal digits and a zero byte */

typedef struct chash_uint
{
	uint32_t	limb[CHASH_UINT_LIMBS]; /* least significant first */
} chash_uint;

/*
 * These are inline because plans and rings need very many of them, and results
 * need not go through memory then.
 */
static inline chash_uint
chash_uint_from(uint64_t value)
{
	chash_uint	result = {{(uint32_t) value, (uint32_t) (value >> 32)}};

	return result;
}

static inline int
chash_uint_compare(const chash_uint *a, const chash_uint *b)
{
	int			i;

	for (i = CHASH_UINT_LIMBS - 1; i >= 0; i--)
	{
		if (a->limb[i] != b->limb[i])
			return a->limb[i] < b->limb[i] ? -1 : 1;
	}
	return 0;
}

static inline chash_uint
chash_uint_add(const chash_uint *a, const chash_uint *b)
{
	chash_uint	result;
	uint64_t	carry = 0;
	int			i;

	for (i = 0; i < CHASH_UINT_LIMBS; i++)
	{
		carry += (uint64_t) a->limb[i] + b->limb[i];
		result.limb[i] = (uint32_t) carry;
		carry >>= 32;
	}
	return result;
}

static inline chash_uint
chash_uint_subtract(const chash_uint *a, const chash_uint *b)
{
	chash_uint	result;
	uint64_t	borrow = 0;
	int			i;

	for (i = 0; i < CHASH_UINT_LIMBS; i++)
	{
		uint64_t	difference = (uint64_t) a->limb[i] - b->limb[i] - borrow;

		result.limb[i] = (uint32_t) difference;
		borrow = difference >> 63;
	}
	return result;
}

/* 2^exponent, where 0 <= exponent < CHASH_UINT_BITS. */
extern chash_uint chash_uint_power_of_two(unsigned exponent);

/* Big-endian bytes, 36 of them at the most. */
extern chash_uint chash_uint_from_bytes(const uint8_t *bytes, size_t length);

/* Byte number i of an integer of "bits" bits, counted from the most significant one. */
static inline uint8_t
chash_uint_byte(const chash_uint *a, unsigned bits, unsigned i)
{
	unsigned	place = bits / 8 - 1 - i;

	return (uint8_t) (a->limb[place / 4] >> (8 * (place % 4)));
}

/* The low 64 bits. */
static inline uint64_t
chash_uint_low64(const chash_uint *a)
{
	return ((uint64_t) a->limb[1] << 32) | a->limb[0];
}

extern bool chash_uint_is_zero(const chash_uint *a);
extern chash_uint chash_uint_multiply(const chash_uint *a, uint32_t factor);

/* The quotient; the remainder goes to *remainder unless that is NULL. */
extern chash_uint chash_uint_divide(const chash_uint *a, uint32_t divisor,
									uint32_t *remainder);

/* The remainder alone. */
extern uint32_t chash_uint_modulo(const chash_uint *a, uint32_t divisor);

/* 0 <= bits < CHASH_UINT_BITS for both. */
extern chash_uint chash_uint_shift_left(const chash_uint *a, unsigned bits);
extern chash_uint chash_uint_shift_right(const chash_uint *a, unsigned bits);

/* part / whole, correct to about 15 digits; whole must not be zero. */
extern double chash_uint_ratio(const chash_uint *part, const chash_uint *whole);

/* Decimal digits and a zero byte; returns text. */
extern char *chash_uint_to_text(const chash_uint *a, char text[CHASH_UINT_DIGITS]);

#endif							/* CHASH_UINT_H */
