/*
 * modulo.c
 *		The strategy "modulo": position mod n, where n is the sum of the
 *		weights.  Over the hash "pg" it is PostgreSQL's PARTITION BY HASH.
 *
 * The slices are residue classes.  Changing n moves nearly everything.
 */
#include "core/units.h"

static bool
compile(chash_compiled *compiled, const chash_host *host,
		chash_error *error)
{
	(void) error;
	chash_units_compile(compiled, host);
	return true;
}

const chash_strategy chash_strategy_modulo = {
	.name = "modulo",
	.code = 1,
	.hashed = true,
	.sliced = true,
	.periodic = true,
	.unit_weights = true,
	.validate = chash_router_check_whole_digest,
	.compile = compile,
	.lookup = chash_units_remainder,
	.shard_of_head = chash_units_shard_of_head,
	.slice = chash_units_residues,
	.slice_shard = chash_units_slice_shard,
	.vnode = chash_units_vnode,
};
