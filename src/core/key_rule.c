/*
 * key_rule.c
 *		Which part of a key is hashed.
 */
#include "core/key_rule.h"

#include <string.h>

const char *
chash_key_part(chash_key_rule rule, const char *key, size_t *length)
{
	const char *open = NULL;
	const char *close = NULL;

	/* memchr() may not be asked about no bytes at NULL, which an empty key can be */
	if (rule == CHASH_KEY_TAG && *length > 0)
		open = memchr(key, '{', *length);
	if (open)
		close = memchr(open + 1, '}', (size_t) (key + *length - (open + 1)));
	if (!close || close == open + 1)
		return key;
	*length = (size_t) (close - (open + 1));
	return open + 1;
}
