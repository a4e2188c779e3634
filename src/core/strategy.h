/*
 * strategy.h
 *		The table of strategies: how a position finds its shard.
 *
 * Most strategies cut a space of positions into slices, each of which belongs
 * to a shard.  Where the slices are ranges (ring, hash_range, range), a slice
 * is the positions from "first" on; where they are residue classes (modulo,
 * maglev, slots, bounded), it is the positions that leave the remainder
 * "first".  Routing, the routing table, balances and moves all follow from
 * that, so that a new strategy is one new file and one new row in strategy.c.
 *
 * Others compute the shard of each position anew (jump, jumpback, rendezvous,
 * multiprobe).  They have no slices: a lookup gives the place of the shard,
 * and balances and moves are estimated from a sample (sample.h).
 */
#ifndef CHASH_STRATEGY_H
#define CHASH_STRATEGY_H

#include "core/host.h"
#include "core/error.h"
#include "core/parameter.h"
#include "core/uint.h"

struct chash_router;
struct chash_compiled;

#define CHASH_UNDECIDED		UINT32_MAX

typedef struct chash_slice
{
	chash_uint	first;			/* the lowest position in it */
	chash_uint	width;			/* how many positions are in it */
	uint32_t	shard;			/* place of its shard in the router */
} chash_slice;

typedef struct chash_strategy
{
	const char *name;
	unsigned	code;			/* stored in routers, never reused */
	bool		hashed;			/* keys are hashed; else they are compared */
	bool		sliced;			/* the space is cut into slices */
	bool		periodic;		/* slices are residue classes; else ranges */
	bool		unit_weights;	/* weights must be whole numbers */
	const char *no_weights;		/* if all must be 1: a hint that says why, else NULL */

	/* the parameters it uses, and what each is unless said otherwise */
	chash_parameters defaults;

	/*
	 * Fill in what is not given and is no parameter; the router may be one that
	 * cannot be used.  NULL where nothing is.
	 */
	void		(*complete) (struct chash_router *router, const chash_host *host);

	/* what this strategy asks of a router beyond what all do */
	bool		(*validate) (const struct chash_router *router, chash_error *error);

	/*
	 * Whether the shard at a place can be removed; NULL where any can.  A
	 * strategy says no where that would move nearly everything.
	 */
	bool		(*can_remove) (const struct chash_router *router, uint32_t place,
							   chash_error *error);

	/* set nslices and the strategy's own data */
	bool		(*compile) (struct chash_compiled *compiled,
							const chash_host *host, chash_error *error);

	/*
	 * The slice that a position, which is below the space's size, is in;
	 * without slices, the place of its shard.
	 */
	uint32_t	(*lookup) (const struct chash_compiled *compiled,
						   const chash_uint *position);

	/*
	 * Slice number i, below nslices; slices of width 0 are left out.  NULL
	 * without slices.
	 */
	void		(*slice) (const struct chash_compiled *compiled, uint32_t i,
						  chash_slice *slice);

	/*
	 * The shard that has copy number i, below p.replicas, of a slice.  NULL
	 * where only the first copy is settled.
	 */
	uint32_t	(*copy) (const struct chash_compiled *compiled, uint32_t slice, uint32_t i);

	/*
	 * All shards in the order in which a position prefers them, allocated
	 * from the host; NULL where the slices tell that.  The method is NULL
	 * where they always do, or nothing does.
	 */
	uint32_t   *(*prefer) (const struct chash_compiled *compiled, const chash_host *host,
						   const chash_uint *position);

	/*
	 * The place of the shard of a position by its top 64 bits, which is all of
	 * it if it is not wider, or CHASH_UNDECIDED where these do not tell.  A
	 * short way; NULL if there is none.
	 */
	uint32_t	(*shard_of_head) (const struct chash_compiled *compiled, uint64_t head);

	/* the shard of slice number i; without slices, i */
	uint32_t	(*slice_shard) (const struct chash_compiled *compiled, uint32_t i);

	/*
	 * What a slice is called; text has CHASH_VNODE_TEXT bytes.  NULL without
	 * slices.
	 */
	void		(*vnode) (const struct chash_compiled *compiled, uint32_t i,
						  char *text);
} chash_strategy;

extern const chash_strategy chash_strategy_modulo;
extern const chash_strategy chash_strategy_hash_range;
extern const chash_strategy chash_strategy_range;
extern const chash_strategy chash_strategy_ring;
extern const chash_strategy chash_strategy_jump;
extern const chash_strategy chash_strategy_jumpback;
extern const chash_strategy chash_strategy_rendezvous;
extern const chash_strategy chash_strategy_maglev;
extern const chash_strategy chash_strategy_slots;
extern const chash_strategy chash_strategy_multiprobe;
extern const chash_strategy chash_strategy_bounded;

/* NULL if there is no such strategy. */
extern const chash_strategy *chash_strategy_by_name(const char *name);
extern const chash_strategy *chash_strategy_by_code(unsigned code);

/* All names, for hints; in static memory. */
extern const char *chash_strategy_names(void);

#endif							/* CHASH_STRATEGY_H */
