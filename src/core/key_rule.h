/*
 * key_rule.h
 *		Which part of a key is hashed.
 */
#ifndef CHASH_KEY_RULE_H
#define CHASH_KEY_RULE_H

#include <stddef.h>

typedef enum chash_key_rule
{
	CHASH_KEY_WHOLE = 0,
	CHASH_KEY_TAG				/* Redis's hash tag: what is in the first braces */
} chash_key_rule;

/*
 * Where the part of a key that is hashed begins; its length takes the place of
 * the key's in *length.  Keys of one tag are thereby kept together: "{u1}.a"
 * and "{u1}.b" are both hashed as "u1".
 *
 * CHASH_KEY_TAG is the rule of the Redis Cluster Specification, "Hash tags":
 * the bytes between the first "{" and the first "}" after it, if there are
 * any, else the whole key.
 */
extern const char *chash_key_part(chash_key_rule rule, const char *key, size_t *length);

#endif							/* CHASH_KEY_RULE_H */
