/*
 * typed_hash.h
 *		The hashes that take a typed value and not the bytes of its fixed form.
 */
#ifndef CHASH_TYPED_HASH_H
#define CHASH_TYPED_HASH_H

#include "router/key.h"

/*
 * The digest of a key by a hash whose input is CHASH_INPUT_VALUE.  Raises an
 * error for a kind of key that the hash cannot take.
 */
extern uint64 chash_typed_hash(const chash_hash *hash, chash_key_kind kind, Datum key);

#endif							/* CHASH_TYPED_HASH_H */
