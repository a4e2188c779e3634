/*
 * value.h
 *		The SQL type chash_router: a varlena whose content is the stored form
 *		of a router (core/router.c).
 */
#ifndef CHASH_VALUE_H
#define CHASH_VALUE_H

#include "router/compat.h"

#include "core/router.h"
#include "fmgr.h"

/* The value, detoasted; its header may be a short one. */
#define PG_GETARG_ROUTER(n)		PG_GETARG_VARLENA_PP(n)

/*
 * Make a value of a model, which need not be complete: the end of every door.
 * Completes the model, brings bounds into their fixed form, validates, and
 * raises an error for what is refused.
 */
extern struct varlena *chash_value_make(chash_router *router);

/* The value that a text describes; raises an error for what is no router. */
extern struct varlena *chash_value_of_text(char *text);

/* The model of a value, in the current memory context. */
extern chash_router *chash_value_open(const struct varlena *value);

/* Give a shard a token, written in UTF-8; raises an error for what is no bigint. */
extern void chash_add_token(chash_router *router, uint32 shard, const char *digits);

/* Give a shard the tokens that a list such as "-100, 0, 100" names. */
extern void chash_add_tokens(chash_router *router, uint32 shard, const char *list);

/* The place of a shard, named in UTF-8; raises an error if there is none such. */
extern uint32 chash_find_shard(const chash_router *router, const char *name);

#endif							/* CHASH_VALUE_H */
