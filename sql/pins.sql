-- Pins: single keys that go to a shard whatever the strategy says.

SELECT chash_pin(chash_pin(chash_ring('{a,b,c}'), 'big tenant', 'c'), 42, 'a') AS r \gset
SELECT :'r'::chash_router;
SELECT key, chash_shard(chash_ring('{a,b,c}'), key) AS unpinned, chash_shard(:'r', key) AS pinned
FROM unnest('{big tenant,42,043,Tacos}'::text[]) key;

-- equal keys are pinned alike, whatever their type
SELECT chash_shard(:'r', 42) AS int, chash_shard(:'r', 42::smallint) AS smallint, chash_shard(:'r', '\x3432'::bytea) AS bytea,
	chash_shard(:'r', 'big tenant'::varchar) AS varchar, chash_shard(:'r', 'big tenant'::char(20)::text) AS char;
SELECT chash_shard(chash_pin(chash_ring('{a,b,c}'), 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid, s), 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid) = s AS uuid
FROM unnest('{a,b,c}'::text[]) s;

-- the position is still the hash; copies begin with the pin
SELECT chash_position(:'r', 42) = chash_position(chash_ring('{a,b,c}'), 42) AS same_position;
SELECT k, chash_shards(:'r', k, 3) AS with_pin, chash_shards(chash_ring('{a,b,c}'), k, 3) AS without FROM unnest('{big tenant,42,Tacos}'::text[]) k;
-- the zone of the pin counts
SELECT chash_shards(chash_pin('{"strategy":"ring","shards":[{"name":"a1","zone":"a"},{"name":"a2","zone":"a"},{"name":"b1","zone":"b"}]}', k::text, 'a1'), k::text, 2) AS s, count(*)
FROM generate_series(1, 20) k GROUP BY s ORDER BY s;

-- pinning again, and no longer
SELECT chash_pin(:'r', 42, 'b');
SELECT chash_unpin(:'r', 42);
SELECT chash_unpin(chash_unpin(:'r', 42), 'big tenant') = chash_ring('{a,b,c}') AS as_before;
SELECT chash_pin(chash_pin(chash_ring('{a,b}'), 'y', 'b'), 'x', 'a') = chash_pin(chash_pin(chash_ring('{a,b}'), 'x', 'a'), 'y', 'b') AS order_does_not_matter;
SELECT '{"strategy":"ring","shards":["a","b"],"pins":{"y":"b","x":"a","":"b"}}'::chash_router;
SELECT chash_shard('{"strategy":"ring","shards":["a","b"],"pins":{"":"b"}}', '') AS b, chash_shard('{"strategy":"ring","shards":["a","b"],"pins":{"":"a"}}', '') AS a;

-- all strategies
SELECT strategy, bool_and(chash_shard(chash_pin(r, k, s), k) = s) AS pinned,
	bool_and(chash_shard(chash_pin(r, k, s), k + 1) = chash_shard(r, k + 1)) AS others_stay
FROM (VALUES ('modulo', chash_modulo('{a,b,c}')), ('none', chash_modulo('{a,b,c}', hash => 'none')), ('hash_range', chash_hash_range('{a,b,c}')),
		('range', chash_range('{a,b,c}', '{10,20}', 'int')), ('ring', chash_ring('{a,b,c}')), ('textbook', chash_ring('{a,b,c}', dialect => 'textbook')),
		('jump', chash_jump('{a,b,c}')), ('jumpback', chash_jumpback('{a,b,c}')), ('rendezvous', chash_rendezvous('{a,b,c}', '{1,2,3}')),
		('maglev', chash_maglev('{a,b,c}'))) v(strategy, r),
	generate_series(1, 30) k, unnest('{a,b,c}'::text[]) s
GROUP BY strategy ORDER BY strategy COLLATE "C";

-- many of them
SELECT jsonb_build_object('strategy', 'ring', 'shards', '["a","b","c"]'::jsonb, 'pins', jsonb_object_agg('key ' || k, chr(97 + k % 3)))::chash_router AS many
FROM generate_series(1, 5000) k \gset
SELECT count(*) FILTER (WHERE chash_shard(:'many', 'key ' || k) = chr(97 + k % 3)) AS pinned,
	count(*) FILTER (WHERE chash_shard(:'many', 'other ' || k) = chash_shard(chash_ring('{a,b,c}'), 'other ' || k)) AS not_pinned
FROM generate_series(1, 5000) k;

