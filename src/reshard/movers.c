/*
 * movers.c
 *		The indexes of movers, and the function that they are made of.
 *
 * The function is told which change is meant by the router that is changed and
 * a fingerprint: both routers would not fit into the index's row in pg_index.
 * While the router is that change, what the function says of a key stays the
 * same.  Afterwards it says that no key moves, and the index is of no use: so
 * nobody may find one that was there before the change began.
 */
#include "reshard/movers.h"

#include "language/named.h"
#include "language/naming.h"
#include "router/call.h"
#include "router/position.h"
#include "table/leaves.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/itup.h"
#include "access/relation.h"
#include "access/relscan.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(chash_moving_slice);
PG_FUNCTION_INFO_V1(chash_slice_of_change);

/* The slice of argument number 2 if it moves, else null.  Shards are the same if their names are. */
static Datum
slice_if_it_moves(FunctionCallInfo fcinfo, const chash_entry *before, const chash_entry *after)
{
	chash_key_kind kind = chash_call_key_kind(fcinfo, 2);
	uint32		from;
	uint32		to;

	chash_call_check_collation(fcinfo);
	chash_entry_shards(before, after, kind, PG_GETARG_DATUM(2), &from, &to);
	if (strcmp(before->router->shards[from].name, after->router->shards[to].name) == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(chash_slice_of(kind, PG_GETARG_DATUM(2)));
}

/* chash_slice(before chash_router, after chash_router, key "any") */
Datum
chash_moving_slice(PG_FUNCTION_ARGS)
{
	const chash_entry *before;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	before = chash_call_router(fcinfo, 0);
	return slice_if_it_moves(fcinfo, before, chash_call_router(fcinfo, 1));
}

/* chash_slice(router regprocedure, change bigint, key "any") */
Datum
chash_slice_of_change(PG_FUNCTION_ARGS)
{
	const chash_version *now;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	now = &chash_named_get(PG_GETARG_OID(0))->version;
	if (!now->after || chash_change_fingerprint(now->entry, now->after) != PG_GETARG_INT64(1))
		PG_RETURN_NULL();
	return slice_if_it_moves(fcinfo, now->entry, now->after);
}

/* The name begins with this; 13 bytes, also in chash_stat_progress_reshard. */
#define PREFIX			"chash_movers_"

/* The partition's oid, which no other one has, and a fingerprint of the change. */
static char *
index_name(Oid leaf, const chash_entry *before, const chash_entry *after)
{
	uint64		fingerprint = (uint64) chash_change_fingerprint(before, after);

	return psprintf(PREFIX "%u_%08x%08x", leaf, (uint32) (fingerprint >> 32), (uint32) fingerprint);
}

/* Of bigints, which are what it is asked for. */
static bool
is_of_slices(Oid index)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(index));
	Form_pg_class form;
	bool		is;

	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_class) GETSTRUCT(tuple);
	is = form->relkind == RELKIND_INDEX && form->relam == BTREE_AM_OID && form->relnatts == 1 &&
		get_atttype(index, 1) == INT8OID;
	ReleaseSysCache(tuple);
	return is;
}

/*
 * An index can be there and of no use, as after REINDEX CONCURRENTLY has failed.
 * Its name is no proof: where a dump was restored, tables have other oids, and
 * perhaps each other's.
 */
static bool
is_usable(Oid index, Oid leaf)
{
	HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
	Form_pg_index form;
	bool		usable;

	if (!HeapTupleIsValid(tuple))
		return false;
	form = (Form_pg_index) GETSTRUCT(tuple);
	usable = form->indisvalid && form->indrelid == leaf && is_of_slices(index);
	ReleaseSysCache(tuple);
	return usable;
}

Oid
chash_find_movers_index(Oid leaf, const chash_entry *before, const chash_entry *after)
{
	Oid			index = get_relname_relid(index_name(leaf, before, after), get_rel_namespace(leaf));

	return OidIsValid(index) && is_usable(index, leaf) ? index : InvalidOid;
}

