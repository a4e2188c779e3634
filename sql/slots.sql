-- The strategy slots: position mod a number of slots, and a map from slots to shards.

-- every shard has a run of slots; the map is always written
SELECT chash_slots('{A,B}', slots => 100);
SELECT chash_slots('{A,B,C}', weights => '{1,2,0.5}', slots => 10);
SELECT length(chash_slots('{A,B,C}')::text), chash_slots('{A,B,C}')::jsonb->'slots' IS NULL AS default_slots;
SELECT chash_slots('{A,B,C}', slots => 6, replicas => 2, hash => 'md5');
SELECT chash_slots('{A}', slots => 1), chash_slots('{A,B,C}', slots => 2);

-- text, jsonb, binary: in and out, with the map as it is
CREATE VIEW routers AS SELECT * FROM (VALUES
	(1, chash_slots('{A,B}', slots => 100)),
	(2, chash_add(chash_slots('{A,B}', slots => 100), 'C', slots => '25-49')),
	(3, chash_slots('{A,B,C,D}', '{1,2,3.5,1}', slots => 1000, replicas => 3, hash => 'sha1')),
	(4, chash_remove(chash_slots('{A,B,C}'), 'B')),
	(5, chash_slots('{A,B,C}', dialect => 'redis_cluster')),
	(6, chash_slots('{A,B}', slots => 64, prefix => 'p', suffix => 'ß', dialect => 'swift'))) r(id, r);
SELECT id, r::text::chash_router = r AND r::jsonb::chash_router = r AS same, r::text::chash_router::text = r::text AS same_text FROM routers;
CREATE TEMP TABLE stored (id int, r chash_router);
INSERT INTO stored SELECT * FROM routers;
\copy stored TO 'slots.bin' WITH (FORMAT binary)
TRUNCATE stored;
\copy stored FROM 'slots.bin' WITH (FORMAT binary)
SELECT id, s.r = routers.r AS same FROM stored s JOIN routers USING (id) ORDER BY id;
\! rm slots.bin

-- by hand: A has 0-49, B has 50-99, then C gets 25-49
SELECT chash_add(chash_slots('{A,B}', slots => 100), 'C', slots => '25-49') AS r \gset
SELECT :'r';
SELECT * FROM chash_moves(chash_slots('{A,B}', slots => 100), :'r');
SELECT * FROM chash_balance(:'r');
SELECT chash_slots('{A,B,C}', slots => 100, assignment => '{0-24,50-99,25-49}') = :'r' AS same;
SELECT chash_assign(:'r', 'C', '0, 50 - 52,99'), chash_assign(:'r', 'C', '') = :'r' AS nothing;
SELECT chash_rebalance(:'r');
SELECT sum(positions) FILTER (WHERE source <> target) / 2.0^64 * 100 AS moved FROM chash_moves(:'r', chash_rebalance(:'r'));
-- a shard without slots; a new one takes only what is too much elsewhere
SELECT chash_slots('{A,B}', slots => 10, assignment => '{0-9,NULL}') AS r \gset
SELECT :'r', chash_add(:'r', 'C'), chash_rebalance(chash_add(:'r', 'C'));
SELECT * FROM chash_balance(:'r');
SELECT DISTINCT chash_shard(:'r', i::text) FROM generate_series(1, 100) i;
-- replicas: given by hand, exchanged
SELECT chash_slots('{A,B,C}', slots => 4, replicas => 2, assignment => '{0-1;2-3,2;0-1,3;}') AS r \gset
SELECT :'r';
SELECT chash_assign(:'r', 'C', '0'), chash_assign(:'r', 'C', '0', replica => 2), chash_assign(:'r', 'B', '0');

-- adding moves slots only to the new shard, removing only its own, reweighting only one way
CREATE FUNCTION moved(before chash_router, after chash_router, OUT slots numeric, OUT sources text, OUT targets text) LANGUAGE sql AS $$
	SELECT round(sum(positions) / 2.0^64 * 1024), string_agg(DISTINCT source, ',' ORDER BY source), string_agg(DISTINCT target, ',' ORDER BY target)
	FROM chash_moves(before, after) WHERE source <> target $$;
