-- Which partitions a query reads: the shards of its keys and no others.

-- the partitions that a query has read, as EXPLAIN ANALYZE tells
CREATE FUNCTION leaves_read(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT JSON) ' || query INTO plan;
	RETURN (SELECT string_agg(DISTINCT o ->> 'Relation Name', ' ' ORDER BY o ->> 'Relation Name')
		FROM jsonb_path_query(plan::jsonb, 'strict $.**') o
		WHERE jsonb_typeof(o) = 'object' AND o ->> 'Node Type' LIKE '%Scan' AND o ? 'Relation Name'
			AND (o ->> 'Actual Loops')::numeric > 0);
END $$;

SELECT chash_create_router('p_ring', chash_ring('{p0,p1,p2,p3}'), 'int');
CREATE TABLE p (id int PRIMARY KEY, other int) PARTITION BY HASH (id p_ring);
SELECT chash_create_partitions('p');
INSERT INTO p SELECT i, i FROM generate_series(-100, 899) i;
ANALYZE p;
SELECT id, p_ring(id) FROM unnest('{1,2,3,4,5,6,7,8}'::int[]) id;

-- a plan as people see it
EXPLAIN (COSTS OFF) SELECT other FROM p WHERE id = 3;

-- constants
SELECT leaves_read('SELECT * FROM p');
SELECT leaves_read('SELECT * FROM p WHERE id = 1');
SELECT leaves_read('SELECT * FROM p WHERE id IN (1, 3)');
SELECT leaves_read('SELECT * FROM p WHERE id = ANY (''{1,3,6}'')');
SELECT leaves_read('SELECT * FROM p WHERE id = 1 OR id = 3');
SELECT leaves_read('SELECT * FROM p WHERE id = 1 AND other = 1');
SELECT leaves_read('SELECT * FROM p WHERE id IS NULL');
SELECT leaves_read('SELECT * FROM p WHERE id = NULL');
SELECT leaves_read('UPDATE p SET other = 2 WHERE id = 1');
SELECT leaves_read('DELETE FROM p WHERE id = 3');
-- not by a range: hashing has no order
SELECT leaves_read('SELECT * FROM p WHERE id BETWEEN 1 AND 3');

-- values that are known only when the query runs: of stable functions, subqueries, joins
SELECT leaves_read('SELECT * FROM p WHERE id = date_part(''year'', timestamptz ''epoch'')::int - 1967');
SELECT leaves_read('SELECT * FROM p WHERE id = (SELECT max(x) FROM (VALUES (1), (3)) v (x))');
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SELECT leaves_read('SELECT * FROM (VALUES (1), (3)) v (x) JOIN p ON p.id = v.x');
SELECT leaves_read('SELECT * FROM (VALUES (1::bigint), (3)) v (x) JOIN p ON p.id = v.x');
SELECT leaves_read('SELECT v.x, (SELECT other FROM p WHERE p.id = v.x) FROM (VALUES (1), (8)) v (x)');
RESET enable_hashjoin;
RESET enable_mergejoin;

-- prepared statements, planned for their parameters or once for all (of an array that is a parameter PostgreSQL
-- does not know the elements when it plans, and prunes no kind of partition by it)
PREPARE one(int) AS SELECT * FROM p WHERE id = $1;
PREPARE wide(bigint) AS SELECT * FROM p WHERE id = $1;
PREPARE narrow(smallint) AS SELECT * FROM p WHERE id = $1;
PREPARE list(int[]) AS SELECT * FROM p WHERE id = ANY ($1);
PREPARE two(int, int) AS SELECT * FROM p WHERE id IN ($1, $2);
CREATE FUNCTION read_prepared() RETURNS TABLE (mode text, one text, wide text, narrow text, list text, two text)
LANGUAGE sql AS $$
	SELECT current_setting('plan_cache_mode'), leaves_read('EXECUTE one(3)'), leaves_read('EXECUTE wide(3)'),
		leaves_read('EXECUTE narrow(3)'), leaves_read('EXECUTE list(''{1,3}'')'), leaves_read('EXECUTE two(1, 3)')
$$;
SET plan_cache_mode = force_custom_plan;
SELECT * FROM read_prepared();
SET plan_cache_mode = force_generic_plan;
SELECT * FROM read_prepared();
RESET plan_cache_mode;

-- PL/pgSQL: what a plan made for one key reads, it has locked
CREATE FUNCTION locked_by(key int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	found int;
BEGIN
	SELECT other INTO found FROM p WHERE id = key;
	RETURN found || ': ' || (SELECT string_agg(c.relname, ' ' ORDER BY c.relname)
		FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
		WHERE l.pid = pg_backend_pid() AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
			AND c.relname ~ '^p\d$');
END $$;
SET plan_cache_mode = force_custom_plan;
SELECT locked_by(7);
SELECT locked_by(8);
RESET plan_cache_mode;
-- and many calls, which go over to a generic plan, find every key
CREATE FUNCTION count_found() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	total bigint := 0;
	i int;
	found int;
BEGIN
	FOR i IN -200..999 LOOP
		SELECT count(*) INTO found FROM p WHERE id = i;
		total := total + found;
	END LOOP;
	RETURN total;
END $$;
SELECT count_found(), count(*) FROM p;

-- every integer type with every other: the same leaf, and the same rows
CREATE FUNCTION compare_widths(column_type regtype, literal_type regtype, OUT leaves text, OUT wrong bigint)
LANGUAGE plpgsql AS $$
DECLARE
	suffix text := CASE column_type WHEN 'int'::regtype THEN '' WHEN 'int2'::regtype THEN '_int2' ELSE '_int8' END;
BEGIN
	EXECUTE format('CREATE TABLE w (id %s PRIMARY KEY) PARTITION BY HASH (id p_ring%s)', column_type, suffix);
	PERFORM chash_create_partitions('w', 'w_{id}');
	INSERT INTO w SELECT generate_series(-100, 899);
	leaves := leaves_read(format('SELECT * FROM w WHERE id = 7::%s', literal_type));
	EXECUTE format('SELECT count(*) FROM generate_series(-100, 899) i
		WHERE i <> (SELECT id FROM w WHERE id = i::%s)
			OR NOT EXISTS (SELECT FROM w WHERE id = i::%1$s AND tableoid::regclass::text = ''w_'' || p_ring_ordinal(id::int))',
		literal_type) INTO wrong;
	DROP TABLE w;
END $$;
SET client_min_messages = warning;
SELECT c AS column_type, l AS literal_type, w.*
FROM unnest('{int2,int4,int8}'::regtype[]) c, unnest('{int2,int4,int8}'::regtype[]) l, compare_widths(c, l) w;
RESET client_min_messages;

DROP TABLE p;
SELECT chash_drop_router('p_ring');
DROP FUNCTION leaves_read, read_prepared, locked_by, count_found, compare_widths;
