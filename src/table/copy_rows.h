/*
 * copy_rows.h
 *		Copying the rows of a table into the partitions of another one.
 */
#ifndef CHASH_COPY_ROWS_H
#define CHASH_COPY_ROWS_H

#include "router/compat.h"

#include "access/attnum.h"

/* How many rows have NULL in a column.  The table is locked. */
extern uint64 chash_count_nulls(Oid table, AttrNumber column);

/*
 * Copy all rows of a table into the empty partitions of a table that is
 * partitioned by a router and has the same columns, dropped ones aside.  Both
 * are locked in ACCESS EXCLUSIVE mode.  Below triggers, row security,
 * privileges and the expressions of generated columns: the values arrive as
 * they are.  Returns how many rows there are, and raises an error unless as
 * many, with the same contents, are in the partitions afterwards.
 */
extern uint64 chash_copy_rows(Oid source, Oid target);

#endif							/* CHASH_COPY_ROWS_H */
