-- chash_check: what is wrong with a table is found, and what could not be looked at is said.

SELECT chash_create_router('c_ring', chash_ring('{c0,c1,c2}'), 'int');
CREATE TABLE c (id int, place int, UNIQUE (id, place)) PARTITION BY HASH (id c_ring);
SELECT * FROM chash_check('c');
SELECT chash_create_partitions('c', modulus => 16);
INSERT INTO c SELECT i, i FROM generate_series(1, 300) i;
SELECT * FROM chash_check('c');

-- One row is in the wrong place: behind everybody's back the router is told to send its key elsewhere.
-- Whoever changes catalogs by hand is not stopped.
CREATE FUNCTION set_router(name regproc, router chash_router) RETURNS void LANGUAGE sql AS
	'UPDATE pg_proc SET prosrc = router::text WHERE oid = name';
CREATE TABLE kept AS SELECT chash_get_router('c_ring') AS router;
SELECT c_ring(7), tableoid::regclass FROM c WHERE id = 7;
SELECT set_router('c_ring', chash_pin(router, 7, 'c0')) FROM kept;
SELECT * FROM chash_check('c');
-- the same in a transaction that has one snapshot
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT partition, shard, rows FROM chash_check('c');
COMMIT;
-- now the key is there twice, which neither copy's index can see
INSERT INTO c VALUES (7, 7);
SELECT * FROM chash_check('c');
-- found also where plans believe that partitions differ in their keys
SET enable_partitionwise_aggregate = on;
SELECT problem, rows FROM chash_check('c');
RESET enable_partitionwise_aggregate;
-- and where an operator gets in between
CREATE SCHEMA trojan;
CREATE FUNCTION trojan.evil(bigint, int) RETURNS bigint LANGUAGE sql AS 'SELECT 1/0::bigint';
CREATE OPERATOR trojan.- (LEFTARG = bigint, RIGHTARG = int, FUNCTION = trojan.evil);
CREATE OPERATOR trojan.> (LEFTARG = bigint, RIGHTARG = int, FUNCTION = trojan.evil);
SET search_path = trojan, pg_catalog, public;
SELECT problem, rows FROM chash_check('c');
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA trojan CASCADE;
RESET client_min_messages;
-- other rows with the key are no copies
DELETE FROM c WHERE id = 7;
INSERT INTO c VALUES (7, 8);
SELECT * FROM chash_check('c');
-- an index with a condition cannot tell
CREATE UNIQUE INDEX c_some ON c (id) WHERE place > 0;
SELECT problem, rows, detail FROM chash_check('c') WHERE problem = 'not checked';
DROP INDEX c_some;
DELETE FROM c WHERE id = 7;
SELECT set_router('c_ring', router) FROM kept;
SELECT count(*) AS found_again FROM c WHERE id = 7;
SELECT * FROM chash_check('c');

-- many rows: a shard more than there are partitions, and one less
SELECT set_router('c_ring', chash_add(router, 'c3')) FROM kept;
SELECT problem, partition, shard, rows FROM chash_check('c');
SELECT set_router('c_ring', chash_remove(router, 'c1')) FROM kept;
SELECT problem, partition, shard, rows FROM chash_check('c');
-- a shard that the modulus has no room for
SELECT set_router('c_ring', '{"strategy": "ring", "shards": ["c0", "c1", "c2", {"name": "far", "id": 16, "weight": 0.01}]}');
SELECT problem, shard, detail FROM chash_check('c') WHERE problem <> 'misplaced rows';
SELECT set_router('c_ring', router) FROM kept;
SELECT * FROM chash_check('c');

