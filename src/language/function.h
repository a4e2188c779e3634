/*
 * function.h
 *		What a function of LANGUAGE chash is.
 *
 * A router is a function name(key_type) RETURNS text, whose body is the
 * router's text form.  Its helpers are in the same schema, and their bodies
 * are its name, so that its row in pg_proc alone holds the text:
 *
 *		name_ordinal(key_type) RETURNS int				the shard's id
 *		name_hash(key_type, bigint) RETURNS bigint		for operator classes
 */
#ifndef CHASH_FUNCTION_H
#define CHASH_FUNCTION_H

#include "router/key.h"

#include "access/htup.h"

typedef enum chash_function_kind
{
	CHASH_FUNCTION_ROUTER,
	CHASH_FUNCTION_ORDINAL,
	CHASH_FUNCTION_HASH
} chash_function_kind;

typedef struct chash_signature
{
	chash_function_kind kind;
	chash_key_kind key;
} chash_signature;

/* The oid of LANGUAGE chash; InvalidOid if the database has none. */
extern Oid	chash_language(void);

/* Whether a function exists and is one of LANGUAGE chash. */
extern bool chash_is_ours(Oid function);

/*
 * What the row of a function of LANGUAGE chash declares.  Raises an error for
 * what the language does not allow: other arguments or results, IMMUTABLE.
 */
extern chash_signature chash_function_signature(HeapTuple function);

/* The body, palloc'd. */
extern char *chash_function_body(HeapTuple function);

/* Whether keys of two kinds are routed alike when they are equal. */
extern bool chash_kinds_agree(chash_key_kind a, chash_key_kind b);

/* The router of that name in a schema, or InvalidOid. */
extern Oid	chash_find_router(const char *name, Oid schema);

/*
 * The router that a helper belongs to, of which this is the row; raises an
 * error if there is none, or one for other keys.
 */
extern Oid	chash_router_of_helper(HeapTuple helper, chash_key_kind key);

/*
 * The router behind a function: itself or, of a helper, the one that it names.
 * InvalidOid if the function is none of LANGUAGE chash.
 */
extern Oid	chash_router_of_function(Oid function);

/* Raises an error if another function in the schema has the name of a router, which this is. */
extern void chash_check_only_function(HeapTuple router);

/* Raises an error unless a function is a router. */
extern void chash_check_is_router(Oid function);

#endif							/* CHASH_FUNCTION_H */
