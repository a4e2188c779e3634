/*
 * statistics.h
 *		Statistics of partitions after a change.
 */
#ifndef CHASH_STATISTICS_H
#define CHASH_STATISTICS_H

#include "reshard/steps.h"

/*
 * Note how many rows partitions have, in the given memory context.  None of them
 * has moved yet; the indexes of movers have just been made, which counted them.
 */
extern void chash_remember_counts(chash_job *job, List *tables, MemoryContext context);

/*
 * Have the planner know what a change has made of the partitions of a router's
 * tables: by ANALYZE, or by their shares of the rows that were there.  Each in a
 * transaction of its own.  SPI is connected.
 */
extern void chash_analyze(chash_job *job);

#endif							/* CHASH_STATISTICS_H */
