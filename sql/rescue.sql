-- DROP EXTENSION chash CASCADE takes the functions away that tables route by. PostgreSQL 13 drops
-- the tables, too; from 14 on they stay, and come back with the router.

SELECT chash_create_router('ring', chash_ring('{a,b,c}'), 'int');
CREATE TABLE t (id bigint PRIMARY KEY, x text) PARTITION BY HASH (id ring_int8);
CREATE TABLE t_a PARTITION OF t FOR VALUES WITH (modulus 16, remainder 1);
CREATE TABLE t_b PARTITION OF t FOR VALUES WITH (modulus 16, remainder 2);
CREATE TABLE t_c PARTITION OF t FOR VALUES WITH (modulus 16, remainder 3);
INSERT INTO t SELECT i, 'r' || i FROM generate_series(1, 1000) i;
PREPARE by_key AS SELECT x FROM t WHERE id = 42;
EXECUTE by_key;

CREATE FUNCTION rescued() RETURNS text LANGUAGE plpgsql SET client_min_messages = error AS $$
DECLARE
	found bigint;
	x text;
	lost text;
BEGIN
	DROP EXTENSION chash CASCADE;
	-- a plan from before knows its partition
	EXECUTE 'EXECUTE by_key' INTO x;
	IF x IS DISTINCT FROM 'r42' THEN
		RETURN 'the row is not found';
	END IF;
	CREATE EXTENSION chash;
	BEGIN
		PERFORM chash_create_partitions('t');
	EXCEPTION WHEN object_not_in_prerequisite_state THEN
		lost := SQLERRM;
	END;
	PERFORM chash_create_router('ring', chash_ring('{a,b,c}'), 'int');
	INSERT INTO t SELECT i, 'r' || i FROM generate_series(1001, 1100) i;
	SELECT count(*) INTO found FROM generate_series(1, 1100) i
	WHERE EXISTS (SELECT FROM t WHERE id = i) AND EXISTS (SELECT FROM t WHERE id = i::smallint);
	RAISE EXCEPTION '%; % rows found', lost, found USING ERRCODE = 'XX999';
EXCEPTION
	WHEN SQLSTATE 'XX999' THEN RETURN SQLERRM;
	WHEN undefined_table THEN RETURN 'the table is gone';
END $$;
SELECT CASE WHEN current_setting('server_version_num')::int < 140000
	THEN replace(rescued(), 'the table is gone',
		'the operator class by which table "t" is partitioned has lost its hash function; 1100 rows found') ELSE rescued() END;
-- what is there stays as it is
SELECT chash_create_operator_class('ring');
SELECT count(*) FROM pg_proc WHERE proname = 'ring_hash';

DEALLOCATE by_key;
DROP FUNCTION rescued();
DROP TABLE t;
SELECT chash_drop_router('ring');
