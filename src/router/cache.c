/*
 * cache.c
 *		The cache of compiled routers.
 *
 * Entries are found by a fingerprint of the value and then compared with the
 * whole of it, so that nobody can craft a value that meets another one's
 * entry.  When entries take more than CHASH_CACHE_BYTES, those that were not
 * used for longest are thrown away, except pinned ones.
 */
#include "router/cache.h"

#include "funcapi.h"
#include "router/server.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

typedef struct slot
{
	uint64		fingerprint;	/* hash key, must be first */
	chash_entry *entry;
} slot;

static HTAB *slots;
static chash_entry *newest;
static chash_entry *oldest;
static Size bytes_in_use;

/* since the session began */
static uint64 prepared;
static uint64 thrown_away;

PG_FUNCTION_INFO_V1(chash_cache);

/* Of a router of a thousand shards it takes a microsecond; PostgreSQL's own hash takes ten. */
static uint64
fingerprint_of(const struct varlena *value)
{
	return chash_hash_by_code(CHASH_HASH_XXH3)->value(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

bool
chash_cache_is_entry_of(const chash_entry *entry, const struct varlena *value)
{
	return !entry->stale &&
		VARSIZE_ANY_EXHDR(value) == VARSIZE_ANY_EXHDR(entry->value) &&
		memcmp(VARDATA_ANY(value), VARDATA_ANY(entry->value), VARSIZE_ANY_EXHDR(value)) == 0;
}

/* ---- the list, from the newest to the oldest use ---- */

static void
unlink_entry(chash_entry *entry)
{
	if (entry->newer)
		entry->newer->older = entry->older;
	else
		newest = entry->older;
	if (entry->older)
		entry->older->newer = entry->newer;
	else
		oldest = entry->newer;
}

static void
link_newest(chash_entry *entry)
{
	entry->newer = NULL;
	entry->older = newest;
	if (newest)
		newest->newer = entry;
	else
		oldest = entry;
	newest = entry;
}

/* ---- leaving ---- */

/* Take an entry out of the table, unless another one has its place there. */
static void
forget_entry(chash_entry *entry)
{
	slot	   *found = hash_search(slots, &entry->fingerprint, HASH_FIND, NULL);

	if (found && found->entry == entry)
		hash_search(slots, &entry->fingerprint, HASH_REMOVE, NULL);
}

static void
free_entry(chash_entry *entry)
{
	forget_entry(entry);
	unlink_entry(entry);
	bytes_in_use -= entry->bytes;
	MemoryContextDelete(entry->context);
}

static void
make_room(void)
{
	chash_entry *entry = oldest;

	while (entry && bytes_in_use > CHASH_CACHE_BYTES)
	{
		chash_entry *newer = entry->newer;

		if (entry->pins == 0)
		{
			free_entry(entry);
			thrown_away++;
		}
		entry = newer;
	}
}

/* Bounds were put in order under a collation: when one changes, start again. */
static void
collation_changed(Datum arg, int cacheid, uint32 hashvalue)
{
	chash_entry *entry;

	(void) arg;
	(void) cacheid;
	(void) hashvalue;
	for (entry = newest; entry; entry = entry->older)
		entry->stale = entry->stale || (entry->bounds && OidIsValid(entry->bounds->collation));
}

/* ---- entering ---- */

static void
start_cache(void)
{
	HASHCTL		control = {0};

	control.keysize = sizeof(uint64);
	control.entrysize = sizeof(slot);
	control.hcxt = TopMemoryContext;
	slots = hash_create("chash routers", 64, &control,
						HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	CacheRegisterSyscacheCallback(COLLOID, collation_changed, (Datum) 0);
}

static struct varlena *
copy_value(const struct varlena *value)
{
	Size		size = VARSIZE_ANY_EXHDR(value);
	struct varlena *copy = palloc(VARHDRSZ + size);

	SET_VARSIZE(copy, VARHDRSZ + size);
	memcpy(VARDATA(copy), VARDATA_ANY(value), size);
	return copy;
}

static Datum *
make_names(const chash_router *router)
{
	Datum	   *names = palloc(router->nshards * sizeof(Datum));
	uint32		i;

	for (i = 0; i < router->nshards; i++)
		names[i] = CStringGetTextDatum(chash_from_utf8(router->shards[i].name));
	return names;
}

static void
make_shortcut(chash_entry *entry)
{
	const chash_router *router = entry->router;
	chash_shortcut *shortcut = &entry->shortcut;

	if (!router->strategy->hashed ||
		!(router->hash->value || router->hash->output || entry->secret) ||
		router->dialect->key_rule != CHASH_KEY_WHOLE || router->dialect->empty_is_zero ||
		router->p.prefix || router->p.suffix || router->npins > 0)
		return;
	shortcut->shard_of_head = router->strategy->shard_of_head;
	shortcut->take = chash_router_take(router, router->hash);
	if (shortcut->take == CHASH_TAKE_TOP)
		shortcut->value = router->hash->value;
	shortcut->shift = router->hash->bits - router->bits;
	shortcut->output = router->hash->output;
	shortcut->bits = router->bits;
	if (!shortcut->value && !shortcut->output && !entry->secret)
		shortcut->shard_of_head = NULL;
	shortcut->text = chash_passes_utf8();
}

/* In a context of its own, which stays below the caller's until all has gone well. */
static chash_entry *
make_entry(const struct varlena *value)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "chash router",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(context);
	chash_entry *entry = palloc0(sizeof(*entry));
	chash_error error;

	entry->context = context;
	entry->value = copy_value(value);
	entry->fingerprint = fingerprint_of(entry->value);
	entry->router = chash_value_open(entry->value);
	if (!chash_compile(&entry->compiled, entry->router, &chash_server_host, &error))
		chash_report(&error);
	entry->names = make_names(entry->router);
	if (!entry->router->strategy->hashed)
		entry->bounds = chash_bounds_compile(entry->router);
	else if (entry->router->hash->input == CHASH_INPUT_SECRET)
		entry->secret = palloc0(sizeof(chash_held_secret));
	make_shortcut(entry);
	entry->bytes = MemoryContextMemAllocated(context, true);
	MemoryContextSwitchTo(old_context);
	return entry;
}

chash_entry *
chash_cache_get(const struct varlena *value)
{
	uint64		fingerprint;
	chash_entry *entry;
	slot	   *found;

	/* mostly a session asks for the one that it has used last */
	if (newest && chash_cache_is_entry_of(newest, value))
		return newest;

	if (!slots)
		start_cache();
	fingerprint = fingerprint_of(value);
	found = hash_search(slots, &fingerprint, HASH_FIND, NULL);
	if (found && chash_cache_is_entry_of(found->entry, value))
	{
		unlink_entry(found->entry);
		link_newest(found->entry);
		return found->entry;
	}

	entry = make_entry(value);
	prepared++;
	found = hash_search(slots, &fingerprint, HASH_ENTER, NULL);
	found->entry = entry;
	MemoryContextSetParent(entry->context, TopMemoryContext);
	link_newest(entry);
	bytes_in_use += entry->bytes;

	/* the new entry itself must stay until the caller has had a chance to pin it */
	entry->pins++;
	make_room();
	entry->pins--;
	return entry;
}

void
chash_cache_pin(chash_entry *entry)
{
	entry->pins++;
}

void
chash_cache_unpin(chash_entry *entry)
{
	entry->pins--;
	if (entry->pins == 0 && entry->stale)
		free_entry(entry);
}

static void
unpin_held(void *entry)
{
	chash_cache_unpin(entry);
}

chash_entry *
chash_cache_hold(chash_entry *entry)
{
	MemoryContextCallback *at_end = palloc(sizeof(*at_end));

	at_end->func = unpin_held;
	at_end->arg = entry;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, at_end);
	chash_cache_pin(entry);
	return entry;
}

/* (routers bigint, bytes bigint, prepared bigint, thrown_away bigint) */
Datum
chash_cache(PG_FUNCTION_ARGS)
{
	TupleDesc	desc;
	Datum		values[4];
	bool		nulls[4] = {false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = Int64GetDatum(slots ? hash_get_num_entries(slots) : 0);
	values[1] = Int64GetDatum((int64) bytes_in_use);
	values[2] = Int64GetDatum((int64) prepared);
	values[3] = Int64GetDatum((int64) thrown_away);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
