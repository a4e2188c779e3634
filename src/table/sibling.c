/*
 * sibling.c
 *		A new partition becomes as those that are there.
 *
 * Some things a partition has from its table; others it has been given one by
 * one.  What all partitions were given alike, a new one gets too.  Where they
 * differ nobody can tell what is meant for it, and it gets PostgreSQL's default.
 */
#include "table/sibling.h"

#include "language/naming.h"
#include "table/catalog_query.h"
#include "table/grants.h"
#include "table/owner.h"

#include "catalog/index.h"
#include "catalog/pg_inherits.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* In all queries $1 is the table, and only plain partitions count. */
#define SIBLINGS \
	"WITH sibling AS (SELECT c.* FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid " \
	"  WHERE i.inhparent = $1 AND c.relkind = 'r') "

/* ---- where they are, and how they are stored ---- */

enum
{
	PLACE_COUNT,
	PLACE_SCHEMA,
	PLACE_TABLESPACE,
	PLACE_METHOD,
	PLACE_UNLOGGED,
	PLACE_MIXED					/* some are unlogged */
};

static const char place_rows[] =
	SIBLINGS
	"SELECT count(*), "
	"  CASE WHEN count(DISTINCT n.oid) = 1 THEN min(n.nspname::text) END, "
	"  CASE WHEN count(DISTINCT t.oid) = 1 THEN min(t.spcname::text) END, "
	"  CASE WHEN count(DISTINCT a.oid) = 1 THEN min(a.amname::text) END, "
	"  nullif(bool_and(c.relpersistence = 'u'), false), "
	"  nullif(count(DISTINCT c.relpersistence) > 1, false) "
	"FROM sibling c "
	"JOIN pg_namespace n ON n.oid = c.relnamespace "
	"JOIN pg_am a ON a.oid = c.relam "
	"JOIN pg_database d ON d.datname = current_database() "
	"JOIN pg_tablespace t ON t.oid = coalesce(nullif(c.reltablespace, 0), d.dattablespace) "
	"HAVING count(*) > 0";

/* What all have, unless it is decided already; else it is noted that they differ. */
static const char *
common_place(chash_siblings *siblings, const char *given, char *common, char *what)
{
	if (given)
		return given;
	if (!common)
		siblings->differing = lappend(siblings->differing, what);
	return common;
}

static void
complete_layout(chash_siblings *siblings, char **row, chash_layout *layout)
{
	layout->schema = common_place(siblings, layout->schema, row[PLACE_SCHEMA], "schema");
	layout->tablespace = common_place(siblings, layout->tablespace, row[PLACE_TABLESPACE],
									  "tablespace");
	layout->method = common_place(siblings, layout->method, row[PLACE_METHOD], "access method");
	layout->unlogged = row[PLACE_UNLOGGED] != NULL;
	if (row[PLACE_MIXED])
		siblings->differing = lappend(siblings->differing, "persistence");
}

/* ---- traits ---- */

/*
 * What it is, for people; the command that makes it, before and after the name
 * of the partition, or NULL if chash makes no such thing; the index of the
 * table whose counterpart is named at the end, or NULL; and whether all have it.
 */
enum
{
	TRAIT_NAME,
	TRAIT_BEFORE,
	TRAIT_AFTER,
	TRAIT_INDEX,
	TRAIT_COMMON
};

#define TABLE	"'ALTER TABLE ONLY ', "

