-- Answers that must never change: not by a version, a machine or a release.
-- If this test fails, the code is wrong and not the expected file.

SELECT key, chash_position(chash_ring('{a}', hash => hash), key) AS position, hash
FROM unnest('{xxh3,xxh64,sha1,md5,sha256}'::text[]) hash, unnest('{"",a,42,Tacos,Tomato Soup,Crème brûlée}'::text[]) key;
SELECT chash_position(chash_ring('{a}'), k) FROM unnest('{0,1,-1,42,9223372036854775807,-9223372036854775808}'::bigint[]) k;
SELECT chash_position(chash_ring('{a}'), 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid) AS uuid, chash_position(chash_ring('{a}'), '\x00ff10'::bytea) AS bytea;
SELECT chash_position(chash_modulo('{a}', hash => 'pg'), 'Tacos') AS text, chash_position(chash_modulo('{a}', hash => 'pg'), 42) AS bigint,
	chash_position(chash_modulo('{a}', hash => 'pg'), 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid) AS uuid;

SELECT hash, chash_position(r, '') AS empty, chash_position(r, 'Tacos') AS "Tacos", chash_position(r, 'Crème brûlée') AS "Crème brûlée",
	chash_position(r, 42) AS "42", (SELECT md5(string_agg(chash_position(r, 'key ' || k)::text, ',' ORDER BY k)) FROM generate_series(1, 1000) k) AS keys
FROM unnest('{crc32,crc16,crc32c,fnv1a_32,hashkit_one_at_a_time,hashkit_fnv1_32,hashkit_fnv1a_32,hashkit_fnv1_64,hashkit_fnv1a_64,
	hashkit_crc32,hashkit_hsieh,hashkit_murmur,hashkit_murmur3,hashkit_jenkins,hashkit_md5,twemproxy_crc16,haproxy_sdbm,haproxy_sdbm_avalanche,
	haproxy_djb2,haproxy_djb2_avalanche,haproxy_wt6,haproxy_wt6_avalanche,haproxy_crc32_avalanche,murmur3_32,murmur3_128,guava_siphash24,
	farmhash64,cassandra,mongodb,citus}'::text[]) hash, chash_modulo('{a}', hash => hash) r;
SELECT hash, chash_position(r, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid) AS uuid, chash_position(r, '\x00ff10'::bytea) AS bytea
FROM unnest('{cassandra,mongodb,citus}'::text[]) hash, chash_modulo('{a}', hash => hash) r;

