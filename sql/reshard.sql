-- chash_reshard: a router becomes another one, and all rows that this moves are moved as they are.
SET client_min_messages = warning;
CREATE SCHEMA resh;
SET search_path = resh, public;

-- What is the same before and after: all rows, each found where the router says.
CREATE FUNCTION oracle(t regclass, OUT rows bigint, OUT sum numeric, OUT pruned bigint, OUT problems bigint)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SELECT count(*), sum(hashtextextended(t::text, 0)) FROM %s t', t) INTO rows, sum;
	EXECUTE format('SELECT count(*) FROM (SELECT DISTINCT k FROM %1$s OFFSET 0) a,'
		' LATERAL (SELECT FROM %1$s b WHERE b.k = a.k LIMIT 1) f', t) INTO pruned;
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

-- ---- rows of all kinds ----
SELECT chash_create_router('ring', bounds(100), 'int');
CREATE FUNCTION fires() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN RAISE EXCEPTION 'a trigger fired'; END $$;
CREATE TABLE t (
	gone int,
	k int PRIMARY KEY,
	id int GENERATED ALWAYS AS IDENTITY,
	twice int GENERATED ALWAYS AS (k * 2) STORED,
	big text,
	plain text,
	note varchar(40),
	made timestamptz DEFAULT '2024-01-01 00:00 UTC')
	PARTITION BY HASH (k ring);
ALTER TABLE t DROP COLUMN gone;
ALTER TABLE t ALTER plain SET STORAGE PLAIN;
SELECT chash_create_partitions('t', '{table}_{shard}');
-- a partition whose columns have another order
ALTER TABLE t DETACH PARTITION t_b;
DROP TABLE t_b;
CREATE TABLE t_b (note varchar(40), gone int, big text, made timestamptz,
	twice int GENERATED ALWAYS AS (k * 2) STORED, id int NOT NULL, k int NOT NULL, plain text, gone_too text);
ALTER TABLE t_b DROP COLUMN gone, DROP COLUMN gone_too;
ALTER TABLE t ATTACH PARTITION t_b FOR VALUES WITH (MODULUS 1024, REMAINDER 2);
INSERT INTO t (k, big, plain, note) SELECT k, repeat(md5(k::text), 200), NULL, 'note ' || k FROM generate_series(1, 200) k;
-- out of line, compressed and not
UPDATE t SET big = (SELECT string_agg(md5(i || '.' || k), '') FROM generate_series(1, 400) i) WHERE k % 10 = 5;
UPDATE t SET note = NULL, plain = 'plain' WHERE k % 3 = 0;
CREATE TABLE child (k int REFERENCES t ON DELETE CASCADE ON UPDATE CASCADE, n int, PRIMARY KEY (k, n)) PARTITION BY HASH (k ring);
SELECT chash_create_partitions('child', '{table}_{shard}');
CREATE TABLE other (k int REFERENCES t ON DELETE SET NULL, n int);
CREATE TABLE strict (k int REFERENCES t ON DELETE RESTRICT, n int);
INSERT INTO child SELECT k, n FROM generate_series(1, 200) k, generate_series(1, 2) n;
INSERT INTO other SELECT k, k FROM generate_series(1, 200) k;
INSERT INTO strict SELECT k, k FROM generate_series(1, 200) k;
-- nothing of this is asked
CREATE TRIGGER row_before BEFORE INSERT OR UPDATE OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION fires();
CREATE TRIGGER row_after AFTER INSERT OR UPDATE OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION fires();
CREATE TRIGGER statement AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON t EXECUTE FUNCTION fires();
CREATE TRIGGER always AFTER INSERT OR UPDATE OR DELETE ON child FOR EACH ROW EXECUTE FUNCTION fires();
ALTER TABLE t ENABLE ALWAYS TRIGGER row_after;
ALTER TABLE child ENABLE ALWAYS TRIGGER always;
ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY none ON t USING (false);
SELECT places('t');
SELECT places('child');
CREATE TABLE before AS SELECT * FROM oracle('t') UNION ALL SELECT * FROM oracle('child') UNION ALL
	SELECT count(*), sum(hashtextextended(o::text, 0)), count(*), 0 FROM other o;
TABLE before;

