/*
 * definitions.h
 *		What belongs to a table and is to belong to one that takes its place.
 */
#ifndef CHASH_DEFINITIONS_H
#define CHASH_DEFINITIONS_H

#include "router/compat.h"

#include "nodes/pg_list.h"

/* Commands, which name the table as it was called when they were read. */
typedef struct chash_definitions
{
	List	   *checks;			/* CHECK constraints */
	List	   *unlink;			/* foreign keys to the table go, serial sequences change over */
	List	   *identities;		/* identity columns */
	List	   *indexes;		/* and constraints that have one */
	List	   *marks;			/* of indexes, each an array: see definitions.c */
	List	   *foreign_keys;	/* from the table and to it */
	List	   *rest;			/* all that comes after them */
} chash_definitions;

/*
 * Read what a table has.  Plain settings (catalog_query.h) are on.  quoted is
 * its name with its schema.
 */
extern chash_definitions *chash_read_definitions(Oid table, const char *quoted);

/*
 * The settings of the columns, and of the table if the target is one that has
 * rows itself: what it has already stays.
 */
extern void chash_copy_settings(Oid table, Oid target);

/* Do to the indexes of the partitions what was done to an index of the table. */
extern void chash_apply_marks(const chash_definitions *definitions, Oid schema);

#endif							/* CHASH_DEFINITIONS_H */
