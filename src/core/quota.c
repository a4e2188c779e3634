/*
 * quota.c
 *		Apportionment: whole numbers of entries for fractional ideals.
 *
 * No rule that knows only the weights keeps quotas and never moves entries
 * between shards that nobody changed (Balinski and Young, "Fair
 * Representation", 1982).  This one knows what the shards have.
 */
#include "core/quota.h"
#include "core/rounded.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Closer to a whole number than this is a whole number that was rounded. */
#define ALMOST		1e-7

static chash_quota
quota_of(double ideal)
{
	double		nearest = floor(ideal + 0.5);
	chash_quota quota;

	if (fabs(ideal - nearest) < ALMOST)
		ideal = nearest;
	quota.whole = (uint32_t) floor(ideal);
	quota.rest = ideal - floor(ideal);
	return quota;
}

/* Each round either finds shards above the limit or is the last. */
void
chash_quota_ideals(const double *weights, uint32_t n, uint32_t total, uint32_t limit,
				   const chash_host *host, chash_quota *ideals)
{
	bool	   *capped = chash_alloc(host, n * sizeof(bool));
	uint32_t	left = total;
	bool		again = true;
	uint32_t	i;

	memset(capped, 0, n * sizeof(bool));
	while (again)
	{
		double		sum = 0;
		uint32_t	to_share = left;

		again = false;
		for (i = 0; i < n; i++)
		{
			if (!capped[i])
				sum = chash_rounded(sum + weights[i]);
		}
		for (i = 0; i < n; i++)
		{
			double		share;

			if (capped[i])
				continue;
			share = chash_rounded(weights[i] / sum);
			ideals[i] = quota_of(chash_rounded(share * to_share));
			if (chash_quota_most(&ideals[i]) > limit)
			{
				ideals[i].whole = limit;
				ideals[i].rest = 0;
				capped[i] = true;
				left -= limit;
				again = true;
			}
		}
	}
	chash_release(host, capped);
}

/*
 * What one more entry is worth to a shard, in steps of one: the first is worth
 * first - 1 + rest, the second one less, and so on; there are "count" of them.
 */
typedef struct offer
{
	int64_t		first;
	double		rest;			/* above 0, up to 1 */
	uint32_t	count;
	uint32_t	taken;
	uint32_t	order;			/* among offers that are worth the same */
} offer;

/* How many entries of an offer are worth more than so much. */
static uint32_t
worth_more(const offer *offer, int64_t level)
{
	int64_t		more = offer->first - level;

	return more <= 0 ? 0 : more > offer->count ? offer->count : (uint32_t) more;
}

static uint64_t
all_worth_more(const offer *offers, uint32_t n, int64_t level)
{
	uint64_t	sum = 0;
	uint32_t	i;

	for (i = 0; i < n; i++)
		sum += worth_more(&offers[i], level);
	return sum;
}

static int
compare_rests(const void *a, const void *b)
{
	const offer *first = *(const offer *const *) a;
	const offer *second = *(const offer *const *) b;

	if (first->rest != second->rest)
		return first->rest > second->rest ? -1 : 1;
	return (first->order > second->order) - (first->order < second->order);
}

/* Take the "amount" entries that are worth the most. */
static void
take_best(offer *offers, uint32_t n, uint32_t amount, const chash_host *host)
{
	int64_t		low = -((int64_t) 1 << 33);
	int64_t		high = (int64_t) 1 << 33;
	offer	  **next;
	uint32_t	nnext = 0;
	uint32_t	i;

	/* the lowest level above which no more than that are worth */
	while (low < high)
	{
		int64_t		middle = low + (high - low) / 2;

		if (all_worth_more(offers, n, middle) <= amount)
			high = middle;
		else
			low = middle + 1;
	}

	next = chash_alloc(host, n * sizeof(*next));
	for (i = 0; i < n; i++)
	{
		offers[i].taken = worth_more(&offers[i], low);
		amount -= offers[i].taken;
		if (worth_more(&offers[i], low - 1) > offers[i].taken)
			next[nnext++] = &offers[i];
	}
	qsort(next, nnext, sizeof(*next), compare_rests);
	for (i = 0; i < nnext && i < amount; i++)
		next[i]->taken++;
	chash_release(host, next);
}

