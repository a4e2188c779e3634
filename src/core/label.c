/*
 * label.c
 *		Expanding the templates of labels.
 */
#include "core/label.h"

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

/* As sprintf("%u") does, which takes longer than to hash a label. */
static char *
write_number(char *end, uint32_t number)
{
	char		digits[10];
	int			i = 10;

	do
	{
		digits[--i] = (char) ('0' + number % 10);
		number /= 10;
	} while (number > 0);
	memcpy(end, digits + i, (size_t) (10 - i));
	return end + 10 - i;
}

size_t
chash_label_expand(const char *template, const char *shard, size_t shard_length,
				   uint32_t i, char *text)
{
	char	   *end = text;

	while (*template)
	{
		if (*template != '{')
			*end++ = *template++;
		else if (strncmp(template, SHARD, strlen(SHARD)) == 0)
		{
			memcpy(end, shard, shard_length);
			end += shard_length;
			template += strlen(SHARD);
		}
		else if (strncmp(template, NUMBER, strlen(NUMBER)) == 0)
		{
			end = write_number(end, i);
			template += strlen(NUMBER);
		}
		else
			*end++ = *template++;
	}
	*end = '\0';
	return (size_t) (end - text);
}
