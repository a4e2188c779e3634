/*
 * operator_class.c
 *		chash_create_operator_class: what PARTITION BY HASH (key router) needs.
 *
 * The class of the router's own key type has the router's name; for integers
 * there is one more for each other width, in the same family, so that keys of
 * any width are pruned.  Support function 1 is left out: without it neither
 * joins nor indexes use the family for hashing.
 */
#include "language/operator_class.h"

#include "language/function.h"
#include "language/naming.h"

#include "access/hash.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_am.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/extension.h"
#include "miscadmin.h"
#include "nodes/value.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(chash_create_operator_class);

#define HASH_SUFFIX		"_hash"

static const struct
{
	Oid			type;
	const char *suffix;
}			integers[] = {{INT2OID, "_int2"}, {INT4OID, "_int4"}, {INT8OID, "_int8"}};

typedef struct class_maker
{
	Oid			router;
	Oid			schema;
	const char *name;			/* of the router, the family and its first class */
	const char *quoted_family;
	Oid			family;
} class_maker;

/* The type of the operators for a key type: that of varchar are those of text. */
static Oid
operator_type(Oid key_type)
{
	Oid			base = getBaseType(key_type);

	return base == VARCHAROID ? TEXTOID : base;
}

/* A name in the router's schema, for the parser. */
static List *
name_list(const class_maker *maker, const char *name)
{
	return list_make2(makeString(get_namespace_name(maker->schema)), makeString(pstrdup(name)));
}

/*
 * Whoever may create functions in the schema may have made one of this name
 * before, and waits for others to run it.  A restore without owners makes it
 * somebody's, too: the function is then taken over.
 */
static void
create_hash_function(const class_maker *maker, const char *name, Oid type)
{
	Oid			arguments[2] = {type, INT8OID};
	Oid			found = LookupFuncName(name_list(maker, name), 2, arguments, true);
	char	   *signature = psprintf("%s(%s, pg_catalog.int8)",
									 chash_quoted_name(maker->schema, name), chash_quoted_type(type));

	if (OidIsValid(found) && chash_router_of_function(found) != maker->router)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_FUNCTION),
				 errmsg("function %s exists, and is none of router \"%s\"",
						format_procedure(found), maker->name),
				 errdetail("Whoever plans a query of a partitioned table would run it."),
				 errhint("Drop or rename that function.")));
	if (OidIsValid(found))
		chash_run(psprintf("ALTER FUNCTION %s OWNER TO %s", signature,
						   quote_identifier(GetUserNameFromId(GetUserId(), false))));
	chash_run(psprintf("CREATE OR REPLACE FUNCTION %s RETURNS pg_catalog.int8 "
					   "LANGUAGE chash STABLE STRICT PARALLEL SAFE COST 1 AS %s",
					   signature, quote_literal_cstr(maker->name)));
}

/* A class that has lost its function, as DROP EXTENSION does to it, gets one again. */
static void
create_class(const class_maker *maker, const char *suffix, Oid type)
{
	const char *type_name = chash_quoted_type(type);
	const char *class = psprintf("%s%s", maker->name, suffix);
	const char *function = psprintf("%s" HASH_SUFFIX, maker->name);
	const char *support;

	create_hash_function(maker, function, type);
	support = psprintf("FUNCTION 2 (%s, %s) %s(%s, pg_catalog.int8)", type_name, type_name,
					   chash_quoted_name(maker->schema, function), type_name);
	if (!OidIsValid(get_opclass_oid(HASH_AM_OID, name_list(maker, class), true)))
		chash_run(psprintf("CREATE OPERATOR CLASS %s FOR TYPE %s USING hash FAMILY %s AS "
						   "OPERATOR 1 pg_catalog.=, %s",
						   chash_quoted_name(maker->schema, class), type_name,
						   maker->quoted_family, support));
	else if (!OidIsValid(get_opfamily_proc(maker->family, type, type, HASHEXTENDED_PROC)))
		chash_run(psprintf("ALTER OPERATOR FAMILY %s USING hash ADD %s",
						   maker->quoted_family, support));
}

