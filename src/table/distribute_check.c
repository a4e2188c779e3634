/*
 * distribute_check.c
 *		Which tables chash_distribute refuses, and why.
 *
 * All is asked before anything is changed, and all that is in the way is said
 * at once.  What nobody has thought of here PostgreSQL refuses later, when
 * the definitions are made again, and the transaction with it.
 */
#include "table/distribute.h"

#include "table/catalog_query.h"
#include "table/copy_rows.h"

#include "access/relation.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "commands/extension.h"
#include "commands/tablecmds.h"
#include "miscadmin.h"
#include "nodes/bitmapset.h"
#include "optimizer/optimizer.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* ---- what the relation is ---- */

static void
check_kind(Relation relation)
{
	const char *name = RelationGetRelationName(relation);
	Oid			extension;

	if (relation->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("table \"%s\" is partitioned already", name),
				 errhint("Copy its rows into a table that is not, or into one that you create "
						 "with PARTITION BY HASH (key router).")));
	if (relation->rd_rel->relkind != RELKIND_RELATION)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not an ordinary table", name)));
	if (relation->rd_rel->relispartition)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("table \"%s\" is a partition of another table", name),
				 errhint("Detach it first.")));
	if (relation->rd_rel->relpersistence == RELPERSISTENCE_TEMP)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("table \"%s\" is temporary", name),
				 errdetail("It ends with the session, and its router would not.")));
	if (RelationGetRelid(relation) < FirstNormalObjectId)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("\"%s\" is a system catalog", name)));
	extension = getExtensionOfObject(RelationRelationId, RelationGetRelid(relation));
	if (OidIsValid(extension))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("table \"%s\" belongs to the extension \"%s\"", name,
						get_extension_name(extension))));
}

