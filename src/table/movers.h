/*
 * movers.h
 *		The rows of a table that a change of its router moves: an index on each
 *		partition that has just these.
 */
#ifndef CHASH_MOVERS_H
#define CHASH_MOVERS_H

#include "language/version.h"
#include "table/routed.h"

/* The index of movers of a partition; InvalidOid if there is none. */
extern Oid	chash_find_movers_index(Oid leaf);

/* The same, but it has to be there. */
extern Oid	chash_movers_index(Oid leaf);

/*
 * Make it, which keeps out who writes to the partition; schema is that of
 * chash's own functions.
 */
extern void chash_make_movers_index(const chash_routed *routed, Oid leaf,
									const chash_version *version, Oid schema);

extern void chash_drop_movers_index(Oid leaf);

/* The number of rows that were in it when it was made. */
extern int64 chash_count_movers(Oid leaf);

#endif							/* CHASH_MOVERS_H */