-- a digest of ten thousand routed keys, for each strategy, hash and search rule
SELECT name, md5(string_agg(chash_shard(r, k), ',' ORDER BY k)) AS shards
FROM (VALUES
	('ring', chash_ring('{a,b,c,d,e}')),
	('ring, textbook', chash_ring('{a,b,c,d,e}', dialect => 'textbook')),
	('ring, weights', chash_ring('{a,b,c}', weights => '{1,2.5,0.3}')),
	('ring, higher', chash_ring('{a,b,c}', search => 'higher', vnodes => 7)),
	('ring, floor', chash_ring('{a,b,c}', search => 'floor', vnodes => 7, hash => 'xxh64')),
	('ring, sha1', chash_ring('{a,b,c}', hash => 'sha1')),
	('ring, md5 of 32 bits', chash_ring('{a,b,c}', hash => 'md5', bits => 32)),
	('ring, sha256', chash_ring('{a,b,c}', hash => 'sha256', label => '{i}/{shard}')),
	('ring, pg', chash_ring('{a,b,c}', hash => 'pg')),
	('modulo', chash_modulo('{a,b,c,d,e}')),
	('modulo, weights', chash_modulo('{a,b,c}', '{1,2,3}', 'sha1')),
	('modulo, md5', chash_modulo('{a,b,c,d,e}', hash => 'md5')),
	('modulo, sha256', chash_modulo('{a,b,c,d,e,f,g}', hash => 'sha256')),
	('modulo, pg', chash_modulo('{a,b,c,d,e}', hash => 'pg')),
	('modulo, mongodb', chash_modulo('{a,b,c,d,e}', hash => 'mongodb')),
	('modulo, murmur3_128', chash_modulo('{a,b,c,d,e}', hash => 'murmur3_128')),
	('modulo, none', chash_modulo('{a,b,c,d,e}', hash => 'none')),
	('hash_range', chash_hash_range('{a,b,c,d,e}')),
	('hash_range, sha256', chash_hash_range('{a,b,c}', '{1,2,3}', 'sha256')),
	('hash_range, bits', chash_hash_range('{a,b,c}', hash => 'xxh64', bits => 17)),
	('hash_range, citus', chash_hash_range('{a,b,c,d,e}', hash => 'citus')),
	('range', chash_range('{a,b,c}', '{1000,5000}', 'bigint')),
	('jump', chash_jump('{a,b,c,d,e}')),
	('jump, sha256', chash_jump('{a,b,c,d,e,f,g}', 'sha256')),
	('jump, none', chash_jump('{a,b,c}', 'none')),
	('jumpback', chash_jumpback('{a,b,c,d,e}')),
	('jumpback, md5', chash_jumpback('{a,b,c,d,e,f,g,h,i}', 'md5')),
	('rendezvous', chash_rendezvous('{a,b,c,d,e}')),
	('rendezvous, sha1', chash_rendezvous('{a,b,c}', hash => 'sha1')),
	('rendezvous, weights', chash_rendezvous('{a,b,c,d}', '{1,2.5,0.3,7}')),
	('rendezvous, weights, pg', chash_rendezvous('{a,b,c}', '{1,0.1,1e-3}', 'pg')),
	('ring, nearest', chash_ring('{a,b,c}', search => 'nearest', vnodes => 7)),
	('ring, libmemcached_ketama', chash_ring('{a,b,c,d,e}', dialect => 'libmemcached_ketama')),
	('ring, libmemcached_ketama, weights', chash_ring('{a,b,c}', '{1,2,3}', dialect => 'libmemcached_ketama')),
	('ring, twemproxy_ketama', chash_ring('{a,b,c}', '{1,2,3}', dialect => 'twemproxy_ketama')),
	('ring, twemproxy_ketama_default_port', chash_ring('{a:11211,b:11211,c:1}', dialect => 'twemproxy_ketama_default_port')),
	('ring, go_ketama_hashfunc1', chash_ring('{a,b,c}', '{1,2,3}', dialect => 'go_ketama_hashfunc1')),
	('ring, go_ketama_hashfunc2', chash_ring('{a,b,c}', '{1,2,3}', dialect => 'go_ketama_hashfunc2')),
	('ring, haproxy', chash_ring('{a,b,c}', '{1,2,3}', dialect => 'haproxy')),
	('ring, envoy_ring_hash', chash_ring('{a,b,c}', '{1,2.5,3}', dialect => 'envoy_ring_hash')),
	('ring, uhashring_ketama, two points a digest', chash_ring('{a,b,c}', dialect => 'uhashring_ketama', digest_points => 2)),
	('modulo, libmemcached_modula', chash_modulo('{a,b,c,d,e}', dialect => 'libmemcached_modula')),
	('modulo, twemproxy_modula', chash_modulo('{a:1,b:11211,c}', '{1,2,3}', dialect => 'twemproxy_modula')),
	('modulo, twemproxy_modula_default_port', chash_modulo('{a:1,b:11211,c}', '{1,2,3}', dialect => 'twemproxy_modula_default_port')),
	('modulo, nginx_plain', chash_modulo('{a,b,c}', '{1,2,3}', dialect => 'nginx_plain')),
	('jump, guava', chash_jump('{a,b,c,d,e,f,g}', dialect => 'guava')),
	('rendezvous, go_redis', chash_rendezvous('{a,b,c,d,e}', dialect => 'go_redis')),
	('maglev, go_maglev', chash_maglev('{c,b,a}', dialect => 'go_maglev')),
	('maglev, envoy_maglev', chash_maglev('{a,b,c}', '{1,2.5,0.3}', slots => 251, dialect => 'envoy_maglev')),
	('maglev', chash_maglev('{a,b,c,d,e}')),
	('maglev, weights', chash_maglev('{a,b,c}', '{1,2.5,0.3}', 'xxh64')),
	('maglev, md5', chash_maglev('{a,b,c}', hash => 'md5')),
	('multiprobe', chash_multiprobe('{a,b,c,d,e}')),
	('multiprobe, sha256', chash_multiprobe('{a,b,c,d,e,f,g}', 5, 'sha256')),
	('multiprobe, none', chash_multiprobe('{a,b,c}', hash => 'none')),
	('multiprobe, mpchash', chash_multiprobe('{a,b,c,d,e}', dialect => 'mpchash')),
	('bounded', chash_bounded('{a,b,c,d,e}')),
	('bounded, tight', chash_bounded('{a,b,c,d,e}', load => 1, slots => 1000, vnodes => 3)),
	('bounded, weights', chash_bounded('{a,b,c}', '{1,2.5,0.3}', 1.01, hash => 'sha1')),
	('bounded, pg', chash_bounded('{a,b,c}', hash => 'pg')),
	('bounded, buraksezer_0_10', chash_bounded('{a,b,c,d,e}', dialect => 'buraksezer_0_10')),
	('bounded, buraksezer_1_0', chash_bounded('{a,b,c,d,e}', dialect => 'buraksezer_1_0'))) v(name, r),
	generate_series(1, 10000) k
GROUP BY name ORDER BY name COLLATE "C";

-- routing tables and stored forms
SELECT md5(string_agg(t::text, ',' ORDER BY first_position)) FROM chash_routing_table(chash_ring('{a,b,c,d,e}')) t;
SELECT encode(chash_router_send(chash_ring('{a,b}', weights => '{1,2.5}', hash => 'md5', bits => 40)), 'hex');
SELECT encode(chash_router_send(chash_add(chash_modulo('{a}'), 'b', 3, 'east')), 'hex');
SELECT encode(chash_router_send(chash_range('{a,b}', '{2024-01-01}', 'date')), 'hex');
SELECT encode(chash_router_send(chash_jump('{a,b}')), 'hex'), encode(chash_router_send(chash_jumpback('{a}', 'md5')), 'hex');
SELECT encode(chash_router_send(chash_rendezvous('{a,b}', '{1,2.5}', 'sha1')), 'hex'), encode(chash_router_send(chash_maglev('{a}')), 'hex');
SELECT md5(string_agg(shard, ',' ORDER BY first_position)) FROM chash_routing_table(chash_maglev('{a,b,c,d,e}', '{1,2,3,4,5}'));

SELECT encode(chash_router_send(chash_multiprobe('{a,b}', 7, 'sha1')), 'hex'), encode(chash_router_send(chash_bounded('{a}', load => 1.5)), 'hex');

-- shares of the sample
SELECT r::jsonb ->> 'strategy' AS strategy, shard, share
FROM unnest(ARRAY[chash_jump('{a,b,c}'), chash_jumpback('{a,b,c}', 'sha256'), chash_rendezvous('{a,b,c}', '{1,2,4}', 'sha1'), chash_multiprobe('{a,b,c}')]) r, chash_balance(r);
