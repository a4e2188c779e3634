/*
 * corpus.c
 *		Writes what fuzzing begins with into a folder for each target: the
 *		stored routers of the unit tests, texts, and random bytes.
 *
 *	corpus FOLDER		the folders of the targets are below it
 */
#include "seeds.h"

#include <stdlib.h>
#include <string.h>

#define RANDOM_INPUTS	64		/* for each target that reads numbers */
#define RANDOM_SIZE		160

static const char *folder;

void
test_fail(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: %s does not hold\n", file, line, condition);
	exit(1);
}

void
test_context(const char *format,...)
{
	(void) format;
}

static void
write_input(const char *target, unsigned number, const void *bytes, size_t size)
{
	char		path[4096];
	FILE	   *file;

	snprintf(path, sizeof(path), "%s/%s/seed_%u", folder, target, number);
	file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
	{
		perror(path);
		exit(1);
	}
}

static void
write_stored(void)
{
	unsigned	i;

	for (i = 0; i < SEEDS; i++)
	{
		seed		stored = seed_number(i);

		write_input("stored", i, stored.bytes, stored.size);
	}
}

/* The first byte chooses what is read (text_fuzz.c); so do those that follow it. */
static void
write_texts(void)
{
	static const struct
	{
		const char *bytes;
		size_t		size;
	}			texts[] =
	{
#define TEXT(literal)	{literal, sizeof(literal) - 1}
		TEXT("\0ring"), TEXT("\0timestamp with time zone"), TEXT("\0libketama"),
		TEXT("\1\0\0\xff" "0-99\n100-199\n200-255"),
		TEXT("\1\1\1\x0f" "0-4, 7\n5,6,8-10\n11-15\n5-9\n0-4\n10-15"),
		TEXT("\1\2\0\x0f" "3,2-1,\n99999999999999999999"),
		TEXT("\2\0\0\0\x7" "\3abc" "{shard}-{i}"), TEXT("\2\0\1\0\0" "\2ab" "{i}{shard}{i}/{shard}"),
		TEXT("\3{user1}.name"), TEXT("\3foo{}bar{x}"), TEXT("\4\x3e" "9223372036854775807"), TEXT("\4\1" "3"),
		TEXT("\5\0key\n\1other\n\2\n"), TEXT("\6\0\0\0\5" "\x10zone \x80\x90\xa0 and more"),
	};
	unsigned	i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		write_input("text", i, texts[i].bytes, texts[i].size);
}

/* 63 bytes, as many as a name may have. */
#define LONGEST "a_name_of_sixty_three_bytes_and_not_one_more_as_that_is_the_end"

/* A name, and a text of secrets (secrets_fuzz.c). */
static void
write_secrets(void)
{
	static const char *const texts[] = {
		"tenants\ntenants = 000102030405060708090a0b0c0d0e0f\n",
		"a\n\n# a comment\n \t a\t=\t00112233445566778899AABBCCDDEEFF  # and more\r\nb=ffffffffffffffffffffffffffffffff",
		"a\na=000102030405060708090a0b0c0d0e0f\n_9=000102030405060708090a0b0c0d0e0f\na=ffffffffffffffffffffffffffffffff",
		"9a\n9a=000102030405060708090a0b0c0d0e0f", "a\na=000102030405060708090a0b0c0d0e", "a\na 000102", "",
		LONGEST "\n" LONGEST "=ffffffffffffffffffffffffffffffff", "a\nx" LONGEST "=ffffffffffffffffffffffffffffffff",
	};
	unsigned	i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		write_input("secrets", i, texts[i], strlen(texts[i]));
}

static void
write_random(const char *target)
{
	uint8_t		bytes[RANDOM_SIZE];
	unsigned	i;
	unsigned	k;

	for (i = 0; i < RANDOM_INPUTS; i++)
	{
		for (k = 0; k < RANDOM_SIZE; k++)
			bytes[k] = (uint8_t) test_random();
		/* every strategy and dialect has its turn */
		bytes[i % 2] = (uint8_t) i;
		write_input(target, i, bytes, RANDOM_SIZE - 2 * (i % 64));
	}
}

int
main(int argc, char **argv)
{
	if (argc != 2)
	{
		fprintf(stderr, "usage: corpus FOLDER\n");
		return 2;
	}
	folder = argv[1];
	test_seed(UINT64_C(88172645463325252));
	write_stored();
	write_texts();
	write_secrets();
	write_random("built");
	write_random("moves");
	write_random("slots");
	write_random("hashes");
	write_random("numbers");
	test_release_all();
	return 0;
}
