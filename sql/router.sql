-- The type chash_router: its doors, its canonical form, its equality.

-- text in, canonical text out: keys in a fixed order, defaults left out
SELECT '{"shards":["a","b"],"strategy":"ring"}'::chash_router;
SELECT '{"strategy":"ring","hash":"xxh3","bits":64,"vnodes":160,"label":"{shard}-{i}","search":"ceiling","dialect":"chash","shards":["a"]}'::chash_router;
SELECT '{"strategy":"ring","hash":"md5","bits":32,"vnodes":40,"label":"{shard}:{i}","search":"higher",
	"shards":[{"name":"a","weight":2.5,"zone":"z1"},{"name":"b","id":7},"c"]}'::chash_router;
SELECT '{"strategy":"ring","dialect":"textbook","shards":["a"]}'::chash_router;
SELECT '{"strategy":"modulo","hash":"none","shards":[{"name":"a","weight":3},"b"]}'::chash_router;
SELECT '{"strategy":"range","key_type":"int","bounds":[10,"20"],"shards":["a","b","c"]}'::chash_router;
SELECT '{"strategy":"range","bounds":["N"],"shards":["a-m","n-z"]}'::chash_router;
SELECT '{"strategy":"ring","shards":["a\"b","x''; DROP--","é 漢","tab\t","back\\slash"]}'::chash_router;
SELECT '{"strategy":"ring","shards":[{"name":"a","weight":1e300}]}'::chash_router;	-- too many points
SELECT '{"strategy":"ring","vnodes":1,"shards":[{"name":"a","weight":0.1},{"name":"b","weight":123456.75}]}'::chash_router;

-- what goes out comes in again, by every door
CREATE TABLE doors (name text, r chash_router);
INSERT INTO doors VALUES
	('ring', chash_ring('{a,b,c}', weights => '{1,2.5,0.5}', vnodes => 10, hash => 'sha256', bits => 200,
		label => '{i}/{shard}', search => 'higher')),
	('textbook', chash_ring('{a,b}', dialect => 'textbook')),
	('modulo', chash_modulo('{a,b,c}', '{1,2,3}', 'pg')),
	('hash_range', chash_hash_range('{a,b}', hash => 'md5', bits => 100)),
	('range', chash_range('{a,b,c}', '{2024-01-01,2024-06-30}', 'date')),
	('collation', chash_range('{a,b}', '{m}', 'text', 'POSIX')),
	('ids', chash_remove(chash_ring('{a,b,c}'), 'b')),
	('zone', chash_add(chash_ring('{a,b}'), 'c', weight => 2, zone => 'east'));
SELECT name, r FROM doors;
SELECT name FROM doors WHERE r <> r::text::chash_router OR r <> r::jsonb::chash_router;
SELECT count(*) AS kept FROM doors WHERE r = r::text::chash_router AND r = r::jsonb::chash_router;

-- the binary form
SELECT name, encode(chash_router_send(r), 'hex') FROM doors WHERE name IN ('ring', 'range') ORDER BY name;

-- equality, hashing
SELECT chash_ring('{a,b}') = chash_ring('{a,b}') AS same, chash_ring('{a,b}') = chash_ring('{b,a}') AS order_matters,
	chash_ring('{a,b}') <> chash_ring('{a,b}', vnodes => 161) AS differ,
	chash_ring('{a,b}') = '{"strategy":"ring","shards":["a",{"name":"b","weight":1.0,"id":2}]}' AS spelled_out;
SELECT count(*) FROM (SELECT r FROM doors UNION SELECT r FROM doors) x;
SELECT count(*) FROM (SELECT DISTINCT r FROM doors a, generate_series(1, 3)) x;
SELECT count(*) FROM doors a JOIN doors b USING (r);
SELECT opcname, amvalidate(o.oid) FROM pg_opclass o WHERE opcname = 'chash_router_ops';

-- a removed shard's id is free again; those that stay keep theirs
SELECT chash_add(chash_remove(chash_ring('{a,b,c}'), 'a'), 'd');
SELECT '{"strategy":"ring","shards":[{"name":"a","id":2},"b","c"]}'::chash_router::jsonb -> 'shards';

