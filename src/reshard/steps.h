/*
 * steps.h
 *		The steps in which a change of a router is made, each a transaction.
 */
#ifndef CHASH_STEPS_H
#define CHASH_STEPS_H

#include "language/version.h"
#include "table/routed.h"

#include "datatype/timestamp.h"

/* One change of one router, from the caller's first to its last step. */
typedef struct chash_job
{
	Oid			router;
	Oid			procedure;		/* that was called, one of chash's own */
	Oid			schema;			/* in which these are, also after ALTER EXTENSION ... SET SCHEMA */
	chash_entry *before;		/* held by the job's memory context */
	chash_entry *after;
	const struct chash_layout *layout;	/* of the partitions of new shards; NULL for none given */
	bool		back;			/* rows go back to where they were before the change */
	bool		drop;			/* partitions of shards that go are dropped, not only detached */
	int64		max_lock;		/* microseconds that a step should keep others waiting */
	int64		lock_timeout;	/* microseconds that all locks of an attempt may take */
	int64		pause;			/* microseconds between two steps */
	int64		max_replication_lag;	/* microseconds that standbys may be behind; -1 for no limit */
	bool		concurrently;	/* indexes of movers are built by a background worker */
	bool		background;		/* and all is done by one */
	bool		paused;			/* as others want it */
	bool		stop;
	bool		turned;			/* it went forward, and was told to go back */
	struct chash_worker *worker;	/* that is to make the change */
	Oid			first;			/* the table that is locked first */
	List	   *counts;			/* of rows of partitions before any had moved, see statistics.c */

	/* what has been done */
	int64		rows_expected;
	int64		rows;
	int64		steps;
	int64		attempts;		/* that failed, since one succeeded */
	int64		held;			/* microseconds that the last step had all locks */
	bool		waited_for;		/* others waited for a table at the end of the last step */
	int64		longest;		/* the longest time from the first request to the commit */
	int64		total;
} chash_job;

/*
 * What is done in an attempt.  tables is a list of chash_routed *, all that the
 * router routes.
 */
typedef void (*chash_work) (chash_job *job, List *tables, void *argument);

/*
 * Do some work and commit.  If locks are not to be had in time, or rows are
 * being changed, give everything back, wait a little and return false.  SPI is
 * connected, and not in a transaction block.
 *
 * Either the tables of the router are locked before in ACCESS EXCLUSIVE mode,
 * and the router itself; or the work takes what locks it needs.
 */
extern bool chash_attempt_locked(chash_job *job, chash_work work, void *argument);
extern bool chash_attempt(chash_job *job, chash_work work, void *argument);

/*
 * The same as chash_attempt_locked(), after other work in the same transaction,
 * for which the tables are locked in ACCESS SHARE mode; before may be NULL.
 * Errors of the data in that are taken for those of locks that are not to be had.
 */
extern bool chash_attempt_after(chash_job *job, chash_work before, chash_work work, void *argument);

/* The same, again and again until it is done. */
extern void chash_must(chash_job *job, chash_work work, void *argument);
extern void chash_must_locked(chash_job *job, chash_work work, void *argument);

/*
 * Wait until nobody has partitions locked as VACUUM does, before an attempt to
 * get locks of them that VACUUM keeps others from.
 */
extern void chash_wait_for_vacuum(chash_job *job, List *leaves);

/* Find out in which schema chash is; it may have been moved since. */
extern void chash_find_schema(chash_job *job);

/* What comes after an attempt that failed. */
extern void chash_wait_after_attempt(chash_job *job);

/* Whether an error of this class may not come again. */
extern bool chash_is_worth_retrying(int sqlstate);

/*
 * Have this transaction, which keeps others out, end without waiting for the
 * disk and for standbys, as those do that have all tables locked.
 */
extern void chash_commit_at_once(void);

/* The tables of a router, as a palloc'd list of chash_routed *. */
extern List *chash_routed_by(Oid router);

/* Write a version of the router, and have plans of its tables made anew. */
extern void chash_write_version(const chash_job *job, List *tables, const char *text);

/*
 * In this transaction wait for locks as long as it takes, whatever the session
 * has set.  Nobody who reads or writes rows waits behind it.
 */
extern void chash_wait_for_locks(void);

/* Sleep, unless it is for nothing, and look for interrupts. */
extern void chash_sleep(int64 microseconds);

#endif							/* CHASH_STEPS_H */
