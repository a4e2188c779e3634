/*
 * numbers_fuzz.c
 *		Arithmetic of the core against OpenSSL's: any two integers of 288 bits.
 */
#include "fuzz.h"

#include <math.h>
#include <string.h>

/* Runs of equal bytes make carries go far. */
static chash_uint
take_uint(input *in)
{
	chash_uint	value = chash_uint_from(0);
	unsigned	limbs = take_below(in, CHASH_UINT_LIMBS + 1);
	bool		filled = take_byte(in) % 2;
	uint8_t		fill = take_byte(in);
	unsigned	i;

	for (i = 0; i < limbs; i++)
		value.limb[i] = filled ? fill * UINT32_C(0x01010101) : take_number(in);
	if (limbs > 0)
		value.limb[take_below(in, limbs)] += take_byte(in);
	return value;
}

/* Keep what fits into 288 bits. */
static void
wrap(BIGNUM *value)
{
	if (BN_num_bits(value) > CHASH_UINT_BITS)
		CHECK(BN_mask_bits(value, CHASH_UINT_BITS) == 1);
}

static void
check_division(chash_uint a, const BIGNUM *big, uint32_t divisor)
{
	BIGNUM	   *quotient = BN_dup(big);
	uint32_t	remainder = 0;
	BN_ULONG	rest = BN_div_word(quotient, divisor);

	CHECK(big_equal(chash_uint_divide(&a, divisor, &remainder), quotient));
	CHECK(remainder == rest && chash_uint_modulo(&a, divisor) == rest);
	CHECK(big_equal(chash_uint_divide(&a, divisor, NULL), quotient));
	BN_free(quotient);
}

static void
check_shifts(chash_uint a, const BIGNUM *big, unsigned bits)
{
	BIGNUM	   *shifted = BN_new();

	CHECK(BN_lshift(shifted, big, (int) bits) == 1);
	wrap(shifted);
	CHECK(big_equal(chash_uint_shift_left(&a, bits), shifted));
	CHECK(BN_rshift(shifted, big, (int) bits) == 1);
	CHECK(big_equal(chash_uint_shift_right(&a, bits), shifted));
	BN_free(shifted);
}

static void
check_text(chash_uint a, const BIGNUM *big)
{
	char		text[CHASH_UINT_DIGITS];
	char	   *expected = BN_bn2dec(big);

	CHECK(chash_uint_to_text(&a, text) == text);
	CHECK(strcmp(text, expected) == 0);
	OPENSSL_free(expected);
}

/* Of doubles only that the ratio is near: a and b are read from their digits. */
static void
check_ratio(chash_uint a, chash_uint b)
{
	double		ratio;
	double		expected;
	char		text[CHASH_UINT_DIGITS];

	if (chash_uint_is_zero(&b))
		return;
	ratio = chash_uint_ratio(&a, &b);
	expected = strtod(chash_uint_to_text(&a, text), NULL);
	expected /= strtod(chash_uint_to_text(&b, text), NULL);
	CHECK(fabs(ratio - expected) <= 1e-14 * expected);
}

void
fuzz_one(input *in)
{
	chash_uint	a = take_uint(in);
	chash_uint	b = take_uint(in);
	uint32_t	small = take_number(in);
	unsigned	bits = take_number(in) % CHASH_UINT_BITS;
	BIGNUM	   *big_a = big_of(a);
	BIGNUM	   *big_b = big_of(b);
	BIGNUM	   *result = BN_new();

	CHECK(BN_add(result, big_a, big_b) == 1);
	wrap(result);
	CHECK(big_equal(chash_uint_add(&a, &b), result));
	CHECK((chash_uint_compare(&a, &b) > 0) == (BN_cmp(big_a, big_b) > 0));
	CHECK((chash_uint_compare(&a, &b) == 0) == (BN_cmp(big_a, big_b) == 0));
	CHECK(chash_uint_is_zero(&a) == (BN_is_zero(big_a) == 1));
	if (BN_cmp(big_a, big_b) >= 0)
	{
		CHECK(BN_sub(result, big_a, big_b) == 1);
		CHECK(big_equal(chash_uint_subtract(&a, &b), result));
	}
	CHECK(BN_copy(result, big_a) && BN_mul_word(result, small) == 1);
	wrap(result);
	CHECK(big_equal(chash_uint_multiply(&a, small), result));
	BN_zero(result);
	CHECK(BN_set_bit(result, (int) bits) == 1);
	CHECK(big_equal(chash_uint_power_of_two(bits), result));
	if (small != 0)
		check_division(a, big_a, small);
	check_shifts(a, big_a, bits);
	check_text(a, big_a);
	check_ratio(a, b);
	BN_free(big_a);
	BN_free(big_b);
	BN_free(result);
}
