/*
 * target.h
 *		The router that a change leads to.
 */
#ifndef CHASH_TARGET_H
#define CHASH_TARGET_H

#include "language/version.h"

#include "fmgr.h"

/*
 * The entry of the router that a named router, of which this is the version,
 * is to become, held by the current memory context: target or, if that is NULL,
 * what it is becoming already, or is.  Shards keep their ids, and new ones get
 * ids that neither router uses.  Raises an error if another change is under way.
 */
extern chash_entry *chash_target_of(Oid router, const chash_version *now,
									const struct varlena *target);

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
