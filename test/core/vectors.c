/*
 * vectors.c
 *		Reading test/vectors: what real libraries answered.
 */
#include "vectors.h"

#include <stdlib.h>
#include <string.h>

static int
split(char *line, char **fields)
{
	int			n = 0;

	line[strcspn(line, "\n")] = '\0';
	for (; line && n < MAX_FIELDS; n++)
	{
		char	   *tab = strchr(line, '\t');

		fields[n] = line;
		if (tab)
			*tab++ = '\0';
		line = tab;
	}
	return n;
}

table *
open_table(const char *name)
{
	table	   *in = test_alloc(sizeof(*in));
	char		path[4096];

	snprintf(path, sizeof(path), "%s/%s", VECTORS, name);
	in->file = fopen(path, "r");
	test_context("%s", path);
	CHECK(in->file != NULL);
	CHECK(fgets(in->line, MAX_LINE, in->file));
	in->nfields = split(test_copy(in->line), in->heading);
	return in;
}

bool
next_line(table *in)
{
	if (!fgets(in->line, MAX_LINE, in->file))
	{
		fclose(in->file);
		return false;
	}
	CHECK(split(in->line, in->field) == in->nfields);
	return true;
}

const char *
field(const table *in, const char *name)
{
	int			i;

	for (i = 0; i < in->nfields; i++)
	{
		if (strcmp(in->heading[i], name) == 0)
			return in->field[i];
	}
	return NULL;
}

chash_router *
router_of_nodes(const char *file, const char *nodeset, const char *dialect)
{
	table	   *in = open_table(file);
	const chash_dialect *named = chash_dialect_by_name(dialect);
	chash_router *router;
	uint32_t	n = 0;

	CHECK(named != NULL);
	router = fixture_router(named->strategy->name, NULL, 0, 100);

	while (next_line(in))
	{
		if (strcmp(field(in, "nodeset"), nodeset) != 0)
			continue;
		CHECK((uint32_t) atoi(field(in, "idx")) == n);
		router->shards[n].name = test_copy(field(in, "node"));
		router->shards[n].weight = strtod(field(in, "weight"), NULL);
		n++;
	}
	CHECK(n > 0);
	router->nshards = n;
	router->dialect = named;
	return router;
}

uint32_t
route_text(const chash_compiled *compiled, const char *key)
{
	const chash_hash *hash = compiled->router->hash;
	size_t		length = strlen(key);
	chash_uint	digest;
	chash_error error;

	key = chash_key_part(compiled->router->dialect->key_rule, key, &length);
	CHECK(hash->digest(key, length, &digest, &error));
	return fixture_route(compiled, chash_position_of_digest(compiled->router, hash, &digest, 0));
}

chash_router *
numbered_shards(const char *dialect, uint32_t n, const char *template)
{
	const chash_dialect *named = chash_dialect_by_name(dialect);
	chash_router *router;
	uint32_t	i;

	test_context("%s", dialect);
	CHECK(named != NULL);
	router = fixture_router(named->strategy->name, NULL, 0, n);
	router->dialect = named;
	for (i = 0; template && i < n; i++)
	{
		char		name[300];

		snprintf(name, sizeof(name), template, (unsigned) i + 1);
		router->shards[i].name = test_copy(name);
	}
	return router;
}
