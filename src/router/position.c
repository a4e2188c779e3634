/*
 * position.c
 *		The position of a key: which of its hashes a router asks for.
 */
#include "router/position.h"

#include "router/server.h"
#include "router/typed_hash.h"

chash_uint
chash_entry_position(const chash_entry *entry, chash_key_kind kind, Datum key)
{
	const chash_router *router = entry->router;
	char		buffer[CHASH_KEY_BUFFER];
	chash_bytes form;
	size_t		length;
	const char *part;
	chash_uint	digest;
	chash_error error;

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
			form = chash_key_form(kind, key, buffer);
			length = form.length;
			part = chash_key_part(router->dialect->key_rule, form.data, &length);
			if (!router->hash->digest(part, length, &digest, &error))
				chash_report(&error);
			break;
	}
	return chash_position_of_digest(router, router->hash, &digest, 0);
}
