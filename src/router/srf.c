/*
 * srf.c
 *		Returning a set of rows.
 */
#include "router/srf.h"

#include "access/tupdesc.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/fmgrprotos.h"

chash_rows
chash_rows_begin(FunctionCallInfo fcinfo)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext old_context;
	chash_rows	rows;

	if (!result || !IsA(result, ReturnSetInfo) || !(result->allowedModes & SFRM_Materialize))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("set-valued function called in context that cannot accept a set")));
	old_context = MemoryContextSwitchTo(result->econtext->ecxt_per_query_memory);
	if (get_call_result_type(fcinfo, NULL, &rows.desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	rows.store = tuplestore_begin_heap((result->allowedModes & SFRM_Materialize_Random) != 0,
									   false, work_mem);
	result->returnMode = SFRM_Materialize;
	result->setResult = rows.store;
	result->setDesc = rows.desc;
	MemoryContextSwitchTo(old_context);
	return rows;
}

void
chash_rows_add(chash_rows *rows, Datum *values, bool *nulls)
{
	CHECK_FOR_INTERRUPTS();
	tuplestore_putvalues(rows->store, rows->desc, values, nulls);
}

Datum
chash_uint_get_numeric(const chash_uint *value)
{
	char		text[CHASH_UINT_DIGITS];

	return DirectFunctionCall3(numeric_in, CStringGetDatum(chash_uint_to_text(value, text)),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}
