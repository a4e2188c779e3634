/*
 * guard.c
 *		The event triggers that keep whole what tables route by.
 *
 * Functions of LANGUAGE chash are functions, and can be replaced, altered and
 * dropped like any other.  What would leave tables with rows that are not
 * found, or with nothing to route by, is refused here, whichever command it
 * came from.
 */
#include "language/change.h"
#include "language/function.h"
#include "language/named.h"
#include "language/relatives.h"
#include "table/replace.h"
#include "table/routed.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "commands/event_trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(chash_guard_ddl);
PG_FUNCTION_INFO_V1(chash_guard_drop);

/* What a command did to a function of LANGUAGE chash. */
typedef struct altered
{
	HeapTuple	before;
	HeapTuple	after;
	Form_pg_proc old_form;
	Form_pg_proc new_form;
	Oid			function;
	chash_signature signature;	/* as it was */
} altered;

/* ---- queries ---- */

static int
begin_query(const char *sql)
{
	int			level = NewGUCNestLevel();

	/* not named, the caller's temporary tables would come first */
	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute(sql, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not execute \"%s\"", sql);
	return level;
}

static void
end_query(int level)
{
	SPI_finish();
	AtEOXact_GUC(false, level);
}

static Oid
get_oid(uint64 row, int column)
{
	bool		isnull;

	return DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc,
										  column, &isnull));
}

/* ---- functions that were created or altered ---- */

pg_noreturn static void
refuse(const altered *function, const char *what, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
			 errmsg("function %s cannot be %s, because a router is made of it",
					format_procedure(function->function), what),
			 errhint("%s", hint)));
}

static bool
is_router(const altered *function)
{
	return function->signature.kind == CHASH_FUNCTION_ROUTER;
}

/* Whether nothing depends on what the function does: a router without helpers. */
static bool
is_on_its_own(const altered *function)
{
	return is_router(function) && chash_helpers_of(function->function) == NIL;
}

static bool
bodies_differ(const altered *function)
{
	return strcmp(chash_function_body(function->before), chash_function_body(function->after)) != 0;
}

static void
check_body(const altered *function)
{
	chash_version before;
	chash_version after;

	if (function->new_form->prolang != function->old_form->prolang)
	{
		if (!is_on_its_own(function))
			refuse(function, "replaced by one in another language",
				   "chash_drop_router drops a router and all that belongs to it.");
	}
	else if (!bodies_differ(function))
		return;
	else if (!is_router(function))
		refuse(function, "given another body", "chash_replace_router changes a router.");
	else
	{
		chash_version_read(function->before, &before);
		chash_version_read(function->after, &after);
		chash_change_router_check(function->function, &before, &after);
		chash_version_release(&before);
		chash_version_release(&after);
	}
}

/* The bodies of the helpers are the router's name. */
static void
follow_name(const altered *function)
{
	ListCell   *cell;

	if (!is_router(function) ||
		strcmp(NameStr(function->old_form->proname), NameStr(function->new_form->proname)) == 0)
		return;
	foreach(cell, chash_helpers_of(function->function))
		chash_set_body(lfirst_oid(cell), NameStr(function->new_form->proname));
}

static void
check_schema(const altered *function)
{
	if (function->old_form->pronamespace != function->new_form->pronamespace &&
		!is_on_its_own(function))
		refuse(function, "moved to another schema",
			   "Functions that belong together stay in one schema, which can be renamed.");
}

/* Whoever plans a query of a partitioned table runs it. */
static void
check_owner(const altered *function)
{
	if (function->signature.kind == CHASH_FUNCTION_HASH &&
		!superuser_arg(function->new_form->proowner))
		refuse(function, "owned by anybody but a superuser",
			   "Queries of partitioned tables call it as whoever runs them.");
}

static void
check_altered(altered *function)
{
	function->old_form = (Form_pg_proc) GETSTRUCT(function->before);
	function->new_form = (Form_pg_proc) GETSTRUCT(function->after);
	function->signature = chash_function_signature(function->before);
	check_body(function);
	if (function->new_form->prolang != chash_language())
		return;
	(void) chash_function_signature(function->after);
	check_schema(function);
	check_owner(function);
	follow_name(function);
}

