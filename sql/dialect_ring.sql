-- Dialects of rings: libmemcached, twemproxy, HAProxy, go-ketama and Envoy.

CREATE TABLE nodesets (nodeset text, idx int, node text, weight float8);
\copy nodesets FROM 'test/vectors/nodesets.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
CREATE TABLE answers (library text, mode text, nodeset text, key text, node text);
CREATE TEMP TABLE libmemcached (mode text, nodeset text, key text, key_hash text, node_index int, node text);
\copy libmemcached FROM 'test/vectors/libmemcached/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
INSERT INTO answers SELECT 'libmemcached', mode, nodeset, key, node FROM libmemcached;
CREATE TEMP TABLE twemproxy (distribution text, hash text, nodeset text, key text, node_index int, node text);
\copy twemproxy FROM 'test/vectors/twemproxy/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
INSERT INTO answers SELECT 'twemproxy', hash, nodeset, key, node FROM twemproxy WHERE distribution = 'ketama';
CREATE TEMP TABLE five (mode text, nodeset text, key text, node_index int, node text);
\copy five FROM 'test/vectors/haproxy/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
INSERT INTO answers SELECT 'HAProxy', mode, nodeset, key, node FROM five;
TRUNCATE five;
\copy five FROM 'test/vectors/libketama/go_ketama_vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
INSERT INTO answers SELECT 'go-ketama', mode, nodeset, key, node FROM five;

SELECT dialect, mode, hash, count(*) AS answers, count(*) FILTER (WHERE chash_shard(r, key) = node) AS same
FROM (VALUES ('libmemcached', 'ketama_default', 'libmemcached_ketama', NULL),
	('libmemcached', 'ketama_md5', 'libmemcached_ketama', 'md5'),
	('libmemcached', 'consistent_md5', 'libmemcached_ketama', 'hashkit_md5'),
	('libmemcached', 'ketama_fnv1a32', 'libmemcached_ketama', 'hashkit_fnv1a_32'),
	('twemproxy', 'fnv1a_64', 'twemproxy_ketama', NULL),
	('twemproxy', 'fnv1a_32', 'twemproxy_ketama', 'hashkit_fnv1a_32'),
	('twemproxy', 'fnv1_64', 'twemproxy_ketama', 'hashkit_fnv1_64'),
	('twemproxy', 'fnv1_32', 'twemproxy_ketama', 'hashkit_fnv1_32'),
	('twemproxy', 'one_at_a_time', 'twemproxy_ketama', 'hashkit_one_at_a_time'),
	('twemproxy', 'md5', 'twemproxy_ketama', 'md5'),
	('twemproxy', 'crc16', 'twemproxy_ketama', 'twemproxy_crc16'),
	('twemproxy', 'crc32', 'twemproxy_ketama', 'hashkit_crc32'),
	('twemproxy', 'crc32a', 'twemproxy_ketama', 'crc32'),
	('twemproxy', 'hsieh', 'twemproxy_ketama', 'hashkit_hsieh'),
	('twemproxy', 'murmur', 'twemproxy_ketama', 'hashkit_murmur'),
	('twemproxy', 'jenkins', 'twemproxy_ketama', 'hashkit_jenkins'),
	('HAProxy', 'consistent', 'haproxy', NULL),
	('HAProxy', 'consistent_sdbm', 'haproxy', 'haproxy_sdbm'),
	('HAProxy', 'consistent_djb2_avalanche', 'haproxy', 'haproxy_djb2_avalanche'),
	('HAProxy', 'consistent_wt6', 'haproxy', 'haproxy_wt6'),
	('HAProxy', 'consistent_crc32', 'haproxy', 'crc32'),
	('HAProxy', 'consistent_crc32_avalanche', 'haproxy', 'haproxy_crc32_avalanche'),
	('go-ketama', 'HashFunc1', 'go_ketama_hashfunc1', NULL),
	('go-ketama', 'HashFunc2', 'go_ketama_hashfunc2', NULL)) v(library, mode, dialect, hash)
	JOIN answers USING (library, mode)
	JOIN LATERAL (SELECT chash_ring(array_agg(node ORDER BY idx), weights => array_agg(weight ORDER BY idx),
		dialect => v.dialect, hash => v.hash) AS r
		FROM nodesets n WHERE n.nodeset = answers.nodeset) x ON true
GROUP BY dialect, mode, hash ORDER BY dialect COLLATE "C", mode COLLATE "C";

