-- Dialects: the answers of other libraries.

SELECT dialect, stands_for FROM chash_dialects();
SELECT dialect, strategy, hash, bits, parameters FROM chash_dialects();

-- what the libraries answered, from test/vectors
CREATE TABLE nodesets (nodeset text, idx int, node text, weight float8);
\copy nodesets FROM 'test/vectors/nodesets.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
\copy nodesets FROM 'test/vectors/nginx/nodesets.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
CREATE TABLE answers (library text, mode text, nodeset text, key text, node text);
CREATE TEMP TABLE libketama (nodeset text, key text, key_hash text, point text, node_index int, node text);
\copy libketama FROM 'test/vectors/libketama/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
INSERT INTO answers SELECT 'libketama', '', nodeset, key, node FROM libketama;
CREATE TEMP TABLE six (mode text, nodeset text, key text, key_hash text, node_index int, node text);
\copy six FROM 'test/vectors/libmemcached/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
INSERT INTO answers SELECT 'libmemcached', mode, nodeset, key, node FROM six;
TRUNCATE six;
\copy six FROM 'test/vectors/uhashring/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
INSERT INTO answers SELECT 'uhashring', mode, nodeset, key, node FROM six;
TRUNCATE six;
\copy six FROM 'test/vectors/node-hashring/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
INSERT INTO answers SELECT 'node-hashring', mode, nodeset, key, node FROM six;
CREATE TEMP TABLE five (mode text, nodeset text, key text, node_index int, node text);
\copy five FROM 'test/vectors/serialx/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
INSERT INTO answers SELECT 'serialx', mode, nodeset, key, node FROM five;
TRUNCATE five;
\copy five FROM 'test/vectors/nginx/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
INSERT INTO answers SELECT 'nginx', mode, nodeset, key, node FROM five;
CREATE TEMP TABLE stathat (mode text, nodeset text, key text, node_index int, node text, get2 text);
\copy stathat FROM 'test/vectors/stathat/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
INSERT INTO answers SELECT 'stathat', mode, nodeset, key, node FROM stathat;
CREATE TEMP TABLE tooz (mode text, nodeset text, key text, node_index int, node text, set2 text, set3 text);
\copy tooz FROM 'test/vectors/tooz/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
INSERT INTO answers SELECT 'tooz', mode, nodeset, key, node FROM tooz;

SELECT library, mode, dialect, hash, vnodes, points, count(*) AS answers, count(*) FILTER (WHERE chash_shard(r, key) = node) AS same
FROM (VALUES ('libketama', '', 'libketama', NULL, NULL::int, NULL::int),
	('libmemcached', 'ketama_weighted', 'libmemcached_ketama_weighted', NULL, NULL, NULL),
	('uhashring', 'ketama', 'uhashring_ketama', NULL, NULL, NULL),
	('uhashring', 'ketama_v100_r2', 'uhashring_ketama', NULL, 200, 2),
	('uhashring', 'default_md5_160', 'uhashring', NULL, NULL, NULL),
	('node-hashring', 'ketama_md5', 'node_hashring', NULL, NULL, NULL),
	('node-hashring', 'md5_vnode100_r1', 'node_hashring', NULL, 100, 1),
	('node-hashring', 'sha1', 'node_hashring', 'sha1', NULL, NULL),
	('node-hashring', 'md5_default_port', 'node_hashring_default_port', NULL, NULL, NULL),
	('node-hashring', 'hash_ring_3', 'node_hash_ring', NULL, NULL, NULL),
	('serialx', 'HEAD_22c0c7a', 'serialx', NULL, NULL, NULL),
	('serialx', 'HEAD_22c0c7a_w100', 'serialx', NULL, 100, NULL),
	('serialx', 'OLD_8b29126', 'serialx_2019', NULL, NULL, NULL),
	('tooz', 'md5_32', 'tooz', NULL, NULL, NULL),
	('tooz', 'md5_128', 'tooz', NULL, 128, NULL),
	('tooz', 'sha256_32', 'tooz', 'sha256', NULL, NULL),
	('stathat', 'crc32_20', 'stathat', NULL, NULL, NULL),
	('stathat', 'crc32_160', 'stathat', NULL, 160, NULL),
	('stathat', 'fnv1a32_20', 'stathat', 'fnv1a_32', NULL, NULL),
	('nginx', 'consistent', 'nginx', NULL, NULL, NULL)) v(library, mode, dialect, hash, vnodes, points)
	JOIN answers USING (library, mode)
	JOIN LATERAL (SELECT chash_ring(array_agg(node ORDER BY idx), weights => array_agg(weight ORDER BY idx),
		dialect => v.dialect, hash => v.hash, vnodes => v.vnodes, digest_points => v.points) AS r
		FROM nodesets n WHERE n.nodeset = answers.nodeset) x ON true
