/*
 * hash_test.c
 *		Hashes against published vectors, and what else the table of hashes says.
 *
 * The XXH3 and XXH64 values were computed with xxhsum 0.8.1, the digests with
 * Python's hashlib.
 */
#include "fixture.h"

#include <stdio.h>
#include <string.h>

/* Bytes 7 * i + 3, of which vectors of any length are the first. */
static const uint8_t *
pattern(void)
{
	uint8_t    *bytes = test_alloc(1000);
	int			i;

	for (i = 0; i < 1000; i++)
		bytes[i] = (uint8_t) (7 * i + 3);
	return bytes;
}

/* Whether the digest of some bytes, as a number, has these hexadecimal digits. */
static bool
hashes_to(const char *name, const void *bytes, size_t length, const char *expected)
{
	const chash_hash *hash = chash_hash_by_name(name);
	chash_uint	digest;
	chash_error error;
	BIGNUM	   *big = NULL;
	bool		result;

	memset(&digest, 0xFF, sizeof(digest));
	test_context("%s of %zu bytes", name, length);
	CHECK(hash->digest(bytes, length, &digest, &error));
	CHECK(4 * strlen(expected) == hash->bits);
	BN_hex2bn(&big, expected);
	result = big_equal(digest, big);
	BN_free(big);
	return result;
}

static void
xxh(void)
{
	static const struct
	{
		size_t		length;
		const char *xxh3;
		const char *xxh64;
	}			vectors[] =
	{
		{0, "2d06800538d394c2", "ef46db3751d8e999"},
		{1, "13e608bc156defed", "1f25c8d0bc1f4bb6"},
		{3, "a9088dda485b481c", "31d2363f52e564c9"},
		{4, "6d9253b16c8b1ed3", "9bb64b7d66ee9fda"},
		{8, "60539db630471163", "dab99d95c6f90092"},
		{9, "feff668361d723a8", "170bb6bf975b4c02"},
		{16, "b8c859b0f030b585", "434850232b787be2"},
		{17, "714a04408e79b80f", "1efa7025f1b97a7a"},
		{32, "19ff4ee1d6ba1a55", "23c3c17ef790fd97"},
		{33, "3e44983ad21679c8", "50a7cfc7ba588784"},
		{128, "67425a03650261bf", "46fbcfbf0150793f"},
		{129, "c664bf3311c6abc4", "3eb5d118151c8303"},
		{240, "64556dc6b462a6cf", "42562f61ef11b5ae"},
		{241, "8beadd3a8874fe17", "07cf94f8eba111b5"},
		{256, "3c38817f6d79c0da", "00cfc5207dd8e201"},
		{1000, "6c4f14bd97bd9e82", "5f235fa033f1a3fb"},
	};
	const uint8_t *bytes = pattern();
	size_t		i;

	CHECK(hashes_to("xxh3", "", 0, "2d06800538d394c2"));
	CHECK(hashes_to("xxh64", "", 0, "ef46db3751d8e999"));
	CHECK(hashes_to("xxh3", "abc", 3, "78af5f94892f3950"));
	CHECK(hashes_to("xxh64", "abc", 3, "44bc2cf5ad770999"));
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
	{
		CHECK(hashes_to("xxh3", bytes, vectors[i].length, vectors[i].xxh3));
		CHECK(hashes_to("xxh64", bytes, vectors[i].length, vectors[i].xxh64));
	}
}