void
chash_check_distributable(Oid table)
{
	Relation	relation = relation_open(table, NoLock);

	check_kind(relation);
	if (!object_ownercheck(RelationRelationId, table, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, RelationGetRelationName(relation));
	CheckTableNotInUse(relation, "distribute");
	relation_close(relation, NoLock);
}

/* ---- what it has ---- */

/*
 * Each query has a row for each reason, in words.  $1 is the table, $2 its
 * key column.
 */
static const char *const reasons[] =
{
	/* what is dropped with the table, and what depends on any of it */
	"WITH relation (id) AS ("
	"  SELECT $1"
	"  UNION ALL SELECT objid FROM pg_depend"
	"    WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass"
	"      AND refobjid = $1 AND deptype = 'i'), "
	"own (class, id) AS ("
	"  SELECT 'pg_class'::regclass::oid, id FROM relation"
	"  UNION ALL SELECT 'pg_type'::regclass, t.oid FROM pg_type t JOIN relation r ON r.id = t.typrelid"
	"  UNION ALL SELECT 'pg_type'::regclass, t.typarray FROM pg_type t JOIN relation r ON r.id = t.typrelid"
	"  UNION ALL SELECT 'pg_class'::regclass, indexrelid FROM pg_index WHERE indrelid = $1"
	"  UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint"
	"    WHERE conrelid = $1 OR confrelid = $1"
	"  UNION ALL SELECT 'pg_trigger'::regclass, oid FROM pg_trigger WHERE tgrelid = $1"
	"  UNION ALL SELECT 'pg_policy'::regclass, oid FROM pg_policy WHERE polrelid = $1"
	"  UNION ALL SELECT 'pg_attrdef'::regclass, oid FROM pg_attrdef WHERE adrelid = $1"
	"  UNION ALL SELECT 'pg_statistic_ext'::regclass, oid FROM pg_statistic_ext WHERE stxrelid = $1"
	"  UNION ALL SELECT 'pg_publication_rel'::regclass, oid FROM pg_publication_rel WHERE prrelid = $1"
	"  UNION ALL SELECT 'pg_rewrite'::regclass, oid FROM pg_rewrite WHERE ev_class = $1), "
	"dependent AS ("
	"  SELECT DISTINCT d.classid, d.objid, d.objsubid FROM pg_depend d"
	"  JOIN own ON d.refclassid = own.class AND d.refobjid = own.id"
	"  WHERE NOT EXISTS (SELECT FROM own WHERE own.class = d.classid AND own.id = d.objid)"
	"    AND NOT (d.classid = 'pg_class'::regclass AND d.deptype = 'a' AND d.refobjsubid > 0)"
	"    AND NOT (d.classid = 'pg_trigger'::regclass AND EXISTS ("
	"      SELECT FROM pg_trigger t WHERE t.oid = d.objid AND t.tgisinternal))) "
	"SELECT reason FROM (SELECT DISTINCT format('%s depends on it: drop it, and create it again afterwards', "
	"  CASE WHEN r.ev_type = '1' THEN pg_describe_object('pg_class'::regclass, r.ev_class, 0)"
	"    ELSE pg_describe_object(d.classid, d.objid, d.objsubid) END) AS reason "
	"FROM dependent d LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid) d "
	"ORDER BY reason COLLATE \"C\"",

	/* keys */
	"SELECT format('%s %I does not include the key column %I: PostgreSQL keeps keys unique within "
	"a partition only; add the column to it, or drop it', "
	"  CASE con.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique constraint'"
	"    ELSE 'unique index' END, c.relname, $2) "
	"FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
	"LEFT JOIN pg_constraint con ON con.conindid = c.oid AND con.contype IN ('p', 'u', 'x') "
	"  AND con.conrelid = $1 "
	"WHERE i.indrelid = $1 AND i.indisunique AND con.contype IS DISTINCT FROM 'x' AND NOT EXISTS ("
	"  SELECT FROM pg_attribute a, generate_series(0, i.indnkeyatts - 1) n"
	"  WHERE a.attrelid = $1 AND a.attname = $2 AND i.indkey[n] = a.attnum) "
	"ORDER BY c.relname COLLATE \"C\"",

	"SELECT format('unique index %I compares the key column %I by another collation than the "
	"column''s: create it without COLLATE', c.relname, $2) "
	"FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
	"JOIN pg_attribute a ON a.attrelid = $1 AND a.attname = $2, "
	"generate_series(0, i.indnkeyatts - 1) n "
	"WHERE i.indrelid = $1 AND i.indisunique AND i.indkey[n] = a.attnum "
	"  AND i.indcollation[n] <> a.attcollation "
	"ORDER BY c.relname COLLATE \"C\"",

#if CHASH_EXCLUSION_OF_PARTITIONED
	"SELECT format('exclusion constraint %I does not compare the key column %I for equality: "
	"PostgreSQL enforces it within a partition only; drop it', con.conname, $2) "
	"FROM pg_constraint con "
	"WHERE con.conrelid = $1 AND con.contype = 'x' AND NOT EXISTS ("
	"  SELECT FROM pg_attribute a, generate_series(1, cardinality(con.conkey)) n"
	"  JOIN pg_operator o ON o.oid = con.conexclop[n]"
	"  WHERE a.attrelid = $1 AND a.attname = $2 AND con.conkey[n] = a.attnum AND o.oprname = '=') "
	"ORDER BY con.conname COLLATE \"C\"",
#else
	"SELECT format('exclusion constraint %I: PostgreSQL has them on partitioned tables from version 17 "
	"on; drop it', con.conname) "
	"FROM pg_constraint con WHERE con.conrelid = $1 AND con.contype = 'x' "
	"ORDER BY con.conname COLLATE \"C\"",
#endif

	"SELECT format('index %I is not valid: create it again, or drop it', c.relname) "
	"FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
	"WHERE i.indrelid = $1 AND NOT i.indisvalid ORDER BY c.relname COLLATE \"C\"",

	/* foreign keys */
#if !CHASH_NOT_VALID_KEYS_OF_PARTITIONED
	"SELECT format('foreign key %I is NOT VALID, which PostgreSQL has on partitioned tables from "
	"version 18 on: validate it, or drop it', conname) "
	"FROM pg_constraint WHERE conrelid = $1 AND contype = 'f' AND NOT convalidated "
	"ORDER BY conname COLLATE \"C\"",
#endif
	"SELECT format('foreign key %I refers to the unlogged table %s: a partitioned table counts as "
	"logged; drop it', con.conname, con.confrelid::regclass) "
	"FROM pg_constraint con JOIN pg_class c ON c.oid = con.confrelid "
	"WHERE con.conrelid = $1 AND con.contype = 'f' AND c.relpersistence = 'u' "
	"ORDER BY con.conname COLLATE \"C\"",

	"SELECT format('foreign key %I of table %s refers to it by other columns than the key column %I: "
	"refer to the key too, or drop it', con.conname, con.conrelid::regclass, $2) "
	"FROM pg_constraint con JOIN pg_attribute a ON a.attrelid = $1 AND a.attname = $2 "
	"WHERE con.confrelid = $1 AND con.contype = 'f' AND con.conparentid = 0 "
	"  AND a.attnum <> ALL (con.confkey) ORDER BY con.conname COLLATE \"C\"",

	"SELECT format('foreign key %I of table %s refers to it, and you do not own that table', "
	"con.conname, con.conrelid::regclass) "
	"FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid "
	"WHERE con.confrelid = $1 AND con.contype = 'f' AND con.conparentid = 0 "
	"  AND NOT pg_has_role(c.relowner, 'USAGE') ORDER BY con.conname COLLATE \"C\"",

	"SELECT reason FROM (SELECT DISTINCT format('foreign key %I is switched off by DISABLE TRIGGER ALL: enable its "
	"triggers, or drop it', con.conname) AS reason "
	"FROM pg_trigger t JOIN pg_constraint con ON con.oid = t.tgconstraint "
	"WHERE $1 IN (con.conrelid, con.confrelid) AND con.contype = 'f' AND t.tgenabled <> 'O') d "
	"ORDER BY reason COLLATE \"C\"",

	/* other constraints and columns */
	"SELECT format('constraint %I is NO INHERIT, and the rows of a partitioned table are in its "
	"partitions: create it without', conname) "
	"FROM pg_constraint WHERE conrelid = $1 AND contype IN ('c', 'n') AND connoinherit "
	"ORDER BY conname COLLATE \"C\"",

	"SELECT format('constraint %I is a NOT NULL that is NOT VALID: validate it, or drop it', conname) "
	"FROM pg_constraint WHERE conrelid = $1 AND contype = 'n' AND NOT convalidated "
	"ORDER BY conname COLLATE \"C\"",

	"SELECT format('the key column %I is a generated column: PostgreSQL does not partition by one; "
	"drop the expression', $2) "
	"FROM pg_attribute WHERE attrelid = $1 AND attname = $2 AND attgenerated <> ''",

	"SELECT format('it is of the type %s: ALTER TABLE ... NOT OF', reloftype::regtype) "
	"FROM pg_class WHERE oid = $1 AND reloftype <> 0",

	"SELECT format('it inherits from %s: ALTER TABLE ... NO INHERIT', inhparent::regclass) "
	"FROM pg_inherits WHERE inhrelid = $1 ORDER BY inhseqno",

	/* triggers */
	"SELECT format('trigger %I is FOR EACH ROW and has a transition table, which PostgreSQL does not "
	"have on partitioned tables: make it FOR EACH STATEMENT, or drop it', tgname) "
	"FROM pg_trigger WHERE tgrelid = $1 AND NOT tgisinternal AND tgtype & 1 = 1 "
	"  AND (tgoldtable IS NOT NULL OR tgnewtable IS NOT NULL) ORDER BY tgname COLLATE \"C\"",

	/* replication */
	"SELECT format('publication %I has it, and you do not own that publication', p.pubname) "
	"FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid "
	"WHERE r.prrelid = $1 AND NOT pg_has_role(p.pubowner, 'USAGE') ORDER BY p.pubname COLLATE \"C\"",

	"SELECT 'a subscription writes to it: take it out of the publication first' "
	"WHERE EXISTS (SELECT FROM pg_subscription_rel WHERE srrelid = $1)",

#if CHASH_FILTERED_PUBLICATIONS
	"SELECT format('publication %I has a row filter or a column list for it: PostgreSQL needs "
	"publish_via_partition_root then; set that for the publication, or take the table out', p.pubname) "
	"FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid "
	"WHERE r.prrelid = $1 AND NOT p.pubviaroot "
	"  AND (r.prqual IS NOT NULL OR r.prattrs IS NOT NULL) ORDER BY p.pubname COLLATE \"C\"",
#endif
};

/* ---- whole rows ---- */

/* Expressions as PostgreSQL stores them; the table is number 1 in them, in triggers also 2. */
static const char expressions[] =
	"SELECT format('constraint %I', conname), conbin::text FROM pg_constraint "
	"WHERE conrelid = $1 AND conbin IS NOT NULL "
	"UNION ALL SELECT format('index %I', c.relname), e.expression "
	"FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid, "
	"LATERAL (VALUES (i.indexprs::text), (i.indpred::text)) e (expression) "
	"WHERE i.indrelid = $1 AND e.expression IS NOT NULL "
	"UNION ALL SELECT format('trigger %I', tgname), tgqual::text FROM pg_trigger "
	"WHERE tgrelid = $1 AND tgqual IS NOT NULL AND tgtype & 1 = 1 "
	"ORDER BY 1, 2";

static bool
has_whole_row(char *expression)
{
	Node	   *node = stringToNode(expression);
	Bitmapset  *columns = NULL;

	pull_varattnos(node, 1, &columns);
	pull_varattnos(node, 2, &columns);
	return bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, columns);
}

