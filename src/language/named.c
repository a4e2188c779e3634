/*
 * named.c
 *		Records of the functions of LANGUAGE chash, kept for the life of the
 *		backend and read again when the catalogs change.
 *
 * They are found by oid and not by call site: a plan that prunes partitions
 * has new call sites in every execution.
 */
#include "language/named.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_proc.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

chash_named *chash_named_recent[CHASH_NAMED_RECENT];

static HTAB *records;

/* How often the catalogs changed: what was read before a change is not valid after it. */
static uint64 changes;

/* ---- leaving ---- */

static void
forget_recent(const chash_named *named)
{
	chash_named **recent = &chash_named_recent[named->function % CHASH_NAMED_RECENT];

	if (*recent == named)
		*recent = NULL;
}

static void
forget(chash_named *named)
{
	forget_recent(named);
	chash_version_release(&named->version);
	chash_version_release(&named->seen.version);
	hash_search(records, &named->function, HASH_REMOVE, NULL);
}

/* Functions that were dropped are never asked for again, so that all go that are not valid. */
static void
forget_invalid(void)
{
	HASH_SEQ_STATUS scan;
	chash_named *named;

	hash_seq_init(&scan, records);
	while ((named = hash_seq_search(&scan)) != NULL)
	{
		if (!named->valid || chash_version_is_stale(&named->version))
			forget(named);
	}
}

/* Whoever is in the middle of a call goes on with what was valid when it began. */
static void
function_changed(Datum arg, int cacheid, uint32 hashvalue)
{
	HASH_SEQ_STATUS scan;
	chash_named *named;

	(void) arg;
	(void) cacheid;
	changes++;
	hash_seq_init(&scan, records);
	while ((named = hash_seq_search(&scan)) != NULL)
	{
		if (hashvalue == 0 || hashvalue == named->function_hash || hashvalue == named->router_hash)
		{
			named->valid = false;
			forget_recent(named);
		}
	}
}

/* ---- entering ---- */

static void
start_records(void)
{
	HASHCTL		control = {0};

	control.keysize = sizeof(Oid);
	control.entrysize = sizeof(chash_named);
	control.hcxt = TopMemoryContext;
	records = hash_create("chash functions", 32, &control,
						  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	CacheRegisterSyscacheCallback(PROCOID, function_changed, (Datum) 0);
}

bool
chash_named_same_result(const chash_named *named, const chash_shard *a, const chash_shard *b)
{
	if (named->signature.kind == CHASH_FUNCTION_ROUTER)
		return strcmp(a->name, b->name) == 0;
	return a->id == b->id;
}

static HeapTuple
get_function(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	return tuple;
}

static void
read_router(chash_named *named)
{
	HeapTuple	tuple = get_function(named->router);

	named->router_hash = GetSysCacheHashValue1(PROCOID, ObjectIdGetDatum(named->router));
	named->xmin = HeapTupleHeaderGetXmin(tuple->t_data);
	if (TransactionIdIsCurrentTransactionId(named->xmin))
		named->cmin = HeapTupleHeaderGetCmin(tuple->t_data);
	chash_version_read(tuple, &named->version);
	chash_cache_lend_names(named->version.entry);
	if (named->version.after)
		chash_cache_lend_names(named->version.after);
	named->steady_router = named->signature.kind == CHASH_FUNCTION_ROUTER && !named->version.after;
	ReleaseSysCache(tuple);
}

chash_named *
chash_named_load(Oid function)
{
	chash_named new_record = {0};
	chash_named *named;
	HeapTuple	tuple;
	uint64		changes_before;

	if (!records)
		start_records();
	named = hash_search(records, &function, HASH_FIND, NULL);
	if (!named || !named->valid || chash_version_is_stale(&named->version))
	{
		forget_invalid();

		changes_before = changes;

		/* until all has gone well nobody knows of the record */
		new_record.function = function;
		tuple = get_function(function);
		new_record.signature = chash_function_signature(tuple);
		new_record.key_type = ((Form_pg_proc) GETSTRUCT(tuple))->proargtypes.values[0];
		get_typlenbyval(new_record.key_type, &new_record.key_length, &new_record.key_by_value);
		new_record.router = function;
		if (new_record.signature.kind != CHASH_FUNCTION_ROUTER)
			new_record.router = chash_router_of_helper(tuple, new_record.signature.key);
		ReleaseSysCache(tuple);
		new_record.function_hash = GetSysCacheHashValue1(PROCOID, ObjectIdGetDatum(function));
		read_router(&new_record);

		named = hash_search(records, &function, HASH_ENTER, NULL);
		*named = new_record;
		named->valid = changes == changes_before;
	}
	if (named->valid)
		chash_named_recent[function % CHASH_NAMED_RECENT] = named;
	return named;
}
