-- chash_redistribution: counted from the table itself.

\set ECHO none
\i test/sample/recipes.sql
\set ECHO all
SELECT chash_ring('{recipes_0,recipes_1,recipes_2}') AS r \gset

SELECT source, target, rows, round(share::numeric, 4) AS share, rows_exact, bytes_exact
FROM chash_redistribution('recipes', 'recipe_id', :'r', chash_add(:'r', 'recipes_3'));

-- the same by hand
SELECT chash_shard(:'r', recipe_id) AS source, chash_shard(chash_add(:'r', 'recipes_3'), recipe_id) AS target, count(*)
FROM recipes GROUP BY 1, 2 HAVING chash_shard(:'r', recipe_id) <> chash_shard(chash_add(:'r', 'recipes_3'), recipe_id) ORDER BY 1, 2;

-- what stays as well: all rows, all bytes
SELECT sum(rows) AS rows, round(sum(share)::numeric, 9) AS share,
	abs(sum(bytes) - pg_table_size('recipes')) <= count(*) AS bytes
FROM chash_redistribution('recipes', 'recipe_name', :'r', chash_add(:'r', 'recipes_3'), unmoved => true);

-- exact bytes: rows as they are stored, TOAST included
CREATE TABLE documents (id int PRIMARY KEY, gone text, body text, note text);
ALTER TABLE documents ALTER body SET STORAGE EXTERNAL;
INSERT INTO documents SELECT i, 'x', repeat('y', i * 100), CASE WHEN i % 2 = 0 THEN 'even' END FROM generate_series(1, 100) i;
ALTER TABLE documents DROP gone;
INSERT INTO documents SELECT i, repeat('y', i * 100), NULL FROM generate_series(101, 200) i;
SELECT sum(bytes) = (SELECT sum(24 + 4 + CASE WHEN length(body) > 1996 THEN 18 + length(body)
		WHEN length(body) > 126 THEN 4 + length(body) ELSE 1 + length(body) END
		+ coalesce(1 + length(note), 0)) FROM documents) AS expected,
	bool_and(bytes_exact) AS exact
FROM chash_redistribution('documents', 'id', :'r', :'r', exact_bytes => true, unmoved => true);

-- samples are estimates and say so
SELECT bool_or(rows_exact) AS rows_exact, bool_or(bytes_exact) AS bytes_exact, sum(rows) BETWEEN 2000 AND 18000 AS plausible
FROM chash_redistribution('recipes', 'recipe_id', :'r', chash_add(:'r', 'recipes_3'), sample => 0.5, exact_bytes => true, unmoved => true);

-- more pairs of shards than are counted in an array
SELECT sum(rows) = (SELECT count(*) FROM recipes WHERE chash_shard(before, recipe_id) <> chash_shard(after, recipe_id)) AS same, sum(rows) > 0 AS some
FROM (SELECT chash_ring(array_agg('s' || i ORDER BY i)) AS before, chash_ring(array_agg('s' || i ORDER BY i), array_agg(1 + i % 2 ORDER BY i)) AS after FROM generate_series(1, 150) i) r,
	LATERAL chash_redistribution('recipes', 'recipe_id', before, after) GROUP BY before, after;
SELECT chash_count_moves(NULL, :'r', 1, 0);
SELECT chash_count_moves(:'r', NULL, 1, 0);

-- keys that are NULL belong nowhere and do not move
CREATE TABLE nulls (k int);
INSERT INTO nulls SELECT nullif(i % 3, 0) FROM generate_series(1, 9) i;
SELECT source, target, rows FROM chash_redistribution('nulls', 'k', chash_modulo('{x}'), chash_modulo('{y}'));
SELECT source, target, rows FROM chash_redistribution('nulls', 'k', chash_modulo('{x}'), chash_modulo('{x}'), unmoved => true);