/* Names end in what people know them by; s is the partition. */
static const char *const trait_queries[] =
{
	"SELECT format('storage parameter \"%s%s\"', space, option_name), " TABLE
	"  format(' SET (%s%I = %L)', space, option_name, option_value), NULL "
	"FROM sibling s, LATERAL ("
	"  SELECT '' AS space, o.* FROM pg_options_to_table(s.reloptions) o "
	"  UNION ALL SELECT 'toast.', o.* FROM pg_class t, pg_options_to_table(t.reloptions) o "
	"    WHERE t.oid = s.reltoastrelid) options",

	"SELECT 'replica identity', " TABLE
	"  CASE relreplident WHEN 'f' THEN ' REPLICA IDENTITY FULL' ELSE ' REPLICA IDENTITY NOTHING' END, NULL "
	"FROM sibling WHERE relreplident IN ('f', 'n')",

	/* an index that only the partition has has no counterpart */
	"SELECT m.name, CASE WHEN h.inhparent IS NOT NULL THEN 'ALTER TABLE ONLY ' END, m.command, h.inhparent "
	"FROM sibling s JOIN pg_index x ON x.indrelid = s.oid "
	"LEFT JOIN pg_inherits h ON h.inhrelid = x.indexrelid, LATERAL (VALUES "
	"  (x.indisreplident, 'replica identity', ' REPLICA IDENTITY USING INDEX '), "
	"  (x.indisclustered, 'CLUSTER', ' CLUSTER ON ')) m(there, name, command) WHERE m.there",

	/* columns; what the table says of them a partition has from the beginning */
	"SELECT format('statistics target of column \"%s\"', attname), " TABLE
	"  format(' ALTER COLUMN %I SET STATISTICS %s', attname, attstattarget), NULL "
	"FROM sibling s JOIN pg_attribute a ON a.attrelid = s.oid "
	"WHERE attnum > 0 AND NOT attisdropped AND attstattarget >= 0",

	/* some minor versions keep a number of their own among the options, which is no setting */
	"SELECT format('option \"%s\" of column \"%s\"', option_name, attname), " TABLE
	"  format(' ALTER COLUMN %I SET (%I = %L)', attname, option_name, option_value), NULL "
	"FROM sibling s JOIN pg_attribute a ON a.attrelid = s.oid, pg_options_to_table(attoptions) o "
	"WHERE attnum > 0 AND NOT attisdropped AND option_name <> 'pg_attver'",

	"SELECT format('storage of column \"%s\"', a.attname), " TABLE
	"  format(' ALTER COLUMN %I SET STORAGE %s', a.attname, CASE a.attstorage WHEN 'p' THEN 'PLAIN' "
	"    WHEN 'm' THEN 'MAIN' WHEN 'e' THEN 'EXTERNAL' ELSE 'EXTENDED' END), NULL "
	"FROM sibling s JOIN pg_attribute a ON a.attrelid = s.oid "
	"JOIN pg_attribute p ON p.attrelid = $1 AND p.attname = a.attname "
	"WHERE p.attnum > 0 AND NOT a.attisdropped AND a.attstorage <> p.attstorage",

#if CHASH_COLUMN_COMPRESSION
	"SELECT format('compression of column \"%s\"', a.attname), " TABLE
	"  format(' ALTER COLUMN %I SET COMPRESSION %s', a.attname, CASE a.attcompression WHEN 'p' THEN 'pglz' "
	"    WHEN 'l' THEN 'lz4' ELSE 'default' END), NULL "
	"FROM sibling s JOIN pg_attribute a ON a.attrelid = s.oid "
	"JOIN pg_attribute p ON p.attrelid = $1 AND p.attname = a.attname "
	"WHERE p.attnum > 0 AND NOT a.attisdropped AND a.attcompression <> p.attcompression",
#endif

	/* row security; a subquery in a policy can name the partition itself, and no other */
	"SELECT format('policy \"%s\"', polname), "
	"  CASE WHEN position(quote_ident(s.relname) || '.' IN concat(quals, checks)) = 0 "
	"    THEN format('CREATE POLICY %I ON ', polname) END, "
	"  format(' AS %s FOR %s TO %s', CASE WHEN polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END, "
	"    CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' "
	"      WHEN 'd' THEN 'DELETE' ELSE 'ALL' END, "
	"    (SELECT string_agg(CASE role WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(role)) END, "
	"      ', ' ORDER BY role) FROM unnest(polroles) role)) || "
	"    coalesce(' USING (' || quals || ')', '') || coalesce(' WITH CHECK (' || checks || ')', ''), NULL "
	"FROM sibling s JOIN pg_policy p ON p.polrelid = s.oid, "
	"LATERAL (SELECT pg_get_expr(polqual, polrelid) AS quals, pg_get_expr(polwithcheck, polrelid) AS checks) e",

	"SELECT 'row security', " TABLE "' ENABLE ROW LEVEL SECURITY', NULL FROM sibling WHERE relrowsecurity",

	"SELECT 'row security of the owner', " TABLE "' FORCE ROW LEVEL SECURITY', NULL "
	"FROM sibling WHERE relforcerowsecurity",

	/* publications that name the partitions, where the user may change them */
	"SELECT format('publication \"%s\"', p.pubname), "
	"  CASE WHEN pg_has_role(p.pubowner, 'USAGE') THEN format('ALTER PUBLICATION %I ADD TABLE ONLY ', p.pubname) END, "
#if CHASH_FILTERED_PUBLICATIONS
	"  concat(' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) "
	"    FROM pg_attribute a WHERE a.attrelid = s.oid AND a.attnum = ANY (r.prattrs)) || ')', "
	"  ' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')'), NULL "
#else
	"  '', NULL "
#endif
	"FROM sibling s JOIN pg_publication_rel r ON r.prrelid = s.oid JOIN pg_publication p ON p.oid = r.prpubid",

	/* what can do more than anybody can foresee, or needs a name of its own */
	"SELECT format('trigger \"%s\"', tgname), NULL, NULL, NULL "
	"FROM sibling s JOIN pg_trigger t ON t.tgrelid = s.oid WHERE NOT tgisinternal AND tgparentid = 0",

	"SELECT format('state of trigger \"%s\"', t.tgname), NULL, NULL, NULL "
	"FROM sibling s JOIN pg_trigger t ON t.tgrelid = s.oid JOIN pg_trigger p ON p.oid = t.tgparentid "
	"WHERE NOT p.tgisinternal AND t.tgenabled <> p.tgenabled",

	"SELECT format('rule \"%s\"', rulename), NULL, NULL, NULL "
	"FROM sibling s JOIN pg_rewrite r ON r.ev_class = s.oid",

	"SELECT 'statistics on ' || substring(pg_get_statisticsobjdef(t.oid) FROM ' ON (.*) FROM '), "
	"  NULL, NULL, NULL FROM sibling s JOIN pg_statistic_ext t ON t.stxrelid = s.oid",

	"SELECT 'index' || substring(pg_get_indexdef(x.indexrelid) FROM ' USING .*'), NULL, NULL, NULL "
	"FROM sibling s JOIN pg_index x ON x.indrelid = s.oid JOIN pg_class i ON i.oid = x.indexrelid "
	"WHERE NOT i.relispartition AND NOT starts_with(i.relname::text, 'chash_movers_')",

	"SELECT format('constraint \"%s\"', conname), NULL, NULL, NULL "
	"FROM sibling s JOIN pg_constraint k ON k.conrelid = s.oid "
	"WHERE contype IN ('c', 'f') AND coninhcount = 0 AND conparentid = 0",

	"SELECT format('default of column \"%s\"', a.attname), NULL, NULL, NULL "
	"FROM sibling s JOIN pg_attribute a ON a.attrelid = s.oid "
	"JOIN pg_attribute p ON p.attrelid = $1 AND p.attname = a.attname "
	"JOIN pg_attrdef d ON d.adrelid = s.oid AND d.adnum = a.attnum "
	"LEFT JOIN pg_attrdef e ON e.adrelid = $1 AND e.adnum = p.attnum "
	"WHERE p.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity = '' "
	"AND pg_get_expr(d.adbin, d.adrelid) IS DISTINCT FROM pg_get_expr(e.adbin, e.adrelid)",

	"SELECT 'security label', NULL, NULL, NULL "
	"FROM sibling s JOIN pg_seclabel l ON l.classoid = 'pg_class'::regclass AND l.objoid = s.oid",
};

