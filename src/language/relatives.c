/*
 * relatives.c
 *		The helpers of a router and the operator families that they support,
 *		found by what depends on what.
 */
#include "language/relatives.h"

#include "language/function.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_amproc.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_proc.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

/* The oids of the objects of a class that depend on a function. */
static List *
dependents(Oid function, Oid class)
{
	Relation	depend = table_open(DependRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	List	   *found = NIL;

	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(ProcedureRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(function));
	scan = systable_beginscan(depend, DependReferenceIndexId, true, NULL, 2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend form = (Form_pg_depend) GETSTRUCT(tuple);

		if (form->classid == class)
			found = list_append_unique_oid(found, form->objid);
	}
	systable_endscan(scan);
	table_close(depend, AccessShareLock);
	return found;
}

List *
chash_helpers_of(Oid router)
{
	List	   *helpers = NIL;
	ListCell   *cell;

	foreach(cell, dependents(router, ProcedureRelationId))
	{
		if (chash_is_ours(lfirst_oid(cell)))
			helpers = lappend_oid(helpers, lfirst_oid(cell));
	}
	return helpers;
}

/* The operator family of an entry in pg_amproc. */
static Oid
family_of(Relation amproc, Oid entry)
{
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			family = InvalidOid;

	ScanKeyInit(&key, Anum_pg_amproc_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(entry));
	scan = systable_beginscan(amproc, AccessMethodProcedureOidIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		family = ((Form_pg_amproc) GETSTRUCT(tuple))->amprocfamily;
	systable_endscan(scan);
	return family;
}

List *
chash_operator_families_of(List *functions)
{
	Relation	amproc = table_open(AccessMethodProcedureRelationId, AccessShareLock);
	List	   *families = NIL;
	ListCell   *function;
	ListCell   *entry;

	foreach(function, functions)
	{
		foreach(entry, dependents(lfirst_oid(function), AccessMethodProcedureRelationId))
			families = list_append_unique_oid(families, family_of(amproc, lfirst_oid(entry)));
	}
	table_close(amproc, AccessShareLock);
	return families;
}