SELECT chash_slots('{A,B,C,D}') AS r \gset
SELECT * FROM moved(:'r', chash_add(:'r', 'E'));
SELECT * FROM moved(chash_add(:'r', 'E'), chash_remove(chash_add(:'r', 'E'), 'A'));
SELECT * FROM moved(:'r', chash_add(:'r', 'E', 2.5));
SELECT * FROM moved(:'r', chash_reweight(:'r', 'B', 3));
SELECT * FROM moved(:'r', chash_reweight(:'r', 'B', 0.1));
SELECT chash_reweight(:'r', 'B', 1) = :'r' AS same, chash_rebalance(:'r') = :'r' AS balanced;
WITH RECURSIVE history(i, r) AS (
	SELECT 1, chash_slots('{s1,s2,s3}')
	UNION ALL
	SELECT i + 1, CASE WHEN i % 3 = 0 THEN chash_remove(r, 's' || i / 3) ELSE chash_add(r, 's' || i + 3 - i / 3, 0.5 + i % 4) END FROM history WHERE i < 60)
SELECT max(abs(b.share - b.ideal_share)) * 1024 <= 1 AS within_one_slot, max(i) FROM history, chash_balance(r) b;

-- zones: no two replicas of a slot in one
SELECT '{"strategy": "slots", "slots": 512, "replicas": 3, "shards": [{"name": "a1", "zone": "a"}, {"name": "a2", "zone": "a"}, {"name": "b1", "zone": "b"},
	{"name": "b2", "zone": "b"}, {"name": "c1", "zone": "c"}, {"name": "c2", "zone": "c"}]}'::chash_router AS z \gset
SELECT bool_and(zones = 3) FROM generate_series(1, 2000) i, LATERAL (
	SELECT count(DISTINCT left(s, 1)) AS zones FROM unnest(chash_shards(:'z', i, 3)) s) x;
SELECT bool_and(zones = 3) FROM generate_series(1, 2000) i, LATERAL (
	SELECT count(DISTINCT left(s, 1)) AS zones FROM unnest(chash_shards(chash_remove(chash_add(:'z', 'a3', zone => 'a'), 'a1'), i, 3)) s) x;
-- the copies of the map come first, then the shards of the slots after it
SELECT chash_slots('{A,B,C,D}', slots => 8, replicas => 2, hash => 'none') AS r \gset
SELECT :'r';
SELECT i, chash_slot(:'r', i), chash_shards(:'r', i, 1), chash_shards(:'r', i, 2), chash_shards(:'r', i, 4) FROM generate_series(0, 9) i;

-- looking: residue classes, as with modulo
SELECT * FROM chash_routing_table(chash_slots('{A,B}', slots => 5, hash => 'crc16'));
SELECT * FROM chash_arcs(chash_slots('{A,B}', slots => 5, hash => 'crc16'));

-- the slot of a key, in all that have a table of slots
SELECT chash_slot(:'r', 13), chash_slot(:'r', 13::bigint);
SELECT chash_slot(m, 'x') = mod(chash_position(m, 'x')::numeric * 2, 7) OR chash_slot(m, 'x') = mod(chash_position(m, 'x')::numeric * 2 + 1, 7)
FROM chash_maglev('{A,B}', slots => 7) m;
SELECT chash_slot(s, 'x'::text), chash_slot(s, '\x78'::bytea), chash_slot(s, '0b6d4b5c-8a0e-4d0f-9f4e-2d6d1a1f0d11'::uuid), chash_slot(s, 42) = chash_slot(s, '42') AS same
FROM chash_slots('{A,B}') s;
SELECT chash_slot(chash_ring('{A}'), 'x');
SELECT chash_slot(chash_modulo('{A}'), 'x');

