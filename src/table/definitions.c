/*
 * definitions.c
 *		Reading what belongs to a table as commands that make it again.
 *
 * PostgreSQL's own functions write the definitions, as they do for pg_dump;
 * what they leave out (comments, states, owners) the queries here put in.
 */
#include "table/definitions.h"

#include "language/naming.h"
#include "table/catalog_query.h"

#include "catalog/index.h"
#include "catalog/pg_inherits.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"

/* In all queries $1 is the table, and $2 its name with its schema. */

/* ---- what PostgreSQL writes ---- */

static const char check_oids[] =
	"SELECT oid FROM pg_constraint WHERE conrelid = $1 AND contype = 'c' ORDER BY oid";

static const char key_oids[] =
	"SELECT oid FROM pg_constraint WHERE conrelid = $1 AND contype IN ('p', 'u', 'x') ORDER BY oid";

static const char index_oids[] =
	"SELECT indexrelid FROM pg_index WHERE indrelid = $1 AND NOT EXISTS ("
	"  SELECT FROM pg_constraint WHERE conindid = indexrelid AND conrelid = $1"
	"    AND contype IN ('p', 'u', 'x')) ORDER BY indexrelid";

/* partitions have theirs from the table that they are partitions of */
static const char foreign_key_oids[] =
	"SELECT oid FROM pg_constraint "
	"WHERE $1 IN (conrelid, confrelid) AND contype = 'f' AND conparentid = 0 ORDER BY oid";

static List *
written_by(char *(*write) (Oid), const char *oids, Oid table)
{
	List	   *commands = NIL;
	ListCell   *cell;

	foreach(cell, chash_catalog_strings(oids, table, ""))
		commands = lappend(commands, write(atooid((const char *) lfirst(cell))));
	return commands;
}

/* ---- what is done before the table goes ---- */

static const char unlink_commands[] =
	"SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) "
	"FROM pg_constraint WHERE confrelid = $1 AND conrelid <> $1 AND contype = 'f' AND conparentid = 0 "
	"UNION ALL "
	"SELECT format('ALTER SEQUENCE %s OWNED BY %s.%I', d.objid::regclass, $2, a.attname) "
	"FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid "
	"JOIN pg_class s ON s.oid = d.objid "
	"WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass "
	"  AND d.refobjid = $1 AND d.deptype = 'a' AND s.relkind = 'S'";

/* ---- identity columns ---- */

static const char identity_commands[] =
	"SELECT format('ALTER TABLE %s ALTER COLUMN %I ADD GENERATED %s AS IDENTITY (SEQUENCE NAME %s "
	"INCREMENT BY %s MINVALUE %s MAXVALUE %s START WITH %s CACHE %s %s)', $2, a.attname, "
	"  CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END, s.seqrelid::regclass, "
	"  s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache, "
	"  CASE WHEN s.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END), "
	"  format('SELECT format(''SELECT pg_catalog.setval(%%L, %%s, %%L)'', %L, last_value, is_called) "
	"FROM %s', s.seqrelid::regclass, s.seqrelid::regclass), "
	"  format('COMMENT ON SEQUENCE %s IS %L', s.seqrelid::regclass, "
	"    obj_description(s.seqrelid, 'pg_class')), "
	"  obj_description(s.seqrelid, 'pg_class') "
	"FROM pg_attribute a "
	"JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass "
	"  AND d.refobjid = $1 AND d.refobjsubid = a.attnum AND d.deptype = 'i' "
	"JOIN pg_sequence s ON s.seqrelid = d.objid "
	"WHERE a.attrelid = $1 AND a.attidentity <> '' ORDER BY a.attnum";

static List *
read_identities(Oid table, const char *quoted)
{
	List	   *commands = NIL;
	ListCell   *cell;

	foreach(cell, chash_catalog_rows(identity_commands, table, quoted))
	{
		char	  **row = lfirst(cell);

		commands = lappend(commands, row[0]);
		commands = list_concat(commands, chash_catalog_strings(row[1], table, ""));
		if (row[3])
			commands = lappend(commands, row[2]);
	}
	return commands;
}

/* ---- marks of indexes ---- */

/*
 * index, what is said of it, whether that is said of its table.  An index of
 * a partitioned table hands none of these down to those of the partitions.
 */
enum
{
	MARK_INDEX,
	MARK_TEXT,
	MARK_OF_TABLE,
	MARK_OF_PARTITIONS_ONLY
};

