/*
 * change.h
 *		Changing the rows of functions of LANGUAGE chash, and what was in them
 *		before.
 */
#ifndef CHASH_CHANGE_H
#define CHASH_CHANGE_H

#include "router/compat.h"

#include "access/htup.h"

/* Write a function's body.  Whether the user may do so is for the caller to check. */
extern void chash_set_body(Oid function, const char *body);

/*
 * The version of a row of pg_proc that this transaction has replaced by
 * "current", palloc'd; NULL if it has made or changed none.
 */
extern HeapTuple chash_previous_version(HeapTuple current);

#endif							/* CHASH_CHANGE_H */
