-- Joins and aggregates: shard by shard where tables share a router; and what a router's operator family is not used for.

SELECT chash_create_router('j_ring', chash_ring('{j0,j1,j2}'), 'int');
CREATE TABLE a (id int, x int) PARTITION BY HASH (id j_ring);
CREATE TABLE b (id int, y int) PARTITION BY HASH (id j_ring);
CREATE TABLE wide (id bigint, z int) PARTITION BY HASH (id j_ring_int8);
CREATE TABLE by_core (id int, x int) PARTITION BY HASH (id);
SELECT chash_create_partitions('a');
SELECT chash_create_partitions('b');
SELECT chash_create_partitions('wide');
CREATE TABLE by_core_0 PARTITION OF by_core FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_core_1 PARTITION OF by_core FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO a SELECT i, i FROM generate_series(1, 600) i;
INSERT INTO b SELECT i, i FROM generate_series(1, 600, 2) i;
INSERT INTO wide SELECT i, i FROM generate_series(1, 600, 3) i;
INSERT INTO by_core SELECT i, i FROM generate_series(1, 600, 5) i;
ANALYZE a, b, wide, by_core;

-- how many nodes of a plan join or aggregate
CREATE FUNCTION nodes(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (COSTS OFF, FORMAT JSON) ' || query INTO plan;
	RETURN (SELECT string_agg(n || ' ' || type, ', ' ORDER BY type) FROM
		(SELECT o ->> 'Node Type' AS type, count(*) AS n
		FROM jsonb_path_query(plan::jsonb, 'strict $.**') o
		WHERE jsonb_typeof(o) = 'object' AND o ->> 'Node Type' ~ 'Join|Loop|Aggregate' GROUP BY 1) found);
END $$;
SET max_parallel_workers_per_gather = 0;
SET enable_nestloop = off;
SET enable_mergejoin = off;

SELECT nodes('SELECT * FROM a JOIN b USING (id)');
SELECT nodes('SELECT id, count(*) FROM a GROUP BY id');
SET enable_partitionwise_join = on;
SET enable_partitionwise_aggregate = on;
SELECT nodes('SELECT * FROM a JOIN b USING (id)');
EXPLAIN (COSTS OFF) SELECT * FROM a JOIN b USING (id);
SELECT nodes('SELECT * FROM a LEFT JOIN b USING (id)');
SELECT nodes('SELECT * FROM a WHERE EXISTS (SELECT FROM b WHERE b.id = a.id)');
SELECT nodes('SELECT id, count(*) FROM a GROUP BY id');
SELECT nodes('SELECT id, count(*), sum(y) FROM a JOIN b USING (id) GROUP BY id');
-- co-located, but PostgreSQL joins partition by partition only keys of one type
SELECT nodes('SELECT * FROM a JOIN wide ON a.id = wide.id');
-- another key, and a table of another router, cannot be joined so
SELECT nodes('SELECT * FROM a JOIN b ON a.x = b.y');
SELECT nodes('SELECT * FROM a JOIN by_core USING (id)');
-- the results are the same
CREATE FUNCTION results() RETURNS TABLE (joined bigint, outer_joined bigint, widths bigint, groups bigint, core bigint) LANGUAGE sql AS $$
	SELECT (SELECT sum(x + y) FROM a JOIN b USING (id)), (SELECT count(*) FROM a LEFT JOIN b USING (id) WHERE b.id IS NULL),
		(SELECT sum(x + z) FROM a JOIN wide ON a.id = wide.id), (SELECT sum(n) FROM (SELECT id, count(*) AS n FROM a GROUP BY id) g),
		(SELECT count(*) FROM a JOIN by_core USING (id))
$$;
SELECT * FROM results();
RESET enable_partitionwise_join;
RESET enable_partitionwise_aggregate;
SELECT * FROM results();

-- Hashing in memory is not by the router: its family has no function for that, so that another one of int4's is found.
SELECT nodes('SELECT * FROM a JOIN b USING (id)');
SET enable_sort = off;
SELECT nodes('SELECT DISTINCT id FROM a');
SELECT count(*) FROM (SELECT DISTINCT id FROM a) d;
SELECT count(*) FROM (SELECT id FROM a EXCEPT SELECT id FROM b) e;
SELECT count(*) FROM a WHERE id NOT IN (SELECT id FROM b);
SELECT count(*) FROM a JOIN generate_series(1, 10) i ON a.id = i;
RESET enable_sort;
RESET enable_nestloop;
RESET enable_mergejoin;
RESET max_parallel_workers_per_gather;

-- a hash index cannot be made by it, and the class is nobody's default
CREATE INDEX by_router ON by_core USING hash (id j_ring);
CREATE INDEX by_default ON by_core USING hash (id);
SELECT opcname, opcdefault, amprocnum FROM pg_opclass c JOIN pg_amproc p ON amprocfamily = opcfamily AND amproclefttype = opcintype
WHERE opcfamily = (SELECT oid FROM pg_opfamily WHERE opfname = 'j_ring') ORDER BY 1;

-- amvalidate finds nothing wrong, although function 1 is missing: without it nothing but partitioning uses the family,
-- which is why it is left out. The equalities of all pairs of types are there.
SELECT opcname, amvalidate(oid) FROM pg_opclass WHERE opcfamily = (SELECT oid FROM pg_opfamily WHERE opfname = 'j_ring') ORDER BY 1;
SELECT count(*) FROM pg_amop WHERE amopfamily = (SELECT oid FROM pg_opfamily WHERE opfname = 'j_ring');

DROP TABLE a, b, wide, by_core;
DROP FUNCTION nodes, results;
SELECT chash_drop_router('j_ring');
