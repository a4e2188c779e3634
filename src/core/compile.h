/*
 * compile.h
 *		A router made ready to route.
 */
#ifndef CHASH_COMPILE_H
#define CHASH_COMPILE_H

#include "core/label.h"
#include "core/pins.h"

/* Room for the name of any slice: a label, or two bounds and what joins them. */
#define CHASH_VNODE_TEXT	(CHASH_LABEL_MAX + 16)

typedef struct chash_compiled
{
	const chash_router *router;
	chash_uint	space;			/* number of positions */
	uint32_t	nslices;		/* 0 if the strategy has none */
	uint32_t   *zone;			/* of each shard, a number; NULL if all differ */
	uint32_t	nzones;
	chash_pins *pins;			/* NULL if there are none */
	struct chash_index *index;	/* a short way to slices, see index.h; NULL if there is none */
	size_t		memory;			/* bytes that all of this takes */
	void	   *data;			/* the strategy's own */
} chash_compiled;

/*
 * Compile a valid router.  compiled refers to router, which must live as long;
 * what it needs besides is allocated from the host.  Fails only where a digest
 * is unavailable.
 */
extern bool chash_compile(chash_compiled *compiled, const chash_router *router,
						  const chash_host *host, chash_error *error);

/*
 * A number for the zone of each shard, below *nzones; a shard without one is a
 * zone of its own.  NULL if no shard has one, and all differ.
 */
extern uint32_t *chash_number_zones(const chash_router *router, const chash_host *host,
									uint32_t *nzones);

/*
 * The position that a digest of a hash gives, by the rule of the router's
 * dialect: its top bits, or, of several that one digest gives, number "word".
 * Not for the hash "none", where the key is the position.
 */
extern chash_uint chash_position_of_digest(const chash_router *router, const chash_hash *hash,
										   const chash_uint *digest, unsigned word);

/*
 * The top 64 bits of the same, from the bytes of a digest; take is that of
 * chash_router_take().
 */
extern uint64_t chash_head_of_output(chash_take take, unsigned bits, const uint8_t *output);

/* The top 64 bits of a position, all of it if it is not wider. */
extern uint64_t chash_position_head(const chash_router *router, const chash_uint *position);

/* The place of the shard that a position, below the space's size, belongs to. */
static inline uint32_t
chash_route(const chash_compiled *compiled, const chash_uint *position)
{
	const chash_strategy *strategy = compiled->router->strategy;
	uint32_t	place = CHASH_UNDECIDED;

	if (strategy->shard_of_head)
		place = strategy->shard_of_head(compiled, chash_position_head(compiled->router, position));
	if (place == CHASH_UNDECIDED)
		place = strategy->slice_shard(compiled, strategy->lookup(compiled, position));
	return place;
}

/* lookup of strategies without slices in which the top 64 bits tell all. */
extern uint32_t chash_lookup_by_head(const chash_compiled *compiled, const chash_uint *position);

/* slice_shard of strategies in which slice number i is all that shard i has. */
extern uint32_t chash_slice_is_shard(const chash_compiled *compiled, uint32_t i);

/*
 * The number of positions that each shard serves; positions has nshards places.
 * Only for strategies with slices; sample.h estimates the others.
 */
extern void chash_count_positions(const chash_compiled *compiled,
								  chash_uint *positions);

#endif							/* CHASH_COMPILE_H */
