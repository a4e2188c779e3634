/*
 * bounds.h
 *		The bounds of range routers, compared in the key's type and collation.
 */
#ifndef CHASH_BOUNDS_H
#define CHASH_BOUNDS_H

#include "router/key.h"

typedef struct chash_bounds
{
	chash_key_type key_type;
	Oid			collation;		/* of texts, else InvalidOid */
	struct TypeCacheEntry *type;	/* for its comparison function */
	int			count;
	Datum	   *value;			/* increasing */
} chash_bounds;

/*
 * Bring the bounds of a complete model into the fixed form of their type and
 * its collation's name into one that no search_path changes, and raise an
 * error unless the bounds increase.
 */
extern void chash_bounds_normalize(chash_router *router);

/* A text that stands for a key of some type, in the fixed form of such keys, in UTF-8. */
extern char *chash_key_type_form(chash_key_type key_type, const char *utf8);

/* Bring the pins of a range router into the fixed form of its key type, likewise. */
extern void chash_pins_normalize(chash_router *router);

/* The bounds of a valid router, in the current memory context. */
extern chash_bounds *chash_bounds_compile(const chash_router *router);

/* How many bounds are not above the key: the number of its interval. */
extern int	chash_bounds_interval(const chash_bounds *bounds, chash_key_kind kind,
								  Datum key);

/*
 * The order of two bounds: of routers with the same key type and collation.
 */
extern int	chash_bounds_compare(const chash_bounds *bounds, Datum a, Datum b);

/* A collation's name as routers hold it. */
extern char *chash_collation_name(Oid collation);

#endif							/* CHASH_BOUNDS_H */
