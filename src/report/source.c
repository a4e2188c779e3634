/*
 * source.c
 *		The table that a report is about.
 *
 * It is read by queries (query.c), so that PostgreSQL checks privileges, plans
 * parallel scans, expands views and asks foreign servers.
 */
#include "report/source.h"

#include "access/relation.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "report/query.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* ---- opening ---- */

static Relation
open_relation(Oid oid)
{
	Relation	relation = try_relation_open(oid, AccessShareLock);

	if (!relation)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", oid)));
	switch (relation->rd_rel->relkind)
	{
		case RELKIND_RELATION:
		case RELKIND_PARTITIONED_TABLE:
		case RELKIND_MATVIEW:
		case RELKIND_VIEW:
		case RELKIND_FOREIGN_TABLE:
			return relation;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_WRONG_OBJECT_TYPE),
					 errmsg("\"%s\" is not a table, a view or a foreign table",
							RelationGetRelationName(relation))));
	}
}

static void
find_key(chash_source *source, const char *name)
{
	Oid			oid = RelationGetRelid(source->relation);
	AttrNumber	number = get_attnum(oid, name);
	Oid			type;
	int32		typmod;

	if (number <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of relation \"%s\" does not exist",
						name, RelationGetRelationName(source->relation))));
	get_atttypetypmodcoll(oid, number, &type, &typmod, &source->collation);
	source->kind = chash_key_kind_of_type(type);
	chash_key_check_collation(source->collation);
	source->key = psprintf("t.%s", quote_identifier(name));
}

/* The table itself and all its partitions or children. */
static List *
tables_of(const chash_source *source)
{
	return find_all_inheritors(RelationGetRelid(source->relation), AccessShareLock, NULL);
}

/* PostgreSQL samples tables; of views and foreign tables it would read all rows. */
static void
check_sampling(const chash_source *source)
{
	ListCell   *cell;

	foreach(cell, tables_of(source))
	{
		char		kind = get_rel_relkind(lfirst_oid(cell));

		if (kind == RELKIND_VIEW || kind == RELKIND_FOREIGN_TABLE)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("cannot sample \"%s\", which is not a table",
							get_rel_name(lfirst_oid(cell))),
					 errhint("Leave out the argument \"sample\" to read all rows.")));
	}
}

static char *
from_item(const chash_source *source)
{
	Relation	relation = source->relation;
	char	   *name = quote_qualified_identifier(get_namespace_name(RelationGetNamespace(relation)),
												  RelationGetRelationName(relation));

	if (source->sample == 1)
		return psprintf("%s AS t", name);

	/* the same pages in every query of a report */
	check_sampling(source);
	return psprintf("%s AS t TABLESAMPLE pg_catalog.system (%.17g) REPEATABLE (0)",
					name, source->sample * 100);
}

chash_source *
chash_source_open(FunctionCallInfo fcinfo, double sample)
{
	chash_source *source = palloc0(sizeof(*source));
	Oid			schema = get_func_namespace(fcinfo->flinfo->fn_oid);

	if (!(sample > 0 && sample <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("sample must be above 0 and at most 1, not %g", sample),
				 errhint("It is the fraction of the table to read, as in sample => 0.01.")));
	source->sample = sample;
	source->relation = open_relation(PG_GETARG_OID(0));
	find_key(source, NameStr(*PG_GETARG_NAME(1)));
	source->from = from_item(source);
	source->schema = pstrdup(quote_identifier(get_namespace_name(schema)));
	source->router_type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid,
										  CStringGetDatum("chash_router"),
										  ObjectIdGetDatum(schema));
	return source;
}

/* ---- sizes ---- */

char *
chash_source_row_size(const chash_source *source)
{
	TupleDesc	desc = RelationGetDescr(source->relation);
	StringInfoData sql;
	int			n = 0;
	int			i;

	initStringInfo(&sql);
	appendStringInfo(&sql, "%s.chash_stored_size(", source->schema);
	for (i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, i);

		/* 'v' is a virtual generated column, which is not stored */
		if (column->attisdropped || column->attgenerated == 'v')
			continue;
		appendStringInfo(&sql, "%st.%s", n++ > 0 ? ", " : "",
						 quote_identifier(NameStr(column->attname)));
	}
	appendStringInfoChar(&sql, ')');
	if (n > CHASH_MAX_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_TOO_MANY_COLUMNS),
				 errmsg("cannot measure rows of \"%s\", which has %d columns",
						RelationGetRelationName(source->relation), n),
				 errdetail("The limit is %d columns.", CHASH_MAX_COLUMNS),
				 errhint("Leave out exact_bytes to use the average size.")));
	return sql.data;
}

