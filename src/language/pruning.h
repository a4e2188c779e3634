/*
 * pruning.h
 *		What the planner asks a router, and whether a plan may be executed.
 *
 * Planning never looks at a snapshot: the plan may be kept, and executed under
 * others.  It remembers what it has asked a router to prune partitions, and is
 * asked again, with the snapshot of the execution, when that begins.
 */
#ifndef CHASH_PRUNING_H
#define CHASH_PRUNING_H

#include "language/named.h"

#include "fmgr.h"
#include "nodes/pathnodes.h"

/* A planning whose memory is still there; it may be over. */
typedef struct chash_planning
{
	MemoryContext context;
	PlannerGlobal *global;
	struct chash_planning *next;
	MemoryContextCallback at_end;
} chash_planning;

extern chash_planning *chash_plannings;

/* For _PG_init(). */
extern void chash_pruning_install(void);

extern bool chash_pruning_note_key(const chash_named *named, const FmgrInfo *call, Oid collation, Datum key);

/*
 * Whether the planner calls a hash function to prune partitions.  Then its plan
 * remembers the key.
 */
static inline bool
chash_pruning_note(const chash_named *named, const FmgrInfo *call, Oid collation, Datum key)
{
	return unlikely(chash_plannings != NULL) && chash_pruning_note_key(named, call, collation, key);
}

/* Whether the planner calls a function to estimate what a clause will select. */
extern bool chash_pruning_estimates(const FmgrInfo *call);

#endif							/* CHASH_PRUNING_H */
