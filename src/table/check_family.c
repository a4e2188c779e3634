/*
 * check_family.c
 *		Whether the functions of a router, its operator family and what guards
 *		them are there and agree.
 */
#include "table/check.h"

#include "language/function.h"
#include "language/relatives.h"
#include "router/key.h"

#include "access/hash.h"
#include "access/stratnum.h"
#include "catalog/dependency.h"
#include "catalog/partition.h"
#include "catalog/pg_event_trigger.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "common/hashfn.h"
#include "router/server.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

static const struct
{
	Oid			type;
	chash_key_kind kind;
	int64		min;
	int64		max;
}			integers[] =
{
	{INT2OID, CHASH_KIND_INT2, PG_INT16_MIN, PG_INT16_MAX},
	{INT4OID, CHASH_KIND_INT4, PG_INT32_MIN, PG_INT32_MAX},
	{INT8OID, CHASH_KIND_INT8, PG_INT64_MIN, PG_INT64_MAX}
};

/* A function that is asked where it sends keys. */
typedef struct asked
{
	FmgrInfo	function;
	chash_signature signature;
} asked;

static chash_signature
signature_of(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	chash_signature signature = chash_function_signature(tuple);

	ReleaseSysCache(tuple);
	return signature;
}

static void
add_function(chash_findings *findings, Oid function)
{
	asked	   *entry = palloc(sizeof(*entry));

	fmgr_info(function, &entry->function);
	entry->signature = signature_of(function);
	findings->functions = lappend(findings->functions, entry);
}

/* ---- the operator family ---- */

/* A function that should send keys where the router does; others' are not called. */
static void
check_function(chash_findings *findings, Oid function)
{
	if (!chash_is_ours(function))
		chash_found(findings, "functions disagree", InvalidOid, NULL, CHASH_ROWS_UNKNOWN,
					psprintf("Function %s is not one of LANGUAGE chash.", format_procedure(function)));
	else if (chash_router_of_function(function) != findings->routed.router)
		chash_found(findings, "functions disagree", InvalidOid, NULL, CHASH_ROWS_UNKNOWN,
					psprintf("Function %s belongs to another router.", format_procedure(function)));
	else
		add_function(findings, function);
}

static void
check_support(chash_findings *findings, Oid family, Oid type)
{
	Oid			function = get_opfamily_proc(family, type, type, HASHEXTENDED_PROC);

	if (!OidIsValid(function))
		chash_found(findings, "missing support function", InvalidOid, NULL, CHASH_ROWS_UNKNOWN,
					psprintf("The operator family has none for type %s: partitions are not pruned "
							 "for keys of this type.", format_type_be(type)));
	else if (chash_is_ours(function) && signature_of(function).key != chash_key_kind_of_type(type))
		chash_found(findings, "functions disagree", InvalidOid, NULL, CHASH_ROWS_UNKNOWN,
					psprintf("Function %s is called with keys of type %s.",
							 format_procedure(function), format_type_be(type)));
	else
		check_function(findings, function);
}

static void
check_operator(chash_findings *findings, Oid family, Oid left, Oid right)
{
	if (!OidIsValid(get_opfamily_member(family, left, right, HTEqualStrategyNumber)))
		chash_found(findings, "missing operator", InvalidOid, NULL, CHASH_ROWS_UNKNOWN,
					psprintf("The operator family has no equality of %s and %s: partitions are not "
							 "pruned by it.", format_type_be(left), format_type_be(right)));
}

static bool
is_integer(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID;
}

void
chash_check_family(chash_findings *findings)
{
	Oid			family = get_opclass_family(findings->routed.operator_class);
	Oid			type = get_opclass_input_type(findings->routed.operator_class);
	ListCell   *cell;
	int			i;
	int			j;

	add_function(findings, findings->routed.router);
	foreach(cell, chash_helpers_of(findings->routed.router))
	{
		if (signature_of(lfirst_oid(cell)).kind == CHASH_FUNCTION_ORDINAL)
			check_function(findings, lfirst_oid(cell));
	}
	if (!is_integer(type))
		check_support(findings, family, type);
	for (i = 0; is_integer(type) && i < (int) lengthof(integers); i++)
	{
		check_support(findings, family, integers[i].type);
		for (j = 0; j < (int) lengthof(integers); j++)
			check_operator(findings, family, integers[i].type, integers[j].type);
	}
}