-- moves between slots and others agree with keys that are routed
SELECT chash_slots('{A,B,C}', slots => 30, hash => 'crc32') AS r \gset
CREATE TABLE others (name text, r chash_router);
INSERT INTO others VALUES ('more slots', chash_slots('{A,B,C}', slots => 48, hash => 'crc32')), ('maglev', chash_maglev('{A,B,C}', slots => 31, hash => 'crc32')),
	('modulo', chash_modulo('{A,B,C}', hash => 'crc32')), ('ring', chash_ring('{A,B,C}', vnodes => 10, hash => 'crc32')), ('hash_range', chash_hash_range('{A,B,C}', hash => 'crc32'));
SELECT name, bool_and(exact) AS exact, sum(abs(share - counted)) < 0.02 AS agree
FROM others o, LATERAL (
	SELECT coalesce(m.share, 0) AS share, m.exact, (SELECT count(*) / 20000.0 FROM generate_series(1, 20000) i WHERE chash_shard(:'r', i) = m.source AND chash_shard(o.r, i) = m.target) AS counted
	FROM chash_moves(:'r', o.r) m) x GROUP BY name ORDER BY name COLLATE "C";
SELECT sum(share), bool_and(exact) FROM chash_moves(chash_slots('{A,B}', slots => 64, dialect => 'swift'), chash_slots('{A,C}', slots => 256, dialect => 'swift'));
SELECT round(sum(share)::numeric, 9) AS sum, bool_and(exact) AS exact FROM chash_moves(chash_slots('{A,B}', slots => 64, dialect => 'swift'), chash_slots('{A,C}', slots => 100, hash => 'md5'));
SELECT bool_or(exact) AS exact FROM chash_moves(chash_slots('{A,B}', slots => 64, dialect => 'swift'), chash_slots('{A,B}', slots => 64, prefix => 'p', dialect => 'swift'));

-- Redis Cluster
SELECT chash_slots('{A,B,C}', dialect => 'redis_cluster');
CREATE TABLE redis (key text, slot int);
\copy redis FROM 'test/vectors/redis-cluster/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', QUOTE E'\b', HEADER, FORCE_NOT_NULL (key))
SELECT count(*), count(*) FILTER (WHERE chash_slot(chash_slots('{A,B,C}', dialect => 'redis_cluster'), key) = slot) AS same,
	count(*) FILTER (WHERE chash_slot(chash_slots('{A,B,C}', dialect => 'redis_cluster'), convert_to(key, 'UTF8')) = slot) AS same_bytes FROM redis;
SELECT chash_shard(chash_slots('{A,B,C}', dialect => 'redis_cluster'), 'foo') AS slot_12182, chash_slot(chash_slots('{A,B,C}', hash => 'crc16', slots => 16384), '{foo}.x') <> 12182 AS whole_key;

-- OpenStack Swift: partitions of a path
SELECT chash_slots('{A,B}', slots => 8, prefix => '', suffix => '', dialect => 'swift') = chash_slots('{A,B}', slots => 8, dialect => 'swift') AS empty_is_none;
SELECT '{"strategy":"slots","dialect":"swift","slots":8,"prefix":"","shards":["A"]}'::chash_router;
CREATE TABLE swift (part_power int, prefix text, suffix text, account text, container text, object text, md5 text, partition int);
\copy swift FROM 'test/vectors/swift/partition_vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', QUOTE E'\b', HEADER, FORCE_NOT_NULL (account, container, object))
SELECT part_power, count(*), count(*) FILTER (WHERE chash_slot(r, '/' || account) = partition) AS same,
	count(*) FILTER (WHERE chash_position(r, '/' || account) = partition) AS same_position
