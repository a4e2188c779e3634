/*
 * movers.h
 *		The rows of a table that a change of its router moves: an index on each
 *		partition that has just these.
 */
#ifndef CHASH_MOVERS_H
#define CHASH_MOVERS_H

#include "language/version.h"
#include "table/routed.h"

/*
 * The index of a partition for a change from one router to another; InvalidOid
 * if there is none that can be used.  One that another change has left behind
 * has another name.
 */
extern Oid	chash_find_movers_index(Oid leaf, const chash_entry *before, const chash_entry *after);

/* The same, but it has to be there. */
extern Oid	chash_movers_index(Oid leaf, const chash_entry *before, const chash_entry *after);

/* Whether a partition has any, for whichever change; and drop them. */
extern bool chash_has_movers_indexes(Oid leaf);
extern void chash_drop_movers_indexes(Oid leaf);

/*
 * Make it, which keeps out who writes to the partition; schema is that of
 * chash's own functions.
 */
extern void chash_make_movers_index(const chash_routed *routed, Oid leaf,
									const chash_version *version, Oid schema);

/* The number of rows that were in it when it was made. */
extern int64 chash_count_movers(Oid leaf, const chash_entry *before, const chash_entry *after);

#endif							/* CHASH_MOVERS_H */
