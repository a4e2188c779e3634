/*
 * maglev.c
 *		The strategy "maglev" (Eisenbud et al., "Maglev: A Fast and Reliable
 *		Software Network Load Balancer", NSDI 2016): position mod M, and a table
 *		from the remainders to the shards.
 *
 * Each shard has a sequence of its own in which it prefers the entries of the
 * table.  The shards take turns, and each takes the first entry of its sequence
 * that is free.  Where the sequences begin and how they go on is what Envoy
 * computes (XXH64 of the name, whatever the router's hash), and so is how often
 * it is a shard's turn, so that the answers are Envoy's.  A dialect may say
 * otherwise.
 */
#include "core/maglev.h"
#include "core/order.h"
#include "core/rounded.h"
#include "core/units.h"

#include <string.h>

/* An entry that nobody has taken. */
#define FREE		UINT32_MAX

/* The greatest prime that CHASH_MAX_SLOTS allows. */
#define MAX_PRIME		1048573

/* How often to give the host a chance to stop, in entries. */
#define ENTRIES_BETWEEN_CHECKS	16384

/* A round that never comes, because the table is full before. */
#define NEVER		UINT32_MAX

typedef struct candidate
{
	uint32_t	shard;
	uint32_t	next;			/* the entry to be tried next */
	uint32_t	skip;
	double		weight;			/* as a share of all */
	double		target;			/* it is its turn when weight times round is not below */
	uint32_t	round;			/* in which that is */
} candidate;

/* go-maglev's key of SipHash */
#define SIPHASH_KEY		UINT64_C(0xdeadbeefcafebabe)

/* Where a shard's sequence begins, and by what it goes on. */
static void
begin_sequence(candidate *of, chash_preference preference, const char *name, uint32_t size)
{
	size_t		length = strlen(name);
	uint64_t	begin = 0;
	uint64_t	skip = 0;

	switch (preference)
	{
		case CHASH_PREFERENCE_XXH64:
			begin = chash_xxh64(name, length, 0);
			skip = chash_xxh64(name, length, 1);
			break;
		case CHASH_PREFERENCE_SIPHASH:
			begin = chash_siphash24(SIPHASH_KEY, 0, name, length);
			skip = begin & UINT32_MAX;
			begin >>= 32;
			break;
	}
	of->next = (uint32_t) (begin % size);
	of->skip = (uint32_t) (skip % (size - 1)) + 1;
}

/*
 * The shards in the order in which they take turns: that of names, so that the
 * order of the shards does not matter, unless the dialect has another.
 */
static candidate *
make_candidates(const chash_router *router, const chash_host *host, uint32_t size,
				double *max_weight)
{
	const chash_dialect *dialect = router->dialect;
	uint32_t	n = router->nshards;
	uint32_t   *places = chash_order_shards(router, host,
											dialect->order ? dialect->order : CHASH_ORDER_NAME);
	candidate  *candidates = chash_alloc(host, n * sizeof(*candidates));
	double		total = 0;
	uint32_t	i;

	for (i = 0; i < n; i++)
		total = chash_rounded(total + router->shards[places[i]].weight);
	/* without weights, nothing is to be rounded: everybody has a turn in each round */
	if (dialect->weights == CHASH_WEIGHTS_NONE)
		total = 1;
	*max_weight = 0;
	for (i = 0; i < n; i++)
	{
		const chash_shard *shard = &router->shards[places[i]];
		candidate  *new = &candidates[i];

		new->shard = places[i];
		begin_sequence(new, dialect->preference, shard->name, size);
		new->weight = chash_rounded(shard->weight / total);
		new->target = 0;
		new->round = 1;
		if (new->weight > *max_weight)
			*max_weight = new->weight;
	}
	chash_release(host, places);
	return candidates;
}

/* Take the first free entry of a candidate's sequence; there is one. */
static void
take_entry(candidate *taker, uint32_t *table, uint32_t size)
{
	uint32_t	entry;

	do
	{
		entry = taker->next;
		taker->next = (entry + taker->skip) % size;
	} while (table[entry] != FREE);
	table[entry] = taker->shard;
}

/*
 * After a turn: the heaviest shard has one in every round, one of half its
 * weight in every other.  A quotient says nearly in which round the next one
 * is; products, as they are rounded, say it exactly.
 */
