/*
 * reshardable.h
 *		Whether tables can be resharded, and what is to be waited for before and
 *		done after.
 */
#ifndef CHASH_RESHARDABLE_H
#define CHASH_RESHARDABLE_H

#include "router/compat.h"

#include "nodes/pg_list.h"

/* Raises an error for a table of the router whose rows cannot be moved. */
extern void chash_check_reshardable(Oid router);

/* The errors that it would raise, all of them, as a palloc'd list of chash_refusal *. */
typedef struct chash_refusal
{
	Oid			relation;		/* a table or a partition */
	ErrorData  *error;
} chash_refusal;

extern List *chash_reshard_refusals(Oid router);

/*
 * Raises an error for a partition that has no rows of its own to take, and no
 * place to put any.  One that had may have been replaced by such a one since.
 */
extern void chash_check_kind(Oid table, Oid leaf);

/* Whether a partition has no rows. */
extern bool chash_is_empty(Oid leaf);

/*
 * Wait for all snapshots that are older than now.  Whoever has one looks for
 * rows in the partitions where they were then, as long as these are attached.
 */
extern void chash_wait_for_snapshots(void);

#endif							/* CHASH_RESHARDABLE_H */