-- malformed text
SELECT ''::chash_router;
SELECT 'ring'::chash_router;
SELECT '{"strategy":"ring","shards":["a"]'::chash_router;
SELECT '[]'::chash_router;
SELECT '"ring"'::chash_router;
SELECT 'null'::chash_router;
SELECT '{}'::chash_router;
SELECT '{"strategy":"ring"}'::chash_router;
SELECT '{"shards":["a"]}'::chash_router;
SELECT '{"strategy":"rong","shards":["a"]}'::chash_router;
SELECT '{"strategy":7,"shards":["a"]}'::chash_router;
SELECT '{"strategy":"ring","shards":["a"],"color":"red"}'::chash_router;
SELECT '{"strategy":"ring","shards":"a"}'::chash_router;
SELECT '{"strategy":"ring","shards":{"a":1}}'::chash_router;
SELECT '{"strategy":"ring","shards":[1]}'::chash_router;
SELECT '{"strategy":"ring","shards":[["a"]]}'::chash_router;
SELECT '{"strategy":"ring","shards":[null]}'::chash_router;
SELECT '{"strategy":"ring","shards":[{"name":"a","wait":2}]}'::chash_router;
SELECT '{"strategy":"ring","shards":[{"weight":2}]}'::chash_router;
SELECT '{"strategy":"ring","shards":[{"name":"a","weight":"2"}]}'::chash_router;
SELECT '{"strategy":"ring","shards":[{"name":"a","id":0}]}'::chash_router;
SELECT '{"strategy":"ring","shards":[{"name":"a","id":1.5}]}'::chash_router;
SELECT '{"strategy":"ring","shards":[{"name":"a","id":65536}]}'::chash_router;
SELECT '{"strategy":"ring","shards":[{"name":"a","id":3},{"name":"b","id":3}]}'::chash_router;
SELECT '{"strategy":"ring","shards":[{"name":"a","zone":""}]}'::chash_router;
SELECT '{"strategy":"ring","hash":"crc32","shards":["a"]}'::chash_router;
SELECT '{"strategy":"ring","dialect":"ketama","shards":["a"]}'::chash_router;
SELECT '{"strategy":"ring","search":"sideways","shards":["a"]}'::chash_router;
SELECT '{"strategy":"ring","bits":65,"shards":["a"]}'::chash_router;
SELECT '{"strategy":"ring","bits":0,"shards":["a"]}'::chash_router;
SELECT '{"strategy":"ring","bits":-3,"shards":["a"]}'::chash_router;
SELECT '{"strategy":"ring","bits":99999999999999999999,"shards":["a"]}'::chash_router;
SELECT '{"strategy":"ring","bounds":["a"],"shards":["a","b"]}'::chash_router;
SELECT '{"strategy":"range","bounds":[true],"shards":["a","b"]}'::chash_router;
SELECT '{"strategy":"range","key_type":"float8","shards":["a"]}'::chash_router;

-- parameters that the strategy would ignore
SELECT '{"strategy":"modulo","vnodes":5,"shards":["a"]}'::chash_router;
SELECT '{"strategy":"modulo","dialect":"textbook","shards":["a"]}'::chash_router;
SELECT '{"strategy":"hash_range","label":"{shard}{i}","shards":["a"]}'::chash_router;
SELECT '{"strategy":"hash_range","search":"floor","shards":["a"]}'::chash_router;
SELECT '{"strategy":"ring","key_type":"text","shards":["a"]}'::chash_router;
SELECT '{"strategy":"ring","collation":"C","shards":["a"]}'::chash_router;
SELECT '{"strategy":"range","hash":"md5","shards":["a"]}'::chash_router;
SELECT '{"strategy":"range","bits":9,"shards":["a"]}'::chash_router;
SELECT '{"strategy":"range","key_type":"bigint","collation":"C","shards":["a"]}'::chash_router;

-- what is equal is hashed alike, also in a hash partitioned table
SELECT chash_router_hash(a) = chash_router_hash(b) AS hash, chash_router_hash_extended(a, 5) = chash_router_hash_extended(b, 5) AS extended,
	chash_router_hash_extended(a, 5) <> chash_router_hash_extended(a, 6) AS seeded,
	chash_router_hash_extended(a, 0) & 4294967295 = chash_router_hash(a)::bigint & 4294967295 AS as_without_seed
FROM (VALUES (chash_ring('{a,b}', '{2,3}'), '{"shards": [{"name": "a", "weight": 2.0}, {"weight": 3, "name": "b"}], "strategy": "ring"}'::chash_router)) v(a, b);
CREATE TABLE by_router (r chash_router) PARTITION BY HASH (r);
CREATE TABLE by_router_0 PARTITION OF by_router FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_router_1 PARTITION OF by_router FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO by_router SELECT chash_ring(ARRAY['s' || i]) FROM generate_series(1, 100) i;
SELECT count(*) AS found, count(DISTINCT t.tableoid) AS partitions
FROM generate_series(1, 100) i JOIN LATERAL (SELECT tableoid FROM by_router WHERE r = chash_ring(ARRAY['s' || i])) t ON true;
DROP TABLE by_router;

-- limits
SELECT length(chash_ring(ARRAY[repeat('x', 255)])::text) AS longest_name;
SELECT chash_ring(ARRAY[repeat('x', 256)]);
SELECT chash_add(chash_ring('{a}'), 'b', zone => repeat('z', 256));
SELECT (SELECT count(*) FROM chash_balance(chash_ring(array_agg('s' || i), vnodes => 1))) AS most_shards
FROM generate_series(1, 65535) i;
SELECT chash_ring(array_agg('s' || i), vnodes => 1) FROM generate_series(1, 65536) i;
SELECT chash_ring('{a}', vnodes => 65536);
SELECT chash_ring(array_agg('s' || i), vnodes => 65535) FROM generate_series(1, 33) i;
DROP TABLE doors;