static List *
whole_rows(const chash_distribution *distribution)
{
	List	   *found = NIL;
	ListCell   *cell;

	foreach(cell, chash_catalog_rows(expressions, distribution->table, ""))
	{
		char	  **row = lfirst(cell);

		if (has_whole_row(row[1]))
			found = lappend(found, psprintf("%s refers to the whole row: PostgreSQL does not hand "
											"that down to partitions; name the columns instead", row[0]));
	}
	return found;
}

/* ---- keys that are null ---- */

static List *
null_keys(const chash_distribution *distribution)
{
	Relation	relation = table_open(distribution->table, NoLock);
	bool		not_null = TupleDescAttr(RelationGetDescr(relation),
										 distribution->key - 1)->attnotnull;
	uint64		nulls;

	table_close(relation, NoLock);
	nulls = not_null ? 0 : chash_count_nulls(distribution->table, distribution->key);
	if (nulls == 0)
		return NIL;
	return list_make1(psprintf("the key column %s is null in " UINT64_FORMAT " row%s: no shard has "
							   "such rows; give them keys, or delete them",
							   quote_identifier(distribution->key_name), nulls, nulls == 1 ? "" : "s"));
}

/* ---- all of it ---- */

static char *
join_lines(List *lines)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, lines)
		appendStringInfo(&text, "%s- %s.", text.len > 0 ? "\n" : "", (char *) lfirst(cell));
	return text.data;
}

void
chash_check_definitions(const chash_distribution *distribution)
{
	List	   *found = NIL;
	int			i;

	for (i = 0; i < (int) lengthof(reasons); i++)
		found = list_concat(found, chash_catalog_strings(reasons[i], distribution->table,
														 distribution->key_name));
	found = list_concat(found, whole_rows(distribution));
	found = list_concat(found, null_keys(distribution));
	if (found)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot distribute table \"%s\"", distribution->name),
				 errdetail("%s", join_lines(found))));
}