Oid
chash_movers_index(Oid leaf, const chash_entry *before, const chash_entry *after)
{
	Oid			index = chash_find_movers_index(leaf, before, after);

	if (!OidIsValid(index))
		ereport(ERROR,
				(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
				 errmsg("partition \"%s\" has no index of the rows that move", get_rel_name(leaf))));
	return index;
}

/*
 * The names of all of them, of whichever change; none if the partition has just
 * been dropped.  No lock is kept, see chash_drop_movers_indexes().
 */
static List *
index_names(Oid leaf)
{
	Relation	relation = try_relation_open(leaf, AccessShareLock);
	List	   *names = NIL;
	ListCell   *cell;

	if (!relation)
		return NIL;
	foreach(cell, RelationGetIndexList(relation))
	{
		char	   *name = get_rel_name(lfirst_oid(cell));

		if (name && strncmp(name, PREFIX, strlen(PREFIX)) == 0)
			names = lappend(names, name);
	}
	relation_close(relation, AccessShareLock);
	return names;
}

bool
chash_has_movers_indexes(Oid leaf)
{
	return index_names(leaf) != NIL;
}

void
chash_drop_movers_indexes(Oid leaf)
{
	ListCell   *cell;

	if (!chash_has_movers_indexes(leaf))
		return;

	/* at once as DROP INDEX does: see unlock_shared() in steps.c */
	LockRelationOid(leaf, AccessExclusiveLock);
	foreach(cell, index_names(leaf))
		chash_run(psprintf("DROP INDEX %s",
						   chash_quoted_name(get_rel_namespace(leaf), lfirst(cell))));
}

/* Who writes a row runs it for an entry in an index of movers. */
static void
check_all_may_call(Oid function)
{
	NameData	everybody;

	namestrcpy(&everybody, "public");
	if (!DatumGetBool(DirectFunctionCall3(has_function_privilege_name_id, NameGetDatum(&everybody),
										  ObjectIdGetDatum(function),
										  CStringGetTextDatum("EXECUTE"))))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("not everybody may execute function %s", format_procedure(function)),
				 errdetail("Whoever writes to a table while its rows are moved executes it."),
				 errhint("GRANT EXECUTE ON FUNCTION %s TO PUBLIC.",
						 format_procedure_qualified(function))));
}

/*
 * Whoever may create functions in chash's schema can add one that suits a key
 * better than chash's own, which takes "any", and have the tables' owners run it.
 */
void
chash_check_slice_function(Oid schema)
{
	CatCList   *functions = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum("chash_slice"));
	Oid			extension = get_extension_oid("chash", true);
	int			i;

	for (i = 0; i < functions->n_members; i++)
	{
		Form_pg_proc function = (Form_pg_proc) GETSTRUCT(&functions->members[i]->tuple);

		if (function->pronamespace != schema)
			continue;
		if (getExtensionOfObject(ProcedureRelationId, function->oid) != extension)
			ereport(ERROR,
					(errcode(ERRCODE_AMBIGUOUS_FUNCTION),
					 errmsg("function %s may be called instead of one of chash's own",
							format_procedure(function->oid)),
					 errhint("Drop it, or install chash in a schema in which nobody else "
							 "may create functions.")));
		if (function->proargtypes.values[0] == REGPROCEDUREOID)
			check_all_may_call(function->oid);
	}
	ReleaseCatCacheList(functions);
}

/* The function, called for the key of a partition. */
static char *
slice_call(const chash_routed *routed, const chash_version *version, Oid schema)
{
	return psprintf("%s(%s::pg_catalog.regprocedure, '" INT64_FORMAT "'::pg_catalog.int8, %s)",
					quote_qualified_identifier(get_namespace_name(schema), "chash_slice"),
					quote_literal_cstr(format_procedure_qualified(routed->router)),
					chash_change_fingerprint(version->entry, version->after),
					quote_identifier(get_attname(routed->table, routed->key, false)));
}

char *
chash_movers_index_command(const chash_routed *routed, Oid leaf, const chash_version *version,
						   Oid schema, bool concurrently)
{
	char	   *call = slice_call(routed, version, schema);

	chash_check_slice_function(schema);
	return psprintf("CREATE INDEX %s%s ON %s (%s) WHERE %s IS NOT NULL",
					concurrently ? "CONCURRENTLY " : "",
					quote_identifier(index_name(leaf, version->entry, version->after)),
					chash_quoted_name(get_rel_namespace(leaf), get_rel_name(leaf)), call, call);
}

