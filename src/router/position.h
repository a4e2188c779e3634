/*
 * position.h
 *		The position and the shard of a key.
 */
#ifndef CHASH_POSITION_H
#define CHASH_POSITION_H

#include "core/index.h"
#include "router/cache.h"
#include "router/server.h"

/*
 * Where a key is in the space of a router's positions: its hash, or, in a range
 * router, the number of its interval.  Raises an error for a key that the
 * router cannot take.
 */
extern chash_uint chash_entry_position(const chash_entry *entry,
									   chash_key_kind kind, Datum key);

/* Raises an error if the server does not have the secret that keys are hashed with, if any. */
extern void chash_entry_require_secret(const chash_entry *entry);

/* The place of the shard that a key is pinned to, or CHASH_NOT_PINNED. */
extern uint32 chash_entry_pin(const chash_entry *entry, chash_key_kind kind, Datum key);

/*
 * The place of the shard of a position by its top 64 bits, or CHASH_UNDECIDED,
 * of an entry that has a short way.
 */
static pg_attribute_always_inline uint32
chash_entry_shard_of_head(const chash_entry *entry, uint64 head)
{
	/* what rings have, written out here to save the call */
	if (likely(entry->compiled.index))
		return chash_index_find(entry->compiled.index, head);
	return entry->shortcut.shard_of_head(&entry->compiled, head);
}

/* chash_entry_shard_of_bytes() where the hash is not an integer, or takes a secret. */
extern uint32 chash_entry_shard_of_output(const chash_entry *entry, const char *bytes, size_t length);

/*
 * The place of the shard of a key, of which bytes is the fixed form, by the
 * short way of an entry that has one; or CHASH_UNDECIDED.
 */
static pg_attribute_always_inline uint32
chash_entry_shard_of_bytes(const chash_entry *entry, const char *bytes, size_t length)
{
	const chash_shortcut *shortcut = &entry->shortcut;

	if (likely(shortcut->value))
		return chash_entry_shard_of_head(entry, shortcut->value(bytes, length) >> shortcut->shift);
	return chash_entry_shard_of_output(entry, bytes, length);
}

/*
 * The same for a key of one of the commonest types; CHASH_UNDECIDED for others,
 * and if the entry has no short way.
 */
static pg_attribute_always_inline uint32
chash_entry_shard_quickly(const chash_entry *entry, chash_key_kind kind, Datum key)
{
	char		buffer[CHASH_KEY_BUFFER];
	chash_bytes form;

	if (unlikely(!entry->shortcut.shard_of_head))
		return CHASH_UNDECIDED;
	switch (kind)
	{
		case CHASH_KIND_TEXT:
			if (!entry->shortcut.text)
				return CHASH_UNDECIDED;
			form = chash_varlena_bytes(key);
			break;
		case CHASH_KIND_INT2:
		case CHASH_KIND_INT4:
		case CHASH_KIND_INT8:
			form = chash_key_digits(chash_key_integer(kind, key), buffer);
			break;
		default:
			return CHASH_UNDECIDED;
	}
	return chash_entry_shard_of_bytes(entry, form.data, form.length);
}

/* Whether the short ways of two routers begin with the same position. */
extern bool chash_entries_hash_alike(const chash_entry *a, const chash_entry *b);

/* chash_entry_shard_of_bytes() for two such routers at once. */
static inline void
chash_entry_shards_of_bytes(const chash_entry *before, const chash_entry *after,
							const char *bytes, size_t length, uint32 *from, uint32 *to)
{
	uint64		head = before->shortcut.value(bytes, length) >> before->shortcut.shift;

	*from = chash_entry_shard_of_head(before, head);
	*to = chash_entry_shard_of_head(after, head);
}

/* The place of the shard of a key: that of its pin, or else that of its position. */
extern uint32 chash_entry_shard(const chash_entry *entry, chash_key_kind kind, Datum key);

/* The same for two routers at once, which often hash the key alike. */
extern void chash_entry_shards(const chash_entry *before, const chash_entry *after,
							   chash_key_kind kind, Datum key, uint32 *from, uint32 *to);

#endif							/* CHASH_POSITION_H */
