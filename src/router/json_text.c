/*
 * json_text.c
 *		Writing routers as JSON.
 */
#include "router/json.h"

#include "common/shortest_dec.h"
#include "core/slots.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "router/server.h"
#include "utils/builtins.h"
#include "utils/json.h"

static void
append_string(StringInfo out, const char *utf8)
{
	escape_json(out, chash_from_utf8(utf8));
}

static void
append_named_string(StringInfo out, const char *key, const char *utf8)
{
	appendStringInfo(out, ",\"%s\":", key);
	append_string(out, utf8);
}

static void
append_named_number(StringInfo out, const char *key, double value)
{
	char		digits[DOUBLE_SHORTEST_DECIMAL_LEN];

	double_to_shortest_decimal_buf(value, digits);
	appendStringInfo(out, ",\"%s\":%s", key, digits);
}

/* The runs of shard i begin at start[i]; both are NULL where there are no slots. */
typedef struct slots_of_shards
{
	chash_slot_run *runs;
	uint32_t   *start;
} slots_of_shards;

/* A text with the slots of each copy, in an array if there can be several. */
static void
append_slots(StringInfo out, const chash_slot_run *runs, uint32 nruns, uint32 copies)
{
	uint32		copy;
	uint32		i = 0;

	appendStringInfoString(out, copies > 1 ? ",\"slots\":[" : ",\"slots\":");
	for (copy = 0; copy < copies; copy++)
	{
		const char *comma = "";

		appendStringInfoString(out, copy > 0 ? ",\"" : "\"");
		for (; i < nruns && runs[i].copy == copy; i++, comma = ",")
		{
			appendStringInfo(out, "%s%u", comma, runs[i].first);
			if (runs[i].last > runs[i].first)
				appendStringInfo(out, "-%u", runs[i].last);
		}
		appendStringInfoChar(out, '"');
	}
	if (copies > 1)
		appendStringInfoChar(out, ']');
}

/* The tokens sorted by their shards: those of shard i end at end[i]. */
typedef struct tokens_of_shards
{
	int64	   *token;
	uint32	   *end;
} tokens_of_shards;

static tokens_of_shards
sort_tokens(const chash_router *router)
{
	tokens_of_shards sorted;
	uint32		i;

	sorted.token = palloc(Max(router->ntokens, 1) * sizeof(int64));
	sorted.end = palloc0((router->nshards + 1) * sizeof(uint32));
	for (i = 0; i < router->ntokens; i++)
		sorted.end[router->tokens[i].shard + 1]++;
	for (i = 0; i < router->nshards; i++)
		sorted.end[i + 1] += sorted.end[i];
	/* the end of a shard is where it begins until all its tokens are there */
	for (i = 0; i < router->ntokens; i++)
		sorted.token[sorted.end[router->tokens[i].shard]++] = router->tokens[i].token;
	return sorted;
}

static void
append_tokens(StringInfo out, const tokens_of_shards *tokens, uint32 shard)
{
	uint32		begin = shard > 0 ? tokens->end[shard - 1] : 0;
	uint32		i;

	appendStringInfoString(out, ",\"tokens\":[");
	for (i = begin; i < tokens->end[shard]; i++)
		appendStringInfo(out, "%s\"" INT64_FORMAT "\"", i > begin ? "," : "", tokens->token[i]);
	appendStringInfoChar(out, ']');
}

static void
append_shard(StringInfo out, const chash_router *router, uint32 place,
			 const tokens_of_shards *tokens, const slots_of_shards *slots, bool with_id)
{
	const chash_shard *shard = &router->shards[place];
	uint32		first = slots->start ? slots->start[place] : 0;
	uint32		nruns = slots->start ? slots->start[place + 1] - first : 0;

	if (shard->weight == 1 && !shard->zone && !with_id && router->ntokens == 0 && nruns == 0)
	{
		append_string(out, shard->name);
		return;
	}
	appendStringInfoString(out, "{\"name\":");
	append_string(out, shard->name);
	if (shard->weight != 1)
		append_named_number(out, "weight", shard->weight);
	if (shard->zone)
		append_named_string(out, "zone", shard->zone);
	if (router->ntokens > 0)
		append_tokens(out, tokens, place);
	if (with_id)
		appendStringInfo(out, ",\"id\":%u", shard->id);
	if (nruns > 0)
		append_slots(out, slots->runs + first, nruns, router->p.replicas);
	appendStringInfoChar(out, '}');
}