-- 7 to 61 equal servers, some of which do not get 160 points
CREATE TEMP TABLE large_n (library text, n int, key text, node_index int);
\copy large_n FROM 'test/vectors/libmemcached/large_n_vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
SELECT library, n, count(*) AS answers, count(*) FILTER (WHERE chash_shard(r, key) = format('10.9.0.%s:11299', node_index + 1)) AS same
FROM (VALUES ('libketama', 'libketama'), ('libmemcached-1.1.4', 'libmemcached_ketama_weighted'), ('node-hashring-3.2.0', 'node_hashring')) v(library, dialect)
	JOIN large_n USING (library),
	LATERAL (SELECT chash_ring(array_agg(format('10.9.0.%s:11299', i) ORDER BY i), dialect => dialect) AS r FROM generate_series(1, n) i) x
GROUP BY library, n ORDER BY library COLLATE "C", n;

-- twemproxy's servers without names lose the usual port in labels
CREATE TEMP TABLE label_rule (servers text, key text, node_index int);
\copy label_rule FROM 'test/vectors/twemproxy/label_rule_vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
SELECT dialect, count(*) AS answers, count(*) FILTER (WHERE chash_shard(r, key) = names[node_index + 1]) AS same
FROM unnest('{twemproxy_ketama,twemproxy_ketama_default_port}'::text[]) dialect, label_rule,
	LATERAL (SELECT array_agg(regexp_replace(s, ':1$', '') ORDER BY i) AS names FROM unnest(string_to_array(servers, ',')) WITH ORDINALITY u(s, i)) x,
	LATERAL (SELECT chash_ring(names, hash => 'md5', dialect => dialect) AS r) y
GROUP BY dialect ORDER BY dialect;

-- and an empty key has the hash 0, whatever the function
SELECT dialect, hash, chash_position(chash_ring('{a,b}', hash => hash, dialect => dialect), '') AS position
FROM (VALUES ('twemproxy_ketama', 'md5'), ('twemproxy_ketama_default_port', NULL), ('libmemcached_ketama', 'md5')) v(dialect, hash);

-- the points of Envoy's unit tests: a point is the last position of its slice
CREATE TEMP TABLE envoy (algo text, name text, param text, host text, weight text, value text);
\copy envoy FROM 'test/vectors/envoy/unit_test_vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
SELECT name, param, count(*) AS points, count(t.shard) AS same
FROM (SELECT name, param, host, value::numeric AS point FROM envoy WHERE algo = 'ring_hash') e
	JOIN (SELECT name, chash_ring(array_agg(host ORDER BY host), weights => array_agg(weight ORDER BY host),
			vnodes => substring(min(param) FROM '\d+')::int, dialect => 'envoy_ring_hash') AS r
		FROM (SELECT DISTINCT name, param, host, weight::float8 FROM envoy WHERE algo = 'ring_hash') d GROUP BY name) rings USING (name)
	LEFT JOIN LATERAL chash_routing_table(r) t ON t.first_position + t.width - 1 = point AND t.shard = host
GROUP BY name, param ORDER BY name;

-- what these rings look like
SELECT * FROM chash_routing_table(chash_ring('{a,b}', '{1,2}', vnodes => 1, dialect => 'haproxy'));
SELECT count(*) AS slices, count(*) FILTER (WHERE vnode LIKE '%/%') AS of_md5 FROM chash_routing_table(chash_ring('{a,b}', dialect => 'libmemcached_ketama'));
SELECT count(*) AS slices, count(*) FILTER (WHERE vnode LIKE '%/%') AS of_md5 FROM chash_routing_table(chash_ring('{a,b}', '{1,2}', dialect => 'libmemcached_ketama'));
SELECT first_position, width FROM chash_routing_table(chash_ring('{a,b}', dialect => 'go_ketama_hashfunc1')) LIMIT 1;
SELECT shard, count(*) AS points FROM chash_routing_table(chash_ring('{a,b,c}', '{2,5,7}', vnodes => 10, dialect => 'envoy_ring_hash')) GROUP BY shard ORDER BY shard;

-- HAProxy knows a server by its id: names do not matter, and ids stay
SELECT count(*) AS other_moves FROM chash_moves(chash_ring('{a,b,c}', dialect => 'haproxy'), chash_ring('{x,b,c}', dialect => 'haproxy')) WHERE source <> 'a' OR target <> 'x';
SELECT bool_and(source = 'b') AS only_from_b FROM chash_moves(chash_ring('{a,b,c}', dialect => 'haproxy'), chash_remove(chash_ring('{a,b,c}', dialect => 'haproxy'), 'b'));

