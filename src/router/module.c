/*
 * module.c
 *		The shared library's own entry.
 */
#include "router/compat.h"

#include "fmgr.h"
#include "router/secret.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	chash_secrets_define();
}
