-- Dialects of other strategies: remainders, Guava, go-redis, go-maglev and Envoy's maglev.

CREATE TABLE nodesets (nodeset text, idx int, node text, weight float8);
\copy nodesets FROM 'test/vectors/nodesets.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
\copy nodesets FROM 'test/vectors/nginx/nodesets.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
CREATE TABLE answers (library text, mode text, nodeset text, key text, node text);
CREATE TEMP TABLE libmemcached (mode text, nodeset text, key text, key_hash text, node_index int, node text);
\copy libmemcached FROM 'test/vectors/libmemcached/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
INSERT INTO answers SELECT 'libmemcached', mode, nodeset, key, node FROM libmemcached;
CREATE TEMP TABLE twemproxy (distribution text, hash text, nodeset text, key text, node_index int, node text);
\copy twemproxy FROM 'test/vectors/twemproxy/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
INSERT INTO answers SELECT 'twemproxy', hash, nodeset, key, node FROM twemproxy WHERE distribution = 'modula';
CREATE TEMP TABLE nginx (mode text, nodeset text, key text, node_index int, node text);
\copy nginx FROM 'test/vectors/nginx/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
INSERT INTO answers SELECT 'nginx', mode, nodeset, key, node FROM nginx;

-- remainders
SELECT dialect, mode, hash, count(*) AS answers, count(*) FILTER (WHERE chash_shard(r, key) = node) AS same
FROM (VALUES ('libmemcached', 'modula_default', 'libmemcached_modula', NULL),
	('libmemcached', 'modula_crc', 'libmemcached_modula', 'hashkit_crc32'),
	('libmemcached', 'modula_md5', 'libmemcached_modula', 'md5'),
	('twemproxy', 'fnv1a_64', 'twemproxy_modula', NULL),
	('twemproxy', 'fnv1a_32', 'twemproxy_modula', 'hashkit_fnv1a_32'),
	('twemproxy', 'fnv1_64', 'twemproxy_modula', 'hashkit_fnv1_64'),
	('twemproxy', 'fnv1_32', 'twemproxy_modula', 'hashkit_fnv1_32'),
	('twemproxy', 'one_at_a_time', 'twemproxy_modula', 'hashkit_one_at_a_time'),
	('twemproxy', 'md5', 'twemproxy_modula', 'hashkit_md5'),
	('twemproxy', 'crc16', 'twemproxy_modula', 'twemproxy_crc16'),
	('twemproxy', 'crc32', 'twemproxy_modula', 'hashkit_crc32'),
	('twemproxy', 'crc32a', 'twemproxy_modula', 'crc32'),
	('twemproxy', 'hsieh', 'twemproxy_modula', 'hashkit_hsieh'),
	('twemproxy', 'murmur', 'twemproxy_modula', 'hashkit_murmur'),
	('twemproxy', 'jenkins', 'twemproxy_modula', 'hashkit_jenkins'),
	('nginx', 'plain', 'nginx_plain', NULL)) v(library, mode, dialect, hash)
	JOIN answers USING (library, mode)
	JOIN LATERAL (SELECT chash_modulo(array_agg(node ORDER BY idx), weights => array_agg(weight ORDER BY idx),
		dialect => v.dialect, hash => v.hash) AS r
		FROM nodesets n WHERE n.nodeset = answers.nodeset) x ON true
GROUP BY dialect, mode, hash ORDER BY dialect COLLATE "C", mode COLLATE "C";
-- twemproxy sorts its servers by the lengths of their names; without the usual port the order is another
SELECT dialect, string_agg(shard, ' ' ORDER BY vnode::int) AS units
FROM unnest('{twemproxy_modula,twemproxy_modula_default_port,nginx_plain}'::text[]) dialect,
	chash_routing_table(chash_modulo('{10.0.0.10:11211,b:1,10.0.0.9:80,a:11211}', '{1,2,1,1}', dialect => dialect))
GROUP BY dialect ORDER BY dialect;

-- Guava: a digest of more than 64 bits gives its first 8 bytes, and steps are rounded once
CREATE TEMP TABLE guava (key text, long bigint, buckets int, guava int, jump int);
\copy guava FROM 'test/vectors/guava/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
SELECT count(*) AS answers, count(*) FILTER (WHERE chash_shard(r, key) = 's' || guava) AS same,
	count(*) FILTER (WHERE chash_position(r, key) = long >> 1 & 9223372036854775807) AS top_63_bits
FROM guava JOIN (SELECT n, chash_jump(array_agg('s' || i ORDER BY i), hash => 'md5', dialect => 'guava') AS r
	FROM (SELECT DISTINCT buckets AS n FROM guava) b, generate_series(0, n - 1) i WHERE n <= 65535 GROUP BY n) x ON n = buckets;