/* ---- what the functions say ---- */

/* A key for a function, which takes keys of another kind only if both are integers; or false. */
static bool
convert_key(chash_key_kind from, chash_key_kind to, Datum key, Datum *converted)
{
	int64		number;
	int			i = 0;

	*converted = key;
	if (from == to)
		return true;
	number = chash_key_integer(from, key);
	while (integers[i].kind != to)
		i++;
	if (number < integers[i].min || number > integers[i].max)
		return false;
	if (to == CHASH_KIND_INT2)
		*converted = Int16GetDatum((int16) number);
	else if (to == CHASH_KIND_INT4)
		*converted = Int32GetDatum((int32) number);
	else
		*converted = Int64GetDatum(number);
	return true;
}

/* Whether a function means the shard with an id, as PostgreSQL understands it. */
static bool
agrees(chash_findings *findings, asked *asked, Datum key, uint32 id)
{
	Oid			collation = findings->routed.collation;
	const char *shard;

	switch (asked->signature.kind)
	{
		case CHASH_FUNCTION_ROUTER:
			shard = chash_shard_of_id(findings, id);
			return shard &&
				strcmp(shard, TextDatumGetCString(FunctionCall1Coll(&asked->function, collation, key))) == 0;
		case CHASH_FUNCTION_ORDINAL:
			return DatumGetInt32(FunctionCall1Coll(&asked->function, collation, key)) == (int32) id;
		case CHASH_FUNCTION_HASH:
			return hash_combine64(0, DatumGetUInt64(FunctionCall2Coll(&asked->function, collation, key,
																	  UInt64GetDatum(HASH_PARTITION_SEED)))) == id;
	}
	return false;
}

static int
disagreements_on(chash_findings *findings, chash_key_kind kind, Datum key, uint32 id)
{
	int			disagreements = 0;
	ListCell   *cell;

	foreach(cell, findings->functions)
	{
		asked	   *asked = lfirst(cell);
		Datum		converted;

		if (convert_key(kind, asked->signature.key, key, &converted) &&
			!agrees(findings, asked, converted, id))
			disagreements++;
	}
	return disagreements;
}

int
chash_disagreements(chash_findings *findings, Datum key, uint32 id)
{
	return disagreements_on(findings, signature_of(findings->support).key, key, id);
}

/* ---- the guards ---- */

static void
check_guard(chash_findings *findings, const char *name)
{
	HeapTuple	tuple = SearchSysCache1(EVENTTRIGGERNAME, CStringGetDatum(name));
	Form_pg_event_trigger form;

	if (!HeapTupleIsValid(tuple))
	{
		chash_found(findings, "missing guard", InvalidOid, NULL, CHASH_ROWS_UNKNOWN,
					psprintf("There is no event trigger \"%s\".", name));
		return;
	}
	form = (Form_pg_event_trigger) GETSTRUCT(tuple);
	if (getExtensionOfObject(EventTriggerRelationId, form->oid) != get_extension_oid("chash", true))
		chash_found(findings, "missing guard", InvalidOid, NULL, CHASH_ROWS_UNKNOWN,
					psprintf("Event trigger \"%s\" is not that of the extension.", name));
	else if (form->evtenabled != TRIGGER_FIRES_ON_ORIGIN && form->evtenabled != TRIGGER_FIRES_ALWAYS)
		chash_found(findings, "missing guard", InvalidOid, NULL, CHASH_ROWS_UNKNOWN,
					psprintf("Event trigger \"%s\" is disabled.", name));
	ReleaseSysCache(tuple);
}

/* They refuse what would change where a router sends the keys of its tables. */
void
chash_check_guards(chash_findings *findings)
{
	const char *setting = GetConfigOption("event_triggers", true, false);

	check_guard(findings, "chash_guard_ddl");
	check_guard(findings, "chash_guard_drop");
	/* since PostgreSQL 17 a superuser can switch them all off */
	if (setting && strcmp(setting, "off") == 0)
		chash_found(findings, "missing guard", InvalidOid, NULL, CHASH_ROWS_UNKNOWN,
					"The setting event_triggers is off.");
}
