/*
 * maglev_test.c
 *		The strategy maglev: the tables of Envoy's own unit tests and of another
 *		implementation (test/vectors), and how even and how stable a table is.
 */
#include "core/maglev.h"
#include "fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Cut at commas; returns how many parts there are. */
static uint32_t
split(char *list, char **parts)
{
	uint32_t	n = 0;
	char	   *part;

	for (part = strtok(list, ","); part; part = strtok(NULL, ","))
		parts[n++] = part;
	return n;
}

/* Small tables, of 7 and of 17 entries. */
static void
envoy(void)
{
	FILE	   *file = fixture_open_vectors("envoy/unit_test_vectors.tsv");
	unsigned	lines = 0;
	char		line[1000];

	while (fgets(line, sizeof(line), file))
	{
		unsigned	size;
		char		hosts[300];
		char		weights[100];
		int			end;
		char	   *host[20];
		char	   *weight[20];
		uint32_t	table[100];
		chash_router *router;
		char	   *next;
		uint32_t	i;

		if (sscanf(line, "maglev\t%*s\ttable=%u\t%299s\t%99s\t%n", &size, hosts, weights, &end) != 3)
			continue;
		test_context("%s", line);
		router = fixture_router("maglev", NULL, 0, split(hosts, host));
		CHECK(split(weights, weight) == router->nshards);
		for (i = 0; i < router->nshards; i++)
		{
			router->shards[i].name = host[i];
			router->shards[i].weight = strtod(weight[i], NULL);
		}
		chash_router_complete(router, &test_host);
		chash_maglev_fill(router, &test_host, table, size);
		CHECK(size <= 100);
		next = line + end;
		for (i = 0; i < size; i++)
			CHECK(table[i] == (uint32_t) strtoul(next, &next, 10));
		lines++;
	}
	CHECK(lines == 5);
	fclose(file);
}

/* Tables of the usual size, from an implementation in another language. */
static void
tables(void)
{
	FILE	   *file = fixture_open_vectors("maglev/envoy_table_65537.tsv");
	chash_compiled *compiled = NULL;
	char		compiled_set[100] = "";
	unsigned	lines = 0;
	char		set[100];
	unsigned	slot;
	char		node[100];

	while (fscanf(file, "%99s\t%u\t%99s\n", set, &slot, node) == 3)
	{
		if (strcmp(set, compiled_set) != 0)
		{
			compiled = fixture_compile(fixture_nodeset("maglev", "xxh64", set));
			strcpy(compiled_set, set);
		}
		test_context("%s, %u", set, slot);
		CHECK(strcmp(compiled->router->shards[fixture_route64(compiled, slot)].name, node) == 0);
		CHECK(fixture_slice(compiled, slot)->shard == fixture_route64(compiled, slot));
		lines++;
	}
	CHECK(feof(file) && lines == 1584);
	fclose(file);
}

/* How many entries each shard has; their sum is checked. */
static void
count_entries(const chash_compiled *compiled, uint32_t *counts)
{
	uint32_t	i;

	CHECK(compiled->nslices == CHASH_MAGLEV_SIZE);
	memset(counts, 0, compiled->router->nshards * sizeof(uint32_t));
	for (i = 0; i < compiled->nslices; i++)
		counts[fixture_slice(compiled, i)->shard]++;
}

/* Entries in proportion to the weights: a shard is at most one turn behind. */
static void
evenness(void)
{
	int			round;

	for (round = 0; round < 60; round++)
	{
		chash_router *router = fixture_router("maglev", NULL, 0, 1 + test_below(300));
		double		total = 0;
		double		most = 0;
		chash_compiled *compiled;
		uint32_t   *counts = test_alloc(router->nshards * sizeof(uint32_t));
		uint32_t	i;

		for (i = 0; i < router->nshards; i++)
		{
			if (round % 3 == 1)
				router->shards[i].weight = 1 + test_below(9);
			else if (round % 3 == 2)
				router->shards[i].weight = (1 + test_below(200)) / 100.0;
			total += router->shards[i].weight;
			most = fmax(most, router->shards[i].weight);
		}
		compiled = fixture_compile(router);
		count_entries(compiled, counts);
		test_context("round %d", round);
		for (i = 0; i < router->nshards; i++)
		{
			double		ideal = CHASH_MAGLEV_SIZE * router->shards[i].weight / total;

			/* all turns are taken from the beginning, where everybody has one */
			CHECK(fabs(counts[i] - ideal) <= (round % 3 == 0 ? 1 : 1 + router->nshards *
											  router->shards[i].weight / total));
		}
	}
}

