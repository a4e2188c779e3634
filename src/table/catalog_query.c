/*
 * catalog_query.c
 *		Queries of the catalogs, and running the commands that they result in.
 */
#include "table/catalog_query.h"

#include "language/naming.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"

static void
set(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

int
chash_begin_plain_settings(const char *access_method)
{
	int			level = NewGUCNestLevel();

	set("search_path", "pg_catalog, pg_temp");
	set("default_tablespace", "");
	set("default_table_access_method", access_method);
	return level;
}

void
chash_end_plain_settings(int level)
{
	AtEOXact_GUC(false, level);
}

static char **
read_row(HeapTuple tuple, TupleDesc desc)
{
	char	  **row = SPI_palloc(desc->natts * sizeof(char *));
	int			i;

	for (i = 0; i < desc->natts; i++)
	{
		char	   *value = SPI_getvalue(tuple, desc, i + 1);

		row[i] = NULL;
		if (value)
			row[i] = strcpy(SPI_palloc(strlen(value) + 1), value);
	}
	return row;
}

static SPIPlanPtr
prepare(const char *sql, int options)
{
	Oid			types[] = {OIDOID, TEXTOID};
	SPIPlanPtr	plan = SPI_prepare_cursor(sql, lengthof(types), types, options);

	if (!plan)
		elog(ERROR, "could not prepare \"%s\": %s", sql, SPI_result_code_string(SPI_result));
	return plan;
}

static List *
rows_of(SPIPlanPtr plan, const char *sql, Oid oid, const char *text, MemoryContext context)
{
	Datum		values[] = {ObjectIdGetDatum(oid), CStringGetTextDatum(text)};
	List	   *rows = NIL;
	uint64		i;

	if (SPI_execute_snapshot(plan, values, NULL, GetLatestSnapshot(), InvalidSnapshot,
							 true, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not execute \"%s\"", sql);
	for (i = 0; i < SPI_processed; i++)
	{
		char	  **row = read_row(SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
		MemoryContext old_context = MemoryContextSwitchTo(context);

		rows = lappend(rows, row);
		MemoryContextSwitchTo(old_context);
	}
	return rows;
}

List *
chash_catalog_rows(const char *sql, Oid oid, const char *text)
{
	MemoryContext context = CurrentMemoryContext;
	List	   *rows;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	rows = rows_of(prepare(sql, 0), sql, oid, text, context);
	SPI_finish();
	return rows;
}

List *
chash_catalog_rows_quickly(SPIPlanPtr *plan, const char *sql, Oid oid)
{
	MemoryContext context = CurrentMemoryContext;
	List	   *rows;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (!*plan)
	{
		SPIPlanPtr	prepared = prepare(sql, CURSOR_OPT_GENERIC_PLAN);

		if (SPI_keepplan(prepared) != 0)
			elog(ERROR, "SPI_keepplan failed");
		*plan = prepared;
	}
	rows = rows_of(*plan, sql, oid, "", context);
	SPI_finish();
	return rows;
}

List *
chash_catalog_strings(const char *sql, Oid oid, const char *text)
{
	List	   *strings = NIL;
	ListCell   *cell;

	foreach(cell, chash_catalog_rows(sql, oid, text))
	{
		char	  **row = lfirst(cell);

		if (row[0])
			strings = lappend(strings, row[0]);
	}
	return strings;
}

void
chash_run_all(List *commands)
{
	ListCell   *cell;

	foreach(cell, commands)
		chash_run(lfirst(cell));
}
