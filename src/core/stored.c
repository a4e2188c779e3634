/*
 * stored.c
 *		The stored form of a router.
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
 *		parameters that are set, in the order of their codes:
 *			code		1 byte
 *			value		4 bytes of a number, 8 of a factor, or a string
 *		0				1 byte
 *		key type		1 byte
 *		collation		string
 *		number of bounds	4 bytes, then each a string
 *		number of shards	4 bytes, then each:
 *			id			4 bytes
 *			weight		8 bytes
 *			name, zone	two strings
 *		number of runs	4 bytes, of the slot map, then each:
 *			length		4 bytes, in slots
 *			shard		4 bytes, its place
 *		number of tokens	4 bytes, then each, in their order:
 *			token		8 bytes
 *			shard		4 bytes, its place
 *		number of pins	4 bytes, then each, in the order of keys:
 *			key			string
 *			shard		4 bytes, its place
 *
 * What a strategy does not use is 0 or an empty string.  A router has one
 * stored form only, so that equal routers are equal bytes.
 */
#include "core/router.h"

#include <string.h>

#define STORED_VERSION		1
#define MIN_STORED_BOUND	2	/* bytes: an empty string */
#define MIN_STORED_SHARD	16	/* bytes: id, weight, two empty strings */
#define STORED_RUN			8	/* bytes */
#define STORED_TOKEN		12	/* bytes */
#define MIN_STORED_PIN		6	/* bytes: an empty string and a place */

/* ---- writing ---- */

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
write_double(writer *out, double value)
{
	uint64_t	bits;

	memcpy(&bits, &value, sizeof(bits));
	write_number(out, bits, 8);
}

static void
write_parameters(writer *out, const chash_router *router)
{
	chash_parameters p = router->p;
	const chash_parameter *parameter;
	unsigned	i;

	for (i = 0; (parameter = chash_parameter_at(i)) != NULL; i++)
	{
		if (!chash_parameter_is_set(parameter, &p))
			continue;
		write_number(out, parameter->code, 1);
		switch (parameter->kind)
		{
			case CHASH_PARAMETER_COUNT:
			case CHASH_PARAMETER_SEARCH:
				write_number(out, *chash_parameter_number(parameter, &p), 4);
				break;
			case CHASH_PARAMETER_FACTOR:
				write_double(out, *chash_parameter_factor(parameter, &p));
				break;
			case CHASH_PARAMETER_TEXT:
				write_string(out, *chash_parameter_text(parameter, &p));
				break;
		}
	}
	write_number(out, 0, 1);
}

/* How many entries of the map, from number i on, have the same shard. */
static uint32_t
run_length(const chash_router *router, uint32_t i)
{
	uint32_t	end = i + 1;

	while (end < chash_router_map_size(router) && router->map[end] == router->map[i])
		end++;
	return end - i;
}

