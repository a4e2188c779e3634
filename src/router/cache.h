/*
 * cache.h
 *		Compiled routers, kept for the life of the backend.
 *
 * An entry is found by its value.  It belongs to the cache; who keeps a
 * pointer to one beyond the current call pins it.
 */
#ifndef CHASH_CACHE_H
#define CHASH_CACHE_H

#include "router/value.h"

#include "core/compile.h"
#include "router/bounds.h"
#include "router/secret.h"

/* What entries that nobody has pinned may take together. */
#define CHASH_CACHE_BYTES	(64 * 1024 * 1024)

/*
 * The short way from a key's bytes to its shard, where the key is hashed as a
 * whole and nothing but its position has a say.
 */
typedef struct chash_shortcut
{
	/* NULL if there is no such way */
	uint32		(*shard_of_head) (const chash_compiled *compiled, uint64 head);

	/* the hash if it is an integer whose top bits are the position, else NULL */
	uint64		(*value) (const void *bytes, size_t length);
	unsigned	shift;			/* from it, or from one with a secret, to the position */

	/* the hash if it is not, but gives bytes, of which so many bits are taken */
	bool		(*output) (const void *bytes, size_t length, uint8_t *output,
						   chash_error *error);
	chash_take	take;
	unsigned	bits;

	bool		text;			/* whether a text's own bytes are hashed */
} chash_shortcut;

typedef struct chash_entry
{
	struct varlena *value;		/* with a 4-byte header */
	uint64		fingerprint;	/* of it */
	chash_router *router;
	chash_compiled compiled;
	Datum	   *names;			/* of the shards, ready-made text */
	chash_bounds *bounds;		/* of a range router, else NULL */
	chash_held_secret *secret;	/* of a router whose hash takes one, else NULL */
	chash_shortcut shortcut;

	/* the cache's own */
	MemoryContext context;
	Size		bytes;
	int			pins;
	bool		stale;			/* a collation has changed since */
	struct chash_entry *newer;	/* list from the newest to the oldest use */
	struct chash_entry *older;
} chash_entry;

/* The entry of a value, compiled if it was not there. */
extern chash_entry *chash_cache_get(const struct varlena *value);

extern void chash_cache_pin(chash_entry *entry);
extern void chash_cache_unpin(chash_entry *entry);

/* Pin an entry, which is returned, until the current memory context is reset. */
extern chash_entry *chash_cache_hold(chash_entry *entry);

/* Whether an entry, which the caller has pinned, is still that of a value. */
extern bool chash_cache_is_entry_of(const chash_entry *entry,
									const struct varlena *value);

#endif							/* CHASH_CACHE_H */
