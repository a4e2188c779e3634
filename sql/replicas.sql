-- chash_shards: copies of a key on several shards.

SELECT key, chash_shards(chash_ring('{a,b,c,d}'), key, 3) FROM unnest('{Tacos,Tomato Soup,Grilled Cheese}'::text[]) key;

-- distinct, the first is the owner, and fewer copies are a part of more
SELECT n, bool_and(cardinality(s) = n) AS n_shards, bool_and((SELECT count(DISTINCT x) FROM unnest(s) x) = n) AS distinct,
	bool_and(s[1] = chash_shard(r, k)) AS owner_first, bool_and(s = (chash_shards(r, k, 5))[1:n]) AS prefix
FROM (VALUES (chash_ring('{a,b,c,d,e}')), (chash_modulo('{a,b,c,d,e}')), (chash_hash_range('{a,b,c,d,e}', '{3,1,2,1,1}')),
		(chash_rendezvous('{a,b,c,d,e}')), (chash_rendezvous('{a,b,c,d,e}', '{1,2,3,4,5}')), (chash_maglev('{a,b,c,d,e}')),
		(chash_multiprobe('{a,b,c,d,e}')), (chash_bounded('{a,b,c,d,e}')),
		(chash_ring('{a,b,c,d,e}', dialect => 'tooz')), (chash_ring('{a,b,c,d,e}', dialect => 'libketama'))) v(r),
	generate_series(1, 300) k, generate_series(1, 5) n, LATERAL (SELECT chash_shards(r, k, n) AS s) x
GROUP BY n ORDER BY n;

-- keys of all types
SELECT chash_shards(chash_ring('{a,b,c}'), 42, 2) = chash_shards(chash_ring('{a,b,c}'), '42', 2) AS int_and_text,
	chash_shards(chash_ring('{a,b,c}'), '\x3432'::bytea, 2) = chash_shards(chash_ring('{a,b,c}'), 42::smallint, 2) AS bytea,
	chash_shards(chash_ring('{a,b,c}'), 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, 2) = chash_shards(chash_ring('{a,b,c}'), 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 2) AS uuid,
	chash_shards(chash_range('{a,b,c}', '{10,20}', 'int'), 25, 3) AS range;

-- when the owner goes, the next in the list takes over; but an Envoy ring has its points in all, of which the rest get more then
SELECT dialect, count(*) AS keys, bool_and(chash_shard(chash_remove(r, s[1]), k) = s[2]) AS next_takes_over
FROM chash_dialects(), LATERAL (SELECT chash_ring('{a,b,c,d,e}', dialect => dialect) AS r) x, generate_series(1, 200) k,
	LATERAL (SELECT chash_shards(r, k, 2) AS s) y
WHERE strategy IS NULL OR (strategy = 'ring' AND parameters ? 'vnodes') GROUP BY dialect ORDER BY dialect COLLATE "C";

SELECT name, bool_and(chash_shard(chash_remove(r, s[1]), k) = s[2]) AS next_takes_over
FROM (VALUES ('rendezvous', chash_rendezvous('{a,b,c,d,e}')), ('weighted', chash_rendezvous('{a,b,c,d,e}', '{1,2,3,4,5}')),
		('crc32', chash_rendezvous('{a,b,c,d,e}', hash => 'crc32')), ('multiprobe', chash_multiprobe('{a,b,c,d,e}')),
		('mpchash', chash_multiprobe('{a,b,c,d,e}', dialect => 'mpchash'))) v(name, r),
	generate_series(1, 300) k, LATERAL (SELECT chash_shards(r, k, 2) AS s) y GROUP BY name ORDER BY name;
SELECT count(DISTINCT chash_shard(chash_rendezvous('{a,b,c,d,e}', hash => 'crc32'), k)) AS shards FROM generate_series(1, 100) k;

-- zones: different ones while there are some
SELECT '{"strategy":"ring","shards":[{"name":"a1","zone":"a"},{"name":"a2","zone":"a"},{"name":"a3","zone":"a"},{"name":"b1","zone":"b"},{"name":"c1","zone":"c"}]}'::chash_router AS r \gset
SELECT n, bool_and((SELECT count(DISTINCT left(x, 1)) FROM unnest(chash_shards(:'r', k, n)) x) = least(n, 3)) AS as_many_zones_as_possible
FROM generate_series(1, 500) k, generate_series(1, 5) n GROUP BY n ORDER BY n;
-- a shard without a zone is one of its own
SELECT bool_and(s @> '{x,y}') FROM generate_series(1, 100) k,
	chash_shards('{"strategy":"ring","shards":[{"name":"a1","zone":"a"},{"name":"a2","zone":"a"},"x","y"]}', k, 3) s;

-- many zones, in time
SELECT cardinality(chash_shards(('{"strategy":"ring","vnodes":8,"shards":[' || string_agg(format('{"name":"s%s","zone":"%s"}', i, repeat('z', 200) || i / 2), ',') || ']}')::chash_router, 'x', 40000))
FROM generate_series(1, 65535) i;

-- what tooz and stathat answered
CREATE TABLE nodesets (nodeset text, idx int, node text, weight float8);
\copy nodesets FROM 'test/vectors/nodesets.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
CREATE TEMP TABLE tooz (mode text, nodeset text, key text, node_index int, node text, set2 text, set3 text);
\copy tooz FROM 'test/vectors/tooz/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
CREATE TEMP TABLE stathat (mode text, nodeset text, key text, node_index int, node text, get2 text);
\copy stathat FROM 'test/vectors/stathat/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
CREATE FUNCTION sorted(s text[]) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT string_agg(x, '','' ORDER BY x COLLATE "C") FROM unnest(s) x';
SELECT mode, count(*) AS answers, count(*) FILTER (WHERE sorted(chash_shards(r, key, 2)) = set2 AND sorted(chash_shards(r, key, 3)) = set3) AS same
FROM (SELECT nodeset, array_agg(node ORDER BY idx) AS nodes, array_agg(weight ORDER BY idx) AS weights FROM nodesets GROUP BY nodeset) n
	JOIN tooz USING (nodeset)
	JOIN (VALUES ('md5_32', 'md5', 32), ('md5_128', 'md5', 128), ('sha256_32', 'sha256', 32)) v(mode, hash, vnodes) USING (mode),
	LATERAL (SELECT chash_ring(nodes, weights, vnodes, hash, dialect => 'tooz') AS r) x
GROUP BY mode ORDER BY mode;
SELECT mode, count(*) AS answers, count(*) FILTER (WHERE array_to_string(chash_shards(r, key, 2), ',') = get2) AS same
FROM (SELECT nodeset, array_agg(node ORDER BY idx) AS nodes FROM nodesets GROUP BY nodeset) n
	JOIN stathat USING (nodeset)
	JOIN (VALUES ('crc32_20', 20), ('crc32_160', 160)) v(mode, vnodes) USING (mode),
	LATERAL (SELECT chash_ring(nodes, vnodes => v.vnodes, dialect => 'stathat') AS r) x
GROUP BY mode ORDER BY mode;

-- refused
SELECT chash_shards(chash_ring('{a,b}'), 'x', 0);
SELECT chash_shards(chash_ring('{a,b}'), 'x', -1);
SELECT chash_shards(chash_ring('{a,b}'), 'x', 3);
SELECT chash_shards(chash_jump('{a,b}'), 'x', 1);
SELECT chash_shards(chash_jumpback('{a,b}'), 'x', 2);
SELECT chash_shards(chash_ring('{a,b}'), NULL::text, 1) IS NULL;
DROP TABLE nodesets;
DROP FUNCTION sorted;
