-- What the planner makes of chash_shard: how many groups it expects, and parallel plans.

CREATE TABLE keys AS SELECT 'key ' || i AS k FROM generate_series(1, 50000) i;
ANALYZE keys;

-- the number of rows that the topmost node of a plan expects, and its nodes
CREATE FUNCTION plan(query text, OUT expected bigint, OUT nodes text) LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	expected := plan -> 0 -> 'Plan' ->> 'Plan Rows';
	SELECT string_agg(DISTINCT m[1], ', ' ORDER BY m[1]) INTO nodes
	FROM regexp_matches(plan::text, '"Partial Mode": "(\w+)"', 'g') m;
END $$;
SELECT chash_ring('{a,b,c,d,e}') AS r \gset
SELECT format('SELECT chash_shard(%L, k), count(*) FROM keys GROUP BY 1', :'r'::chash_router) AS by_shard \gset

-- without statistics, as many groups as there are keys
SELECT expected > 10000 AS too_many FROM plan(:'by_shard');

-- with statistics of the expression, of an index here and from PostgreSQL 14 on of CREATE STATISTICS, as many as there are shards
CREATE INDEX keys_shard ON keys (chash_shard('{"strategy":"ring","hash":"xxh3","shards":["a","b","c","d","e"]}'::chash_router, k));
ANALYZE keys;
SELECT expected FROM plan(:'by_shard');
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0.1;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SET enable_indexscan = off;
SET enable_indexonlyscan = off;
SET enable_bitmapscan = off;
SELECT expected, nodes FROM plan(:'by_shard');
SELECT chash_shard(:'r', k), count(*) FROM keys GROUP BY 1 ORDER BY 1;
DROP INDEX keys_shard;
ANALYZE keys;

-- the aggregate of the reports is parallel without
SELECT expected, nodes FROM plan(format('SELECT chash_count_moves(%L, %1$L, k, 0) FROM keys', :'r'::chash_router));
SELECT source AS shard, rows FROM chash_redistribution('keys', 'k', :'r', :'r', unmoved => true);
RESET ALL;

-- a constant router does not keep a function from being part of a condition that is pushed down
SELECT count(*) FROM keys WHERE chash_shard(:'r', k) = 'a';
DROP TABLE keys;
DROP FUNCTION plan;