int64
chash_count_movers(Oid leaf, const chash_entry *before, const chash_entry *after)
{
	Oid			index = chash_find_movers_index(leaf, before, after);
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(index));
	float4		rows;

	if (!HeapTupleIsValid(tuple))
		return 0;
	rows = ((Form_pg_class) GETSTRUCT(tuple))->reltuples;
	ReleaseSysCache(tuple);
	return (int64) Max(rows, 0);
}

/* Begin a scan for the entries of some slices. */
static void
rescan(IndexScanDesc scan, const chash_slices *slices)
{
	ScanKeyData keys[2];

	ScanKeyInit(&keys[0], 1, BTGreaterEqualStrategyNumber, F_INT8GE, Int64GetDatum(slices->from));
	ScanKeyInit(&keys[1], 1, BTLessStrategyNumber, F_INT8LT, Int64GetDatum(slices->to));
	index_rescan(scan, keys, 2, NULL, 0);
}

static int
compare_tids(const void *a, const void *b)
{
	return ItemPointerCompare((ItemPointer) a, (ItemPointer) b);
}

ItemPointerData *
chash_collect_movers(Relation leaf, const chash_entry *before, const chash_entry *after,
					 const chash_slices *slices, int64 *count)
{
	Relation	index = index_open(chash_movers_index(RelationGetRelid(leaf), before, after),
								   AccessShareLock);
	IndexScanDesc scan = chash_index_beginscan(leaf, index, SnapshotAny, 2);
	int64		space = 256;
	ItemPointerData *entries = palloc(space * sizeof(*entries));
	ItemPointer entry;

	*count = 0;
	rescan(scan, slices);
	while ((entry = index_getnext_tid(scan, ForwardScanDirection)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		if (*count == space)
		{
			space *= 2;
			entries = repalloc_huge(entries, space * sizeof(*entries));
		}
		entries[(*count)++] = *entry;
	}
	index_endscan(scan);
	index_close(index, NoLock);
	qsort(entries, *count, sizeof(*entries), compare_tids);
	return entries;
}

/* The slice of an entry, by number, of those of an index in some slices; -1 if there are fewer. */
static int64
slice_of_entry(Oid leaf, Oid index_oid, const chash_slices *slices, int64 number, bool back)
{
	Relation	table = table_open(leaf, RowExclusiveLock);
	Relation	index = index_open(index_oid, AccessShareLock);
	IndexScanDesc scan = chash_index_beginscan(table, index, SnapshotAny, 2);
	int64		slice = -1;
	bool		isnull;

	/* rows need not be looked at: entries of those that are gone do no harm */
	scan->xs_want_itup = true;
	rescan(scan, slices);
	while (number > 0 &&
		   index_getnext_tid(scan, back ? BackwardScanDirection : ForwardScanDirection))
		number--;
	if (number == 0)
		slice = DatumGetInt64(index_getattr(scan->xs_itup, 1, scan->xs_itupdesc, &isnull));
	index_endscan(scan);
	index_close(index, NoLock);
	table_close(table, NoLock);
	return slice;
}

void
chash_limit_slices(const chash_routed *routed, const chash_entry *before,
				   const chash_entry *after, double rows, bool back, chash_slices *slices)
{
	List	   *leaves = chash_leaves_of_shards(routed->table, (back ? after : before)->router,
												RowExclusiveLock);
	int64		number = (int64) Max(rows / Max(list_length(leaves), 1), 1);
	ListCell   *cell;

	foreach(cell, leaves)
	{
		Oid			leaf = ((chash_leaf *) lfirst(cell))->table;
		int64		slice = slice_of_entry(leaf, chash_movers_index(leaf, before, after), slices,
										   number, back);

		if (slice >= 0 && back)
			slices->from = slice;
		else if (slice >= 0)
			slices->to = slice + 1;
	}
}
