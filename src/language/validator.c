/*
 * validator.c
 *		The validator of LANGUAGE chash: what CREATE FUNCTION accepts.
 */
#include "language/function.h"
#include "language/relatives.h"
#include "language/version.h"

#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/pg_proc.h"
#include "utils/guc.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(chash_validator);

/* A helper is of no use without its router, and nobody drops that by mistake. */
static void
depend_on_router(Oid helper, Oid router)
{
	ObjectAddress dependent;
	ObjectAddress referenced;

	/* anybody can call the validator, and again */
	if (list_member_oid(chash_helpers_of(router), helper))
		return;
	ObjectAddressSet(dependent, ProcedureRelationId, helper);
	ObjectAddressSet(referenced, ProcedureRelationId, router);
	recordDependencyOn(&dependent, &referenced, DEPENDENCY_NORMAL);
}

static void
validate_helper(HeapTuple tuple, chash_key_kind key)
{
	Form_pg_proc form = (Form_pg_proc) GETSTRUCT(tuple);
	Oid			router;

	/* a restore may make it before its router */
	if (!check_function_bodies &&
		!OidIsValid(chash_find_router(chash_function_body(tuple), form->pronamespace)))
		return;
	router = chash_router_of_helper(tuple, key);
	depend_on_router(form->oid, router);
}

Datum
chash_validator(PG_FUNCTION_ARGS)
{
	Oid			function = PG_GETARG_OID(0);
	HeapTuple	tuple;
	chash_signature signature;
	chash_version version;

	if (!CheckFunctionValidatorAccess(fcinfo->flinfo->fn_oid, function))
		PG_RETURN_VOID();
	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	signature = chash_function_signature(tuple);
	if (signature.kind != CHASH_FUNCTION_ROUTER)
		validate_helper(tuple, signature.key);
	else
	{
		chash_check_only_function(tuple);
		if (check_function_bodies)
		{
			chash_version_read(tuple, &version);
			chash_version_release(&version);
		}
	}
	ReleaseSysCache(tuple);
	PG_RETURN_VOID();
}
