/*
 * distribute.c
 *		chash_distribute: an ordinary table becomes one that is partitioned by
 *		a router.
 *
 * A partitioned table takes its name, its rows go below that one, the old
 * table is dropped, and all that belonged to it is made again.  All in the
 * caller's transaction: until it commits nobody sees any of it, and if it
 * does not, nothing has happened.
 */
#include "table/distribute.h"

#include "language/function.h"
#include "language/naming.h"
#include "language/relatives.h"
#include "router/value.h"
#include "table/catalog_query.h"
#include "table/copy_rows.h"
#include "table/definitions.h"
#include "table/grants.h"
#include "table/leaves.h"
#include "table/partitions.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/tablespace.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(chash_distribute);

#define ROUTER_SUFFIX	"_ring"

/* By which router: one of these. */
typedef struct choice
{
	int			shards;			/* of a new ring, or 0 */
	Oid			router;			/* that exists, or InvalidOid */
	chash_router *definition;	/* of a new one, or NULL */
} choice;

/* ---- arguments ---- */

static choice
read_choice(FunctionCallInfo fcinfo)
{
	choice		choice = {0};
	int			given = !PG_ARGISNULL(2) + !PG_ARGISNULL(3) + !PG_ARGISNULL(4);

	if (given != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 given == 0 ? errmsg("the shards of the table are not given") :
				 errmsg("the shards of the table are given more than once"),
				 errhint("Pass one of shards => 4 for a ring of its own, router => 'name' for a "
						 "router that exists, or definition => chash_ring(...) for a new one.")));
	if (!PG_ARGISNULL(2))
	{
		choice.shards = PG_GETARG_INT32(2);
		if (choice.shards < 1 || choice.shards > CHASH_MAX_SHARDS)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("shards must be from 1 to %d, not %d", CHASH_MAX_SHARDS, choice.shards)));
	}
	if (!PG_ARGISNULL(3))
		choice.router = PG_GETARG_OID(3);
	if (!PG_ARGISNULL(4))
		choice.definition = chash_value_open(PG_GETARG_ROUTER(4));
	return choice;
}

/* PostgreSQL writes some definitions with the snapshot of the transaction. */
static void
check_isolation(void)
{
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot distribute a table in isolation level %s",
						GetConfigOption("transaction_isolation", false, false)),
				 errdetail("What belongs to the table is read as it is when the lock has been granted, "
						   "and the snapshot of the transaction is older."),
				 errhint("Use READ COMMITTED.")));
}

static void
lock_table(Oid table)
{
	const char *name = get_rel_name(table);

	/* nobody waits for, or with, a lock that he may not have */
	if (name && !object_ownercheck(RelationRelationId, table, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, name);
	LockRelationOid(table, AccessExclusiveLock);
	if (!get_rel_name(table))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 name ? errmsg("table \"%s\" does not exist any more", name) :
				 errmsg("relation with OID %u does not exist", table)));
	chash_check_distributable(table);
}

static const char *
access_method_of(Oid table)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	Oid			method = ((Form_pg_class) GETSTRUCT(tuple))->relam;

	ReleaseSysCache(tuple);
	return get_am_name(method);
}

static chash_distribution
read_distribution(Oid table, const char *key)
{
	chash_distribution distribution;
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	Oid			type;
	int32		typmod;
	Oid			collation;

	distribution.table = table;
	distribution.name = get_rel_name(table);
	distribution.schema = get_rel_namespace(table);
	distribution.quoted = chash_quoted_name(distribution.schema, distribution.name);
	distribution.owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);

	distribution.key_name = pstrdup(key);
	distribution.key = get_attnum(table, key);
	if (distribution.key <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of relation \"%s\" does not exist", key, distribution.name)));
	get_atttypetypmodcoll(table, distribution.key, &type, &typmod, &collation);
	(void) chash_key_kind_of_type(type);
	chash_key_check_collation(collation);
	return distribution;
}

/* ---- the router ---- */

/* The type that an operator class for the key is for. */
static Oid
operator_type(const chash_distribution *distribution)
{
	Oid			type = getBaseType(get_atttype(distribution->table, distribution->key));

	return type == VARCHAROID ? TEXTOID : type;
}

/* The operator class of a router for the key, quoted; NULL if it has none. */
static char *
find_class(Oid router, const chash_distribution *distribution)
{
	const char *type = psprintf("%u", operator_type(distribution));
	List	   *found = NIL;
	ListCell   *family;

	foreach(family, chash_operator_families_of(chash_helpers_of(router)))
		found = list_concat(found,
							chash_catalog_strings("SELECT format('%I.%I', n.nspname, o.opcname) "
												  "FROM pg_opclass o "
												  "JOIN pg_namespace n ON n.oid = o.opcnamespace "
												  "WHERE o.opcfamily = $1 AND o.opcintype = $2::oid",
												  lfirst_oid(family), type));
	return found ? linitial(found) : NULL;
}

