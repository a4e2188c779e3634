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

/* How often to give the host a chance to stop, in turns. */
#define TURNS_BETWEEN_CHECKS	100000

typedef struct candidate
{
	uint32_t	shard;
	uint32_t	next;			/* the entry to be tried next */
	uint32_t	skip;
	double		weight;			/* as a share of all */
	double		target;			/* it is its turn when weight times round is not below */
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

void
chash_maglev_fill(const chash_router *router, const chash_host *host,
				  uint32_t *table, uint32_t size)
{
	double		max_weight;
	candidate  *candidates = make_candidates(router, host, size, &max_weight);
	uint32_t	filled = 0;
	uint32_t	turns = 0;
	uint32_t	round;
	uint32_t	i;

	for (i = 0; i < size; i++)
		table[i] = FREE;
	for (round = 1; filled < size; round++)
	{
		for (i = 0; i < router->nshards && filled < size; i++)
		{
			candidate  *current = &candidates[i];

			if (turns++ % TURNS_BETWEEN_CHECKS == 0)
				chash_check(host);

			/* the heaviest shard has a turn in every round, one of half its weight in every other */
			if (chash_rounded(round * current->weight) < current->target)
				continue;
			current->target = chash_rounded(current->target + max_weight);
			take_entry(current, table, size);
			filled++;
		}
	}
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
