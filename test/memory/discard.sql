-- What chash keeps between calls, and what it reads from the catalogs, while caches of catalogs are
-- thrown away. memory.sh runs this with :discard 0 and 1; the answers are the same.
\set ON_ERROR_STOP 1
\set QUIET 1
CREATE EXTENSION chash;
CREATE COLLATION ordered FROM "C";
SELECT chash_create_router('ring', chash_ring('{a,b,c}'), 'int8');
SELECT chash_create_router('ranges', chash_range('{low,high}', '{m}', 'text', 'public.ordered'), 'text');
CREATE TABLE rows (k int8 PRIMARY KEY, v text) PARTITION BY HASH (k ring);
SELECT chash_create_partitions('rows');
INSERT INTO rows SELECT i, 'v' || i FROM generate_series(1, 100) i;
CREATE TABLE plain AS SELECT i::int8 AS k, 'v' || i AS v FROM generate_series(1, 50) i;
PREPARE one(int8) AS SELECT * FROM rows WHERE k = $1;
SET plan_cache_mode = force_generic_plan;
-- a change and a row that the query holds, within one query
CREATE FUNCTION change() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM chash_replace_router('ranges', chash_range('{"low after","high after"}', '{m}', 'text', 'public.ordered'));
	RETURN ranges('Tacos');
END $$;
SET debug_discard_caches = :discard;

SELECT ring(i), ring_ordinal(i), ranges(i::text) FROM generate_series(1, 5::int8) i;
SELECT concat(ranges('apple'), ' ', ranges('pear'), ' ', ranges('Tacos'));
SELECT concat(ranges('Tacos'), ', ', change());
EXECUTE one(42);
SELECT count(*), min(k), max(k) FROM rows;
SELECT * FROM rows WHERE k IN (1, 2, 3) ORDER BY k;
INSERT INTO rows VALUES (1, 'again'), (101, 'new') ON CONFLICT (k) DO UPDATE SET v = excluded.v;
EXECUTE one(1);
-- with an older snapshot than a change of this transaction
BEGIN;
DECLARE older CURSOR FOR SELECT i, ranges(i::text) FROM generate_series(1, 2) i;
FETCH 1 FROM older;
SELECT chash_replace_router('ranges', chash_range('{"low after","high after"}', '{n}', 'text', 'public.ordered'));
FETCH 1 FROM older;
SELECT ranges('marrow');
ROLLBACK;
SELECT ranges('marrow');
SELECT router, strategy, hash, shards, changing FROM chash_routers ORDER BY 1;
SELECT * FROM chash_moves(chash_get_router('ring'), chash_add(chash_get_router('ring'), 'd')) ORDER BY 1, 2;
SELECT * FROM chash_check('rows');
SET client_min_messages = warning;
CALL chash_add_shard('ring', 'd', concurrently => false);
RESET client_min_messages;
EXECUTE one(42);
SELECT tableoid::regclass, count(*) FROM rows GROUP BY 1 ORDER BY 1;
SELECT chash_distribute('plain', 'k', router => 'ring');
SELECT p.k, r.v FROM plain p JOIN rows r USING (k) WHERE k < 4 ORDER BY 1;
RESET debug_discard_caches;
SELECT * FROM chash_check('rows');
SELECT * FROM chash_check('plain');