FROM swift, LATERAL chash_slots('{A,B}', slots => 1 << part_power, prefix => prefix, suffix => suffix, dialect => 'swift') r
WHERE part_power <= 20 GROUP BY part_power ORDER BY part_power;
SELECT part_power, count(*), count(*) FILTER (WHERE chash_position(chash_hash_range('{A}', hash => 'md5', bits => part_power), prefix || '/' || account || suffix) = partition) AS same
FROM swift GROUP BY part_power ORDER BY part_power;
-- and the rings that its builder made, as maps by hand
CREATE TABLE assignment ("case" text, part_power int, replicas int, overload text, weights text, zones text, seed int, partition int, devs text);
\copy assignment FROM 'test/vectors/swift/assignment.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER)
CREATE TABLE swift_rings AS
SELECT "case", replicas, jsonb_build_object('strategy', 'slots', 'dialect', 'swift', 'slots', count(*) / replicas, 'replicas', replicas, 'shards',
	(SELECT jsonb_agg(jsonb_build_object('name', dev, 'weight', weight, 'zone', zone, 'slots', slots) ORDER BY dev)
	FROM (SELECT i - 1 AS dev_number, (i - 1)::text AS dev, (string_to_array(weights, ','))[i]::float8 AS weight, (string_to_array(zones, ','))[i] AS zone,
		(SELECT jsonb_agg(coalesce((SELECT string_agg(a.partition::text, ',' ORDER BY a.partition) FROM assignment a
			WHERE a."case" = x."case" AND split_part(a.devs, ',', r) = (i - 1)::text), '') ORDER BY r) FROM generate_series(1, x.replicas) r) AS slots
		FROM generate_series(1, cardinality(string_to_array(weights, ','))) i) d))::chash_router AS r
FROM (SELECT a.* FROM assignment a, generate_series(1, a.replicas)) x GROUP BY "case", replicas, weights, zones;
SELECT "case", count(*), count(*) FILTER (WHERE chash_shards(r, account || i, s.replicas)::text[] = string_to_array(a.devs, ',')) AS same
FROM swift_rings s CROSS JOIN generate_series(1, 1000) i CROSS JOIN (SELECT 'key:' AS account) k
	JOIN assignment a USING ("case")
WHERE a.partition = chash_slot(r, account || i) GROUP BY "case" ORDER BY "case";
DROP TABLE swift_rings;

-- the largest
SELECT octet_length(chash_router_send(chash_slots('{A,B,C}', slots => 1048576))) AS bytes;
SELECT count(*) FROM chash_balance(chash_add(chash_slots('{A,B,C}', slots => 1048576, replicas => 3), 'D'));