static void
schedule(candidate *of, double max_weight, uint32_t size)
{
	uint32_t	next = of->round + 1;
	double		guess;

	of->target = chash_rounded(of->target + max_weight);
	guess = of->target / of->weight;
	if (!(guess < 2.0 * size + 16))
	{
		of->round = NEVER;
		return;
	}
	of->round = guess > next ? (uint32_t) guess : next;
	while (of->round > next && chash_rounded((of->round - 1) * of->weight) >= of->target)
		of->round--;
	while (chash_rounded(of->round * of->weight) < of->target)
		of->round++;
}

/* Whether a candidate's turn comes before another's. */
static bool
is_sooner(const candidate *candidates, uint32_t a, uint32_t b)
{
	if (candidates[a].round != candidates[b].round)
		return candidates[a].round < candidates[b].round;
	return a < b;
}

/* Put the first of a heap, whose turn has become a later one, where it belongs. */
static void
sift_down(const candidate *candidates, uint32_t *heap, uint32_t n)
{
	uint32_t	moving = heap[0];
	uint32_t	hole = 0;

	for (;;)
	{
		uint32_t	child = 2 * hole + 1;

		if (child + 1 < n && is_sooner(candidates, heap[child + 1], heap[child]))
			child++;
		if (child >= n || !is_sooner(candidates, heap[child], moving))
			break;
		heap[hole] = heap[child];
		hole = child;
	}
	heap[hole] = moving;
}

/*
 * Those whose turn it is come from a heap: to ask each shard in each round
 * would take minutes where one of many is heavy, which fills most rounds alone.
 */
void
chash_maglev_fill(const chash_router *router, const chash_host *host,
				  uint32_t *table, uint32_t size)
{
	double		max_weight;
	uint32_t	n = router->nshards;
	candidate  *candidates = make_candidates(router, host, size, &max_weight);
	uint32_t   *heap = chash_alloc(host, n * sizeof(*heap));
	uint32_t	filled;
	uint32_t	i;

	for (i = 0; i < size; i++)
		table[i] = FREE;
	for (i = 0; i < n; i++)
		heap[i] = i;
	for (filled = 0; filled < size; filled++)
	{
		candidate  *current = &candidates[heap[0]];

		if (filled % ENTRIES_BETWEEN_CHECKS == 0)
			chash_check(host);
		take_entry(current, table, size);
		schedule(current, max_weight, size);
		sift_down(candidates, heap, n);
	}
	chash_release(host, heap);
	chash_release(host, candidates);
}

static bool
is_prime(uint32_t n)
{
	uint32_t	divisor;

	for (divisor = 2; divisor * divisor <= n; divisor++)
	{
		if (n % divisor == 0)
			return false;
	}
	return n >= 2;
}

/* A sequence reaches all entries only if no step shares a divisor with their number. */
static bool
validate(const chash_router *router, chash_error *error)
{
	uint32_t	prime = router->p.slots;

	if (prime < router->nshards)
	{
		prime = router->nshards;
		while (!is_prime(prime))
			prime++;
		chash_fail(error, CHASH_ERROR_VALUE,
				   "%u slots are too few for %u shards", router->p.slots, router->nshards);
		return chash_fail_hint(error, "The smallest prime number that suffices is %u.", prime);
	}
	if (!is_prime(prime))
	{
		if (prime > MAX_PRIME)
			prime = MAX_PRIME;
		while (!is_prime(prime))
			prime++;
		chash_fail(error, CHASH_ERROR_VALUE,
				   "slots of a maglev router must be a prime number, not %u", router->p.slots);
		return chash_fail_hint(error, "A prime nearby is %u.", prime);
	}
	return chash_router_check_whole_digest(router, error);
}

static bool
compile(chash_compiled *compiled, const chash_host *host, chash_error *error)
{
	chash_units *units = chash_units_allocate(compiled, host, compiled->router->p.slots);

	(void) error;
	chash_maglev_fill(compiled->router, host, units->shard, units->count);
	return true;
}

const chash_strategy chash_strategy_maglev = {
	.name = "maglev",
	.code = 8,
	.hashed = true,
	.sliced = true,
	.periodic = true,
	.defaults = {.slots = CHASH_MAGLEV_SIZE},
	.validate = validate,
	.compile = compile,
	.lookup = chash_units_remainder,
	.shard_of_head = chash_units_shard_of_head,
	.slice = chash_units_residues,
	.slice_shard = chash_units_slice_shard,
	.vnode = chash_units_vnode,
};
