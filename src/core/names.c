/*
 * names.c
 *		Lists of names for hints.
 */
#include "core/names.h"

#include <stdio.h>
#include <string.h>

const char *
chash_append_name(char *list, const char *name, size_t i, size_t n)
{
	size_t		length = strlen(list);

	snprintf(list + length, CHASH_NAMES_TEXT - length, "%s\"%s\"",
			 i == 0 ? "" : i == n - 1 ? " and " : ", ", name);
	return list;
}
