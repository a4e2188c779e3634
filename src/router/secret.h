/*
 * secret.h
 *		The secrets of the server, which are in the file that the setting
 *		chash.secrets_file names.
 *
 * They are in a file and not in a setting, because every user can read a
 * setting of an extension in a session that has not loaded it, and because the
 * server writes changed settings to its log.
 */
#ifndef CHASH_ROUTER_SECRET_H
#define CHASH_ROUTER_SECRET_H

#include "router/compat.h"

#include "core/secret.h"

/* The secret of a router and what became of it. */
typedef struct chash_held_secret
{
	bool		known;
	uint64		reload;			/* of the settings, after which it was read */
	chash_secret secret;
} chash_held_secret;

/* Counts how often the settings have been read again. */
extern uint64 chash_secrets_reload;

/*
 * Read a router's secret.  Raises an error if the server does not have it, or
 * has another one of that name: no key may go to another shard for that.
 */
extern void chash_secret_hold(const chash_router *router, chash_held_secret *held);

/* The secret of a router, read again after the settings were. */
static inline const chash_secret *
chash_secret_of(const chash_router *router, chash_held_secret *held)
{
	if (unlikely(!held->known || held->reload != chash_secrets_reload))
		chash_secret_hold(router, held);
	return &held->secret;
}

/* Define the setting. */
extern void chash_secrets_define(void);

#endif							/* CHASH_ROUTER_SECRET_H */
