/*
 * grants.h
 *		Privileges of a table that go over to one that takes its place.
 *
 * They are copied as they are, not granted again: who granted what, and who
 * may grant it on, stays.
 */
#ifndef CHASH_GRANTS_H
#define CHASH_GRANTS_H

#include "router/compat.h"

#include "nodes/pg_list.h"

/* What a table, its columns and its identity sequences have, as an opaque list. */
extern List *chash_read_grants(Oid table);

/* Give it to what has their names in a schema, which has the same owner. */
extern void chash_apply_grants(List *grants, Oid schema);

/*
 * What all partitions of a table have, and their columns, taken as the owner's;
 * of what not all have alike, the names are appended to *differing.
 */
extern List *chash_common_grants(Oid table, Oid owner, List **differing);

/* Give what chash_common_grants() has found to one more of them. */
extern void chash_give_grants(List *grants, Oid relation);

/* Leave access to the owner alone, whatever the default privileges grant. */
extern void chash_clear_grants(Oid relation);

#endif							/* CHASH_GRANTS_H */
