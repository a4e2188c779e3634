/*
 * move.h
 *		Moving rows between the partitions of a table, below the executor.
 */
#ifndef CHASH_MOVE_H
#define CHASH_MOVE_H

#include "language/version.h"
#include "reshard/movers.h"
#include "reshard/room.h"
#include "table/routed.h"

/* What a step moves of one table. */
typedef struct chash_mover chash_mover;

/*
 * Begin to move the rows whose keys are in some slices, and that are not in the
 * partition that one of the routers of a change, goal, sends them to, there.
 * The partitions that rows leave have indexes of movers.  What rows take is
 * told to rooms.  palloc'd; the arguments have to live as long.
 */
extern chash_mover *chash_mover_begin(const chash_routed *routed, const chash_version *change,
									  const chash_entry *goal, const chash_slices *slices,
									  chash_rooms *rooms);

/* Its table. */
extern Oid	chash_mover_table(const chash_mover *mover);

/*
 * Put copies of the rows as they are now where they will be.  Nobody else sees
 * these before the transaction commits, and nobody is kept from anything but
 * from changing the partitions themselves.  The caller has locked the table in
 * some mode.
 */
extern void chash_mover_put_ahead(chash_mover *mover);

/*
 * Move the rows, of which copies may have been put ahead, and free the mover.
 * Returns how many.
 *
 * The caller has locked the table in ACCESS EXCLUSIVE mode, and those out that
 * write to a partition directly (see steps.c).  Neither triggers nor foreign
 * keys fire, row security hides nothing, and no column is computed anew.
 * Raises an error of class LOCK_NOT_AVAILABLE if somebody is about to change
 * one of the rows, and an error if the rows put are not the rows taken.
 */
extern int64 chash_mover_end(chash_mover *mover);

#endif							/* CHASH_MOVE_H */
