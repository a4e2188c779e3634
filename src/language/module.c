/*
 * module.c
 *		The shared library's own entry.
 */
#include "language/pruning.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	chash_pruning_install();
}
