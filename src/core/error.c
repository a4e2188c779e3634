/*
 * error.c
 *		Filling in a chash_error.
 */
#include "core/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/*
 * Print into a field of CHASH_ERROR_TEXT bytes.  A text that does not fit is
 * cut between two UTF-8 characters, never inside one.
 */
static void CHASH_PRINTF(2, 0)
print_field(char *field, const char *format, va_list args)
{
	int			length = vsnprintf(field, CHASH_ERROR_TEXT, format, args);

	if (length >= CHASH_ERROR_TEXT)
	{
		int			end = CHASH_ERROR_TEXT - 1;

		while (end > 0 && ((unsigned char) field[end - 1] & 0xC0) == 0x80)
			end--;
		if (end > 0 && ((unsigned char) field[end - 1] & 0x80))
			end--;
		field[end] = '\0';
	}
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
