/*
 * grants.c
 *		Copying access control lists.
 */
#include "table/grants.h"

#include "table/catalog_query.h"
#include "table/owner.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "utils/acl.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* Who may do what with a relation or a column. */
typedef struct grant
{
	char	   *relation;
	char	   *column;			/* NULL for all of the relation */
	Acl		   *acl;			/* NULL for what the owner has by default */
} grant;

/* Where an access control list is. */
typedef struct place
{
	int			cache;
	Oid			catalog;
	AttrNumber	column;			/* of the catalog */
	HeapTuple	tuple;
} place;

static place
find(Oid relation, const char *column)
{
	place		found;

	found.cache = column ? ATTNAME : RELOID;
	found.catalog = column ? AttributeRelationId : RelationRelationId;
	found.column = column ? Anum_pg_attribute_attacl : Anum_pg_class_relacl;
	found.tuple = column ? SearchSysCacheCopyAttName(relation, column) :
		SearchSysCacheCopy1(RELOID, ObjectIdGetDatum(relation));
	if (!HeapTupleIsValid(found.tuple))
		elog(ERROR, "cache lookup failed for relation %u", relation);
	return found;
}

static Acl *
acl_at(const place *place)
{
	bool		isnull;
	Datum		acl = SysCacheGetAttr(place->cache, place->tuple, place->column, &isnull);

	return isnull ? NULL : DatumGetAclPCopy(acl);
}

static grant *
read_grant(Oid relation, char *column)
{
	grant	   *read = palloc(sizeof(*read));
	place		place = find(relation, column);

	read->relation = get_rel_name(relation);
	read->column = column;
	read->acl = acl_at(&place);
	return read;
}

List *
chash_read_grants(Oid table)
{
	List	   *grants = list_make1(read_grant(table, NULL));
	ListCell   *cell;

	foreach(cell, chash_catalog_strings("SELECT attname FROM pg_attribute WHERE attrelid = $1 "
										"AND attnum > 0 AND NOT attisdropped AND attacl IS NOT NULL",
										table, ""))
		grants = lappend(grants, read_grant(table, lfirst(cell)));
	foreach(cell, chash_catalog_strings("SELECT s.seqrelid FROM pg_depend d "
										"JOIN pg_sequence s ON s.seqrelid = d.objid "
										"WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'i' "
										"AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1",
										table, ""))
		grants = lappend(grants, read_grant(atooid((const char *) lfirst(cell)), NULL));
	return grants;
}

/* The roles in a list, palloc'd anew. */
static int
members_of(const Acl *acl, Oid **members)
{
	*members = NULL;
	return acl ? aclmembers(acl, members) : 0;
}

static void
apply_grant(const grant *grant, Oid relation)
{
	place		place = find(relation, grant->column);
	Relation	catalog = table_open(place.catalog, RowExclusiveLock);
	Datum		values[Max(Natts_pg_class, Natts_pg_attribute)] = {0};
	bool		nulls[Max(Natts_pg_class, Natts_pg_attribute)] = {0};
	bool		replaces[Max(Natts_pg_class, Natts_pg_attribute)] = {0};
	Oid		   *before;
	Oid		   *after;
	int			nbefore = members_of(acl_at(&place), &before);
	int			nafter = members_of(grant->acl, &after);
	HeapTuple	changed;

	replaces[place.column - 1] = true;
	nulls[place.column - 1] = grant->acl == NULL;
	values[place.column - 1] = PointerGetDatum(grant->acl);
	changed = heap_modify_tuple(place.tuple, RelationGetDescr(catalog), values, nulls, replaces);
	CatalogTupleUpdate(catalog, &changed->t_self, changed);
	updateAclDependencies(RelationRelationId, relation,
						  grant->column ? get_attnum(relation, grant->column) : 0,
						  chash_owner_of(relation), nbefore, before, nafter, after);
	table_close(catalog, RowExclusiveLock);
	CommandCounterIncrement();
}

void
chash_apply_grants(List *grants, Oid schema)
{
	ListCell   *cell;

	foreach(cell, grants)
	{
		const grant *grant = lfirst(cell);

		apply_grant(grant, get_relname_relid(grant->relation, schema));
	}
}

/* ---- partitions ---- */

/* An access control list as it would be if the relation belonged to somebody. */
static Acl *
read_as_owner(Oid relation, const char *column, Oid owner)
{
	place		place = find(relation, column);
	Acl		   *acl = acl_at(&place);

	if (!acl)
		return NULL;
	acl = aclnewowner(acl, chash_owner_of(relation), owner);
	aclitemsort(acl);
	return acl;
}

/* No list is what the owner has by default, an empty one is nothing. */
static bool
is_same(const Acl *a, const Acl *b)
{
	return a && b ? aclequal(a, b) : a == b;
}

/* Append what all relations have to a list; false if they differ. */
static bool
append_common(List **grants, List *relations, char *column, Oid owner)
{
	grant	   *common = palloc0(sizeof(*common));
	ListCell   *cell;

	common->column = column;
	common->acl = read_as_owner(linitial_oid(relations), column, owner);
	foreach(cell, relations)
	{
		if (!is_same(common->acl, read_as_owner(lfirst_oid(cell), column, owner)))
			return false;
	}
	*grants = lappend(*grants, common);
	return true;
}

List *
chash_common_grants(Oid table, Oid owner, List **differing)
{
	List	   *relations = NIL;
	List	   *grants = NIL;
	ListCell   *cell;

	foreach(cell, chash_catalog_strings("SELECT c.oid FROM pg_inherits i "
										"JOIN pg_class c ON c.oid = i.inhrelid "
										"WHERE i.inhparent = $1 AND c.relkind = 'r'", table, ""))
		relations = lappend_oid(relations, atooid((const char *) lfirst(cell)));
	if (!append_common(&grants, relations, NULL, owner))
		*differing = lappend(*differing, "grants");
	foreach(cell, chash_catalog_strings("SELECT DISTINCT a.attname FROM pg_inherits i "
										"JOIN pg_class c ON c.oid = i.inhrelid "
										"JOIN pg_attribute a ON a.attrelid = c.oid "
										"WHERE i.inhparent = $1 AND c.relkind = 'r' AND attnum > 0 "
										"AND NOT attisdropped AND attacl IS NOT NULL", table, ""))
	{
		if (!append_common(&grants, relations, lfirst(cell), owner))
			*differing = lappend(*differing, psprintf("grants of column \"%s\"", (char *) lfirst(cell)));
	}
	return grants;
}

void
chash_give_grants(List *grants, Oid relation)
{
	ListCell   *cell;

	foreach(cell, grants)
		apply_grant(lfirst(cell), relation);
}

void
chash_clear_grants(Oid relation)
{
	grant		none = {get_rel_name(relation), NULL, NULL};

	apply_grant(&none, relation);
}
