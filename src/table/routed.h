/*
 * routed.h
 *		Tables that are partitioned by a router.
 */
#ifndef CHASH_ROUTED_H
#define CHASH_ROUTED_H

#include "router/compat.h"

#include "access/attnum.h"
#include "nodes/pg_list.h"

typedef struct chash_routed
{
	Oid			table;
	Oid			router;			/* the function */
	int			nkeys;			/* 1, or the table cannot be used as it is */
	AttrNumber	key;			/* the column, or 0 if it is an expression */
	Oid			collation;		/* by which the key is partitioned */
	Oid			operator_class;
} chash_routed;

/*
 * How a table is routed.  False if it is not partitioned by a router; a table
 * of several keys is, if one of them is, and the first such one is meant.
 */
extern bool chash_get_routed(Oid table, chash_routed *routed);

/*
 * The same, but raises an error where it is false and for tables whose keys
 * chash cannot route: of several columns, expressions, texts of a
 * nondeterministic collation.
 */
extern void chash_require_routed(Oid table, chash_routed *routed);

/* The oids of the tables that a router routes, in their order. */
extern List *chash_tables_of_router(Oid router);

/*
 * Whether the support function of an operator class is one of LANGUAGE chash;
 * the router behind it, or InvalidOid.
 */
extern Oid	chash_router_of_class(Oid operator_class);

#endif							/* CHASH_ROUTED_H */
