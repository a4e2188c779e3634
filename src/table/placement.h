/*
 * placement.h
 *		Whether the rows of a table are where a router says.
 */
#ifndef CHASH_PLACEMENT_H
#define CHASH_PLACEMENT_H

#include "router/cache.h"
#include "table/routed.h"

/*
 * Raise an error if a router that a text is to be replaced by would send a row
 * of the table elsewhere, or has a shard that the table's modulus has no room
 * for.  The caller has locked the table; its partitions are locked here, so
 * that nobody writes to them until the end of the transaction.
 */
extern void chash_placement_check(const chash_routed *routed, const chash_entry *after);

#endif							/* CHASH_PLACEMENT_H */
