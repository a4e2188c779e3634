/*
 * distribute.h
 *		A table that is to be partitioned by a router.
 */
#ifndef CHASH_DISTRIBUTE_H
#define CHASH_DISTRIBUTE_H

#include "router/compat.h"

#include "access/attnum.h"

typedef struct chash_distribution
{
	Oid			table;
	const char *name;
	Oid			schema;
	const char *quoted;			/* the name with its schema */
	Oid			owner;
	AttrNumber	key;			/* the column */
	const char *key_name;
} chash_distribution;

/*
 * Raise an error unless the relation is a table that the current user may
 * distribute and that is not in use.  It is locked.
 */
extern void chash_check_distributable(Oid table);

/*
 * Raise an error that lists all that PostgreSQL does not let a partitioned
 * table have, or that would be lost.  Plain settings (catalog_query.h) are on.
 */
extern void chash_check_definitions(const chash_distribution *distribution);

#endif							/* CHASH_DISTRIBUTE_H */
