-- chash_reshard: what must not go wrong, and what is made to go wrong.
SET client_min_messages = warning;
CREATE SCHEMA faults;
SET search_path = faults, public;
CREATE ROLE faults_owner;
GRANT ALL ON SCHEMA faults TO faults_owner;

-- What is the same before and after: all rows, each found where the router says.
CREATE FUNCTION oracle(t regclass, OUT rows bigint, OUT sum numeric, OUT pruned bigint, OUT problems bigint)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SELECT count(*), sum(hashtextextended(t::text, 0)) FROM %s t', t) INTO rows, sum;
	EXECUTE format('SELECT count(*) FROM (SELECT k FROM %1$s OFFSET 0) a,'
		' LATERAL (SELECT FROM %1$s b WHERE b.k = a.k) f', t) INTO pruned;
	SELECT count(*) INTO problems FROM chash_check(t);
END
$$;
CREATE FUNCTION places(t regclass) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT format(''%%s: %%s rows'', tableoid::regclass, count(*)) FROM %s'
		' GROUP BY tableoid ORDER BY tableoid::regclass::text COLLATE "C"', t);
END
$$;
CREATE FUNCTION bounds(VARIADIC bounds int[]) RETURNS chash_router LANGUAGE sql IMMUTABLE AS $$
	SELECT chash_range((ARRAY['a','b','c','d'])[:cardinality(bounds) + 1], bounds::text[], 'integer')
$$;
SELECT chash_create_router('ring', bounds(100), 'int');

-- ---- rows that are lost or altered on the way ----
CREATE TABLE t (k int PRIMARY KEY, v text) PARTITION BY HASH (k ring);
SELECT chash_create_partitions('t', '{table}_{shard}');
INSERT INTO t SELECT k, 'row ' || k FROM generate_series(1, 200) k;
CREATE TABLE before AS SELECT * FROM oracle('t');
TABLE before;
SET chash.failpoint = 'row_put:lose:10';
CALL chash_reshard('ring', bounds(50), concurrently => false);
SELECT * FROM oracle('t') EXCEPT TABLE before;
SELECT places('t');
SET chash.failpoint = 'row_read:lose:10';
CALL chash_reshard('ring', bounds(50), concurrently => false);
SELECT * FROM oracle('t') EXCEPT TABLE before;
SELECT places('t');
SET chash.failpoint = 'rows_moved:error';
CALL chash_reshard('ring', concurrently => false);
SELECT places('t');
CALL chash_reshard('ring', concurrently => false);
SELECT * FROM oracle('t') EXCEPT TABLE before;
SELECT places('t');
-- an index of movers that a change has left behind is not taken for that of the same change later
SET chash.failpoint = 'rows_moved:error';
CALL chash_reshard('ring', bounds(100), concurrently => false);
SET chash.failpoint = 'all_moved:error';
CALL chash_reshard_back('ring', concurrently => false);
SELECT count(*) > 0 AS left_behind FROM pg_class WHERE relname LIKE 'chash_movers%';
DELETE FROM t WHERE k BETWEEN 50 AND 99;
INSERT INTO t SELECT k, 'row ' || k FROM generate_series(50, 99) k;
CALL chash_reshard('ring', bounds(100), concurrently => false);
SELECT * FROM chash_check('t');
SELECT places('t');
CALL chash_reshard('ring', bounds(50), concurrently => false);
SELECT * FROM oracle('t') EXCEPT TABLE before;
-- rows that need not satisfy what new rows must
ALTER TABLE t ADD CONSTRAINT young CHECK (k > 10) NOT VALID;
CALL chash_reshard('ring', bounds(70, 80), concurrently => false);
ALTER TABLE t DROP CONSTRAINT young;
-- unlike those that are not enforced, which there are from PostgreSQL 18 on
DO $$
BEGIN
	IF current_setting('server_version_num')::int >= 180000 THEN
		EXECUTE 'ALTER TABLE t ADD CONSTRAINT young CHECK (k > 10) NOT ENFORCED';
	END IF;
