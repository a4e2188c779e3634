/*
 * hash_vectors_test.c
 *		The hash functions of other software, against what that answered
 *		(test/vectors/LIBRARY) and against other implementations.
 *
 * test/vectors/hashes/digests.tsv has the digests of (151 + 37 * i) % 256 for
 * i < length, so that there are bytes above 127 from the first on.  They are
 * those of libhashkit 1.1.4 and of twemproxy's hashkit (which agree), of
 * google/farmhash, PeterScott/murmur3, OpenSSL's SipHash, zlib's crc32,
 * Python's binascii.crc_hqx, and for crc32c, fnv1a_32, the hashes of HAProxy
 * and that of Cassandra of separate implementations in Python.
 */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#define MAX_FIELDS	8
#define MAX_LINE	1000

/* The fields of the next line; false after the last. */
static bool
next_row(FILE *file, char *field[MAX_FIELDS])
{
	static char line[MAX_LINE];
	char	   *rest = line;
	int			n;

	if (!fgets(line, sizeof(line), file))
	{
		fclose(file);
		return false;
	}
	line[strcspn(line, "\n")] = '\0';
	for (n = 0; n < MAX_FIELDS; n++)
	{
		field[n] = rest;
		if (rest && (rest = strchr(rest, '\t')) != NULL)
			*rest++ = '\0';
	}
	return true;
}

static chash_uint
digest_of(const char *hash, const char *bytes, size_t length)
{
	chash_uint	digest;
	chash_error error;

	test_context("%s of %zu bytes: %.*s", hash, length, (int) length, bytes);
	CHECK(chash_hash_by_name(hash)->digest(bytes, length, &digest, &error));
	return digest;
}

static uint64_t
integer_of(const char *hash, const char *text)
{
	chash_uint	digest = digest_of(hash, text, strlen(text));

	return chash_uint_low64(&digest);
}

static bool
has_digits(chash_uint digest, const char *hexadecimal)
{
	BIGNUM	   *big = NULL;
	bool		result;

	BN_hex2bn(&big, hexadecimal);
	result = big_equal(digest, big);
	BN_free(big);
	return result;
}

/* Every length up to 65 bytes, and some above, for every hash that is written here. */
static void
lengths(void)
{
	FILE	   *file = fixture_open_vectors("hashes/digests.tsv");
	char	   *field[MAX_FIELDS];
	int			rows[256] = {0};
	unsigned	code;

	while (next_row(file, field))
	{
		const chash_hash *hash = chash_hash_by_name(field[0]);
		size_t		length = strtoul(field[1], NULL, 10);
		char	   *bytes = test_alloc(length);
		size_t		i;

		CHECK(hash && 4 * strlen(field[2]) == hash->bits);
		for (i = 0; i < length; i++)
			bytes[i] = (char) (151 + 37 * i);
		CHECK(has_digits(digest_of(field[0], bytes, length), field[2]));
		rows[hash->code]++;
	}
	for (code = CHASH_HASH_CRC32; chash_hash_by_code(code); code++)
	{
		test_context("hash number %u", code);
		CHECK(rows[code] == (chash_hash_by_code(code)->digest ? 73 : 0));
	}
}

static void
guava(void)
{
	FILE	   *file = fixture_open_vectors("guava/hashes.tsv");
	char	   *field[MAX_FIELDS];
	int			rows = 0;

	for (; next_row(file, field); rows++)
	{
		CHECK(integer_of("murmur3_32", field[0]) == strtoull(field[1], NULL, 10));
		CHECK(has_digits(digest_of("murmur3_128", field[0], strlen(field[0])), field[2]));
		CHECK(integer_of("guava_siphash24", field[0]) == strtoull(field[3], NULL, 10));
		CHECK(integer_of("farmhash64", field[0]) == strtoull(field[4], NULL, 10));
		CHECK(integer_of("crc32c", field[0]) == strtoull(field[5], NULL, 10));
	}
	CHECK(rows == 100);
}

/* Positions have the order of tokens, which are signed. */
static void
cassandra(void)
{
	FILE	   *file = fixture_open_vectors("cassandra/vectors.tsv");
	char	   *field[MAX_FIELDS];
	int			rows = 0;

	for (; next_row(file, field); rows++)
	{
		uint64_t	token = (uint64_t) strtoll(field[1], NULL, 10);

		CHECK(integer_of("cassandra", field[0]) == token + (UINT64_C(1) << 63));
	}
	CHECK(rows == 100);
}

