/*
 * module.c
 *		The shared library's own entry.
 */
#include "router/compat.h"

#include "table/failpoint.h"

#include "fmgr.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	chash_define_failpoint();
}