-- what moves: keys that are pinned are counted apart
SELECT * FROM chash_moves(chash_ring('{a,b,c}'), :'r');
SELECT * FROM chash_moves(:'r', chash_ring('{a,b,c}'));
SELECT * FROM chash_moves(:'r', chash_pin(:'r', 42, 'c'));
SELECT * FROM chash_moves(:'r', :'r');
SELECT source, target, round(share::numeric, 4) AS share, pins FROM chash_moves(:'r', chash_add(:'r', 'd'));
SELECT * FROM chash_moves(chash_range('{a,b}', '{10}', 'int'), chash_pin(chash_range('{a,b}', '{10}', 'int'), 12, 'a'));
SELECT * FROM chash_moves(chash_modulo('{a,b,c}', hash => 'none'), chash_pin(chash_modulo('{a,b,c}', hash => 'none'), 3, 'b'));
-- a key that is no number has no place under the hash "none", and so cannot move
SELECT source, target, pins FROM chash_moves(chash_modulo('{a,b,c}', hash => 'none'), chash_pin(chash_pin(chash_modulo('{a,b,c}'), 'Tacos', 'c'), 7, 'a')) WHERE pins > 0;
-- of a hash of typed values it cannot be told where a pinned key was
SELECT DISTINCT pins, exact FROM chash_moves(chash_modulo('{a,b,c}', hash => 'pg'), :'r');
-- the plan and the keys
SELECT source, target, m.pins, r.rows FROM chash_moves(chash_ring('{a,b,c}'), :'many') m
	FULL JOIN (SELECT chash_shard(chash_ring('{a,b,c}'), k) AS source, chash_shard(:'many', k) AS target, count(*) AS rows
		FROM (SELECT 'key ' || k AS k FROM generate_series(1, 5000) k) keys GROUP BY 1, 2) r USING (source, target)
WHERE source <> target ORDER BY 1, 2;
CREATE TABLE tenants AS SELECT 'key ' || k AS k FROM generate_series(4990, 5010) k;
SELECT source, target, rows FROM chash_redistribution('tenants', 'k', chash_ring('{a,b,c}'), :'many', unmoved => true);
DROP TABLE tenants;

-- shards that come and go
SELECT chash_remove(:'r', 'b');
SELECT chash_remove(:'r', 'a');
SELECT chash_add(chash_pin(chash_range('{a,b}', '{10}', 'int'), 5, 'b'), 'm', bound => '7');
SELECT chash_remove(chash_pin(chash_range('{a,b,c}', '{10,20}', 'int'), 5, 'c'), 'a');

-- a range router has its keys, and their pins, in one form
SELECT chash_pin(chash_range('{a,b}', '{10}', 'int'), '012', 'a');
SELECT chash_shard(chash_pin(chash_range('{a,b}', '{10}', 'int'), '012', 'a'), '00012') AS pinned, chash_shard(chash_range('{a,b}', '{10}', 'int'), '00012') AS unpinned;
SELECT chash_pin(chash_pin(chash_range('{a,b}', '{10}', 'int'), '12', 'a'), '012', 'b') AS anew, chash_unpin(chash_pin(chash_range('{a,b}', '{10}', 'int'), 12, 'a'), '012') = chash_range('{a,b}', '{10}', 'int') AS unpinned;
SELECT chash_pin(chash_range('{a,b}', '{1.5}', 'numeric'), '1.50', 'a');
SELECT chash_pin(chash_range('{a,b}', '{10}', 'int'), 'x', 'a');
SELECT '{"strategy":"range","key_type":"int","shards":["a"],"pins":{"1":"a","01":"a"}}'::chash_router;
SELECT chash_pin(chash_range('{a,b}', '{\\x10}', 'bytea'), 'x', 'a');
SELECT chash_unpin(chash_pin(chash_ring('{a,b,c}'), 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, 'a'), 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid) = chash_ring('{a,b,c}') AS uuid_unpinned;

-- refused
SELECT chash_pin(chash_ring('{a,b}'), 'x', 'c');
SELECT chash_unpin(chash_ring('{a,b}'), 'x');
SELECT '{"strategy":"ring","shards":["a","b"],"pins":{"x":"c"}}'::chash_router;
SELECT '{"strategy":"ring","shards":["a","b"],"pins":{"x":1}}'::chash_router;
SELECT '{"strategy":"ring","shards":["a","b"],"pins":["x"]}'::chash_router;
SELECT chash_pin(chash_modulo('{a,b}', hash => 'pg'), 'x', 'a');
SELECT chash_pin(chash_modulo('{a,b}', hash => 'none'), 'x', 'a');
SELECT chash_pin(chash_modulo('{a,b}', hash => 'none'), -1, 'a');
SELECT chash_pin(chash_ring('{a,b}'), repeat('x', 1001), 'a');
SELECT length(chash_pin(chash_ring('{a,b}'), repeat('x', 1000), 'a')::text);
SELECT jsonb_build_object('strategy', 'ring', 'shards', '["a"]'::jsonb, 'pins', jsonb_object_agg(k, 'a'))::chash_router FROM generate_series(1, 65537) k;