static void
check_function(Oid oid)
{
	altered		function;
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(oid));
	Form_pg_proc form;
	Oid			router;

	if (!HeapTupleIsValid(tuple))
		return;
	form = (Form_pg_proc) GETSTRUCT(tuple);
	router = chash_find_router(NameStr(form->proname), form->pronamespace);
	if (OidIsValid(router))
	{
		HeapTuple	router_tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(router));

		chash_check_only_function(router_tuple);
		ReleaseSysCache(router_tuple);
	}
	function.function = oid;
	function.after = tuple;
	function.before = chash_previous_version(tuple);
	if (function.before && ((Form_pg_proc) GETSTRUCT(function.before))->prolang == chash_language())
		check_altered(&function);
	ReleaseSysCache(tuple);
}

/* ---- the event triggers ---- */

/* Whoever changes the router at the same time waits, and finds the table, see replace.c. */
static void
note_table(Oid table)
{
	chash_routed routed;

	if (chash_get_routed(table, &routed))
		LockDatabaseObject(ProcedureRelationId, routed.router, 0, AccessShareLock);
}

static void
check_called_by_event(FunctionCallInfo fcinfo)
{
	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function %s was not called by an event trigger",
						get_func_name(fcinfo->flinfo->fn_oid))));
}

/* ON ddl_command_end */
Datum
chash_guard_ddl(PG_FUNCTION_ARGS)
{
	int			level;
	uint64		i;

	check_called_by_event(fcinfo);
	level = begin_query("SELECT classid, objid FROM pg_event_trigger_ddl_commands()"
						" WHERE classid IN ('pg_proc'::regclass, 'pg_class'::regclass)"
						" UNION ALL SELECT 'pg_opfamily'::regclass, t.partrelid"
						" FROM pg_event_trigger_ddl_commands() d"
						" JOIN pg_opclass c ON d.classid = 'pg_opfamily'::regclass AND c.opcfamily = d.objid"
						" JOIN pg_partitioned_table t ON c.oid = ANY (t.partclass::oid[])");
	for (i = 0; i < SPI_processed; i++)
	{
		if (get_oid(i, 1) == ProcedureRelationId)
			check_function(get_oid(i, 2));
		else if (get_oid(i, 1) == RelationRelationId)
			note_table(get_oid(i, 2));
		else
			/* sessions know the function by which the table was partitioned before */
			CacheInvalidateRelcacheByRelid(get_oid(i, 2));
	}
	end_query(level);
	PG_RETURN_NULL();
}

/*
 * ON sql_drop
 *
 * From PostgreSQL 14 on an operator class can lose its support function, and
 * a table that is partitioned by it is left behind.
 */
Datum
chash_guard_drop(PG_FUNCTION_ARGS)
{
	int			level;

	check_called_by_event(fcinfo);
	level = begin_query(
						"SELECT t.partrelid, f.opfname::text"
						" FROM pg_event_trigger_dropped_objects() d"
						" JOIN pg_namespace n ON n.nspname = d.address_names[2]"
						" JOIN pg_opfamily f ON f.opfnamespace = n.oid AND f.opfname = d.address_names[3]"
						" JOIN pg_am a ON a.oid = f.opfmethod AND a.amname = d.address_names[1]"
						" JOIN pg_opclass c ON c.opcfamily = f.oid"
						" JOIN pg_partitioned_table t ON c.oid = ANY (t.partclass::oid[])"
						" WHERE d.object_type = 'function of access method' AND a.amname = 'hash'"
						" AND d.address_names[4] = '2'");
	if (SPI_processed > 0)
		ereport(ERROR,
				(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
				 errmsg("cannot drop what table \"%s\" is partitioned by",
						get_rel_name(get_oid(0, 1))),
				 errdetail("The operator family \"%s\" would lose a function that routes.",
						   SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2)),
				 errhint("Drop the table first.")));
	end_query(level);
	PG_RETURN_NULL();
}
