/*
 * movers.h
 *		The rows of a table that a change of its router moves: an index on each
 *		partition that has just these.
 */
#ifndef CHASH_MOVERS_H
#define CHASH_MOVERS_H

#include "language/version.h"
#include "table/routed.h"

#include "storage/itemptr.h"
#include "utils/relcache.h"

typedef struct chash_slices
{
	int64		from;
	int64		to;				/* the first one that is not meant */
} chash_slices;

/*
 * The index of a partition for a change from one router to another; InvalidOid
 * if there is none that can be used.  One that another change has left behind
 * has another name.
 */
extern Oid	chash_find_movers_index(Oid leaf, const chash_entry *before, const chash_entry *after);

/* The same, but it has to be there. */
extern Oid	chash_movers_index(Oid leaf, const chash_entry *before, const chash_entry *after);

/*
 * Whether a partition has any, for whichever change; and drop them.  The caller
 * has not locked it, or others who lock more of it can get an error.
 */
extern bool chash_has_movers_indexes(Oid leaf);
extern void chash_drop_movers_indexes(Oid leaf);

/* Raise an error if the command below may call a function that is not chash's own. */
extern void chash_check_slice_function(Oid schema);

/*
 * The command that makes it; unless concurrently, this keeps out who writes to
 * the partition.  schema is that of chash's own functions.
 */
extern char *chash_movers_index_command(const chash_routed *routed, Oid leaf,
										const chash_version *version, Oid schema,
										bool concurrently);

/* The number of rows that were in it when it was made; 0 if somebody has dropped it since. */
extern int64 chash_count_movers(Oid leaf, const chash_entry *before, const chash_entry *after);

/*
 * Leave so many slices that about "rows" rows of a table are in them, those from
 * the first on, or, going back, up to the last.  Rows of one slice stay together.
 */
extern void chash_limit_slices(const chash_routed *routed, const chash_entry *before,
							   const chash_entry *after, double rows, bool back,
							   chash_slices *slices);

/*
 * Where the rows of some slices are, or the first ones of their chains of
 * versions, in the order of the partition's pages; or were: rows that are gone
 * may be among them.  palloc'd.
 */
extern ItemPointerData *chash_collect_movers(Relation leaf, const chash_entry *before,
											 const chash_entry *after,
											 const chash_slices *slices, int64 *count);

#endif							/* CHASH_MOVERS_H */
