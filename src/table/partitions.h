/*
 * partitions.h
 *		Making the partitions of tables that are partitioned by a router.
 */
#ifndef CHASH_PARTITIONS_H
#define CHASH_PARTITIONS_H

#include "table/layout.h"

#include "fmgr.h"
#include "nodes/pg_list.h"

/* Each table that is partitioned keeps an array of as many numbers in every session. */
#define CHASH_DEFAULT_MODULUS	1024
#define CHASH_MAX_MODULUS		(CHASH_MAX_ID + 1)

/* What the arguments of a function say from the template of names on. */
extern chash_layout chash_layout_of_arguments(FunctionCallInfo fcinfo, int first);

/* The same for tables that have partitions, whose modulus is given. */
extern chash_layout chash_layout_of_new_shards(FunctionCallInfo fcinfo, int first);

/*
 * Make the partitions of a table that its router has shards for and that are
 * not there.  Returns their oids.  The current user must own the table, which
 * is locked in ACCESS EXCLUSIVE mode until the end of the transaction.
 */
extern List *chash_make_partitions(Oid table, const chash_layout *layout);

/*
 * Raise the error that making those of the shards of a router would raise for
 * want of room: of ids below the modulus, or of rights on the table's schema.
 */
extern void chash_check_room(Oid table, const chash_router *router);

#endif							/* CHASH_PARTITIONS_H */
