/*
 * lag.h
 *		Keeping standbys from falling behind.
 */
#ifndef CHASH_LAG_H
#define CHASH_LAG_H

#include "reshard/steps.h"

#include "access/xlogdefs.h"

/* A place in the write-ahead log that standbys have to come to, and when it was written. */
typedef struct chash_lag
{
	XLogRecPtr	marker;
	TimestampTz written;
} chash_lag;

/*
 * After a step: if a streaming standby is more than the job's
 * max_replication_lag behind, wait until it is not.
 */
extern void chash_wait_for_standbys(chash_job *job, chash_lag *lag);

#endif							/* CHASH_LAG_H */