/*
 * Move "amount" entries to (or from) the shards that are farthest below
 * (above).  Of equals, those with lower places end up with more.
 */
static void
spread(const chash_quota *ideals, uint32_t n, uint32_t limit, uint32_t changed,
	   bool give, uint32_t amount, const chash_host *host, uint32_t *counts)
{
	offer	   *offers;
	uint32_t	i;

	if (amount == 0)
		return;
	offers = chash_alloc(host, n * sizeof(*offers));
	for (i = 0; i < n; i++)
	{
		int64_t		below = (int64_t) ideals[i].whole - counts[i];
		bool		exact = ideals[i].rest <= 0;

		offers[i].order = give ? i : n - i;
		offers[i].taken = 0;
		offers[i].first = give ? below + !exact : -below;
		offers[i].rest = !give ? 1 - ideals[i].rest : exact ? 1 : ideals[i].rest;
		offers[i].count = i == changed ? 0 : give ? limit - counts[i] : counts[i];
	}
	take_best(offers, n, amount, host);
	for (i = 0; i < n; i++)
		counts[i] = give ? counts[i] + offers[i].taken : counts[i] - offers[i].taken;
	chash_release(host, offers);
}

/* Whether a shard other than this has too many entries, or too few. */
static bool
is_out_of_quota(const chash_quota *ideals, uint32_t n, uint32_t changed, bool above,
				const uint32_t *counts)
{
	uint32_t	i;

	for (i = 0; i < n; i++)
	{
		if (i != changed && (above ? counts[i] > chash_quota_most(&ideals[i]) :
							 counts[i] < ideals[i].whole))
			return true;
	}
	return false;
}

static void
exchange_with(const chash_quota *ideals, uint32_t n, uint32_t limit, uint32_t changed,
			  const chash_host *host, uint32_t *counts)
{
	uint32_t	least = ideals[changed].whole;
	uint32_t	most = chash_quota_most(&ideals[changed]);
	bool		takes = counts[changed] <= least;
	uint32_t	moved = takes ? least - counts[changed] :
		counts[changed] > most ? counts[changed] - most : 0;

	spread(ideals, n, limit, changed, !takes, moved, host, counts);
	counts[changed] = takes ? counts[changed] + moved : counts[changed] - moved;
	if (least < most && is_out_of_quota(ideals, n, changed, takes, counts))
	{
		spread(ideals, n, limit, changed, !takes, 1, host, counts);
		counts[changed] = takes ? counts[changed] + 1 : counts[changed] - 1;
	}
}

/*
 * Quotas for all.  A shard that has more than its quota rounded down loses one
 * entry less if it is rounded up, any other takes one more; so the first come
 * first, and the larger rest before the smaller.
 */
static void
level_all(const chash_quota *ideals, uint32_t n, uint32_t total, const chash_host *host,
		  uint32_t *counts)
{
	offer	   *offers = chash_alloc(host, n * sizeof(*offers));
	uint32_t	i;

	for (i = 0; i < n; i++)
	{
		bool		keeps = counts[i] > ideals[i].whole;

		offers[i].order = i;
		offers[i].taken = 0;
		offers[i].first = keeps ? 1 : 0;
		offers[i].rest = ideals[i].rest;
		offers[i].count = ideals[i].rest > 0;
		total -= ideals[i].whole;
	}
	take_best(offers, n, total, host);
	for (i = 0; i < n; i++)
		counts[i] = ideals[i].whole + offers[i].taken;
	chash_release(host, offers);
}

void
chash_quota_targets(const chash_quota *ideals, uint32_t n, uint32_t limit, uint32_t free,
					uint32_t changed, const chash_host *host, uint32_t *counts)
{
	if (changed == CHASH_EVERYBODY)
	{
		uint32_t	total = free;
		uint32_t	i;

		for (i = 0; i < n; i++)
			total += counts[i];
		level_all(ideals, n, total, host, counts);
		return;
	}
	spread(ideals, n, limit, CHASH_NOBODY, true, free, host, counts);
	if (changed != CHASH_NOBODY)
		exchange_with(ideals, n, limit, changed, host, counts);
}
