/*
 * check.c
 *		chash_check: whether a table is as its router says.
 *
 * What could not be looked at is reported too, so that no rows means that
 * nothing is wrong.  Nothing is changed, and nothing is locked but in ACCESS
 * SHARE mode.
 */
#include "table/check.h"

#include "language/named.h"
#include "language/subtransaction.h"
#include "router/key.h"
#include "router/server.h"
#include "router/value.h"
#include "table/leaves.h"

#include "access/hash.h"
#include "catalog/pg_partitioned_table.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/rls.h"
#include "utils/syscache.h"

PG_FUNCTION_INFO_V1(chash_check_table);

/* ---- reporting ---- */

void
chash_found(chash_findings *findings, const char *problem, Oid partition,
			const char *shard, int64 rows, const char *detail)
{
	Datum		values[5];
	bool		nulls[5] = {false, !OidIsValid(partition), !shard, rows < 0, !detail};

	values[0] = CStringGetTextDatum(problem);
	values[1] = ObjectIdGetDatum(partition);
	values[2] = shard ? CStringGetTextDatum(shard) : (Datum) 0;
	values[3] = Int64GetDatum(rows);
	values[4] = detail ? CStringGetTextDatum(detail) : (Datum) 0;
	chash_rows_add(&findings->rows, values, nulls);
}

const char *
chash_shard_of_id(const chash_findings *findings, uint32 id)
{
	uint32		i;

	for (i = 0; i < findings->router->nshards; i++)
	{
		if (findings->router->shards[i].id == id)
			return chash_from_utf8(findings->router->shards[i].name);
	}
	return NULL;
}

static void
not_checked(chash_findings *findings, Oid partition, const char *why)
{
	chash_found(findings, "not checked", partition, NULL, CHASH_ROWS_UNKNOWN, why);
}

typedef struct attempt
{
	chash_findings *findings;
	chash_looking looking;
	void	   *argument;
} attempt;

static void
do_attempt(void *argument)
{
	attempt    *attempt = argument;

	attempt->looking(attempt->findings, attempt->argument);
}

bool
chash_try(chash_findings *findings, Oid partition, chash_looking looking, void *argument)
{
	attempt		attempt = {findings, looking, argument};
	ErrorData  *error = chash_in_cancelable_subtransaction(do_attempt, &attempt);

	if (error)
		not_checked(findings, partition, error->message);
	return !error;
}

/* ---- the key ---- */

/* Why PostgreSQL cannot route by this class, or NULL. */
static const char *
problem_of_class(Oid class)
{
	Oid			family = get_opclass_family(class);
	Oid			type = get_opclass_input_type(class);

	if (OidIsValid(get_opfamily_proc(family, type, type, HASHEXTENDED_PROC)))
		return NULL;
	return psprintf("Its operator class has no support function for type %s: the table cannot be used. "
					"chash_create_operator_class brings it back.",
					format_type_be(type));
}

/*
 * Whether a table that chash_get_routed() does not know has lost the function
 * by which it was routed.
 */
static bool
found_lost_function(chash_findings *findings, Oid table)
{
	HeapTuple	tuple = SearchSysCache1(PARTRELID, ObjectIdGetDatum(table));
	const char *problem = NULL;
	oidvector  *classes;
	int			i;

	if (!HeapTupleIsValid(tuple))
		return false;
	if (((Form_pg_partitioned_table) GETSTRUCT(tuple))->partstrat == PARTITION_STRATEGY_HASH)
	{
		classes = (oidvector *) DatumGetPointer(SysCacheGetAttrNotNull(PARTRELID, tuple,
																	   Anum_pg_partitioned_table_partclass));
		for (i = 0; i < classes->dim1 && !problem; i++)
			problem = problem_of_class(classes->values[i]);
	}
	ReleaseSysCache(tuple);
	if (problem)
		chash_found(findings, "missing support function", InvalidOid, NULL, CHASH_ROWS_UNKNOWN,
					problem);
	return problem != NULL;
}

/* Whether the key is one that a router can decide by. */
static bool
check_key(chash_findings *findings)
{
	const chash_routed *routed = &findings->routed;

	if (routed->nkeys != 1)
		chash_found(findings, "several keys", InvalidOid, NULL, CHASH_ROWS_UNKNOWN,
					"A router decides only where it is the only key.");
	else if (routed->key == InvalidAttrNumber)
		chash_found(findings, "expression key", InvalidOid, NULL, CHASH_ROWS_UNKNOWN,
					"Only a column can be the key.");
	else if (OidIsValid(routed->collation) && !get_collation_isdeterministic(routed->collation))
		chash_found(findings, "nondeterministic collation", InvalidOid, NULL, CHASH_ROWS_UNKNOWN,
					psprintf("Texts that are equal under \"%s\" can be in different partitions.",
							 get_collation_name(routed->collation)));
	else
		return true;
	return false;
}

