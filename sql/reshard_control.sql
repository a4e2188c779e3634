-- What a change of a router is told: where new partitions go, how indexes are built, and what one
-- session can ask of a change that nobody works on.
SET client_min_messages = warning;
CREATE SCHEMA control;
CREATE SCHEMA elsewhere;
SET search_path = control, public;
SELECT chash_create_router('ring', chash_range(ARRAY['a','b'], '{100}', 'integer'), 'int');
CREATE TABLE t (k int PRIMARY KEY, v int) PARTITION BY HASH (k ring);
SELECT chash_create_partitions('t', '{table}_{shard}');
INSERT INTO t SELECT k, k FROM generate_series(1, 200) k;
CREATE TABLE u (k int PRIMARY KEY) PARTITION BY HASH (k ring);
SELECT chash_create_partitions('u', '{table}_{shard}');
CREATE FUNCTION bounds(VARIADIC bounds int[]) RETURNS chash_router LANGUAGE sql IMMUTABLE AS $$
	SELECT chash_range((ARRAY['a','b','c','d'])[:cardinality(bounds) + 1], bounds::text[], 'integer')
$$;
CREATE VIEW jobs AS SELECT router, pid IS NULL AS alone, phase, rows_done, rows_total, rate IS NULL AS no_rate, done,
	background, paused, back, error, started IS NULL AS no_start FROM chash_stat_progress_reshard;
CREATE VIEW places AS SELECT tableoid::regclass::text COLLATE "C" AS partition, count(*) FROM t GROUP BY 1 ORDER BY 1;

-- ---- partitions of new shards ----
CALL chash_reshard('ring', bounds(50, 100), name => '{nothing}');
CALL chash_reshard('ring', bounds(50, 100), schema => 'nowhere');
CALL chash_reshard('ring', bounds(50, 100), per_shard => '{"d": {"name": "x"}}');
CALL chash_reshard('ring', bounds(50, 100), per_shard => '{"c": {"nam": "x"}}');
CALL chash_reshard('ring', bounds(50, 100), options => '[1]');
CALL chash_reshard('ring', bounds(50, 100), tablespace => 'nowhere');
-- and nothing has begun
SELECT * FROM jobs;
SELECT chash_get_router('ring') = bounds(100) AS unchanged;
CALL chash_add_shard('ring', 'c', bound => '50', name => '{table}_of_{shard}', schema => 'elsewhere', tablespace => 'pg_default',
	options => '{"fillfactor": 70}', per_shard => '{"c": {"options": {"fillfactor": 60}}}');
SELECT c.oid::regclass, c.reloptions FROM pg_class c WHERE relnamespace = 'elsewhere'::regnamespace AND relkind = 'r'
	ORDER BY relname COLLATE "C";
SELECT * FROM places;
CALL chash_remove_shard('ring', 'c', drop => true, concurrently => false);
SELECT * FROM places;
SELECT count(*) FROM pg_class WHERE relnamespace = 'elsewhere'::regnamespace;

-- ---- options ----
CALL chash_reshard('ring', bounds(50), concurrently => NULL);
CALL chash_reshard('ring', bounds(50), background => NULL);
CALL chash_reshard('ring', bounds(50), max_replication_lag => '-1 s');
CALL chash_reshard('ring', bounds(50), max_replication_lag => '2 days');
-- nobody lags
CALL chash_reshard('ring', bounds(50), max_replication_lag => '0');
SELECT * FROM places;

-- routers that cannot be compared are changed all the same
CALL chash_reshard('ring', chash_jump('{a,b}'));
CALL chash_reshard('ring', bounds(50));

