/*
 * used.h
 *		What holds of every router, wherever it comes from: how it is loaded,
 *		and how it answers when it is valid.
 */
#ifndef USED_H
#define USED_H

#include "fixture.h"

/* What is used is no larger than this; other routers are only validated. */
#define USED_MAX_SHARDS		300
#define USED_MAX_SLICES		3000	/* points, units or slots */
#define USED_MAX_PROBES		200000	/* of all shards, probes and positions together */

/*
 * Load bytes from a block of their own, so that tools see a read beyond it.
 * Where that fails, the error is checked for form.
 */
extern bool load_stored(const uint8_t *bytes, size_t size, chash_router *router,
						chash_error *error);

/*
 * Load, write back, complete, validate and use; what can be read is written as
 * the same bytes, and a valid router is complete.  Returns whether it is one.
 */
extern bool use_stored(const uint8_t *bytes, size_t size);

/* Whether a valid router is small enough to be compiled in a test that makes many. */
extern bool is_affordable(const chash_router *router);

/* Compile a valid and affordable router, and check all that can be asked of it. */
extern void use_router(const chash_router *router);

#endif							/* USED_H */