-- there, by two shards at once, and elsewhere, and back
CALL chash_reshard('ring', bounds(50, 120, 150));
SELECT places('t');
SELECT places('child');
SELECT * FROM oracle('t') UNION ALL SELECT * FROM oracle('child') UNION ALL
	SELECT count(*), sum(hashtextextended(o::text, 0)), count(*), 0 FROM other o EXCEPT ALL TABLE before;
CALL chash_reshard('ring', chash_jump('{b,a}'));
SELECT * FROM oracle('t') UNION ALL SELECT * FROM oracle('child') EXCEPT ALL TABLE before;
SELECT relname FROM pg_class WHERE relname IN ('c', 'd', 'child_c', 'child_d') AND relkind = 'r' AND NOT relispartition ORDER BY 1 COLLATE "C";
DROP TABLE c, d, child_c, child_d;
CALL chash_reshard('ring', bounds(100));
SELECT places('t');
SELECT * FROM oracle('t') UNION ALL SELECT * FROM oracle('child') EXCEPT ALL TABLE before;
-- what was stored is stored as it was
SELECT count(*) FILTER (WHERE pg_column_size(big) < length(big)) AS compressed,
	count(*) FILTER (WHERE pg_column_size(big) = length(big)) AS not_compressed FROM t;
-- nothing is left behind
SELECT relname FROM pg_class WHERE relname LIKE 'chash_movers%';
-- indexes have the rows
SET enable_seqscan = off;
SELECT count(*) FROM t WHERE k BETWEEN 1 AND 200;
RESET enable_seqscan;
-- and foreign keys hold, both ways
ALTER TABLE t DISABLE TRIGGER USER;
ALTER TABLE child DISABLE TRIGGER USER;
-- versions word the error differently
DO $$ BEGIN DELETE FROM t WHERE k = 60; RAISE 'deleted'; EXCEPTION WHEN foreign_key_violation OR restrict_violation THEN NULL; END $$;
DELETE FROM strict WHERE k = 60;
DELETE FROM t WHERE k = 60;
SELECT (SELECT count(*) FROM child WHERE k = 60), (SELECT count(*) FROM other WHERE n = 60 AND k IS NULL);
INSERT INTO child VALUES (60, 1);
INSERT INTO t (k) VALUES (61);

-- ---- nothing to move ----
CALL chash_reshard('ring', bounds(100));
CALL chash_reshard('ring', bounds(100), max_lock => '0', lock_timeout => '0');
TRUNCATE t, child, other, strict;
CALL chash_reshard('ring', bounds(50));
SELECT chash_get_router('ring');
-- many rows of one key, and a lock that cannot be kept to
CREATE TABLE many (k int, v int) PARTITION BY HASH (k ring);
SELECT chash_create_partitions('many', '{table}_{shard}');
INSERT INTO many SELECT 60, v FROM generate_series(1, 3000) v;
INSERT INTO many SELECT v, v FROM generate_series(1, 200) v;
CALL chash_reshard('ring', bounds(100), max_lock => '0');
SELECT places('many');
SELECT pruned, problems FROM oracle('many');

-- ---- a change under way ----
-- a router that has begun to change, as it is in a dump
CREATE FUNCTION begin_change(after chash_router, passed bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE OR REPLACE FUNCTION ring(int) RETURNS text STABLE STRICT PARALLEL SAFE LANGUAGE chash AS %L',
		jsonb_build_object('before', chash_get_router('ring')::jsonb, 'after', after::jsonb, 'passed', passed));
END
$$;
SELECT begin_change(bounds(50), 0);
SELECT ring(60), chash_get_router('ring') = bounds(100) AS before;
CALL chash_reshard('ring', bounds(20));
CALL chash_reshard('ring', bounds(50));
SELECT ring(60), chash_get_router('ring') = bounds(50) AS after;
SELECT places('many');
CALL chash_reshard('ring');
CALL chash_reshard_back('ring');
SELECT begin_change(bounds(100), 0);
CALL chash_reshard_back('ring');
SELECT ring(60), chash_get_router('ring') = bounds(50) AS before;
SELECT places('many');
-- index entries of rows that are gone
TRUNCATE many;
INSERT INTO many SELECT v, v FROM generate_series(1, 20000) v;
SELECT begin_change(bounds(10000), 0);
CREATE INDEX ON many_b (k);
CREATE UNIQUE INDEX many_b_v ON many_b (v);
CALL chash_reshard('ring');
DROP INDEX many_b_v;
-- what only a partition demands
ALTER TABLE many_a ALTER v SET NOT NULL;
CALL chash_reshard('ring');
ALTER TABLE many_a ALTER v DROP NOT NULL;
ALTER TABLE many_a ADD CHECK (v > 0);
CALL chash_reshard('ring');
ALTER TABLE many_a DROP CONSTRAINT many_a_v_check;
CREATE TABLE vs (v int PRIMARY KEY);
INSERT INTO vs SELECT generate_series(1, 20000);
ALTER TABLE many_b ADD FOREIGN KEY (v) REFERENCES vs;
CALL chash_reshard('ring');
ALTER TABLE many_b DROP CONSTRAINT many_b_v_fkey;
-- a unique index that has the key is no obstacle
CREATE UNIQUE INDEX many_a_v ON many_a (v, k);
CALL chash_reshard('ring');
SELECT places('many');
SELECT pruned, problems FROM oracle('many');

