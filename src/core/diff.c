/*
 * diff.c
 *		The difference of two routers, piece by piece.
 *
 * Three ways lead to exact pieces: two sets of ranges are merged; two sets of
 * residue classes repeat with the least common multiple of their moduli; and
 * of each range the residues can be counted.  Without slices there is only a
 * sample, and without common positions only what the shares let expect.
 */
#include "core/diff.h"
#include "core/sample.h"

#include <string.h>

static const chash_strategy *
strategy_of(const chash_compiled *compiled)
{
	return compiled->router->strategy;
}

/* Residue classes of one position each are as good as ranges. */
static bool
is_periodic(const chash_compiled *compiled)
{
	chash_uint	slices = chash_uint_from(compiled->nslices);

	return strategy_of(compiled)->periodic && chash_uint_compare(&compiled->space, &slices) != 0;
}

/* Slice i, in positions of the common space. */
static chash_slice
slice_of(const chash_compiled *compiled, uint32_t i, unsigned shift)
{
	chash_slice slice;

	strategy_of(compiled)->slice(compiled, i, &slice);
	if (shift > 0)
	{
		slice.first = chash_uint_shift_left(&slice.first, shift);
		slice.width = chash_uint_shift_left(&slice.width, shift);
	}
	return slice;
}

/* Slice i as a range that a merge has come to; beyond the last one there is none. */
static void
come_to(chash_range *range, const chash_compiled *compiled, uint32_t i, unsigned shift)
{
	chash_slice slice;

	if (i == compiled->nslices)
		return;
	slice = slice_of(compiled, i, shift);
	range->end = chash_uint_add(&slice.first, &slice.width);
	range->shard = slice.shard;
}

/* ---- ranges and ranges: merge ---- */

static bool
next_of_ranges(chash_diff *diff, chash_piece *piece)
{
	int			order;

	if (diff->i == diff->before->nslices || diff->j == diff->after->nslices)
		return false;
	order = chash_uint_compare(&diff->range_before.end, &diff->range_after.end);
	piece->source = diff->range_before.shard;
	piece->target = diff->range_after.shard;
	if (order <= 0)
	{
		piece->width = chash_uint_subtract(&diff->range_before.end, &diff->position);
		diff->position = diff->range_before.end;
	}
	else
	{
		piece->width = chash_uint_subtract(&diff->range_after.end, &diff->position);
		diff->position = diff->range_after.end;
	}
	if (order <= 0)
		come_to(&diff->range_before, diff->before, ++diff->i, diff->shift_before);
	if (order >= 0)
		come_to(&diff->range_after, diff->after, ++diff->j, diff->shift_after);
	return true;
}

/* ---- residues and residues: one period ---- */

static uint64_t
least_common_multiple(uint32_t a, uint32_t b)
{
	uint32_t	x = a;
	uint32_t	y = b;

	while (y != 0)
	{
		uint32_t	rest = x % y;

		x = y;
		y = rest;
	}
	return (uint64_t) a / x * b;
}

static bool
next_of_residues(chash_diff *diff, chash_piece *piece)
{
	uint32_t	i = diff->i;
	uint32_t	slice_before = i % diff->before->nslices;
	uint32_t	slice_after = i % diff->after->nslices;

	if (i == diff->period)
		return false;
	piece->source = strategy_of(diff->before)->slice_shard(diff->before, slice_before);
	piece->target = strategy_of(diff->after)->slice_shard(diff->after, slice_after);
	piece->width = diff->whole;
	if (i < diff->rest)
	{
		chash_uint	one = chash_uint_from(1);

		piece->width = chash_uint_add(&piece->width, &one);
	}
	diff->i++;
	return true;
}

/* ---- ranges and residues: the residues in each range ---- */

/* i counts ranges and j, in each of them, residues from its first position on. */
static bool
next_of_mixed(chash_diff *diff, chash_piece *piece)
{
	bool		ranges_before = !is_periodic(diff->before);
	const chash_compiled *ranges = ranges_before ? diff->before : diff->after;
	const chash_compiled *classes = ranges_before ? diff->after : diff->before;
	unsigned	shift = ranges_before ? diff->shift_before : diff->shift_after;
	uint32_t	n = classes->nslices;
	chash_slice range;
	uint32_t	rest;
	uint32_t	of_range;
	uint32_t	of_class;
	chash_uint	one = chash_uint_from(1);

	if (diff->i == ranges->nslices)
		return false;
	range = slice_of(ranges, diff->i, shift);
	piece->width = chash_uint_divide(&range.width, n, &rest);
	if (diff->j < rest)
		piece->width = chash_uint_add(&piece->width, &one);

	of_range = range.shard;
	of_class = strategy_of(classes)->slice_shard(classes,
												 (chash_uint_modulo(&range.first, n) + diff->j) % n);
	piece->source = ranges_before ? of_range : of_class;
	piece->target = ranges_before ? of_class : of_range;

	if (++diff->j == n)
	{
		diff->j = 0;
		diff->i++;
	}
	return true;
}

