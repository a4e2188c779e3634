/*
 * fuzz.c
 *		Where libFuzzer begins, how a failure ends it, and reading its input.
 */
#include "fuzz.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char context[256];

void
test_fail(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: %s does not hold", file, line, condition);
	fprintf(stderr, context[0] ? " (%s)\n" : "\n", context);
	abort();
}

void
test_context(const char *format,...)
{
	va_list		args;

	va_start(args, format);
	vsnprintf(context, sizeof(context), format, args);
	va_end(args);
}

/* FNV-1a, so that random numbers depend on all of the input. */
static uint64_t
seed_of(const uint8_t *data, size_t size)
{
	uint64_t	hash = UINT64_C(14695981039346656037);
	size_t		i;

	for (i = 0; i < size; i++)
		hash = (hash ^ data[i]) * UINT64_C(1099511628211);
	return hash != 0 ? hash : 1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input		in = {data, data + size};

	context[0] = '\0';
	test_seed(seed_of(data, size));
	fuzz_one(&in);
	test_release_all();
	return 0;
}

/* ---- reading ---- */

size_t
bytes_left(const input *in)
{
	return (size_t) (in->end - in->next);
}

uint8_t
take_byte(input *in)
{
	return in->next < in->end ? *in->next++ : 0;
}

uint32_t
take_number(input *in)
{
	uint32_t	value = 0;
	int			i;

	for (i = 0; i < 4; i++)
		value = value << 8 | take_byte(in);
	return value;
}

uint64_t
take_long(input *in)
{
	uint64_t	high = take_number(in);

	return high << 32 | take_number(in);
}

uint32_t
take_below(input *in, uint32_t limit)
{
	return take_byte(in) % limit;
}

static char *
take_bytes(input *in, size_t length)
{
	char	   *text = test_alloc(length + 1);

	if (length > 0)
		memcpy(text, in->next, length);
	text[length] = '\0';
	in->next += length;
	return text;
}

char *
take_rest(input *in)
{
	return take_bytes(in, bytes_left(in));
}

char *
take_until(input *in, uint8_t separator)
{
	const uint8_t *found = bytes_left(in) > 0 ? memchr(in->next, separator, bytes_left(in)) : NULL;
	char	   *text;

	if (!found)
		return take_rest(in);
	text = take_bytes(in, (size_t) (found - in->next));
	in->next++;
	return text;
}

char *
take_text(input *in, uint32_t max)
{
	uint32_t	length = take_byte(in);
	char	   *text = test_alloc(2 * (size_t) max + 1);
	char	   *end = text;

	/* sometimes longer than any limit allows, at no cost to the input */
	if (length == 255)
	{
		memset(text, 'x', max);
		text[max] = '\0';
		return text;
	}
	for (length %= max + 1; length > 0 && bytes_left(in) > 0; length--)
	{
		uint8_t		byte = take_byte(in);

		if (byte >= 0x80)
		{
			*end++ = (char) (0xC2 + (byte & 1));
			*end++ = (char) (0x80 + (byte >> 1 & 0x3F));
		}
		else
			*end++ = (char) (byte == 0 ? '0' : byte);
	}
	*end = '\0';
	return text;
}

double
take_weight(input *in)
{
	static const double weights[] = {1, 1, 1, 2, 3, 0.5, 0.1, 2.5, 7, 100, 1e-9, 1e9, 0};
	uint32_t	choice = take_below(in, 15);
	uint64_t	bits;
	double		weight;

	if (choice < sizeof(weights) / sizeof(weights[0]))
		return weights[choice];
	if (choice == 13)
		return 1 + take_byte(in);
	bits = take_long(in);
	memcpy(&weight, &bits, sizeof(weight));
	return weight;
}
