-- What chash does, on ten thousand recipes and a hundred thousand employees.
-- Run by test/demo.sh; by hand, in an empty database: psql -X -f test/demo.sql
\set ON_ERROR_STOP on
\set QUIET on
\pset footer off
SET client_min_messages = warning;
SET extra_float_digits = -11; -- four digits are enough to read

\echo
\echo Loading 10,000 recipes and 100,000 employees ...
\ir sample/recipes.sql
\ir sample/employees.sql
CREATE EXTENSION chash;
ANALYZE recipes, employees;

\echo
\echo '== 1. A ring: the textbook example ============================================='
\echo
\echo 'Two servers stand on a ring of 2^28 positions, each at 5 points that are hashes of'
\echo 'its name. A point serves the positions from itself up to the next one:'
\echo
SELECT * FROM chash_routing_table(
    chash_ring('{server-a,server-b}', vnodes => 5, dialect => 'textbook'));

\echo 'A key is hashed to a position, too, and the point below it says whose it is:'
\echo
WITH ring AS (
    SELECT chash_ring('{server-a,server-b}', vnodes => 5, dialect => 'textbook') AS r
)
SELECT key, chash_position(r, key) AS position, chash_shard(r, key) AS shard
FROM ring, unnest('{Tacos,Tomato Soup,Grilled Cheese,Apple Pie}'::text[]) AS key
ORDER BY position;

\echo '== 2. Where the recipes go ====================================================='
\echo
-- A router is a value: psql keeps these two in its variables r and grown.
SELECT chash_ring('{recipes_0,recipes_1,recipes_2}') AS r \gset
SELECT chash_add(:'r', 'recipes_3') AS grown \gset
\echo 'Three tables share the recipes by name. Some of them:'
\echo
SELECT chash_shard(:'r', recipe_name) AS shard, recipe_name
FROM recipes ORDER BY recipe_id LIMIT 8;

\echo 'All of them (a third each would be perfect):'
\echo
SELECT chash_shard(:'r', recipe_name) AS shard, count(*) AS recipes,
       round(100.0 * count(*) / sum(count(*)) OVER (), 1) AS percent
FROM recipes GROUP BY 1 ORDER BY 1;

\echo 'What the ring itself gives each table, whatever the keys are:'
\echo
SELECT * FROM chash_balance(:'r');

\echo '== 3. What a fourth table would move ==========================================='
\echo
\echo 'Only the new table receives anything, from each of the others; nothing moves between'
\echo 'the old ones. As shares of the ring (a quarter altogether would be perfect):'
\echo
SELECT * FROM chash_moves(:'r', :'grown');

\echo 'The same in rows and bytes of the table recipes, with recipe_id as the key:'
\echo
SELECT * FROM chash_redistribution('recipes', 'recipe_id', :'r', :'grown');

\echo '== 4. Compared with other ways to split a table ================================'
\echo
\echo 'The employees on 4 shards, and what adding a fifth one does. How to read it:'
\echo '  skew          rows of the largest shard / rows of an average one; 1 is perfect'
\echo '  rows_moved    rows that change their shard when the fifth is added'
\echo '  share_moved   the same as a share of all rows; it cannot be less than ideal_share'
\echo '                if the fifth shard is to get as much as the others'
\echo '  range_shards  shards that a query over 1 % of the keys in their order has to ask'
\echo 'With the salary as the key:'
\echo
SELECT * FROM chash_compare('employees', 'salary', shards => 4, add => 1);

\echo 'With the last name as the key. Many people share one, and a shard gets all of them:'
\echo
SELECT * FROM chash_compare('employees', 'last_name', shards => 4, add => 1);

\echo 'Splitting by the range of the key asks the fewest shards for a range of it; consistent'
\echo 'hashing (the ring and what is listed below it) moves the fewest rows when a shard is'
\echo 'added, close to what cannot be avoided.'

\echo
\echo '== 5. A table that is partitioned by a ring ===================================='
\echo
\echo 'The employees, who are in one table, are put into four partitions. They are asked for'
\echo 'as before, and a query for one of them reads one partition. Nothing is out of place:'
\echo
BEGIN;
SELECT chash_distribute('employees', 'emp_no', shards => 4) AS rows;
SELECT tableoid::regclass AS partition, count(*) AS employees FROM employees GROUP BY 1 ORDER BY 1;
EXPLAIN (COSTS OFF) SELECT last_name FROM employees WHERE emp_no = 42;
\pset footer on
SELECT * FROM chash_check('employees');
\pset footer off
-- whoever goes on from here finds the tables as they were
ROLLBACK;