/* As many shards as there can be: everyone has an entry. */
static void
most_shards(void)
{
	chash_compiled *compiled = fixture_compile(fixture_router("maglev", NULL, 0, CHASH_MAX_SHARDS));
	uint32_t   *counts = test_alloc(CHASH_MAX_SHARDS * sizeof(uint32_t));
	uint32_t	i;

	count_entries(compiled, counts);
	for (i = 0; i < CHASH_MAX_SHARDS; i++)
		CHECK(counts[i] == 1 || counts[i] == 2);
}

/* Envoy's loop: each round asks each shard, in the order of names, whether it is its turn. */
static void
naive_fill(const chash_router *router, uint32_t *table, uint32_t size)
{
	const chash_shard **sorted = chash_router_sort_by_name(router, &test_host);
	uint32_t	n = router->nshards;
	volatile double *weight = test_alloc(n * sizeof(double));
	volatile double *target = test_alloc(n * sizeof(double));
	uint64_t   *step = test_alloc(n * sizeof(uint64_t));
	volatile double total = 0;
	double		most = 0;
	uint32_t	filled = 0;
	uint32_t	round;
	uint32_t	i;

	for (i = 0; i < n; i++)
		total = total + sorted[i]->weight;
	for (i = 0; i < n; i++)
	{
		weight[i] = sorted[i]->weight / total;
		target[i] = 0;
		step[i] = 0;
		most = fmax(most, weight[i]);
	}
	memset(table, 0xFF, size * sizeof(uint32_t));
	for (round = 1; filled < size; round++)
	{
		for (i = 0; i < n && filled < size; i++)
		{
			const char *name = sorted[i]->name;
			uint64_t	begin = chash_xxh64(name, strlen(name), 0) % size;
			uint64_t	skip = chash_xxh64(name, strlen(name), 1) % (size - 1) + 1;
			volatile double product = round * weight[i];
			uint32_t	entry;

			if (product < target[i])
				continue;
			target[i] = target[i] + most;
			do
				entry = (uint32_t) ((begin + skip * step[i]++) % size);
			while (table[entry] != UINT32_MAX);
			table[entry] = (uint32_t) (sorted[i] - router->shards);
			filled++;
		}
	}
	chash_release(&test_host, sorted);
}

/* The turns come as they do in rounds, whatever the weights. */
static void
turns(void)
{
	static const uint32_t sizes[] = {2, 53, 251, 4093, 65537};
	int			round;

	for (round = 0; round < 400; round++)
	{
		uint32_t	size = sizes[round % 5];
		chash_router *router = fixture_router("maglev", NULL, 0, 1 + test_below(size < 60 ? size : 60));
		uint32_t   *table = test_alloc(size * sizeof(uint32_t));
		uint32_t   *naive = test_alloc(size * sizeof(uint32_t));
		uint32_t	i;

		test_context("round %d", round);
		for (i = 0; i < router->nshards; i++)
		{
			if (round % 4 == 1)
				router->shards[i].weight = 1 + test_below(9);
			else if (round % 4 == 2)
				router->shards[i].weight = (1 + test_below(100)) / 10.0;
			else if (round % 4 == 3)
				router->shards[i].weight = ldexp(1 + test_below(1000), (int) test_below(60) - 40);
		}
		chash_router_complete(router, &test_host);
		chash_maglev_fill(router, &test_host, table, size);
		naive_fill(router, naive, size);
		CHECK(memcmp(table, naive, size * sizeof(uint32_t)) == 0);
	}
}

/* One heavy shard among very many fills nearly all rounds alone, in a short time. */
static void
one_heavy(void)
{
	chash_router *router = fixture_router("maglev", NULL, 0, CHASH_MAX_SHARDS);
	chash_compiled *compiled;
	uint32_t   *counts = test_alloc(CHASH_MAX_SHARDS * sizeof(uint32_t));
	uint32_t	i;

	router->p.slots = 1048573;
	router->shards[1000].weight = 1e9;
	compiled = fixture_compile(router);
	memset(counts, 0, CHASH_MAX_SHARDS * sizeof(uint32_t));
	for (i = 0; i < compiled->nslices; i++)
		counts[fixture_slice(compiled, i)->shard]++;
	for (i = 0; i < CHASH_MAX_SHARDS; i++)
		CHECK(counts[i] == (i == 1000 ? 1048573 - CHASH_MAX_SHARDS + 1 : 1));
}

