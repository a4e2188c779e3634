/*
 * position.c
 *		The position of a key, which of its hashes a router asks for, and its
 *		shard.
 */
#include "router/position.h"

#include "router/server.h"
#include "router/typed_hash.h"

/* Enough for the bytes of most keys with a prefix and a suffix. */
#define AFFIXED_BUFFER	1024

static char *
append_bytes(char *to, const char *bytes, size_t length)
{
	if (length > 0)
		memcpy(to, bytes, length);
	return to + length;
}

static void
digest_bytes(const chash_entry *entry, const char *bytes, size_t length, chash_uint *digest)
{
	const chash_router *router = entry->router;
	chash_error error;

	if (entry->secret)
		*digest = chash_uint_from(chash_secret_hash(chash_secret_of(router, entry->secret),
													bytes, length));
	else if (!router->hash->digest(bytes, length, digest, &error))
		chash_report(&error);
}

void
chash_entry_require_secret(const chash_entry *entry)
{
	if (entry->secret)
		(void) chash_secret_of(entry->router, entry->secret);
}

/* The digest of the prefix, some bytes and the suffix. */
static void
digest_affixed(const chash_entry *entry, const char *bytes, size_t length, chash_uint *digest)
{
	const chash_router *router = entry->router;
	size_t		prefix = router->p.prefix ? strlen(router->p.prefix) : 0;
	size_t		suffix = router->p.suffix ? strlen(router->p.suffix) : 0;
	size_t		all = prefix + length + suffix;
	char		buffer[AFFIXED_BUFFER];
	char	   *start = all <= sizeof(buffer) ? buffer : MemoryContextAllocHuge(CurrentMemoryContext, all);
	char	   *end;

	end = append_bytes(start, router->p.prefix, prefix);
	end = append_bytes(end, bytes, length);
	append_bytes(end, router->p.suffix, suffix);
	digest_bytes(entry, start, all, digest);
	if (start != buffer)
		pfree(start);
}

chash_uint
chash_entry_position(const chash_entry *entry, chash_key_kind kind, Datum key)
{
	const chash_router *router = entry->router;
	char		buffer[CHASH_KEY_BUFFER];
	chash_bytes form;
	size_t		length;
	const char *part;
	chash_uint	digest;

	if (entry->bounds)
		return chash_uint_from(chash_bounds_interval(entry->bounds, kind, key));
	switch (router->hash->input)
	{
		case CHASH_INPUT_POSITION:
			return chash_uint_from(chash_key_as_position(kind, key, router->bits));
		case CHASH_INPUT_VALUE:
			digest = chash_uint_from(chash_typed_hash(router->hash, kind, key));
			break;
		case CHASH_INPUT_BYTES:
		case CHASH_INPUT_SECRET:
			form = chash_key_form(kind, key, buffer);
			length = form.length;
			part = chash_key_part(router->dialect->key_rule, form.data, &length);
			if (length == 0 && router->dialect->empty_is_zero)
				return chash_uint_from(0);
			if (router->p.prefix || router->p.suffix)
				digest_affixed(entry, part, length, &digest);
			else
				digest_bytes(entry, part, length, &digest);
			break;
	}
	return chash_position_of_digest(router, router->hash, &digest, 0);
}

uint32
chash_entry_pin(const chash_entry *entry, chash_key_kind kind, Datum key)
{
	char		buffer[CHASH_KEY_BUFFER];
	chash_bytes form;

	if (!entry->compiled.pins)
		return CHASH_NOT_PINNED;
	form = chash_key_form(kind, key, buffer);
	if (entry->bounds && kind == CHASH_KIND_TEXT && entry->bounds->key_type != CHASH_KEY_TEXT)
	{
		/* '042' is the key 42 there */
		form.data = chash_key_type_form(entry->bounds->key_type, pnstrdup(form.data, form.length));
		form.length = strlen(form.data);
	}
	return chash_pins_find(entry->compiled.pins, form.data, form.length);
}

uint32
chash_entry_shard_of_output(const chash_entry *entry, const char *bytes, size_t length)
{
	const chash_shortcut *shortcut = &entry->shortcut;
	uint8		output[CHASH_MAX_OUTPUT];
	chash_error error;

	if (entry->secret)
		return chash_entry_shard_of_head(entry, chash_secret_hash(chash_secret_of(entry->router, entry->secret),
																  bytes, length) >> shortcut->shift);
	if (!shortcut->output(bytes, length, output, &error))
		chash_report(&error);
	return chash_entry_shard_of_head(entry, chash_head_of_output(shortcut->take, shortcut->bits,
																 output));
}

static uint32
shard_by_shortcut(const chash_entry *entry, chash_key_kind kind, Datum key)
{
	char		buffer[CHASH_KEY_BUFFER];
	chash_bytes form;

	if (!entry->shortcut.shard_of_head)
		return CHASH_UNDECIDED;
	form = chash_key_form(kind, key, buffer);
	return chash_entry_shard_of_bytes(entry, form.data, form.length);
}

uint32
chash_entry_shard(const chash_entry *entry, chash_key_kind kind, Datum key)
{
	chash_uint	position;
	uint32		place = shard_by_shortcut(entry, kind, key);

	if (place != CHASH_UNDECIDED)
		return place;
	place = chash_entry_pin(entry, kind, key);
	if (place != CHASH_NOT_PINNED)
		return place;
	position = chash_entry_position(entry, kind, key);
	return chash_route(&entry->compiled, &position);
}

bool
chash_entries_hash_alike(const chash_entry *a, const chash_entry *b)
{
	return a->shortcut.value && a->shortcut.shard_of_head && b->shortcut.shard_of_head &&
		a->shortcut.value == b->shortcut.value && a->shortcut.shift == b->shortcut.shift;
}

void
chash_entry_shards(const chash_entry *before, const chash_entry *after,
				   chash_key_kind kind, Datum key, uint32 *from, uint32 *to)
{
	*from = CHASH_UNDECIDED;
	*to = CHASH_UNDECIDED;
	if (chash_entries_hash_alike(before, after))
	{
		char		buffer[CHASH_KEY_BUFFER];
		chash_bytes form = chash_key_form(kind, key, buffer);

		chash_entry_shards_of_bytes(before, after, form.data, form.length, from, to);
	}
	if (*from == CHASH_UNDECIDED)
		*from = chash_entry_shard(before, kind, key);
	if (*to == CHASH_UNDECIDED)
		*to = chash_entry_shard(after, kind, key);
}
