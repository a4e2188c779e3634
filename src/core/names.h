/*
 * names.h
 *		Lists of names for hints, made from the tables that have them.
 */
#ifndef CHASH_NAMES_H
#define CHASH_NAMES_H

#include <stddef.h>

#define CHASH_NAMES_TEXT	1536

/*
 * Append name number i of n to a list such as "a", "b" and "c", which begins
 * as an empty string of CHASH_NAMES_TEXT bytes.  Returns the list.
 */
extern const char *chash_append_name(char *list, const char *name, size_t i, size_t n);

#endif							/* CHASH_NAMES_H */