static const char mark_rows[] =
	"SELECT c.relname, format('ALTER COLUMN %s SET STATISTICS %s', a.attnum, a.attstattarget), "
	"  NULL, NULL "
	"FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
	"JOIN pg_attribute a ON a.attrelid = c.oid AND a.attstattarget >= 0 WHERE i.indrelid = $1 "
	"  AND i.indkey[a.attnum - 1] = 0 "
	"UNION ALL SELECT c.relname, 'CLUSTER ON', 'table', 'partitions' "
	"FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1 AND i.indisclustered "
	"UNION ALL SELECT c.relname, 'REPLICA IDENTITY USING INDEX', 'table', NULL "
	"FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1 AND i.indisreplident";

static void
apply_mark(char **mark, Oid index)
{
	Oid			schema = get_rel_namespace(index);
	char	   *name = get_rel_name(index);
	Oid			table;

	if (!mark[MARK_OF_TABLE])
	{
		chash_run(psprintf("ALTER INDEX %s %s", chash_quoted_name(schema, name), mark[MARK_TEXT]));
		return;
	}
	table = IndexGetRelation(index, false);
	chash_run(psprintf("ALTER TABLE %s %s %s",
					   chash_quoted_name(get_rel_namespace(table), get_rel_name(table)),
					   mark[MARK_TEXT], quote_identifier(name)));
}

void
chash_apply_marks(const chash_definitions *definitions, Oid schema)
{
	ListCell   *cell;
	ListCell   *child;

	foreach(cell, definitions->marks)
	{
		char	  **mark = lfirst(cell);
		Oid			index = get_relname_relid(mark[MARK_INDEX], schema);

		if (!mark[MARK_OF_PARTITIONS_ONLY])
			apply_mark(mark, index);
		foreach(child, find_inheritance_children(index, AccessExclusiveLock))
			apply_mark(mark, lfirst_oid(child));
	}
}

/* ---- the rest ---- */

