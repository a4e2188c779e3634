-- chash_create_partitions: a partition for each shard of a table's router.

SELECT chash_create_router('recipes_ring', chash_ring('{recipes_0,recipes_1,recipes_2}'), 'int');
CREATE TABLE recipes (recipe_id int PRIMARY KEY, recipe_name varchar(30) NOT NULL)
	PARTITION BY HASH (recipe_id recipes_ring);
SELECT chash_create_partitions('recipes');
INSERT INTO recipes SELECT i, 'recipe ' || i FROM generate_series(1, 1000) i;
SELECT tableoid::regclass AS partition, count(*), bool_and(recipes_ring(recipe_id) = tableoid::regclass::text) AS right
FROM recipes GROUP BY 1 ORDER BY 1;
SELECT * FROM chash_check('recipes');

-- all are there: nothing is made
SELECT chash_create_partitions('recipes');

-- a partition that was detached is made again; the shard's id says which one it is
ALTER TABLE recipes DETACH PARTITION recipes_1;
INSERT INTO recipes SELECT recipe_id, recipe_name FROM recipes_1;
ALTER TABLE recipes_1 RENAME TO kept;
SELECT chash_create_partitions('recipes');
INSERT INTO recipes SELECT * FROM kept;
DROP TABLE kept;
SELECT count(*) FROM recipes;
SELECT * FROM chash_check('recipes');

-- a second table on the router: names that are taken get the table's in front, and it says what it is co-located with
CREATE TABLE comments (comment_id bigint, recipe_id bigint) PARTITION BY HASH (recipe_id recipes_ring_int8);
SELECT chash_create_partitions('comments');
SELECT chash_create_partitions('comments');
SELECT relname, pg_get_expr(relpartbound, oid) FROM pg_class WHERE relispartition AND relname LIKE 'comments%' ORDER BY 1;

-- templates, storage parameters, schemas and tablespaces, for all and for one
CREATE SCHEMA apart;
CREATE TABLE arranged (id int) PARTITION BY HASH (id recipes_ring);
SELECT chash_create_partitions('arranged', name => '{table}_{id}_{shard}', modulus => 16, schema => 'apart',
	tablespace => 'pg_default', options => '{"fillfactor": 70, "toast.autovacuum_enabled": false, "parallel_workers": "2"}',
	per_shard => '{"recipes_1": {"schema": "public", "name": "one {id}", "options": {"fillfactor": 50}}, "recipes_2": {"name": "two"}}');
SELECT c.oid::regclass AS partition, pg_get_expr(relpartbound, oid) AS bound, reloptions
FROM pg_class c JOIN pg_inherits i ON inhrelid = oid WHERE inhparent = 'arranged'::regclass ORDER BY inhrelid::regclass::text COLLATE "C";

-- what is refused
CREATE TABLE refused (id int) PARTITION BY HASH (id recipes_ring);
SELECT chash_create_partitions(NULL);
SELECT chash_create_partitions('refused', modulus => 1);
SELECT chash_create_partitions('refused', modulus => 65537);
SELECT chash_create_partitions('refused', modulus => 3);
SELECT chash_create_partitions('refused', name => 'part');
SELECT chash_create_partitions('refused', name => '{tab}');
SELECT chash_create_partitions('refused', name => '{shard');
SELECT chash_create_partitions('refused', name => repeat('x', 60) || '_{shard}');
SELECT chash_create_partitions('refused', schema => 'nowhere');
SELECT chash_create_partitions('refused', tablespace => 'nowhere');
SELECT chash_create_partitions('refused', options => '{"fillfactor": 7}');
SELECT chash_create_partitions('refused', options => '{"fillfactor": null}');
SELECT chash_create_partitions('refused', options => '[1]');
SELECT chash_create_partitions('refused', per_shard => '1');
SELECT chash_create_partitions('refused', per_shard => '{"recipes_9": {}}');
SELECT chash_create_partitions('refused', per_shard => '{"recipes_0": 1}');
SELECT chash_create_partitions('refused', per_shard => '{"recipes_0": {"colour": 1}}');
SELECT chash_create_partitions('refused', per_shard => '{"recipes_0": {"name": 1}}');
SELECT chash_create_partitions('refused', per_shard => '{"recipes_0": {"options": 1}}');
-- all or none: the second name is taken
SELECT chash_create_partitions('refused', per_shard => '{"recipes_1": {"name": "recipes"}}');
SELECT count(*) FROM pg_inherits WHERE inhparent = 'refused'::regclass;

-- partitions by hand: they must have one modulus, which is then kept
CREATE TABLE by_hand PARTITION OF refused FOR VALUES WITH (MODULUS 8, REMAINDER 2);
SELECT chash_create_partitions('refused', modulus => 16);
SELECT chash_create_partitions('refused');
SELECT relname, pg_get_expr(relpartbound, oid) FROM pg_class JOIN pg_inherits ON inhrelid = oid
WHERE inhparent = 'refused'::regclass ORDER BY 2;
CREATE TABLE by_hand_16 PARTITION OF refused FOR VALUES WITH (MODULUS 16, REMAINDER 4);
SELECT chash_create_partitions('refused');
DROP TABLE refused;