-- ---- who may, and when ----
BEGIN;
CALL chash_reshard('ring', bounds(50));
ROLLBACK;
DO $$ BEGIN CALL chash_reshard('ring', bounds(50)); END $$;
CALL chash_reshard(NULL, bounds(50));
CALL chash_reshard('ring', bounds(50), pause => NULL);
CALL chash_reshard('ring', bounds(50), max_lock => NULL);
CALL chash_reshard('ring', bounds(50), max_lock => '-1 ms');
CALL chash_reshard('pg_sleep', bounds(50));
CREATE ROLE resh_other;
GRANT USAGE ON SCHEMA resh TO resh_other;
SET ROLE resh_other;
CALL chash_reshard('ring', chash_jump('{a,b}'));
RESET ROLE;
SET default_transaction_isolation = serializable;
CALL chash_reshard('ring', bounds(20000));
SET default_transaction_isolation = 'repeatable read';
CALL chash_reshard('ring', bounds(5000));
RESET default_transaction_isolation;
SELECT places('many');
SET default_transaction_read_only = on;
CALL chash_reshard('ring', bounds(20000));
RESET default_transaction_read_only;
SELECT ring(7000);
SELECT places('many');
-- cursors of this session
DECLARE held CURSOR WITH HOLD FOR SELECT * FROM many WHERE k = 7000;
CALL chash_reshard('ring', bounds(20000));
FETCH held;
SELECT pruned, problems FROM oracle('many');

