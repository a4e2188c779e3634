/*
 * maglev.h
 *		The table of the strategy "maglev".
 */
#ifndef CHASH_MAGLEV_H
#define CHASH_MAGLEV_H

#include "core/router.h"

/* Entries of the table, a prime number: the paper's and Envoy's default. */
#define CHASH_MAGLEV_SIZE	65537

/*
 * Fill a table of so many entries, a prime number not below the number of
 * shards, with the places of the shards.
 */
extern void chash_maglev_fill(const chash_router *router, const chash_host *host,
							  uint32_t *table, uint32_t size);

#endif							/* CHASH_MAGLEV_H */
