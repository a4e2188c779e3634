/*
 * checksum.h
 *		Whether two sets of rows are the same.
 */
#ifndef CHASH_CHECKSUM_H
#define CHASH_CHECKSUM_H

#include "router/compat.h"

#include "executor/tuptable.h"

typedef struct chash_sum
{
	int64		rows;
	uint64		checksum;		/* of their contents, and not of their order */
} chash_sum;

/* Add the row in a slot, column by column, without dropped ones; toasted values are fetched. */
extern void chash_sum_add(chash_sum *sum, TupleTableSlot *slot);

#endif							/* CHASH_CHECKSUM_H */
