/*
 * routed.c
 *		Which tables are partitioned by which router: pg_partitioned_table has
 *		the operator class of a key, and that has the router's function.
 */
#include "table/routed.h"

#include "language/function.h"
#include "router/key.h"

#include "access/genam.h"
#include "access/hash.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/partition.h"
#include "catalog/pg_opclass.h"
#include "catalog/pg_partitioned_table.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(chash_router_of);

Oid
chash_router_of_class(Oid operator_class)
{
	Oid			family = get_opclass_family(operator_class);
	Oid			type = get_opclass_input_type(operator_class);
	Oid			function = get_opfamily_proc(family, type, type, HASHEXTENDED_PROC);

	return OidIsValid(function) ? chash_router_of_function(function) : InvalidOid;
}

static bool
read_partitioned(HeapTuple tuple, chash_routed *routed)
{
	Form_pg_partitioned_table form = (Form_pg_partitioned_table) GETSTRUCT(tuple);
	oidvector  *classes;
	oidvector  *collations;
	int			i;

	if (form->partstrat != PARTITION_STRATEGY_HASH)
		return false;
	classes = (oidvector *) DatumGetPointer(SysCacheGetAttrNotNull(PARTRELID, tuple,
																   Anum_pg_partitioned_table_partclass));
	collations = (oidvector *) DatumGetPointer(SysCacheGetAttrNotNull(PARTRELID, tuple,
																	  Anum_pg_partitioned_table_partcollation));
	routed->table = form->partrelid;
	routed->nkeys = form->partnatts;
	for (i = 0; i < form->partnatts; i++)
	{
		routed->key = form->partattrs.values[i];
		routed->collation = collations->values[i];
		routed->operator_class = classes->values[i];
		routed->router = chash_router_of_class(routed->operator_class);
		if (OidIsValid(routed->router))
			return true;
	}
	return false;
}

bool
chash_get_routed(Oid table, chash_routed *routed)
{
	HeapTuple	tuple = SearchSysCache1(PARTRELID, ObjectIdGetDatum(table));
	bool		found;

	if (!HeapTupleIsValid(tuple))
		return false;
	found = read_partitioned(tuple, routed);
	ReleaseSysCache(tuple);
	return found;
}

/* DROP EXTENSION has taken the function away; before 14 it takes the table, too. */
static void
check_support(Oid table)
{
	HeapTuple	tuple = SearchSysCache1(PARTRELID, ObjectIdGetDatum(table));
	oidvector  *classes;
	Oid			type;
	int			i;

	if (!HeapTupleIsValid(tuple))
		return;
	classes = (oidvector *) DatumGetPointer(SysCacheGetAttrNotNull(PARTRELID, tuple,
																   Anum_pg_partitioned_table_partclass));
	for (i = 0; i < classes->dim1; i++)
	{
		type = get_opclass_input_type(classes->values[i]);
		if (((Form_pg_partitioned_table) GETSTRUCT(tuple))->partstrat == PARTITION_STRATEGY_HASH &&
			!OidIsValid(get_opfamily_proc(get_opclass_family(classes->values[i]), type, type,
										  HASHEXTENDED_PROC)))
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("the operator class by which table \"%s\" is partitioned has lost its hash function",
							get_rel_name(table)),
					 errdetail("DROP EXTENSION chash CASCADE drops the functions of routers."),
					 errhint("Create the router again, with the name, the definition and the key type that it had: "
							 "see \"DROP EXTENSION, and the rescue\" in docs/partitioning.md.")));
	}
	ReleaseSysCache(tuple);
}

void
chash_require_routed(Oid table, chash_routed *routed)
{
	const char *name = get_rel_name(table);

	if (!name)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", table)));
	if (!chash_get_routed(table, routed))
	{
		check_support(table);
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("table \"%s\" is not partitioned by a router", name),
				 errhint("Create it with PARTITION BY HASH (key router), or, if it has rows "
						 "already, call chash_distribute.")));
	}
	if (routed->nkeys != 1)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("table \"%s\" is partitioned by %d columns", name, routed->nkeys),
				 errdetail("PostgreSQL hashes each column by itself, so that no router could "
						   "decide where a row goes."),
				 errhint("Partition it by the one column that decides.")));
	if (routed->key == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("table \"%s\" is partitioned by an expression", name),
				 errhint("Partition it by a column; a generated column in it is refused by "
						 "PostgreSQL itself.")));
	chash_key_check_collation(routed->collation);
}

List *
chash_tables_of_router(Oid router)
{
	Relation	catalog = table_open(PartitionedRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(catalog, PartitionedRelidIndexId, true, NULL, 0, NULL);
	List	   *tables = NIL;
	chash_routed routed;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		if (chash_get_routed(((Form_pg_partitioned_table) GETSTRUCT(tuple))->partrelid, &routed) &&
			routed.router == router)
			tables = lappend_oid(tables, routed.table);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return tables;
}

/* chash_router_of(table regclass) */
Datum
chash_router_of(PG_FUNCTION_ARGS)
{
	chash_routed routed;

	if (!chash_get_routed(PG_GETARG_OID(0), &routed))
		PG_RETURN_NULL();
	PG_RETURN_OID(routed.router);
}
