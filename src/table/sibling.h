/*
 * sibling.h
 *		What a new partition of a table has in common with the others.
 */
#ifndef CHASH_SIBLING_H
#define CHASH_SIBLING_H

#include "table/layout.h"

#include "nodes/pg_list.h"

/* What the partitions of a table have been given one by one. */
typedef struct chash_siblings
{
	List	   *traits;			/* each an array: see sibling.c */
	List	   *grants;
	List	   *differing;		/* strings, of what not all of them have */
} chash_siblings;

/*
 * Read it, and complete a layout by where all of them are and how they are
 * stored, as far as it does not say so itself.  NULL if there are none.  The
 * first call in a session takes longest.
 */
extern chash_siblings *chash_read_siblings(Oid table, chash_layout *layout);

/* Give it to a partition that has just been made; what it has already stays. */
extern void chash_copy_siblings(const chash_siblings *siblings, Oid partition);

/* Say what a new partition does not have. */
extern void chash_report_siblings(const chash_siblings *siblings, Oid table);

#endif							/* CHASH_SIBLING_H */
