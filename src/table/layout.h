/*
 * layout.h
 *		How the partitions that are to be made are called and stored.
 */
#ifndef CHASH_LAYOUT_H
#define CHASH_LAYOUT_H

#include "router/compat.h"

#include "core/router.h"
#include "utils/jsonb.h"

/* The name of a partition, unless another one is asked for or that one is taken. */
#define CHASH_NAME_OF_SHARD	"{shard}"

typedef struct chash_layout
{
	const char *name;			/* a template with {shard}, {table}, {id} */
	int			modulus;		/* 0 if none is asked for */
	const char *schema;			/* NULL for that of the table */
	const char *tablespace;		/* NULL for what PostgreSQL chooses */
	const char *method;			/* how rows are stored, NULL for what PostgreSQL chooses */
	bool		unlogged;
	Jsonb	   *options;		/* storage parameters, or NULL */
	Jsonb	   *per_shard;		/* shard: {name, schema, tablespace, options}, or NULL */
} chash_layout;

/*
 * Raise an error for what a layout says of shards that the router does not
 * have, or of what partitions do not have.
 */
extern void chash_check_layout(const chash_layout *layout, const chash_router *router);

/* The command that makes the partition of a shard; where it will be found. */
extern char *chash_partition_command(const chash_layout *layout, Oid table,
									 const chash_shard *shard, int modulus,
									 Oid *schema, char **name);

#endif							/* CHASH_LAYOUT_H */
