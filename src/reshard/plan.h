/*
 * plan.h
 *		What chash_reshard_plan says of a change of a router before it is made.
 */
#ifndef CHASH_PLAN_H
#define CHASH_PLAN_H

#include "router/srf.h"
#include "table/routed.h"

#include "router/cache.h"

/* A table that the router partitions. */
typedef struct chash_plan_table
{
	chash_routed routed;
	List	   *leaves;			/* chash_leaf * */
	bool		gets_partition; /* a shard of the router after has none yet */
	bool		loses_partition;	/* one has no shard in the router after */

	/* what was counted, in the partitions that rows leave */
	int64		rows;
	int64		pages;
	int64		moved;			/* rows that are still to move */
	int64		bytes;			/* of these */
	double		index_bytes;	/* of their entries in indexes */
	int			indexes;		/* in which a row has one */
} chash_plan_table;

typedef struct chash_plan
{
	chash_rows	result;
	Oid			router;
	bool		under_way;		/* the router is this change already */
	chash_entry *before;		/* held */
	chash_entry *after;
	int64		passed;
	int64		max_lock;		/* microseconds, as in a chash_job */
	int64		lock_timeout;
	int64		pause;
	bool		concurrently;
	List	   *tables;			/* chash_plan_table * */

	/* what was counted */
	int64		rows;			/* of the partitions that rows leave */
	int64		moved;
	int64		bytes;
	int64		keys;			/* of the rows that move */
	int64		steps;
	int64		step;			/* microseconds that one takes */
} chash_plan;

/* A row of the result; what has no value is NULL, InvalidOid or CHASH_PLAN_NONE. */
typedef struct chash_plan_row
{
	const char *item;
	const char *kind;
	Oid			relation;
	const char *source;
	const char *target;
	int64		rows;
	int64		bytes;
	int64		times;			/* how often */
	int64		duration;		/* microseconds, each time */
	const char *detail;
} chash_plan_row;

#define CHASH_PLAN_NONE		(-1)

extern chash_plan_row chash_plan_row_of(const char *item, const char *kind, Oid relation);
extern void chash_plan_add(chash_plan *plan, const chash_plan_row *row);

/* Read the tables, and say what moves from where to where, table by table and in all. */
extern void chash_plan_rows(chash_plan *plan);

/* Steps, time and space. */
extern void chash_plan_costs(chash_plan *plan);

/* How long so many of the rows that move take, in microseconds; locks apart. */
extern double chash_plan_moving(const chash_plan *plan, double rows);

/* And so many rows to read. */
extern double chash_plan_reading(double rows);

/* Which locks are taken, in which phase. */
extern void chash_plan_locks(chash_plan *plan);

/* Whom it would have to wait for. */
extern void chash_plan_waits(chash_plan *plan);

/* What would be refused, and what should be known or set before. */
extern void chash_plan_refusals(chash_plan *plan);
extern void chash_plan_warnings(chash_plan *plan);

#endif							/* CHASH_PLAN_H */
