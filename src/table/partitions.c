/*
 * partitions.c
 *		chash_create_partitions: the partitions that a router has shards for.
 *
 * They are made by PostgreSQL's own command, in one transaction: all of them
 * or none.  What makes a partition that of a shard is its remainder, which is
 * the shard's id; its name is only for people.
 */
#include "table/partitions.h"

#include "language/named.h"
#include "language/naming.h"
#include "router/server.h"
#include "router/value.h"
#include "table/leaves.h"
#include "table/owner.h"
#include "table/routed.h"
#include "table/sibling.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(chash_create_partitions);

/* ---- the modulus ---- */

static void
check_modulus(int modulus)
{
	if (modulus < 2 || modulus > CHASH_MAX_MODULUS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("modulus must be from 2 to %d, not %d", CHASH_MAX_MODULUS, modulus),
				 errhint("It must be greater than the ids of all shards that there will ever be.")));
}

static int
choose_modulus(Oid table, List *leaves, int asked)
{
	int			found = (int) chash_modulus_of(leaves);

	if (asked != 0)
		check_modulus(asked);
	if (leaves && found == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("partitions of table \"%s\" have different moduli", get_rel_name(table)),
				 errdetail("A router sends keys to the partitions of one modulus."),
				 errhint("Detach all partitions but those of one modulus.")));
	if (found != 0 && asked != 0 && asked != found)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("partitions of table \"%s\" have the modulus %d, not %d",
						get_rel_name(table), found, asked),
				 errhint("Leave out the argument \"modulus\" to use theirs.")));
	if (found != 0)
		return found;
	return asked != 0 ? asked : CHASH_DEFAULT_MODULUS;
}

static void
check_ids(const chash_router *router, int modulus, bool has_partitions)
{
	uint32		i;

	for (i = 0; i < router->nshards; i++)
	{
		if (router->shards[i].id >= (uint32) modulus)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("shard \"%s\" has the id %u, but ids must be below the modulus %d",
							chash_from_utf8(router->shards[i].name), router->shards[i].id, modulus),
					 has_partitions ?
					 errhint("The modulus of a table cannot change: give the shard an id that is free.") :
					 errhint("Pass a greater modulus, or give the shard an id that is free.")));
	}
}

/* ---- what the user is told ---- */

/* Whether PostgreSQL can join two tables of a router partition by partition. */
static bool
can_join(const chash_routed *a, uint32 modulus, const chash_routed *b)
{
	List	   *leaves = chash_leaves_of(b->table, NoLock);

	return a->operator_class == b->operator_class && a->collation == b->collation &&
		(leaves == NIL || chash_modulus_of(leaves) == modulus);
}

/* Say with which tables a table can be joined shard by shard. */
static void
notice_colocated(const chash_routed *routed, uint32 modulus)
{
	StringInfoData names;
	bool		all = true;
	ListCell   *cell;
	chash_routed other;

	initStringInfo(&names);
	foreach(cell, chash_tables_of_router(routed->router))
	{
		if (lfirst_oid(cell) == routed->table || !chash_get_routed(lfirst_oid(cell), &other))
			continue;
		appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "",
						 DatumGetCString(DirectFunctionCall1(regclassout, ObjectIdGetDatum(other.table))));
		if (!can_join(routed, modulus, &other))
			all = false;
	}
	if (names.len == 0)
		return;
	ereport(NOTICE,
			(errmsg("table \"%s\" is co-located with %s", get_rel_name(routed->table), names.data),
			 errdetail("Router %s sends equal keys of all of them to the same shard.",
					   format_procedure(routed->router)),
			 all ?
			 errhint("With enable_partitionwise_join, joins by the key run partition by partition.") :
			 errhint("With enable_partitionwise_join, joins by the key run partition by partition "
					 "between tables that have one modulus and one type of keys, which not all of "
					 "these have.")));
}

/* ---- making partitions ---- */

static bool
may_create(Oid role, Oid schema)
{
	return DatumGetBool(DirectFunctionCall3(has_schema_privilege_id_id, ObjectIdGetDatum(role),
											ObjectIdGetDatum(schema), CStringGetTextDatum("CREATE")));
}

/* Index expressions of a table run as its owner, who made them, where he may do all of it himself. */
static void
run_as_owner(const char *command, Oid owner, Oid schema)
{
	chash_self	self;

	if (may_create(owner, schema))
	{
		self = chash_become_owner(owner);
		chash_run(command);
		chash_become_self(&self);
	}
	else
		chash_run(command);
}

static Oid
make_partition(const chash_layout *layout, Oid table, const chash_shard *shard, int modulus)
{
	Oid			schema;
	char	   *name;
	char	   *command = chash_partition_command(layout, table, shard, modulus, &schema, &name);
	Oid			owner = chash_owner_of(table);
	Oid			partition;

	if (owner == GetUserId())
		chash_run(command);
	else
		run_as_owner(command, owner, schema);

	/* whoever may act for the owner of a table acts for him, and its partitions are his */
	partition = get_relname_relid(name, schema);
	if (chash_owner_of(partition) != owner)
		chash_run(psprintf("ALTER TABLE %s OWNER TO %s", chash_quoted_name(schema, name),
						   quote_identifier(GetUserNameFromId(owner, false))));
	return partition;
}