/* A slot is of what is between the first braces, if anything is. */
static void
redis_cluster(void)
{
	FILE	   *file = fixture_open_vectors("redis-cluster/vectors.tsv");
	char	   *field[MAX_FIELDS];
	int			rows = 0;

	for (; next_row(file, field); rows++)
	{
		const char *key = field[0];
		size_t		length = strlen(key);
		const char *open = strchr(key, '{');
		const char *close = open ? strchr(open, '}') : NULL;
		chash_uint	digest;

		if (close && close > open + 1)
		{
			key = open + 1;
			length = (size_t) (close - key);
		}
		digest = digest_of("crc16", key, length);
		CHECK((int) chash_uint_modulo(&digest, 16384) == atoi(field[1]));
	}
	CHECK(rows == 114);
}

static void
libmemcached(void)
{
	static const char *const hashes[][2] = {
		{"consistent_md5", "hashkit_md5"},
		{"ketama_default", "hashkit_one_at_a_time"},
		{"ketama_fnv1a32", "hashkit_fnv1a_32"},
		{"ketama_md5", "hashkit_md5"},
		{"ketama_weighted", "hashkit_md5"},
		{"modula_crc", "hashkit_crc32"},
		{"modula_default", "hashkit_one_at_a_time"},
		{"modula_md5", "hashkit_md5"},
	};
	FILE	   *file = fixture_open_vectors("libmemcached/vectors.tsv");
	char	   *field[MAX_FIELDS];
	int			rows = 0;

	while (next_row(file, field))
	{
		size_t		i;

		for (i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		{
			if (strcmp(hashes[i][0], field[0]) != 0)
				continue;
			CHECK(integer_of(hashes[i][1], field[2]) == strtoull(field[3], NULL, 10));
			rows++;
		}
	}
	CHECK(rows == 4200);
}

/* twemproxy's distribution "modula": the hash modulo the sum of the weights. */
static void
twemproxy(void)
{
	FILE	   *file = fixture_open_vectors("twemproxy/vectors.tsv");
	char	   *field[MAX_FIELDS];
	chash_router *router = NULL;
	char		nodeset[20] = "";
	int			rows = 0;

	while (next_row(file, field))
	{
		char		hash[40];
		uint64_t	rest;
		uint32_t	shard = 0;

		if (strcmp(field[0], "modula") != 0)
			continue;
		if (strcmp(field[2], nodeset) != 0)
		{
			router = fixture_nodeset("modulo", NULL, field[2]);
			strcpy(nodeset, field[2]);
		}
		if (strcmp(field[1], "crc32a") == 0)
			strcpy(hash, "crc32");
		else
			sprintf(hash, "%s_%s", strcmp(field[1], "crc16") == 0 ? "twemproxy" : "hashkit", field[1]);
		rest = integer_of(hash, field[3]) % (uint64_t) chash_router_total_weight(router);
		for (; rest >= router->shards[shard].weight; shard++)
			rest -= (uint64_t) router->shards[shard].weight;
		CHECK((int) shard == atoi(field[4]));
		rows++;
	}
	CHECK(rows == 2200);
}

/* SipHash with keys other than Guava's. */
static void
siphash(void)
{
	FILE	   *file = fixture_open_vectors("jump/string_key_vectors.tsv");
	char	   *field[MAX_FIELDS];
	int			rows = 0;

	while (next_row(file, field))
	{
		if (strcmp(field[1], "siphash24_key0") != 0)
			continue;
		test_context("%s", field[0]);
		CHECK(chash_siphash24(0, 0, field[0], strlen(field[0])) == strtoull(field[2], NULL, 10));
		rows++;
	}
	CHECK(rows == 1100);

	/* the example in the paper's appendix, whose bytes 00 to 0e hash to e545be4961ca29a1 */
	CHECK(chash_siphash24(UINT64_C(0x0706050403020100), UINT64_C(0x0F0E0D0C0B0A0908),
						  "\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16", 15) == UINT64_C(0xA129CA6149BE45E5));
}

/* A CRC of two parts is that of both together. */
static void
continued(void)
{
	const char *text = "123456789";
	size_t		i;

	for (i = 0; i <= 9; i++)
	{
		test_context("%zu and %zu bytes", i, 9 - i);
		CHECK(chash_crc32(chash_crc32(0, text, i), text + i, 9 - i) == 0xCBF43926u);
		CHECK(chash_crc32c(chash_crc32c(0, text, i), text + i, 9 - i) == 0xE3069283u);
	}
	CHECK(chash_crc16(text, 9) == 0x31C3);
}

const test_case hash_vectors_tests[] = {
	{"hashes: all lengths", lengths},
	{"hashes: what Guava answered", guava},
	{"hashes: what Cassandra's driver answered", cassandra},
	{"hashes: what Redis Cluster answered", redis_cluster},
	{"hashes: what libmemcached answered", libmemcached},
	{"hashes: what twemproxy answered", twemproxy},
	{"hashes: SipHash with any key", siphash},
	{"hashes: CRCs in parts", continued},
	{NULL, NULL}
};
