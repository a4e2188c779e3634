/*
 * fuzz.h
 *		What the targets of libFuzzer share: input that is read as numbers,
 *		texts and routers.
 *
 * A target is a file <name>_fuzz.c with one function, fuzz_one.  A condition
 * that does not hold ends the program, and so does whatever the sanitizers
 * find.  What is random is a function of the input, so that it can be repeated.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "fixture.h"

/* Input, read from the front; beyond its end there are only zeros. */
typedef struct input
{
	const uint8_t *next;
	const uint8_t *end;
} input;

/* What a target does with one input. */
extern void fuzz_one(input *in);

extern size_t bytes_left(const input *in);
extern uint8_t take_byte(input *in);
extern uint32_t take_number(input *in);
extern uint64_t take_long(input *in);

/* A number below a limit of at most 256. */
extern uint32_t take_below(input *in, uint32_t limit);

/* All that is left, or what is before a byte that separates; ends with a zero byte. */
extern char *take_rest(input *in);
extern char *take_until(input *in, uint8_t separator);

/* Text of up to max bytes, UTF-8 without a zero byte. */
extern char *take_text(input *in, uint32_t max);

/* A positive number mostly, sometimes any double. */
extern double take_weight(input *in);

/* Any router, with few shards and small parameters; complete, and valid or not. */
extern chash_router *take_router(input *in);

/* A shard without an id. */
extern chash_shard take_shard(input *in, uint32_t number);

#endif							/* FUZZ_H */
