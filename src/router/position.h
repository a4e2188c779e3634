/*
 * position.h
 *		The position of a key.
 */
#ifndef CHASH_POSITION_H
#define CHASH_POSITION_H

#include "router/cache.h"

/*
 * Where a key is in the space of a router's positions: its hash, or, in a range
 * router, the number of its interval.  Raises an error for a key that the
 * router cannot take.
 */
extern chash_uint chash_entry_position(const chash_entry *entry,
									   chash_key_kind kind, Datum key);

#endif							/* CHASH_POSITION_H */
