/*
 * lag.c
 *		Waiting for standbys, by how far they have replayed.
 *
 * One place in the log is watched at a time.  When the slowest standby has come
 * to it, the next one is the end of the log at that time.  So a standby that is
 * idle is not thought to lag, and no clock but this server's is asked.
 */
#include "reshard/lag.h"

#include "reshard/job.h"
#include "reshard/obey.h"
#include "table/owner.h"

#include "access/xlog.h"
#include "executor/spi.h"
#include "utils/lsyscache.h"
#include "utils/pg_lsn.h"
#include "utils/timestamp.h"

/* Microseconds between two looks, and looks before a notice. */
#define LOOK_AGAIN		50000
#define SAY_AFTER		40

#define SLOWEST	"SELECT pg_catalog.min(replay_lsn) FROM pg_catalog.pg_stat_replication" \
	" WHERE state OPERATOR(pg_catalog.=) 'streaming'"

/* How far the slowest standby has come; false if there is none.  Others than the extension's owner may not see it. */
static bool
get_slowest(const chash_job *job, XLogRecPtr *replayed)
{
	Oid			table = chash_job_table(job->schema);
	chash_self	self;
	bool		isnull;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	self = chash_become_owner(chash_owner_of(table));
	if (SPI_execute(SLOWEST, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read pg_stat_replication");
	chash_become_self(&self);
	*replayed = DatumGetLSN(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_finish();
	SPI_commit();
	return !isnull;
}

/* Whether the slowest one has taken too long to come to the marker. */
static bool
lags(chash_job *job, chash_lag *lag)
{
	XLogRecPtr	replayed;

	chash_find_schema(job);
	if (!get_slowest(job, &replayed) || replayed >= lag->marker)
	{
		lag->marker = GetXLogInsertRecPtr();
		lag->written = GetCurrentTimestamp();
		return false;
	}
	return GetCurrentTimestamp() - lag->written > job->max_replication_lag;
}

void
chash_wait_for_standbys(chash_job *job, chash_lag *lag)
{
	int64		looks = 0;
	bool		said = false;

	while (job->max_replication_lag >= 0 && lags(job, lag))
	{
		if (looks++ % SAY_AFTER == SAY_AFTER - 1)
		{
			if (!said)
			{
				said = true;
				chash_enter_phase(job, "waiting for standbys");
				ereport(NOTICE,
						(errmsg("waiting for standbys that lag behind"),
						 errdetail("They are in pg_stat_replication.")));
			}
			if (!chash_obey_while_waiting(job))
				break;
		}
		chash_sleep(LOOK_AGAIN);
	}
	if (said)
		chash_enter_phase(job, job->back ? CHASH_PHASE_BACK : CHASH_PHASE_MOVING);
}