/* Integers of two widths are compared without a cast, in queries and in foreign keys. */
static void
add_cross_operator(const class_maker *maker, Oid left, Oid right)
{
	if (left != right &&
		!OidIsValid(get_opfamily_member(maker->family, left, right, HTEqualStrategyNumber)))
		chash_run(psprintf("ALTER OPERATOR FAMILY %s USING hash ADD OPERATOR 1 pg_catalog.= (%s, %s)",
						   maker->quoted_family, chash_quoted_type(left), chash_quoted_type(right)));
}

static bool
is_integer(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID;
}

static void
create_integer_classes(const class_maker *maker, Oid key_type)
{
	int			i;
	int			j;

	for (i = 0; i < (int) lengthof(integers); i++)
	{
		if (integers[i].type != key_type)
			create_class(maker, integers[i].suffix, integers[i].type);
	}
	for (i = 0; i < (int) lengthof(integers); i++)
	{
		for (j = 0; j < (int) lengthof(integers); j++)
			add_cross_operator(maker, integers[i].type, integers[j].type);
	}
}

static Oid
extension_owner(void)
{
	Oid			extension = get_extension_oid("chash", false);
	Relation	relation = table_open(ExtensionRelationId, AccessShareLock);
	HeapTuple	tuple = get_catalog_object_by_oid(relation, Anum_pg_extension_oid, extension);
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "could not find tuple for extension %u", extension);
	owner = ((Form_pg_extension) GETSTRUCT(tuple))->extowner;
	table_close(relation, AccessShareLock);
	return owner;
}

static void
check_extension_owner(Oid owner)
{
	if (!superuser_arg(owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("owner \"%s\" of extension \"chash\" must be superuser for operator classes "
						"to be created", GetUserNameFromId(owner, false)),
				 errdetail("Operator classes and their functions belong to the owner of the extension, "
						   "because queries run them as whoever makes the query."),
				 errhint("Make the owner a superuser, or REASSIGN what it owns to one.")));
}

void
chash_make_operator_class(Oid router)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(router));
	Form_pg_proc form;
	class_maker maker;
	Oid			type;
	Oid			owner = extension_owner();
	Oid			user;
	int			context;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", router);
	form = (Form_pg_proc) GETSTRUCT(tuple);
	type = operator_type(form->proargtypes.values[0]);
	check_extension_owner(owner);
	maker.router = router;
	maker.schema = form->pronamespace;
	maker.name = pstrdup(NameStr(form->proname));
	maker.quoted_family = chash_quoted_name(maker.schema, maker.name);
	ReleaseSysCache(tuple);

	/*
	 * Whoever plans a query runs the support functions: they are the
	 * extension owner's, whoever made the router.
	 */
	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(owner, context | SECURITY_LOCAL_USERID_CHANGE);
	if (!OidIsValid(get_opfamily_oid(HASH_AM_OID, name_list(&maker, maker.name), true)))
		chash_run(psprintf("CREATE OPERATOR FAMILY %s USING hash", maker.quoted_family));
	maker.family = get_opfamily_oid(HASH_AM_OID, name_list(&maker, maker.name), false);
	create_class(&maker, "", type);
	if (is_integer(type))
		create_integer_classes(&maker, type);
	SetUserIdAndSecContext(user, context);
}

/* chash_create_operator_class(router regproc) */
Datum
chash_create_operator_class(PG_FUNCTION_ARGS)
{
	Oid			router = PG_GETARG_OID(0);

	chash_check_is_router(router);
	if (!superuser())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be superuser to create an operator class"),
				 errdetail("PostgreSQL lets nobody else do so: a wrong one could crash the server."),
				 errhint("Ask a superuser to call chash_create_operator_class for router %s. "
						 "Everything but partitioned tables works without.",
						 format_procedure(router))));
	chash_make_operator_class(router);
	PG_RETURN_VOID();
}
