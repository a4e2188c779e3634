/*
 * call.h
 *		What a call site of a SQL function remembers between rows.  This is
 *		the only user of fn_extra.
 */
#ifndef CHASH_CALL_H
#define CHASH_CALL_H

#include "router/cache.h"

#include "access/tupdesc.h"

/*
 * The compiled router that argument number argno is, valid until the call
 * site goes away or sees another router there.  argno is below CHASH_CALL_ARGS.
 */
extern chash_entry *chash_call_router(FunctionCallInfo fcinfo, int argno);

#define CHASH_CALL_ARGS		4

/* What of a call site is known so far: a short way to what the functions below find out. */
typedef struct chash_call
{
	chash_entry *entry[CHASH_CALL_ARGS];	/* of the last call, pinned, or NULL */
	bool		constant[CHASH_CALL_ARGS];	/* whether it is that of all calls */
	struct varlena *raw[CHASH_CALL_ARGS];	/* if not: the argument, not detoasted */
	Size		raw_size[CHASH_CALL_ARGS];	/* its bytes */
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

/* A call of memcmp() takes longer than to compare two words. */
static inline bool
chash_same_toast_pointer(const char *a, const char *b)
{
	uint64		words[4];

	StaticAssertStmt(sizeof(struct varatt_external) == 2 * sizeof(uint64),
					 "a TOAST pointer is two words");
	memcpy(words, a, 2 * sizeof(uint64));
	memcpy(words + 2, b, 2 * sizeof(uint64));
	return words[0] == words[2] && words[1] == words[3];
}

/*
 * Whether a router is, byte for byte as it is stored, the one that a call site
 * remembers.  Of a value in a TOAST table that compares the pointer to it:
 * within a query, the same pointer is the same value.  Other pointers tell
 * nothing.
 */
static pg_attribute_always_inline bool
chash_call_is_raw(const chash_call *site, int argno, const struct varlena *raw)
{
	const struct varlena *last = site->raw[argno];

	if (!last)
		return false;

	if (VARATT_IS_EXTERNAL_ONDISK(raw))
		return VARATT_IS_EXTERNAL_ONDISK(last) &&
			chash_same_toast_pointer(VARDATA_EXTERNAL(raw), VARDATA_EXTERNAL(last));
	return !VARATT_IS_EXTERNAL(raw) && VARSIZE_ANY(raw) == site->raw_size[argno] &&
		memcmp(raw, last, site->raw_size[argno]) == 0;
}

/*
 * The compiled router that argument number argno is, if it is a constant or
 * what it was in the last call; else NULL.
 */
static pg_attribute_always_inline chash_entry *
chash_call_known_router(FunctionCallInfo fcinfo, int argno)
{
	const chash_call *site = chash_call_site(fcinfo);
	chash_entry *entry;

	if (!site || !site->entry[argno])
		return NULL;
	entry = site->entry[argno];
	if (likely(site->constant[argno]))
		return entry;
	if (!entry->stale &&
		chash_call_is_raw(site, argno, (const struct varlena *) PG_GETARG_POINTER(argno)))
		return entry;
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
