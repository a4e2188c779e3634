/*
 * rendezvous.c
 *		The strategy "rendezvous", highest random weight (Thaler and
 *		Ravishankar, "Using Name-Based Mappings to Increase Hit Rates", 1998).
 *
 * Each shard has a score for each position, and the highest wins.  A score
 * depends on the position and the shard's name and on nothing else, so that a
 * shard that comes takes positions for itself only, and one that goes leaves
 * all others where they were.
 *
 * With weights, the score u, taken as a number between 0 and 1, becomes the
 * cost -log2(u) / weight, and the lowest wins.  Costs never decrease with lower
 * scores, and where they are equal the score decides, so that with equal
 * weights the answer is that of the scores alone.  All of it is arithmetic on
 * integers, so that no machine and no compiler comes to another answer.
 */
#include "core/compile.h"

#include <stdlib.h>
#include <string.h>

/* Places after the binary point of a logarithm; before it, 6 suffice. */
#define LOG_PLACES		58

/* mantissa times 2^exponent; the mantissa has its top bit set unless it is 0. */
typedef struct number
{
	uint64_t	mantissa;
	int32_t		exponent;
} number;

typedef struct rendezvous
{
	uint64_t   *name_hash;		/* of each shard */
	number	   *reciprocal;		/* of each weight; NULL where all are equal */
} rendezvous;

/* ---- arithmetic ---- */

/* The upper half of a product; the lower half goes to *low. */
static uint64_t
multiply(uint64_t a, uint64_t b, uint64_t *low)
{
	uint64_t	a_low = (uint32_t) a;
	uint64_t	a_high = a >> 32;
	uint64_t	b_low = (uint32_t) b;
	uint64_t	b_high = b >> 32;
	uint64_t	lowest = a_low * b_low;
	uint64_t	middle = a_high * b_low + (lowest >> 32);
	uint64_t	other = a_low * b_high + (uint32_t) middle;

	*low = (other << 32) | (uint32_t) lowest;
	return a_high * b_high + (middle >> 32) + (other >> 32);
}

/* The same for a times a, which takes one multiplication less. */
static uint64_t
square(uint64_t a, uint64_t *low)
{
	uint64_t	a_low = (uint32_t) a;
	uint64_t	a_high = a >> 32;
	uint64_t	lowest = a_low * a_low;
	uint64_t	middle = a_low * a_high;

	*low = lowest + (middle << 33);
	return a_high * a_high + (middle >> 31) + (*low < lowest);
}

/* How many bits are zero above the highest one; there is one. */
static int
leading_zeros(uint64_t a)
{
#if defined(__GNUC__)
	return __builtin_clzll(a);
#else
	int			count = 0;
	int			step;

	for (step = 32; step > 0; step /= 2)
	{
		if (a >> (64 - step) == 0)
		{
			a <<= step;
			count += step;
		}
	}
	return count;
#endif
}

/*
 * -log2(score / 2^64) with LOG_PLACES binary places.  The places of log2(score)
 * come one by one: squaring a number between 1 and 2 doubles its logarithm, and
 * if the square is 2 or more the next place is 1.
 */
static uint64_t
negative_log(uint64_t score)
{
	int			zeros = leading_zeros(score | 1);
	uint64_t	log = (uint64_t) (63 - zeros);
	uint64_t	mantissa = (score | 1) << zeros;
	int			i;

	for (i = 0; i < LOG_PLACES; i++)
	{
		uint64_t	low;
		uint64_t	high = square(mantissa, &low);
		uint64_t	place = high >> 63;
		uint64_t	shift = 1 - place;

		/* half of the time one, at random: a branch would be guessed wrongly */
		log = (log << 1) | place;
		mantissa = (high << shift) | ((low >> 63) & shift);
	}

	/* 64 less the logarithm, and less one unit of the last place, so that it fits */
	return ~log;
}

