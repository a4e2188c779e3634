/*
 * uint_test.c
 *		Arithmetic on 288 bits against OpenSSL's big numbers, the compiler's
 *		128-bit integers and numbers that are written out.
 */
#include "fixture.h"

#include <math.h>
#include <string.h>

#define ROUNDS		1000

/* Numbers of all lengths, some with long runs of zeros and ones. */
static chash_uint
random_uint(void)
{
	chash_uint	result = random_position(1 + test_below(CHASH_UINT_BITS));
	uint32_t	i;

	for (i = test_below(2) * test_below(CHASH_UINT_LIMBS); i > 0; i--)
		result.limb[test_below(CHASH_UINT_LIMBS)] = test_below(2) ? 0 : UINT32_MAX;
	return result;
}

static uint32_t
random_factor(void)
{
	uint32_t	factor = (uint32_t) (test_random() >> (32 + test_below(32)));

	return factor > 0 ? factor : UINT32_MAX;
}

static bool
has_text(chash_uint value, const char *expected)
{
	char		text[CHASH_UINT_DIGITS];

	memset(text, 'x', sizeof(text));
	return chash_uint_to_text(&value, text) == text && strcmp(text, expected) == 0;
}

static chash_uint
all_ones(void)
{
	chash_uint	result;

	memset(&result, 0xFF, sizeof(result));
	return result;
}

static void
written_out(void)
{
	CHECK(has_text(chash_uint_from(0), "0"));
	CHECK(has_text(chash_uint_from(10), "10"));
	CHECK(has_text(chash_uint_from(UINT64_MAX), "18446744073709551615"));
	CHECK(has_text(chash_uint_power_of_two(0), "1"));
	CHECK(has_text(chash_uint_power_of_two(64), "18446744073709551616"));
	CHECK(has_text(chash_uint_power_of_two(128), "340282366920938463463374607431768211456"));
	CHECK(has_text(chash_uint_power_of_two(256),
				   "1157920892373161954235709850086879078532"
				   "69984665640564039457584007913129639936"));
	CHECK(has_text(chash_uint_power_of_two(287),
				   "2486616182048933210776911240734104200502"
				   "28075398673858720231988446579748506266687766528"));
	CHECK(has_text(all_ones(),
				   "4973232364097866421553822481468208401004"
				   "56150797347717440463976893159497012533375533055"));
}

static void
from_bytes(void)
{
	uint8_t		bytes[36];
	int			i;

	for (i = 0; i < 36; i++)
		bytes[i] = (uint8_t) (i + 1);
	CHECK(equal(chash_uint_from_bytes(bytes, 0), chash_uint_from(0)));
	CHECK(equal(chash_uint_from_bytes(bytes, 1), chash_uint_from(1)));
	CHECK(equal(chash_uint_from_bytes(bytes, 3), chash_uint_from(0x010203)));
	CHECK(equal(chash_uint_from_bytes(bytes, 8), chash_uint_from(UINT64_C(0x0102030405060708))));
	for (i = 0; i <= 36; i++)
	{
		BIGNUM	   *big = BN_bin2bn(bytes, i, NULL);

		CHECK(big_equal(chash_uint_from_bytes(bytes, (size_t) i), big));
		BN_free(big);
	}
}

static void
powers(void)
{
	unsigned	i;

	for (i = 0; i < CHASH_UINT_BITS; i++)
	{
		chash_uint	power = chash_uint_power_of_two(i);
		chash_uint	below = minus(power, 1);
		chash_uint	one = chash_uint_from(1);
		BIGNUM	   *big = BN_new();

		BN_set_bit(big, (int) i);
		CHECK(big_equal(power, big));
		BN_free(big);
		CHECK(equal(chash_uint_shift_left(&one, i), power));
		CHECK(equal(chash_uint_shift_right(&power, i), one));
		CHECK(chash_uint_compare(&below, &power) < 0);
		CHECK(chash_uint_compare(&power, &below) > 0);
		CHECK(chash_uint_compare(&power, &power) == 0);
		CHECK(equal(plus(below, 1), power));
		CHECK(!chash_uint_is_zero(&power));
	}
}

#ifdef __SIZEOF_INT128__

typedef unsigned __int128 wide;