static void
write_map(writer *out, const chash_router *router)
{
	uint32_t	size = router->map ? chash_router_map_size(router) : 0;
	uint32_t	runs = 0;
	uint32_t	i;

	for (i = 0; i < size; i += run_length(router, i))
		runs++;
	write_number(out, runs, 4);
	for (i = 0; i < size; i += run_length(router, i))
	{
		write_number(out, run_length(router, i), 4);
		write_number(out, router->map[i], 4);
	}
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
	write_parameters(out, router);
	write_number(out, router->key_type, 1);
	write_string(out, router->collation);
	write_number(out, router->nbounds, 4);
	for (i = 0; i < router->nbounds; i++)
		write_string(out, router->bounds[i]);
	write_number(out, router->nshards, 4);
	for (i = 0; i < router->nshards; i++)
	{
		const chash_shard *shard = &router->shards[i];

		write_number(out, shard->id, 4);
		write_double(out, shard->weight);
		write_string(out, shard->name);
		write_string(out, shard->zone);
	}
	write_map(out, router);
	write_number(out, router->ntokens, 4);
	for (i = 0; i < router->ntokens; i++)
	{
		write_number(out, (uint64_t) router->tokens[i].token, 8);
		write_number(out, router->tokens[i].shard, 4);
	}
	write_number(out, router->npins, 4);
	for (i = 0; i < router->npins; i++)
	{
		write_string(out, router->pins[i].key);
		write_number(out, router->pins[i].shard, 4);
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

/* ---- reading ---- */

/* After the first thing that does not fit, a reader gives only zeros. */
typedef struct reader
{
	const uint8_t *next;
	const uint8_t *end;
	bool		failed;
	const chash_host *host;
	chash_error *error;			/* says why, if that is known */
	bool		said;
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

/* NULL for an empty string, which is what is not set. */
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

/*
 * A count of things that take at least so many bytes each, if that many can
 * follow.  In memory they take more than that, so that the limit counts here.
 */
static uint32_t
read_count(reader *in, size_t min_size, const char *what, uint32_t limit)
{
	uint32_t	count = (uint32_t) read_number(in, 4);

	if (count > bytes_left(in) / min_size)
	{
		in->failed = true;
		return 0;
	}
	if (count > limit)
	{
		in->failed = in->said = true;
		chash_fail(in->error, CHASH_ERROR_LIMIT, "too many %s: %u, the limit is %u",
				   what, count, limit);
		return 0;
	}
	return count;
}

static double
read_double(reader *in)
{
	uint64_t	bits = read_number(in, 8);
	double		value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

static void
read_parameters(reader *in, chash_router *router)
{
	unsigned	last = 0;
	unsigned	code;

	while ((code = (unsigned) read_number(in, 1)) != 0)
	{
		const chash_parameter *parameter = chash_parameter_by_code(code);

		if (!parameter || code <= last)
		{
			in->failed = true;
			return;
		}
		switch (parameter->kind)
		{
			case CHASH_PARAMETER_COUNT:
			case CHASH_PARAMETER_SEARCH:
				*chash_parameter_number(parameter, &router->p) = (uint32_t) read_number(in, 4);
				break;
			case CHASH_PARAMETER_FACTOR:
				*chash_parameter_factor(parameter, &router->p) = read_double(in);
				break;
			case CHASH_PARAMETER_TEXT:
				*chash_parameter_text(parameter, &router->p) = read_string(in);
				break;
		}
		/* what is not set is not written, or there would be two forms of it */
		if (!chash_parameter_is_set(parameter, &router->p))
			in->failed = true;
		last = code;
	}
}

static const char *
read_string_or_empty(reader *in)
{
	const char *string = read_string(in);

	return string ? string : "";
}

static void
read_bounds(reader *in, chash_router *router)
{
	uint32_t	i;

	router->nbounds = read_count(in, MIN_STORED_BOUND, "bounds", CHASH_MAX_SHARDS);
	router->bounds = chash_alloc(in->host, router->nbounds * sizeof(char *));
	for (i = 0; i < router->nbounds; i++)
		router->bounds[i] = read_string_or_empty(in);
}

static void
read_shards(reader *in, chash_router *router)
{
	uint32_t	i;

	router->nshards = read_count(in, MIN_STORED_SHARD, "shards", CHASH_MAX_SHARDS);
	router->shards = chash_alloc(in->host, router->nshards * sizeof(chash_shard));
	for (i = 0; i < router->nshards; i++)
	{
		chash_shard *shard = &router->shards[i];

		shard->id = (uint32_t) read_number(in, 4);
		shard->weight = read_double(in);
		shard->name = read_string_or_empty(in);
		shard->zone = read_string(in);
	}
}

/* Neighbouring runs have different shards, or there would be two forms of a map. */
static void
read_map(reader *in, chash_router *router)
{
	uint32_t	runs = read_count(in, STORED_RUN, "runs of slots", CHASH_MAX_MAP);
	uint64_t	size = (uint64_t) router->p.slots * router->p.replicas;
	uint32_t	filled = 0;

	if (runs == 0)
		return;
	if (size > CHASH_MAX_MAP)
	{
		in->failed = true;
		return;
	}
	router->map = chash_alloc(in->host, size * sizeof(uint32_t));
	while (runs-- > 0)
	{
		uint32_t	length = (uint32_t) read_number(in, 4);
		uint32_t	shard = (uint32_t) read_number(in, 4);

		if (length == 0 || length > size - filled || shard >= router->nshards ||
			(filled > 0 && router->map[filled - 1] == shard))
		{
			in->failed = true;
			return;
		}
		while (length-- > 0)
			router->map[filled++] = shard;
	}
	if (filled != size)
		in->failed = true;
}

static void
read_tokens(reader *in, chash_router *router)
{
	uint32_t	i;

	router->ntokens = read_count(in, STORED_TOKEN, "tokens", CHASH_MAX_POINTS);
	if (router->ntokens == 0)
		return;
	router->tokens = chash_alloc(in->host, router->ntokens * sizeof(chash_token));
	for (i = 0; i < router->ntokens; i++)
	{
		router->tokens[i].token = (int64_t) read_number(in, 8);
		router->tokens[i].shard = (uint32_t) read_number(in, 4);
	}
}

static void
read_pins(reader *in, chash_router *router)
{
	uint32_t	i;

	router->npins = read_count(in, MIN_STORED_PIN, "pinned keys", CHASH_MAX_PINS);
	if (router->npins == 0)
		return;
	router->pins = chash_alloc(in->host, router->npins * sizeof(chash_pin));
	for (i = 0; i < router->npins; i++)
	{
		router->pins[i].key = read_string_or_empty(in);
		router->pins[i].shard = (uint32_t) read_number(in, 4);
	}
}

bool
chash_router_load(const uint8_t *bytes, size_t length,
				  const chash_host *host, chash_router *router,
				  chash_error *error)
{
	reader		in = {bytes, bytes + length, false, host, error, false};
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
	read_parameters(&in, router);
	router->key_type = (chash_key_type) read_number(&in, 1);
	router->collation = read_string(&in);
	read_bounds(&in, router);
	read_shards(&in, router);
	read_map(&in, router);
	read_tokens(&in, router);
	read_pins(&in, router);

	if (in.said)
		return false;
	if (in.failed)
		return chash_fail(error, CHASH_ERROR_CORRUPT,
						  "stored router is damaged or ends too early");
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
