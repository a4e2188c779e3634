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
	while (i < 10)
		*end++ = digits[i++];
	return end;
}

/* Whether a template goes on with NUMBER; strncmp() would take longer. */
static bool
number_is_next(const char *template)
{
	return template[0] == '{' && template[1] == 'i' && template[2] == '}';
}

/* Write what comes before the next number; moves both to where that ended. */
static void
write_text(const char **template, const char *shard, size_t shard_length, char **end)
{
	const char *from = *template;
	char	   *to = *end;

	while (*from && !number_is_next(from))
	{
		if (*from == '{' && strncmp(from, SHARD, strlen(SHARD)) == 0)
		{
			memcpy(to, shard, shard_length);
			to += shard_length;
			from += strlen(SHARD);
		}
		else
			*to++ = *from++;
	}
	*template = from;
	*end = to;
}

size_t
chash_label_begin(const char **template, const char *shard, size_t shard_length, char *text)
{
	char	   *end = text;

	write_text(template, shard, shard_length, &end);
	return (size_t) (end - text);
}

size_t
chash_label_expand(const char *template, const char *shard, size_t shard_length,
				   uint32_t i, char *text)
{
	char	   *end = text;

	while (*template)
	{
		if (number_is_next(template))
		{
			end = write_number(end, i);
			template += strlen(NUMBER);
		}
		else
			write_text(&template, shard, shard_length, &end);
	}
	*end = '\0';
	return (size_t) (end - text);
}
