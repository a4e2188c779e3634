/*
 * statistics.h
 *		Statistics of partitions after a change.
 */
#ifndef CHASH_STATISTICS_H
#define CHASH_STATISTICS_H

#include "reshard/steps.h"

#include "nodes/bitmapset.h"

/*
 * The ids of shards that rows leave in a change; none if that is not known, or if
 * they come back.
 */
extern Bitmapset *chash_shards_left(const chash_job *job);

/*
 * Have the planner know that so many rows have left a partition since its rows
 * were counted.  It is locked at least as VACUUM does.
 */
extern void chash_count_gone(Oid leaf, int64 gone);

/*
 * ANALYZE the partitions of a router's tables of which the statistics are not true
 * any more after a change, or that have none, each in a transaction of its own.  SPI is connected.
 */
extern void chash_analyze(chash_job *job);

#endif							/* CHASH_STATISTICS_H */
