/*
 * router.c
 *		The router's model and its stored form.
 *
 * The stored form is all that a chash_router datum holds and what its binary
 * output sends.  It starts with a version byte.  Numbers are big-endian,
 * weights are the bits of an IEEE double, and "string" is a two-byte length
 * and so many bytes of UTF-8 without a zero byte:
 *
 *		version			1 byte, now 1
 *		strategy		1 byte
 *		hash			1 byte, 0 if the strategy does not hash
 *		bits			2 bytes
 *		dialect			1 byte
 *		search			1 byte
 *		vnodes			4 bytes
 *		label			string
 *		key type		1 byte
 *		collation		string
 *		number of bounds	4 bytes, then each a string
 *		number of shards	4 bytes, then each:
 *			id			4 bytes
 *			weight		8 bytes
 *			name, zone	two strings
 *
 * What a strategy does not use is 0 or an empty string.
 */
#include "core/names.h"
#include "core/router.h"

#include <stdlib.h>
#include <string.h>

#define STORED_VERSION		1
#define MIN_STORED_BOUND	2	/* bytes: an empty string */
#define MIN_STORED_SHARD	16	/* bytes: id, weight, two empty strings */

static const struct
{
	const char *name;
	chash_key_type type;
}			key_types[] =
{
	/* the first name of a type is the one that is printed */
	{"text", CHASH_KEY_TEXT},
	{"bigint", CHASH_KEY_BIGINT},
	{"uuid", CHASH_KEY_UUID},
	{"bytea", CHASH_KEY_BYTEA},
	{"numeric", CHASH_KEY_NUMERIC},
	{"date", CHASH_KEY_DATE},
	{"timestamp", CHASH_KEY_TIMESTAMP},
	{"timestamptz", CHASH_KEY_TIMESTAMPTZ},
	/* integers of all widths compare alike, and so do the texts */
	{"int", CHASH_KEY_BIGINT},
	{"integer", CHASH_KEY_BIGINT},
	{"smallint", CHASH_KEY_BIGINT},
	{"int2", CHASH_KEY_BIGINT},
	{"int4", CHASH_KEY_BIGINT},
	{"int8", CHASH_KEY_BIGINT},
	{"varchar", CHASH_KEY_TEXT},
	{"character varying", CHASH_KEY_TEXT},
	{"decimal", CHASH_KEY_NUMERIC},
	{"timestamp without time zone", CHASH_KEY_TIMESTAMP},
	{"timestamp with time zone", CHASH_KEY_TIMESTAMPTZ},
};

#define NKEY_TYPES	(sizeof(key_types) / sizeof(key_types[0]))

const char *
chash_key_type_name(unsigned key_type)
{
	size_t		i;

	for (i = 0; i < NKEY_TYPES; i++)
	{
		if (key_types[i].type == key_type)
			return key_types[i].name;
	}
	return NULL;
}

chash_key_type
chash_key_type_by_name(const char *name)
{
	size_t		i;

	for (i = 0; i < NKEY_TYPES; i++)
	{
		if (strcmp(key_types[i].name, name) == 0)
			return key_types[i].type;
	}
	return CHASH_KEY_UNSPECIFIED;
}

const char *
chash_key_type_names(void)
{
	static char list[CHASH_NAMES_TEXT];
	unsigned	type;

	list[0] = '\0';
	for (type = CHASH_KEY_TEXT; type <= CHASH_KEY_TIMESTAMPTZ; type++)
		chash_append_name(list, chash_key_type_name(type), type - 1, CHASH_KEY_TIMESTAMPTZ);
	return list;
}

/* ---- the model ---- */

/*
 * A table of CHASH_MAX_ID + 1 flags, each saying whether a shard has that id.
 * Ids out of range, which validation will refuse, are passed over.
 */
static bool *
ids_in_use(const chash_router *router, const chash_host *host)
{
	bool	   *used = chash_alloc(host, CHASH_MAX_ID + 1);
	uint32_t	i;

	memset(used, 0, CHASH_MAX_ID + 1);
	for (i = 0; i < router->nshards; i++)
	{
		if (router->shards[i].id <= CHASH_MAX_ID)
			used[router->shards[i].id] = true;
	}
	return used;
}

uint32_t
chash_router_free_id(const chash_router *router, const chash_host *host)
{
	bool	   *used = ids_in_use(router, host);
	uint32_t	id = 1;

	while (id <= CHASH_MAX_ID && used[id])
		id++;
	chash_release(host, used);
	return id;
}