-- partitions that nobody needs, one of which takes null keys, and partitions of another modulus
INSERT INTO c VALUES (NULL, 1);
CREATE TABLE c_null PARTITION OF c FOR VALUES WITH (MODULUS 16, REMAINDER 0);
CREATE TABLE c_idle PARTITION OF c FOR VALUES WITH (MODULUS 32, REMAINDER 9);
INSERT INTO c VALUES (NULL, 1), (NULL, 2);
SELECT * FROM chash_check('c');
DROP TABLE c_null, c_idle;
-- a partition that is missing
ALTER TABLE c DETACH PARTITION c1;
SELECT * FROM chash_check('c');
-- one that has partitions itself
CREATE TABLE c1_parts PARTITION OF c FOR VALUES WITH (MODULUS 16, REMAINDER 2) PARTITION BY RANGE (place);
CREATE TABLE c1_low PARTITION OF c1_parts FOR VALUES FROM (0) TO (150);
CREATE TABLE c1_high (extra int, place int, id int);
ALTER TABLE c1_high DROP COLUMN extra;
ALTER TABLE c1_parts ATTACH PARTITION c1_high FOR VALUES FROM (150) TO (1000);
INSERT INTO c SELECT * FROM c1;
SELECT * FROM chash_check('c');
SELECT set_router('c_ring', chash_remove(router, 'c1')) FROM kept;
SELECT problem, partition, shard, rows FROM chash_check('c');
SELECT set_router('c_ring', router) FROM kept;

-- one that cannot be asked
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER nowhere FOREIGN DATA WRAPPER nowhere;
CREATE TABLE f (id int) PARTITION BY HASH (id c_ring);
CREATE FOREIGN TABLE f1 PARTITION OF f FOR VALUES WITH (MODULUS 16, REMAINDER 2) SERVER nowhere;
SET client_min_messages = warning;
SELECT chash_create_partitions('f');
RESET client_min_messages;
SELECT * FROM chash_check('f');
SELECT chash_replace_router('c_ring', chash_pin(router, 1000000, 'c0')) FROM kept;
DROP TABLE f;
DROP FOREIGN DATA WRAPPER nowhere CASCADE;

-- whoever may not see the rows is told so, and told the rest all the same
CREATE ROLE chash_test_user;
DROP TABLE c1_parts;
SET ROLE chash_test_user;
SELECT * FROM chash_check('c');
RESET ROLE;
GRANT SELECT (id) ON c TO chash_test_user;
ALTER TABLE c ATTACH PARTITION c1 FOR VALUES WITH (MODULUS 16, REMAINDER 2);
SET ROLE chash_test_user;
SELECT * FROM chash_check('c');
RESET ROLE;
ALTER TABLE c ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON c USING (id < 3);
SET ROLE chash_test_user;
SELECT * FROM chash_check('c');
RESET ROLE;
SELECT * FROM chash_check('c');
ALTER TABLE c DISABLE ROW LEVEL SECURITY;
-- with a doubled row, but no right to see all columns of the unique index
SELECT set_router('c_ring', chash_pin(router, 7, 'c0')) FROM kept;
SET ROLE chash_test_user;
SELECT problem, partition, shard, rows, detail FROM chash_check('c');
RESET ROLE;
SELECT set_router('c_ring', router) FROM kept;
REVOKE ALL ON c FROM chash_test_user;
DROP ROLE chash_test_user;

-- the guards
ALTER EVENT TRIGGER chash_guard_ddl DISABLE;
ALTER EVENT TRIGGER chash_guard_drop ENABLE REPLICA;
SELECT * FROM chash_check('c');

ALTER EVENT TRIGGER chash_guard_ddl ENABLE ALWAYS;
ALTER EVENT TRIGGER chash_guard_drop ENABLE ALWAYS;
SELECT * FROM chash_check('c');
ALTER EVENT TRIGGER chash_guard_ddl RENAME TO renamed;
SELECT problem, detail FROM chash_check('c');
CREATE FUNCTION no_guard() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER chash_guard_ddl ON ddl_command_end EXECUTE FUNCTION no_guard();
SELECT problem, detail FROM chash_check('c');
DROP EVENT TRIGGER chash_guard_ddl;
DROP FUNCTION no_guard();
ALTER EVENT TRIGGER renamed RENAME TO chash_guard_ddl;
-- PostgreSQL 17 and later can switch all of them off
SELECT count(set_config(name, 'off', false)) = count(*) AS off FROM pg_settings WHERE name = 'event_triggers';
SELECT count(*) = (SELECT count(*) FROM pg_settings WHERE name = 'event_triggers') AS found
FROM chash_check('c') WHERE problem = 'missing guard' AND detail = 'The setting event_triggers is off.';
SELECT count(set_config(name, 'on', false)) = count(*) AS on FROM pg_settings WHERE name = 'event_triggers';
SELECT * FROM chash_check('c');