static bool
is_common(char **trait)
{
	return strcmp(trait[TRAIT_COMMON], "t") == 0;
}

static List *
read_traits(Oid table)
{
	static SPIPlanPtr plans[lengthof(trait_queries)];
	List	   *traits = NIL;
	int			i;

	for (i = 0; i < (int) lengthof(trait_queries); i++)
	{
		char	   *sql = psprintf(SIBLINGS "SELECT *, count(*) = (SELECT count(*) FROM sibling) "
								   "FROM (%s) trait(name, before, after, index) "
								   "GROUP BY name, before, after, index ORDER BY name, after",
								   trait_queries[i]);

		traits = list_concat(traits, chash_catalog_rows_quickly(&plans[i], sql, table));
	}
	return traits;
}

chash_siblings *
chash_read_siblings(Oid table, chash_layout *layout)
{
	static SPIPlanPtr plan;
	int			level = chash_begin_plain_settings("heap");
	List	   *places = chash_catalog_rows_quickly(&plan, place_rows, table);
	chash_siblings *siblings = NULL;

	if (places)
	{
		siblings = palloc0(sizeof(*siblings));
		complete_layout(siblings, linitial(places), layout);
		siblings->grants = chash_common_grants(table, chash_owner_of(table), &siblings->differing);
		siblings->traits = read_traits(table);
	}
	chash_end_plain_settings(level);
	return siblings;
}

