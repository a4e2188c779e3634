/*
 * numbered.h
 *		Strategies that compute a number from 0 to n - 1 and give the position
 *		to the shard at that place.  All shards get the same share, and shards
 *		come and go at the end only.
 */
#ifndef CHASH_NUMBERED_H
#define CHASH_NUMBERED_H

#include "core/compile.h"

/* The algorithms: the number of a key, below n, which is not 0. */
extern uint32_t chash_jump_number(uint64_t key, uint32_t n);
extern uint32_t chash_guava_number(uint64_t key, uint32_t n);
extern uint32_t chash_jumpback_number(uint64_t key, uint32_t n);

/* Members of the method table; the hint is what "no_weights" says. */
#define CHASH_NUMBERED_NO_WEIGHTS(name) \
	"Strategy \"" name "\" gives all shards the same share; " \
	"strategies \"rendezvous\" and \"ring\" have weights."
extern bool chash_numbered_can_remove(const chash_router *router, uint32_t place,
									  chash_error *error);
extern bool chash_numbered_compile(chash_compiled *compiled, const chash_host *host,
								   chash_error *error);

#endif							/* CHASH_NUMBERED_H */
