-- The same text is routed alike in databases of different encodings.

CREATE TABLE here AS SELECT chash_position(chash_ring(ARRAY['Zürich', 'Malmö']), 'Crème brûlée') AS p,
	chash_shard(chash_ring(ARRAY['Zürich', 'Malmö']), 'Crème brûlée') AS shard,
	encode(chash_router_send(chash_ring(ARRAY['Zürich', 'Malmö'], label => '{shard}é{i}')), 'hex') AS sent,
	chash_ring(ARRAY['Zürich', 'Malmö'])::text AS text;
SELECT * FROM here;
\copy (SELECT chash_modulo(ARRAY['日本'])) TO 'results/japanese.bin' (FORMAT binary)
SELECT current_database() AS utf8 \gset
\set latin1 :utf8 _latin1
CREATE DATABASE :"latin1" TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C';
\c :"latin1"
CREATE EXTENSION chash;
SET client_encoding = 'UTF8';
SHOW server_encoding;
SELECT chash_position(chash_ring(ARRAY['Zürich', 'Malmö']), 'Crème brûlée') AS p,
	chash_shard(chash_ring(ARRAY['Zürich', 'Malmö']), 'Crème brûlée') AS shard,
	encode(chash_router_send(chash_ring(ARRAY['Zürich', 'Malmö'], label => '{shard}é{i}')), 'hex') AS sent,
	chash_ring(ARRAY['Zürich', 'Malmö'])::text AS text;
SELECT * FROM chash_balance(chash_ring(ARRAY['Zürich', 'Malmö'], vnodes => 1, bits => 4));
SELECT shard, vnode FROM chash_routing_table(chash_ring(ARRAY['Malmö'], vnodes => 1, label => '{i}é{shard}'));
SELECT chash_shard(chash_range(ARRAY['before', 'after'], ARRAY['Ö']), 'Öl'), chash_range(ARRAY['before', 'after'], ARRAY['Ö']);
SELECT chash_ring(ARRAY['Malmö', 'Malmö']);
SELECT chash_ring(ARRAY['Malmö'], hash => 'é');
SELECT chash_ring(ARRAY['Malmö'], tokens => '{é}', dialect => 'citus');
SELECT '{"strategy":"ring","dialect":"citus","shards":[{"name":"Malmö","tokens":["é"]}]}'::chash_router;
SELECT ('{"strategy":"ring","shards":["Malm\u00f6"]}')::chash_router = chash_ring(ARRAY['Malmö']) AS escaped;
CREATE TABLE cities (name text);
INSERT INTO cities VALUES ('Crème brûlée'), ('Öl'), ('plain');
SELECT source, sum(rows) FROM chash_redistribution('cities', 'name', chash_ring(ARRAY['Zürich', 'Malmö']), chash_modulo('{x}')) GROUP BY source ORDER BY source COLLATE "C";
CREATE TABLE words AS SELECT chr(192 + i % 60) || i AS w FROM generate_series(1, 3000) i;
SELECT strategy, min_rows, max_rows, rows_moved FROM chash_compare('words', 'w') WHERE strategy = 'range';
SELECT chash_ring(ARRAY['a' || repeat('é', 255)]);
SELECT chash_shard(chash_modulo('{a}', hash => 'none'), 'a' || repeat('é', 60));
SELECT chash_shard(chash_range('{a,b}', '{10}', 'bigint'), 'a' || repeat('é', 60));
-- names that this encoding lacks
CREATE TABLE received (r chash_router);
\copy received FROM 'results/japanese.bin' (FORMAT binary)
\c :"utf8"
CREATE TABLE words AS SELECT chr(192 + i % 60) || i AS w FROM generate_series(1, 3000) i;
SELECT strategy, min_rows, max_rows, rows_moved FROM chash_compare('words', 'w') WHERE strategy = 'range';
SELECT chash_ring(ARRAY['a' || repeat('é', 255)]);
SELECT chash_shard(chash_modulo('{a}', hash => 'none'), 'a' || repeat('é', 60));
SELECT chash_shard(chash_range('{a,b}', '{10}', 'bigint'), 'a' || repeat('é', 60));
CREATE TABLE cities (name text);
INSERT INTO cities VALUES ('Crème brûlée'), ('Öl'), ('plain');
SELECT source, sum(rows) FROM chash_redistribution('cities', 'name', chash_ring(ARRAY['Zürich', 'Malmö']), chash_modulo('{x}')) GROUP BY source ORDER BY source COLLATE "C";
DROP DATABASE :"latin1";

-- no encoding at all: bytes are passed through
\set ascii :utf8 _ascii
CREATE DATABASE :"ascii" TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C';
\c :"ascii"
CREATE EXTENSION chash;
SELECT chash_position(chash_ring(ARRAY['Zürich', 'Malmö']), 'Crème brûlée') AS p;
SELECT length(chash_ring(ARRAY[E'\xff'])::text) AS any_bytes, chash_shard(chash_ring(ARRAY[E'\xff']), E'\xfe') = E'\xff' AS routed;
\c :"utf8"
DROP DATABASE :"ascii";
DROP TABLE here, cities, words;
