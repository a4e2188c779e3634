/*
 * room.c
 *		Extends partitions before a step, and not while it has everything locked.
 *
 * To extend a file page by page is a quarter of what it takes to put rows.  It
 * is done here as PostgreSQL does it for many sessions that insert at once:
 * empty pages, of which the free space map knows.
 */
#include "reshard/room.h"

#include "access/relation.h"
#include "access/tableam.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/freespace.h"
#include "storage/lmgr.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#define PAGE_ROOM		(BLCKSZ - SizeOfPageHeaderData)

/* Who inserts into the partition waits for so many at most. */
#define PAGES_AT_ONCE	32

typedef struct room
{
	Oid			leaf;
	double		used;			/* bytes that the last step put there */
	double		left;			/* of what was made for it */
} room;

static room *
get_room(chash_rooms *rooms, Oid leaf)
{
	MemoryContext old_context;
	room	   *new_room;
	ListCell   *cell;

	foreach(cell, rooms->rooms)
	{
		if (((room *) lfirst(cell))->leaf == leaf)
			return lfirst(cell);
	}
	old_context = MemoryContextSwitchTo(rooms->context);
	new_room = palloc0(sizeof(*new_room));
	new_room->leaf = leaf;
	rooms->rooms = lappend(rooms->rooms, new_room);
	MemoryContextSwitchTo(old_context);
	return new_room;
}

void
chash_room_used(chash_rooms *rooms, Oid leaf, Size bytes)
{
	room	   *room = get_room(rooms, leaf);

	room->used += bytes;
	room->left = Max(room->left - bytes, 0);
}

static void
extend(Relation leaf, int64 pages)
{
	BlockNumber first = InvalidBlockNumber;
	BlockNumber block = InvalidBlockNumber;
	int64		i;

	LockRelationForExtension(leaf, ExclusiveLock);
	for (i = 0; i < pages; i++)
	{
		Buffer		page = ReadBuffer(leaf, P_NEW);

		block = BufferGetBlockNumber(page);
		ReleaseBuffer(page);
		if (first == InvalidBlockNumber)
			first = block;
		RecordPageWithFreeSpace(leaf, block, PAGE_ROOM);
	}
	UnlockRelationForExtension(leaf, ExclusiveLock);
	FreeSpaceMapVacuumRange(leaf, first, block + 1);
}

/* Another kind of table would not know what to do with empty pages. */
static bool
is_heap(Relation leaf)
{
	return leaf->rd_rel->relkind == RELKIND_RELATION &&
		leaf->rd_tableam == GetHeapamTableAmRoutine();
}

static void
make_room(room *room, double bytes)
{
	int64		pages = (int64) ((bytes - room->left) / PAGE_ROOM);
	Relation	leaf;

	room->used = 0;
	if (pages <= 0 || !(leaf = try_relation_open(room->leaf, RowExclusiveLock)))
		return;
	if (is_heap(leaf))
	{
		room->left += pages * PAGE_ROOM;
		for (; pages > 0; pages -= PAGES_AT_ONCE)
		{
			CHECK_FOR_INTERRUPTS();
			extend(leaf, Min(pages, PAGES_AT_ONCE));
		}
	}
	relation_close(leaf, NoLock);
}

void
chash_make_room(chash_rooms *rooms, double times)
{
	ListCell   *cell;

	foreach(cell, rooms->rooms)
	{
		room	   *room = lfirst(cell);

		make_room(room, room->used * times);
	}
}