/* Weights of any size are borne. */
static void
extreme_weights(void)
{
	static const double weights[] = {1e308, 1, 5e-324, 1e-300};
	chash_router *router = fixture_router("maglev", NULL, 0, 4);
	uint32_t	counts[4];
	uint32_t	i;

	for (i = 0; i < 4; i++)
		router->shards[i].weight = weights[i];
	count_entries(fixture_compile(router), counts);
	CHECK(counts[0] == CHASH_MAGLEV_SIZE - 3);
	for (i = 1; i < 4; i++)
		CHECK(counts[i] == 1);
}

/* The whole digest is divided, and the classes cover the space. */
static void
remainders(void)
{
	static const char *const hashes[] = {"xxh3", "none", "md5", "sha1", "sha256"};
	int			k;

	for (k = 0; k < 5; k++)
	{
		chash_compiled *compiled = fixture_compile(fixture_router("maglev", hashes[k], 0, 5));
		chash_uint	sum = chash_uint_from(0);
		chash_uint	positions[5];
		int			i;

		for (i = 0; i < 200; i++)
		{
			chash_uint	position = random_position(compiled->router->bits);
			BIGNUM	   *big = big_of(position);

			CHECK(fixture_lookup(compiled, position) == BN_mod_word(big, CHASH_MAGLEV_SIZE));
			BN_free(big);
		}
		chash_count_positions(compiled, positions);
		for (i = 0; i < 5; i++)
			sum = chash_uint_add(&sum, &positions[i]);
		CHECK(equal(sum, compiled->space));
		CHECK(strcmp(fixture_vnode(compiled, 65536), "65536") == 0);
	}
}

static void
order(void)
{
	int			round;

	for (round = 0; round < 20; round++)
	{
		chash_router *router = fixture_router("maglev", NULL, 0, 2 + test_below(40));
		chash_router reversed;
		chash_compiled *compiled;
		chash_compiled *other;
		uint32_t	n = router->nshards;
		uint32_t	i;

		for (i = 0; i < n; i++)
			router->shards[i].weight = (1 + test_below(70)) / 7.0;
		compiled = fixture_compile(router);
		reversed = *router;
		reversed.shards = test_alloc(n * sizeof(chash_shard));
		for (i = 0; i < n; i++)
			reversed.shards[i] = router->shards[n - 1 - i];
		other = fixture_compile(&reversed);
		for (i = 0; i < CHASH_MAGLEV_SIZE; i++)
			CHECK(fixture_route64(compiled, i) == n - 1 - fixture_route64(other, i));
	}
}

/*
 * Maglev gives up a little of what consistent hashing promises: a shard that
 * comes or goes also moves entries between others, up to a fifth of what has to
 * move with so many shards.
 */
static void
stability(void)
{
	uint32_t	n;

	for (n = 2; n <= 30; n++)
	{
		chash_router *router = fixture_router("maglev", NULL, 0, n);
		chash_compiled *before = fixture_compile(router);
		chash_compiled *after = fixture_compile(fixture_with_shard(router, "new", 1));
		uint32_t	gained = 0;
		uint32_t	others = 0;
		uint32_t	i;

		for (i = 0; i < CHASH_MAGLEV_SIZE; i++)
		{
			uint32_t	shard = fixture_route64(after, i);

			gained += shard == n;
			others += shard != n && shard != fixture_route64(before, i);
		}
		test_context("%u shards: %u gained, %u others", (unsigned) n, (unsigned) gained,
					 (unsigned) others);
		CHECK(fabs(gained - (double) CHASH_MAGLEV_SIZE / (n + 1)) <= 1);
		CHECK(others * 5 <= gained);
	}
}

const test_case maglev_tests[] = {
	{"maglev: Envoy's unit tests", envoy},
	{"maglev: tables of 65537 entries", tables},
	{"maglev: evenness", evenness},
	{"maglev: the most shards", most_shards},
	{"maglev: turns", turns},
	{"maglev: one heavy shard", one_heavy},
	{"maglev: extreme weights", extreme_weights},
	{"maglev: remainders", remainders},
	{"maglev: the order of shards does not matter", order},
	{"maglev: stability", stability},
	{NULL, NULL}
};