END
$$;
CALL chash_reshard('ring', bounds(70), concurrently => false);
ALTER TABLE t DROP CONSTRAINT IF EXISTS young;
CALL chash_reshard('ring', bounds(50), concurrently => false);
-- who writes to the table calls this function, where its rows are moved
REVOKE EXECUTE ON FUNCTION chash_slice(regprocedure, bigint, "any") FROM PUBLIC;
CALL chash_reshard('ring', bounds(70), concurrently => false);
GRANT EXECUTE ON FUNCTION chash_slice(regprocedure, bigint, "any") TO PUBLIC;
-- failpoints that there are not, and who may not use them
\set VERBOSITY terse
SET chash.failpoint = 'nowhere:error';
SET chash.failpoint = 'row_put';
SET chash.failpoint = 'row_put:explode';
SET chash.failpoint = 'row_put:lose:0';
SET chash.failpoint = 'row_taken:lose';
SET ROLE faults_owner;
SET chash.failpoint = 'row_put:crash';
RESET ROLE;
\set VERBOSITY default

-- ---- whoever writes to a partition directly ----
-- PostgreSQL itself locks the table for him, which is what movers wait for
BEGIN;
INSERT INTO t_b VALUES (301, 'direct');
SELECT locktype, relation::regclass, mode FROM pg_locks WHERE relation = 't'::regclass AND pid = pg_backend_pid();
ROLLBACK;
SET chash.failpoint = 'rows_moved:error';
CALL chash_reshard('ring', bounds(100), concurrently => false);
BEGIN;
INSERT INTO t_b VALUES (301, 'direct');
SELECT locktype, relation::regclass, mode FROM pg_locks WHERE relation = 't'::regclass AND pid = pg_backend_pid();
ROLLBACK;
BEGIN;
UPDATE t_a SET v = v WHERE k = 1;
SELECT locktype, relation::regclass, mode FROM pg_locks WHERE relation = 't'::regclass AND pid = pg_backend_pid();
ROLLBACK;

-- ---- tables that are made while the router changes ----
CREATE TABLE late (k int PRIMARY KEY, v int) PARTITION BY HASH (k ring);
SELECT chash_create_partitions('late', '{table}_{shard}');
INSERT INTO late SELECT k, k FROM generate_series(1, 200) k;
CALL chash_reshard('ring', concurrently => false);
SELECT places('late');
SELECT rows, pruned, problems FROM oracle('late');
DROP TABLE late;
-- without partitions there is nothing to join in with
SET chash.failpoint = 'rows_moved:error';
CALL chash_reshard('ring', bounds(50), concurrently => false);
CREATE TABLE late (k int) PARTITION BY HASH (k ring);
CALL chash_reshard('ring', concurrently => false);
DROP TABLE late, t;

-- ---- what has the name of an index of movers ----
CREATE TABLE t (k int PRIMARY KEY, v text) PARTITION BY HASH (k ring);
SELECT chash_create_partitions('t', '{table}_{shard}');
INSERT INTO t SELECT k, 'row ' || k FROM generate_series(1, 200) k;
CREATE FUNCTION movers(leaf regclass) RETURNS text LANGUAGE sql AS
	$$SELECT min(indexrelid::regclass::text) FROM pg_index WHERE indrelid = leaf AND indexrelid::regclass::text ~ '^chash_movers_'$$;
