/*
 * naming.h
 *		Names in the commands that make what belongs to a router.
 */
#ifndef CHASH_NAMING_H
#define CHASH_NAMING_H

#include "router/compat.h"

#include "core/router.h"

/* What the name of the ordinal has at the end of the router's. */
#define CHASH_ORDINAL_SUFFIX	"_ordinal"
#define CHASH_MAX_ROUTER_NAME	(NAMEDATALEN - 1 - (int) strlen(CHASH_ORDINAL_SUFFIX))

/* Run a command; everything in it is qualified. */
extern void chash_run(const char *command);

/* A name with its schema, and a type with its own, quoted where needed; palloc'd. */
extern char *chash_quoted_name(Oid schema, const char *name);
extern char *chash_quoted_type(Oid type);

/* Make a router and, if the current user is a superuser, its operator class. */
extern Oid	chash_make_router(Oid schema, const char *name, Oid key_type, chash_router *router);

/* Raises an error unless a function is a router of the current user's. */
extern void chash_check_router_owner(Oid router);

#endif							/* CHASH_NAMING_H */
