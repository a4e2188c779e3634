/*
 * launcher.h
 *		Going on with background jobs after a restart of the server.
 */
#ifndef CHASH_LAUNCHER_H
#define CHASH_LAUNCHER_H

#include "router/compat.h"

/* Called when the library is loaded, which counts only while the server starts. */
extern void chash_register_launcher(void);

#endif							/* CHASH_LAUNCHER_H */