GROUP BY library, mode, dialect, hash, vnodes, points ORDER BY dialect COLLATE "C", mode COLLATE "C";

-- what a ring of a dialect looks like
SELECT * FROM chash_routing_table(chash_ring('{10.0.0.1:11211,10.0.0.2:11211}', dialect => 'libmemcached_ketama_weighted', vnodes => 8));
SELECT vnode FROM chash_routing_table(chash_ring('{a,b}', dialect => 'tooz', vnodes => 2));
SELECT vnode FROM chash_routing_table(chash_ring('{unix:/tmp/a,b:80}', dialect => 'nginx', vnodes => 2));
SELECT first_position = (SELECT first_position FROM chash_routing_table(chash_ring('{unix:/tmp/a}', dialect => 'nginx', vnodes => 1)) LIMIT 1 OFFSET 1) AS same
FROM chash_routing_table(chash_ring('{UNIX:/tmp/a}', dialect => 'nginx', vnodes => 1)) LIMIT 1 OFFSET 1;
SELECT sum(width) = 2::numeric ^ 128 AS whole FROM chash_routing_table(chash_ring('{a,b}', dialect => 'serialx', vnodes => 10));
SELECT '{"strategy":"ring","dialect":"libketama","shards":["a",{"name":"b","weight":2}]}'::chash_router;

-- adding a shard: rings with absolute weights move keys only to it, those that share a whole also between the old ones
SELECT dialect, bool_and(target = 'e') AS only_to_the_new_one
FROM unnest('{chash,textbook,uhashring,serialx,tooz,stathat,nginx}'::text[]) dialect,
	chash_moves(chash_ring('{a,b,c,d}', dialect => dialect, vnodes => 50), chash_ring('{a,b,c,d,e}', dialect => dialect, vnodes => 50))
GROUP BY dialect ORDER BY dialect;
SELECT dialect, round(sum(share) FILTER (WHERE target <> 'e')::numeric, 4) AS between_old_ones
FROM unnest('{libketama,libmemcached_ketama_weighted,uhashring_ketama,node_hashring}'::text[]) dialect,
	chash_moves(chash_ring('{a,b,c,d}', weights => '{1,2,3,1}', dialect => dialect), chash_ring('{a,b,c,d,e}', weights => '{1,2,3,1,2}', dialect => dialect))
GROUP BY dialect ORDER BY dialect;

-- refused
SELECT chash_ring('{a,b}', weights => '{1,2}', dialect => 'stathat');
SELECT chash_ring('{a,b}', hash => 'xxh3', dialect => 'libketama');
SELECT chash_ring('{a,b}', hash => 'pg', dialect => 'libketama');
SELECT chash_ring('{a,b}', bits => 28, dialect => 'libketama');
SELECT chash_ring('{a,b}', hash => 'md5', dialect => 'nginx');
SELECT chash_ring('{a,b}', label => '{i}/{shard}', dialect => 'tooz');
SELECT chash_ring('{a,b}', weights => '{1,1000}', dialect => 'tooz');
SELECT chash_ring('{a,b}', weights => '{0.001,0.001}', dialect => 'uhashring');
SELECT chash_ring('{a,b}', weights => '{1e300,1e300}', dialect => 'libmemcached_ketama_weighted');
SELECT chash_ring('{a,b}', weights => '{1e-50,1e-50}', dialect => 'libmemcached_ketama_weighted');
SELECT chash_ring('{a,b}', weights => '{8e307,8e307}', dialect => 'uhashring_ketama');
SELECT '{"strategy":"modulo","dialect":"libketama","shards":["a"]}'::chash_router;
DROP TABLE nodesets, answers;
