/*
 * secret_test.c
 *		Secrets of the hash "siphash24".
 *
 * The check values were computed with Python's hashlib.
 */
#include "core/diff.h"
#include "core/secret.h"
#include "fixture.h"

#include <string.h>

#define PAPER		"000102030405060708090a0b0c0d0e0f"
#define ONES		"ffffffffffffffffffffffffffffffff"
#define SOME_CHECK	"20a63f663fa41274"

static chash_secret
some_secret(uint8_t first, uint8_t last)
{
	uint8_t		bytes[CHASH_SECRET_BYTES] = {0};

	bytes[0] = first;
	bytes[15] = last;
	return chash_secret_of_bytes(bytes);
}

/* The example in the paper's appendix. */
static void
paper(void)
{
	uint8_t		bytes[CHASH_SECRET_BYTES];
	chash_secret secret;
	int			i;

	for (i = 0; i < CHASH_SECRET_BYTES; i++)
		bytes[i] = (uint8_t) i;
	secret = chash_secret_of_bytes(bytes);
	CHECK(secret.key0 == UINT64_C(0x0706050403020100));
	CHECK(secret.key1 == UINT64_C(0x0F0E0D0C0B0A0908));
	CHECK(chash_secret_hash(&secret, bytes, 15) == UINT64_C(0xA129CA6149BE45E5));
}

static void
check_values(void)
{
	static const char *const expected[] = {SOME_CHECK, "0dc5291b12183869", "8a6c7ed856a02988"};
	uint8_t		bytes[3][CHASH_SECRET_BYTES];
	char		check[CHASH_MAX_CHECK + 1];
	chash_secret secret;
	chash_error error;
	int			i;

	memset(bytes, 0, sizeof(bytes));
	for (i = 0; i < CHASH_SECRET_BYTES; i++)
		bytes[0][i] = (uint8_t) i;
	memset(bytes[1], 0xFF, CHASH_SECRET_BYTES);
	bytes[2][0] = 0x80;
	bytes[2][15] = 0x0F;
	for (i = 0; i < 3; i++)
	{
		secret = chash_secret_of_bytes(bytes[i]);
		CHECK(chash_secret_check_value(&secret, check, &error));
		test_context("%s", check);
		CHECK(strcmp(check, expected[i]) == 0);
	}
}

static void
names(void)
{
	static const char *const good[] = {"a", "_", "Z9", "tenants_2", "__"};
	static const char *const bad[] = {"", "9", "a b", "a-b", " a", "a ", "\xC3\xA4", "a=", "a.b"};
	char		longest[CHASH_MAX_SECRET + 2];
	chash_error error;
	size_t		i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK(chash_secret_check_name(good[i], &error));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		test_context("\"%s\"", bad[i]);
		CHECK(!chash_secret_check_name(bad[i], &error) && error.kind == CHASH_ERROR_VALUE);
	}
	memset(longest, 'a', sizeof(longest));
	longest[CHASH_MAX_SECRET + 1] = '\0';
	CHECK(!chash_secret_check_name(longest, &error));
	longest[CHASH_MAX_SECRET] = '\0';
	CHECK(chash_secret_check_name(longest, &error));
}

/* In a block of just its size, so that a read beyond its end shows. */
static bool
find_in(const char *text, size_t length, const char *name, bool *found, chash_secret *secret,
		chash_error *error)
{
	char	   *copy = test_alloc(length);

	memcpy(copy, text, length);
	return chash_secret_find(copy, length, name, found, secret, error);
}

static bool
finds(const char *text, const char *name, chash_secret expected)
{
	chash_secret secret;
	chash_error error;
	bool		found;

	test_context("%s in \"%s\"", name, text);
	return find_in(text, strlen(text), name, &found, &secret, &error) && found &&
		secret.key0 == expected.key0 && secret.key1 == expected.key1;
}

static void
found(void)
{
	chash_secret ones = {UINT64_MAX, UINT64_MAX};
	chash_secret other = some_secret(0x1A, 0xF0);
	bool		there;
	chash_secret secret;
	chash_error error;

	CHECK(finds("a=" ONES, "a", ones));
	CHECK(finds("a=" ONES "\n", "a", ones));
	CHECK(finds("\n# a=" PAPER "\n\t \n  a \t=  " ONES " # why\r\n", "a", ones));
	CHECK(finds("a=" PAPER "\naa=" ONES "\nb=" PAPER, "aa", ones));
	CHECK(finds("a=1a0000000000000000000000000000f0", "a", other));
	CHECK(finds("a=1A0000000000000000000000000000F0", "a", other));

	CHECK(find_in("", 0, "a", &there, &secret, &error) && !there);
	CHECK(find_in("\n#\n", 3, "a", &there, &secret, &error) && !there);
	CHECK(find_in("ab=" ONES, 35, "a", &there, &secret, &error) && !there);
	CHECK(find_in("A=" ONES, 34, "a", &there, &secret, &error) && !there);
}

