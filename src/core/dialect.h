/*
 * dialect.h
 *		The table of dialects: under which name, and by which rules, a ring
 *		gives the answers of some library or publication.
 *
 * A dialect is a row, never code.  It sets the parameters of a ring that a
 * user does not give.  A released row never changes.
 */
#ifndef CHASH_DIALECT_H
#define CHASH_DIALECT_H

#include "core/hash.h"

/*
 * Which point of the ring serves a position.  The names are those that sorted
 * maps use for the same question.
 */
typedef enum chash_search
{
	/* stored in routers: a number is never given a second meaning */
	CHASH_SEARCH_CEILING = 1,	/* the first point at or after it */
	CHASH_SEARCH_HIGHER = 2,	/* the first point after it */
	CHASH_SEARCH_FLOOR = 3		/* the last point at or before it */
} chash_search;

typedef struct chash_dialect
{
	const char *name;
	unsigned	code;			/* stored in routers, never reused */
	chash_hash_code hash;
	unsigned	bits;			/* of a position; 0 means the whole digest */
	unsigned	vnodes;			/* virtual nodes of a shard of weight 1 */
	const char *label;			/* of a virtual node, see label.h */
	chash_search search;
} chash_dialect;

/* NULL if there is no such dialect. */
extern const chash_dialect *chash_dialect_by_name(const char *name);
extern const chash_dialect *chash_dialect_by_code(unsigned code);

/* The dialect of a router that names none. */
extern const chash_dialect *chash_dialect_default(void);

/* False if there is no such rule. */
extern bool chash_search_by_name(const char *name, chash_search *search);

/* NULL if there is no such rule. */
extern const char *chash_search_name(unsigned search);

/* All names, for hints; in static memory. */
extern const char *chash_dialect_names(void);
extern const char *chash_search_names(void);

#endif							/* CHASH_DIALECT_H */
