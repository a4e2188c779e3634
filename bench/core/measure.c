/*
 * measure.c
 *		What takes how long.
 *
 * Processor time of this process is measured, so that other programs that run
 * at the same time count only by what they do to the caches.  Everything is
 * measured in rounds, in which all rows have their turn, and the median of the
 * rounds is reported.
 */
#include "bench.h"

#include <stdlib.h>
#include <time.h>

/* Keys that are routed in turn: many enough to know none of them by heart. */
#define KEYS		32768

#define MAX_ROUNDS	15

static char keys[KEYS][BENCH_KEY_BYTES];
static chash_uint positions[KEYS];

/* So that the compiler cannot leave out what is measured. */
static volatile uint64_t sink;

static double
now(void)
{
	struct timespec time;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0)
		bench_die("this system does not measure processor time");
	return (double) time.tv_sec + (double) time.tv_nsec * 1e-9;
}

static int
compare_doubles(const void *a, const void *b)
{
	double		first = *(const double *) a;
	double		second = *(const double *) b;

	return (first > second) - (first < second);
}

static double
median(double *values, unsigned n)
{
	qsort(values, n, sizeof(*values), compare_doubles);
	return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* Something to be measured; does it so many times. */
typedef void (*work) (const void *what, uint32_t count);

typedef struct series
{
	uint32_t	count;			/* how many times in a round; 0 before the first */
	double		seconds[MAX_ROUNDS];	/* of one time, in each round */
} series;

/*
 * One round.  The first finds out how many times are enough to be measured;
 * the others begin with some times that are not measured, after which the
 * caches hold what belongs to this row.
 */
static void
measure(series *all, unsigned round, work perform, const void *what, double enough)
{
	double		start;
	double		taken;

	if (all->count == 0)
		all->count = 1;
	else if (all->count > 1)
		perform(what, all->count / 4);
	for (;;)
	{
		start = now();
		perform(what, all->count);
		taken = now() - start;
		if (round > 0 || taken >= enough || all->count > UINT32_MAX / 2)
			break;
		all->count *= 2;
	}
	all->seconds[round] = taken / all->count;
}

/* ---- routers ---- */

static void
compile(const void *what, uint32_t count)
{
	const bench_row *row = what;
	uint32_t	i;

	for (i = 0; i < count; i++)
	{
		bench_arena *arena = bench_arena_begin();
		chash_compiled compiled;
		chash_error error;

		if (!chash_compile(&compiled, row->router, &arena->host, &error))
			bench_die("%s", error.message);
		sink += compiled.nslices;
		bench_arena_end(arena);
	}
}

static void
look_up(const void *what, uint32_t count)
{
	const bench_row *row = what;
	uint64_t	sum = 0;
	uint32_t	i;

	for (i = 0; i < count; i++)
		sum += chash_route(&row->compiled, &positions[i % KEYS]);
	sink += sum;
}

static void
hash_and_look_up(const void *what, uint32_t count)
{
	const bench_row *row = what;
	uint64_t	sum = 0;
	uint32_t	i;

	for (i = 0; i < count; i++)
	{
		chash_uint	position = bench_position(row->router, keys[i % KEYS]);

		sum += chash_route(&row->compiled, &position);
	}
	sink += sum;
}

static void
prepare_keys(void)
{
	uint32_t	i;

	for (i = 0; i < KEYS; i++)
		bench_key(i, keys[i]);
}

static void
prepare_positions(const chash_router *router)
{
	uint32_t	i;

	for (i = 0; i < KEYS; i++)
		positions[i] = bench_position(router, keys[i]);
}

void
bench_measure_rows(bench_row *rows, unsigned nrows, const bench_effort *effort)
{
	series	   *compiling = calloc(nrows, sizeof(*compiling));
	series	   *lookups = calloc(nrows, sizeof(*lookups));
	series	   *with_keys = calloc(nrows, sizeof(*with_keys));
	unsigned	rounds = effort->rounds < MAX_ROUNDS ? effort->rounds : MAX_ROUNDS;
	unsigned	round;
	unsigned	i;

	if (!compiling || !lookups || !with_keys)
		bench_die("out of memory");
	prepare_keys();
	for (round = 0; round < rounds; round++)
	{
		for (i = 0; i < nrows; i++)
		{
			const bench_row *row = &rows[i];

			if (row->refused)
				continue;
			measure(&compiling[i], round, compile, row, effort->seconds);
			if (!row->which.strategy->hashed)
				continue;
			prepare_positions(row->router);
			measure(&lookups[i], round, look_up, row, effort->seconds);
			measure(&with_keys[i], round, hash_and_look_up, row, effort->seconds);
		}
	}
	for (i = 0; i < nrows; i++)
	{
		rows[i].compile_ms = 1e3 * median(compiling[i].seconds, rounds);
		rows[i].lookup_ns = 1e9 * median(lookups[i].seconds, rounds);
		rows[i].key_ns = 1e9 * median(with_keys[i].seconds, rounds);
	}
	free(compiling);
	free(lookups);
	free(with_keys);
}

/* ---- hashes ---- */

/* No hash has a higher code. */
#define MAX_CODE	255

/* The longest of the keys; they lie one behind the other, and begin anywhere. */
#define MAX_LENGTH	64

static const unsigned lengths[] = {8, 16, MAX_LENGTH};

#define NLENGTHS	(sizeof(lengths) / sizeof(lengths[0]))

static unsigned
list_hashings(bench_hashing *rows)
{
	unsigned	n = 0;
	unsigned	code;
	size_t		k;

	for (code = 1; code <= MAX_CODE; code++)
	{
		const chash_hash *hash = chash_hash_by_code(code);

		if (!hash || !hash->digest)
			continue;
		if (n + NLENGTHS > BENCH_MAX_HASHINGS)
			bench_die("too many hashes");
		for (k = 0; k < NLENGTHS; k++)
		{
			rows[n].hash = hash;
			rows[n++].length = lengths[k];
		}
	}
	return n;
}

static void
hash_keys(const void *what, uint32_t count)
{
	const bench_hashing *row = what;
	const char *bytes = &keys[0][0];
	uint64_t	sum = 0;
	uint32_t	i;

	for (i = 0; i < count; i++)
	{
		const char *key = bytes + (size_t) i * row->length % (sizeof(keys) - MAX_LENGTH);
		chash_uint	digest;
		chash_error error;

		if (!row->hash->digest(key, row->length, &digest, &error))
			bench_die("%s", error.message);
		sum += chash_uint_low64(&digest);
	}
	sink += sum;
}

unsigned
bench_measure_hashes(bench_hashing *rows, const bench_effort *effort)
{
	static series all[BENCH_MAX_HASHINGS];
	unsigned	rounds = effort->rounds < MAX_ROUNDS ? effort->rounds : MAX_ROUNDS;
	unsigned	n = list_hashings(rows);
	unsigned	round;
	unsigned	i;

	prepare_keys();
	for (round = 0; round < rounds; round++)
	{
		for (i = 0; i < n; i++)
			measure(&all[i], round, hash_keys, &rows[i], effort->seconds);
	}
	for (i = 0; i < n; i++)
		rows[i].ns = 1e9 * median(all[i].seconds, rounds);
	return n;
}
