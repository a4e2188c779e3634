/*
 * main.c
 *		Runs the unit tests and owns what they share: failures, memory and
 *		random numbers.
 *
 * With an argument only tests whose name contains it run.
 */
#include "test.h"

#include <setjmp.h>
#include <stdarg.h>
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

static const test_case *const all_tests[] = {
	uint_tests,
	hash_tests,
	hash_vectors_tests,
	secret_tests,
	key_rule_tests,
	label_tests,
	error_tests,
	table_tests,
	router_tests,
	validate_tests,
	fuzz_tests,
	strategy_tests,
	ring_tests,
	ring_moves_tests,
	textbook_tests,
	dialect_tests,
	dialect_other_tests,
	dialect_rules_tests,
	diff_tests,
	diff_wide_tests,
	numbered_tests,
	rendezvous_tests,
	maglev_tests,
	multiprobe_tests,
	bounded_tests,
	pins_tests,
	index_tests,
	sample_tests,
	assign_tests,
	assign_history_tests,
	slots_tests,
	properties_tests,
};

static block blocks = {&blocks, &blocks, 0, 0};
static size_t live_blocks;
static size_t live_bytes;
static uint64_t random_state;
static const test_case *running;
static char context[256];
static jmp_buf end_of_test;
static unsigned passed;
static unsigned failed;

/* ---- failures ---- */

void
test_fail(const char *file, int line, const char *condition)
{
	printf("not ok - %s: %s:%d %s", running->name, file, line, condition);
	if (context[0])
		printf(" (%s)", context);
	printf("\n");
	longjmp(end_of_test, 1);
}

void
test_context(const char *format,...)
{
	va_list		args;

	va_start(args, format);
	vsnprintf(context, sizeof(context), format, args);
	va_end(args);
}

/* ---- memory ---- */

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

static void
release_all(void)
{
	while (blocks.next != &blocks)
		release(NULL, blocks.next + 1);
}

/* ---- random numbers: xorshift64* ---- */

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

/* ---- running ---- */

static void
run(const test_case *test)
{
	random_state = UINT64_C(88172645463325252);
	context[0] = '\0';
	running = test;
	if (setjmp(end_of_test) == 0)
	{
		test->run();
		printf("ok - %s\n", test->name);
		passed++;
	}
	else
		failed++;
	fflush(stdout);
	release_all();
}

int
main(int argc, char **argv)
{
	size_t		i;

	for (i = 0; i < sizeof(all_tests) / sizeof(all_tests[0]); i++)
	{
		const test_case *test;

		for (test = all_tests[i]; test->name; test++)
		{
			if (argc < 2 || strstr(test->name, argv[1]))
				run(test);
		}
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed > 0 || passed == 0;
}