static chash_uint
from_wide(wide value)
{
	chash_uint	high = chash_uint_from((uint64_t) (value >> 64));

	high.limb[2] = high.limb[0];
	high.limb[3] = high.limb[1];
	high.limb[0] = (uint32_t) value;
	high.limb[1] = (uint32_t) (value >> 32);
	return high;
}

static void
against_int128(void)
{
	int			i;

	for (i = 0; i < ROUNDS; i++)
	{
		/* of up to 95 bits, so that nothing overflows 128 */
		wide		a = ((wide) test_random() << 31 ^ test_random()) >> test_below(95);
		wide		b = ((wide) test_random() << 31 ^ test_random()) >> test_below(95);
		uint32_t	factor = random_factor();
		unsigned	shift = test_below(33);
		chash_uint	x = from_wide(a);
		chash_uint	y = from_wide(b);
		uint32_t	rest;

		CHECK(chash_uint_low64(&x) == (uint64_t) a);
		CHECK(chash_uint_is_zero(&x) == (a == 0));
		CHECK(chash_uint_compare(&x, &y) == (a > b) - (a < b));
		CHECK(equal(chash_uint_add(&x, &y), from_wide(a + b)));
		if (a >= b)
			CHECK(equal(chash_uint_subtract(&x, &y), from_wide(a - b)));
		CHECK(equal(chash_uint_multiply(&x, factor), from_wide(a * factor)));
		CHECK(equal(chash_uint_divide(&x, factor, &rest), from_wide(a / factor)));
		CHECK(rest == (uint32_t) (a % factor));
		CHECK(chash_uint_modulo(&x, factor) == rest);
		CHECK(equal(chash_uint_shift_left(&x, shift), from_wide(a << shift)));
		CHECK(equal(chash_uint_shift_right(&x, shift), from_wide(a >> shift)));
	}
}

#endif

static void
against_big_numbers(void)
{
	BIGNUM	   *limit = BN_new();
	BIGNUM	   *big = BN_new();
	BN_CTX	   *context = BN_CTX_new();
	int			i;

	BN_set_bit(limit, CHASH_UINT_BITS);
	for (i = 0; i < ROUNDS; i++)
	{
		chash_uint	x = random_uint();
		chash_uint	y = random_uint();
		uint32_t	factor = random_factor();
		unsigned	shift = test_below(CHASH_UINT_BITS);
		uint32_t	rest;
		BIGNUM	   *a = big_of(x);
		BIGNUM	   *b = big_of(y);
		char	   *digits = BN_bn2dec(a);

		test_context("round %d", i);
		CHECK(has_text(x, digits));
		CHECK(chash_uint_compare(&x, &y) == BN_cmp(a, b));
		BN_mod_add(big, a, b, limit, context);
		CHECK(big_equal(chash_uint_add(&x, &y), big));
		BN_mod_sub(big, a, b, limit, context);
		CHECK(big_equal(chash_uint_subtract(&x, &y), big));
		BN_lshift(big, a, (int) shift);
		BN_nnmod(big, big, limit, context);
		CHECK(big_equal(chash_uint_shift_left(&x, shift), big));
		BN_rshift(big, a, (int) shift);
		CHECK(big_equal(chash_uint_shift_right(&x, shift), big));
		BN_copy(big, a);
		BN_mul_word(big, factor);
		BN_nnmod(big, big, limit, context);
		CHECK(big_equal(chash_uint_multiply(&x, factor), big));
		CHECK(chash_uint_modulo(&x, factor) == BN_mod_word(a, factor));
		CHECK(BN_div_word(a, factor) == (BN_ULONG) chash_uint_modulo(&x, factor));
		CHECK(big_equal(chash_uint_divide(&x, factor, &rest), a));
		CHECK(rest == chash_uint_modulo(&x, factor));
		CHECK(big_equal(chash_uint_divide(&x, factor, NULL), a));
		OPENSSL_free(digits);
		BN_free(a);
		BN_free(b);
	}
	BN_CTX_free(context);
	BN_free(big);
	BN_free(limit);
}

