/*
 * server.h
 *		What the core needs from the server: memory, interrupts, error reports,
 *		text in the server's encoding.
 */
#ifndef CHASH_SERVER_H
#define CHASH_SERVER_H

#include "router/compat.h"

#include "core/host.h"
#include "core/error.h"

/* Allocates in the current memory context, also more than 1 GB; looks for interrupts. */
extern const chash_host chash_server_host;

/* Raise what the core refused. */
pg_noreturn extern void chash_report(const chash_error *error);

/*
 * Text from and to UTF-8, which is what routers hold.  The result is the
 * argument itself where nothing has to change, else palloc'd.  A character
 * that the other encoding lacks is an error.  In a database with the encoding
 * SQL_ASCII bytes are passed through.
 */
extern char *chash_to_utf8(const char *text);
extern char *chash_from_utf8(const char *utf8);

/* The same for a counted string without a zero byte; *length is updated. */
extern const char *chash_to_utf8_counted(const char *text, int *length);

/* A text of the server's encoding for a message: cut where it is very long. */
extern char *chash_clipped(const char *text);

/*
 * Refuse more things than there can be, before room is made for what describes
 * them; the validator would say the same.
 */
extern void chash_check_count(const char *what, int count, int limit);

/* Whether texts are the same bytes in the server's encoding and in the core. */
extern bool chash_passes_utf8(void);

#endif							/* CHASH_SERVER_H */