-- many rows, of which the later ones are counted in another way: the same as by hand
CREATE TABLE many AS SELECT CASE WHEN i % 7 > 0 THEN 'k' || i END AS k FROM generate_series(1, 3000) i;
SELECT change, count(*) AS pairs, sum(rows) AS rows, bool_and(rows = (SELECT count(*) FROM many
	WHERE chash_shard(before, k) IS NOT DISTINCT FROM source AND chash_shard(after, k) IS NOT DISTINCT FROM target)) AS same
FROM (VALUES ('a shard', :'r'::chash_router, chash_add(:'r', 'recipes_3')),
	('the hash', :'r', chash_ring('{x,y}', hash => 'xxh64')),
	('the bits', :'r', chash_ring('{x,y}', bits => 20)),
	('a pin', :'r', chash_pin(:'r', 'k3000', 'recipes_0')),
	('a digest', chash_ring('{x,y}', hash => 'sha1'), chash_ring('{x,y,z}', hash => 'sha1')),
	('the strategy', chash_jump('{x,y}'), chash_maglev('{x,y,z}'))) AS changes(change, before, after),
	chash_redistribution('many', 'k', before, after, unmoved => true)
GROUP BY change ORDER BY change;
DROP TABLE many;

-- empty tables; no change
SELECT count(*) FROM chash_redistribution('nulls', 'k', chash_modulo('{x}'), chash_modulo('{x}'));
TRUNCATE nulls;
SELECT count(*) FROM chash_redistribution('nulls', 'k', chash_modulo('{x}'), chash_modulo('{y}'), unmoved => true);

-- partitioned tables, inheritance, views, materialized views, foreign tables, hostile names
CREATE TABLE "pa'r""t" (id int, "ke""y;" text) PARTITION BY HASH (id);
CREATE TABLE part_0 PARTITION OF "pa'r""t" FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE part_1 PARTITION OF "pa'r""t" FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO "pa'r""t" SELECT i, 'k' || i FROM generate_series(1, 1000) i;
SELECT sum(rows) AS rows, sum(bytes) > 0 AS bytes FROM chash_redistribution('"pa''r""t"', 'ke"y;', chash_modulo('{x}'), chash_modulo('{y}'));
CREATE TABLE parent (id int);
CREATE TABLE child () INHERITS (parent);
INSERT INTO parent VALUES (1);
INSERT INTO child VALUES (2), (3);
SELECT sum(rows) AS rows, sum(bytes) AS bytes FROM chash_redistribution('parent', 'id', chash_modulo('{x}'), chash_modulo('{y}'));
CREATE VIEW few AS SELECT recipe_id AS id, recipe_name AS name FROM recipes WHERE recipe_id <= 10;
SELECT rows, bytes, rows_exact FROM chash_redistribution('few', 'name', chash_modulo('{x}'), chash_modulo('{y}'));
SELECT rows, bytes > 300 AS bytes, bytes_exact FROM chash_redistribution('few', 'name', chash_modulo('{x}'), chash_modulo('{y}'), exact_bytes => true);
CREATE MATERIALIZED VIEW kept AS SELECT * FROM few;
SELECT rows FROM chash_redistribution('kept', 'name', chash_modulo('{x}'), chash_modulo('{y}'));
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER nowhere FOREIGN DATA WRAPPER nowhere;
CREATE FOREIGN TABLE far (id int) SERVER nowhere;
SELECT * FROM chash_redistribution('far', 'id', chash_modulo('{x}'), chash_modulo('{y}'));	-- asks its wrapper, which cannot
SELECT * FROM chash_redistribution('far', 'id', chash_modulo('{x}'), chash_modulo('{y}'), sample => 0.1);

CREATE TABLE half_far (id int) PARTITION BY LIST (id);
CREATE TABLE near PARTITION OF half_far FOR VALUES IN (1, 2, 3);
CREATE FOREIGN TABLE far_away PARTITION OF half_far FOR VALUES IN (4) SERVER nowhere;
SELECT * FROM chash_redistribution('half_far', 'id', chash_modulo('{x}'), chash_modulo('{y}'), sample => 0.1);

