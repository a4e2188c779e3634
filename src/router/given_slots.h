/*
 * given_slots.h
 *		Slots that are given to shards by hand.
 */
#ifndef CHASH_GIVEN_SLOTS_H
#define CHASH_GIVEN_SLOTS_H

#include "router/compat.h"

#include "core/slots.h"

/* The texts that one shard has, the first for the first replica, in UTF-8. */
typedef struct chash_given_slots
{
	char	  **texts;
	int			count;
} chash_given_slots;

/*
 * Make the map of a router from what each of its shards is given; nothing if
 * that is nothing for all of them, or NULL.  Raises an error unless every slot
 * is given once.
 */
extern void chash_give_slots(chash_router *router, const chash_given_slots *given);

/* Raise an error unless a router has slots that can be assigned. */
extern void chash_check_has_slots(const chash_router *router);

#endif							/* CHASH_GIVEN_SLOTS_H */