static const char *const rest_commands[] =
{
	/* triggers; those of foreign keys are PostgreSQL's own */
	"SELECT pg_get_triggerdef(oid) FROM pg_trigger "
	"WHERE tgrelid = $1 AND NOT tgisinternal ORDER BY oid",

	"SELECT format('ALTER TABLE %s %s TRIGGER %I', $2, CASE tgenabled WHEN 'D' THEN 'DISABLE' "
	"  WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, tgname) "
	"FROM pg_trigger WHERE tgrelid = $1 AND NOT tgisinternal AND tgenabled <> 'O'",

	/* rules */
	"SELECT pg_get_ruledef(oid) FROM pg_rewrite WHERE ev_class = $1 ORDER BY oid",

	"SELECT format('ALTER TABLE %s %s RULE %I', $2, CASE ev_enabled WHEN 'D' THEN 'DISABLE' "
	"  WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, rulename) "
	"FROM pg_rewrite WHERE ev_class = $1 AND ev_enabled <> 'O'",

	/* row security */
	"SELECT format('CREATE POLICY %I ON %s AS %s FOR %s TO %s', polname, $2, "
	"  CASE WHEN polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END, "
	"  CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' "
	"    WHEN 'd' THEN 'DELETE' ELSE 'ALL' END, "
	"  (SELECT string_agg(CASE role WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(role)) END, ', ') "
	"   FROM unnest(polroles) role)) || "
	"  coalesce(' USING (' || pg_get_expr(polqual, polrelid) || ')', '') || "
	"  coalesce(' WITH CHECK (' || pg_get_expr(polwithcheck, polrelid) || ')', '') "
	"FROM pg_policy WHERE polrelid = $1 ORDER BY oid",

	"SELECT format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', $2) FROM pg_class "
	"WHERE oid = $1 AND relrowsecurity",

	"SELECT format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', $2) FROM pg_class "
	"WHERE oid = $1 AND relforcerowsecurity",

	/* extended statistics */
	"SELECT pg_get_statisticsobjdef(oid) FROM pg_statistic_ext WHERE stxrelid = $1 ORDER BY oid",

	"SELECT format('ALTER STATISTICS %I.%I SET STATISTICS %s', n.nspname, stxname, stxstattarget) "
	"FROM pg_statistic_ext JOIN pg_namespace n ON n.oid = stxnamespace "
	"WHERE stxrelid = $1 AND stxstattarget >= 0",

	"SELECT format('ALTER STATISTICS %I.%I OWNER TO %I', n.nspname, stxname, pg_get_userbyid(stxowner)) "
	"FROM pg_statistic_ext JOIN pg_namespace n ON n.oid = stxnamespace WHERE stxrelid = $1",

	/* logical replication */
#if CHASH_FILTERED_PUBLICATIONS
	"SELECT format('ALTER PUBLICATION %I ADD TABLE %s', p.pubname, $2) || "
	"  coalesce(' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) "
	"    FROM pg_attribute a WHERE a.attrelid = $1 AND a.attnum = ANY (r.prattrs)) || ')', '') || "
	"  coalesce(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', '') "
#else
	"SELECT format('ALTER PUBLICATION %I ADD TABLE %s', p.pubname, $2) "
#endif
	"FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid WHERE r.prrelid = $1",

	/* comments; those of columns are copied with the columns */
	"SELECT format('COMMENT ON TABLE %s IS %L', $2, d) FROM obj_description($1, 'pg_class') d "
	"WHERE d IS NOT NULL",

	"SELECT format('COMMENT ON CONSTRAINT %I ON %s IS %L', conname, conrelid::regclass, description) "
	"FROM pg_constraint c JOIN pg_description d ON d.objoid = c.oid "
	"  AND d.classoid = 'pg_constraint'::regclass "
	"WHERE $1 IN (c.conrelid, c.confrelid) AND c.conparentid = 0",

	"SELECT format('COMMENT ON INDEX %s IS %L', i.indexrelid::regclass, d.description) "
	"FROM pg_index i JOIN pg_description d ON d.objoid = i.indexrelid "
	"  AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0 WHERE i.indrelid = $1",

	"SELECT format('COMMENT ON TRIGGER %I ON %s IS %L', t.tgname, $2, d.description) "
	"FROM pg_trigger t JOIN pg_description d ON d.objoid = t.oid "
	"  AND d.classoid = 'pg_trigger'::regclass WHERE t.tgrelid = $1",

	"SELECT format('COMMENT ON RULE %I ON %s IS %L', r.rulename, $2, d.description) "
	"FROM pg_rewrite r JOIN pg_description d ON d.objoid = r.oid "
	"  AND d.classoid = 'pg_rewrite'::regclass WHERE r.ev_class = $1",

	"SELECT format('COMMENT ON POLICY %I ON %s IS %L', p.polname, $2, d.description) "
	"FROM pg_policy p JOIN pg_description d ON d.objoid = p.oid "
	"  AND d.classoid = 'pg_policy'::regclass WHERE p.polrelid = $1",

	"SELECT format('COMMENT ON STATISTICS %I.%I IS %L', n.nspname, s.stxname, d.description) "
	"FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace "
	"JOIN pg_description d ON d.objoid = s.oid AND d.classoid = 'pg_statistic_ext'::regclass "
	"WHERE s.stxrelid = $1",

	/* labels */
	"SELECT format('SECURITY LABEL FOR %I ON TABLE %s IS %L', provider, $2, label) "
	"FROM pg_seclabel WHERE objoid = $1 AND classoid = 'pg_class'::regclass AND objsubid = 0",

	"SELECT format('SECURITY LABEL FOR %I ON COLUMN %s.%I IS %L', l.provider, $2, a.attname, l.label) "
	"FROM pg_seclabel l JOIN pg_attribute a ON a.attrelid = $1 AND a.attnum = l.objsubid "
	"WHERE l.objoid = $1 AND l.classoid = 'pg_class'::regclass AND l.objsubid > 0",

	/* what goes with an extension */
	"SELECT format('ALTER INDEX %s DEPENDS ON EXTENSION %I', i.indexrelid::regclass, e.extname) "
	"FROM pg_index i JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid "
	"  AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'x' "
	"JOIN pg_extension e ON e.oid = d.refobjid WHERE i.indrelid = $1",

	"SELECT format('ALTER TRIGGER %I ON %s DEPENDS ON EXTENSION %I', t.tgname, $2, e.extname) "
	"FROM pg_trigger t JOIN pg_depend d ON d.classid = 'pg_trigger'::regclass AND d.objid = t.oid "
	"  AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'x' "
	"JOIN pg_extension e ON e.oid = d.refobjid WHERE t.tgrelid = $1",
};

