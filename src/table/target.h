/*
 * target.h
 *		The router that a change leads to.
 */
#ifndef CHASH_TARGET_H
#define CHASH_TARGET_H

#include "router/cache.h"

#include "fmgr.h"

/*
 * The entry of a router that shards of "before" keep their ids in, and new
 * ones have ids that neither uses; held by the current memory context.
 */
extern chash_entry *chash_hold_target(const struct varlena *target, const chash_router *before);

/* The functions of the algebra, router/algebra.c, and how many arguments they have. */
extern Datum chash_add(PG_FUNCTION_ARGS);
extern Datum chash_remove(PG_FUNCTION_ARGS);
extern Datum chash_reweight(PG_FUNCTION_ARGS);

#define CHASH_ADD_ARGUMENTS			7
#define CHASH_REMOVE_ARGUMENTS		2
#define CHASH_REWEIGHT_ARGUMENTS	3

/*
 * What a named router, which must not be a change, becomes by one of these,
 * with some arguments after the router; the others are null.
 */
extern struct varlena *chash_target_by(Oid router, PGFunction function, int nargs,
									   const NullableDatum *given, int ngiven);

#endif							/* CHASH_TARGET_H */
