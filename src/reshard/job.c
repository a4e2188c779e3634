/*
 * job.c
 *		Reading and writing chash_reshard_jobs.
 *
 * Nobody but the extension's owner has rights on the table.  Whoever may call
 * what is here has been checked to own the router.
 */
#include "reshard/job.h"

#include "language/naming.h"
#include "table/owner.h"

#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

/* Its columns, as far as they are settings; written in this order from $2 on. */
#define SETTINGS		"role, max_lock, lock_timeout, pause, max_replication_lag," \
	" \"concurrently\", background, back, drop"
#define N_SETTINGS		9

void
chash_job_lock_tag(LOCKTAG *tag, Oid router, uint16 what)
{
	SET_LOCKTAG_OBJECT(*tag, MyDatabaseId, ProcedureRelationId, router, what);
	tag->locktag_lockmethodid = USER_LOCKMETHOD;
}

/* To try whether the lock can be had would take it from whoever tries to at that time. */
bool
chash_job_is_worked_on(Oid router)
{
	LockData   *locks = GetLockStatusData();
	bool		found = false;
	LOCKTAG		tag;
	int			i;

	chash_job_lock_tag(&tag, router, CHASH_RESHARD_LOCK);
	for (i = 0; i < locks->nelements && !found; i++)
		found = locks->locks[i].holdMask != 0 &&
			memcmp(&locks->locks[i].locktag, &tag, sizeof(tag)) == 0;
	return found;
}

/* ---- running SQL ---- */

typedef struct parameters
{
	int			count;
	Oid			types[N_SETTINGS + 2];
	Datum		values[N_SETTINGS + 2];
	char		nulls[N_SETTINGS + 3];
} parameters;

static void
add(parameters *parameters, Oid type, Datum value, bool isnull)
{
	parameters->types[parameters->count] = type;
	parameters->values[parameters->count] = value;
	parameters->nulls[parameters->count] = isnull ? 'n' : ' ';
	parameters->count++;
}

static Datum
interval_of(int64 microseconds)
{
	Interval   *interval = palloc0(sizeof(*interval));

	interval->time = microseconds;
	return IntervalPGetDatum(interval);
}

static parameters
only_router(Oid router)
{
	parameters	parameters = {0};

	add(&parameters, OIDOID, ObjectIdGetDatum(router), false);
	return parameters;
}

/* A process of ours goes on with what it was started for; anybody else works for himself. */
static parameters
settings_of(const chash_job *job)
{
	parameters	parameters = only_router(job->router);

	add(&parameters, OIDOID, ObjectIdGetDatum(GetUserId()), false);
	add(&parameters, INTERVALOID, interval_of(job->max_lock), false);
	add(&parameters, INTERVALOID, interval_of(job->lock_timeout), false);
	add(&parameters, INTERVALOID, interval_of(job->pause), false);
	add(&parameters, INTERVALOID, interval_of(job->max_replication_lag), job->max_replication_lag < 0);
	add(&parameters, BOOLOID, BoolGetDatum(job->concurrently), false);
	add(&parameters, BOOLOID, BoolGetDatum(job->background || chash_is_worker_of(job->router)), false);
	add(&parameters, BOOLOID, BoolGetDatum(job->back), false);
	add(&parameters, BOOLOID, BoolGetDatum(job->drop), false);
	return parameters;
}

Oid
chash_job_table(Oid schema)
{
	Oid			table = get_relname_relid(CHASH_JOB_TABLE, schema);

	if (!OidIsValid(table))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"%s\" of the extension does not exist", CHASH_JOB_TABLE)));
	return table;
}

/* As it is now: job->schema is what it was when the attempt began. */
static Oid
schema_of(const chash_job *job)
{
	return get_func_namespace(job->procedure);
}

/* So that it stays where it is; it may have been moved or dropped while this waited. */
static Oid
lock_table(Oid schema)
{
	Oid			table = chash_job_table(schema);

	LockRelationOid(table, RowExclusiveLock);
	return get_rel_name(table) ? table : chash_job_table(schema);
}