-- ---- keys of other types ----
CREATE FUNCTION try_keys(type regtype, key text, rows int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SELECT chash_create_router(''r_%1$s'', chash_ring(''{x,y}''), %1$L)', type);
	EXECUTE format('CREATE TABLE t_%1$s (k %1$s UNIQUE, v int) PARTITION BY HASH (k r_%1$s)', type);
	EXECUTE format('SELECT chash_create_partitions(''t_%s'', ''{table}_{shard}'')', type);
	EXECUTE format('INSERT INTO t_%s SELECT %s, i FROM generate_series(1, %s) i', type, key, rows);
END
$$;
SELECT try_keys('text', '''key '' || i', 500), try_keys('bigint', 'i * 10000000000', 500),
	try_keys('uuid', 'md5(i::text)::uuid', 500), try_keys('date', 'date ''2000-01-01'' + i', 500);
CALL chash_reshard('r_text', chash_ring('{x,y,z}'));
CALL chash_reshard('r_bigint', chash_ring('{x,y,z}'));
CALL chash_reshard('r_uuid', chash_ring('{x,y,z}'));
CALL chash_reshard('r_date', chash_ring('{x,y,z}'));
SELECT rows, pruned, problems FROM unnest('{t_text,t_bigint,t_uuid,t_date}'::regclass[]) t, oracle(t);
SELECT count(*) FILTER (WHERE tableoid = 'z'::regclass) BETWEEN 100 AND 250 AS moved FROM t_text;

-- ---- statistics ----
-- columns beside the key are looked at where keys are not hashed: other rows are there then
CREATE FUNCTION highest(leaf regclass) RETURNS int LANGUAGE sql AS
	$$SELECT max(b) FROM pg_stats, unnest(histogram_bounds::text::int[]) b
	WHERE (schemaname || '.' || tablename)::regclass = leaf AND attname = 'v'$$;
SELECT chash_create_router('by_key', chash_hash_range('{x,y}', hash => 'none', bits => 16), 'int');
SELECT chash_create_router('by_hash', chash_hash_range('{x,y}'), 'int');
CREATE TABLE s (k int, v int) PARTITION BY HASH (k by_key);
CREATE TABLE sh (k int, v int) PARTITION BY HASH (k by_hash);
SELECT chash_create_partitions('s', '{table}_{shard}'), chash_create_partitions('sh', '{table}_{shard}');
INSERT INTO s SELECT k, k FROM generate_series(0, 65535, 100) k;
INSERT INTO sh SELECT k, k FROM generate_series(0, 65535, 100) k;
ALTER TABLE sh_x SET (autovacuum_enabled = off);
ANALYZE s, sh;
UPDATE sh SET v = 1000000;
SELECT highest('s_x');
CALL chash_reshard('by_key', chash_hash_range('{x,y,z}', hash => 'none', bits => 16), concurrently => false);
CALL chash_reshard('by_hash', chash_hash_range('{x,y,z}'), concurrently => false);
SELECT highest('s_x'), highest('sh_x') < 1000000 AS not_looked_at,
	abs((SELECT reltuples FROM pg_class WHERE oid = 'sh_x'::regclass) / (SELECT count(*) FROM sh_x) - 1) < 0.1 AS counted;
DROP TABLE s, sh;

-- ---- hostile names ----
SELECT chash_create_router('"a""b''; --"', chash_range(ARRAY['x''; DROP --', 'y"z.'], '{10}', 'integer'), 'int');
CREATE TABLE "t '"";--" ("k "";'--" int, v int) PARTITION BY HASH ("k "";'--" "a""b'; --");
SELECT chash_create_partitions('"t ''"";--"');
INSERT INTO "t '"";--" SELECT i, i FROM generate_series(1, 20) i;
CALL chash_reshard('"a""b''; --"', chash_range(ARRAY['x''; DROP --', 'y"z.', 'z;'], '{5,15}', 'integer'));
SELECT tableoid::regclass, count(*) FROM "t '"";--" GROUP BY 1 ORDER BY 2, 1;

-- ---- a router of which not much would fit into a row of pg_index ----
SELECT chash_create_router('wide', chash_ring('{x,y}', tokens => ARRAY(
	SELECT string_agg(hashint8extended(i, s)::text, ',') FROM generate_series(1, 700) i, generate_series(1, 2) s GROUP BY s),
	dialect => 'cassandra'), 'text');
CREATE TABLE wide (k text PRIMARY KEY) PARTITION BY HASH (k wide);
SELECT chash_create_partitions('wide', '{table}_{shard}');
INSERT INTO wide SELECT 'key ' || i FROM generate_series(1, 1000) i;
SELECT chash_ring('{x,y,wide_z}', tokens => ARRAY(
	SELECT string_agg(hashint8extended(i, s)::text, ',') FROM generate_series(1, 700) i, generate_series(1, 3) s GROUP BY s),
	dialect => 'cassandra') AS wider \gset
CALL chash_reshard('wide', :'wider');
SELECT count(*), (SELECT count(*) FROM chash_check('wide')) AS problems, (SELECT count(*) FROM wide_z) BETWEEN 250 AND 420 AS moved FROM wide;
DROP TABLE wide;
SELECT chash_drop_router('wide');

-- ---- what the planner knows afterwards ----
SELECT chash_create_router('few', chash_ring('{a,b}'), 'int');
CREATE TABLE few (k int PRIMARY KEY, v int) PARTITION BY HASH (k few);
SELECT chash_create_partitions('few', '{table}_{shard}');
ALTER TABLE few_a SET (autovacuum_enabled = off);
ALTER TABLE few_b SET (autovacuum_enabled = off, autovacuum_analyze_threshold = 100000);
INSERT INTO few SELECT k, k % 10 FROM generate_series(1, 3000) k;
ANALYZE few;
-- whether the planner knows how many rows there are, and the columns of which it knows something
CREATE FUNCTION counted(partitions regclass[]) RETURNS TABLE (partition regclass, counted boolean, columns int) LANGUAGE plpgsql AS $$
DECLARE
	plan json;
	rows bigint;
BEGIN
	FOREACH partition IN ARRAY partitions LOOP
		EXECUTE format('EXPLAIN (FORMAT json) SELECT FROM %s', partition) INTO plan;
		EXECUTE format('SELECT count(*) FROM %s', partition) INTO rows;
		RETURN QUERY SELECT partition, abs((plan->0->'Plan'->>'Plan Rows')::float - rows) <= rows * 0.15,
			(SELECT count(*)::int FROM pg_statistic WHERE starelid = partition);
	END LOOP;
END
$$;
CALL chash_add_shard('few', 'few_c');
SELECT * FROM counted('{few_a,few_b,few_c}');
-- also of rows that have gone and come again
SET chash.failpoint = 'stepped:error:3';
CALL chash_add_shard('few', 'few_d', max_lock => '0');
RESET chash.failpoint;
CALL chash_reshard_back('few');
DROP TABLE few_d;
SELECT * FROM counted('{few_a,few_b,few_c}');
CALL chash_add_shard('few', 'few_d');
SELECT * FROM counted('{few_a,few_b,few_d}');
-- where somebody counts them in the middle
CALL chash_remove_shard('few', 'few_d', drop => true);
SELECT *, abs((SELECT reltuples FROM pg_class WHERE oid = partition) / (SELECT count(*) FROM few WHERE tableoid = partition) - 1) < 0.15 AS known
FROM counted('{few_a,few_b,few_c}');
SET chash.failpoint = 'stepped:error:500';
CALL chash_add_shard('few', 'few_d', max_lock => '0');
RESET chash.failpoint;
ANALYZE few;
CALL chash_reshard('few');
SELECT * FROM counted('{few_a,few_c,few_d}');
-- and where others have come, unless they are few for autovacuum
CALL chash_reshard('few', chash_rendezvous('{a,b,few_c,few_d}'));
SELECT * FROM counted('{few_a,few_b,few_c,few_d}');
-- and bounds do not tell how many rows go
CALL chash_reshard('few', chash_range('{a,b,few_c,few_d}', '{1000,1500,2000}', 'integer'));
SELECT * FROM counted('{few_a,few_b,few_c,few_d}');
ALTER TABLE few_a SET (autovacuum_analyze_threshold = 100000);
CALL chash_reshard('few', chash_range('{a,b,few_c,few_d}', '{1001,1500,2000}', 'integer'));
SELECT * FROM counted('{few_a,few_b}');
-- a partition that had no statistics gets all of them
DELETE FROM pg_statistic WHERE starelid = 'few_a'::regclass;
CALL chash_reshard('few', chash_ring('{a,b,few_c,few_d}'));
SELECT * FROM counted('{few_a}');
DELETE FROM pg_statistic WHERE starelid = 'few_a'::regclass;
CALL chash_reweight_shard('few', 'b', 2);
SELECT * FROM counted('{few_a}');

-- and for those whose most common keys may have left, if as many rows did as autovacuum asks for
SELECT chash_create_router('often', chash_ring('{a,b}'), 'int');
CREATE TABLE often (k int, v int) PARTITION BY HASH (k often);
SELECT chash_create_partitions('often', '{table}_{shard}');
ALTER TABLE often_a SET (autovacuum_enabled = off);
ALTER TABLE often_b SET (autovacuum_enabled = off, autovacuum_analyze_threshold = 100000);
INSERT INTO often SELECT k % 50, k % 10 FROM generate_series(1, 3000) k;
ANALYZE often;
CREATE FUNCTION knows_of_keys_that_left(partition name) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	known int[] = (SELECT most_common_vals FROM pg_stats WHERE tablename = partition AND attname = 'k');
	keys int[];
BEGIN
	EXECUTE format('SELECT array_agg(k) FROM %I', partition) INTO keys;
	RETURN NOT known <@ keys;
END
$$;
CALL chash_add_shard('often', 'often_c');
SELECT *, knows_of_keys_that_left(partition::text) FROM counted('{often_a,often_b,often_c}');
-- the scale factor counts, too
ALTER TABLE often_a SET (autovacuum_analyze_scale_factor = 0.9);
ALTER TABLE often_b RESET (autovacuum_analyze_threshold);
CALL chash_add_shard('often', 'often_d');
SELECT *, knows_of_keys_that_left(partition::text) FROM counted('{often_a,often_b,often_d}');

SET client_min_messages = notice;
-- what is said of a change of no rows, and of one row
TRUNCATE few;
\set VERBOSITY terse
CALL chash_reweight_shard('few', 'b', 1);
INSERT INTO few VALUES (1);
CALL chash_reshard('few', chash_range('{few_d,a,b,few_c}', '{1000,1500,2000}', 'integer'));
\set VERBOSITY default

SET client_min_messages = error;
DROP SCHEMA resh CASCADE;
DROP ROLE resh_other;