/* ---- a sample: position by position ---- */

static bool
next_of_sample(chash_diff *diff, chash_piece *piece)
{
	chash_uint	position;
	chash_uint	narrow;

	if (diff->i == CHASH_SAMPLE_SIZE)
		return false;
	position = chash_sample_position(diff->i++, diff->before->router->bits + diff->shift_before);
	narrow = chash_uint_shift_right(&position, diff->shift_before);
	piece->source = chash_route(diff->before, &narrow);
	narrow = chash_uint_shift_right(&position, diff->shift_after);
	piece->target = chash_route(diff->after, &narrow);
	piece->share = 1.0 / CHASH_SAMPLE_SIZE;
	return true;
}

/* ---- estimates: every pair of shards ---- */

static double *
shares_of(const chash_compiled *compiled, const chash_host *host)
{
	uint32_t	n = compiled->router->nshards;
	double	   *shares = chash_alloc(host, n * sizeof(double));
	chash_uint *positions;
	uint32_t	i;

	if (!strategy_of(compiled)->sliced)
	{
		chash_sample_shares(compiled, host, shares);
		return shares;
	}
	positions = chash_alloc(host, n * sizeof(chash_uint));
	chash_count_positions(compiled, positions);
	for (i = 0; i < n; i++)
		shares[i] = chash_uint_ratio(&positions[i], &compiled->space);
	chash_release(host, positions);
	return shares;
}

static bool
next_of_estimate(chash_diff *diff, chash_piece *piece)
{
	if (diff->i == diff->before->router->nshards)
		return false;
	piece->source = diff->i;
	piece->target = diff->j;
	piece->share = diff->share_before[diff->i] * diff->share_after[diff->j];
	if (++diff->j == diff->after->router->nshards)
	{
		diff->j = 0;
		diff->i++;
	}
	return true;
}

/* ---- beginning ---- */

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Whether a key's two positions are parts of one digest, the top bits of it. */
static bool
share_positions(const chash_router *before, const chash_router *after)
{
	if (before->hash != after->hash ||
		chash_router_take(before, before->hash) != chash_router_take(after, after->hash))
		return false;

	/* nor if other bytes of a key are hashed */
	if (before->dialect->key_rule != after->dialect->key_rule ||
		!same_text(before->p.prefix, after->p.prefix) ||
		!same_text(before->p.suffix, after->p.suffix))
		return false;

	/* nor if with another secret; its name may change */
	if (!same_text(before->p.check, after->p.check))
		return false;

	/* under "none" a position is the key itself and not the top of anything */
	return before->hash->input != CHASH_INPUT_POSITION || before->bits == after->bits;
}

/* Choose the way to exact pieces; false if there are too many of them. */
static bool
begin_exact(chash_diff *diff)
{
	bool		periodic_before = is_periodic(diff->before);
	bool		periodic_after = is_periodic(diff->after);
	uint32_t	n_before = diff->before->nslices;
	uint32_t	n_after = diff->after->nslices;

	if (periodic_before && periodic_after)
	{
		diff->period = least_common_multiple(n_before, n_after);
		diff->next = next_of_residues;
		if (diff->period > CHASH_MAX_PIECES)
			return false;
		diff->whole = chash_uint_divide(&diff->space, (uint32_t) diff->period, &diff->rest);
		return true;
	}
	if (periodic_before || periodic_after)
	{
		diff->next = next_of_mixed;
		return (uint64_t) n_before * n_after <= CHASH_MAX_PIECES;
	}
	come_to(&diff->range_before, diff->before, 0, diff->shift_before);
	come_to(&diff->range_after, diff->after, 0, diff->shift_after);
	diff->next = next_of_ranges;
	return true;
}

void
chash_diff_begin(chash_diff *diff, const chash_compiled *before,
				  const chash_compiled *after, const chash_host *host)
{
	unsigned	bits_before = before->router->bits;
	unsigned	bits_after = after->router->bits;
	unsigned	bits = bits_before > bits_after ? bits_before : bits_after;

	diff->before = before;
	diff->after = after;
	diff->space = chash_uint_power_of_two(bits);
	diff->shift_before = bits - bits_before;
	diff->shift_after = bits - bits_after;
	diff->i = 0;
	diff->j = 0;
	diff->position = chash_uint_from(0);
	diff->exact = false;
	if (share_positions(before->router, after->router))
	{
		if (!strategy_of(before)->sliced || !strategy_of(after)->sliced)
		{
			diff->next = next_of_sample;
			return;
		}
		diff->exact = begin_exact(diff);
	}
	if (!diff->exact)
	{
		diff->share_before = shares_of(before, host);
		diff->share_after = shares_of(after, host);
		diff->next = next_of_estimate;
	}
}
