/*
 * error.c
 *		Filling in a chash_error.
 */
#include "core/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
chash_clip(const char *text, int max_length)
{
	int			length = (int) strnlen(text, (size_t) max_length + 1);

	if (length <= max_length)
		return length;
	length = max_length;
	while (length > 0 && ((unsigned char) text[length] & 0xC0) == 0x80)
		length--;
	return length;
}

/* Print into a field of CHASH_ERROR_TEXT bytes, cut to its length. */
static void CHASH_PRINTF(2, 0)
print_field(char *field, const char *format, va_list args)
{
	/* one byte more than fits, so that a cut can be seen as such */
	char		text[CHASH_ERROR_TEXT + 1];

	vsnprintf(text, sizeof(text), format, args);
	text[chash_clip(text, CHASH_ERROR_TEXT - 1)] = '\0';
	strcpy(field, text);
}

bool
chash_fail(chash_error *error, chash_error_kind kind, const char *format,...)
{
	va_list		args;

	error->kind = kind;
	error->detail[0] = '\0';
	error->hint[0] = '\0';
	va_start(args, format);
	print_field(error->message, format, args);
	va_end(args);
	return false;
}

bool
chash_fail_detail(chash_error *error, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	print_field(error->detail, format, args);
	va_end(args);
	return false;
}

bool
chash_fail_hint(chash_error *error, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	print_field(error->hint, format, args);
	va_end(args);
	return false;
}
