/*
 * smoke.c
 *		Whether the results can be trusted, as far as they do not depend on time.
 *
 * Each number is compared with the same number found in another way.
 */
#include "bench.h"

#include "core/diff.h"
#include "core/sample.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

static const bench_effort small = {50000, 10000000, 1, 0};
static const bench_effort tiny = {100, 100, 1, 0};
static const uint32_t sizes[] = {5, 60};

#define NSIZES		(sizeof(sizes) / sizeof(sizes[0]))

static unsigned failures;		/* tests */
static unsigned problems;		/* of the test that runs */

static void problem(const char *format,...) CHASH_PRINTF(1, 2);

static void
problem(const char *format,...)
{
	va_list		args;

	va_start(args, format);
	printf("# ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
	problems++;
}

/* End the test. */
static void
report(const char *name)
{
	printf("%s - bench/core: %s\n", problems == 0 ? "ok" : "not ok", name);
	failures += problems > 0;
	problems = 0;
}

static bench_row rows[NSIZES * BENCH_MAX_CASES];
static unsigned nrows;

static void
begin_rows(void)
{
	bench_case	cases[BENCH_MAX_CASES];
	unsigned	n = bench_list_cases(cases);
	unsigned	i;
	size_t		k;

	for (k = 0; k < NSIZES; k++)
	{
		for (i = 0; i < n; i++)
		{
			bench_row  *row = &rows[nrows++];

			bench_row_begin(row, &cases[i], sizes[k]);
			bench_row_count(row, &small);
			if (row->refused)
				problem("%s: %s", row->which.strategy->name, row->error.message);
		}
	}
	report("there are routers of all strategies");
}

/* Do something with each row. */
static void
test_rows(const char *name, void (*test) (const bench_row *row))
{
	unsigned	i;

	for (i = 0; i < nrows; i++)
	{
		if (!rows[i].refused)
			test(&rows[i]);
	}
	report(name);
}

static bool
close_to(double a, double b, double tolerance)
{
	return fabs(a - b) <= tolerance;
}

/* ---- routers ---- */

/* Nothing else remains allocated, as the server's cache reckons. */
static void
test_memory(const bench_row *row)
{
	if (row->memory != row->compiled.memory)
		problem("%s: %zu bytes instead of %zu", row->which.strategy->name,
				row->memory, row->compiled.memory);
}

static void
test_balance(const bench_row *row)
{
	double		sum = 0;
	double		max = 0;
	double		min = 1;
	double	   *shares;
	uint32_t	i;

	if (!row->which.strategy->hashed)
		return;
	shares = chash_alloc(&row->arena->host, row->nshards * sizeof(*shares));
	bench_count_balance(&row->compiled, small.keys, &row->arena->host, shares);
	for (i = 0; i < row->nshards; i++)
	{
		sum += shares[i];
		max = shares[i] > max ? shares[i] : max;
		min = shares[i] < min ? shares[i] : min;
	}
	if (!close_to(sum, 1, 1e-9) ||
		!close_to(row->balance.max, max * row->nshards, 1e-9) ||
		!close_to(row->balance.min, min * row->nshards, 1e-9))
		problem("%s: shares from %f to %f add up to %f, the balance is from %f to %f",
				row->which.strategy->name, min, max, sum, row->balance.min, row->balance.max);
}

/* ---- moves ---- */

/* What chash_diff says of two routers, without a look at how. */
static double
moved_by_diff(const chash_compiled *before, const chash_compiled *after, const chash_host *host)
{
	double		moved = 0;
	chash_diff	diff;
	chash_piece piece;

	chash_diff_begin(&diff, before, after, host);
	while (chash_diff_next(&diff, &piece))
	{
		const char *source = before->router->shards[piece.source].name;
		const char *target = after->router->shards[piece.target].name;

		if (strcmp(source, target) != 0)
			moved += diff.exact ? chash_uint_ratio(&piece.width, &diff.space) : piece.share;
	}
	return moved;
}

/* How far a share of some keys may be from the true one: five standard deviations. */
static double
chance(double share, uint32_t keys)
{
	return 5 * sqrt((share * (1 - share) + 1.0 / keys) / keys);
}

static void
test_change(const bench_row *row, bench_change change, bench_arena *arena)
{
	const char *name = row->which.strategy->name;
	const chash_host *host = &arena->host;
	const bench_moves *moves = &row->moves[change];
	chash_compiled after;
	bench_moves routed;
	double		diff;
	double		tolerance;

	if (!bench_row_change(row, change, arena, &after))
	{
		if (moves->possible)
			problem("%s: change %d cannot be", name, change);
		return;
	}
	diff = moved_by_diff(&row->compiled, &after, host);
	if (moves->keys > 0)
	{
		/* where there are slices, but too many, an estimate would tell nothing */
		tolerance = chance(diff, moves->keys) + chance(diff, CHASH_SAMPLE_SIZE);
		if (!row->which.strategy->sliced && !close_to(moves->moved, diff, tolerance))
			problem("%s: change %d moves %f of %u shards, and %f by chash_diff", name, change,
					moves->moved, row->nshards, diff);
		return;
	}
	routed = bench_count_moves(&row->compiled, &after, small.keys, host);
	if (!close_to(moves->moved, diff, 1e-9) ||
		!close_to(routed.moved, diff, chance(diff, small.keys)) ||
		!close_to(routed.needless, moves->needless, chance(moves->needless, small.keys)))
		problem("%s: change %d moves %f of %u shards, %f without need; of keys %f and %f; %f by chash_diff",
				name, change, moves->moved, row->nshards, moves->needless, routed.moved, routed.needless, diff);
}

static void
test_moves(const bench_row *row)
{
	int			change;

	for (change = 0; change < BENCH_CHANGES; change++)
	{
		bench_arena *arena = bench_arena_begin();

		test_change(row, (bench_change) change, arena);
		bench_arena_end(arena);
	}
}

/* What moves with need is what the new shard has afterwards, or the old one had. */
static void
test_need(const bench_row *row)
{
	int			change;

	if (!row->which.strategy->hashed)
		return;
	for (change = 0; change < BENCH_CHANGES; change++)
	{
		const bench_moves *moves = &row->moves[change];
		bench_arena *arena = bench_arena_begin();
		const chash_host *host = &arena->host;
		uint32_t	n = row->nshards;
		double	   *shares = chash_alloc(host, (n + 1) * sizeof(*shares));
		uint32_t	place = change == BENCH_REMOVE_FIRST ? 0 : change == BENCH_REMOVE_MIDDLE ? n / 2 : n - 1;
		chash_compiled after;

		if (bench_row_change(row, (bench_change) change, arena, &after))
		{
			if (change == BENCH_ADD)
				place = n;
			bench_count_balance(change == BENCH_ADD ? &after : &row->compiled,
								bench_move_keys(row, &small), host, shares);
			if (!close_to(moves->moved - moves->needless, shares[place], 1e-9))
				problem("%s: change %d of %u shards needs %f, but moves %f - %f", row->which.strategy->name,
						change, n, shares[place], moves->moved, moves->needless);
		}
		bench_arena_end(arena);
	}
}

/* ---- results that are known ---- */

/* By arithmetic: n of n + 1 with modulo, a half with hash_range, the least with jump. */
static void
test_known(const bench_row *row)
{
	double		n = row->nshards;
	const char *name = row->which.strategy->name;
	double		moved;
	double		needless;

	if (strcmp(name, "modulo") == 0)
	{
		moved = n / (n + 1);
		needless = (n - 1) / (n + 1);
	}
	else if (strcmp(name, "hash_range") == 0)
	{
		moved = 0.5;
		needless = 0.5 - 1 / (n + 1);
	}
	else if (strcmp(name, "jump") == 0)
	{
		moved = 1 / (n + 1);
		needless = 0;
	}
	else
		return;
	if (!close_to(row->moves[BENCH_ADD].moved, moved, chance(moved, small.keys)) ||
		!close_to(row->moves[BENCH_ADD].needless, needless, needless > 0 ? chance(needless, small.keys) : 0))
		problem("%s: one more than %.0f shards moves %f and %f instead of %f and %f", name, n,
				row->moves[BENCH_ADD].moved, row->moves[BENCH_ADD].needless, moved, needless);
}

/* ---- the table ---- */

/* How often the line in which a strategy has its default dialect is there. */
static unsigned
count_lines(FILE *file, const char *strategy, uint32_t nshards, unsigned columns)
{
	char		start[100];
	char		line[1000];
	unsigned	found = 0;

	snprintf(start, sizeof(start), "%s\t-\t%u\t", strategy, (unsigned) nshards);
	rewind(file);
	while (fgets(line, sizeof(line), file))
	{
		unsigned	tabs = 0;
		const char *next;

		for (next = line; (next = strchr(next, '\t')) != NULL; next++)
			tabs++;
		if (strncmp(line, start, strlen(start)) == 0 && tabs + 1 == columns)
			found++;
	}
	return found;
}

static void
test_table(void)
{
	FILE	   *file = tmpfile();
	char		line[1000];
	unsigned	columns = 1;
	unsigned	strategies = 0;
	unsigned	code;
	size_t		k;
	const char *next;

	if (!file)
		bench_die("cannot make a temporary file");
	bench_write_routers(file, sizes, NSIZES, &tiny);
	rewind(file);
	if (!fgets(line, sizeof(line), file) || !fgets(line, sizeof(line), file))
		problem("no heading");
	for (next = line; (next = strchr(next, '\t')) != NULL; next++)
		columns++;
	for (code = 1; code <= 255; code++)
	{
		const chash_strategy *strategy = chash_strategy_by_code(code);

		strategies += strategy != NULL;
		for (k = 0; strategy && k < NSIZES; k++)
		{
			if (count_lines(file, strategy->name, sizes[k], columns) != 1)
				problem("not one line for %s among %u shards", strategy->name, (unsigned) sizes[k]);
		}
	}
	for (k = 0; k < NSIZES; k++)
	{
		if (count_lines(file, "by lot", sizes[k], columns) != 1)
			problem("not one line for chance among %u shards", (unsigned) sizes[k]);
	}
	if (strategies == 0)
		problem("no strategies");
	fclose(file);
	report("each strategy has its lines");
}

static void
test_hashes(void)
{
	static bench_hashing measured[BENCH_MAX_HASHINGS];
	unsigned	n = bench_measure_hashes(measured, &tiny);
	unsigned	found = 0;
	unsigned	code;
	unsigned	i;

	for (code = 1; code <= 255; code++)
	{
		const chash_hash *hash = chash_hash_by_code(code);
		unsigned	lines = 0;

		if (!hash || !hash->digest)
			continue;
		for (i = 0; i < n; i++)
			lines += measured[i].hash == hash;
		if (lines != 3)
			problem("%u lines for the hash %s", lines, hash->name);
		found++;
	}
	if (found == 0)
		problem("no hashes");
	report("each hash has its lines");
}

bool
bench_smoke(void)
{
	begin_rows();
	test_rows("memory is what compiled routers say", test_memory);
	test_rows("shares add up", test_balance);
	test_rows("keys move as chash_diff says", test_moves);
	test_rows("what needs to move is the new shard's, or the old one's", test_need);
	test_rows("known results", test_known);
	test_table();
	test_hashes();
	while (nrows > 0)
		bench_row_end(&rows[--nrows]);
	return failures == 0;
}
