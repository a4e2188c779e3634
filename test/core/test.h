/*
 * test.h
 *		The harness of the unit tests: what a test is, how it fails, its memory
 *		and its random numbers.
 */
#ifndef TEST_H
#define TEST_H

#include "core/host.h"
#include "core/error.h"

#include <stdint.h>

typedef struct test_case
{
	const char *name;
	void		(*run) (void);
} test_case;

/* The tests of each file; a NULL name ends them. */
extern const test_case assign_history_tests[];
extern const test_case assign_tests[];
extern const test_case bounded_tests[];
extern const test_case dialect_tests[];
extern const test_case dialect_other_tests[];
extern const test_case dialect_rules_tests[];
extern const test_case diff_tests[];
extern const test_case diff_wide_tests[];
extern const test_case error_tests[];
extern const test_case fuzz_tests[];
extern const test_case hash_tests[];
extern const test_case hash_vectors_tests[];
extern const test_case heads_tests[];
extern const test_case index_tests[];
extern const test_case key_rule_tests[];
extern const test_case label_tests[];
extern const test_case maglev_tests[];
extern const test_case multiprobe_tests[];
extern const test_case numbered_tests[];
extern const test_case pins_tests[];
extern const test_case properties_tests[];
extern const test_case rendezvous_tests[];
extern const test_case ring_tests[];
extern const test_case ring_moves_tests[];
extern const test_case router_tests[];
extern const test_case sample_tests[];
extern const test_case secret_tests[];
extern const test_case slots_tests[];
extern const test_case strategy_tests[];
extern const test_case table_tests[];
extern const test_case textbook_tests[];
extern const test_case uint_tests[];
extern const test_case validate_tests[];

/* The first condition that does not hold ends its test. */
#define CHECK(condition) \
	do { \
		if (!(condition)) \
			test_fail(__FILE__, __LINE__, #condition); \
	} while (0)

extern void test_fail(const char *file, int line, const char *condition) __attribute__((noreturn));

/* What a loop is at, printed with a failure. */
extern void test_context(const char *format,...) CHASH_PRINTF(1, 2);

/*
 * Memory of a test, all of it freed at its end.  It counts what has not been
 * released, so that a test can tell what a function leaves behind.  A block
 * ends where malloc's does, so that tools see a read beyond it.
 */
extern const chash_host test_host;
extern void *test_alloc(size_t size);
extern char *test_copy(const char *string);
extern size_t test_live_blocks(void);
extern size_t test_live_bytes(void);
extern void test_release_all(void);

/* Random numbers, the same in every run; each test starts anew.  A seed is not 0. */
extern void test_seed(uint64_t seed);
extern uint64_t test_random(void);
extern uint32_t test_below(uint32_t limit);

#endif							/* TEST_H */
