/*
 * label.h
 *		Labels of virtual nodes: a template such as "{shard}-{i}", in which
 *		{shard} stands for the shard's name and {i} for the number of the
 *		virtual node, counted from 0.
 */
#ifndef CHASH_LABEL_H
#define CHASH_LABEL_H

#include "core/error.h"

#include <stddef.h>
#include <stdint.h>

#define CHASH_LABEL_TEMPLATE_MAX	255 /* bytes */

/*
 * Room for any label: 7 bytes of a template can become a name of 255 bytes,
 * and 3 bytes a number of 7 digits.
 */
#define CHASH_LABEL_MAX		(CHASH_LABEL_TEMPLATE_MAX / 7 * 255 + 3 * CHASH_LABEL_TEMPLATE_MAX + 1)

/* Whether a template is one: it has both {shard} and {i} and is not too long. */
extern bool chash_label_check(const char *template, chash_error *error);

/*
 * Write the label and a zero byte into text, which has CHASH_LABEL_MAX bytes;
 * returns its length.  The template has been checked.  Of the shard's name,
 * shard_length bytes are taken.
 */
extern size_t chash_label_expand(const char *template, const char *shard,
								 size_t shard_length, uint32_t i, char *text);

/*
 * Write only what all labels of a shard begin with, before the first number;
 * returns its length, and moves the template to the rest, which is a template
 * for what follows.
 */
extern size_t chash_label_begin(const char **template, const char *shard,
								size_t shard_length, char *text);

#endif							/* CHASH_LABEL_H */
