/*
 * function.c
 *		Functions of LANGUAGE chash as the catalog has them.
 */
#include "language/function.h"

#include "access/htup_details.h"
#include "catalog/pg_language.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/proclang.h"
#include "common/hashfn.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#define LANGUAGE_NAME	"chash"

Oid
chash_language(void)
{
	return get_language_oid(LANGUAGE_NAME, true);
}

static Oid
language_of(HeapTuple function)
{
	return ((Form_pg_proc) GETSTRUCT(function))->prolang;
}

bool
chash_is_ours(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	bool		ours;

	if (!HeapTupleIsValid(tuple))
		return false;
	ours = OidIsValid(chash_language()) && language_of(tuple) == chash_language();
	ReleaseSysCache(tuple);
	return ours;
}

pg_noreturn static void
refuse_signature(Form_pg_proc form)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_FUNCTION_DEFINITION),
			 errmsg("function \"%s\" is not declared as a function of LANGUAGE chash can be",
					NameStr(form->proname)),
			 errdetail("A router is declared as name(key_type) RETURNS text, its helpers as "
					   "name_ordinal(key_type) RETURNS integer and "
					   "name_hash(key_type, bigint) RETURNS bigint, without defaults."),
			 errhint("chash_create_router makes all that is needed.")));
}

chash_signature
chash_function_signature(HeapTuple function)
{
	Form_pg_proc form = (Form_pg_proc) GETSTRUCT(function);
	chash_signature signature;
	bool		modes_are_null;
	int			nargs = 1;

	(void) SysCacheGetAttr(PROCOID, function, Anum_pg_proc_proargmodes, &modes_are_null);
	switch (form->prorettype)
	{
		case TEXTOID:
			signature.kind = CHASH_FUNCTION_ROUTER;
			break;
		case INT4OID:
			signature.kind = CHASH_FUNCTION_ORDINAL;
			break;
		case INT8OID:
			signature.kind = CHASH_FUNCTION_HASH;
			nargs = 2;
			break;
		default:
			refuse_signature(form);
	}
	/* by a default a function would go, and tables with it, when what that refers to goes */
	if (form->prokind != PROKIND_FUNCTION || form->proretset || !modes_are_null ||
		form->pronargs != nargs || form->pronargdefaults != 0 ||
		(nargs == 2 && form->proargtypes.values[1] != INT8OID))
		refuse_signature(form);
	if (form->provolatile == PROVOLATILE_IMMUTABLE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_FUNCTION_DEFINITION),
				 errmsg("function \"%s\" of LANGUAGE chash cannot be IMMUTABLE",
						NameStr(form->proname)),
				 errdetail("Its results change when the router is changed."),
				 errhint("Declare it STABLE.")));
	signature.key = chash_key_kind_of_type(form->proargtypes.values[0]);
	return signature;
}

char *
chash_function_body(HeapTuple function)
{
	bool		isnull;
	Datum		body = SysCacheGetAttr(PROCOID, function, Anum_pg_proc_prosrc, &isnull);

	if (isnull)
		elog(ERROR, "null prosrc for function %u",
			 ((Form_pg_proc) GETSTRUCT(function))->oid);
	return TextDatumGetCString(body);
}

static bool
is_integer(chash_key_kind kind)
{
	return kind == CHASH_KIND_INT2 || kind == CHASH_KIND_INT4 || kind == CHASH_KIND_INT8;
}

bool
chash_kinds_agree(chash_key_kind a, chash_key_kind b)
{
	return a == b || (is_integer(a) && is_integer(b));
}

Oid
chash_find_router(const char *name, Oid schema)
{
	Oid			language = chash_language();
	CatCList   *functions = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(name));
	Oid			found = InvalidOid;
	int			i;

	for (i = 0; i < functions->n_members; i++)
	{
		Form_pg_proc form = (Form_pg_proc) GETSTRUCT(&functions->members[i]->tuple);

		if (form->pronamespace == schema && form->prolang == language &&
			form->prorettype == TEXTOID)
			found = form->oid;
	}
	ReleaseSysCacheList(functions);
	return found;
}

/* The kind of keys that a router takes. */
static chash_key_kind
key_of_router(Oid router)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(router));
	chash_key_kind kind;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", router);
	kind = chash_function_signature(tuple).key;
	ReleaseSysCache(tuple);
	return kind;
}

Oid
chash_router_of_helper(HeapTuple helper, chash_key_kind key)
{
	Form_pg_proc form = (Form_pg_proc) GETSTRUCT(helper);
	char	   *name = chash_function_body(helper);
	Oid			router = chash_find_router(name, form->pronamespace);

	if (!OidIsValid(router))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("function %s belongs to a router \"%s\" that does not exist",
						format_procedure(form->oid), name),
				 errdetail("The body of a helper is the name of a router in its schema.")));
	if (!chash_kinds_agree(key, key_of_router(router)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_FUNCTION_DEFINITION),
				 errmsg("function %s takes other keys than its router %s",
						format_procedure(form->oid), format_procedure(router))));
	return router;
}

Oid
chash_router_of_function(Oid function)
{
	HeapTuple	tuple;
	chash_signature signature;
	Oid			router = function;

	if (!chash_is_ours(function))
		return InvalidOid;
	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	/* nobody has it locked, and to look for the language may have told of its end */
	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	signature = chash_function_signature(tuple);
	if (signature.kind != CHASH_FUNCTION_ROUTER)
		router = chash_router_of_helper(tuple, signature.key);
	ReleaseSysCache(tuple);
	return router;
}

void
chash_check_is_router(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("function with OID %u does not exist", function)));
	if (language_of(tuple) != chash_language() ||
		chash_function_signature(tuple).kind != CHASH_FUNCTION_ROUTER)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("function %s is not a router", format_procedure(function)),
				 errhint("The view chash_routers lists the routers.")));
	ReleaseSysCache(tuple);
}

/* Of two transactions that make routers of one name, the later one sees that of the other. */
static void
lock_name(Form_pg_proc router)
{
	const char *name = NameStr(router->proname);
	uint32		hash = hash_bytes((const unsigned char *) name, (int) strlen(name));

	/* no object has such a lock, as a schema has no parts with numbers */
	LockDatabaseObject(NamespaceRelationId, router->pronamespace,
					   (uint16) (1 + hash % PG_INT16_MAX), AccessExclusiveLock);
}

/* The name alone means the router then, to regproc and to its helpers. */
void
chash_check_only_function(HeapTuple router)
{
	Form_pg_proc form = (Form_pg_proc) GETSTRUCT(router);
	CatCList   *functions;
	int			i;

	lock_name(form);
	functions = SearchSysCacheList1(PROCNAMEARGSNSP, NameGetDatum(&form->proname));
	for (i = 0; i < functions->n_members; i++)
	{
		Form_pg_proc other = (Form_pg_proc) GETSTRUCT(&functions->members[i]->tuple);

		if (other->pronamespace == form->pronamespace && other->oid != form->oid)
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_FUNCTION),
					 errmsg("router \"%s\" cannot share its name with another function",
							NameStr(form->proname)),
					 errdetail("Schema \"%s\" has the function %s, too.",
							   get_namespace_name(form->pronamespace),
							   format_procedure(other->oid)),
					 errhint("Choose another name.")));
	}
	ReleaseSysCacheList(functions);
}
