/*
 * memory.c
 *		Memory and random numbers of tests.
 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_INIT_PATTERN		0xA5	/* so that nothing relies on zeroed memory */

/* In front of each block; as large as malloc's alignment wants it. */
typedef struct block
{
	struct block *previous;
	struct block *next;
	size_t		size;
	size_t		unused;
} block;

static block blocks = {&blocks, &blocks, 0, 0};
static size_t live_blocks;
static size_t live_bytes;
static uint64_t random_state;

static void *
allocate(void *unused, size_t size)
{
	block	   *new = malloc(sizeof(block) + size);

	(void) unused;
	if (!new)
	{
		fprintf(stderr, "out of memory\n");
		exit(2);
	}
	new->size = size;
	new->next = &blocks;
	new->previous = blocks.previous;
	new->previous->next = new;
	blocks.previous = new;
	live_blocks++;
	live_bytes += size;
	memset(new + 1, NO_INIT_PATTERN, size);
	return new + 1;
}

static void
release(void *unused, void *pointer)
{
	block	   *old = (block *) pointer - 1;

	(void) unused;
	old->previous->next = old->next;
	old->next->previous = old->previous;
	live_blocks--;
	live_bytes -= old->size;
	free(old);
}

static void
never_stop(void *context)
{
	(void) context;
}

const chash_host test_host = {allocate, release, never_stop, NULL};

void *
test_alloc(size_t size)
{
	return chash_alloc(&test_host, size);
}

char *
test_copy(const char *string)
{
	size_t		size = strlen(string) + 1;

	return memcpy(test_alloc(size), string, size);
}

size_t
test_live_blocks(void)
{
	return live_blocks;
}

size_t
test_live_bytes(void)
{
	return live_bytes;
}

void
test_release_all(void)
{
	while (blocks.next != &blocks)
		release(NULL, blocks.next + 1);
}

/* ---- random numbers: xorshift64* ---- */

void
test_seed(uint64_t seed)
{
	random_state = seed;
}

uint64_t
test_random(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * UINT64_C(2685821657736338717);
}

uint32_t
test_below(uint32_t limit)
{
	return (uint32_t) ((test_random() >> 32) * limit >> 32);
}