bool
chash_source_stored_bytes(const chash_source *source, int64 *bytes)
{
	ListCell   *cell;

	*bytes = 0;
	foreach(cell, tables_of(source))
	{
		char		kind = get_rel_relkind(lfirst_oid(cell));

		if (kind == RELKIND_PARTITIONED_TABLE)
			continue;
		if (kind != RELKIND_RELATION && kind != RELKIND_MATVIEW)
			return false;
		*bytes += DatumGetInt64(DirectFunctionCall1(pg_table_size,
													ObjectIdGetDatum(lfirst_oid(cell))));
	}
	return true;
}

/* ---- queries ---- */

/* The result of chash_count_moves, in a memory context. */
static chash_tally *
read_tallies(Datum array, MemoryContext context, int *count)
{
	Datum	   *elements;
	chash_tally *tallies;
	int			n;
	int			i;

	deconstruct_array(DatumGetArrayTypeP(array), INT8OID, sizeof(int64), FLOAT8PASSBYVAL,
					  TYPALIGN_DOUBLE, &elements, NULL, &n);
	*count = n / 4;
	tallies = MemoryContextAllocHuge(context, Max(*count, 1) * sizeof(chash_tally));
	for (i = 0; i < *count; i++)
	{
		tallies[i].source = (int) DatumGetInt64(elements[4 * i]);
		tallies[i].target = (int) DatumGetInt64(elements[4 * i + 1]);
		tallies[i].rows = DatumGetInt64(elements[4 * i + 2]);
		tallies[i].bytes = DatumGetInt64(elements[4 * i + 3]);
	}
	return tallies;
}

void
chash_source_count(const chash_source *source, int n, Datum *before, Datum *after,
				   const char *bytes, chash_tally **tallies, int *counts)
{
	MemoryContext context = CurrentMemoryContext;
	Oid		   *types = palloc(2 * n * sizeof(Oid));
	Datum	   *values = palloc(2 * n * sizeof(Datum));
	StringInfoData sql;
	HeapTuple	row;
	chash_query query;
	int			i;

	initStringInfo(&sql);
	for (i = 0; i < n; i++)
	{
		appendStringInfo(&sql, "%s %s.chash_count_moves($%d, $%d, %s, %s)",
						 i == 0 ? "SELECT" : ",", source->schema, 2 * i + 1, 2 * i + 2,
						 source->key, bytes ? bytes : "'0'::pg_catalog.int8");
		types[2 * i] = types[2 * i + 1] = source->router_type;
		values[2 * i] = before[i];
		values[2 * i + 1] = after[i];
	}
	appendStringInfo(&sql, " FROM %s", source->from);

	row = chash_query_begin(&query, sql.data, 2 * n, types, values);
	for (i = 0; i < n; i++)
	{
		bool		isnull;
		Datum		array = SPI_getbinval(row, SPI_tuptable->tupdesc, i + 1, &isnull);

		tallies[i] = read_tallies(array, context, &counts[i]);
	}
	chash_query_end(&query);
}

char **
chash_source_keys_at(const chash_source *source, int64 total, const int64 *places, int n)
{
	MemoryContext context = CurrentMemoryContext;
	char	  **keys = palloc(Max(n, 1) * sizeof(char *));
	Datum	   *fractions = palloc(Max(n, 1) * sizeof(Datum));
	Oid			type = FLOAT8ARRAYOID;
	Datum		argument;
	HeapTuple	row;
	Datum		array;
	Datum	   *elements;
	int16		length;
	bool		by_value;
	char		align;
	bool		isnull;
	chash_query query;
	char	   *sql;
	int			i;

	/* percentile_disc gives the first key whose place / total is not below */
	for (i = 0; i < n; i++)
		fractions[i] = Float8GetDatum((places[i] - 0.5) / total);
	argument = PointerGetDatum(construct_array(fractions, n, FLOAT8OID, sizeof(float8),
											   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	sql = psprintf("SELECT pg_catalog.percentile_disc($1) WITHIN GROUP (ORDER BY %s) "
				   "FROM %s WHERE %s IS NOT NULL",
				   source->key, source->from, source->key);
	row = chash_query_begin(&query, sql, 1, &type, &argument);
	array = SPI_getbinval(row, SPI_tuptable->tupdesc, 1, &isnull);
	if (isnull)
		elog(ERROR, "the table has no keys any more");
	get_typlenbyvalalign(ARR_ELEMTYPE(DatumGetArrayTypeP(array)), &length, &by_value, &align);
	deconstruct_array(DatumGetArrayTypeP(array), ARR_ELEMTYPE(DatumGetArrayTypeP(array)),
					  length, by_value, align, &elements, NULL, &i);
	Assert(i == n);
	for (i = 0; i < n; i++)
		keys[i] = MemoryContextStrdup(context, chash_key_text(source->kind, elements[i], PG_INT32_MAX));
	chash_query_end(&query);
	return keys;
}
