/*
 * worker.h
 *		Background processes that do something for a session, as one of its roles.
 *
 * What a process has to know, and what it has to say, is in a segment of
 * dynamic shared memory that both have mapped.
 */
#ifndef CHASH_WORKER_H
#define CHASH_WORKER_H

#include "router/compat.h"

#include "nodes/pg_list.h"

typedef struct chash_task
{
	const char *name;			/* that the process has in pg_stat_activity */
	Oid			database;
	Oid			role;			/* whose rights it has, and no more */
	Oid			router;			/* on which it works, or InvalidOid */
	Oid			schema;			/* of chash's own functions */
	bool		is_job;			/* it makes the change of that router; an error is noted in its row */
	List	   *commands;		/* SQL, each at top level; NIL to see whether it can start */
} chash_task;

/* An error of a process; sqlstate is 0 if there was none. */
typedef struct chash_worker_error
{
	int			sqlstate;
	char		message[1024];
	char		detail[1024];
	char		hint[512];
} chash_worker_error;

/* Looked at now and then while a process is waited for; false ends it. */
typedef bool (*chash_tick) (void *argument);

typedef struct chash_worker chash_worker;

/*
 * Start a process and wait until it is connected, and waits in its turn.
 * Raises an error if that cannot be.  What fails later must not forget
 * chash_worker_end().
 */
extern chash_worker *chash_worker_start(const chash_task *task);

/* Let it begin; and wait until its command has called chash_worker_is_running(). */
extern void chash_worker_begin(chash_worker *worker);

/* End it, if it has not ended, and forget it; or, if it was left alone before, only forget it. */
extern void chash_worker_end(chash_worker *worker);
extern void chash_worker_leave_alone(chash_worker *worker);

/*
 * Have all of a task done, and wait for it.  The caller holds neither a
 * snapshot nor a lock of its transaction, for which the process might wait.
 */
extern void chash_worker_do(const chash_task *task, chash_tick tick, void *argument,
							chash_worker_error *error);

/* Raise what a process has said. */
extern void chash_worker_raise(const chash_worker_error *error);

/* Raise an error for a role that a process cannot have. */
extern void chash_check_worker_role(Oid role);

/* In a process that makes the change of a router: it does so now. */
extern void chash_worker_is_running(void);

/* Whether this is the process that makes the change of a router. */
extern bool chash_is_worker_of(Oid router);

#endif							/* CHASH_WORKER_H */
