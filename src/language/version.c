/*
 * version.c
 *		Reading and writing the text of a named router, with a change that is
 *		under way.
 */
#include "language/version.h"

#include "language/function.h"
#include "router/json.h"
#include "router/position.h"
#include "router/server.h"
#include "router/value.h"

#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

/* The seed of the hash of slices, so that it has nothing to do with any router's. */
#define SLICE_SEED		UINT64CONST(0x736c696365)

/* So many integers that follow each other do so in the slices, too. */
#define BLOCK			1024

static int64
slice_of_bytes(chash_bytes bytes)
{
	return (int64) (chash_xxh64(bytes.data, bytes.length, SLICE_SEED) >> 2);
}

/*
 * Integers that were given out one after the other are in the same pages of a
 * table and of its indexes: a step that moves them together changes few pages,
 * and no step comes back to these.
 */
static int64
slice_of_integer(int64 key)
{
	char		buffer[CHASH_KEY_BUFFER];
	int64		in_block = (int64) ((uint64) key % BLOCK);
	int64		slice = slice_of_bytes(chash_key_digits((key - in_block) / BLOCK, buffer));

	return slice - slice % BLOCK + in_block;
}

int64
chash_slice_of(chash_key_kind kind, Datum key)
{
	char		buffer[CHASH_KEY_BUFFER];

	switch (kind)
	{
		case CHASH_KIND_INT2:
		case CHASH_KIND_INT4:
		case CHASH_KIND_INT8:
			return slice_of_integer(chash_key_integer(kind, key));
		default:
			return slice_of_bytes(chash_key_form(kind, key, buffer));
	}
}

int64
chash_change_fingerprint(const chash_entry *before, const chash_entry *after)
{
	return (int64) chash_xxh64(&before->fingerprint, sizeof(before->fingerprint), after->fingerprint);
}

chash_entry *
chash_version_entry_of(const chash_version *version, chash_key_kind kind, Datum key)
{
	if (version->after && chash_slice_of(kind, key) < version->passed)
		return version->after;
	return version->entry;
}

const chash_shard *
chash_version_shard(const chash_version *version, chash_key_kind kind, Datum key)
{
	const chash_entry *entry = chash_version_entry_of(version, kind, key);

	return &entry->router->shards[chash_entry_shard(entry, kind, key)];
}

/* What is cached may go, so that the value is copied, too. */
static chash_router *
copy_router(const chash_entry *entry)
{
	struct varlena *value = palloc(VARSIZE(entry->value));

	memcpy(value, entry->value, VARSIZE(entry->value));
	return chash_value_open(value);
}

chash_router *
chash_version_copy(const chash_version *version)
{
	chash_router *router = copy_router(version->entry);
	chash_router *after;
	uint32		i;

	if (!version->after)
		return router;
	after = copy_router(version->after);
	router->shards = repalloc(router->shards,
							  (router->nshards + after->nshards) * sizeof(chash_shard));
	for (i = 0; i < after->nshards; i++)
	{
		if (chash_router_find(router, after->shards[i].name) < 0)
			router->shards[router->nshards++] = after->shards[i];
	}
	return router;
}

char *
chash_version_text(const chash_router *before, const chash_router *after, int64 passed)
{
	return psprintf("{\"before\":%s,\"after\":%s,\"passed\":" INT64_FORMAT "}",
					chash_router_text(before), chash_router_text(after), passed);
}

/* ---- reading ---- */

/* A value of an object; raises an error if it is missing or not of the type. */
static JsonbValue *
get_value(Jsonb *object, const char *key, enum jbvType type)
{
	JsonbValue	name;
	JsonbValue *value;

	name.type = jbvString;
	name.val.string.val = (char *) key;
	name.val.string.len = strlen(key);
	value = findJsonbValueFromContainer(&object->root, JB_FOBJECT, &name);
	if (!value || value->type != type)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a change of a router needs \"before\", \"after\" and \"passed\""),
				 errdetail("The first two are routers, the third is a slice.")));
	return value;
}

static chash_entry *
get_router(Jsonb *object, const char *key)
{
	Jsonb	   *router = JsonbValueToJsonb(get_value(object, key, jbvBinary));

	return chash_cache_hold(chash_cache_get(chash_value_make(chash_router_of_jsonb(router))));
}

static bool
is_change(Jsonb *body)
{
	JsonbValue	name;

	name.type = jbvString;
	name.val.string.val = "before";
	name.val.string.len = strlen(name.val.string.val);
	return JB_ROOT_IS_OBJECT(body) &&
		findJsonbValueFromContainer(&body->root, JB_FOBJECT, &name) != NULL;
}

/* A partition belongs to an id, and so an id to one shard in both routers. */
static void
check_ids(const chash_router *before, const chash_router *after)
{
	uint32		i;
	uint32		j;

	for (i = 0; i < before->nshards; i++)
	{
		for (j = 0; j < after->nshards; j++)
		{
			const chash_shard *a = &before->shards[i];
			const chash_shard *b = &after->shards[j];

			if ((a->id == b->id) != (strcmp(a->name, b->name) == 0))
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("shard \"%s\" has the id %u before and \"%s\" has %u after",
								chash_from_utf8(a->name), a->id, chash_from_utf8(b->name), b->id),
						 errdetail("In both routers of a change a shard has the same id.")));
		}
	}
}

/* What is read is held as long as the current memory context lives. */
static void
read_body(char *body, chash_version *version)
{
	Jsonb	   *jsonb = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(body)));

	version->after = NULL;
	version->passed = 0;
	if (!is_change(jsonb))
	{
		version->entry = chash_cache_hold(chash_cache_get(chash_value_make(chash_router_of_jsonb(jsonb))));
		return;
	}
	version->passed = DatumGetInt64(DirectFunctionCall1(numeric_int8,
														NumericGetDatum(get_value(jsonb, "passed", jbvNumeric)->val.numeric)));
	if (version->passed < 0 || version->passed > CHASH_SLICES_END)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("slice " INT64_FORMAT " of a change is out of range", version->passed),
				 errdetail("Slices go from 0 to " INT64_FORMAT ".", CHASH_SLICES_END)));
	version->entry = get_router(jsonb, "before");
	version->after = get_router(jsonb, "after");
	check_ids(version->entry->router, version->after->router);
}

static void
say_which_router(void *arg)
{
	errcontext("router \"%s\"", (const char *) arg);
}

void
chash_version_read(HeapTuple router, chash_version *version)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "chash function body",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(context);
	ErrorContextCallback callback;

	callback.callback = say_which_router;
	callback.arg = NameStr(((Form_pg_proc) GETSTRUCT(router))->proname);
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	read_body(chash_function_body(router), version);
	error_context_stack = callback.previous;
	chash_cache_pin(version->entry);
	if (version->after)
		chash_cache_pin(version->after);

	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(context);
}

static void
unpin(chash_entry **entry)
{
	if (*entry)
		chash_cache_unpin(*entry);
	*entry = NULL;
}

void
chash_version_release(chash_version *version)
{
	unpin(&version->entry);
	unpin(&version->after);
}
