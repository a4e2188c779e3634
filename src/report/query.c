/*
 * query.c
 *		Running the queries of reports.
 *
 * They name everything with its schema and use no operator, so that no
 * search_path changes them.  That is not enough for functions: whoever may
 * create some in chash's schema can add an overload that suits a call better
 * than chash's own, which takes "any", and have it run by whoever asks for a
 * report.  So the functions that a query has resolved to are checked before
 * it runs.
 *
 * Row security raises an error rather than hide rows: a report on a part of
 * the table would be a wrong answer.
 */
#include "report/query.h"

#include "catalog/dependency.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"
#include "utils/regproc.h"

/* Whether a function is PostgreSQL's own or chash's. */
static bool
is_trusted(Oid function)
{
	Oid			extension = getExtensionOfObject(ProcedureRelationId, function);

	return get_func_namespace(function) == PG_CATALOG_NAMESPACE ||
		(OidIsValid(extension) && extension == get_extension_oid("chash", true));
}

static bool
check_function(Oid function, void *context)
{
	(void) context;
	if (!is_trusted(function))
		ereport(ERROR,
				(errcode(ERRCODE_AMBIGUOUS_FUNCTION),
				 errmsg("function %s would be called instead of one of chash's own",
						format_procedure(function)),
				 errhint("Drop it, or install chash in a schema in which nobody else "
						 "may create functions.")));
	return false;
}

static bool
check_expression(Node *node, void *context)
{
	if (!node)
		return false;
	(void) check_functions_in_node(node, check_function, context);
	return expression_tree_walker(node, check_expression, context);
}

/* Check the functions that the select list of a query calls. */
static void
check_plan(SPIPlanPtr plan)
{
	CachedPlanSource *source = linitial(SPI_plan_get_plan_sources(plan));
	Query	   *query = linitial_node(Query, source->query_list);

	(void) check_expression((Node *) query->targetList, NULL);
}

HeapTuple
chash_query_begin(chash_query *query, const char *sql, int nargs,
				  Oid *types, Datum *values)
{
	SPIPlanPtr	plan;

	query->guc_level = NewGUCNestLevel();
	(void) set_config_option("row_security", "off", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	plan = SPI_prepare_cursor(sql, nargs, types, CURSOR_OPT_PARALLEL_OK);
	if (!plan)
		elog(ERROR, "could not prepare \"%s\": %s", sql, SPI_result_code_string(SPI_result));
	check_plan(plan);
	if (SPI_execute_plan(plan, values, NULL, true, 0) != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "unexpected result of \"%s\"", sql);
	return SPI_tuptable->vals[0];
}

void
chash_query_end(chash_query *query)
{
	SPI_finish();
	AtEOXact_GUC(false, query->guc_level);
}