SET chash.failpoint = 'rows_moved:error';
CALL chash_reshard('ring', bounds(20, 60, 100), concurrently => false);
-- after a dump was restored, in which oids are others, it can be the index of another partition
SELECT movers('t_a') AS movers_a, movers('t_b') AS movers_b \gset
ALTER INDEX :movers_a RENAME TO swapped;
ALTER INDEX :movers_b RENAME TO :movers_a;
ALTER INDEX swapped RENAME TO :movers_b;
CALL chash_reshard('ring', concurrently => false);
SELECT places('t');
SELECT rows, pruned, problems FROM oracle('t');
-- or one that is made of something else
SET chash.failpoint = 'rows_moved:error';
CALL chash_reshard('ring', bounds(100), concurrently => false);
SELECT movers('t_a') AS movers_a, movers('t_b') AS movers_b \gset
DROP INDEX :movers_a, :movers_b;
CREATE INDEX :movers_a ON t_a (v);
CREATE INDEX :movers_b ON t_b USING hash ((k::bigint));
CALL chash_reshard('ring', concurrently => false);
SELECT places('t');
SELECT rows, pruned, problems FROM oracle('t');
DROP TABLE t, c, d;
DROP FUNCTION movers;

-- ---- temporary tables, of which a worker does not know ----
CREATE TEMP TABLE temp (k int PRIMARY KEY, v text) PARTITION BY HASH (k ring);
SELECT chash_create_partitions('temp', '{table}_{shard}');
INSERT INTO temp SELECT k, 'row ' || k FROM generate_series(1, 200) k;
CALL chash_reshard('ring', bounds(60));
CALL chash_reshard('ring', bounds(60), concurrently => false, background => true);
SELECT changing FROM chash_routers WHERE router = 'ring(int)'::regprocedure;
CALL chash_reshard('ring', bounds(60), concurrently => false);
SELECT places('temp');
SELECT rows, pruned, problems FROM oracle('temp');
CALL chash_reshard('ring', bounds(100), concurrently => false);
DROP TABLE temp;

