/*
 * position.h
 *		The position and the shard of a key.
 */
#ifndef CHASH_POSITION_H
#define CHASH_POSITION_H

#include "router/cache.h"
#include "router/server.h"

/*
 * Where a key is in the space of a router's positions: its hash, or, in a range
 * router, the number of its interval.  Raises an error for a key that the
 * router cannot take.
 */
extern chash_uint chash_entry_position(const chash_entry *entry,
									   chash_key_kind kind, Datum key);

/* The place of the shard that a key is pinned to, or CHASH_NOT_PINNED. */
extern uint32 chash_entry_pin(const chash_entry *entry, chash_key_kind kind, Datum key);

/*
 * The place of the shard of a key, of which bytes is the fixed form, by the
 * short way of an entry that has one; or CHASH_UNDECIDED.
 */
static inline uint32
chash_entry_shard_of_bytes(const chash_entry *entry, const char *bytes, size_t length)
{
	const chash_shortcut *shortcut = &entry->shortcut;
	uint8		output[CHASH_MAX_OUTPUT];
	chash_error error;
	uint64		head;

	if (likely(shortcut->value))
		head = shortcut->value(bytes, length) >> shortcut->shift;
	else
	{
		if (!shortcut->output(bytes, length, output, &error))
			chash_report(&error);
		head = chash_head_of_output(shortcut->take, shortcut->bits, output);
	}
	return shortcut->shard_of_head(&entry->compiled, head);
}

/*
 * The same for a key of one of the commonest types; CHASH_UNDECIDED for others,
 * and if the entry has no short way.
 */
static inline uint32
chash_entry_shard_quickly(const chash_entry *entry, chash_key_kind kind, Datum key)
{
	char		buffer[CHASH_KEY_BUFFER];
	chash_bytes form;
	text	   *value;

	if (unlikely(!entry->shortcut.shard_of_head))
		return CHASH_UNDECIDED;
	switch (kind)
	{
		case CHASH_KIND_TEXT:
			if (!entry->shortcut.text)
				return CHASH_UNDECIDED;
			value = DatumGetTextPP(key);
			form.data = VARDATA_ANY(value);
			form.length = VARSIZE_ANY_EXHDR(value);
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

/* The place of the shard of a key: that of its pin, or else that of its position. */
extern uint32 chash_entry_shard(const chash_entry *entry, chash_key_kind kind, Datum key);

/* The same for two routers at once, which often hash the key alike. */
extern void chash_entry_shards(const chash_entry *before, const chash_entry *after,
							   chash_key_kind kind, Datum key, uint32 *from, uint32 *to);

#endif							/* CHASH_POSITION_H */
