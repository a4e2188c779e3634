/*
 * placement.c
 *		Reads all rows of a table and asks a router for the shard of each.
 *
 * It reads them below the executor, so that row security hides none and
 * nobody's code runs.
 */
#include "table/placement.h"

#include "language/function.h"
#include "router/key.h"
#include "router/server.h"
#include "table/leaves.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "commands/tablecmds.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* The rows of one table, not of its partitions, that do not belong to a shard id. */
static int64
count_elsewhere(Relation relation, const char *column, const chash_version *after, uint32 id)
{
	AttrNumber	key = get_attnum(RelationGetRelid(relation), column);
	chash_key_kind kind = chash_key_kind_of_type(get_atttype(RelationGetRelid(relation), key));
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TableScanDesc scan = table_beginscan(relation, snapshot, 0, NULL);
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext, "chash row",
													  ALLOCSET_DEFAULT_SIZES);
	int64		elsewhere = 0;

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		/* the scan has memory of its own in the current context */
		MemoryContext old_context = MemoryContextSwitchTo(row_context);
		bool		isnull;
		Datum		value = slot_getattr(slot, key, &isnull);

		CHECK_FOR_INTERRUPTS();
		if (isnull || chash_version_shard(after, kind, value)->id != id)
			elsewhere++;
		MemoryContextSwitchTo(old_context);
		MemoryContextReset(row_context);
	}
	MemoryContextDelete(row_context);
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
	return elsewhere;
}

/* A partition may have partitions of its own, and some of them no rows on this server. */
static int64
count_in_leaf(const chash_leaf *leaf, const char *column, const chash_version *after)
{
	int64		elsewhere = 0;
	ListCell   *cell;

	foreach(cell, find_all_inheritors(leaf->table, ShareLock, NULL))
	{
		Relation	relation = table_open(lfirst_oid(cell), NoLock);

		/* a cursor of this session keeps the partitions open, and not their root */
		CheckTableNotInUse(relation, "change the router of");
		if (relation->rd_rel->relkind == RELKIND_RELATION)
			elsewhere += count_elsewhere(relation, column, after, leaf->remainder);
		else if (relation->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
			ereport(ERROR,
					(errcode(ERRCODE_WRONG_OBJECT_TYPE),
					 errmsg("cannot check the rows of \"%s\", which is not an ordinary table",
							RelationGetRelationName(relation))));
		table_close(relation, NoLock);
	}
	return elsewhere;
}

static void
check_ids(const chash_routed *routed, uint32 modulus, const chash_version *after)
{
	const chash_router *router = chash_version_copy(after);
	uint32		i;

	for (i = 0; modulus > 0 && i < router->nshards; i++)
	{
		const chash_shard *shard = &router->shards[i];

		if (shard->id >= modulus)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("shard \"%s\" has the id %u, for which table \"%s\" has no room",
							chash_from_utf8(shard->name), shard->id,
							get_rel_name(routed->table)),
					 errdetail("The modulus of its partitions is %u, and ids must be below it.",
							   modulus),
					 errhint("Give the shard a smaller id that no other shard has.")));
	}
}

void
chash_placement_check(const chash_routed *routed, const chash_version *after)
{
	List	   *leaves = chash_leaves_of(routed->table, ShareLock);
	char	   *column = get_attname(routed->table, routed->key, false);
	int64		elsewhere = 0;
	ListCell   *cell;

	check_ids(routed, chash_modulus_of(leaves), after);
	foreach(cell, leaves)
		elsewhere += count_in_leaf(lfirst(cell), column, after);
	if (elsewhere > 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("rows of table \"%s\" belong to other shards under the changed router",
						get_rel_name(routed->table)),
				 errdetail("Rows that would no longer be found: " INT64_FORMAT ".", elsewhere),
				 errhint("CALL chash_reshard changes the router and moves the rows.")));
}
