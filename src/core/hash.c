/*
 * hash.c
 *		The table of hash functions, those of the xxHash family, and CRC-32.
 *
 * xxHash: https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md; seed 0.
 */
#include "core/hash.h"
#include "core/names.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

uint32_t
chash_crc32(uint32_t crc, const void *bytes, size_t length)
{
	const uint8_t *next = bytes;

	crc = ~crc;
	while (length-- > 0)
	{
		int			bit;

		crc ^= *next++;
		for (bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1)));
	}
	return ~crc;
}

static bool
digest_xxh3(const void *bytes, size_t length, chash_uint *digest,
			chash_error *error)
{
	(void) error;
	*digest = chash_uint_from(XXH3_64bits(bytes, length));
	return true;
}

static bool
digest_xxh64(const void *bytes, size_t length, chash_uint *digest,
			 chash_error *error)
{
	(void) error;
	*digest = chash_uint_from(XXH64(bytes, length, 0));
	return true;
}

/* The CRC-32 of zlib, PNG and Ethernet: polynomial 0x04C11DB7, bits reflected. */
static bool
digest_crc32(const void *bytes, size_t length, chash_uint *digest,
			 chash_error *error)
{
	(void) error;
	*digest = chash_uint_from(chash_crc32(0, bytes, length));
	return true;
}

uint64_t
chash_xxh64(const void *bytes, size_t length, uint64_t seed)
{
	return XXH64(bytes, length, seed);
}

static const chash_hash hashes[] = {
	{"xxh3", CHASH_HASH_XXH3, 64, digest_xxh3},
	{"xxh64", CHASH_HASH_XXH64, 64, digest_xxh64},
	{"sha1", CHASH_HASH_SHA1, 160, chash_digest_sha1},
	{"md5", CHASH_HASH_MD5, 128, chash_digest_md5},
	{"sha256", CHASH_HASH_SHA256, 256, chash_digest_sha256},
	{"pg", CHASH_HASH_PG, 64, NULL},
	/* 63 bits: what a non-negative bigint has */
	{"none", CHASH_HASH_NONE, 63, NULL},
	{"crc32", CHASH_HASH_CRC32, 32, digest_crc32},
};

#define NHASHES		(sizeof(hashes) / sizeof(hashes[0]))

const chash_hash *
chash_hash_by_name(const char *name)
{
	size_t		i;

	for (i = 0; i < NHASHES; i++)
	{
		if (strcmp(hashes[i].name, name) == 0)
			return &hashes[i];
	}
	return NULL;
}

const chash_hash *
chash_hash_by_code(unsigned code)
{
	size_t		i;

	for (i = 0; i < NHASHES; i++)
	{
		if (hashes[i].code == code)
			return &hashes[i];
	}
	return NULL;
}

const char *
chash_hash_names(void)
{
	static char list[CHASH_NAMES_TEXT];
	size_t		i;

	list[0] = '\0';
	for (i = 0; i < NHASHES; i++)
		chash_append_name(list, hashes[i].name, i, NHASHES);
	return list;
}

const chash_hash *
chash_hash_for_labels(const chash_hash *hash)
{
	return hash->digest ? hash : &hashes[0];
}
