-- The strategies jump and jumpback: shards are numbered, and no table is needed.

SELECT chash_jump('{a,b,c}'), chash_jumpback('{a,b,c}', 'xxh64'), chash_jump('{a}', NULL);
SELECT chash_jump('{a,b}') = '{"strategy":"jump","shards":["a","b"]}' AS jump, chash_jumpback('{a,b}', 'sha1') = '{"strategy":"jumpback","hash":"sha1","shards":["a","b"]}' AS jumpback,
	chash_jump('{a,b}')::jsonb::chash_router = chash_jump('{a,b}') AS jsonb;

-- what the paper's listing and hash4j answer to integer keys, and to texts hashed by XXH64
CREATE TABLE vectors (key numeric, n int, expected text);
CREATE TABLE texts (key text, hash text, digest numeric, n int, expected text);
CREATE FUNCTION shards(n int) RETURNS text[] IMMUTABLE LANGUAGE sql AS 'SELECT array_agg(i::text ORDER BY i) FROM generate_series(0, n - 1) i';
CREATE TABLE routers AS SELECT n, chash_jump(shards(n), 'none') AS jump, chash_jumpback(shards(n), 'none') AS jumpback,
	chash_jump(shards(n), 'xxh64') AS texts FROM unnest('{1,2,3,4,5,7,8,10,16,17,31,32,63,64,65,100,127,128,129,256,257,500,1000,1024}'::int[]) n;
\copy vectors FROM 'test/vectors/jump/u64_vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER)
SELECT count(*), count(*) FILTER (WHERE chash_shard(jump, key::bigint) = expected) AS same FROM vectors JOIN routers USING (n) WHERE key < 2 ^ 63::numeric;
TRUNCATE vectors;
\copy vectors FROM 'test/vectors/jumpback/u64_vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER)
SELECT count(*), count(*) FILTER (WHERE chash_shard(jumpback, key::bigint) = expected) AS same FROM vectors JOIN routers USING (n) WHERE key < 2 ^ 63::numeric;
\copy texts FROM 'test/vectors/jump/string_key_vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER)
SELECT count(*), count(*) FILTER (WHERE chash_shard(r.texts, key) = expected) AS same FROM texts JOIN routers r USING (n) WHERE hash = 'xxh64';

-- a new shard takes its share from all others, and nothing else moves
SELECT * FROM chash_moves(chash_jump('{a,b,c}'), chash_add(chash_jump('{a,b,c}'), 'd'));
SELECT * FROM chash_moves(chash_jumpback('{a,b,c,d}'), chash_remove(chash_jumpback('{a,b,c,d}'), 'd'));
SELECT count(*) FROM chash_moves(chash_jump('{a,b,c}'), chash_jump('{a,b,c}'));

-- shares and moves are estimated from a sample; both agree with keys
SELECT * FROM chash_balance(chash_jump('{a,b,c}'));
SELECT shard, abs(share - ideal_share) < 0.0055 AS close, positions FROM chash_balance(chash_jumpback('{a,b,c,d}', 'sha256'));
CREATE TABLE pairs (name text, a chash_router, b chash_router);
INSERT INTO pairs VALUES
	('jump to ring', chash_jump('{a,b,c}'), chash_ring('{a,b,c,d}')),
	('narrow ring to jumpback', chash_ring('{a,b,c}', hash => 'md5', bits => 30), chash_jumpback('{b,c,a}', 'md5')),
	('modulo to jump', chash_modulo('{a,b,c}', '{1,2,1}'), chash_jump('{a,b,c}')),
	('pg', chash_jump('{a,b,c}', 'pg'), chash_jumpback('{a,b,c}', 'pg')),
	('other hash', chash_jump('{a,b,c}'), chash_jump('{a,b,c,d}', 'md5'));
SELECT name, bool_or(exact) AS exact, count(positions) AS positions, count(*) AS moves,
	bool_and(abs(counted / 20000.0 - share) < 0.0055 + 4 * sqrt(share * (1 - share) / 20000)) AS agrees
FROM (
	SELECT name, m.exact, m.positions, m.share, (SELECT count(*) FROM generate_series(1, 20000) k
		WHERE chash_shard(a, k) = m.source AND chash_shard(b, k) = m.target) AS counted
	FROM pairs, chash_moves(a, b) m) x
GROUP BY name ORDER BY name;

-- every type of key; a key has a position as elsewhere
SELECT chash_shard(chash_jump('{a,b,c}'), 42) = chash_shard(chash_jump('{a,b,c}'), '42') AS integers,
	chash_shard(chash_jumpback('{a,b,c}'), 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid) AS uuid, chash_shard(chash_jump('{a,b,c}'), '\x00ff'::bytea) AS bytea,
	chash_position(chash_jump('{a}'), 'Tacos') = chash_position(chash_ring('{a}'), 'Tacos') AS position, chash_shard(chash_jump('{a}'), NULL::text) AS nothing;

-- there are no slices to list
SELECT chash_routing_table(chash_jump('{a,b}'));
SELECT chash_arcs(chash_jumpback('{a,b}'));

-- only the last shard can be removed
SELECT chash_remove(chash_jump('{a,b,c}'), 'c') = chash_jump('{a,b}') AS last;
SELECT chash_remove(chash_jump('{a,b,c}'), 'b');
SELECT chash_remove(chash_jumpback('{a,b,c}'), 'a');
SELECT chash_remove(chash_jump('{a}'), 'a');
SELECT chash_remove(chash_jump('{a,b}'), 'x');
-- because otherwise this would move
SELECT round(sum(share)::numeric, 2) AS share FROM chash_moves(chash_jump('{a,b,c,d}'), chash_jump('{a,c,d}'));

-- refused
SELECT chash_add(chash_jump('{a,b}'), 'c', 2);
SELECT chash_reweight(chash_jumpback('{a,b}'), 'a', 0.5);
SELECT chash_add(chash_jump('{a,b}'), 'c', bound => 'm');
SELECT '{"strategy":"jump","shards":["a",{"name":"b","weight":3}]}'::chash_router;
SELECT '{"strategy":"jump","bits":32,"shards":["a","b"]}'::chash_router;
SELECT '{"strategy":"jumpback","vnodes":10,"shards":["a","b"]}'::chash_router;
SELECT chash_jump('{}');
SELECT chash_jump(NULL);
SELECT chash_jump('{a,a}');
SELECT chash_jumpback('{a}', 'murmur');
DROP TABLE vectors, texts, routers, pairs;
DROP FUNCTION shards;