/*
 * SQL with one %s for the table, and the router as its $1.  SPI is connected.
 * Returns how many rows it was about.
 */
static uint64
execute(Oid schema, const char *sql, parameters *parameters)
{
	Oid			table = lock_table(schema);
	chash_self	self = chash_become_owner(chash_owner_of(table));
	int			result;

	result = SPI_execute_with_args(psprintf(sql, chash_quoted_name(get_rel_namespace(table),
																   CHASH_JOB_TABLE)),
								   parameters->count, parameters->types, parameters->values,
								   parameters->nulls, false, 0);
	chash_become_self(&self);
	if (result < 0)
		elog(ERROR, "could not use \"%s\": %s", CHASH_JOB_TABLE, SPI_result_code_string(result));
	return SPI_processed;
}

static uint64
run(Oid schema, const char *sql, parameters parameters)
{
	uint64		rows;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	rows = execute(schema, sql, &parameters);
	SPI_finish();
	return rows;
}

#define OF_ROUTER	" WHERE router OPERATOR(pg_catalog.=) $1"

/* ---- the session that makes the change ---- */

#define INSERT	"INSERT INTO %s (router, " SETTINGS ", phase, rows_done, started)" \
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '" CHASH_PHASE_INDEXES "',"
#define TAKE	INSERT " NULL, pg_catalog.now()) ON CONFLICT (router) DO UPDATE SET" \
	" phase = '" CHASH_PHASE_INDEXES "', error = NULL, rows_moving = 0, moving_since = NULL"

void
chash_job_insert(const chash_job *job)
{
	chash_job_delete(job);
	(void) run(schema_of(job), INSERT " 0, pg_catalog.now())", settings_of(job));
}

/* What others ask of a process of ours counts from when it was started for the job. */
static void
take(chash_job *job, List *tables, void *argument)
{
	(void) tables;
	(void) argument;
	(void) run(schema_of(job), chash_is_worker_of(job->router) ? TAKE :
			   TAKE ", (" SETTINGS ", paused, stop) = ROW ($2, $3, $4, $5, $6, $7, $8, $9, $10, false, false)",
			   settings_of(job));
}

void
chash_job_take(chash_job *job)
{
	chash_must(job, take, NULL);
}

static int64
read_interval(int column, int64 otherwise)
{
	bool		isnull;
	Datum		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &isnull);

	return isnull ? otherwise : DatumGetIntervalP(value)->time;
}

static bool
read_boolean(int column)
{
	bool		isnull;

	return DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &isnull));
}

bool
chash_job_read(chash_job *job)
{
	parameters	parameters = only_router(job->router);
	bool		found;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	found = execute(schema_of(job), "SELECT " SETTINGS ", paused, stop FROM %s" OF_ROUTER,
					&parameters) == 1;
	if (found)
	{
		job->max_lock = read_interval(2, 0);
		job->lock_timeout = read_interval(3, 0);
		job->pause = read_interval(4, 0);
		job->max_replication_lag = read_interval(5, -1);
		job->concurrently = read_boolean(6);
		job->background = read_boolean(7);
		job->back = read_boolean(8);
		job->drop = read_boolean(9);
		job->paused = read_boolean(10);
		job->stop = read_boolean(11);
	}
	SPI_finish();
	return found;
}

void
chash_job_set_phase(const chash_job *job, const char *phase)
{
	parameters	parameters = only_router(job->router);

	add(&parameters, TEXTOID, CStringGetTextDatum(phase), false);
	add(&parameters, BOOLOID, BoolGetDatum(strcmp(phase, CHASH_PHASE_MOVING) == 0 ||
										   strcmp(phase, CHASH_PHASE_BACK) == 0), false);
	(void) run(schema_of(job), "UPDATE %s SET phase = $2,"
			   " moving_since = CASE WHEN $3 AND moving_since IS NULL"
			   "  THEN pg_catalog.clock_timestamp() ELSE moving_since END" OF_ROUTER, parameters);
}

