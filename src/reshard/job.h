/*
 * job.h
 *		The row of chash_reshard_jobs about a change of a router.
 *
 * What has moved is in the router's text alone.  The row says how the change is
 * to go on: with which settings, in which direction, and what others ask of it.
 * It is there from the first step until all is tidied up, and belongs to the
 * extension's owner; a row whose router is no longer a change says nothing.
 */
#ifndef CHASH_JOB_H
#define CHASH_JOB_H

#include "reshard/steps.h"
#include "reshard/worker.h"

#include "storage/lock.h"

/*
 * Locks of who makes a change, and of who builds indexes for him.  They are kept
 * as advisory locks are, until the session ends; but no SQL function takes
 * one, or anybody could keep the owner of a router from changing it.  They
 * differ in what pg_locks shows as objsubid.
 */
#define CHASH_RESHARD_LOCK	1
#define CHASH_INDEX_LOCK	2

extern void chash_job_lock_tag(LOCKTAG *tag, Oid router, uint16 what);

/* Whether a session makes a change of a router now. */
extern bool chash_job_is_worked_on(Oid router);

#define CHASH_JOB_TABLE		"chash_reshard_jobs"

/* The table, whose owner is the extension's. */
extern Oid	chash_job_table(Oid schema);

/* Phases that others than their own file know. */
#define CHASH_PHASE_INDEXES		"building indexes"
#define CHASH_PHASE_MOVING		"moving rows"
#define CHASH_PHASE_BACK		"going back"
#define CHASH_PHASE_CLEANING	"cleaning up"

/*
 * All of these use SPI, which need not be connected, in the current
 * transaction.
 */

/* Write the row of a change that begins. */
extern void chash_job_insert(const chash_job *job);

/* In a transaction of its own: write that this session goes on with it; without a row it gets one. */
extern void chash_job_take(chash_job *job);

/* Read the settings and what others ask for, as it is now; false if there is no row. */
extern bool chash_job_read(chash_job *job);

/* Which phase it is in; moving begins to count anew. */
extern void chash_job_set_phase(const chash_job *job, const char *phase);

/* So many rows more are going to move. */
extern void chash_job_expect(const chash_job *job, int64 rows);

/*
 * So many rows have moved, and perhaps all.  Raises an error of class
 * SERIALIZATION_FAILURE if the change is to go in the other direction now.
 */
extern void chash_job_moved(const chash_job *job, int64 rows, bool all);

extern void chash_job_delete(const chash_job *job);

/* Write why a background worker has ended. */
extern void chash_job_failed(Oid router, Oid schema, const char *message);

/* What others ask of it; false if it has no row, or all its rows have moved. */
extern bool chash_job_ask_to_pause(Oid router, Oid schema);
extern bool chash_job_ask_to_stop(Oid router, Oid schema);
extern bool chash_job_ask_to_go_back(Oid router, Oid schema);

/* Write the settings of a job that another session works on, which goes on. */
extern void chash_job_resume(const chash_job *job);

/* What a background worker has to do that makes the change, as the row says. */
extern chash_task chash_job_task(Oid router, Oid role, Oid schema);

#endif							/* CHASH_JOB_H */