-- in parallel, with the same result
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT chash_count_moves(:'r', chash_add(:'r', 'recipes_3'), recipe_id, 0) FROM recipes;
SELECT string_agg(source || '>' || target || ':' || rows, ' ') AS parallel
FROM chash_redistribution('recipes', 'recipe_id', :'r', chash_add(:'r', 'recipes_3'));
SELECT sum(rows) AS rows, sum(bytes) AS bytes FROM chash_redistribution('recipes', 'recipe_id', :'r', :'r', exact_bytes => true, unmoved => true);
-- where few or none of the workers have a row
SELECT chash_count_moves(:'r', chash_add(:'r', 'recipes_3'), recipe_id, 5) AS one FROM recipes WHERE recipe_id + 0 = 7;
SELECT chash_count_moves(:'r', chash_add(:'r', 'recipes_3'), recipe_id, 5) AS none FROM recipes WHERE recipe_id + 0 < 0;
SET max_parallel_workers_per_gather = 0;
SELECT sum(rows) AS rows, sum(bytes) AS bytes FROM chash_redistribution('recipes', 'recipe_id', :'r', :'r', exact_bytes => true, unmoved => true);
RESET ALL;
SELECT chash_count_moves(:'r', chash_add(:'r', 'recipes_3'), recipe_id, 1) FROM recipes;
-- a router of its own in each row
SELECT chash_count_moves(b, a, 'key'::text, 1) FROM (VALUES (1, chash_modulo('{a,b}', '{1,100000}'), chash_modulo('{a}')),
	(2, chash_modulo('{b,a}', '{100000,1}'), chash_modulo('{a}')), (3, chash_modulo('{a}'), chash_modulo('{a,b}', '{1,100000}'))) v(i, b, a);
SELECT chash_count_moves(:'r', :'r', recipe_id, 1) FROM recipes WHERE false;

-- the settings are as they were, also after an error
SHOW row_security;
SELECT chash_redistribution('recipes', 'recipe_id', chash_range('{a,b}', '{m}'), :'r');
SHOW row_security;

-- refused
SELECT chash_redistribution('no_such_table', 'id', :'r', :'r');
SELECT chash_redistribution(0, 'id', :'r', :'r');
SELECT chash_redistribution('recipes', 'no_such_column', :'r', :'r');
SELECT chash_redistribution('recipes', 'ctid', :'r', :'r');
SELECT chash_redistribution('documents', '........pg.dropped.2........', :'r', :'r');
SELECT chash_redistribution('recipes_pkey', 'recipe_id', :'r', :'r');
SELECT chash_redistribution('recipes', 'recipe_id', :'r', :'r', sample => 0);
SELECT chash_redistribution('recipes', 'recipe_id', :'r', :'r', sample => 1.5);
SELECT chash_redistribution('recipes', 'recipe_id', :'r', :'r', sample => 'NaN');
SELECT chash_redistribution('few', 'id', :'r', :'r', sample => 0.5);
SELECT chash_redistribution('recipes', 'recipe_name', chash_modulo('{a}', hash => 'none'), :'r');
SELECT chash_redistribution('recipes', 'recipe_id', NULL, :'r');
SELECT chash_redistribution(NULL, 'recipe_id', :'r', :'r');
SELECT format('CREATE TABLE broad (%s)', string_agg('c' || i || ' int', ', ')) FROM generate_series(1, 101) i \gexec
SELECT chash_redistribution('broad', 'c1', :'r', :'r', exact_bytes => true);
SELECT count(*) FROM chash_redistribution('broad', 'c1', :'r', :'r');

DROP TABLE half_far, "pa'r""t", parent, child, nulls, documents, broad;
DROP MATERIALIZED VIEW kept;
DROP VIEW few;
SET client_min_messages = warning;
DROP FOREIGN DATA WRAPPER nowhere CASCADE;
RESET client_min_messages;
DROP TABLE recipes;
