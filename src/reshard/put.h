/*
 * put.h
 *		Putting rows into the partitions that they move to.
 */
#ifndef CHASH_PUT_H
#define CHASH_PUT_H

#include "reshard/room.h"

#include "executor/tuptable.h"
#include "utils/relcache.h"

typedef struct chash_putter chash_putter;

/*
 * Begin to put rows into the partitions of a table, of which leaves is the list
 * of chash_leaf *, locked and kept by the caller; palloc'd.  What they take is
 * told to rooms.
 */
extern chash_putter *chash_putter_begin(Oid table, const List *leaves, chash_rooms *rooms);

/*
 * Put a row, which is one of the partition "from", into the partition of the
 * shard of this id; or keep a copy of it and do so later.  Returns its number
 * among those of that partition.  Leaks into the current memory context.
 */
extern int64 chash_putter_add(chash_putter *putter, uint32 id, Relation from, TupleTableSlot *slot);

/* Say that a row is taken from "from", whose copy is put into that partition. */
extern void chash_putter_taken(chash_putter *putter, uint32 id, Relation from, TupleTableSlot *slot);

/* Put what is kept, and read back what was put. */
extern void chash_putter_flush(chash_putter *putter);

/*
 * Go on in a later command of the same transaction, after which the partitions
 * are these.
 */
extern void chash_putter_resume(chash_putter *putter, const List *leaves);

/* Take back a row that was put before the putter was resumed, by its number. */
extern void chash_putter_remove(chash_putter *putter, uint32 id, int64 number);

/*
 * Put what is kept, and free the putter.  Returns the number of rows; raises an
 * error if those that were put are not those that were taken.
 */
extern int64 chash_putter_end(chash_putter *putter);

#endif							/* CHASH_PUT_H */
