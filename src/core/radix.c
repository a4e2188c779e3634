/*
 * radix.c
 *		A radix sort that counts on hashes: their top bits nearly always decide.
 *
 * So it sorts by these, and then puts right the few that are out of order.  If
 * these are many, because someone made them so, it sorts by all bits.
 */
#include "core/radix.h"

#include <stdbool.h>

#define DIGIT_BITS		11
#define DIGITS			(1 << DIGIT_BITS)
#define ALL_DIGITS		6		/* 6 times 11 bits are 64 and more */
#define TOP_DIGITS		3
#define FAR				64		/* from its place, an entry that the top digits did not sort */

/* One pass: a stable sort by the digit that begins at bit "shift". */
static void
sort_by_digit(const chash_entry64 *from, chash_entry64 *to, uint32_t n, unsigned shift)
{
	uint32_t	start[DIGITS] = {0};
	uint32_t	sum = 0;
	uint32_t	i;

	for (i = 0; i < n; i++)
		start[(from[i].hash >> shift) % DIGITS]++;
	for (i = 0; i < DIGITS; i++)
	{
		uint32_t	count = start[i];

		start[i] = sum;
		sum += count;
	}
	for (i = 0; i < n; i++)
		to[start[(from[i].hash >> shift) % DIGITS]++] = from[i];
}

/* Sort by so many digits at the top; swaps the two arrays at each. */
static void
sort_by_digits(chash_entry64 **entries, chash_entry64 **other, uint32_t n, unsigned digits,
			   const chash_host *host)
{
	unsigned	shift = digits * DIGIT_BITS < 64 ? 64 - digits * DIGIT_BITS : 0;

	for (; shift < 64; shift += DIGIT_BITS)
	{
		chash_entry64 *sorted = *other;

		chash_check(host);
		sort_by_digit(*entries, sorted, n, shift);
		*other = *entries;
		*entries = sorted;
	}
}

/*
 * Put right what is only a little out of order; false if an entry is far from
 * its place.
 */
static bool
sort_nearly_sorted(chash_entry64 *entries, uint32_t n)
{
	uint32_t	i;

	for (i = 1; i < n; i++)
	{
		chash_entry64 moving = entries[i];
		uint32_t	place = i;

		while (place > 0 && i - place < FAR && entries[place - 1].hash > moving.hash)
		{
			entries[place] = entries[place - 1];
			place--;
		}
		entries[place] = moving;
		if (i - place == FAR)
			return false;
	}
	return true;
}

chash_entry64 *
chash_radix_sort(chash_entry64 *entries, uint32_t n, const chash_host *host)
{
	chash_entry64 *other = chash_alloc(host, n * sizeof(*other));

	sort_by_digits(&entries, &other, n, TOP_DIGITS, host);
	if (!sort_nearly_sorted(entries, n))
		sort_by_digits(&entries, &other, n, ALL_DIGITS, host);
	chash_release(host, other);
	return entries;
}