/* ---- the partitions ---- */

static void
check_leaf(chash_findings *findings, const chash_leaf *leaf, uint32 modulus)
{
	if (leaf->modulus != modulus)
		chash_found(findings, "another modulus", leaf->table, NULL, CHASH_ROWS_UNKNOWN,
					psprintf("It has the modulus %u, and the first partition has %u.",
							 leaf->modulus, modulus));
	if (leaf->remainder == 0)
		chash_found(findings, "partition for null keys", leaf->table, NULL, CHASH_ROWS_UNKNOWN,
					"Keys that are null have the remainder 0, which is no shard's.");
}

/* Whether there is a partition that takes the rows of a shard and no others. */
static void
check_shard(chash_findings *findings, const chash_shard *shard, uint32 modulus)
{
	const char *name = chash_from_utf8(shard->name);
	ListCell   *cell;

	if (modulus != 0 && shard->id >= modulus)
	{
		chash_found(findings, "id beyond modulus", InvalidOid, name, CHASH_ROWS_UNKNOWN,
					psprintf("The shard has the id %u, and the partitions have the modulus %u.",
							 shard->id, modulus));
		return;
	}
	foreach(cell, findings->leaves)
	{
		if (((chash_leaf *) lfirst(cell))->remainder == shard->id)
			return;
	}
	chash_found(findings, "missing partition", InvalidOid, name, CHASH_ROWS_UNKNOWN,
				psprintf("No partition has the remainder %u. "
						 "chash_create_partitions makes those that are missing.", shard->id));
}

static void
check_partitions(chash_findings *findings)
{
	uint32		modulus = 0;
	ListCell   *cell;
	uint32		i;

	if (findings->leaves)
		modulus = ((chash_leaf *) linitial(findings->leaves))->modulus;
	foreach(cell, findings->leaves)
		check_leaf(findings, lfirst(cell), modulus);
	for (i = 0; i < findings->router->nshards; i++)
		check_shard(findings, &findings->router->shards[i], modulus);
}

/* ---- may it be looked at ---- */

static bool
may_see_key(const chash_routed *routed)
{
	return pg_class_aclcheck(routed->table, GetUserId(), ACL_SELECT) == ACLCHECK_OK ||
		pg_attribute_aclcheck(routed->table, routed->key, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
}

/* Whoever may read a table may read all its partitions through it. */
static bool
may_look(chash_findings *findings)
{
	if (!may_see_key(&findings->routed))
		not_checked(findings, InvalidOid, "Reading the key of the table is not permitted.");
	else if (check_enable_rls(findings->routed.table, InvalidOid, true) == RLS_ENABLED)
		not_checked(findings, InvalidOid, "Row security may hide rows of the table.");
	else
		return true;
	return false;
}

/* ---- all together ---- */

static void
load_router(chash_findings *findings)
{
	Oid			class = findings->routed.operator_class;
	Oid			type = get_opclass_input_type(class);

	findings->support = get_opfamily_proc(get_opclass_family(class), type, type, HASHEXTENDED_PROC);
	findings->router = chash_version_copy(&chash_named_get(findings->routed.router)->version);
	findings->leaves = chash_leaves_of(findings->routed.table, AccessShareLock);
}

/* chash_check("table" regclass) returns problem, partition, shard, rows, detail */
Datum
chash_check_table(PG_FUNCTION_ARGS)
{
	chash_findings findings;
	Oid			table;

	/* no rows would mean that nothing is wrong */
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"table\" must not be null")));
	table = PG_GETARG_OID(0);
	memset(&findings, 0, sizeof(findings));
	findings.rows = chash_rows_begin(fcinfo);
	LockRelationOid(table, AccessShareLock);
	if (!chash_get_routed(table, &findings.routed))
	{
		/* raises the error that says what is needed */
		if (!found_lost_function(&findings, table))
			chash_require_routed(table, &findings.routed);
		return (Datum) 0;
	}
	if (!check_key(&findings))
		return (Datum) 0;
	load_router(&findings);
	check_partitions(&findings);
	chash_check_family(&findings);
	chash_check_guards(&findings);
	if (may_look(&findings) && chash_check_rows(&findings) != 0)
		chash_check_unique(&findings);
	return (Datum) 0;
}