static void
check_may_execute(Oid router)
{
	if (!DatumGetBool(DirectFunctionCall2(has_function_privilege_id, ObjectIdGetDatum(router),
										  CStringGetTextDatum("EXECUTE"))))
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_FUNCTION, get_func_name(router));
}

static void
check_router(Oid router, const chash_distribution *distribution)
{
	Oid			type = get_atttype(distribution->table, distribution->key);

	chash_check_is_router(router);
	check_may_execute(router);
	if (chash_operator_families_of(chash_helpers_of(router)) == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("router %s has no operator class for partitioned tables",
						format_procedure(router)),
				 errhint("Ask a superuser for SELECT chash_create_operator_class(%s).",
						 quote_literal_cstr(chash_quoted_name(get_func_namespace(router),
															  get_func_name(router))))));
	if (!find_class(router, distribution))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("router %s does not take keys of type %s, which column \"%s\" has",
						format_procedure(router), format_type_be(type), distribution->key_name),
				 errhint("Make a router for that type with chash_create_router.")));
}

static char *
name_of_new_router(const chash_distribution *distribution)
{
	return psprintf("%s" ROUTER_SUFFIX, distribution->name);
}

/* What making a router would only find out later. */
static void
check_new_router(const chash_distribution *distribution)
{
	const char *name = name_of_new_router(distribution);

	if (!superuser())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be superuser to make a router for partitioned tables"),
				 errdetail("Partitioned tables need an operator class, which PostgreSQL lets nobody "
						   "else create."),
				 errhint("Make a router with chash_create_router, ask a superuser to call "
						 "chash_create_operator_class for it, and pass it as router => 'name'.")));
	if (strlen(name) > CHASH_MAX_ROUTER_NAME)
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG),
				 errmsg("name \"%s\" is too long for a router", name),
				 errdetail("It has %d bytes, and may have %d.", (int) strlen(name),
						   CHASH_MAX_ROUTER_NAME),
				 errhint("Make a router with another name with chash_create_router, and pass it as "
						 "router => 'name'.")));
	if (OidIsValid(chash_find_router(name, distribution->schema)))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_FUNCTION),
				 errmsg("router \"%s\" exists already", name),
				 errhint("Pass router => %s to use it, or drop it.",
						 quote_literal_cstr(chash_quoted_name(distribution->schema, name)))));
}

/* A ring whose shards have the name of the table, and numbers. */
static chash_router *
ring_of(const chash_distribution *distribution, int shards)
{
	StringInfoData text;
	int			i;

	initStringInfo(&text);
	appendStringInfoString(&text, "{\"strategy\":\"ring\",\"shards\":[");
	for (i = 0; i < shards; i++)
	{
		if (i > 0)
			appendStringInfoChar(&text, ',');
		escape_json(&text, psprintf("%s_%d", distribution->name, i));
	}
	appendStringInfoString(&text, "]}");
	return chash_value_open(chash_value_of_text(text.data));
}

static void
give_function(const chash_distribution *distribution, const char *name, Oid key_type)
{
	chash_run(psprintf("ALTER FUNCTION %s(%s) OWNER TO %s",
					   chash_quoted_name(distribution->schema, name), chash_quoted_type(key_type),
					   quote_identifier(GetUserNameFromId(distribution->owner, false))));
}

static Oid
make_router(const choice *choice, const chash_distribution *distribution)
{
	Oid			type = getBaseType(get_atttype(distribution->table, distribution->key));
	chash_router *router = choice->definition ? choice->definition :
		ring_of(distribution, choice->shards);

	const char *name = name_of_new_router(distribution);
	Oid			function = chash_make_router(distribution->schema, name, type, router);

	/* whoever owns the table may change how it is routed; a superuser made the rest */
	if (distribution->owner != GetUserId())
	{
		give_function(distribution, name, type);
		give_function(distribution, psprintf("%s" CHASH_ORDINAL_SUFFIX, name), type);
	}
	return function;
}

/* ---- locks ---- */

/*
 * PostgreSQL takes these locks to drop a foreign key.  Taken at the end they
 * could deadlock with those who have waited all along.
 */
static void
lock_linked_tables(Oid table)
{
	ListCell   *cell;

	foreach(cell, chash_catalog_strings("SELECT DISTINCT CASE conrelid WHEN $1 THEN confrelid "
										"ELSE conrelid END AS linked FROM pg_constraint "
										"WHERE contype = 'f' AND $1 IN (conrelid, confrelid) "
										"AND conrelid <> confrelid ORDER BY linked", table, ""))
		LockRelationOid(atooid((const char *) lfirst(cell)), AccessExclusiveLock);
}

/* ---- the new table ---- */

static void
run_as(Oid user, List *commands)
{
	Oid			caller;
	int			context;

	if (commands == NIL)
		return;
	GetUserIdAndSecContext(&caller, &context);
	SetUserIdAndSecContext(user, context | SECURITY_RESTRICTED_OPERATION);
	chash_run_all(commands);
	SetUserIdAndSecContext(caller, context);
}

