/*
 * main.c
 *		The benchmark's command line.
 *
 *	bench routers		measures every way of routing, among 5 to 10,000 shards
 *	bench hashes		measures every hash that hashes bytes
 *	bench smoke			tells whether the results can be trusted, in a second or two
 */
#include "bench.h"

#include <string.h>

int
main(int argc, char **argv)
{
	static const bench_effort effort = {1000000, 1000000000, 9, 0.004};
	static const uint32_t sizes[] = {5, 10, 100, 1000, 10000};
	const char *what = argc == 2 ? argv[1] : "";

	if (strcmp(what, "routers") == 0)
		bench_write_routers(stdout, sizes, sizeof(sizes) / sizeof(sizes[0]), &effort);
	else if (strcmp(what, "hashes") == 0)
		bench_write_hashes(stdout, &effort);
	else if (strcmp(what, "smoke") == 0)
		return bench_smoke() ? 0 : 1;
	else
		bench_die("usage: bench routers|hashes|smoke");
	return fclose(stdout) == 0 ? 0 : 2;
}
