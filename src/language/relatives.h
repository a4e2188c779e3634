/*
 * relatives.h
 *		What the catalogs say belongs to a router.
 */
#ifndef CHASH_RELATIVES_H
#define CHASH_RELATIVES_H

#include "router/compat.h"

#include "nodes/pg_list.h"

/* The oids of the helpers of a router. */
extern List *chash_helpers_of(Oid router);

/* The oids of the operator families that some functions support. */
extern List *chash_operator_families_of(List *functions);

#endif							/* CHASH_RELATIVES_H */
