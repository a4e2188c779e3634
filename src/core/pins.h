/*
 * pins.h
 *		Pins: single keys that a router sends to a shard by name, whatever its
 *		strategy says.  They are the directory that comes before the formula.
 */
#ifndef CHASH_PINS_H
#define CHASH_PINS_H

#include "core/router.h"

#define CHASH_NOT_PINNED	UINT32_MAX

/* Pins made ready to be found; it refers to the router that it was made of. */
typedef struct chash_pins
{
	const chash_pin *pins;
	uint32_t	mask;			/* one less than the number of buckets */
	uint32_t   *bucket;			/* the number of a pin, or CHASH_NOT_PINNED */
} chash_pins;

/*
 * The pins of a router, NULL if it has none, allocated from the host; the bytes
 * that they take are added to memory.
 */
extern chash_pins *chash_pins_compile(const chash_router *router, const chash_host *host,
									  size_t *memory);

/* The place of the shard that a key, in its fixed form, is pinned to. */
extern uint32_t chash_pins_find(const chash_pins *pins, const void *key, size_t length);

/*
 * Give a router pins: key i goes to the shard called names[i].  Keys may come
 * in any order.  False where a shard is unknown.
 */
extern bool chash_router_set_pins(chash_router *router, uint32_t n, const char *const *keys,
								  const char *const *names, const chash_host *host,
								  chash_error *error);

/* The number of the pin of a key, or, if there is none, where it belongs. */
extern uint32_t chash_router_find_pin(const chash_router *router, const char *key, bool *found);

/* Whether a key, in its fixed form, is one that a router with this hash can route. */
extern bool chash_router_takes(const chash_router *router, const char *key);

/* Whether pins are in order, and such that a key can have them. */
extern bool chash_pins_validate(const chash_router *router, chash_error *error);

#endif							/* CHASH_PINS_H */
