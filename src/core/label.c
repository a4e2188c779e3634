/*
 * label.c
 *		Expanding the templates of labels.
 */
#include "core/label.h"

#include <stdio.h>
#include <string.h>

#define SHARD		"{shard}"
#define NUMBER		"{i}"

bool
chash_label_check(const char *template, chash_error *error)
{
	if (strlen(template) > CHASH_LABEL_TEMPLATE_MAX)
		return chash_fail(error, CHASH_ERROR_LIMIT,
						  "label is too long: %zu bytes, the limit is %d",
						  strlen(template), CHASH_LABEL_TEMPLATE_MAX);
	if (!strstr(template, SHARD) || !strstr(template, NUMBER))
	{
		chash_fail(error, CHASH_ERROR_VALUE,
				   "label \"%s\" does not contain both " SHARD " and " NUMBER, template);
		return chash_fail_hint(error, "A label has to tell virtual nodes apart, "
							   "as \"" SHARD "-" NUMBER "\" does.");
	}
	return true;
}

size_t
chash_label_expand(const char *template, const char *shard, size_t shard_length,
				   uint32_t i, char *text)
{
	char	   *end = text;

	while (*template)
	{
		if (strncmp(template, SHARD, strlen(SHARD)) == 0)
		{
			memcpy(end, shard, shard_length);
			end += shard_length;
			template += strlen(SHARD);
		}
		else if (strncmp(template, NUMBER, strlen(NUMBER)) == 0)
		{
			end += sprintf(end, "%u", (unsigned) i);
			template += strlen(NUMBER);
		}
		else
			*end++ = *template++;
	}
	*end = '\0';
	return (size_t) (end - text);
}