/* 1 / weight; the weight is positive and finite. */
static number
reciprocal_of(double weight)
{
	uint64_t	bits;
	uint64_t	mantissa;
	uint64_t	rest;
	int32_t		exponent;
	number		result = {0, 0};
	int			zeros;
	int			i;

	/* an IEEE double, which below the smallest exponent has no hidden bit */
	memcpy(&bits, &weight, sizeof(bits));
	exponent = (int32_t) (bits >> 52);
	mantissa = bits & ((UINT64_C(1) << 52) - 1);
	if (exponent == 0)
		exponent = 1;
	else
		mantissa |= UINT64_C(1) << 52;
	zeros = leading_zeros(mantissa);
	mantissa <<= zeros;
	exponent -= 1075 + zeros;

	if (mantissa == UINT64_C(1) << 63)
	{
		result.mantissa = mantissa;
		result.exponent = -126 - exponent;
		return result;
	}

	/* 2^127 / mantissa by long division, 64 digits of it */
	rest = UINT64_C(1) << 63;
	for (i = 0; i < 64; i++)
	{
		bool		carry = rest >> 63;

		rest <<= 1;
		result.mantissa <<= 1;
		if (carry || rest >= mantissa)
		{
			rest -= mantissa;
			result.mantissa |= 1;
		}
	}
	result.exponent = -127 - exponent;
	return result;
}

/* a times factor, rounded down, but for a power of two that all have in common. */
static number
times(const number *factor, uint64_t a)
{
	number		result = {0, INT32_MIN};
	uint64_t	low;
	int			zeros;

	if (a == 0)
		return result;
	zeros = leading_zeros(a);
	result.mantissa = multiply(a << zeros, factor->mantissa, &low);
	result.exponent = factor->exponent - zeros;
	if (result.mantissa >> 63 == 0)
	{
		result.mantissa = (result.mantissa << 1) | (low >> 63);
		result.exponent--;
	}
	return result;
}

static int
compare(const number *a, const number *b)
{
	if (a->exponent != b->exponent)
		return a->exponent < b->exponent ? -1 : 1;
	return (a->mantissa > b->mantissa) - (a->mantissa < b->mantissa);
}

/* ---- the strategy ---- */

/* xorshift64* (Vigna 2016): different numbers have different scores. */
static uint64_t
score_of(uint64_t key, uint64_t name_hash)
{
	uint64_t	x = key ^ name_hash;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	return x * UINT64_C(2685821657736338717);
}

static bool
weights_differ(const chash_router *router)
{
	uint32_t	i;

	for (i = 1; i < router->nshards; i++)
	{
		if (router->shards[i].weight != router->shards[0].weight)
			return true;
	}
	return false;
}

static void
release(rendezvous *data, const chash_host *host)
{
	chash_release(host, data->name_hash);
	if (data->reciprocal)
		chash_release(host, data->reciprocal);
	chash_release(host, data);
}

static bool
compile(chash_compiled *compiled, const chash_host *host, chash_error *error)
{
	const chash_router *router = compiled->router;
	const chash_hash *hash = chash_hash_for_labels(router->hash);
	uint32_t	n = router->nshards;
	bool		weighted = weights_differ(router);
	rendezvous *data = chash_alloc(host, sizeof(*data));
	uint32_t	i;

	data->name_hash = chash_alloc(host, n * sizeof(*data->name_hash));
	data->reciprocal = weighted ? chash_alloc(host, n * sizeof(*data->reciprocal)) : NULL;
	for (i = 0; i < n; i++)
	{
		const char *name = router->shards[i].name;
		chash_uint	digest;

		if (!hash->digest(name, strlen(name), &digest, error))
		{
			release(data, host);
			return false;
		}
		if (hash->bits > 64)
			digest = chash_uint_shift_right(&digest, hash->bits - 64);
		data->name_hash[i] = chash_uint_low64(&digest);
		if (weighted)
			data->reciprocal[i] = reciprocal_of(router->shards[i].weight);
	}
	compiled->data = data;
	compiled->memory = sizeof(*data) + n * (sizeof(*data->name_hash) +
											(weighted ? sizeof(*data->reciprocal) : 0));
	return true;
}