/* ---- copying ---- */

/* The index of a partition that belongs to one of the table. */
static char *
counterpart(const char *index, Oid partition)
{
	ListCell   *cell;

	foreach(cell, find_inheritance_children(atooid(index), NoLock))
	{
		if (IndexGetRelation(lfirst_oid(cell), true) == partition)
			return get_rel_name(lfirst_oid(cell));
	}
	elog(ERROR, "index %s has no counterpart in table %u", index, partition);
}

static void
copy_trait(char **trait, Oid partition, const char *quoted)
{
	const char *end = "";

	if (trait[TRAIT_INDEX])
		end = quote_identifier(counterpart(trait[TRAIT_INDEX], partition));
	chash_run(psprintf("%s%s%s%s", trait[TRAIT_BEFORE], quoted, trait[TRAIT_AFTER], end));
}

/* Storage parameters that a partition was made with. */
static const char given_traits[] =
	"SELECT format('storage parameter \"%s\"', o.option_name) "
	"FROM pg_class c, pg_options_to_table(c.reloptions) o WHERE c.oid = $1 "
	"UNION ALL SELECT format('storage parameter \"toast.%s\"', o.option_name) "
	"FROM pg_class c JOIN pg_class t ON t.oid = c.reltoastrelid, pg_options_to_table(t.reloptions) o "
	"WHERE c.oid = $1";

static bool
has_string(List *strings, const char *string)
{
	ListCell   *cell;

	foreach(cell, strings)
	{
		if (strcmp(lfirst(cell), string) == 0)
			return true;
	}
	return false;
}

void
chash_copy_siblings(const chash_siblings *siblings, Oid partition)
{
	const char *quoted = chash_quoted_name(get_rel_namespace(partition), get_rel_name(partition));
	int			level = chash_begin_plain_settings("heap");
	List	   *given = chash_catalog_strings(given_traits, partition, "");
	ListCell   *cell;

	chash_give_grants(siblings->grants, partition);
	foreach(cell, siblings->traits)
	{
		char	  **trait = lfirst(cell);

		if (is_common(trait) && trait[TRAIT_BEFORE] && !has_string(given, trait[TRAIT_NAME]))
			copy_trait(trait, partition, quoted);
	}
	chash_end_plain_settings(level);
}

/* ---- what the user is told ---- */

static char *
joined(List *strings)
{
	StringInfoData all;
	List	   *seen = NIL;
	ListCell   *cell;

	initStringInfo(&all);
	foreach(cell, strings)
	{
		if (has_string(seen, lfirst(cell)))
			continue;
		seen = lappend(seen, lfirst(cell));
		appendStringInfo(&all, "%s%s", all.len > 0 ? ", " : "", (char *) lfirst(cell));
	}
	return all.data;
}

void
chash_report_siblings(const chash_siblings *siblings, Oid table)
{
	List	   *differing = list_copy(siblings->differing);
	List	   *missing = NIL;
	ListCell   *cell;

	foreach(cell, siblings->traits)
	{
		char	  **trait = lfirst(cell);

		if (!is_common(trait))
			differing = lappend(differing, trait[TRAIT_NAME]);
		else if (!trait[TRAIT_BEFORE])
			missing = lappend(missing, trait[TRAIT_NAME]);
	}
	if (differing)
		ereport(NOTICE,
				(errmsg("partitions of table \"%s\" differ", get_rel_name(table)),
				 errdetail("A new one is as PostgreSQL makes it in what not all have alike: %s.",
						   joined(differing))));
	if (missing)
		ereport(WARNING,
				(errmsg("partitions of table \"%s\" have what a new one does not get",
						get_rel_name(table)),
				 errdetail("All others have it, but not from the table: %s.", joined(missing)),
				 errhint("Make it for the new partition yourself, if it is to have it.")));
}
