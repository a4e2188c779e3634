/*
 * call.h
 *		What a call site of a SQL function remembers between rows.  This is
 *		the only user of fn_extra.
 */
#ifndef CHASH_CALL_H
#define CHASH_CALL_H

#include "router/cache.h"

#include "access/detoast.h"
#include "access/tupdesc.h"

/*
 * The compiled router that argument number argno is, valid until the call
 * site goes away or sees another router there.  argno is below CHASH_CALL_ARGS.
 */
extern chash_entry *chash_call_router(FunctionCallInfo fcinfo, int argno);

#define CHASH_CALL_ARGS		4

/* The router that an argument was in the last call.  What is compared row by row lies together. */
typedef struct chash_call_argument
{
	chash_entry *entry;			/* pinned, or NULL */
	const char *raw;			/* if not constant: the argument, not detoasted; else NULL */
	Size		raw_size;		/* its bytes */
	bool		constant;		/* whether it is that of all calls */
	char		pointer[TOAST_POINTER_SIZE];	/* raw, if it is no longer than this */
} chash_call_argument;

/* What of a call site is known so far: a short way to what the functions below find out. */
typedef struct chash_call
{
	chash_call_argument router[CHASH_CALL_ARGS];
	bool		collation_checked;
	bool		kind_known;
	chash_key_kind kind;
} chash_call;

/* NULL in the first call. */
static inline const chash_call *
chash_call_site(FunctionCallInfo fcinfo)
{
	/* what fn_extra points to begins with it */
	return fcinfo->flinfo->fn_extra;
}

/*
 * Whether a router is, byte for byte as it is stored, the one that a call site
 * remembers.  Of a value in a TOAST table that compares the pointer to it:
 * within a query, the same pointer is the same value.  Other pointers tell
 * nothing.
 */
static pg_attribute_always_inline bool
chash_call_is_raw(const chash_call_argument *last, const struct varlena *raw)
{
	/* of a fixed size, which compilers compare without a call */
	if (VARATT_IS_EXTERNAL_ONDISK(raw))
		return last->raw_size == TOAST_POINTER_SIZE &&
			memcmp(raw, last->pointer, TOAST_POINTER_SIZE) == 0;
	return !VARATT_IS_EXTERNAL(raw) && VARSIZE_ANY(raw) == last->raw_size &&
		memcmp(raw, last->raw, last->raw_size) == 0;
}

/*
 * The compiled router that argument number argno is, if it is a constant or
 * what it was in the last call; else NULL.
 */
static pg_attribute_always_inline chash_entry *
chash_call_known_router(FunctionCallInfo fcinfo, int argno)
{
	const chash_call *site = chash_call_site(fcinfo);
	const chash_call_argument *last;

	if (unlikely(!site))
		return NULL;
	last = &site->router[argno];
	if (likely(last->constant))
		return last->entry;
	if (likely(last->raw) && likely(!last->entry->stale) &&
		likely(chash_call_is_raw(last, (const struct varlena *) PG_GETARG_POINTER(argno))))
		return last->entry;
	return NULL;
}

/* Whether a call site calls for the first time; for functions that use nothing else of here. */
static inline bool
chash_call_is_first(FunctionCallInfo fcinfo)
{
	static char called;

	if (likely(fcinfo->flinfo->fn_extra))
		return false;
	fcinfo->flinfo->fn_extra = &called;
	return true;
}

/*
 * Check once a call site that the collation of the call suits keys of type
 * text; other types have none.
 */
extern void chash_call_check_collation(FunctionCallInfo fcinfo);

/* The kind of key that argument number argno, declared "any", is. */
extern chash_key_kind chash_call_key_kind(FunctionCallInfo fcinfo, int argno);

/* The types of all arguments of a function that is declared VARIADIC "any". */
extern TupleDesc chash_call_argument_types(FunctionCallInfo fcinfo);

/* For a function that is not strict although none of its arguments may be NULL. */
extern void chash_call_refuse_nulls(FunctionCallInfo fcinfo);

#endif							/* CHASH_CALL_H */
