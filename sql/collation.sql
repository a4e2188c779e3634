-- Collations: of keys, and of range routers.

-- a nondeterministic collation makes different texts equal; they would be routed apart
SELECT EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i') AS icu \gset
\if :icu
\else
\quit
\endif
CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE COLLATION german (provider = icu, locale = 'de');
CREATE TABLE people (name text COLLATE nocase, sorted text COLLATE german, plain text COLLATE "C");
INSERT INTO people VALUES ('a', 'a', 'a'), ('B', 'B', 'B'), ('ä', 'ä', 'ä'), ('Z', 'Z', 'Z'), ('z', 'z', 'z');
SELECT chash_shard(chash_ring('{a,b}'), name) FROM people;
SELECT chash_position(chash_ring('{a,b}'), 'x' COLLATE nocase);
SELECT count(chash_shard(chash_ring('{a,b}'), name COLLATE "C")) FROM people;
SELECT chash_redistribution('people', 'name', chash_ring('{a,b}'), chash_ring('{a,b,c}'));
SELECT chash_compare('people', 'name');
SELECT chash_range('{a,b}', '{m}', 'text', 'public.nocase');

-- a range router compares by its own collation, whatever that of the key
SELECT sorted, chash_shard(chash_range('{low,high}', '{b}'), sorted) AS c,
	chash_shard(chash_range('{low,high}', '{b}', 'text', 'public.german'), sorted) AS german
FROM people ORDER BY sorted;
SELECT chash_range('{low,high}', '{b}', 'text', 'public.german'), chash_range('{low,high}', '{b}', 'text', 'default');
SELECT chash_range('{a,b,c}', '{ä,b}', 'text', 'public.german');
SELECT chash_range('{a,b,c}', '{ä,b}', 'text', 'C');
CREATE COLLATION "odd ""name.x" (provider = icu, locale = 'sv');
SELECT chash_range('{low,high}', '{b}', 'text', 'public."odd ""name.x"')::text::chash_router;
SELECT chash_range('{low,high}', '{b}', 'text', 'german');

-- a table that is partitioned by such a column is found out when its partitions are made, or checked
SELECT chash_create_router('names', chash_ring('{a,b}'), 'text');
CREATE TABLE nocase_names (name text COLLATE nocase) PARTITION BY HASH (name names);
SELECT chash_create_partitions('nocase_names');
CREATE TABLE nocase_a PARTITION OF nocase_names FOR VALUES WITH (MODULUS 16, REMAINDER 1);
INSERT INTO nocase_names VALUES ('a');
SELECT * FROM chash_check('nocase_names');
CREATE TABLE german_names (name text COLLATE german) PARTITION BY HASH (name names);
SET client_min_messages = warning;
SELECT chash_create_partitions('german_names');
RESET client_min_messages;
INSERT INTO german_names VALUES ('ä'), ('Z');
SELECT * FROM german_names WHERE name = 'ä';
SELECT * FROM chash_check('german_names');
DROP TABLE nocase_names, german_names;
SELECT chash_drop_router('names');

-- chash_compare cuts and counts in the collation of the column
SELECT strategy, min_rows, max_rows FROM chash_compare('people', 'sorted', shards => 2) WHERE strategy = 'range';
SELECT strategy, min_rows, max_rows FROM chash_compare('people', 'plain', shards => 2) WHERE strategy = 'range';

-- a collation that is made anew under its name: the compiled router follows
CREATE COLLATION fickle (provider = icu, locale = 'de');
SELECT chash_shard(chash_range('{low,high}', '{z}', 'text', 'public.fickle'), 'ö') AS as_german;
CREATE TABLE fickle AS SELECT chash_range('{low,high}', '{z}', 'text', 'public.fickle') AS r;
SELECT chash_shard(r, 'ö') FROM fickle;
DROP COLLATION fickle;
SELECT chash_shard(r, 'ö') FROM fickle;
CREATE COLLATION fickle (provider = icu, locale = 'sv');
SELECT chash_shard(r, 'ö') AS as_swedish FROM fickle;
DROP TABLE people, fickle;
DROP COLLATION nocase, german, fickle, "odd ""name.x";