static void
identities(void)
{
	int			i;

	for (i = 0; i < ROUNDS; i++)
	{
		chash_uint	a = random_uint();
		chash_uint	b = random_uint();
		uint32_t	divisor = random_factor();
		unsigned	shift = test_below(CHASH_UINT_BITS);
		chash_uint	sum = chash_uint_add(&a, &b);
		uint32_t	rest;
		chash_uint	result;

		test_context("round %d", i);
		CHECK(equal(chash_uint_add(&b, &a), sum));
		CHECK(equal(chash_uint_subtract(&sum, &b), a));
		CHECK(equal(chash_uint_subtract(&sum, &a), b));

		result = chash_uint_divide(&a, divisor, &rest);
		CHECK(rest < divisor);
		result = chash_uint_multiply(&result, divisor);
		CHECK(equal(plus(result, rest), a));

		/* shifting by two parts is shifting by both */
		result = chash_uint_shift_left(&a, shift / 3);
		CHECK(equal(chash_uint_shift_left(&result, shift - shift / 3),
					chash_uint_shift_left(&a, shift)));
		result = chash_uint_shift_right(&a, shift / 3);
		CHECK(equal(chash_uint_shift_right(&result, shift - shift / 3),
					chash_uint_shift_right(&a, shift)));

		/* x + x = 2x = x shifted by one */
		CHECK(equal(chash_uint_add(&a, &a), chash_uint_multiply(&a, 2)));
		CHECK(equal(chash_uint_add(&a, &a), chash_uint_shift_left(&a, 1)));
	}
}

static void
wraps_around(void)
{
	chash_uint	zero = chash_uint_from(0);
	chash_uint	ones = all_ones();

	CHECK(equal(plus(ones, 1), zero));
	CHECK(equal(minus(zero, 1), ones));
	CHECK(equal(chash_uint_multiply(&ones, 2), minus(ones, 1)));
	CHECK(equal(chash_uint_shift_left(&ones, 287), chash_uint_power_of_two(287)));
	CHECK(equal(chash_uint_shift_right(&ones, 287), chash_uint_from(1)));
	CHECK(equal(chash_uint_multiply(&ones, 0), zero));
	CHECK(chash_uint_is_zero(&zero) && !chash_uint_is_zero(&ones));
}

static void
ratios(void)
{
	BIGNUM	   *quotient = BN_new();
	BN_CTX	   *context = BN_CTX_new();
	unsigned	i;

	for (i = 0; i < CHASH_UINT_BITS; i++)
	{
		chash_uint	power = chash_uint_power_of_two(i);
		chash_uint	whole = chash_uint_power_of_two(256);
		chash_uint	zero = chash_uint_from(0);

		CHECK(chash_uint_ratio(&power, &whole) == ldexp(1, (int) i - 256));
		CHECK(chash_uint_ratio(&power, &power) == 1);
		CHECK(chash_uint_ratio(&zero, &power) == 0);
	}
	for (i = 0; i < ROUNDS; i++)
	{
		chash_uint	part = random_uint();
		chash_uint	whole = random_uint();
		double		ratio;
		BIGNUM	   *a;
		BIGNUM	   *b;
		int			shift;
		double		expected;

		if (chash_uint_is_zero(&part) || chash_uint_is_zero(&whole))
			continue;
		ratio = chash_uint_ratio(&part, &whole);

		/* 62 or 63 bits of the quotient, in integers */
		a = big_of(part);
		b = big_of(whole);
		shift = 62 + BN_num_bits(b) - BN_num_bits(a);
		if (shift >= 0)
			BN_lshift(a, a, shift);
		else
			BN_lshift(b, b, -shift);
		BN_div(quotient, NULL, a, b, context);
		expected = ldexp((double) BN_get_word(quotient), -shift);
		test_context("round %u: %.17g instead of %.17g", i, ratio, expected);
		CHECK(fabs(ratio - expected) <= 1e-15 * expected);
		BN_free(a);
		BN_free(b);
	}
	BN_CTX_free(context);
	BN_free(quotient);
}

const test_case uint_tests[] = {
	{"uint: numbers written out", written_out},
	{"uint: from big-endian bytes", from_bytes},
	{"uint: powers of two", powers},
#ifdef __SIZEOF_INT128__
	{"uint: the same as 128-bit integers", against_int128},
#endif
	{"uint: the same as OpenSSL's big numbers", against_big_numbers},
	{"uint: identities", identities},
	{"uint: wraps around at 288 bits", wraps_around},
	{"uint: ratios", ratios},
	{NULL, NULL}
};
