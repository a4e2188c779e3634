/*
 * main.c
 *		Runs the unit tests and owns how they fail.
 *
 * With an argument only tests whose name contains it run.
 */
#include "test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
	heads_tests,
	index_tests,
	sample_tests,
	assign_tests,
	assign_history_tests,
	slots_tests,
	properties_tests,
};

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

/* ---- running ---- */

static void
run(const test_case *test)
{
	test_seed(UINT64_C(88172645463325252));
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
	test_release_all();
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
