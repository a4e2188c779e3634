/*
 * tsv.c
 *		Writes the results as tab-separated values: a line about the machine, a
 *		heading, and a line for each row.
 *
 * A "-" stands for what there is not.
 */
#include "bench.h"

#include <string.h>
#include <unistd.h>

/* ---- the machine ---- */

static void
write_machine(FILE *out)
{
	FILE	   *file = fopen("/proc/cpuinfo", "r");
	char		line[512];
	char		model[512] = "unknown processor";

	while (file && fgets(line, sizeof(line), file))
	{
		char	   *colon = strchr(line, ':');

		if (strncmp(line, "model name", 10) == 0 && colon)
		{
			snprintf(model, sizeof(model), "%s", colon + 1 + strspn(colon + 1, " "));
			model[strcspn(model, "\n")] = '\0';
			break;
		}
	}
	if (file)
		fclose(file);
	fprintf(out, "# %s, %ld cores; ", model, sysconf(_SC_NPROCESSORS_ONLN));
#if defined(__clang__)
	fprintf(out, "clang %d.%d.%d\n", __clang_major__, __clang_minor__, __clang_patchlevel__);
#elif defined(__GNUC__)
	fprintf(out, "gcc %d.%d.%d\n", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#else
	fprintf(out, "unknown compiler\n");
#endif
}

/* ---- routers ---- */

static void
write_heading(FILE *out)
{
	fprintf(out, "strategy\tdialect\tshards\tbalance_keys\tmax_share\tmin_share\t"
			"add_ideal\tadd_keys\tadd_moved\tadd_needless\tremove_ideal\t"
			"first_keys\tfirst_moved\tfirst_needless\tmiddle_keys\tmiddle_moved\tmiddle_needless\t"
			"last_keys\tlast_moved\tlast_needless\t"
			"memory\tstored_size\tcompile_ms\tlookup_ns\tkey_ns\n");
}

/* So many columns that have no value. */
static void
write_nothing(FILE *out, int columns)
{
	while (columns-- > 0)
		fprintf(out, "\t-");
}

static void
write_balance(FILE *out, const bench_balance *balance)
{
	fprintf(out, "\t%u\t%.4f\t%.4f", (unsigned) balance->keys, balance->max, balance->min);
}

static void
write_moves(FILE *out, const bench_moves *moves)
{
	if (moves->possible)
		fprintf(out, "\t%u\t%.8f\t%.8f", (unsigned) moves->keys, moves->moved, moves->needless);
	else
		write_nothing(out, 3);
}

static void
write_row(FILE *out, const bench_row *row)
{
	bool		counted = !row->refused && row->which.strategy->hashed;

	fprintf(out, "%s\t%s\t%u", row->which.strategy->name,
			row->which.dialect ? row->which.dialect->name : "-", (unsigned) row->nshards);
	if (counted)
	{
		write_balance(out, &row->balance);
		fprintf(out, "\t%.8f", 1.0 / (row->nshards + 1));
		write_moves(out, &row->moves[BENCH_ADD]);
		fprintf(out, "\t%.8f", 1.0 / row->nshards);
		write_moves(out, &row->moves[BENCH_REMOVE_FIRST]);
		write_moves(out, &row->moves[BENCH_REMOVE_MIDDLE]);
		write_moves(out, &row->moves[BENCH_REMOVE_LAST]);
	}
	else
		write_nothing(out, 17);
	if (row->refused)
		write_nothing(out, 3);
	else
		fprintf(out, "\t%zu\t%zu\t%.8f", row->memory, row->stored_size, row->compile_ms);
	if (counted)
		fprintf(out, "\t%.2f\t%.2f", row->lookup_ns, row->key_ns);
	else
		write_nothing(out, 2);
	fprintf(out, "\n");
}

/* What keys look like that nothing but chance spreads. */
static void
write_by_lot(FILE *out, uint32_t nshards, uint32_t keys)
{
	bench_arena *arena = bench_arena_begin();
	bench_balance balance = bench_balance_by_lot(nshards, keys, &arena->host);

	fprintf(out, "by lot\t-\t%u", (unsigned) nshards);
	write_balance(out, &balance);
	write_nothing(out, 19);
	fprintf(out, "\n");
	bench_arena_end(arena);
}

static void
write_size(FILE *out, uint32_t nshards, const bench_effort *effort)
{
	static bench_row rows[BENCH_MAX_CASES];
	bench_case	cases[BENCH_MAX_CASES];
	unsigned	n = bench_list_cases(cases);
	unsigned	i;

	for (i = 0; i < n; i++)
	{
		bench_row_begin(&rows[i], &cases[i], nshards);
		if (rows[i].refused)
			fprintf(stderr, "# no %s router of %u shards: %s\n", cases[i].strategy->name,
					(unsigned) nshards, rows[i].error.message);
	}
	bench_measure_rows(rows, n, effort);
	for (i = 0; i < n; i++)
	{
		bench_row_count(&rows[i], effort);
		write_row(out, &rows[i]);
		bench_row_end(&rows[i]);
	}
	write_by_lot(out, nshards, effort->keys);
}

void
bench_write_routers(FILE *out, const uint32_t *sizes, size_t nsizes, const bench_effort *effort)
{
	size_t		i;

	write_machine(out);
	write_heading(out);
	for (i = 0; i < nsizes; i++)
		write_size(out, sizes[i], effort);
}

/* ---- hashes ---- */

void
bench_write_hashes(FILE *out, const bench_effort *effort)
{
	static bench_hashing rows[BENCH_MAX_HASHINGS];
	unsigned	n = bench_measure_hashes(rows, effort);
	unsigned	i;

	write_machine(out);
	fprintf(out, "hash\tbits\tbytes\tns\n");
	for (i = 0; i < n; i++)
		fprintf(out, "%s\t%u\t%u\t%.2f\n", rows[i].hash->name, rows[i].hash->bits,
				rows[i].length, rows[i].ns);
}
