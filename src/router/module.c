/*
 * module.c
 *		The shared library's own entry.
 */
#include "router/compat.h"

#include "fmgr.h"

PG_MODULE_MAGIC;
