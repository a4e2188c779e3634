/*
 * module.c
 *		The shared library's own entry: each room that has something to prepare
 *		does so here.
 */
#include "reshard/failpoint.h"
#include "reshard/launcher.h"

#include "language/pruning.h"
#include "router/secret.h"

#include "fmgr.h"

PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

void
_PG_init(void)
{
	chash_secrets_define();
	chash_pruning_install();
	chash_register_launcher();
	chash_define_failpoint();
}
