/*
 * failpoint.h
 *		Places at which a test lets a change of a router fail.
 *
 * The setting chash.failpoint, of superusers, names one: 'NAME:ACTION', or
 * 'NAME:ACTION:N' for the nth time that the session comes by.  Actions are
 *		error	raise an error
 *		crash	kill this process, as the operating system does
 *		wait	wait for the advisory lock (CHASH_FAILPOINT_LOCK, 0)
 *		lose	lose a row; only at row_put, and at row_read, where another one
 *				is found instead
 */
#ifndef CHASH_FAILPOINT_H
#define CHASH_FAILPOINT_H

#include "router/compat.h"

#define CHASH_FAILPOINT_LOCK	7

/* All of them, in the order in which a change comes by. */
#define CHASH_FAILPOINTS(POINT) \
	POINT(LOCKED, "locked")								/* an attempt has its locks */ \
	POINT(ROUTER_CHANGING, "router_changing")			/* the router's text says so */ \
	POINT(PARTITIONS_MADE, "partitions_made") \
	POINT(BEFORE_COMMIT, "before_commit")				/* of an attempt */ \
	POINT(COMMITTED, "committed") \
	POINT(ENTERED, "entered")							/* the change has begun */ \
	POINT(INDEX_MADE, "index_made")						/* of the movers of a partition */ \
	POINT(PUT_AHEAD, "put_ahead")						/* copies of a step's rows */ \
	POINT(ROW_TAKEN, "row_taken")						/* and not put yet */ \
	POINT(ROW_PUT, "row_put")							/* just before that */ \
	POINT(ROW_READ, "row_read")							/* again, to be compared */ \
	POINT(ROWS_MOVED, "rows_moved")						/* all of a step */ \
	POINT(STEP_WRITTEN, "step_written")					/* the router's text has it */ \
	POINT(STEPPED, "stepped")							/* and that is committed */ \
	POINT(END_WRITTEN, "end_written")					/* as step_written, of the last step */ \
	POINT(ALL_MOVED, "all_moved")						/* and committed */ \
	POINT(INDEX_DROPPED, "index_dropped") \
	POINT(FOUND_EMPTY, "found_empty")					/* a partition, of a shard that is gone */ \
	POINT(BEFORE_DETACH, "before_detach") \
	POINT(DETACHED, "detached")							/* a partition */ \
	POINT(BEFORE_ANALYZE, "before_analyze")

typedef enum chash_failpoint_id
{
#define FAILPOINT_ID(id, name) CHASH_FAILPOINT_##id,
	CHASH_FAILPOINTS(FAILPOINT_ID)
#undef FAILPOINT_ID
	CHASH_FAILPOINT_NONE
} chash_failpoint_id;

/* What the setting is, for a process that is to fail as this one would; and that process takes it. */
#define CHASH_FAILPOINT_SIZE	64

extern void chash_failpoint_hand_over(char *setting);
extern void chash_failpoint_take_over(const char *setting);

/* Define the setting; called once, when the library is loaded. */
extern void chash_define_failpoint(void);

/* The one at which something is to happen now. */
extern chash_failpoint_id chash_armed_failpoint;
extern bool chash_fail_here(void);

/* Come by; true if a row is to be lost. */
static inline bool
chash_failpoint(chash_failpoint_id point)
{
	return unlikely(point == chash_armed_failpoint) && chash_fail_here();
}

#endif							/* CHASH_FAILPOINT_H */
