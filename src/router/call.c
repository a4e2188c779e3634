/*
 * call.c
 *		What a call site remembers.
 *
 * A router that is a constant of the query is looked up once.  Any other is
 * compared with the one of the row before, byte by byte, as it is stored:
 * parameters look stable but change from one execution to the next, in
 * PL/pgSQL for example, and to detoast a router costs more than to route.
 */
#include "router/call.h"

#include "funcapi.h"
#include "nodes/nodeFuncs.h"
#include "nodes/primnodes.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

typedef struct call_state
{
	chash_call	call;			/* must be first */
	char	   *space[CHASH_CALL_ARGS]; /* for raw values that are longer than a TOAST pointer */
	Size		space_size[CHASH_CALL_ARGS];
	TupleDesc	argument_types;
	MemoryContextCallback at_end;
} call_state;

static void
release_entries(void *arg)
{
	call_state *state = arg;
	int			i;

	for (i = 0; i < CHASH_CALL_ARGS; i++)
	{
		if (state->call.router[i].entry)
			chash_cache_unpin(state->call.router[i].entry);
	}
}

static call_state *
get_state(FunctionCallInfo fcinfo)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;

	if (!flinfo->fn_extra)
	{
		call_state *state = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(*state));

		state->at_end.func = release_entries;
		state->at_end.arg = state;
		MemoryContextRegisterResetCallback(flinfo->fn_mcxt, &state->at_end);
		flinfo->fn_extra = state;
	}
	return flinfo->fn_extra;
}

/*
 * Whether an argument is a constant.  get_fn_expr_arg_stable() would not do:
 * it says so of parameters too.  A transition function has its state first
 * and then the arguments of the aggregate.
 */
static bool
is_constant(FunctionCallInfo fcinfo, int argno)
{
	Node	   *expr = fcinfo->flinfo->fn_expr;
	Aggref	   *aggregate = AggCheckCallContext(fcinfo, NULL) ? AggGetAggref(fcinfo) : NULL;

	if (aggregate)
		return IsA(((TargetEntry *) list_nth(aggregate->args, argno - 1))->expr, Const);
	return expr && IsA(expr, FuncExpr) &&
		argno < list_length(((FuncExpr *) expr)->args) &&
		IsA(list_nth(((FuncExpr *) expr)->args, argno), Const);
}

static void
remember_raw(FunctionCallInfo fcinfo, call_state *state, int argno, const struct varlena *raw)
{
	chash_call_argument *last = &state->call.router[argno];
	Size		size = VARSIZE_ANY(raw);
	char	   *to = last->pointer;

	last->raw = NULL;
	if (size > sizeof(last->pointer))
	{
		if (state->space_size[argno] < size)
		{
			if (state->space[argno])
				pfree(state->space[argno]);
			state->space[argno] = NULL;
			state->space_size[argno] = 0;
			state->space[argno] = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, size);
			state->space_size[argno] = size;
		}
		to = state->space[argno];
	}
	memcpy(to, raw, size);
	last->raw = to;
	last->raw_size = size;
}

chash_entry *
chash_call_router(FunctionCallInfo fcinfo, int argno)
{
	chash_entry *entry = chash_call_known_router(fcinfo, argno);
	call_state *state = get_state(fcinfo);
	chash_call_argument *last = &state->call.router[argno];
	struct varlena *value;

	Assert(argno < CHASH_CALL_ARGS);
	if (entry)
		return entry;
	value = PG_GETARG_ROUTER(argno);
	entry = chash_cache_get(value);
	chash_cache_pin(entry);
	if (last->entry)
		chash_cache_unpin(last->entry);
	last->entry = entry;
	if (is_constant(fcinfo, argno))
		last->constant = true;
	else
		remember_raw(fcinfo, state, argno, (struct varlena *) PG_GETARG_POINTER(argno));
	PG_FREE_IF_COPY(value, argno);
	return entry;
}

void
chash_call_check_collation(FunctionCallInfo fcinfo)
{
	call_state *state = get_state(fcinfo);

	if (!state->call.collation_checked)
		chash_key_check_collation(PG_GET_COLLATION());
	state->call.collation_checked = true;
}

chash_key_kind
chash_call_key_kind(FunctionCallInfo fcinfo, int argno)
{
	call_state *state = get_state(fcinfo);

	if (!state->call.kind_known)
	{
		Oid			type = get_fn_expr_argtype(fcinfo->flinfo, argno);

		if (!OidIsValid(type))
			elog(ERROR, "could not determine the type of the key");
		state->call.kind = chash_key_kind_of_type(type);
	}
	state->call.kind_known = true;
	return state->call.kind;
}

TupleDesc
chash_call_argument_types(FunctionCallInfo fcinfo)
{
	call_state *state = get_state(fcinfo);

	if (!state->argument_types)
	{
		MemoryContext old_context = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
		TupleDesc	desc = CreateTemplateTupleDesc(PG_NARGS());
		int			i;

		for (i = 0; i < PG_NARGS(); i++)
			TupleDescInitEntry(desc, i + 1, NULL,
							   get_fn_expr_argtype(fcinfo->flinfo, i), -1, 0);
		state->argument_types = desc;
		MemoryContextSwitchTo(old_context);
	}
	return state->argument_types;
}

/* Input arguments come first in all our functions. */
static char *
argument_name(Oid function, int argno)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Oid		   *types;
	char	  **names;
	char	   *modes;
	char	   *name;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	(void) get_func_arg_info(tuple, &types, &names, &modes);
	name = pstrdup(names[argno]);
	ReleaseSysCache(tuple);
	return name;
}

void
chash_call_refuse_nulls(FunctionCallInfo fcinfo)
{
	int			i;

	for (i = 0; i < PG_NARGS(); i++)
	{
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument \"%s\" of function %s must not be null",
							argument_name(fcinfo->flinfo->fn_oid, i),
							get_func_name(fcinfo->flinfo->fn_oid))));
	}
}