/* Whether shard a wins against b where their scores are equal. */
static bool
name_comes_first(const chash_router *router, uint32_t a, uint32_t b)
{
	return strcmp(router->shards[a].name, router->shards[b].name) < 0;
}

static uint32_t
lookup_by_score(const chash_compiled *compiled, uint64_t key)
{
	const rendezvous *data = compiled->data;
	uint64_t	best_score = score_of(key, data->name_hash[0]);
	uint32_t	best = 0;
	uint32_t	i;

	for (i = 1; i < compiled->router->nshards; i++)
	{
		uint64_t	score = score_of(key, data->name_hash[i]);

		if (score > best_score ||
			(score == best_score && name_comes_first(compiled->router, i, best)))
		{
			best = i;
			best_score = score;
		}
	}
	return best;
}

static uint32_t
lookup_by_cost(const chash_compiled *compiled, uint64_t key)
{
	const rendezvous *data = compiled->data;
	uint64_t	best_score = score_of(key, data->name_hash[0]);
	number		best_cost = times(&data->reciprocal[0], negative_log(best_score));
	uint32_t	best = 0;
	uint32_t	i;

	for (i = 1; i < compiled->router->nshards; i++)
	{
		uint64_t	score = score_of(key, data->name_hash[i]);
		number		cost;
		int			order;

		/*
		 * -log2(u) is more than 1 - u, which costs next to nothing: most
		 * shards are out of the race with that alone.
		 */
		cost = times(&data->reciprocal[i], ~score >> (64 - LOG_PLACES));
		if (compare(&cost, &best_cost) > 0)
			continue;

		cost = times(&data->reciprocal[i], negative_log(score));
		order = compare(&cost, &best_cost);
		if (order < 0 ||
			(order == 0 && (score > best_score ||
							(score == best_score && name_comes_first(compiled->router, i, best)))))
		{
			best = i;
			best_score = score;
			best_cost = cost;
		}
	}
	return best;
}

static uint32_t
shard_of_head(const chash_compiled *compiled, uint64_t head)
{
	const rendezvous *data = compiled->data;

	return data->reciprocal ? lookup_by_cost(compiled, head) : lookup_by_score(compiled, head);
}

/* A shard in the race. */
typedef struct runner
{
	number		cost;
	uint64_t	score;
	const char *name;
	uint32_t	place;
} runner;

static int
compare_runners(const void *a, const void *b)
{
	const runner *first = a;
	const runner *second = b;
	int			order = compare(&first->cost, &second->cost);

	if (order != 0)
		return order;
	if (first->score != second->score)
		return first->score > second->score ? -1 : 1;
	return strcmp(first->name, second->name);
}

static uint32_t *
prefer(const chash_compiled *compiled, const chash_host *host, const chash_uint *position)
{
	const chash_router *router = compiled->router;
	const rendezvous *data = compiled->data;
	uint64_t	key = chash_position_head(router, position);
	uint32_t	n = router->nshards;
	uint32_t   *places = chash_alloc(host, n * sizeof(*places));
	runner	   *runners = chash_alloc(host, n * sizeof(*runners));
	uint32_t	i;

	for (i = 0; i < n; i++)
	{
		runner	   *new = &runners[i];

		memset(new, 0, sizeof(*new));
		new->score = score_of(key, data->name_hash[i]);
		if (data->reciprocal)
			new->cost = times(&data->reciprocal[i], negative_log(new->score));
		new->name = router->shards[i].name;
		new->place = i;
	}
	qsort(runners, n, sizeof(*runners), compare_runners);
	for (i = 0; i < n; i++)
		places[i] = runners[i].place;
	chash_release(host, runners);
	return places;
}

const chash_strategy chash_strategy_rendezvous = {
	.name = "rendezvous",
	.code = 7,
	.hashed = true,
	.validate = chash_router_check_whole_digest,
	.compile = compile,
	.lookup = chash_lookup_by_head,
	.shard_of_head = shard_of_head,
	.prefer = prefer,
	.slice_shard = chash_slice_is_shard,
};
