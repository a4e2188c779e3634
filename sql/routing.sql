-- Routing in queries: constants, columns, parameters, caches.

CREATE TABLE keys AS SELECT i, 'key:' || i AS k FROM generate_series(1, 10000) i;

-- the shard is the owner of the arc that the position is in
SELECT count(*) AS differing FROM keys,
	LATERAL (SELECT chash_position(chash_ring('{a,b,c}', bits => 60), k) AS p) x
WHERE chash_shard(chash_ring('{a,b,c}', bits => 60), k) <> (
	SELECT shard FROM chash_arcs(chash_ring('{a,b,c}', bits => 60))
	WHERE first_position <= p ORDER BY first_position DESC LIMIT 1) AND i <= 200;

-- positions are 0 to 2^63 - 1, the top bits of wider spaces
SELECT bits, min(p) >= 0 AS above, max(p) < 2::numeric ^ least(bits, 63) AS below, max(p) >= 0.99 * 2::numeric ^ least(bits, 63) AS full
FROM unnest('{1,28,63,64,128,160,256}'::int[]) bits,
	LATERAL (SELECT chash_position(chash_ring('{a,b}', hash => 'sha256', bits => bits), k) AS p FROM keys) x
GROUP BY bits ORDER BY bits;
SELECT chash_position(chash_ring('{a}', hash => 'md5', bits => 128), 'x') = ('x' || md5('x'))::bit(63)::bigint AS top_63_of_128,
	chash_position(chash_ring('{a}', hash => 'md5', bits => 32), 'x') = ('x' || left(md5('x'), 8))::bit(32)::bigint AS top_32;

-- a router in a column: every row has its own
CREATE TABLE routers (id int, r chash_router);
INSERT INTO routers SELECT i, chash_ring(ARRAY['only_' || i]) FROM generate_series(1, 100) i;
SELECT count(*) AS right FROM routers, generate_series(1, 20) k WHERE chash_shard(r, k) = 'only_' || id;
SELECT count(*) AS right FROM generate_series(1, 20) k, routers WHERE chash_shard(r, k) = 'only_' || id;

-- one that is toasted, compressed or not
INSERT INTO routers SELECT 1000, chash_ring(array_agg('shard ' || md5(i::text)), vnodes => 3) FROM generate_series(1, 500) i;
ALTER TABLE routers ALTER r SET STORAGE EXTERNAL;
INSERT INTO routers SELECT 1001, r FROM routers WHERE id = 1000;
SELECT id, count(DISTINCT chash_shard(r, i)) AS shards FROM routers, keys WHERE id >= 1000 GROUP BY id ORDER BY id;
SELECT count(*) AS differing FROM keys,
	(SELECT r AS a FROM routers WHERE id = 1000) x, (SELECT r AS b FROM routers WHERE id = 1001) y
WHERE chash_shard(a, i) <> chash_shard(b, i);

-- a PL/pgSQL loop over changing routers: parameters look stable and are not
CREATE FUNCTION walk() RETURNS TABLE (n int, right_ones int) LANGUAGE plpgsql AS $$
DECLARE
	r chash_router;
BEGIN
	FOR round IN 1 .. 3 LOOP
		n := 0;
		right_ones := 0;
		FOR i IN 1 .. 50 LOOP
			r := chash_ring(ARRAY['shard_' || i]);
			n := n + 1;
			right_ones := right_ones + (chash_shard(r, i) = 'shard_' || i)::int;
		END LOOP;
		RETURN NEXT;
	END LOOP;
END $$;
SELECT * FROM walk();

-- a prepared statement with a router as parameter, through a generic plan
PREPARE route(chash_router, int) AS SELECT chash_shard($1, $2);
SET plan_cache_mode = force_generic_plan;
EXECUTE route(chash_ring('{x}'), 1);
EXECUTE route(chash_ring('{y}'), 1);
EXECUTE route(chash_ring('{x}'), 2);
RESET plan_cache_mode;
DEALLOCATE route;

-- in an index, a view, a generated column
CREATE INDEX ON keys (chash_shard('{"strategy":"ring","shards":["a","b","c"]}'::chash_router, k));
ANALYZE keys;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM keys
WHERE chash_shard('{"strategy":"ring","shards":["a","b","c"]}'::chash_router, k) = 'b';
SELECT count(*) AS by_index FROM keys
WHERE chash_shard('{"strategy":"ring","shards":["a","b","c"]}'::chash_router, k) = 'b' \gset
RESET enable_seqscan;
RESET enable_bitmapscan;
SELECT count(*) = :by_index AS same FROM keys WHERE chash_shard(chash_ring('{a,b,c}') , k || '') = 'b';
CREATE TABLE placed (id int, shard text GENERATED ALWAYS AS (chash_shard('{"strategy":"modulo","hash":"none","shards":["even","odd"]}', id)) STORED);
INSERT INTO placed VALUES (1), (2), (3);
SELECT * FROM placed;

-- parallel workers give the same answers
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT count(*) FROM keys WHERE chash_shard(chash_ring('{a,b,c}'), k) = 'a';
SELECT count(*) FILTER (WHERE chash_shard(chash_ring('{a,b,c}'), k) = 'a') AS parallel FROM keys \gset
SET max_parallel_workers_per_gather = 0;
SELECT count(*) FILTER (WHERE chash_shard(chash_ring('{a,b,c}'), k) = 'a') = :parallel AS same FROM keys;
RESET ALL;

-- many routers in one query: the cache gives up old ones and answers stay right
SELECT count(*) AS right FROM generate_series(1, 70) i
WHERE chash_shard(chash_ring(ARRAY['s' || i], vnodes => 65535), 'x') = 's' || i;

-- compiling a large ring can be cancelled
SET statement_timeout = '100ms';
SELECT chash_shard(chash_ring('{a,b}', weights => '{1,31}', vnodes => 65535, hash => 'sha256'), 'x');
RESET statement_timeout;

DROP TABLE keys, routers, placed;
DROP FUNCTION walk;
