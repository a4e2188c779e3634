-- What tables route by stays whole, whichever command would break it.

SELECT chash_create_router('ring', chash_ring('{a,b,c}'), 'int');
CREATE TABLE t (id int PRIMARY KEY, x text) PARTITION BY HASH (id ring);
CREATE TABLE t_a PARTITION OF t FOR VALUES WITH (modulus 16, remainder 1);
CREATE TABLE t_b PARTITION OF t FOR VALUES WITH (modulus 16, remainder 2);
CREATE TABLE t_c PARTITION OF t FOR VALUES WITH (modulus 16, remainder 3);
INSERT INTO t SELECT i, 'r' || i FROM generate_series(1, 1000) i;
CREATE VIEW found AS
	SELECT count(*) AS rows, count(*) FILTER (WHERE found) AS found
	FROM (SELECT i, EXISTS (SELECT FROM t WHERE id = i) AS found FROM generate_series(1, 1000) i) f;
SELECT * FROM found;

-- replacing the router
SELECT chash_replace_router('ring', chash_add(chash_get_router('ring'), 'd'));
CREATE OR REPLACE FUNCTION ring(int) RETURNS text LANGUAGE chash STABLE STRICT PARALLEL SAFE
	AS '{"strategy":"ring","shards":["x","y"]}';
CREATE OR REPLACE FUNCTION ring(int) RETURNS text LANGUAGE sql STABLE STRICT AS 'SELECT ''a''';
SELECT chash_replace_router('ring', '{"strategy":"ring","shards":["a","b",{"name":"c","id":16}]}');
-- what leaves every row where it is may be done: the same again, another name, keys that are not there
SELECT chash_replace_router('ring', chash_get_router('ring'));
CREATE OR REPLACE FUNCTION ring(int) RETURNS text LANGUAGE chash STABLE STRICT PARALLEL SAFE
	AS '{"strategy" : "ring", "shards" : ["a", "b", "c"]}';
SELECT ring(100000);
SELECT chash_replace_router('ring', chash_pin(chash_get_router('ring'), '100000', CASE ring(100000) WHEN 'a' THEN 'b' ELSE 'a' END));
SELECT ring(100000);
INSERT INTO t VALUES (100000, 'pinned');
SELECT tableoid::regclass FROM t WHERE id = 100000;
SELECT chash_replace_router('ring', chash_unpin(chash_get_router('ring'), '100000'));
DELETE FROM t WHERE id = 100000;
SELECT chash_replace_router('ring', chash_unpin(chash_get_router('ring'), '100000'));
-- a cursor of this session is in the middle of it
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM t;
FETCH c;
SELECT chash_replace_router('ring', chash_pin(chash_get_router('ring'), '100000', 'a'));
ROLLBACK;
SELECT * FROM found;

-- temporary tables with the names of catalogs hide nothing
CREATE TEMP TABLE pg_proc ();
CREATE OR REPLACE FUNCTION ring(int) RETURNS text LANGUAGE chash STABLE STRICT PARALLEL SAFE
	AS '{"strategy":"ring","shards":["x","y"]}';
DROP TABLE pg_temp.pg_proc;

-- nothing else has the name of a router, so that the name alone means it
CREATE PROCEDURE ring(int, int) LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE ring(bigint) (SFUNC = int8pl, STYPE = bigint);
CREATE PROCEDURE other(int, int) LANGUAGE sql AS 'SELECT 1';
ALTER PROCEDURE other(int, int) RENAME TO ring;
DROP PROCEDURE other(int, int);
CREATE AGGREGATE other(bigint) (SFUNC = int8pl, STYPE = bigint);
ALTER AGGREGATE other(bigint) RENAME TO ring;
DROP AGGREGATE other(bigint);
-- with a default, it would go with what that refers to
CREATE OR REPLACE FUNCTION ring(int DEFAULT 1) RETURNS text LANGUAGE chash STABLE STRICT PARALLEL SAFE
	AS '{"strategy":"ring","shards":["a","b","c"]}';

-- helpers
CREATE OR REPLACE FUNCTION ring_hash(int, bigint) RETURNS bigint LANGUAGE sql STABLE STRICT AS 'SELECT 1::bigint';
CREATE FUNCTION other(int) RETURNS text LANGUAGE chash STABLE AS '{"strategy":"ring","shards":["a"]}';
CREATE OR REPLACE FUNCTION ring_hash(int, bigint) RETURNS bigint LANGUAGE chash STABLE STRICT AS 'other';
CREATE OR REPLACE FUNCTION ring_hash(int, bigint) RETURNS bigint LANGUAGE chash STABLE STRICT PARALLEL SAFE COST 1 AS 'ring';
DROP FUNCTION other(int);

-- ALTER
CREATE SCHEMA elsewhere;
ALTER FUNCTION ring(int) IMMUTABLE;
ALTER ROUTINE ring_hash(int, bigint) IMMUTABLE;
ALTER FUNCTION ring(int) SET SCHEMA elsewhere;
ALTER FUNCTION ring_hash(int, bigint) SET SCHEMA elsewhere;
CREATE ROLE chash_test_user;
ALTER FUNCTION ring_hash(int, bigint) OWNER TO chash_test_user;
ALTER FUNCTION ring(int) VOLATILE;
ALTER FUNCTION ring(int) STABLE;
DROP SCHEMA elsewhere;