chash_definitions *
chash_read_definitions(Oid table, const char *quoted)
{
	chash_definitions *definitions = palloc0(sizeof(*definitions));
	int			i;

	definitions->checks = written_by(pg_get_constraintdef_command, check_oids, table);
	definitions->unlink = chash_catalog_strings(unlink_commands, table, quoted);
	definitions->identities = read_identities(table, quoted);
	definitions->indexes = list_concat(written_by(pg_get_constraintdef_command, key_oids, table),
									   written_by(pg_get_indexdef_string, index_oids, table));
	definitions->marks = chash_catalog_rows(mark_rows, table, quoted);
	definitions->foreign_keys = written_by(pg_get_constraintdef_command, foreign_key_oids, table);
	for (i = 0; i < (int) lengthof(rest_commands); i++)
		definitions->rest = list_concat(definitions->rest,
										chash_catalog_strings(rest_commands[i], table, quoted));
	return definitions;
}

/* ---- settings ---- */

static const char *const settings_commands[] =
{
	"SELECT format('ALTER TABLE ONLY %s ALTER COLUMN %I SET STATISTICS %s', $2, attname, attstattarget) "
	"FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped AND attstattarget >= 0",

	/* some minor versions keep a number of their own among the options, which is no setting */
	"SELECT format('ALTER TABLE ONLY %s ALTER COLUMN %I SET (%s)', $2, a.attname, "
	"  string_agg(format('%I = %L', o.option_name, o.option_value), ', ')) "
	"FROM pg_attribute a, pg_options_to_table(a.attoptions) o "
	"WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped AND o.option_name <> 'pg_attver' "
	"GROUP BY a.attname",

	/* the statistics of all partitions together are estimated by the other option */
	"SELECT format('ALTER TABLE ONLY %s ALTER COLUMN %I SET (n_distinct_inherited = %L)', "
	"  $2, a.attname, o.option_value) "
	"FROM pg_attribute a, pg_options_to_table(a.attoptions) o "
	"JOIN pg_class t ON t.oid = $2::regclass "
	"WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped AND t.relkind = 'p' "
	"  AND o.option_name = 'n_distinct' AND NOT EXISTS ("
	"    SELECT FROM pg_options_to_table(a.attoptions) i WHERE i.option_name = 'n_distinct_inherited')",

	"SELECT format('ALTER TABLE ONLY %s REPLICA IDENTITY %s', $2, "
	"  CASE relreplident WHEN 'f' THEN 'FULL' ELSE 'NOTHING' END) "
	"FROM pg_class WHERE oid = $1 AND relreplident IN ('f', 'n')",

	/* those of a table with rows */
	"WITH old AS ("
	"  SELECT '' AS space, o.* FROM pg_class c, pg_options_to_table(c.reloptions) o WHERE c.oid = $1 "
	"  UNION ALL SELECT 'toast.', o.* FROM pg_class c JOIN pg_class t ON t.oid = c.reltoastrelid, "
	"    pg_options_to_table(t.reloptions) o WHERE c.oid = $1), "
	"new AS ("
	"  SELECT '' AS space, o.* FROM pg_class c, pg_options_to_table(c.reloptions) o "
	"    WHERE c.oid = $2::regclass "
	"  UNION ALL SELECT 'toast.', o.* FROM pg_class c JOIN pg_class t ON t.oid = c.reltoastrelid, "
	"    pg_options_to_table(t.reloptions) o WHERE c.oid = $2::regclass) "
	"SELECT format('ALTER TABLE ONLY %s SET (%s%I = %L)', $2, space, option_name, option_value) "
	"FROM old JOIN pg_class t ON t.oid = $2::regclass "
	"WHERE t.relkind = 'r' AND NOT EXISTS ("
	"  SELECT FROM new WHERE new.space = old.space AND new.option_name = old.option_name)",

	"SELECT format('ALTER TABLE ONLY %s SET UNLOGGED', $2) "
	"FROM pg_class c JOIN pg_class t ON t.oid = $2::regclass "
	"WHERE c.oid = $1 AND c.relpersistence = 'u' AND t.relkind = 'r'",
};

void
chash_copy_settings(Oid table, Oid target)
{
	const char *quoted = chash_quoted_name(get_rel_namespace(target), get_rel_name(target));
	int			i;

	for (i = 0; i < (int) lengthof(settings_commands); i++)
		chash_run_all(chash_catalog_strings(settings_commands[i], table, quoted));
}