/* Say so when a table that is no partition has the name that people expect. */
static void
notice_name(const chash_layout *layout, const chash_shard *shard, Oid partition)
{
	const char *expected = chash_from_utf8(shard->name);
	const char *name = get_rel_name(partition);

	if (strcmp(layout->name, CHASH_NAME_OF_SHARD) == 0 && !layout->per_shard &&
		strcmp(name, expected) != 0)
		ereport(NOTICE,
				(errmsg("the partition of shard \"%s\" is called \"%s\"", expected, name),
				 errdetail("Its schema has a table or type \"%s\" already.", expected)));
}

static List *
make_missing(Oid table, const chash_router *router, List *leaves, const chash_layout *layout,
			 int modulus)
{
	chash_layout complete = *layout;
	chash_siblings *siblings = NULL;
	Bitmapset  *there = chash_remainders_of(leaves);
	List	   *made = NIL;
	uint32		i;

	for (i = 0; i < router->nshards; i++)
	{
		if (bms_is_member((int) router->shards[i].id, there))
			continue;
		if (!made)
			siblings = chash_read_siblings(table, &complete);
		made = lappend_oid(made, make_partition(&complete, table, &router->shards[i], modulus));
		if (!siblings)
			continue;
		chash_copy_siblings(siblings, llast_oid(made));
		notice_name(layout, &router->shards[i], llast_oid(made));
	}
	if (siblings)
		chash_report_siblings(siblings, table);
	return made;
}

void
chash_check_room(Oid table, const chash_router *router)
{
	List	   *leaves = chash_leaves_of(table, AccessShareLock);
	Oid			schema = get_rel_namespace(table);
	chash_layout layout = {0};

	(void) chash_read_siblings(table, &layout);
	if (layout.schema)
		schema = get_namespace_oid(layout.schema, false);
	check_ids(router, choose_modulus(table, leaves, 0), leaves != NIL);
	if (!may_create(chash_owner_of(table), schema) && !may_create(GetUserId(), schema))
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_SCHEMA, get_namespace_name(schema));
}

List *
chash_make_partitions(Oid table, const chash_layout *layout)
{
	List	   *made;
	List	   *leaves;
	chash_routed routed;
	chash_router *router;
	int			modulus;

	/* nobody waits for, or with, a lock that he may not have */
	chash_require_routed(table, &routed);
	if (!object_ownercheck(RelationRelationId, table, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, get_rel_name(table));
	LockRelationOid(table, AccessExclusiveLock);
	chash_require_routed(table, &routed);

	router = chash_version_copy(&chash_named_get(routed.router)->version);
	leaves = chash_leaves_of(table, AccessShareLock);
	modulus = choose_modulus(table, leaves, layout->modulus);
	check_ids(router, modulus, leaves != NIL);
	chash_check_layout(layout, router);

	made = make_missing(table, router, leaves, layout, modulus);
	if (made)
		notice_colocated(&routed, (uint32) modulus);
	return made;
}

static char *
text_argument(FunctionCallInfo fcinfo, int argno)
{
	return PG_ARGISNULL(argno) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(argno));
}

/* The name of partitions, and where they are to be: schema, tablespace, options and per_shard. */
static chash_layout
read_layout(FunctionCallInfo fcinfo, int name, int schema)
{
	chash_layout layout = {0};

	layout.name = text_argument(fcinfo, name);
	if (!layout.name)
		layout.name = CHASH_NAME_OF_SHARD;
	layout.schema = text_argument(fcinfo, schema);
	layout.tablespace = text_argument(fcinfo, schema + 1);
	layout.options = PG_ARGISNULL(schema + 2) ? NULL : PG_GETARG_JSONB_P(schema + 2);
	layout.per_shard = PG_ARGISNULL(schema + 3) ? NULL : PG_GETARG_JSONB_P(schema + 3);
	return layout;
}

chash_layout
chash_layout_of_new_shards(FunctionCallInfo fcinfo, int first)
{
	return read_layout(fcinfo, first, first + 1);
}

chash_layout
chash_layout_of_arguments(FunctionCallInfo fcinfo, int first)
{
	chash_layout layout = read_layout(fcinfo, first, first + 2);

	if (!PG_ARGISNULL(first + 1))
	{
		layout.modulus = PG_GETARG_INT32(first + 1);
		check_modulus(layout.modulus);
	}
	return layout;
}

/*
 * chash_create_partitions("table" regclass, name text, modulus int, schema text,
 *						   tablespace text, options jsonb, per_shard jsonb)
 */
Datum
chash_create_partitions(PG_FUNCTION_ARGS)
{
	FuncCallContext *context;
	List	   *made;
	Oid			partition;

	if (SRF_IS_FIRSTCALL())
	{
		chash_layout layout;
		MemoryContext old_context;

		context = SRF_FIRSTCALL_INIT();
		if (PG_ARGISNULL(0))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument \"table\" must not be null")));
		layout = chash_layout_of_arguments(fcinfo, 1);
		made = chash_make_partitions(PG_GETARG_OID(0), &layout);
		old_context = MemoryContextSwitchTo(context->multi_call_memory_ctx);
		context->user_fctx = list_copy(made);
		MemoryContextSwitchTo(old_context);
	}
	context = SRF_PERCALL_SETUP();
	made = context->user_fctx;
	if (context->call_cntr >= (uint64) list_length(made))
		SRF_RETURN_DONE(context);
	/* the macro counts first */
	partition = list_nth_oid(made, (int) context->call_cntr);
	SRF_RETURN_NEXT(context, ObjectIdGetDatum(partition));
}