-- other tables
CREATE TABLE plain (id int);
CREATE TABLE by_core (id int) PARTITION BY HASH (id);
CREATE TABLE several (a int, b int) PARTITION BY HASH (a recipes_ring, b);
CREATE TABLE expression (a int) PARTITION BY HASH ((a + 1) recipes_ring);
SELECT chash_create_partitions('plain');
SELECT chash_create_partitions('by_core');
SELECT chash_create_partitions('several');
SELECT chash_create_partitions('expression');
SELECT chash_create_partitions('recipes_0');
SELECT chash_create_partitions(0);
DROP TABLE plain, by_core, several, expression;

-- an id that the modulus has no room for
SELECT chash_create_router('far', '{"strategy": "modulo", "shards": [{"name": "near"}, {"name": "far", "id": 5000}]}', 'int');
CREATE TABLE too_far (id int) PARTITION BY HASH (id far);
SELECT chash_create_partitions('too_far');
SELECT chash_create_partitions('too_far', modulus => 5001);
INSERT INTO too_far SELECT generate_series(1, 10);
SELECT tableoid::regclass AS partition, count(*) FROM too_far GROUP BY 1 ORDER BY 1;
SELECT * FROM chash_check('too_far');
DROP TABLE too_far;
SELECT chash_drop_router('far');

-- shards of any name, up to what PostgreSQL can call a table
SELECT chash_create_router('hostile', ('{"strategy": "ring", "shards": ["a\"b", "x''; DROP TABLE recipes--", "dots.and spaces", "{id}", "Mixed", "'
	|| repeat('n', 63) || '"]}')::chash_router, 'text');
CREATE SCHEMA "s""c'; --";
CREATE TABLE "s""c'; --"."t""'; --" ("k""'; --" text) PARTITION BY HASH ("k""'; --" hostile);
SELECT chash_create_partitions('"s""c''; --"."t""''; --"');
INSERT INTO "s""c'; --"."t""'; --" SELECT 'key ' || i FROM generate_series(1, 60) i;
SELECT c.relname AS partition, hostile("k""'; --") = c.relname AS right, count(*)
FROM "s""c'; --"."t""'; --" t JOIN pg_class c ON c.oid = t.tableoid GROUP BY 1, 2 ORDER BY c.relname COLLATE "C";
SELECT * FROM chash_check('"s""c''; --"."t""''; --"');
-- with the table's name in front one of them is too long
CREATE TABLE "s""c'; --".u (k text) PARTITION BY HASH (k hostile);
SELECT chash_create_partitions('"s""c''; --".u');
SELECT chash_create_router('longer', ('{"strategy": "ring", "shards": ["' || repeat('n', 64) || '"]}')::chash_router, 'text');
CREATE TABLE longer (k text) PARTITION BY HASH (k longer);
SELECT chash_create_partitions('longer');
SELECT chash_create_partitions('longer', '{table}_{id}');
DROP TABLE longer;
SELECT chash_drop_router('longer');

-- whose table it is
CREATE ROLE chash_test_owner;
CREATE ROLE chash_test_other;
CREATE SCHEMA owned AUTHORIZATION chash_test_owner;
SET ROLE chash_test_owner;
CREATE TABLE owned.mine (id int) PARTITION BY HASH (id recipes_ring);
SET client_min_messages = warning;
SET ROLE chash_test_other;
SELECT chash_create_partitions((SELECT oid FROM pg_class WHERE relname = 'mine')::regclass);
SET ROLE chash_test_owner;
SELECT chash_create_partitions('owned.mine');
DROP TABLE owned.recipes_1;
RESET ROLE;
-- a superuser's partitions of it are the owner's all the same
SELECT chash_create_partitions('owned.mine');
SELECT relname, relowner::regrole FROM pg_class WHERE relnamespace = 'owned'::regnamespace ORDER BY 1;
-- also where the owner himself may not make any
ALTER SCHEMA owned OWNER TO CURRENT_USER;
GRANT USAGE ON SCHEMA owned TO chash_test_owner;
DROP TABLE owned.recipes_2;
SELECT chash_create_partitions('owned.mine', NULL);
SELECT relname, relowner::regrole FROM pg_class WHERE relnamespace = 'owned'::regnamespace ORDER BY 1;
ALTER SCHEMA owned OWNER TO chash_test_owner;
-- and so is whoever runs what the owner has put into an index
SET ROLE chash_test_owner;
CREATE TABLE owned.log (who name);
CREATE FUNCTION owned.log() RETURNS int LANGUAGE sql AS 'INSERT INTO owned.log VALUES (current_user); SELECT 1';
CREATE FUNCTION owned.evil(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN owned.log(); END';
CREATE TABLE owned.trap (id int) PARTITION BY HASH (id recipes_ring);
CREATE INDEX ON owned.trap ((id + owned.evil(1)));
RESET ROLE;
TRUNCATE owned.log;
SELECT count(*) FROM chash_create_partitions('owned.trap', '{table}_{id}');
SELECT DISTINCT who FROM owned.log;

DROP SCHEMA owned, apart, "s""c'; --" CASCADE;
DROP ROLE chash_test_owner, chash_test_other;
DROP TABLE recipes, comments, arranged;
SELECT chash_drop_router('hostile');
SELECT chash_drop_router('recipes_ring');