void
chash_router_complete(chash_router *router, const chash_host *host)
{
	bool	   *used = ids_in_use(router, host);
	uint32_t	id = 1;
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
	{
		if (router->shards[i].id != 0)
			continue;
		while (id <= CHASH_MAX_ID && used[id])
			id++;
		/* one past the limit if there are too many, which is refused later */
		router->shards[i].id = id++;
	}
	chash_release(host, used);

	if (!router->dialect)
		router->dialect = chash_dialect_default();
	if (router->strategy == &chash_strategy_ring)
	{
		if (router->vnodes == 0)
			router->vnodes = router->dialect->vnodes;
		if (!router->label)
			router->label = router->dialect->label;
		if (router->search == 0)
			router->search = router->dialect->search;
	}
	if (router->strategy->hashed)
	{
		if (!router->hash)
			router->hash = chash_hash_by_code(router->dialect->hash);
		if (router->bits == 0)
			router->bits = router->dialect->bits ? router->dialect->bits : router->hash->bits;
	}
	else if (router->key_type == CHASH_KEY_UNSPECIFIED)
		router->key_type = CHASH_KEY_TEXT;
	if (router->key_type == CHASH_KEY_TEXT && !router->collation)
		router->collation = "C";
}

int
chash_router_find(const chash_router *router, const char *name)
{
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
	{
		if (strcmp(router->shards[i].name, name) == 0)
			return (int) i;
	}
	return -1;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp((*(const chash_shard *const *) a)->name,
				  (*(const chash_shard *const *) b)->name);
}

const chash_shard **
chash_router_sort_by_name(const chash_router *router, const chash_host *host)
{
	const chash_shard **sorted = chash_alloc(host, router->nshards * sizeof(*sorted));
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
		sorted[i] = &router->shards[i];
	qsort(sorted, router->nshards, sizeof(*sorted), compare_names);
	return sorted;
}

double
chash_router_total_weight(const chash_router *router)
{
	double		total = 0;
	uint32_t	i;

	for (i = 0; i < router->nshards; i++)
		total += router->shards[i].weight;
	return total;
}

/* ---- writing the stored form ---- */

/* With a NULL "next" a writer only counts. */
typedef struct writer
{
	uint8_t    *next;
	size_t		size;
} writer;

static void
write_number(writer *out, uint64_t value, int size)
{
	int			i;

	if (out->next)
	{
		for (i = 0; i < size; i++)
			*out->next++ = (uint8_t) (value >> (8 * (size - 1 - i)));
	}
	out->size += (size_t) size;
}

static void
write_string(writer *out, const char *string)
{
	size_t		length = string ? strlen(string) : 0;

	write_number(out, length, 2);
	if (out->next && length > 0)
	{
		memcpy(out->next, string, length);
		out->next += length;
	}
	out->size += length;
}

static void
write_router(writer *out, const chash_router *router)
{
	uint32_t	i;

	write_number(out, STORED_VERSION, 1);
	write_number(out, router->strategy->code, 1);
	write_number(out, router->hash ? router->hash->code : 0, 1);
	write_number(out, router->bits, 2);
	write_number(out, router->dialect->code, 1);
	write_number(out, router->search, 1);
	write_number(out, router->vnodes, 4);
	write_string(out, router->label);
	write_number(out, router->key_type, 1);
	write_string(out, router->collation);
	write_number(out, router->nbounds, 4);
	for (i = 0; i < router->nbounds; i++)
		write_string(out, router->bounds[i]);
	write_number(out, router->nshards, 4);
	for (i = 0; i < router->nshards; i++)
	{
		const chash_shard *shard = &router->shards[i];
		uint64_t	weight_bits;

		memcpy(&weight_bits, &shard->weight, sizeof(weight_bits));
		write_number(out, shard->id, 4);
		write_number(out, weight_bits, 8);
		write_string(out, shard->name);
		write_string(out, shard->zone);
	}
}

size_t
chash_router_stored_size(const chash_router *router)
{
	writer		out = {NULL, 0};

	write_router(&out, router);
	return out.size;
}

void
chash_router_store(const chash_router *router, uint8_t *bytes)
{
	writer		out = {bytes, 0};

	write_router(&out, router);
}

/* ---- reading the stored form ---- */

