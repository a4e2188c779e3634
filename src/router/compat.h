/*
 * compat.h
 *		The differences between the supported versions of PostgreSQL, 13 to 18.
 *		No other file looks at PG_VERSION_NUM.
 */
#ifndef CHASH_COMPAT_H
#define CHASH_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 130000
#error "chash needs PostgreSQL 13 or later"
#endif

/* the macros of variable-length values got a header of their own */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* before 14 the size of a toasted value shared its field with nothing else */
#if PG_VERSION_NUM < 140000
#define VARATT_EXTERNAL_GET_EXTSIZE(pointer)	((pointer).va_extsize)
#endif

/* before 16 a value that cannot be null was asked for like any other */
#if PG_VERSION_NUM < 160000
#define SysCacheGetAttrNotNull(cache, tuple, attribute) \
	SysCacheGetAttr(cache, tuple, attribute, &(bool) {false})
#endif

/* before 15 a null in a unique index was never equal to another one */
#if PG_VERSION_NUM >= 150000
#define INDEX_NULLS_NOT_DISTINCT(form)	((form)->indnullsnotdistinct)
#else
#define INDEX_NULLS_NOT_DISTINCT(form)	false
#endif

/* until 16 each kind of object had its own check; these two are what chash asks about */
#if PG_VERSION_NUM < 160000
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#define object_ownercheck(class, object, role) \
	((class) == RelationRelationId ? pg_class_ownercheck(object, role) : \
	 pg_proc_ownercheck(object, role))
#endif

/* the same call with another parameter in each version; the result is a list of doubtful indexes */
#if PG_VERSION_NUM >= 160000
#define chash_insert_index_entries(relation, slot, estate) \
	ExecInsertIndexTuples(relation, slot, estate, false, false, NULL, NIL, false)
#elif PG_VERSION_NUM >= 140000
#define chash_insert_index_entries(relation, slot, estate) \
	ExecInsertIndexTuples(relation, slot, estate, false, false, NULL, NIL)
#else
#define chash_insert_index_entries(relation, slot, estate) \
	((estate)->es_result_relation_info = (relation), \
	 ExecInsertIndexTuples(slot, estate, false, NULL, NIL))
#endif

/* from 16 on a sort can lend its values, instead of copying them */
#if PG_VERSION_NUM >= 160000
#define chash_tuplesort_getdatum(sort, value, isnull) \
	tuplesort_getdatum(sort, true, false, value, isnull, NULL)
#else
#define chash_tuplesort_getdatum(sort, value, isnull) \
	tuplesort_getdatum(sort, true, value, isnull, NULL)
#endif

/* 17 put what identifies a transaction together */
#if PG_VERSION_NUM >= 170000
#define MyLocalTransaction	(MyProc->vxid.lxid)
#else
#define MyLocalTransaction	(MyProc->lxid)
#endif

/* before 18 nobody counted what an index scan does */
#if PG_VERSION_NUM >= 180000
#define chash_index_beginscan(table, index, snapshot, nkeys) \
	index_beginscan(table, index, snapshot, NULL, nkeys, 0)
#else
#define chash_index_beginscan(table, index, snapshot, nkeys) \
	index_beginscan(table, index, snapshot, nkeys, 0)
#endif

/* the counts of pages and rows in pg_class; 15 and 18 added others, which stay */
#if PG_VERSION_NUM >= 180000
#define chash_update_counts(relation, pages, rows) \
	vac_update_relstats(relation, pages, rows, \
						(relation)->rd_rel->relallvisible, (relation)->rd_rel->relallfrozen, \
						(relation)->rd_rel->relhasindex, InvalidTransactionId, InvalidMultiXactId, \
						NULL, NULL, true)
#elif PG_VERSION_NUM >= 150000
#define chash_update_counts(relation, pages, rows) \
	vac_update_relstats(relation, pages, rows, \
						(relation)->rd_rel->relallvisible, (relation)->rd_rel->relhasindex, \
						InvalidTransactionId, InvalidMultiXactId, NULL, NULL, true)
#else
#define chash_update_counts(relation, pages, rows) \
	vac_update_relstats(relation, pages, rows, \
						(relation)->rd_rel->relallvisible, (relation)->rd_rel->relhasindex, \
						InvalidTransactionId, InvalidMultiXactId, true)
#endif

/* before 16 what belongs to a setting came from the C library */
#if PG_VERSION_NUM < 160000
#define guc_malloc(level, size)		malloc(size)
#endif

/* before 18 the attribute came after the declaration, under another name */
#if PG_VERSION_NUM < 180000
#define pg_noreturn __attribute__((noreturn))
#endif

/* 15 renamed one of several ways to analyze a statement, this one for one without parameters */
#if PG_VERSION_NUM >= 150000
#define chash_analyze_statement(statement, text) \
	pg_analyze_and_rewrite_fixedparams(statement, text, NULL, 0, NULL)
#else
#define chash_analyze_statement(statement, text) \
	pg_analyze_and_rewrite(statement, text, NULL, 0, NULL)
#endif

/* before 18 a portal was told that it would not be run again */
#if PG_VERSION_NUM >= 180000
#define chash_portal_run(portal, receiver) \
	PortalRun(portal, FETCH_ALL, true, receiver, receiver, NULL)
#else
#define chash_portal_run(portal, receiver) \
	PortalRun(portal, FETCH_ALL, true, true, receiver, receiver, NULL)
#endif

/* before 17 rows could be forgotten that a snapshot still sees */
#if PG_VERSION_NUM < 170000
#define chash_snapshots_grow_too_old()	(old_snapshot_threshold >= 0)
#else
#define chash_snapshots_grow_too_old()	false
#endif

/* before 17 a background worker could only have a role that may log in */
#if PG_VERSION_NUM >= 170000
#define CHASH_WORKER_LOGS_IN_ANYBODY	true
#define CHASH_WORKER_FLAGS				BGWORKER_BYPASS_ROLELOGINCHECK
#else
#define CHASH_WORKER_LOGS_IN_ANYBODY	false
#define CHASH_WORKER_FLAGS				0
#endif

/* what tables cannot have before a version */
#define CHASH_COLUMN_COMPRESSION			(PG_VERSION_NUM >= 140000)
#define CHASH_FILTERED_PUBLICATIONS			(PG_VERSION_NUM >= 150000)
#define CHASH_EXCLUSION_OF_PARTITIONED		(PG_VERSION_NUM >= 170000)
#define CHASH_NOT_VALID_KEYS_OF_PARTITIONED	(PG_VERSION_NUM >= 180000)
#define CHASH_CONSTRAINTS_NOT_ENFORCED		(PG_VERSION_NUM >= 180000)

#endif							/* CHASH_COMPAT_H */
