/*
 * source.h
 *		The table that a report is about: its checks, and queries on it.
 */
#ifndef CHASH_SOURCE_H
#define CHASH_SOURCE_H

#include "router/compat.h"

#include "fmgr.h"
#include "router/key.h"
#include "utils/rel.h"

/* Most arguments that a function can have: chash_stored_size takes a row's columns. */
#define CHASH_MAX_COLUMNS	FUNC_MAX_ARGS

typedef struct chash_source
{
	Relation	relation;
	char	   *from;			/* FROM item, with the alias t */
	char	   *key;			/* the key column, as SQL */
	Oid			collation;		/* of the key column */
	chash_key_kind kind;
	char	   *schema;			/* where chash is installed, as SQL */
	Oid			router_type;
	double		sample;			/* fraction of the rows that is read */
} chash_source;

/* What chash_count_moves found for one pair of shards, counted from 1. */
typedef struct chash_tally
{
	int			source;			/* 0, like target, where the key is NULL */
	int			target;
	int64		rows;
	int64		bytes;
} chash_tally;

/*
 * Open the table that argument 0 names for its key column, argument 1.  Raises
 * an error for what cannot be read or routed.  The lock is kept to the end of
 * the transaction.
 */
extern chash_source *chash_source_open(FunctionCallInfo fcinfo, double sample);

/* SQL for the stored size of a row, after checking that it can be computed. */
extern char *chash_source_row_size(const chash_source *source);

/*
 * The bytes that the table and all its partitions or children take, TOAST
 * included; false where that is not known: of views and foreign tables.
 */
extern bool chash_source_stored_bytes(const chash_source *source, int64 *bytes);

/*
 * Count rows and bytes of n pairs of routers in one pass.  bytes is SQL or
 * NULL.  The results, one array for each pair, are allocated in the current
 * memory context.
 */
extern void chash_source_count(const chash_source *source, int n,
							   Datum *before, Datum *after, const char *bytes,
							   chash_tally **tallies, int *counts);

/*
 * The keys at some places, counted from 1, in the order of all "total" keys
 * that are not NULL, as bounds of a range router (server encoding).
 */
extern char **chash_source_keys_at(const chash_source *source, int64 total,
								   const int64 *places, int n);

#endif							/* CHASH_SOURCE_H */
