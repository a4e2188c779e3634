/*
 * top_level.h
 *		Running a command as a client would, in transactions of its own.
 */
#ifndef CHASH_TOP_LEVEL_H
#define CHASH_TOP_LEVEL_H

#include "router/compat.h"

/*
 * Run one command, also one that cannot run inside a transaction block.  The
 * process is connected to a database, and not in a transaction.
 */
extern void chash_run_at_top_level(const char *command);

#endif							/* CHASH_TOP_LEVEL_H */