static void
digests(void)
{
	const uint8_t *bytes = pattern();
	int			round;

	/* twice, since what OpenSSL needs is kept from the first time on */
	for (round = 0; round < 2; round++)
	{
		CHECK(hashes_to("sha1", "", 0, "da39a3ee5e6b4b0d3255bfef95601890afd80709"));
		CHECK(hashes_to("md5", "", 0, "d41d8cd98f00b204e9800998ecf8427e"));
		CHECK(hashes_to("sha256", "", 0,
						"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
		CHECK(hashes_to("sha1", "abc", 3, "a9993e364706816aba3e25717850c26c9cd0d89d"));
		CHECK(hashes_to("md5", "abc", 3, "900150983cd24fb0d6963f7d28e17f72"));
		CHECK(hashes_to("sha256", "abc", 3,
						"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
		CHECK(hashes_to("sha1", bytes, 1000, "4231a8a50a10fa9758db8ec71fdef855b751048a"));
		CHECK(hashes_to("md5", bytes, 1000, "10046f077f2082ac19676b8079f1cb1a"));
		CHECK(hashes_to("sha256", bytes, 1000,
						"1e9bc38cbf860b9ec31918b065f9b52476c549a782e0e7990bed8ce3868d2371"));
	}
}

static void
table(void)
{
	static const struct
	{
		const char *name;
		unsigned	code;
		unsigned	bits;
		bool		digests;
	}			rows[] =
	{
		/* codes are in stored routers: they may never change */
		{"xxh3", 1, 64, true},
		{"xxh64", 2, 64, true},
		{"sha1", 3, 160, true},
		{"md5", 4, 128, true},
		{"sha256", 5, 256, true},
		{"pg", 6, 64, false},
		{"none", 7, 63, false},
		{"crc32", 8, 32, true},
		{"crc16", 9, 16, true},
		{"crc32c", 10, 32, true},
		{"fnv1a_32", 11, 32, true},
		{"hashkit_one_at_a_time", 12, 32, true},
		{"hashkit_fnv1_32", 13, 32, true},
		{"hashkit_fnv1a_32", 14, 32, true},
		{"hashkit_fnv1_64", 15, 32, true},
		{"hashkit_fnv1a_64", 16, 32, true},
		{"hashkit_crc32", 17, 32, true},
		{"hashkit_hsieh", 18, 32, true},
		{"hashkit_murmur", 19, 32, true},
		{"hashkit_murmur3", 20, 32, true},
		{"hashkit_jenkins", 21, 32, true},
		{"hashkit_md5", 22, 32, true},
		{"twemproxy_crc16", 23, 32, true},
		{"haproxy_sdbm", 24, 32, true},
		{"haproxy_sdbm_avalanche", 25, 32, true},
		{"haproxy_djb2", 26, 32, true},
		{"haproxy_djb2_avalanche", 27, 32, true},
		{"haproxy_wt6", 28, 32, true},
		{"haproxy_wt6_avalanche", 29, 32, true},
		{"haproxy_crc32_avalanche", 30, 32, true},
		{"murmur3_32", 31, 32, true},
		{"murmur3_128", 32, 128, true},
		{"guava_siphash24", 33, 64, true},
		{"farmhash64", 34, 64, true},
		{"cassandra", 35, 64, true},
		{"mongodb", 36, 64, false},
		{"citus", 37, 32, false},
		{"siphash24_key0", 38, 64, true},
		{"siphash24_pair", 39, 128, true},
		{"siphash24", 40, 64, false},
	};
	unsigned	i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		const chash_hash *hash = chash_hash_by_name(rows[i].name);
		char		quoted[40];

		CHECK(hash && hash == chash_hash_by_code(rows[i].code));
		CHECK((unsigned) hash->code == rows[i].code && hash->bits == rows[i].bits);
		CHECK((hash->digest != NULL) == rows[i].digests);
		CHECK(chash_hash_for_labels(hash) ==
			  (rows[i].digests ? hash : chash_hash_by_code(CHASH_HASH_XXH3)));
		sprintf(quoted, "\"%s\"", rows[i].name);
		CHECK(strstr(chash_hash_names(), quoted));
	}
	CHECK(!chash_hash_by_code(0) && !chash_hash_by_code(41) && !chash_hash_by_code(255));
	CHECK(!chash_hash_by_name("") && !chash_hash_by_name("xxh") && !chash_hash_by_name("XXH3"));
}

/* A position is the top bits of the digest. */
static void
position(void)
{
	chash_router *router = fixture_router("ring", "sha1", 28, 1);
	chash_uint	digest;
	chash_error error;

	router->dialect = chash_dialect_default();
	CHECK(router->hash->digest("abc", 3, &digest, &error));
	CHECK(equal(chash_position_of_digest(router, router->hash, &digest, 0), chash_uint_from(0xa9993e3)));
	router->bits = 1;
	CHECK(equal(chash_position_of_digest(router, router->hash, &digest, 0), chash_uint_from(1)));
	router->bits = 64;
	CHECK(equal(chash_position_of_digest(router, router->hash, &digest, 0),
				chash_uint_from(UINT64_C(0xa9993e364706816a))));
	router->bits = 159;
	CHECK(equal(chash_position_of_digest(router, router->hash, &digest, 0), chash_uint_shift_right(&digest, 1)));
	router->bits = 160;
	CHECK(equal(chash_position_of_digest(router, router->hash, &digest, 0), digest));
}

const test_case hash_tests[] = {
	{"hash: xxh3 and xxh64 vectors", xxh},
	{"hash: sha1, md5 and sha256 vectors", digests},
	{"hash: table", table},
	{"hash: position of a digest", position},
	{NULL, NULL}
};
