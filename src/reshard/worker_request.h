/*
 * worker_request.h
 *		What a background process and the session that has started it tell each
 *		other, in a segment of dynamic shared memory.  For these two only.
 */
#ifndef CHASH_WORKER_REQUEST_H
#define CHASH_WORKER_REQUEST_H

#include "reshard/failpoint.h"
#include "reshard/worker.h"

#include "port/atomics.h"
#include "storage/proc.h"

/* How far the two have come, in this order. */
#define CHASH_WORKER_STARTS		0
#define CHASH_WORKER_CONNECTED	1	/* the process; it waits */
#define CHASH_WORKER_MAY_GO		2	/* the session */
#define CHASH_WORKER_RUNS		3	/* the process */
#define CHASH_WORKER_ENDED		4

typedef struct chash_worker_request
{
	pg_atomic_uint32 state;
	Oid			database;
	Oid			role;
	Oid			router;
	Oid			schema;
	bool		is_job;
	char		failpoint[CHASH_FAILPOINT_SIZE];	/* of the session, for a job */
	PGPROC	   *requester;
	PGPROC	   *worker;			/* NULL until it runs */
	chash_worker_error error;
	char		commands[FLEXIBLE_ARRAY_MEMBER];	/* one after the other, and an empty one */
} chash_worker_request;

/* With full barriers: what was written before a state is there when it is seen. */
static inline uint32
chash_worker_state(chash_worker_request *request)
{
	return pg_atomic_fetch_add_u32(&request->state, 0);
}

static inline void
chash_worker_set_state(chash_worker_request *request, uint32 state)
{
	(void) pg_atomic_exchange_u32(&request->state, state);
}

#endif							/* CHASH_WORKER_REQUEST_H */
