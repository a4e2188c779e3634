/*
 * units.h
 *		Strategies that count in whole units: a shard of weight w has w of
 *		them, one after the other, in the order of the shards or the dialect's.
 */
#ifndef CHASH_UNITS_H
#define CHASH_UNITS_H

#include "core/compile.h"

typedef struct chash_units
{
	uint32_t	count;
	uint32_t   *shard;			/* of each unit */
	chash_uint	size;			/* of a unit, for a strategy that cuts ranges */
} chash_units;

static inline const chash_units *
chash_units_of(const chash_compiled *compiled)
{
	return compiled->data;
}

/*
 * Make the table of units the strategy's data, one slice a unit.  The weights
 * are whole numbers and add up to CHASH_MAX_TOTAL_WEIGHT at the most.
 */
extern chash_units *chash_units_compile(chash_compiled *compiled,
										const chash_host *host);

/* The same with so many units, whose shards the strategy fills in itself. */
extern chash_units *chash_units_allocate(chash_compiled *compiled,
										 const chash_host *host, uint32_t count);

/* Members of the method table: lookups and slice of residue classes. */
extern uint32_t chash_units_shard_of_head(const chash_compiled *compiled, uint64_t head);
extern uint32_t chash_units_remainder(const chash_compiled *compiled,
									  const chash_uint *position);
extern void chash_units_residues(const chash_compiled *compiled, uint32_t i,
								 chash_slice *slice);

/* Members of the method table, of classes and ranges. */
extern uint32_t chash_units_slice_shard(const chash_compiled *compiled, uint32_t i);
extern void chash_units_vnode(const chash_compiled *compiled, uint32_t i, char *text);

#endif							/* CHASH_UNITS_H */
