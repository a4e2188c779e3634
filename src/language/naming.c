/*
 * naming.c
 *		Making, reading and dropping routers by name: chash_create_router,
 *		chash_get_router, chash_drop_router.
 */
#include "language/naming.h"

#include "language/named.h"
#include "language/operator_class.h"
#include "language/relatives.h"
#include "router/json.h"
#include "router/value.h"

#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_proc.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

PG_FUNCTION_INFO_V1(chash_create_router);
PG_FUNCTION_INFO_V1(chash_get_router);
PG_FUNCTION_INFO_V1(chash_drop_router);

void
chash_run(const char *command)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute(command, false, 0) < 0)
		elog(ERROR, "could not execute \"%s\"", command);
	SPI_finish();
}

char *
chash_quoted_name(Oid schema, const char *name)
{
	return quote_qualified_identifier(get_namespace_name(schema), name);
}

char *
chash_quoted_type(Oid type)
{
	return format_type_extended(type, -1, FORMAT_TYPE_FORCE_QUALIFY);
}

static void
check_length(const char *name)
{
	if (strlen(name) > CHASH_MAX_ROUTER_NAME)
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG),
				 errmsg("router name \"%s\" is too long", name),
				 errdetail("It has %d bytes, and may have %d, so that the names of its helpers "
						   "have room for \"%s\".",
						   (int) strlen(name), (int) CHASH_MAX_ROUTER_NAME, CHASH_ORDINAL_SUFFIX)));
}

/* The function and its ordinal. */
static void
create_functions(Oid schema, const char *name, Oid key_type, const char *text)
{
	const char *type = chash_quoted_type(key_type);

	chash_run(psprintf("CREATE FUNCTION %s(%s) RETURNS pg_catalog.text LANGUAGE chash "
					   "STABLE STRICT PARALLEL SAFE COST 1 AS %s",
					   chash_quoted_name(schema, name), type, quote_literal_cstr(text)));
	chash_run(psprintf("CREATE FUNCTION %s(%s) RETURNS pg_catalog.int4 LANGUAGE chash "
					   "STABLE STRICT PARALLEL SAFE COST 1 AS %s",
					   chash_quoted_name(schema, psprintf("%s" CHASH_ORDINAL_SUFFIX, name)), type,
					   quote_literal_cstr(name)));
}

Oid
chash_make_router(Oid schema, const char *name, Oid key_type, chash_router *router)
{
	Oid			function;

	check_length(name);
	if (!SearchSysCacheExists1(TYPEOID, ObjectIdGetDatum(key_type)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("type with OID %u does not exist", key_type)));
	(void) chash_key_kind_of_type(key_type);
	create_functions(schema, name, key_type, chash_router_text(router));
	function = chash_find_router(name, schema);
	if (superuser())
		chash_make_operator_class(function);
	return function;
}

/* chash_create_router(name text, router chash_router, key_type regtype) */
Datum
chash_create_router(PG_FUNCTION_ARGS)
{
	List	   *names = textToQualifiedNameList(PG_GETARG_TEXT_PP(0));
	chash_router *router = chash_value_open(PG_GETARG_ROUTER(1));
	char	   *name;
	Oid			schema = QualifiedNameGetCreationNamespace(names, &name);
	Oid			function;

	function = chash_make_router(schema, name, PG_GETARG_OID(2), router);
	if (!superuser())
		ereport(NOTICE,
				(errmsg("router \"%s\" has no operator class for partitioned tables", name),
				 errdetail("Only superusers can create operator classes."),
				 errhint("To partition tables by this router, ask a superuser for "
						 "SELECT chash_create_operator_class(%s).",
						 quote_literal_cstr(chash_quoted_name(schema, name)))));
	PG_RETURN_OID(function);
}

/* chash_get_router(router regproc): while it is changed, the one that it becomes */
Datum
chash_get_router(PG_FUNCTION_ARGS)
{
	Oid			function = PG_GETARG_OID(0);
	const chash_version *version;
	struct varlena *value;
	struct varlena *copy;

	chash_check_is_router(function);
	version = &chash_named_get(function)->version;
	value = (version->after ? version->after : version->entry)->value;
	copy = palloc(VARSIZE(value));
	memcpy(copy, value, VARSIZE(value));
	PG_RETURN_POINTER(copy);
}

void
chash_check_router_owner(Oid router)
{
	chash_check_is_router(router);
	if (!object_ownercheck(ProcedureRelationId, router, GetUserId()))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_FUNCTION, get_func_name(router));
}

static void
add_objects(ObjectAddresses *objects, Oid class, List *oids)
{
	ListCell   *cell;
	ObjectAddress object;

	foreach(cell, oids)
	{
		ObjectAddressSet(object, class, lfirst_oid(cell));
		add_exact_object_address(&object, objects);
	}
}

/*
 * chash_drop_router(router regproc)
 *
 * The helpers of an operator class belong to a superuser, and go with the
 * router all the same.
 */
Datum
chash_drop_router(PG_FUNCTION_ARGS)
{
	Oid			router = PG_GETARG_OID(0);
	ObjectAddresses *objects = new_object_addresses();
	List	   *helpers;

	chash_check_router_owner(router);
	helpers = chash_helpers_of(router);
	add_objects(objects, OperatorFamilyRelationId, chash_operator_families_of(helpers));
	add_objects(objects, ProcedureRelationId, lappend_oid(helpers, router));
	performMultipleDeletions(objects, DROP_RESTRICT, 0);
	free_object_addresses(objects);
	PG_RETURN_VOID();
}
