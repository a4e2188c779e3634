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

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "miscadmin.h"
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
	Oid			schema;
	const char *name;			/* of the router, the family and its first class */
	const char *family;			/* quoted */
	Oid			key_type;
} class_maker;

/* The type of the operators for a key type: that of varchar are those of text. */
static Oid
operator_type(Oid key_type)
{
	Oid			base = getBaseType(key_type);

	return base == VARCHAROID ? TEXTOID : base;
}

static void
create_class(const class_maker *maker, const char *suffix, Oid type)
{
	const char *quoted_type = chash_quoted_type(type);
	const char *class = chash_quoted_name(maker->schema, psprintf("%s%s", maker->name, suffix));
	const char *hash = chash_quoted_name(maker->schema, psprintf("%s" HASH_SUFFIX, maker->name));

	chash_run(psprintf("CREATE FUNCTION %s(%s, pg_catalog.int8) RETURNS pg_catalog.int8 "
					   "LANGUAGE chash STABLE STRICT PARALLEL SAFE COST 1 AS %s",
					   hash, quoted_type, quote_literal_cstr(maker->name)));
	chash_run(psprintf("CREATE OPERATOR CLASS %s FOR TYPE %s USING hash FAMILY %s AS "
					   "OPERATOR 1 pg_catalog.=, FUNCTION 2 (%s, %s) %s(%s, pg_catalog.int8)",
					   class, quoted_type, maker->family,
					   quoted_type, quoted_type, hash, quoted_type));
}

/* Integers of two widths are compared without a cast, in queries and in foreign keys. */
static void
add_cross_operators(const class_maker *maker)
{
	int			i;
	int			j;

	for (i = 0; i < (int) lengthof(integers); i++)
	{
		for (j = 0; j < (int) lengthof(integers); j++)
		{
			if (i != j)
				chash_run(psprintf("ALTER OPERATOR FAMILY %s USING hash ADD "
								   "OPERATOR 1 pg_catalog.= (%s, %s)", maker->family,
								   chash_quoted_type(integers[i].type),
								   chash_quoted_type(integers[j].type)));
		}
	}
}

static void
create_integer_classes(const class_maker *maker, Oid key_type)
{
	int			i;

	for (i = 0; i < (int) lengthof(integers); i++)
	{
		if (integers[i].type != key_type)
			create_class(maker, integers[i].suffix, integers[i].type);
	}
	add_cross_operators(maker);
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

void
chash_make_operator_class(Oid router)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(router));
	Form_pg_proc form = (Form_pg_proc) GETSTRUCT(tuple);
	class_maker maker;
	Oid			type = operator_type(form->proargtypes.values[0]);
	Oid			user;
	int			context;

	maker.schema = form->pronamespace;
	maker.name = pstrdup(NameStr(form->proname));
	maker.family = chash_quoted_name(maker.schema, maker.name);
	ReleaseSysCache(tuple);

	/*
	 * Whoever plans a query runs the support functions: they are the
	 * extension owner's, whoever made the router.
	 */
	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(extension_owner(), context | SECURITY_LOCAL_USERID_CHANGE);
	chash_run(psprintf("CREATE OPERATOR FAMILY %s USING hash", maker.family));
	create_class(&maker, "", type);
	if (type == INT2OID || type == INT4OID || type == INT8OID)
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