-- refused
SELECT chash_slots('{A,B}', slots => 0);
SELECT chash_slots('{A,B}', slots => 1048577);
SELECT chash_slots('{A,B,C,D,E}', slots => 1048576, replicas => 5);
SELECT chash_slots('{A,B}', replicas => 3);
SELECT chash_slots('{A,B}', replicas => 65);
SELECT chash_slots('{A,B}', weights => '{1,-1}');
SELECT chash_slots('{A,A}');
SELECT chash_slots('{}');
SELECT chash_slots('{A,B}', slots => 100, assignment => '{0-49,50-100}');
SELECT chash_slots('{A,B}', slots => 100, assignment => '{0-49,49-99}');
SELECT chash_slots('{A,B}', slots => 100, assignment => '{0-49,"60-99,55"}');
SELECT chash_slots('{A,B}', slots => 100, assignment => '{0-49,50-98}');
SELECT chash_slots('{A,B}', slots => 100, assignment => '{0-49}');
SELECT chash_slots('{A,B}', slots => 100, assignment => '{0-49;50-99,NULL}');
SELECT chash_slots('{A,B}', slots => 100, assignment => '{{0-49,50-99}}');
SELECT chash_slots('{A,B}', slots => 2, replicas => 2, assignment => '{0-1;0,1}');
SELECT chash_slots('{A,B}', slots => 2, replicas => 2, assignment => '{0;0,1;1}');
SELECT chash_slots('{A,B}', slots => 2, replicas => 2, assignment => '{0;1,1}');
SELECT t, chash_slots('{A,B}', slots => 10, assignment => ARRAY['0-4', t]) FROM unnest('{5-}'::text[]) t;
SELECT chash_slots('{A,B}', slots => 10, assignment => '{0-4,9-5}');
SELECT chash_slots('{A,B}', slots => 10, assignment => '{0-4,5-9x}');
SELECT chash_slots('{A,B}', slots => 10, assignment => '{0-4,"5-9,"}');
SELECT chash_slots('{A,B}', slots => 10, assignment => '{0-4,"5,,6-9"}');
SELECT chash_slots('{A,B}', slots => 10, assignment => '{0-4,-5}');
SELECT chash_slots('{A,B}', slots => 10, assignment => '{0-4,5-99999999999999999999}');
SELECT chash_assign(chash_slots('{A,B}', slots => 10), 'C', '1');
SELECT chash_assign(chash_slots('{A,B}', slots => 10), 'A', '10');
SELECT chash_assign(chash_slots('{A,B}', slots => 10), 'A', '1', 2);
SELECT chash_assign(chash_ring('{A,B}'), 'A', '1');
SELECT chash_rebalance(chash_maglev('{A,B}'));
SELECT chash_add(chash_ring('{A,B}'), 'C', slots => '1');
SELECT chash_add(chash_slots('{A,B}', slots => 10), 'C', slots => '1-11');
SELECT chash_add(chash_slots('{A,B}', slots => 10), 'B');
SELECT chash_add(chash_slots('{A,B}', slots => 10), 'C', 'NaN');
SELECT chash_add(chash_slots('{A,B}', slots => 10), 'C', bound => 'x');
SELECT chash_remove(chash_slots('{A,B}', slots => 10, replicas => 2), 'B');
SELECT chash_remove(chash_slots('{A}', slots => 10), 'A');
SELECT chash_slots('{A,B}', slots => 100, dialect => 'swift');
SELECT chash_slots('{A,B}', slots => 1, dialect => 'swift');
SELECT chash_slots('{A,B}', slots => 262144, hash => 'crc16', dialect => 'swift');
SELECT chash_slots('{A,B}', slots => 65537, hash => 'crc16');
SELECT chash_slots('{A,B}', prefix => 'p');
SELECT chash_slots('{A,B}', hash => 'pg', prefix => 'p', dialect => 'swift');
SELECT chash_slots('{A,B}', hash => 'none', dialect => 'redis_cluster');
SELECT chash_slots('{A,B}', dialect => 'nginx');
SELECT chash_ring('{A,B}', dialect => 'swift');
SELECT '{"strategy":"ring","shards":[{"name":"A","slots":"0-9"}]}'::chash_router;
SELECT '{"strategy":"slots","slots":10,"shards":[{"name":"A","slots":7}]}'::chash_router;
SELECT '{"strategy":"slots","slots":10,"shards":[{"name":"A","slots":[0,9]}]}'::chash_router;
SELECT '{"strategy":"slots","slots":10,"shards":[{"slots":"0-9"}]}'::chash_router;
SELECT '{"strategy":"slots","bits":32,"shards":["A"]}'::chash_router;
SELECT '{"strategy":"modulo","slots":10,"shards":["A"]}'::chash_router;
DROP VIEW routers;
DROP TABLE others, redis, swift, assignment;
DROP FUNCTION moved;

-- what is hashed with a key, or not hashed at all, has its say in chash_shard as in the list of copies
SELECT name, count(*) AS keys, bool_and(chash_shard(r, k) = (chash_shards(r, k, 1))[1]) AS same,
	bool_or(chash_shard(r, k) <> chash_shard(plain, k)) AS has_its_say
FROM (VALUES ('prefix', chash_slots('{a,b,c}', prefix => 'pfx', dialect => 'swift'), chash_slots('{a,b,c}', dialect => 'swift')),
		('suffix', chash_slots('{a,b,c}', suffix => 'sfx', dialect => 'swift'), chash_slots('{a,b,c}', dialect => 'swift')),
		('empty key', chash_modulo('{a,bb,c}', dialect => 'twemproxy_modula'), chash_modulo('{a,c,bb}', hash => 'hashkit_fnv1a_64')),
		('tag', chash_slots('{a,b,c}', dialect => 'redis_cluster'), chash_slots('{a,b,c}', hash => 'crc16', slots => 16384))) v(name, r, plain),
	unnest(ARRAY['', '/a/c/o', 'Tacos', '{user}.x', '{}']) k
GROUP BY name ORDER BY name;
SELECT chash_position(chash_modulo('{a,b,c}', dialect => 'twemproxy_modula'), '') AS not_hashed,
	chash_shard(chash_modulo('{a,b,c}', dialect => 'twemproxy_modula'), '') AS first;
