-- Prepared routers are kept: how often one is prepared, counted and not timed.

CREATE TABLE keys AS SELECT 'key ' || i AS k, i FROM generate_series(1, 1000) i;
CREATE TABLE before (prepared bigint);
CREATE PROCEDURE mark() LANGUAGE sql AS $$ DELETE FROM before; INSERT INTO before SELECT prepared FROM chash_cache() $$;
CREATE FUNCTION prepared() RETURNS bigint LANGUAGE sql AS $$ SELECT c.prepared - b.prepared FROM chash_cache() c, before b $$;

-- a constant, in a row after row and query after query
CALL mark();
SELECT count(chash_shard(chash_ring('{a,b,c}'), k)) FROM keys;
SELECT count(chash_shard(chash_ring('{a,b,c}'), k)) FROM keys;
SELECT count(chash_position(chash_ring('{a,b,c}'), i)) FROM keys;
SELECT prepared() AS once;

-- a prepared statement, through custom plans and a generic one
CALL mark();
PREPARE route(text) AS SELECT chash_shard(chash_ring('{a,b,d}'), $1);
PREPARE route_by(chash_router, text) AS SELECT chash_shard($1, $2);
DO $$ BEGIN FOR i IN 1 .. 20 LOOP EXECUTE format('EXECUTE route(%L)', i); END LOOP; END $$;
DO $$ BEGIN FOR i IN 1 .. 20 LOOP EXECUTE format('EXECUTE route_by(chash_ring(%L), %L)', '{a,b,e}', i); END LOOP; END $$;
SELECT prepared() AS once_each;

