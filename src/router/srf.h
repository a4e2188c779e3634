/*
 * srf.h
 *		Returning a set of rows, and exact numbers in them.
 */
#ifndef CHASH_SRF_H
#define CHASH_SRF_H

#include "router/compat.h"

#include "core/uint.h"
#include "fmgr.h"
#include "utils/tuplestore.h"

typedef struct chash_rows
{
	Tuplestorestate *store;
	TupleDesc	desc;
} chash_rows;

/* Begin the result of a function that is declared to return TABLE. */
extern chash_rows chash_rows_begin(FunctionCallInfo fcinfo);

/* Add a row; one of a long series, so that it looks for interrupts. */
extern void chash_rows_add(chash_rows *rows, Datum *values, bool *nulls);

/* An integer as SQL numeric, exactly. */
extern Datum chash_uint_get_numeric(const chash_uint *value);

#endif							/* CHASH_SRF_H */