-- What the operator family has to have. PostgreSQL 13 lets nobody take it away but by hand.
SELECT chash_create_router('c_other', chash_ring('{x,y}'), 'int');
CREATE TABLE operators AS SELECT * FROM pg_amop
WHERE amopfamily = (SELECT oid FROM pg_opfamily WHERE opfname = 'c_ring') AND amoplefttype = 'int4'::regtype AND amoprighttype = 'int8'::regtype;
CREATE TABLE functions AS SELECT * FROM pg_amproc WHERE amprocfamily = (SELECT oid FROM pg_opfamily WHERE opfname = 'c_ring');
DELETE FROM pg_amop WHERE oid IN (SELECT oid FROM operators);
DELETE FROM pg_amproc WHERE oid IN (SELECT oid FROM functions WHERE amproclefttype = 'int8'::regtype);
SELECT * FROM chash_check('c');
INSERT INTO pg_amop SELECT * FROM operators;
INSERT INTO pg_amproc SELECT * FROM functions WHERE amproclefttype = 'int8'::regtype;
SELECT * FROM chash_check('c');
-- a function for another type, of another router, or of another language
UPDATE pg_amproc SET amproc = 'c_ring_hash(int4, int8)'::regprocedure WHERE oid IN (SELECT oid FROM functions WHERE amproclefttype = 'int8'::regtype);
SELECT * FROM chash_check('c');
UPDATE pg_amproc SET amproc = 'c_other_hash(int8, int8)'::regprocedure WHERE oid IN (SELECT oid FROM functions WHERE amproclefttype = 'int8'::regtype);
SELECT * FROM chash_check('c');
UPDATE pg_amproc SET amproc = 'hashint8extended' WHERE oid IN (SELECT oid FROM functions WHERE amproclefttype = 'int8'::regtype);
UPDATE pg_proc SET prosrc = 'c_other' WHERE proname = 'c_ring_ordinal';
SELECT * FROM chash_check('c');
UPDATE pg_proc SET prosrc = 'c_ring' WHERE proname = 'c_ring_ordinal';
-- the table's own: without it nobody can use the table
DELETE FROM pg_amproc WHERE oid IN (SELECT oid FROM functions);
SELECT * FROM chash_check('c');
INSERT INTO pg_amproc SELECT * FROM functions;
SELECT * FROM chash_check('c');

-- keys that no router can decide by
CREATE TABLE two (a int, b int) PARTITION BY HASH (a c_ring, b);
CREATE TABLE second (a int, b int) PARTITION BY HASH (a, b c_other);
CREATE TABLE computed (a int) PARTITION BY HASH ((a % 10) c_ring);
SELECT * FROM chash_check('two');
SELECT * FROM chash_check('second');
SELECT * FROM chash_check('computed');
-- nor can the router be replaced: PostgreSQL routes by it, in its own way
SELECT chash_replace_router('c_other', chash_ring('{x,y,z}'));
-- tables that no router has to do with
CREATE TABLE by_core (a int) PARTITION BY HASH (a);
CREATE TABLE by_range (a int) PARTITION BY RANGE (a);
SELECT * FROM chash_check('by_core');
SELECT * FROM chash_check('by_range');
SELECT * FROM chash_check('kept');
SELECT chash_router_of('c'), chash_router_of('by_core') IS NULL AS by_core, chash_router_of('kept') IS NULL AS kept, chash_router_of(0) IS NULL AS nothing;
SELECT * FROM chash_check(0);
SELECT * FROM chash_check(NULL);

DROP TABLE c, kept, operators, functions, two, second, computed, by_core, by_range;
DROP FUNCTION set_router;
SELECT chash_drop_router('c_ring');
SELECT chash_drop_router('c_other');
