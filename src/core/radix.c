/*
 * radix.c
 *		A radix sort that begins with the top bits, which nearly always decide
 *		between hashes, and needs no second array: memory that is touched for
 *		the first time takes longer than anything that is done with it.
 */
#include "core/radix.h"

#define MAX_DIGIT_BITS	8
#define DIGITS			(1 << MAX_DIGIT_BITS)
#define FEW				16		/* are left to sort_nearly_sorted() */
#define MANY			4096	/* take long enough to look for an interrupt */

/*
 * The width of the digit to sort n points by, of the bits that are left: such
 * that a few points have each value.
 */
static unsigned
choose_digit(uint32_t n, unsigned bits)
{
	unsigned	digit = 1;

	while (digit < MAX_DIGIT_BITS && n >> (digit + 2) > 0)
		digit++;
	return digit < bits ? digit : bits;
}

/* Bring the points of each digit together; end says where those of each end. */
static void
sort_by_digit(chash_point *points, uint32_t n, unsigned shift, unsigned mask, uint32_t *end)
{
	uint32_t	next[DIGITS];
	uint32_t	sum = 0;
	uint32_t	i;
	unsigned	digit;

	for (digit = 0; digit <= mask; digit++)
		end[digit] = 0;
	for (i = 0; i < n; i++)
		end[(points[i].head >> shift) & mask]++;
	for (digit = 0; digit <= mask; digit++)
	{
		next[digit] = sum;
		sum += end[digit];
		end[digit] = sum;
	}
	for (digit = 0; digit <= mask; digit++)
	{
		while (next[digit] < end[digit])
		{
			chash_point moving = points[next[digit]];
			unsigned	to = (moving.head >> shift) & mask;

			/* each takes the place of another one, until one belongs here */
			while (to != digit)
			{
				chash_point other = points[next[to]];

				points[next[to]++] = moving;
				moving = other;
				to = (moving.head >> shift) & mask;
			}
			points[next[digit]++] = moving;
		}
	}
}

/* Sort by the lowest "bits" bits, down to groups of a few points. */
static void
sort_by_digits(chash_point *points, uint32_t n, unsigned bits, const chash_host *host)
{
	uint32_t	end[DIGITS];
	unsigned	width = choose_digit(n, bits);
	unsigned	shift = bits - width;
	unsigned	mask = (1U << width) - 1;
	uint32_t	begin = 0;
	unsigned	digit;

	if (n > MANY)
		chash_check(host);
	sort_by_digit(points, n, shift, mask, end);
	for (digit = 0; digit <= mask && shift > 0; digit++)
	{
		if (end[digit] - begin > FEW)
			sort_by_digits(points + begin, end[digit] - begin, shift, host);
		begin = end[digit];
	}
}

/* Put right what is at most FEW places from where it belongs. */
static void
sort_nearly_sorted(chash_point *points, uint32_t n)
{
	uint32_t	i;

	for (i = 1; i < n; i++)
	{
		chash_point moving = points[i];
		uint32_t	place = i;

		while (place > 0 && points[place - 1].head > moving.head)
		{
			points[place] = points[place - 1];
			place--;
		}
		points[place] = moving;
	}
}

void
chash_radix_sort(chash_point *points, uint32_t n, unsigned bits, const chash_host *host)
{
	sort_by_digits(points, n, bits, host);
	sort_nearly_sorted(points, n);
}
