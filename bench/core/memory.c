/*
 * memory.c
 *		The benchmark's host: malloc, and a list of what it has given.
 */
#include "bench.h"

#include <stdarg.h>
#include <stdlib.h>

/* In front of each block; as large as malloc's alignment wants it. */
typedef struct bench_block
{
	struct bench_block *previous;
	struct bench_block *next;
	size_t		size;
	size_t		unused;
} bench_block;

static void *
allocate(void *context, size_t size)
{
	bench_arena *arena = context;
	bench_block *new = malloc(sizeof(*new) + size);

	if (!new)
		bench_die("out of memory");
	new->size = size;
	new->previous = NULL;
	new->next = arena->blocks;
	if (arena->blocks)
		arena->blocks->previous = new;
	arena->blocks = new;
	arena->live_bytes += size;
	return new + 1;
}

static void
release(void *context, void *pointer)
{
	bench_arena *arena = context;
	bench_block *old = (bench_block *) pointer - 1;

	if (old->previous)
		old->previous->next = old->next;
	else
		arena->blocks = old->next;
	if (old->next)
		old->next->previous = old->previous;
	arena->live_bytes -= old->size;
	free(old);
}

static void
never_stop(void *context)
{
	(void) context;
}

bench_arena *
bench_arena_begin(void)
{
	bench_arena *arena = malloc(sizeof(*arena));

	if (!arena)
		bench_die("out of memory");
	arena->host.alloc = allocate;
	arena->host.release = release;
	arena->host.check = never_stop;
	arena->host.context = arena;
	arena->blocks = NULL;
	arena->live_bytes = 0;
	return arena;
}

void
bench_arena_end(bench_arena *arena)
{
	while (arena->blocks)
		release(arena, arena->blocks + 1);
	free(arena);
}

void
bench_die(const char *format,...)
{
	va_list		args;

	va_start(args, format);
	fprintf(stderr, "bench: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(2);
}
