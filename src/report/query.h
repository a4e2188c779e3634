/*
 * query.h
 *		Queries that reports run, safe from what else is in the database.
 */
#ifndef CHASH_QUERY_H
#define CHASH_QUERY_H

#include "router/compat.h"

#include "access/htup.h"

typedef struct chash_query
{
	int			guc_level;
} chash_query;

/*
 * Run a query of one row as the caller.  From here to chash_query_end() SPI is
 * connected, memory is SPI's, and SPI_tuptable describes the row.
 */
extern HeapTuple chash_query_begin(chash_query *query, const char *sql,
								   int nargs, Oid *types, Datum *values);

extern void chash_query_end(chash_query *query);

#endif							/* CHASH_QUERY_H */
