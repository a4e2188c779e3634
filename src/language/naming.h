/*
 * naming.h
 *		Names in the commands that make what belongs to a router.
 */
#ifndef CHASH_NAMING_H
#define CHASH_NAMING_H

#include "router/compat.h"

/* Run a command; everything in it is qualified. */
extern void chash_run(const char *command);

/* A name with its schema, and a type with its own, quoted where needed; palloc'd. */
extern char *chash_quoted_name(Oid schema, const char *name);
extern char *chash_quoted_type(Oid type);

/* Raises an error unless a function is a router of the current user's. */
extern void chash_check_router_owner(Oid router);

#endif							/* CHASH_NAMING_H */
