/*
 * catalog_query.h
 *		Queries of the catalogs, and settings under which commands made from
 *		their results mean the same to everybody.
 */
#ifndef CHASH_CATALOG_QUERY_H
#define CHASH_CATALOG_QUERY_H

#include "router/compat.h"

#include "executor/spi.h"
#include "nodes/pg_list.h"

/*
 * From here to chash_end_plain_settings() names are found in pg_catalog or
 * with their schema, and PostgreSQL writes them so; new tables are stored by
 * an access method and, unless they say otherwise, in the default tablespace
 * of the database.  An error ends it too.
 */
extern int	chash_begin_plain_settings(const char *access_method);
extern void chash_end_plain_settings(int level);

/*
 * The rows of a query as a palloc'd list of palloc'd arrays of strings, NULL
 * for null.  $1 is an oid and $2 a text.  It sees what is committed, even if
 * the caller's snapshot is older.
 */
extern List *chash_catalog_rows(const char *sql, Oid oid, const char *text);

/* The same, for who is in a hurry: the plan is kept for the next time. */
extern List *chash_catalog_rows_quickly(SPIPlanPtr *plan, const char *sql, Oid oid);

/* Of a query of one column: the strings that are not null. */
extern List *chash_catalog_strings(const char *sql, Oid oid, const char *text);

/* Run commands in their order. */
extern void chash_run_all(List *commands);

#endif							/* CHASH_CATALOG_QUERY_H */
