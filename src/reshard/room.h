/*
 * room.h
 *		Room in partitions for the rows that a step puts there.
 */
#ifndef CHASH_ROOM_H
#define CHASH_ROOM_H

#include "router/compat.h"

#include "nodes/pg_list.h"

/* What a change knows of the partitions that it has put rows into; begins as zeroes. */
typedef struct chash_rooms
{
	MemoryContext context;		/* lives as long as the change does */
	List	   *rooms;
} chash_rooms;

/* Say that the step has put so many bytes into a partition. */
extern void chash_room_used(chash_rooms *rooms, Oid leaf, Size bytes);

/*
 * Extend partitions by the pages that the next step will fill, which puts this
 * many times what the last one has put.  The caller holds no lock that anybody
 * waits for.  Pages that stay empty are found by who inserts next.
 */
extern void chash_make_room(chash_rooms *rooms, double times);

#endif							/* CHASH_ROOM_H */
