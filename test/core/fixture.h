/*
 * fixture.h
 *		Routers to test with, and oracles that share no code with the core:
 *		OpenSSL's big numbers, and a ring that is searched point by point.
 */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "core/compile.h"
#include "test.h"

#include <openssl/bn.h>
#include <stdio.h>

/* ---- routers ---- */

/*
 * A router with all but its shards unsaid; NULL or 0 stands for what the
 * dialect says.  The shards are server-a, server-b, ..., server-z, server-26,
 * ..., of weight 1.
 */
extern chash_router *fixture_router(const char *strategy, const char *hash,
									unsigned bits, uint32_t nshards);

/* The name of a shard of such a router. */
extern char *fixture_name(uint32_t i);

/* A complete copy with one shard more, or without one. */
extern chash_router *fixture_with_shard(const chash_router *router, const char *name,
										double weight);
extern chash_router *fixture_without_shard(const chash_router *router, uint32_t place);

/* Whether a router is valid; if it is not, the error is checked for form. */
extern bool fixture_valid(const chash_router *router, chash_error *error);

/* Complete, validate and compile a router, which must be valid. */
extern chash_compiled *fixture_compile(chash_router *router);

/* A random ring of so many bits, with up to so many shards and points a shard. */
extern chash_router *fixture_random_ring(const char *hash, unsigned bits,
										 uint32_t max_shards, uint32_t max_vnodes);

/* ---- test data ---- */

/* Open a file of test/vectors behind its heading. */
extern FILE *fixture_open_vectors(const char *name);

/* A router of the nodes and weights that nodesets.tsv has under a name. */
extern chash_router *fixture_nodeset(const char *strategy, const char *hash, const char *nodeset);

/* ---- asking ---- */

extern const chash_slice *fixture_slice(const chash_compiled *compiled, uint32_t i);
extern uint32_t fixture_lookup(const chash_compiled *compiled, chash_uint position);
extern uint32_t fixture_route(const chash_compiled *compiled, chash_uint position);
extern uint32_t fixture_route64(const chash_compiled *compiled, uint64_t position);
extern const char *fixture_vnode(const chash_compiled *compiled, uint32_t i);

/* a + b, a - b and a = b, without pointers */
extern chash_uint plus(chash_uint a, uint64_t b);
extern chash_uint minus(chash_uint a, uint64_t b);
extern bool equal(chash_uint a, chash_uint b);

/*
 * That slices are ranges from 0 to the end of the space, without a gap or an
 * overlap, and that the first and last position of each finds it.
 */
extern void check_ranges(const chash_compiled *compiled);

/* A random position of a space. */
extern chash_uint random_position(unsigned bits);

/* ---- big numbers ---- */

/* The caller frees it with BN_free. */
extern BIGNUM *big_of(chash_uint value);
extern bool big_equal(chash_uint value, const BIGNUM *big);

/* ---- the ring, searched point by point ---- */

typedef struct naive_point
{
	uint8_t		position[32];	/* its bits at the left, big-endian */
	uint32_t	shard;
	const char *name;			/* of the shard */
	uint32_t	number;
	char	   *label;
} naive_point;

typedef struct naive_ring
{
	unsigned	bits;
	chash_search search;
	uint32_t	npoints;
	naive_point *points;		/* sorted, also those that others hide */
} naive_ring;

/* The router is complete, and weights times vnodes are whole numbers. */
extern naive_ring *naive_ring_of(const chash_router *router);
extern const naive_point *naive_lookup(const naive_ring *ring, chash_uint position);

/* The position of a point where there are up to 64 bits. */
extern uint64_t naive_position64(const naive_ring *ring, const naive_point *point);

/* The bytes of a digest, big-endian; returns how many. */
extern size_t naive_digest(chash_hash_code hash, const void *bytes, size_t length,
						   uint8_t digest[32]);

#endif							/* FIXTURE_H */
