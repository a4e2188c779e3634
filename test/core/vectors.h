/*
 * vectors.h
 *		Reading test/vectors: what real libraries answered.
 */
#ifndef VECTORS_H
#define VECTORS_H

#include "fixture.h"

#include <stdio.h>

#define MAX_LINE	8192
#define MAX_FIELDS	8

/* A file of tab-separated lines, the first of which names the fields. */
typedef struct table
{
	FILE	   *file;
	char		line[MAX_LINE];
	char	   *field[MAX_FIELDS];
	char	   *heading[MAX_FIELDS];
	int			nfields;
} table;

extern table *open_table(const char *name);

/* False after the last line. */
extern bool next_line(table *in);

/* A field of the line; NULL if there is none of that name. */
extern const char *field(const table *in, const char *name);

/* The shards of a node set, in a router of a dialect and its strategy. */
extern chash_router *router_of_nodes(const char *file, const char *nodeset, const char *dialect);

/*
 * n shards in a router of a dialect and its strategy.  Their names are those of
 * a template with the numbers from 1 on, unless that is NULL.
 */
extern chash_router *numbered_shards(const char *dialect, uint32_t n, const char *template);

/* The place of the shard that a key of some text goes to. */
extern uint32_t route_text(const chash_compiled *compiled, const char *key);

#endif							/* VECTORS_H */