SELECT buckets, count(*) AS more_than_a_router_has FROM guava WHERE buckets > 65535 GROUP BY buckets ORDER BY buckets;
CREATE TEMP TABLE guava_differs (key numeric, buckets int, jump int, guava int);
\copy guava_differs FROM 'test/vectors/jump/guava_differs.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
SELECT count(*) AS answers, count(*) FILTER (WHERE chash_shard(g, key::bigint) = 's' || guava) AS guava, count(*) FILTER (WHERE chash_shard(j, key::bigint) = 's' || jump) AS jump
FROM guava_differs, LATERAL (SELECT array_agg('s' || i ORDER BY i) AS names FROM generate_series(0, buckets - 1) i) x,
	LATERAL (SELECT chash_jump(names, hash => 'none', dialect => 'guava') AS g, chash_jump(names, hash => 'none') AS j) y
WHERE key < 2 ^ 63::numeric;
CREATE TEMP TABLE guava_hashes (key text, murmur3_32 numeric, murmur3_128 text, siphash numeric, farm64 numeric, crc32c numeric);
\copy guava_hashes FROM 'test/vectors/guava/hashes.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
SELECT count(*) AS keys, count(*) FILTER (WHERE chash_position(chash_jump('{a}', 'murmur3_32', 'guava'), key) = murmur3_32) AS murmur3_32,
	count(*) FILTER (WHERE chash_position(chash_jump('{a}', 'guava_siphash24', 'guava'), key) = div(siphash, 2)) AS siphash,
	count(*) FILTER (WHERE chash_position(chash_jump('{a}', 'farmhash64', 'guava'), key) = div(farm64, 2)) AS farm64,
	count(*) FILTER (WHERE chash_position(chash_jump('{a}', 'crc32c', 'guava'), key) = crc32c) AS crc32c,
	count(*) FILTER (WHERE chash_position(chash_jump('{a}', dialect => 'guava'), key) =
		(SELECT div(sum(get_byte(decode(murmur3_128, 'hex'), i) * 256 ^ i::numeric), 2) FROM generate_series(0, 7) i)) AS murmur3_128
FROM guava_hashes;

-- go-redis hashes what is in braces; the recorded answers of keys with braces are of its hash function alone
CREATE TEMP TABLE rendezvous (impl text, nodeset text, key text, key_xxh64 text, node_index int, node text);
\copy rendezvous FROM 'test/vectors/rendezvous/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
SELECT key ~ '^[^{]*\{[^}]+\}' AS tagged, count(*) AS answers, count(*) FILTER (WHERE chash_shard(r, key) = node) AS same,
	count(*) FILTER (WHERE chash_shard(plain, key) = node) AS hash_alone,
	count(*) FILTER (WHERE chash_shard(r, key) = chash_shard(plain, COALESCE(substring(key FROM '^[^{]*\{([^}]+)\}'), key))) AS by_tag
FROM rendezvous JOIN (SELECT nodeset, chash_rendezvous(array_agg(node ORDER BY idx), dialect => 'go_redis') AS r,
		chash_rendezvous(array_agg(node ORDER BY idx), hash => 'xxh64') AS plain FROM nodesets GROUP BY nodeset) x USING (nodeset)
WHERE impl LIKE 'go-redis%' GROUP BY 1 ORDER BY 1;
SELECT key, chash_position(chash_rendezvous('{a}', dialect => 'go_redis'), key) = chash_position(chash_rendezvous('{a}', hash => 'xxh64'), part) AS same
FROM (VALUES ('{user1000}.following', 'user1000'), ('foo{}{bar}', 'foo{}{bar}'), ('foo{{bar}}zap', '{bar'), ('foo{bar}{zap}', 'bar'), ('{', '{'), ('', '')) v(key, part);
SELECT chash_position(chash_rendezvous('{a}', dialect => 'go_redis'), '\x007b007d00'::bytea) = chash_position(chash_rendezvous('{a}', hash => 'xxh64'), '\x00'::bytea) AS bytea;

-- go-maglev: tables of 251 entries, and answers with these and with 65537
CREATE TEMP TABLE entries (nodeset text, slot int, node_index int);
\copy entries FROM 'test/vectors/maglev/go_maglev_table_M251.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
SELECT count(*) AS entries, count(*) FILTER (WHERE t.shard = n.node) AS same
FROM entries e JOIN nodesets n ON n.nodeset = e.nodeset AND n.idx = e.node_index
	JOIN (SELECT nodeset, chash_maglev(array_agg(node ORDER BY idx), slots => 251, dialect => 'go_maglev') AS r FROM nodesets WHERE weight = 1 GROUP BY nodeset) x ON x.nodeset = e.nodeset
	JOIN LATERAL (SELECT shard FROM chash_routing_table(r) WHERE first_position = slot) t ON true;