/* After the first thing that does not fit, a reader gives only zeros. */
typedef struct reader
{
	const uint8_t *next;
	const uint8_t *end;
	bool		failed;
	const chash_host *host;
} reader;

static size_t
bytes_left(const reader *in)
{
	return in->failed ? 0 : (size_t) (in->end - in->next);
}

static uint64_t
read_number(reader *in, int size)
{
	uint64_t	value = 0;
	int			i;

	if (bytes_left(in) < (size_t) size)
	{
		in->failed = true;
		return 0;
	}
	for (i = 0; i < size; i++)
		value = (value << 8) | *in->next++;
	return value;
}

/* NULL for an empty string. */
static const char *
read_string(reader *in)
{
	size_t		length = (size_t) read_number(in, 2);
	char	   *string;

	if (length > bytes_left(in) || (length > 0 && memchr(in->next, '\0', length)))
		in->failed = true;
	if (in->failed || length == 0)
		return NULL;
	string = chash_alloc(in->host, length + 1);
	memcpy(string, in->next, length);
	string[length] = '\0';
	in->next += length;
	return string;
}

/* A count of things that take at least so many bytes each, if that many can follow. */
static uint32_t
read_count(reader *in, size_t min_size)
{
	uint32_t	count = (uint32_t) read_number(in, 4);

	if (count > bytes_left(in) / min_size)
	{
		in->failed = true;
		return 0;
	}
	return count;
}

static void
read_bounds(reader *in, chash_router *router)
{
	uint32_t	i;

	router->nbounds = read_count(in, MIN_STORED_BOUND);
	router->bounds = chash_alloc(in->host, router->nbounds * sizeof(char *));
	for (i = 0; i < router->nbounds; i++)
	{
		router->bounds[i] = read_string(in);
		if (!router->bounds[i])
			router->bounds[i] = "";
	}
}

static void
read_shards(reader *in, chash_router *router)
{
	uint32_t	i;

	router->nshards = read_count(in, MIN_STORED_SHARD);
	router->shards = chash_alloc(in->host, router->nshards * sizeof(chash_shard));
	for (i = 0; i < router->nshards; i++)
	{
		chash_shard *shard = &router->shards[i];
		uint64_t	weight_bits;

		shard->id = (uint32_t) read_number(in, 4);
		weight_bits = read_number(in, 8);
		memcpy(&shard->weight, &weight_bits, sizeof(weight_bits));
		shard->name = read_string(in);
		if (!shard->name)
			shard->name = "";
		shard->zone = read_string(in);
	}
}

bool
chash_router_load(const uint8_t *bytes, size_t length,
				  const chash_host *host, chash_router *router,
				  chash_error *error)
{
	reader		in = {bytes, bytes + length, false, host};
	unsigned	version = (unsigned) read_number(&in, 1);
	unsigned	hash;

	if (!in.failed && version != STORED_VERSION)
	{
		chash_fail(error, CHASH_ERROR_CORRUPT,
				   "unsupported version %u of a stored router", version);
		return chash_fail_detail(error, "This version of chash reads version %d.",
								 STORED_VERSION);
	}
	memset(router, 0, sizeof(*router));
	router->strategy = chash_strategy_by_code((unsigned) read_number(&in, 1));
	hash = (unsigned) read_number(&in, 1);
	router->hash = chash_hash_by_code(hash);
	router->bits = (unsigned) read_number(&in, 2);
	router->dialect = chash_dialect_by_code((unsigned) read_number(&in, 1));
	router->search = (chash_search) read_number(&in, 1);
	router->vnodes = (uint32_t) read_number(&in, 4);
	router->label = read_string(&in);
	router->key_type = (chash_key_type) read_number(&in, 1);
	router->collation = read_string(&in);
	read_bounds(&in, router);
	read_shards(&in, router);

	if (in.failed)
		return chash_fail(error, CHASH_ERROR_CORRUPT,
						  "stored router ends too early or contains a zero byte in a string");
	if (in.next != in.end)
		return chash_fail(error, CHASH_ERROR_CORRUPT,
						  "stored router is followed by %zu unexpected bytes", bytes_left(&in));
	if (!router->strategy || !router->dialect || (hash != 0 && !router->hash))
	{
		chash_fail(error, CHASH_ERROR_CORRUPT,
				   "stored router names an unknown strategy, hash or dialect");
		return chash_fail_hint(error, "It may come from a newer version of chash.");
	}
	return true;
}