-- ---- whose code runs ----
ALTER FUNCTION ring(int) OWNER TO faults_owner;
ALTER FUNCTION ring_ordinal(int) OWNER TO faults_owner;
SET ROLE faults_owner;
CREATE TABLE log (who name);
CREATE FUNCTION log() RETURNS int LANGUAGE sql AS 'INSERT INTO faults.log VALUES (current_user); SELECT 1';
CREATE FUNCTION evil(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN faults.log() + $1; END';
CREATE TABLE trap (k int PRIMARY KEY, v int) PARTITION BY HASH (k ring);
CREATE INDEX ON trap (evil(k)) WHERE evil(k) > 0;
SELECT chash_create_partitions('trap', '{table}_{shard}');
INSERT INTO trap SELECT k, k FROM generate_series(1, 200) k;
RESET ROLE;
TRUNCATE log;
CALL chash_reshard('ring', bounds(20, 100), concurrently => false);
SELECT places('trap');
SELECT who, count(*) > 100 AS often FROM log GROUP BY 1;
DROP TABLE trap;
-- row security holds for its owner, too, and hides nothing from his move
SET ROLE faults_owner;
CREATE TABLE hidden (k int PRIMARY KEY, v int) PARTITION BY HASH (k ring);
SELECT chash_create_partitions('hidden', '{table}_{shard}');
INSERT INTO hidden SELECT k, k FROM generate_series(1, 200) k;
ALTER TABLE hidden ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY half ON hidden USING (k % 2 = 0);
ALTER TABLE hidden_a ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY none ON hidden_a USING (false);
SELECT count(*) FROM hidden;
CALL chash_reshard('ring', bounds(60), concurrently => false);
SELECT count(*) FROM hidden;
RESET ROLE;
SELECT places('hidden');
SELECT rows, pruned, problems FROM oracle('hidden');
DROP TABLE hidden, hidden_c;

-- ---- rows and tables of other kinds ----
CREATE TABLE u (k int PRIMARY KEY, v int) PARTITION BY HASH (k ring);
SELECT chash_create_partitions('u', '{table}_{shard}');
SELECT format('ALTER TABLE %s SET UNLOGGED', inhrelid::regclass) FROM pg_inherits WHERE inhparent = 'u'::regclass \gexec
INSERT INTO u SELECT k, k FROM generate_series(1, 200) k;
-- constraints that are checked late, and keys to the table itself
CREATE TABLE d (k int PRIMARY KEY, v int, boss int REFERENCES d ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
	UNIQUE (v, k) DEFERRABLE INITIALLY DEFERRED) PARTITION BY HASH (k ring);
SELECT chash_create_partitions('d', '{table}_{shard}');
BEGIN;
INSERT INTO d SELECT k, k, 201 - k FROM generate_series(1, 200) k;
COMMIT;
-- very large values, compressed and not
CREATE TABLE big (k int PRIMARY KEY, v text, w text) PARTITION BY HASH (k ring);
ALTER TABLE big ALTER w SET STORAGE EXTERNAL;
SELECT chash_create_partitions('big', '{table}_{shard}');
INSERT INTO big SELECT k, repeat('x', 20000000) || k, repeat(md5(k::text), 100000) FROM generate_series(61, 64) k;
-- many columns, some dropped, some null
DO $$
BEGIN
	EXECUTE (SELECT 'CREATE TABLE wide (' || string_agg(format('c%s %s', i, (ARRAY['int','text','numeric','date'])[i % 4 + 1]), ', ')
		|| ', k int PRIMARY KEY) PARTITION BY HASH (k ring)' FROM generate_series(1, 220) i);
	EXECUTE (SELECT 'ALTER TABLE wide ' || string_agg(format('DROP c%s', i * 10), ', ') FROM generate_series(1, 20) i);
	PERFORM chash_create_partitions('wide', '{table}_{shard}');
	EXECUTE (SELECT format('INSERT INTO wide (k, %s) SELECT k, %s FROM generate_series(1, 200) k', string_agg('c' || i, ', '),
		string_agg(format((ARRAY['k + %1$s', '''text '' || k', 'k * %1$s.5', 'NULL::date'])[i % 4 + 1], i), ', '))
		FROM generate_series(1, 219) i WHERE i % 10 > 0);
END
$$;
CREATE TABLE all_before AS SELECT t::text AS name, o.* FROM unnest('{u,d,big,wide}'::regclass[]) t, oracle(t) o;
CALL chash_reshard('ring', bounds(20, 90), concurrently => false);
SELECT t::text AS name, o.* FROM unnest('{u,d,big,wide}'::regclass[]) t, oracle(t) o EXCEPT TABLE all_before;
SELECT places('u');
SELECT relname, relpersistence FROM pg_class WHERE oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'u'::regclass) ORDER BY 1;
SELECT places('d');
SELECT places('big');
SELECT places('wide');
CALL chash_reshard('ring', bounds(100), concurrently => false);
SELECT t::text AS name, o.* FROM unnest('{u,d,big,wide}'::regclass[]) t, oracle(t) o EXCEPT TABLE all_before;
-- constraints are as late as they were
BEGIN;
INSERT INTO d VALUES (300, 1, 400);
DELETE FROM d WHERE k = 300;
COMMIT;
-- partitions that went still refer to it
DROP TABLE u, d, big, wide CASCADE;
SELECT format('DROP TABLE %s', oid::regclass) FROM pg_class WHERE relnamespace = 'faults'::regnamespace AND relkind = 'r' AND relname ~ '(^|_)c$' ORDER BY relname \gexec

-- rows from before a column was added, which their partition takes for others than the one they come to
SELECT chash_create_router('short_ring', bounds(100), 'int');
CREATE TABLE short (k int) PARTITION BY HASH (k short_ring);
CREATE TABLE short_a PARTITION OF short FOR VALUES WITH (MODULUS 1024, REMAINDER 1);
CREATE TABLE short_b (k int);
INSERT INTO short_b VALUES (110), (150);
ALTER TABLE short_b ADD COLUMN v int;
INSERT INTO short VALUES (10), (20);
ALTER TABLE short ADD COLUMN v int DEFAULT 5;
ALTER TABLE short ATTACH PARTITION short_b FOR VALUES WITH (MODULUS 1024, REMAINDER 2);
CALL chash_reshard('short_ring', bounds(120), concurrently => false);
CALL chash_reshard('short_ring', bounds(15), concurrently => false);
CALL chash_reshard('short_ring', bounds(180), concurrently => false);
SELECT tableoid::regclass AS place, * FROM short ORDER BY k;

-- ---- a shard that has no rows; one that goes and comes ----
CREATE TABLE e (k int PRIMARY KEY, v int) PARTITION BY HASH (k ring);
SELECT chash_create_partitions('e', '{table}_{shard}');
INSERT INTO e SELECT k, k FROM generate_series(1, 50) k;
CALL chash_reshard('ring', bounds(1000), concurrently => false);
CALL chash_reshard('ring', chash_range('{a}', '{}', 'integer'), concurrently => false);
SELECT places('e');
CALL chash_reshard('ring', bounds(1000, 2000), concurrently => false);
SELECT places('e');
SELECT rows, pruned, problems FROM oracle('e');
DROP TABLE e, e_b;

-- ---- keys of every type ----
CREATE DOMAIN even AS int CHECK (VALUE % 2 = 0);
CREATE TABLE kinds (name text, type text, router_type text, key text);
INSERT INTO kinds VALUES
	('k_smallint', 'smallint', 'smallint', 'i * 300'),
	('k_int', 'int', 'int', 'i * 2000000'),
	('k_bigint', 'bigint', 'bigint', 'i * 90000000000000000'),
	('k_numeric', 'numeric', 'numeric', 'i / 7.0'),
	('k_text', 'text', 'text', '''key '' || i'),
	('k_varchar', 'varchar(40)', 'varchar', '''key '' || i'),
	('k_char', 'char(12)', 'char', '''key '' || i'),
	('k_name', 'name', 'name', '(''key '' || i)::name'),
	('k_uuid', 'uuid', 'uuid', 'md5(i::text)::uuid'),
	('k_bytea', 'bytea', 'bytea', 'decode(md5(i::text), ''hex'')'),
	('k_date', 'date', 'date', 'date ''2000-01-01'' + i'),
	('k_timestamp', 'timestamp', 'timestamp', 'timestamp ''2000-01-01'' + i * interval ''1.5 s'''),
	('k_timestamptz', 'timestamptz', 'timestamptz', 'timestamptz ''2000-01-01 UTC'' + i * interval ''1.5 s'''),
	('k_domain', 'even', 'int', 'i * 2');
SELECT format('DO $do$ BEGIN PERFORM chash_create_router(%L, chash_ring(''{x,y}''), %L); '
	'CREATE TABLE %3$s (k %4$s UNIQUE, v int) PARTITION BY HASH (k r_%3$s); '
	'PERFORM chash_create_partitions(%3$L, ''{table}_{shard}''); '
	'INSERT INTO %3$s SELECT %5$s, i FROM generate_series(-100, 100) i; END $do$',
	'r_' || name, router_type, name, type, key) FROM kinds \gexec
CREATE TABLE kinds_before AS SELECT name, o.* FROM kinds, oracle(name::regclass) o;
SELECT format('CALL chash_reshard(%L, chash_ring(''{x,y,%s_z}''), concurrently => false)', 'r_' || name, name) FROM kinds \gexec
SELECT name, o.* FROM kinds, oracle(name::regclass) o EXCEPT TABLE kinds_before;
CREATE FUNCTION moved(t text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	n int;
BEGIN
	EXECUTE format('SELECT count(*) FROM %I', t || '_z') INTO n;
	RETURN n BETWEEN 30 AND 110;
END
$$;
SELECT name, rows, pruned, problems, moved(name) FROM kinds_before ORDER BY name COLLATE "C";

SET client_min_messages = error;
DROP SCHEMA faults CASCADE;
DROP ROLE faults_owner;