-- ---- a change that nobody works on ----
SELECT chash_reshard_pause('ring');
SELECT chash_reshard_cancel('ring');
CALL chash_reshard_resume('ring');
CALL chash_reshard_back('ring');
-- it fails after it has begun, and leaves an index that is of no use
CREATE FUNCTION not_60(v int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS
	$$ BEGIN IF v = 60 THEN RAISE 'not this one'; END IF; RETURN v; END $$;
CREATE INDEX bad ON t_a (not_60(v));
CALL chash_reshard('ring', bounds(100));
SELECT * FROM jobs;
SELECT chash_reshard_cancel('ring');
SELECT chash_reshard_cancel('ring', back => false);
SET client_min_messages = notice;
SELECT chash_reshard_pause('ring');
SET client_min_messages = warning;
SELECT router, phase, paused FROM jobs;
BEGIN;
CALL chash_reshard_resume('ring');
ROLLBACK;
CALL chash_reshard_resume(NULL);
CALL chash_reshard_resume('ring', max_lock => '-1 s');
CALL chash_reshard_resume('ring', max_lock => '30ms', concurrently => false);
SELECT max_lock, lock_timeout, pause, max_replication_lag, "concurrently", background, back, drop, paused, stop, error
	FROM chash_reshard_jobs WHERE router = 'ring'::regproc;
DROP INDEX bad;
CALL chash_reshard_resume('ring');
SELECT * FROM places;
SELECT * FROM jobs;
SELECT count(*) FROM chash_reshard_jobs;
-- a change of which no row tells, as in a database that was restored; an index that a failure left behind
CREATE FUNCTION begin_change(after chash_router) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE OR REPLACE FUNCTION ring(int) RETURNS text STABLE STRICT PARALLEL SAFE LANGUAGE chash AS %L',
		jsonb_build_object('before', chash_get_router('ring')::jsonb, 'after', after::jsonb, 'passed', 0));
END
$$;
SELECT begin_change(bounds(50));
SELECT * FROM jobs;
SELECT chash_reshard_pause('ring');
INSERT INTO t VALUES (1000, 60), (1001, 60);
CREATE INDEX CONCURRENTLY chash_movers_left ON t_b (not_60(v));
SELECT indisvalid FROM pg_index WHERE indexrelid = 'chash_movers_left'::regclass;
CALL chash_reshard_resume('ring');
SELECT * FROM places;
SELECT relname FROM pg_class WHERE relname LIKE 'chash_movers%';
DELETE FROM t WHERE k >= 1000;
-- a row that is left of a router that is no change
INSERT INTO chash_reshard_jobs (router, role, max_lock, lock_timeout, pause, "concurrently", background, back, drop, phase, started)
	SELECT 'ring'::regproc, 10, '1 s', '1 s', '0', true, true, true, false, 'moving rows', now();
SELECT * FROM jobs;
CALL chash_reshard('ring', bounds(100));
SELECT * FROM places;
SELECT count(*) FROM chash_reshard_jobs;

-- ---- who may ----
CREATE ROLE control_other;
GRANT USAGE ON SCHEMA control TO control_other;
SET ROLE control_other;
SELECT chash_reshard_pause('ring');
SELECT chash_reshard_cancel('ring');
CALL chash_reshard_resume('ring');
TABLE chash_reshard_jobs;
SELECT count(*) FROM chash_stat_progress_reshard;
RESET ROLE;
SELECT chash_reshard_pause('pg_sleep');
-- a function of somebody else's in chash's schema, which suits the key better than chash's own
CREATE FUNCTION public.chash_slice(chash_router, chash_router, int) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 1::bigint';
CALL chash_reshard('ring', bounds(50), concurrently => false);
CALL chash_reshard('ring', bounds(50));
DROP FUNCTION public.chash_slice(chash_router, chash_router, int);
-- the owner of a table who does not own its partitions
ALTER FUNCTION ring OWNER TO control_other;
ALTER TABLE t OWNER TO control_other;
ALTER TABLE u OWNER TO control_other;
SET ROLE control_other;
CALL chash_reshard('ring', bounds(50), concurrently => false);
RESET ROLE;
SELECT chash_get_router('ring') = bounds(100) AS unchanged;

SET client_min_messages = error;
DROP SCHEMA control CASCADE;
DROP SCHEMA elsewhere;
DROP ROLE control_other;
