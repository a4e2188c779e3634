/*
 * json.h
 *		A router as JSON: its text form and its casts.
 */
#ifndef CHASH_JSON_H
#define CHASH_JSON_H

#include "router/compat.h"

#include "core/router.h"
#include "lib/stringinfo.h"
#include "utils/jsonb.h"

/*
 * The model that JSON describes, not yet complete or validated.  Raises an
 * error for JSON of the wrong shape and for unknown keys and names.
 */
extern chash_router *chash_router_of_jsonb(Jsonb *jsonb);

/* The canonical text of a valid router, in the server's encoding. */
extern char *chash_router_text(const chash_router *router);

/* Append ,"name":value for a parameter that is set. */
extern void chash_append_parameter(StringInfo out, const chash_parameter *parameter,
								   const chash_parameters *from);

/* Names that users give, in the server's encoding; an unknown one is an error. */
extern const chash_strategy *chash_strategy_named(const char *name);
extern const chash_dialect *chash_dialect_named(const char *name);
extern const chash_hash *chash_hash_named(const char *name);
extern uint32 chash_search_named(const char *name);
extern chash_key_type chash_key_type_named(const char *name);

/* The value that a user gives a parameter of the kind FACTOR, within its limits. */
extern double chash_factor_given(const chash_parameter *parameter, double value);

#endif							/* CHASH_JSON_H */
