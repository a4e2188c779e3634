/*
 * leaves.c
 *		The partitions of a table, from the bounds in their rows in pg_class.
 */
#include "table/leaves.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "nodes/parsenodes.h"
#include "nodes/readfuncs.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

/* NULL if the table is no hash partition: it is being detached, or has just been. */
static chash_leaf *
read_leaf(Oid table)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	PartitionBoundSpec *bound;
	chash_leaf *leaf = NULL;
	Datum		value;
	bool		isnull;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", table);
	value = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_relpartbound, &isnull);
	if (!isnull)
	{
		bound = castNode(PartitionBoundSpec, stringToNode(TextDatumGetCString(value)));
		leaf = palloc(sizeof(*leaf));
		leaf->table = table;
		leaf->modulus = bound->modulus;
		leaf->remainder = bound->remainder;
	}
	ReleaseSysCache(tuple);
	return leaf;
}

static int
compare_remainders(const ListCell *a, const ListCell *b)
{
	uint32		left = ((const chash_leaf *) lfirst(a))->remainder;
	uint32		right = ((const chash_leaf *) lfirst(b))->remainder;

	return left < right ? -1 : left > right;
}

List *
chash_leaves_of(Oid table, LOCKMODE lock)
{
	List	   *leaves = NIL;
	ListCell   *cell;

	foreach(cell, find_inheritance_children(table, lock))
	{
		chash_leaf *leaf = read_leaf(lfirst_oid(cell));

		if (leaf)
			leaves = lappend(leaves, leaf);
	}
	list_sort(leaves, compare_remainders);
	return leaves;
}

uint32
chash_modulus_of(List *leaves)
{
	uint32		modulus = 0;
	ListCell   *cell;

	foreach(cell, leaves)
	{
		const chash_leaf *leaf = lfirst(cell);

		if (modulus != 0 && leaf->modulus != modulus)
			return 0;
		modulus = leaf->modulus;
	}
	return modulus;
}

Bitmapset *
chash_ids_of(const chash_router *router)
{
	Bitmapset  *ids = NULL;
	uint32		i;

	for (i = 0; i < router->nshards; i++)
		ids = bms_add_member(ids, (int) router->shards[i].id);
	return ids;
}

Bitmapset *
chash_remainders_of(const List *leaves)
{
	Bitmapset  *ids = NULL;
	ListCell   *cell;

	foreach(cell, leaves)
	{
		uint32		remainder = ((chash_leaf *) lfirst(cell))->remainder;

		if (remainder <= CHASH_MAX_ID)
			ids = bms_add_member(ids, (int) remainder);
	}
	return ids;
}

List *
chash_leaves_of_shards(Oid table, const chash_router *router, LOCKMODE lock)
{
	Bitmapset  *ids = chash_ids_of(router);
	List	   *leaves = NIL;
	ListCell   *cell;

	foreach(cell, chash_leaves_of(table, lock))
	{
		chash_leaf *leaf = lfirst(cell);

		if (bms_is_member((int) leaf->remainder, ids))
			leaves = lappend(leaves, leaf);
	}
	return leaves;
}
