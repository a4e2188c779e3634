/*
 * bench.h
 *		What the parts of the benchmark of src/core share: what is measured, and
 *		what comes out.
 *
 * Everything but times follows from fixed keys, so that it is the same in every
 * run and on every machine.
 */
#ifndef BENCH_H
#define BENCH_H

#include "core/compile.h"

#include <stdint.h>
#include <stdio.h>

/* ---- memory (memory.c) ---- */

/* A host whose memory is counted, and freed as a whole. */
typedef struct bench_arena
{
	chash_host	host;
	struct bench_block *blocks;
	size_t		live_bytes;
} bench_arena;

extern bench_arena *bench_arena_begin(void);
extern void bench_arena_end(bench_arena *arena);

/* ---- routers (routers.c) ---- */

/* A way of routing: every strategy there is, and of some a dialect. */
typedef struct bench_case
{
	const chash_strategy *strategy;
	const chash_dialect *dialect;	/* NULL: the strategy's own */
	bool		linear;			/* a lookup takes the longer the more shards there are */
} bench_case;

#define BENCH_MAX_CASES		64

/* Returns how many there are, in a fixed order. */
extern unsigned bench_list_cases(bench_case *cases);

/* A complete router of shards of weight 1, named shard_1, shard_2 and so on. */
extern chash_router *bench_router(const bench_case *which, uint32_t nshards,
								  const chash_host *host);

/* How a router gains a shard, which comes last, and loses the one at a place. */
extern chash_router *bench_router_gain(const chash_router *router, const chash_host *host);
extern chash_router *bench_router_lose(const chash_router *router, uint32_t place,
									   const chash_host *host);

/* Validate and compile. */
extern bool bench_router_compile(chash_compiled *compiled, const chash_router *router,
								 const chash_host *host, chash_error *error);

/* ---- keys (keys.c) ---- */

#define BENCH_KEY_BYTES		16

/* Key number i: 16 hexadecimal digits, random but always the same. */
extern void bench_key(uint32_t i, char key[BENCH_KEY_BYTES]);

/* Where a router's hash puts a key; ends the program where there is no such digest. */
extern chash_uint bench_position(const chash_router *router, const char key[BENCH_KEY_BYTES]);

/* ---- counting (count.c) ---- */

typedef enum bench_change
{
	BENCH_ADD,					/* one shard more, as the last */
	BENCH_REMOVE_FIRST,
	BENCH_REMOVE_MIDDLE,
	BENCH_REMOVE_LAST
} bench_change;

#define BENCH_CHANGES		4

/* What a change moves, in shares of the space or of the keys. */
typedef struct bench_moves
{
	bool		possible;		/* the strategy allows it */
	uint32_t	keys;			/* how many keys have been counted; 0 if it is exact */
	double		moved;
	double		needless;		/* between shards that are there before and after */
} bench_moves;

typedef struct bench_balance
{
	uint32_t	keys;			/* the same */
	double		max;			/* the largest share divided by the ideal one */
	double		min;			/* the smallest */
} bench_balance;

/* shares has a place for each shard, or is NULL. */
extern bench_balance bench_count_balance(const chash_compiled *compiled, uint32_t keys,
										 const chash_host *host, double *shares);

/*
 * Two ways to the same number: from the slices of both routers, which is exact
 * where it is possible at all, and by routing keys with both.
 */
extern bool bench_diff_moves(const chash_compiled *before, const chash_compiled *after,
							 const chash_host *host, bench_moves *moves);
extern bench_moves bench_count_moves(const chash_compiled *before, const chash_compiled *after,
									 uint32_t keys, const chash_host *host);

/* The balance of keys that chance gives to shards: as even as independent keys are. */
extern bench_balance bench_balance_by_lot(uint32_t nshards, uint32_t keys, const chash_host *host);

/* ---- rows (row.c) ---- */

/* How much work to do. */
typedef struct bench_effort
{
	uint32_t	keys;			/* to be routed */
	uint32_t	shards_by_keys; /* fewer keys where a lookup looks at all shards */
	unsigned	rounds;			/* of which the median is taken */
	double		seconds;		/* that one measurement takes at least */
} bench_effort;

typedef struct bench_row
{
	bench_case	which;
	uint32_t	nshards;
	bench_arena *arena;
	const chash_router *router;
	chash_compiled compiled;
	bool		refused;		/* there is no such router; the rest is unset */
	chash_error error;			/* why */

	bench_balance balance;
	bench_moves moves[BENCH_CHANGES];
	size_t		memory;			/* bytes of the compiled router */
	size_t		stored_size;	/* bytes */
	double		compile_ms;
	double		lookup_ns;		/* the position is known */
	double		key_ns;			/* a key is hashed first */
} bench_row;

extern void bench_row_begin(bench_row *row, const bench_case *which, uint32_t nshards);
extern void bench_row_end(bench_row *row);

/* The router after a change; false if the strategy does not allow it. */
extern bool bench_row_change(const bench_row *row, bench_change change, bench_arena *arena,
							 chash_compiled *after);

/* Fill in all that does not depend on time. */
extern void bench_row_count(bench_row *row, const bench_effort *effort);

/* How many keys moves are counted by where they cannot be exact. */
extern uint32_t bench_move_keys(const bench_row *row, const bench_effort *effort);

/* ---- time (measure.c) ---- */

/* Measure all rows in turns, so that what disturbs the machine disturbs all alike. */
extern void bench_measure_rows(bench_row *rows, unsigned nrows, const bench_effort *effort);

/* A hash, and how long the keys are. */
typedef struct bench_hashing
{
	const chash_hash *hash;
	unsigned	length;			/* bytes */
	double		ns;				/* of one key */
} bench_hashing;

#define BENCH_MAX_HASHINGS	200

/* All hashes that hash bytes; returns how many rows that gives. */
extern unsigned bench_measure_hashes(bench_hashing *rows, const bench_effort *effort);

/* ---- results (tsv.c) ---- */

/* Measure, and write a line for each case and number of shards, or for each hash. */
extern void bench_write_routers(FILE *out, const uint32_t *sizes, size_t nsizes,
								const bench_effort *effort);
extern void bench_write_hashes(FILE *out, const bench_effort *effort);

/* ---- the smoke test (smoke.c) ---- */

/* Whether all that does not depend on time is as it must be; writes "ok - ..." lines. */
extern bool bench_smoke(void);

/* End the program. */
extern void bench_die(const char *format,...) CHASH_PRINTF(1, 2) __attribute__((noreturn));

#endif							/* BENCH_H */
