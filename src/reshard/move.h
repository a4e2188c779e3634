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

/*
 * Move the rows whose keys are in some slices, and that are not in the
 * partition that one of the routers of a change, goal, sends them to, there.
 * Returns how many; what they take is told to rooms.
 *
 * The caller has locked the table in ACCESS EXCLUSIVE mode, and those out that
 * write to a partition directly (see steps.c); the partitions that rows leave
 * have indexes of movers.  Neither triggers nor foreign keys fire, row security hides
 * nothing, and no column is computed anew.  Raises an error of class
 * LOCK_NOT_AVAILABLE if somebody is about to change one of the rows, and an
 * error if the rows put are not the rows taken.
 */
extern int64 chash_move_rows(const chash_routed *routed, const chash_version *change,
							 const chash_entry *goal, const chash_slices *slices,
							 chash_rooms *rooms);

#endif							/* CHASH_MOVE_H */