-- a router in a column, short, toasted and compressed; another row has another router
CREATE TABLE routers (id int, r chash_router);
INSERT INTO routers SELECT 1, chash_ring('{f,g}');
INSERT INTO routers SELECT 2, chash_ring(array_agg('a shard with quite a long name, number ' || i)) FROM generate_series(1, 300) i;
CREATE TABLE external (LIKE routers);
ALTER TABLE external ALTER r SET STORAGE EXTERNAL;
INSERT INTO external SELECT 3, chash_ring(array_agg('a shard with quite a long name, number ' || i)) FROM generate_series(1, 301) i;
CALL mark();
SELECT count(DISTINCT chash_shard(r, k)) FROM keys, routers WHERE id = 1;
SELECT count(DISTINCT chash_shard(r, k)) FROM keys, routers WHERE id = 2;
SELECT count(DISTINCT chash_shard(r, k)) FROM keys, external;
SELECT prepared() AS three;
-- the router in the TOAST table is not fetched for each row: it takes two pages and more
CREATE FUNCTION pages(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ' || query INTO plan;
	RETURN (plan -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::bigint + (plan -> 0 -> 'Plan' ->> 'Shared Read Blocks')::bigint;
END $$;
SELECT pages('SELECT count(chash_shard(r, k)) FROM keys, external') < 100 AS fetched_once,
	pages('SELECT count(length(r::text)) FROM keys, external') > 2000 AS would_be_fetched_each_time;
-- by turns
SELECT count(chash_shard(r, k)) FROM (SELECT k, r FROM keys, routers ORDER BY k, id) t;
SELECT prepared() AS three;
SELECT count(*) AS rows, bool_and(chash_shard(r, k) = chash_shard(r::text::chash_router, k)) AS same
FROM (SELECT k, r FROM keys, (TABLE routers UNION ALL TABLE external) t WHERE i <= 100 ORDER BY k, id) t;
-- one in the TOAST table and one in its row, so that the former comes back after the latter
SELECT bool_and(chash_shard(r, k) = chash_shard(r::text::chash_router, k)) AS same_by_two
FROM (SELECT k, r FROM keys, (SELECT * FROM routers WHERE id = 1 UNION ALL TABLE external) t WHERE i <= 100 ORDER BY k, id) t;
-- two of one size, so that only where they are in the TOAST table tells them apart
CREATE TABLE alike (LIKE external INCLUDING STORAGE);
INSERT INTO alike SELECT 1, chash_ring(array_agg('a shard with quite a long name, number ' || i)) FROM generate_series(1, 300) i;
INSERT INTO alike SELECT 2, chash_ring(array_agg('b shard with quite a long name, number ' || i)) FROM generate_series(1, 300) i;
SELECT id, left(chash_shard(r, k), 7) AS shard, count(*) > 500 AS many
FROM (SELECT id, k, r FROM keys, alike ORDER BY k, id) t GROUP BY 1, 2 ORDER BY 1, 2;
DROP TABLE alike;

-- a column that changes within a transaction
CALL mark();
BEGIN;
DECLARE c CURSOR FOR SELECT chash_shard(r, 'Tacos') FROM external, generate_series(1, 2);
FETCH 1 FROM c;
UPDATE external SET r = chash_ring('{new}');
SELECT chash_shard(r, 'Tacos') FROM external;
FETCH 1 FROM c;
COMMIT;
SELECT prepared() AS one_more;

-- bounds in the order of a collation are put in order again when collations change, also within a query
CREATE TABLE rangers AS SELECT chash_range('{a,b}', '{m}', 'text', 'C') AS r;
CALL mark();
BEGIN;
DECLARE c CURSOR FOR SELECT chash_shard(r, 'Tacos') FROM rangers, generate_series(1, 3);
FETCH 1 FROM c;
FETCH 1 FROM c;
SELECT prepared() AS one;
CREATE COLLATION another FROM "C";
FETCH 1 FROM c;
SELECT prepared() AS two;
ROLLBACK;
DROP TABLE rangers;

-- PL/pgSQL, in which a router that looks stable is another one each time
CALL mark();
DO $$
DECLARE
	r chash_router;
BEGIN
	FOR round IN 1 .. 3 LOOP
		FOR i IN 1 .. 50 LOOP
			r := chash_ring(ARRAY['only ' || i]);
			IF chash_shard(r, i) <> 'only ' || i THEN
				RAISE EXCEPTION 'wrong shard';
			END IF;
		END LOOP;
	END LOOP;
END $$;
SELECT prepared() AS fifty;

-- a thousand routers in one query, twice
CALL mark();
SELECT bool_and(chash_shard(chash_ring(ARRAY['router ' || i]), i) = 'router ' || i) AS same FROM generate_series(1, 1000) i;
SELECT bool_and(chash_shard(chash_ring(ARRAY['router ' || i]), i) = 'router ' || i) AS same FROM generate_series(1, 1000) i;
SELECT prepared() AS a_thousand;

-- more than there is room for: old ones are thrown away, and prepared again when they are needed; but
-- not those of a router by name and of a query that goes on
SELECT chash_create_router('kept', chash_ring('{a,kept}', vnodes => 20000), 'bigint');
SELECT kept(1);
BEGIN;
DECLARE c CURSOR FOR SELECT chash_shard(chash_ring('{a,held}', vnodes => 20000), i) FROM generate_series(1, 2) i;
FETCH 1 FROM c;
CALL mark();
SELECT sum(length(chash_shard(chash_ring(ARRAY['a', 'b ' || i], vnodes => 20000), i))) > 0 AS routed FROM generate_series(1, 100) i;
SELECT bytes > 32 * 1024 * 1024 AS full, bytes <= 64 * 1024 * 1024 AS bounded, thrown_away > 0 AS thrown_away, routers < 100 AS fewer FROM chash_cache();
SELECT prepared() AS a_hundred;
SELECT chash_shard(chash_ring(ARRAY['a', 'b 1'], vnodes => 20000), 1) IS NOT NULL AS again;
SELECT prepared() AS one_more;
SELECT chash_shard(chash_ring('{a,kept}', vnodes => 20000), 1) IS NOT NULL AS kept;
SELECT prepared() AS no_more;
SELECT chash_shard(chash_ring('{a,held}', vnodes => 20000), 1) IS NOT NULL AS held;
SELECT prepared() AS no_more;
FETCH 1 FROM c;
COMMIT;
SELECT kept(1);
SELECT chash_drop_router('kept');

DROP TABLE keys, before, routers, external;
DROP PROCEDURE mark;
DROP FUNCTION prepared, pages;