void
chash_job_expect(const chash_job *job, int64 rows)
{
	parameters	parameters = only_router(job->router);

	add(&parameters, INT8OID, Int64GetDatum(rows), false);
	(void) run(schema_of(job), "UPDATE %s SET rows_total ="
			   " COALESCE(rows_total, 0) OPERATOR(pg_catalog.+) $2" OF_ROUTER, parameters);
}

void
chash_job_moved(const chash_job *job, int64 rows, bool all)
{
	parameters	parameters = only_router(job->router);

	add(&parameters, INT8OID, Int64GetDatum(rows), false);
	add(&parameters, BOOLOID, BoolGetDatum(all), false);
	add(&parameters, BOOLOID, BoolGetDatum(job->back), false);
	if (run(schema_of(job), "UPDATE %s SET rows_done = CASE WHEN back"
			"  THEN rows_done OPERATOR(pg_catalog.-) $2 ELSE rows_done OPERATOR(pg_catalog.+) $2 END,"
			" rows_moving = rows_moving OPERATOR(pg_catalog.+) $2,"
			" phase = CASE WHEN $3 THEN '" CHASH_PHASE_CLEANING "' ELSE phase END"
			OF_ROUTER " AND back OPERATOR(pg_catalog.=) $4 AND NOT stop", parameters) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("the change of router \"%s\" is to go on in another way",
						get_func_name(job->router))));
}

void
chash_job_delete(const chash_job *job)
{
	(void) run(schema_of(job), "DELETE FROM %s" OF_ROUTER, only_router(job->router));
}

void
chash_job_failed(Oid router, Oid schema, const char *message)
{
	parameters	parameters = only_router(router);

	add(&parameters, TEXTOID, CStringGetTextDatum(message), false);
	(void) run(schema, "UPDATE %s SET error = $2" OF_ROUTER, parameters);
}

/* ---- others ---- */

#define NOT_AT_ITS_END	OF_ROUTER " AND phase OPERATOR(pg_catalog.<>) '" CHASH_PHASE_CLEANING "'"

bool
chash_job_ask_to_pause(Oid router, Oid schema)
{
	return run(schema, "UPDATE %s SET paused = true" NOT_AT_ITS_END, only_router(router)) == 1;
}

bool
chash_job_ask_to_stop(Oid router, Oid schema)
{
	return run(schema, "UPDATE %s SET stop = true" NOT_AT_ITS_END, only_router(router)) == 1;
}

bool
chash_job_ask_to_go_back(Oid router, Oid schema)
{
	return run(schema, "UPDATE %s SET back = true, paused = false" NOT_AT_ITS_END,
			   only_router(router)) == 1;
}

void
chash_job_resume(const chash_job *job)
{
	parameters	parameters = settings_of(job);

	parameters.count -= 3;
	(void) run(schema_of(job), "UPDATE %s SET (max_lock, lock_timeout, pause, max_replication_lag,"
			   " \"concurrently\", paused) = ROW ($3, $4, $5, $6, $7, false)"
			   OF_ROUTER, parameters);
}

/* All arguments are there with their types, so that no procedure of others can fit as well. */
chash_task
chash_job_task(Oid router, Oid role, Oid schema)
{
	chash_task	task = {0};
	const char *name = get_func_name(router);

	task.name = psprintf("chash reshard %s", name ? name : "of a router that is gone");
	task.database = MyDatabaseId;
	task.role = role;
	task.router = router;
	task.schema = schema;
	task.is_job = true;
	task.commands = list_make1(psprintf("CALL %s(%u::pg_catalog.oid::pg_catalog.regproc,"
										" NULL::pg_catalog.interval, NULL::pg_catalog.interval,"
										" NULL::pg_catalog.interval, NULL::pg_catalog.interval,"
										" NULL::pg_catalog.bool, false)",
										chash_quoted_name(schema, "chash_reshard_resume"), router));
	return task;
}
