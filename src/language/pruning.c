/*
 * pruning.c
 *		What the planner asks a router, kept in the plan, and asked again when
 *		the plan is executed.
 *
 * The planner is told from the executor by memory contexts: it calls support
 * functions through an FmgrInfo in its own context.  An executor has a context
 * of its own, also one that runs while something is planned, for a function
 * whose result the planner wants.
 */
#include "language/pruning.h"

#include "language/snapshot.h"

#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "executor/executor.h"
#include "nodes/makefuncs.h"
#include "nodes/plannodes.h"
#include "nodes/primnodes.h"
#include "optimizer/plancat.h"
#include "parser/parsetree.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

chash_planning *chash_plannings;

static get_relation_info_hook_type next_relation_info;
static ExecutorStart_hook_type next_start;

/* ---- plannings ---- */

/* The planner fills in the range table of the plan when all is decided. */
static bool
is_over(const chash_planning *planning)
{
	return planning->global->finalrtable != NIL;
}

static chash_planning *
find_planning(MemoryContext context)
{
	chash_planning *planning = chash_plannings;

	while (planning && planning->context != context)
		planning = planning->next;
	return planning;
}

/* The context is reset or deleted, and with it what the planner has made there. */
static void
forget_planning(void *arg)
{
	chash_planning **link = &chash_plannings;

	while (*link != arg)
		link = &(*link)->next;
	*link = (*link)->next;
}

static chash_planning *
add_planning(MemoryContext context)
{
	chash_planning *planning = MemoryContextAllocZero(context, sizeof(*planning));

	planning->context = context;
	planning->at_end.func = forget_planning;
	planning->at_end.arg = planning;
	MemoryContextRegisterResetCallback(context, &planning->at_end);
	planning->next = chash_plannings;
	chash_plannings = planning;
	return planning;
}

/*
 * The planner looks at a table, before it prunes its partitions.  A hook of the
 * whole planner would not do: the first query of a session loads this library
 * when it is in the middle of it.
 */
static void
relation_info(PlannerInfo *root, Oid table, bool inherits, RelOptInfo *relation)
{
	chash_planning *planning = find_planning(root->planner_cxt);

	if (!planning)
		planning = add_planning(root->planner_cxt);
	planning->global = root->glob;
	if (next_relation_info)
		next_relation_info(root, table, inherits, relation);
}

/* It evaluates an expression as an executor would, in a context below its own. */
bool
chash_pruning_estimates(const FmgrInfo *call)
{
	const chash_planning *planning = find_planning(MemoryContextGetParent(call->fn_mcxt));

	return planning && !is_over(planning);
}

/* ---- questions ---- */

/*
 * A question is the call of a hash function with all keys that were asked for.
 * It is kept in the list of what the plan depends on beside tables: that is
 * copied with the plan, and left out of what parallel workers get.  Whoever
 * looks for one of its own dependencies there compares the number of a system
 * cache; a question has the oid of a function in this place, which is none.
 */
StaticAssertDecl(offsetof(FuncExpr, funcid) == offsetof(PlanInvalItem, cacheId) &&
				 sizeof(FuncExpr) >= sizeof(PlanInvalItem),
				 "a question looks like a dependency on what no system cache has");

static FuncExpr *
question_of(PlannerGlobal *global, Oid function, Oid collation)
{
	FuncExpr   *question;
	ListCell   *cell;

	foreach(cell, global->invalItems)
	{
		question = lfirst(cell);
		if (IsA(question, FuncExpr) && question->funcid == function &&
			question->inputcollid == collation)
			return question;
	}
	question = makeFuncExpr(function, INT8OID, NIL, InvalidOid, collation, COERCE_EXPLICIT_CALL);
	global->invalItems = lappend(global->invalItems, question);
	return question;
}

bool
chash_pruning_note_key(const chash_named *named, const FmgrInfo *call, Oid collation, Datum key)
{
	chash_planning *planning = find_planning(call->fn_mcxt);
	MemoryContext old_context;
	FuncExpr   *question;

	if (!planning || is_over(planning))
		return false;
	old_context = MemoryContextSwitchTo(planning->context);
	question = question_of(planning->global, named->function, collation);
	key = datumCopy(key, named->key_by_value, named->key_length);
	question->args = lappend(question->args,
							 makeConst(named->key_type, -1, collation, named->key_length, key,
									   false, named->key_by_value));
	MemoryContextSwitchTo(old_context);
	return true;
}

/* ---- executing ---- */

/* Whether the plan has all partitions of a table of its range table. */
static bool
has_all_partitions(const PlannedStmt *plan, Index parent)
{
	List	   *partitions = find_inheritance_children(rt_fetch(parent, plan->rtable)->relid, NoLock);
	ListCell   *cell;

	foreach(cell, plan->appendRelations)
	{
		const AppendRelInfo *child = lfirst(cell);

		if (child->parent_relid == parent)
			partitions = list_delete_oid(partitions, rt_fetch(child->child_relid, plan->rtable)->relid);
	}
	return partitions == NIL;
}

/* The planner may ask, and then read all partitions for the sake of another clause. */
static bool
is_pruned(const PlannedStmt *plan)
{
	Index		index = 1;
	ListCell   *cell;

	foreach(cell, plan->rtable)
	{
		const RangeTblEntry *entry = lfirst(cell);

		if (entry->rtekind == RTE_RELATION && entry->relkind == RELKIND_PARTITIONED_TABLE &&
			entry->inh && !has_all_partitions(plan, index))
			return true;
		index++;
	}
	return false;
}

/*
 * A plan that was made by another version of a router has gone with it, so that
 * the current one has answered.
 */
static void
ask_again(const QueryDesc *query, const FuncExpr *question)
{
	chash_named *named = chash_named_find(question->funcid);
	ListCell   *cell;

	/* after DROP EXTENSION there is nobody to ask */
	if (!named && SearchSysCacheExists1(PROCOID, ObjectIdGetDatum(question->funcid)))
		named = chash_named_load(question->funcid);
	if (!named || !chash_snapshot_may_be_older(named))
		return;
	foreach(cell, question->args)
	{
		Datum		key = lfirst_node(Const, cell)->constvalue;
		const chash_shard *shard = chash_version_shard(&named->version, named->signature.key, key);

		if (!chash_snapshot_agrees(named, key, shard, query->snapshot) &&
			is_pruned(query->plannedstmt))
			chash_snapshot_refuse(named);
	}
}

static void
start_executor(QueryDesc *query, int flags)
{
	ListCell   *cell;

	foreach(cell, query->plannedstmt->invalItems)
	{
		const FuncExpr *question = lfirst(cell);

		if (IsA(question, FuncExpr) && !(flags & EXEC_FLAG_EXPLAIN_ONLY))
			ask_again(query, question);
	}
	if (next_start)
		next_start(query, flags);
	else
		standard_ExecutorStart(query, flags);
}

void
chash_pruning_install(void)
{
	next_relation_info = get_relation_info_hook;
	get_relation_info_hook = relation_info;
	next_start = ExecutorStart_hook;
	ExecutorStart_hook = start_executor;
}
