/*
 * replace.c
 *		chash_replace_router, and what every other change of a router that has
 *		tables must keep to.
 */
#include "table/replace.h"

#include "language/change.h"
#include "language/function.h"
#include "language/named.h"
#include "language/naming.h"
#include "router/json.h"
#include "router/value.h"
#include "table/placement.h"
#include "table/routed.h"

#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

PG_FUNCTION_INFO_V1(chash_replace_router);

static void
check_owners(Oid router)
{
	ListCell   *cell;

	foreach(cell, chash_tables_of_router(router))
	{
		if (!object_ownercheck(RelationRelationId, lfirst_oid(cell), GetUserId()))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("must be owner of table \"%s\" to change router \"%s\"",
							get_rel_name(lfirst_oid(cell)), get_func_name(router)),
					 errdetail("The table is partitioned by the router.")));
	}
}

void
chash_change_router_check(Oid router, const chash_version *before, const chash_version *after)
{
	ListCell   *cell;
	chash_routed routed;

	if (chash_version_same(before, after))
		return;
	/* nobody waits for, or with, a lock that he may not have */
	check_owners(router);
	/* whoever creates a table on the router waits, see guard.c */
	LockDatabaseObject(ProcedureRelationId, router, 0, AccessExclusiveLock);
	check_owners(router);
	foreach(cell, chash_tables_of_router(router))
	{
		LockRelationOid(lfirst_oid(cell), AccessExclusiveLock);
		chash_require_routed(lfirst_oid(cell), &routed);
		chash_placement_check(&routed, after);
		CacheInvalidateRelcacheByRelid(lfirst_oid(cell));
	}
}

/* chash_replace_router(router regproc, "by" chash_router) */
Datum
chash_replace_router(PG_FUNCTION_ARGS)
{
	Oid			router = PG_GETARG_OID(0);
	chash_version after = {0};
	chash_version before;

	chash_check_router_owner(router);
	after.entry = chash_cache_hold(chash_cache_get(PG_GETARG_ROUTER(1)));
	before = chash_named_get(router)->version;
	chash_change_router_check(router, &before, &after);
	if (!chash_version_same(&before, &after))
		chash_set_body(router, chash_router_text(after.entry->router));
	PG_RETURN_VOID();
}