CREATE TEMP TABLE go_maglev (nodeset text, m int, key text, xxh64 text, slot int, node_index int, node text);
\copy go_maglev FROM 'test/vectors/maglev/go_maglev_vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
SELECT m, count(*) AS answers, count(*) FILTER (WHERE chash_shard(r, key) = node) AS same
FROM go_maglev JOIN (SELECT nodeset, m, chash_maglev(array_agg(node ORDER BY idx), slots => m, dialect => 'go_maglev') AS r
	FROM nodesets, unnest('{251,65537}'::int[]) m WHERE weight = 1 GROUP BY nodeset, m) x USING (nodeset, m)
GROUP BY m ORDER BY m;

-- the tables of Envoy's unit tests, of 7 and of 17 entries
CREATE TEMP TABLE envoy (algo text, name text, param text, host text, weight text, value text);
\copy envoy FROM 'test/vectors/envoy/unit_test_vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
SELECT name, (SELECT string_agg((array_position(hosts, shard) - 1)::text, ' ' ORDER BY first_position) FROM chash_routing_table(
		chash_maglev(hosts, weights, slots => substring(param FROM '\d+')::int, dialect => 'envoy_maglev'))) = value AS same
FROM envoy, LATERAL (SELECT string_to_array(host, ',') AS hosts, string_to_array(weight, ',')::float8[] AS weights) x WHERE algo = 'maglev' ORDER BY name;

-- adding a shard: what moves to it and between the old ones
SELECT name, round(sum(share) FILTER (WHERE target = 'e')::numeric, 3) AS to_the_new_one, round(COALESCE(sum(share) FILTER (WHERE target <> 'e'), 0)::numeric, 3) AS between_old_ones
FROM (VALUES ('libmemcached_modula', chash_modulo('{a,b,c,d}', dialect => 'libmemcached_modula'), chash_modulo('{a,b,c,d,e}', dialect => 'libmemcached_modula')),
	('twemproxy_modula', chash_modulo('{a,b,c,d}', dialect => 'twemproxy_modula'), chash_modulo('{a,b,c,d,e}', dialect => 'twemproxy_modula')),
	('nginx_plain', chash_modulo('{a,b,c,d}', dialect => 'nginx_plain'), chash_modulo('{a,b,c,d,e}', dialect => 'nginx_plain')),
	('guava', chash_jump('{a,b,c,d}', dialect => 'guava'), chash_jump('{a,b,c,d,e}', dialect => 'guava')),
	('go_redis', chash_rendezvous('{a,b,c,d}', dialect => 'go_redis'), chash_rendezvous('{a,b,c,d,e}', dialect => 'go_redis')),
	('go_maglev', chash_maglev('{a,b,c,d}', dialect => 'go_maglev'), chash_maglev('{a,b,c,d,e}', dialect => 'go_maglev')),
	('envoy_maglev', chash_maglev('{a,b,c,d}', dialect => 'envoy_maglev'), chash_maglev('{a,b,c,d,e}', dialect => 'envoy_maglev'))) v(name, before, after),
	chash_moves(before, after)
GROUP BY name ORDER BY name COLLATE "C";

-- stored and read again
SELECT r::text, r::text::chash_router = r AS text, r::jsonb::chash_router = r AS jsonb
FROM (VALUES (chash_modulo('{a,b}', '{1,2}', dialect => 'twemproxy_modula', hash => 'md5')), (chash_jump('{a,b}', dialect => 'guava')), (chash_jump('{a,b}', 'crc32c', 'guava')),
	(chash_rendezvous('{a,b}', dialect => 'go_redis')), (chash_maglev('{a,b}', slots => 251, dialect => 'go_maglev')), (chash_maglev('{a,b}', '{1,2}', dialect => 'envoy_maglev'))) v(r);

-- refused
SELECT chash_modulo('{a,b}', '{1,2}', dialect => 'libmemcached_modula');
SELECT chash_modulo('{a,b}', hash => 'xxh3', dialect => 'twemproxy_modula');
SELECT chash_modulo('{a,b}', hash => 'crc32', dialect => 'nginx_plain');
SELECT chash_modulo('{a,b}', '{1,1.5}', dialect => 'nginx_plain');
SELECT chash_rendezvous('{a,b}', '{1,2}', dialect => 'go_redis');
SELECT chash_rendezvous('{a,b}', hash => 'md5', dialect => 'go_redis');
SELECT chash_maglev('{a,b}', '{1,2}', dialect => 'go_maglev');
SELECT chash_maglev('{a,b}', slots => 250, dialect => 'go_maglev');
SELECT chash_maglev('{a,b,c,d}', slots => 3, dialect => 'envoy_maglev');
SELECT chash_maglev('{a,b}', hash => 'xxh3', dialect => 'envoy_maglev');
SELECT chash_jump('{a,b}', dialect => 'go_maglev');
SELECT '{"strategy":"jump","dialect":"guava","bits":32,"shards":["a","b"]}'::chash_router;
SELECT '{"strategy":"jump","dialect":"guava","shards":["a",{"name":"b","weight":2}]}'::chash_router;
DROP TABLE nodesets, answers;
