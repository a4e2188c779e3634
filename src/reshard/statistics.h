/*
 * statistics.h
 *		Statistics of partitions after a change.
 */
#ifndef CHASH_STATISTICS_H
#define CHASH_STATISTICS_H

#include "reshard/steps.h"

/*
 * ANALYZE the partitions of a router's tables that a change has changed, each in
 * a transaction of its own.  SPI is connected.
 */
extern void chash_analyze(chash_job *job);

#endif							/* CHASH_STATISTICS_H */