static Oid
make_table(const chash_distribution *distribution, const char *old, const char *class)
{
	const char *quoted_old = chash_quoted_name(distribution->schema, old);
	Oid			tablespace = get_rel_tablespace(distribution->table);

	chash_run(psprintf("ALTER TABLE %s RENAME TO %s", distribution->quoted, quote_identifier(old)));
	chash_run(psprintf("CREATE TABLE %s (LIKE %s INCLUDING ALL EXCLUDING CONSTRAINTS "
					   "EXCLUDING IDENTITY EXCLUDING INDEXES EXCLUDING STATISTICS) "
					   "PARTITION BY HASH (%s %s)%s%s", distribution->quoted, quoted_old,
					   quote_identifier(distribution->key_name), class,
					   OidIsValid(tablespace) ? " TABLESPACE " : "",
					   OidIsValid(tablespace) ? quote_identifier(get_tablespace_name(tablespace)) : ""));
	if (distribution->owner != GetUserId())
		chash_run(psprintf("ALTER TABLE %s OWNER TO %s", distribution->quoted,
						   quote_identifier(GetUserNameFromId(distribution->owner, false))));
	return get_relname_relid(distribution->name, distribution->schema);
}

static void
make_leaves(Oid old, Oid target, const chash_layout *layout)
{
	ListCell   *cell;

	chash_copy_settings(old, target);
	foreach(cell, chash_make_partitions(target, layout))
	{
		chash_copy_settings(old, lfirst_oid(cell));
		/* nobody reads the rows there who may not read them in the table */
		chash_clear_grants(lfirst_oid(cell));
	}
}

/* With other publications than these the subscribers notice nothing. */
static void
warn_of_publications(Oid target, const char *name)
{
	List	   *publications =
		chash_catalog_strings("SELECT DISTINCT p.pubname FROM pg_publication p "
							  "JOIN pg_publication_tables t ON t.pubname = p.pubname "
							  "JOIN pg_inherits i ON i.inhparent = $1 "
							  "JOIN pg_class c ON c.oid = i.inhrelid AND c.relname = t.tablename "
							  "JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = t.schemaname "
							  "WHERE NOT p.pubviaroot ORDER BY p.pubname", target, "");
	ListCell   *cell;

	foreach(cell, publications)
		ereport(WARNING,
				(errmsg("publication \"%s\" publishes the partitions of table \"%s\" under their own names",
						(char *) lfirst(cell), name),
				 errdetail("Subscribers that have only a table \"%s\" receive its changes no longer.", name),
				 errhint("Set publish_via_partition_root for the publication.")));
}

static uint64
distribute(const chash_distribution *distribution, const char *class, const chash_layout *layout)
{
	chash_definitions *definitions = chash_read_definitions(distribution->table, distribution->quoted);
	List	   *grants = chash_read_grants(distribution->table);
	char	   *old = ChooseRelationName(distribution->name, NULL, "chash_distribute",
											   distribution->schema, false);
	Oid			target = make_table(distribution, old, class);
	uint64		rows;

	make_leaves(distribution->table, target, layout);

	/* the rows have been checked when they were written: there are none yet */
	run_as(distribution->owner, definitions->checks);
	CommandCounterIncrement();
	rows = chash_copy_rows(distribution->table, target);

	chash_run_all(definitions->unlink);
	chash_run(psprintf("DROP TABLE %s", chash_quoted_name(distribution->schema, old)));
	chash_run_all(definitions->identities);
	chash_run_all(definitions->indexes);
	chash_apply_marks(definitions, distribution->schema);
	chash_run_all(definitions->foreign_keys);
	chash_run_all(definitions->rest);
	chash_apply_grants(grants, distribution->schema);
	chash_run(psprintf("ANALYZE %s", distribution->quoted));
	warn_of_publications(target, distribution->name);
	return rows;
}

/*
 * chash_distribute("table" regclass, key name, shards int, router regproc,
 *					definition chash_router, name text, modulus int, schema text,
 *					tablespace text, options jsonb, per_shard jsonb)
 */
Datum
chash_distribute(PG_FUNCTION_ARGS)
{
	choice		choice;
	chash_layout layout;
	chash_distribution distribution;
	Oid			table;
	int			level;
	uint64		rows;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be null", PG_ARGISNULL(0) ? "table" : "key")));
	check_isolation();
	choice = read_choice(fcinfo);
	layout = chash_layout_of_arguments(fcinfo, 5);
	table = PG_GETARG_OID(0);
	lock_table(table);
	distribution = read_distribution(table, NameStr(*PG_GETARG_NAME(1)));

	level = chash_begin_plain_settings(access_method_of(table));
	if (OidIsValid(choice.router))
		check_router(choice.router, &distribution);
	else
		check_new_router(&distribution);
	chash_check_definitions(&distribution);
	lock_linked_tables(table);

	if (!OidIsValid(choice.router))
		choice.router = make_router(&choice, &distribution);
	rows = distribute(&distribution, find_class(choice.router, &distribution), &layout);
	chash_end_plain_settings(level);
	PG_RETURN_INT64((int64) rows);
}