/* Ids are written unless they are just what they would become: 1 to n. */
static bool
ids_need_writing(const chash_router *router)
{
	uint32		i;

	for (i = 0; i < router->nshards; i++)
	{
		if (router->shards[i].id != i + 1)
			return true;
	}
	return false;
}

static void
append_shards(StringInfo out, const chash_router *router)
{
	bool		with_ids = ids_need_writing(router);
	slots_of_shards slots = {NULL, NULL};
	tokens_of_shards tokens = sort_tokens(router);
	uint32		i;

	if (router->map)
		slots.runs = chash_slots_runs(router, &chash_server_host, &slots.start);

	appendStringInfoString(out, ",\"shards\":[");
	for (i = 0; i < router->nshards; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i > 0)
			appendStringInfoChar(out, ',');
		append_shard(out, router, i, &tokens, &slots, with_ids);
	}
	appendStringInfoChar(out, ']');
}

static void
append_pins(StringInfo out, const chash_router *router)
{
	uint32		i;

	appendStringInfoString(out, ",\"pins\":{");
	for (i = 0; i < router->npins; i++)
	{
		if (i > 0)
			appendStringInfoChar(out, ',');
		append_string(out, router->pins[i].key);
		appendStringInfoChar(out, ':');
		append_string(out, router->shards[router->pins[i].shard].name);
	}
	appendStringInfoChar(out, '}');
}

static void
append_bounds(StringInfo out, const chash_router *router)
{
	uint32		i;

	appendStringInfoString(out, ",\"bounds\":[");
	for (i = 0; i < router->nbounds; i++)
	{
		if (i > 0)
			appendStringInfoChar(out, ',');
		append_string(out, router->bounds[i]);
	}
	appendStringInfoChar(out, ']');
}

void
chash_append_parameter(StringInfo out, const chash_parameter *parameter,
					   const chash_parameters *from)
{
	chash_parameters p = *from;

	switch (parameter->kind)
	{
		case CHASH_PARAMETER_COUNT:
			append_named_number(out, parameter->name, *chash_parameter_number(parameter, &p));
			break;
		case CHASH_PARAMETER_FACTOR:
			append_named_number(out, parameter->name, *chash_parameter_factor(parameter, &p));
			break;
		case CHASH_PARAMETER_TEXT:
			append_named_string(out, parameter->name, *chash_parameter_text(parameter, &p));
			break;
		case CHASH_PARAMETER_SEARCH:
			append_named_string(out, parameter->name,
								chash_search_name(*chash_parameter_number(parameter, &p)));
			break;
	}
}

/* The keys always come in this order; what the dialect gives is left out. */
char *
chash_router_text(const chash_router *router)
{
	const chash_dialect *dialect = router->dialect;
	const chash_parameter *parameter;
	StringInfoData out;
	unsigned	i;

	initStringInfo(&out);
	appendStringInfo(&out, "{\"strategy\":\"%s\"", router->strategy->name);
	if (dialect != chash_dialect_default())
		append_named_string(&out, "dialect", dialect->name);
	if (router->strategy->hashed)
	{
		append_named_string(&out, "hash", router->hash->name);
		if (router->bits != chash_router_natural_bits(router))
			appendStringInfo(&out, ",\"bits\":%u", router->bits);
	}
	for (i = 0; (parameter = chash_parameter_at(i)) != NULL; i++)
	{
		const chash_parameters *defaults = chash_router_default(router, parameter);

		if (chash_parameter_is_set(parameter, &router->p) &&
			!(defaults && chash_parameter_equal(parameter, &router->p, defaults)))
			chash_append_parameter(&out, parameter, &router->p);
	}
	if (!router->strategy->hashed)
	{
		append_named_string(&out, "key_type", chash_key_type_name(router->key_type));
		if (router->collation)
			append_named_string(&out, "collation", router->collation);
		append_bounds(&out, router);
	}
	append_shards(&out, router);
	if (router->npins > 0)
		append_pins(&out, router);
	appendStringInfoChar(&out, '}');
	return out.data;
}