-- DROP
CREATE FUNCTION refused(command text) RETURNS boolean LANGUAGE plpgsql
	SET client_min_messages = warning AS $$
BEGIN
	EXECUTE command;
	RAISE EXCEPTION 'done' USING ERRCODE = 'XX999';
EXCEPTION
	WHEN SQLSTATE 'XX999' THEN RETURN false;
	WHEN dependent_objects_still_exist THEN RETURN true;
END $$;
SELECT command, refused(command) FROM (VALUES
	('DROP FUNCTION ring(int)'),
	('DROP FUNCTION ring_hash(int, bigint)'),
	('DROP FUNCTION ring_hash(bigint, bigint)'),
	('DROP ROUTINE ring_hash(int, bigint)'),
	('ALTER OPERATOR FAMILY ring USING hash DROP FUNCTION 2 (int, int)'),
	('ALTER OPERATOR FAMILY ring USING hash DROP FUNCTION 2 (bigint, bigint)'),
	('DROP OPERATOR CLASS ring USING hash'),
	('DROP OPERATOR FAMILY ring USING hash'),
	('SELECT chash_drop_router(''ring'')'),
	('DROP LANGUAGE chash CASCADE'),
	('DROP FUNCTION chash_call_handler() CASCADE')) v(command);
-- CASCADE would leave the table with nothing to route by; 13 would drop it, as CASCADE says
SELECT command, refused(command) OR current_setting('server_version_num')::int < 140000 AS refused FROM (VALUES
	('DROP FUNCTION ring(int) CASCADE'), ('DROP FUNCTION ring_hash(int, bigint) CASCADE')) v(command);
CREATE TEMP TABLE pg_partitioned_table ();
SELECT refused('ALTER OPERATOR FAMILY ring USING hash DROP FUNCTION 2 (int, int)');
DROP TABLE pg_temp.pg_partitioned_table;
-- however it comes: the collation of a domain of keys
CREATE COLLATION coded FROM "C";
CREATE DOMAIN code AS text COLLATE coded;
SELECT chash_create_router('coded_ring', chash_ring('{a,b}'), 'code');
CREATE TABLE coded_t (k text) PARTITION BY HASH (k coded_ring);
SELECT refused('DROP COLLATION coded CASCADE') OR current_setting('server_version_num')::int < 140000 AS refused;
DROP TABLE coded_t;
SELECT chash_drop_router('coded_ring');
DROP DOMAIN code;
DROP COLLATION coded;
-- not even in a session that replays what others did
SET session_replication_role = replica;
SELECT refused('DROP FUNCTION ring_hash(int, bigint)');
RESET session_replication_role;
SELECT * FROM found;

-- an owner of the schema may drop what is in it, but not this
CREATE SCHEMA theirs AUTHORIZATION chash_test_user;
SELECT chash_create_router('theirs.ring2', chash_ring('{a,b}'), 'text');
CREATE TABLE t2 (k text) PARTITION BY HASH (k theirs.ring2);
SET ROLE chash_test_user;
SELECT refused('DROP FUNCTION theirs.ring2_hash(text, bigint)');
RESET ROLE;

-- whoever owns the router changes tables only if they are his, too
ALTER FUNCTION theirs.ring2(text) OWNER TO chash_test_user;
SET ROLE chash_test_user;
SELECT chash_replace_router('theirs.ring2', chash_ring('{a,b,c}'));
CREATE OR REPLACE FUNCTION theirs.ring2(text) RETURNS text LANGUAGE chash STABLE AS '{"strategy":"ring","shards":["c"]}';
RESET ROLE;
ALTER TABLE t2 OWNER TO chash_test_user;
SET ROLE chash_test_user;
SELECT chash_replace_router('theirs.ring2', chash_ring('{a,b,c}'));
RESET ROLE;
DROP TABLE t2;
SET client_min_messages = warning;
DROP SCHEMA theirs CASCADE;
RESET client_min_messages;

-- a new name is no change
ALTER FUNCTION ring(int) RENAME TO circle;
SELECT * FROM found;
INSERT INTO t SELECT i, 'r' || i FROM generate_series(1001, 1010) i;
SELECT router, tables FROM chash_routers;
ALTER FUNCTION circle(int) RENAME TO ring;

-- functions that have nothing to do with it
CREATE FUNCTION mine(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
ALTER FUNCTION mine(int) IMMUTABLE;
DROP FUNCTION mine(int);
SELECT chash_guard_ddl();
SELECT chash_guard_drop();

-- dropping the table first sets the router free
DROP VIEW found;
DROP FUNCTION refused(text);
DROP TABLE t;
SELECT chash_replace_router('ring', chash_ring('{x}'));
SELECT ring(1);
SELECT chash_drop_router('ring');
DROP ROLE chash_test_user;
