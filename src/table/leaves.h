/*
 * leaves.h
 *		The partitions of a table that is partitioned by a router.
 */
#ifndef CHASH_LEAVES_H
#define CHASH_LEAVES_H

#include "router/compat.h"

#include "core/router.h"

#include "nodes/bitmapset.h"
#include "nodes/pg_list.h"
#include "storage/lockdefs.h"

/* A partition, which may be partitioned in turn. */
typedef struct chash_leaf
{
	Oid			table;
	uint32		modulus;
	uint32		remainder;		/* the id of the shard that it belongs to */
} chash_leaf;

/*
 * The partitions of a table as a palloc'd list of chash_leaf *, in the order
 * of their remainders, each locked until the end of the transaction.
 */
extern List *chash_leaves_of(Oid table, LOCKMODE lock);

/* The ids of the shards of a router, and the remainders in such a list that can be one. */
extern Bitmapset *chash_ids_of(const chash_router *router);
extern Bitmapset *chash_remainders_of(const List *leaves);

/* Only the partitions of the shards of a router. */
extern List *chash_leaves_of_shards(Oid table, const chash_router *router, LOCKMODE lock);

/* The modulus of the partitions; 0 if there are none, or several. */
extern uint32 chash_modulus_of(List *leaves);

#endif							/* CHASH_LEAVES_H */
