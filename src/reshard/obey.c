/*
 * obey.c
 *		Pausing, stopping and turning round, as chash_reshard_jobs says.
 */
#include "reshard/obey.h"

#include "language/naming.h"
#include "reshard/job.h"

#include "executor/spi.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* Microseconds between two looks of a session that waits to be resumed. */
#define LOOK_AGAIN		100000

/* Hours may have passed since it was asked. */
static void
check_router(const chash_job *job)
{
	if (!SearchSysCacheExists1(PROCOID, ObjectIdGetDatum(job->router)))
	{
		chash_job_delete(job);
		SPI_commit();
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("the router that is being changed, with OID %u, was dropped", job->router)));
	}
	chash_check_router_owner(job->router);
}

/* Others may have deleted the row, who own the extension; the change goes on all the same. */
static void
read_row(chash_job *job)
{
	bool		back = job->back;
	bool		found;

	chash_find_schema(job);
	check_router(job);
	found = chash_job_read(job);
	SPI_commit();
	if (!found)
		chash_job_take(job);
	if (job->stop)
		ereport(ERROR,
				(errcode(ERRCODE_QUERY_CANCELED),
				 errmsg("the change of router \"%s\" was stopped", get_func_name(job->router)),
				 errdetail("It is where it was after the last step."),
				 errhint("CALL chash_reshard_resume to go on, or CALL chash_reshard_back to take it back.")));
	if (job->back != back)
	{
		job->turned = true;
		ereport(NOTICE,
				(errmsg("the change of router \"%s\" is taken back", get_func_name(job->router))));
	}
}

void
chash_obey(chash_job *job)
{
	read_row(job);
	if (!job->paused)
		return;
	ereport(NOTICE,
			(errmsg("the change of router \"%s\" is paused", get_func_name(job->router)),
			 errhint("CALL chash_reshard_resume in another session to go on.")));
	while (job->paused)
	{
		chash_sleep(LOOK_AGAIN);
		read_row(job);
	}
}

bool
chash_obey_while_waiting(void *argument)
{
	chash_job  *job = argument;
	bool		back = job->back;

	read_row(job);
	return job->back == back;
}

static void
write_phase(chash_job *job, List *tables, void *argument)
{
	(void) tables;
	chash_job_set_phase(job, argument);
}

void
chash_enter_phase(chash_job *job, const char *phase)
{
	chash_must(job, write_phase, (void *) phase);
}