/* A bad line is refused wherever it is, and what it has is not said. */
static void
malformed(void)
{
	static const char *const bad[] = {
		"a", "=", "a=", "a ff", "=" ONES, "9=" ONES, "a-b=" ONES, "a=" ONES "0", "a=" ONES " b",
		"a=\"" ONES "\"", "a=fffffffffffffffffffffffffffffff", "a=fffffffffffffffffffffffffffffffg",
		"a=fffffffffffffffffffffffffffffff\nf", "a: " ONES, "a==" ONES, "\xEF\xBB\xBF" "a=" ONES,
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=" ONES,
	};
	char		text[400];
	bool		there;
	chash_secret secret;
	chash_error error;
	size_t		i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		sprintf(text, "first=" PAPER "\n%s\nlast=" PAPER "\n", bad[i]);
		test_context("\"%s\"", bad[i]);
		CHECK(!find_in(text, strlen(text), "first", &there, &secret, &error));
		CHECK(error.kind == CHASH_ERROR_VALUE && strncmp(error.message, "line 2 ", 7) == 0);
		CHECK(!strstr(error.message, "ff") && !error.detail[0] && !error.hint[0]);
	}
	CHECK(!find_in("a=" ONES "\n\na=" PAPER, 70, "a", &there, &secret, &error));
	CHECK(strcmp(error.message, "line 3 has another secret of the same name") == 0);
	CHECK(!find_in("a=" ONES "\n\0", 36, "a", &there, &secret, &error));

	/* cut off anywhere */
	for (i = 1; i < 34; i++)
		CHECK(!find_in("a=" ONES, i, "a", &there, &secret, &error));
}

/* ---- routers ---- */

static chash_router *
secret_router(const char *strategy, const char *name, const char *check)
{
	chash_router *router = fixture_router(strategy, "siphash24", 0, 3);

	router->p.secret = name;
	router->p.check = check;
	chash_router_complete(router, &test_host);
	return router;
}

static void
validated(void)
{
	static const char *const all[] = {
		"ring", "modulo", "hash_range", "jump", "jumpback", "rendezvous", "maglev", "slots",
		"multiprobe", "bounded"
	};
	static const char *const bad[] = {
		"", "20a63f663fa4127", "20a63f663fa412744", "20A63F663FA41274", "20a63f663fa4127g"
	};
	chash_router *router;
	chash_error error;
	size_t		i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
	{
		test_context("%s", all[i]);
		CHECK(fixture_valid(secret_router(all[i], "tenants", SOME_CHECK), &error));
		CHECK(!fixture_valid(secret_router(all[i], NULL, NULL), &error));
		CHECK(!fixture_valid(secret_router(all[i], "tenants", NULL), &error));
		CHECK(!fixture_valid(secret_router(all[i], NULL, SOME_CHECK), &error));
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!fixture_valid(secret_router("ring", "tenants", bad[i]), &error));
	CHECK(!fixture_valid(secret_router("ring", "ten ants", SOME_CHECK), &error));

	/* where nothing is hashed with it */
	router = fixture_router("ring", "xxh3", 0, 3);
	router->p.secret = "tenants";
	chash_router_complete(router, &test_host);
	CHECK(!fixture_valid(router, &error));
	CHECK(strcmp(error.message, "hash \"xxh3\" has no secret") == 0);
	router = fixture_router("range", NULL, 0, 1);
	router->p.check = SOME_CHECK;
	chash_router_complete(router, &test_host);
	CHECK(!fixture_valid(router, &error));
	CHECK(strcmp(error.message, "strategy \"range\" has no parameter \"check\"") == 0);

	/* a library's rules are for its own hashes */
	router = secret_router("ring", "tenants", SOME_CHECK);
	router->dialect = chash_dialect_by_name("libketama");
	CHECK(!fixture_valid(router, &error));
}

static void
stored(void)
{
	chash_router *router = secret_router("ring", "tenants", SOME_CHECK);
	size_t		size = chash_router_stored_size(router);
	uint8_t    *bytes = test_alloc(size);
	chash_router loaded;
	chash_error error;

	chash_router_store(router, bytes);
	CHECK(bytes[2] == 40);
	CHECK(chash_router_load(bytes, size, &test_host, &loaded, &error));
	CHECK(loaded.hash == router->hash && fixture_valid(&loaded, &error));
	CHECK(strcmp(loaded.p.secret, "tenants") == 0 && strcmp(loaded.p.check, SOME_CHECK) == 0);
}

/* Where the points are depends on no secret; every release has them there. */
static void
points(void)
{
	chash_compiled *plain = fixture_compile(fixture_router("ring", "xxh3", 0, 3));
	chash_compiled *one = fixture_compile(secret_router("ring", "one", SOME_CHECK));
	chash_compiled *other = fixture_compile(secret_router("ring", "other", "0dc5291b12183869"));
	uint32_t	i;

	CHECK(one->nslices == plain->nslices && other->nslices == plain->nslices);
	for (i = 0; i < plain->nslices; i++)
	{
		CHECK(equal(fixture_slice(one, i)->first, fixture_slice(plain, i)->first));
		CHECK(equal(fixture_slice(other, i)->first, fixture_slice(plain, i)->first));
	}
}

static bool
is_exact(const chash_compiled *before, const chash_compiled *after)
{
	chash_diff	diff;

	chash_diff_begin(&diff, before, after, &test_host);
	return diff.exact;
}

/* Under another secret a key is anywhere else; its name alone moves nothing. */
static void
moves(void)
{
	chash_compiled *plain = fixture_compile(fixture_router("ring", "xxh3", 0, 3));
	chash_compiled *one = fixture_compile(secret_router("ring", "one", SOME_CHECK));
	chash_compiled *renamed = fixture_compile(secret_router("ring", "two", SOME_CHECK));
	chash_compiled *other = fixture_compile(secret_router("ring", "one", "0dc5291b12183869"));

	CHECK(is_exact(one, renamed));
	CHECK(!is_exact(one, other));
	CHECK(!is_exact(plain, one) && !is_exact(one, plain));
}

const test_case secret_tests[] = {
	{"secret: the paper's vector", paper},
	{"secret: check values", check_values},
	{"secret: names", names},
	{"secret: found in a text", found},
	{"secret: malformed texts", malformed},
	{"secret: which routers have one", validated},
	{"secret: stored form", stored},
	{"secret: the same points under all", points},
	{"secret: what is compared", moves},
	{NULL, NULL}
};
