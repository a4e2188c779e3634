/*
 * check.h
 *		What chash_check finds wrong with a table.
 */
#ifndef CHASH_CHECK_H
#define CHASH_CHECK_H

#include "router/srf.h"
#include "table/routed.h"

#include "core/router.h"

typedef struct chash_findings
{
	chash_rows	rows;
	chash_routed routed;
	Oid			support;		/* the function by which PostgreSQL places rows */
	chash_router *router;		/* what it routes by */
	List	   *leaves;			/* the partitions */
	List	   *functions;		/* of the router and its operator family, safe to call */
} chash_findings;

#define CHASH_ROWS_UNKNOWN	(-1)

/* Report a problem; the partition, the shard, the rows and the detail may be none. */
extern void chash_found(chash_findings *findings, const char *problem, Oid partition,
						const char *shard, int64 rows, const char *detail);

/* The shard with an id, in the server's encoding; NULL if there is none. */
extern const char *chash_shard_of_id(const chash_findings *findings, uint32 id);

/* Whether the operator family and what guards it are whole; finds the functions. */
extern void chash_check_family(chash_findings *findings);
extern void chash_check_guards(chash_findings *findings);

/* How many of the functions send a key elsewhere than to the shard with an id. */
extern int	chash_disagreements(chash_findings *findings, Datum key, uint32 id);

/* Whether every row is where its shard is; returns how many are not. */
extern int64 chash_check_rows(chash_findings *findings);

/* Whether what a unique index promises is so across partitions. */
extern void chash_check_unique(chash_findings *findings);

/*
 * Run something that may fail, such as a query that asks another server.  If
 * it fails, which it may without harm to the transaction, reports that part of
 * the table was not checked, and returns false.
 */
typedef void (*chash_looking) (chash_findings *findings, void *argument);
extern bool chash_try(chash_findings *findings, Oid partition,
					  chash_looking looking, void *argument);

#endif							/* CHASH_CHECK_H */