-- adding a shard moves keys to it only, or also between old shards: with equal weights, and with others
SELECT dialect, round(COALESCE(sum(share) FILTER (WHERE target = 'e'), 0)::numeric, 4) AS to_the_new_one,
	round(COALESCE(sum(share) FILTER (WHERE target <> 'e'), 0)::numeric, 4) AS between_old_ones
FROM unnest('{libmemcached_ketama,twemproxy_ketama,twemproxy_ketama_default_port,go_ketama_hashfunc1,go_ketama_hashfunc2,haproxy,envoy_ring_hash}'::text[]) dialect,
	chash_moves(chash_ring('{a,b,c,d}', dialect => dialect), chash_ring('{a,b,c,d,e}', dialect => dialect))
GROUP BY dialect ORDER BY dialect COLLATE "C";
SELECT dialect, round(COALESCE(sum(share) FILTER (WHERE target = 'e'), 0)::numeric, 4) AS to_the_new_one,
	round(COALESCE(sum(share) FILTER (WHERE target <> 'e'), 0)::numeric, 4) AS between_old_ones
FROM unnest('{libmemcached_ketama,twemproxy_ketama,twemproxy_ketama_default_port,go_ketama_hashfunc1,go_ketama_hashfunc2,haproxy,envoy_ring_hash}'::text[]) dialect,
	chash_moves(chash_ring('{a,b,c,d}', '{1,2,3,1}', dialect => dialect), chash_ring('{a,b,c,d,e}', '{1,2,3,1,2}', dialect => dialect))
GROUP BY dialect ORDER BY dialect COLLATE "C";
-- the first weight above 1 gives libmemcached a ring of other points
SELECT round(sum(share) FILTER (WHERE target <> 'e')::numeric, 4) AS between_old_ones
FROM chash_moves(chash_ring('{a,b,c,d}', dialect => 'libmemcached_ketama'), chash_add(chash_ring('{a,b,c,d}', dialect => 'libmemcached_ketama'), 'e', 2));

-- stored and read again
SELECT r::text, r::text::chash_router = r AS text, r::jsonb::chash_router = r AS jsonb
FROM (VALUES (chash_ring('{a,b}', '{1,2}', dialect => 'haproxy', hash => 'crc32')), (chash_ring('{a,b}', dialect => 'envoy_ring_hash', vnodes => 12)),
	(chash_ring('{a,b}', dialect => 'uhashring_ketama', vnodes => 200, digest_points => 2)), (chash_ring('{a,b}', search => 'nearest'))) v(r);

-- refused
SELECT chash_ring('{a,b}', '{1,1.5}', dialect => 'haproxy');
SELECT chash_ring('{a,b}', '{1,257}', dialect => 'haproxy');
SELECT chash_ring('{a,b}', vnodes => 5000, dialect => 'haproxy');
SELECT chash_ring('{a,b}', hash => 'xxh3', dialect => 'haproxy');
SELECT chash_ring('{a,b}', label => '{i}{shard}', dialect => 'haproxy');
SELECT chash_ring('{a,b}', digest_points => 2, dialect => 'haproxy');
SELECT chash_ring('{a,b}', hash => 'fnv1a_32', dialect => 'libmemcached_ketama');
SELECT chash_ring('{a,b}', '{1,2}', vnodes => 50, dialect => 'libmemcached_ketama');
SELECT chash_ring('{a,b}', digest_points => 4, dialect => 'libmemcached_ketama');
SELECT chash_ring('{a,b}', digest_points => 5, dialect => 'twemproxy_ketama');
SELECT chash_ring('{a,b}', digest_points => 9, dialect => 'twemproxy_ketama');
SELECT chash_ring('{a,b}', digest_points => 0, dialect => 'twemproxy_ketama');
SELECT chash_ring('{a,b}', '{1,0.5}', dialect => 'twemproxy_ketama');
SELECT chash_ring('{a,b}', bits => 16, dialect => 'twemproxy_ketama');
SELECT chash_ring('{a,b}', hash => 'sha1', dialect => 'go_ketama_hashfunc1');
SELECT chash_ring('{a,b}', hash => 'xxh3', dialect => 'envoy_ring_hash');
SELECT chash_ring('{a,b}', '{1,1e-9}', dialect => 'envoy_ring_hash');
SELECT chash_modulo('{a,b}', dialect => 'haproxy');
DROP TABLE nodesets, answers;
