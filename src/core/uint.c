/*
 * uint.c
 *		Schoolbook arithmetic on 32-bit limbs: it needs no 128-bit integers, so
 *		that every platform of PostgreSQL computes the same.
 */
#include "core/uint.h"

#include <math.h>
#include <string.h>

chash_uint
chash_uint_power_of_two(unsigned exponent)
{
	chash_uint	result = {{0}};

	result.limb[exponent / 32] = (uint32_t) 1 << (exponent % 32);
	return result;
}

chash_uint
chash_uint_from_bytes(const uint8_t *bytes, size_t length)
{
	chash_uint	result = {{0}};
	size_t		i;

	for (i = 0; i < length; i++)
	{
		size_t		place = length - 1 - i;

		result.limb[place / 4] |= (uint32_t) bytes[i] << (8 * (place % 4));
	}
	return result;
}

bool
chash_uint_is_zero(const chash_uint *a)
{
	int			i;

	for (i = 0; i < CHASH_UINT_LIMBS; i++)
	{
		if (a->limb[i] != 0)
			return false;
	}
	return true;
}

chash_uint
chash_uint_multiply(const chash_uint *a, uint32_t factor)
{
	chash_uint	result;
	uint64_t	carry = 0;
	int			i;

	for (i = 0; i < CHASH_UINT_LIMBS; i++)
	{
		carry += (uint64_t) a->limb[i] * factor;
		result.limb[i] = (uint32_t) carry;
		carry >>= 32;
	}
	return result;
}

chash_uint
chash_uint_divide(const chash_uint *a, uint32_t divisor, uint32_t *remainder)
{
	chash_uint	result;
	uint64_t	rest = 0;
	int			i;

	for (i = CHASH_UINT_LIMBS - 1; i >= 0; i--)
	{
		rest = (rest << 32) | a->limb[i];
		result.limb[i] = (uint32_t) (rest / divisor);
		rest %= divisor;
	}
	if (remainder)
		*remainder = (uint32_t) rest;
	return result;
}

uint32_t
chash_uint_modulo(const chash_uint *a, uint32_t divisor)
{
	uint64_t	rest = 0;
	int			i = CHASH_UINT_LIMBS - 1;

	/* most digests are 64 bits wide, and a division is slow */
	while (i > 1 && a->limb[i] == 0)
		i--;
	for (; i >= 0; i--)
		rest = ((rest << 32) | a->limb[i]) % divisor;
	return (uint32_t) rest;
}

chash_uint
chash_uint_shift_left(const chash_uint *a, unsigned bits)
{
	chash_uint	result = {{0}};
	unsigned	limbs = bits / 32;
	unsigned	i;

	bits %= 32;
	for (i = limbs; i < CHASH_UINT_LIMBS; i++)
	{
		result.limb[i] = a->limb[i - limbs] << bits;
		if (bits > 0 && i > limbs)
			result.limb[i] |= a->limb[i - limbs - 1] >> (32 - bits);
	}
	return result;
}

chash_uint
chash_uint_shift_right(const chash_uint *a, unsigned bits)
{
	chash_uint	result = {{0}};
	unsigned	limbs = bits / 32;
	unsigned	i;

	bits %= 32;
	for (i = 0; i + limbs < CHASH_UINT_LIMBS; i++)
	{
		result.limb[i] = a->limb[i + limbs] >> bits;
		if (bits > 0 && i + limbs + 1 < CHASH_UINT_LIMBS)
			result.limb[i] |= a->limb[i + limbs + 1] << (32 - bits);
	}
	return result;
}

double
chash_uint_ratio(const chash_uint *part, const chash_uint *whole)
{
	double		numerator = 0;
	double		denominator = 0;
	int			i;

	/* adding from the low end keeps the rounding errors small; 2^288 fits */
	for (i = 0; i < CHASH_UINT_LIMBS; i++)
	{
		numerator += ldexp((double) part->limb[i], 32 * i);
		denominator += ldexp((double) whole->limb[i], 32 * i);
	}
	return numerator / denominator;
}

char *
chash_uint_to_text(const chash_uint *a, char text[CHASH_UINT_DIGITS])
{
	chash_uint	rest = *a;
	char		digits[CHASH_UINT_DIGITS];
	size_t		start = CHASH_UINT_DIGITS - 1;

	digits[start] = '\0';
	do
	{
		uint32_t	digit;

		rest = chash_uint_divide(&rest, 10, &digit);
		digits[--start] = (char) ('0' + digit);
	} while (!chash_uint_is_zero(&rest));
	return memcpy(text, digits + start, CHASH_UINT_DIGITS - start);
}
