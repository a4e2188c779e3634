-- The strategy multiprobe: one point for each shard, several probes for each key.

SELECT chash_multiprobe('{a,b,c}'), chash_multiprobe('{a,b}', 5, 'sha1'), chash_multiprobe('{a,b}', dialect => 'mpchash');
SELECT chash_multiprobe('{a,b}', 7) = '{"strategy":"multiprobe","probes":7,"shards":["a","b"]}' AS json,
	chash_multiprobe('{a,b}', 7)::jsonb::chash_router = chash_multiprobe('{a,b}', 7) AS jsonb,
	chash_multiprobe('{a,b}', 21) = chash_multiprobe('{a,b}') AS usual;

-- what go-mpchash answers
CREATE TABLE nodes (nodeset text, idx int, node text, weight float8);
CREATE TABLE vectors (nodeset text, probes int, key text, idx int, node text);
\copy nodes FROM 'test/vectors/nodesets.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
\copy vectors FROM 'test/vectors/mpchash/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
SELECT nodeset COLLATE "C" AS nodeset, count(*), count(*) FILTER (WHERE chash_shard(r, key) = node) AS same,
	count(*) FILTER (WHERE (chash_shards(r, key, 2))[1] = node) AS first
FROM vectors JOIN (SELECT nodeset, probes, chash_multiprobe(array_agg(node ORDER BY idx), probes, dialect => 'mpchash') AS r
		FROM nodes, (VALUES (21)) p(probes) GROUP BY 1, 2) x USING (nodeset, probes)
GROUP BY 1 ORDER BY 1;

-- any hash will do, and whole numbers as they are
SELECT hash, count(DISTINCT shard) AS shards, min(n) > 100 AS min, max(n) < 1000 AS max
FROM (SELECT hash, shard, count(*) AS n
	FROM unnest('{xxh3,xxh64,sha1,md5,sha256,pg,none,crc32,siphash24_key0,siphash24_pair}'::text[]) hash, generate_series(1, 4000) k,
		chash_shard(chash_multiprobe('{a,b,c,d,e,f,g,h}', hash => hash), k) shard
	GROUP BY 1, 2) x
GROUP BY 1 ORDER BY 1;

-- the more probes, the more even; shares are those of the sample
SELECT probes, round(max(share)::numeric, 4) AS max, round(stddev_pop(share * 50)::numeric, 2) AS deviation, round((1 / sqrt(2 * probes - 1))::numeric, 2) AS expected
FROM unnest('{1,2,5,21,100}'::int[]) probes, chash_balance(chash_multiprobe((SELECT array_agg('shard ' || i) FROM generate_series(1, 50) i), probes))
GROUP BY 1 ORDER BY 1;
SELECT shard, weight, round(share::numeric, 3) AS share, ideal_share, positions FROM chash_balance(chash_multiprobe('{a,b,c}'));

-- the order of the shards does not matter
SELECT count(*) FROM generate_series(1, 2000) k WHERE chash_shard(chash_multiprobe('{a,b,c,d}'), k) <> chash_shard(chash_multiprobe('{c,a,d,b}'), k);

-- a shard that comes takes keys from all, one that goes gives them to all, nothing else moves
SELECT source, target, share > 0.03 AS some, positions, exact FROM chash_moves(chash_multiprobe('{a,b,c}'), chash_add(chash_multiprobe('{a,b,c}'), 'd')) ORDER BY 1, 2;
SELECT source, target, exact FROM chash_moves(chash_multiprobe('{a,b,c,d}'), chash_remove(chash_multiprobe('{a,b,c,d}'), 'b')) ORDER BY 1, 2;
SELECT count(*) AS routers, sum(others) AS others, sum(gained) > 0 AS gained
FROM (SELECT n, probes, count(*) FILTER (WHERE a <> b AND b <> 'new') AS others, count(*) FILTER (WHERE b = 'new') AS gained
	FROM generate_series(1, 20) n, unnest('{1,3,21}'::int[]) probes, chash_multiprobe((SELECT array_agg('s' || i) FROM generate_series(1, n) i), probes) r,
		generate_series(1, 300) k, chash_shard(r, k) a, chash_shard(chash_add(r, 'new'), k) b
	GROUP BY 1, 2) x;

-- moves agree with keys
CREATE TABLE pairs (name text, a chash_router, b chash_router);
INSERT INTO pairs VALUES
	('one more', chash_multiprobe('{a,b,c}'), chash_multiprobe('{a,b,c,d}')),
	('fewer probes', chash_multiprobe('{a,b,c}'), chash_multiprobe('{a,b,c}', 2)),
	('from a ring', chash_ring('{a,b,c}', hash => 'sha1'), chash_multiprobe('{a,b,c,d}', hash => 'sha1')),
	('to modulo', chash_multiprobe('{a,b,c}'), chash_modulo('{a,b,c,d}')),
	('dialect', chash_multiprobe('{a,b,c}', dialect => 'mpchash'), chash_multiprobe('{a,b,c}', hash => 'siphash24_pair'));
SELECT name, bool_or(exact) AS exact, count(*) AS moves,
	bool_and(abs(counted / 20000.0 - share) < 0.0055 + 4 * sqrt(share * (1 - share) / 20000)) AS agrees
FROM (
	SELECT name, m.exact, m.share, (SELECT count(*) FROM generate_series(1, 20000) k
		WHERE chash_shard(a, k) = m.source AND chash_shard(b, k) = m.target) AS counted
	FROM pairs, chash_moves(a, b) m) x
GROUP BY name ORDER BY name;

-- the order of preference: without the first shard, the second has the key
SELECT count(*) FROM generate_series(1, 500) k, chash_multiprobe('{a,b,c,d,e}') r, chash_shards(r, k, 5) s
WHERE s[1] <> chash_shard(r, k) OR s[2] <> chash_shard(chash_remove(r, s[1]), k)
	OR s[3] <> chash_shard(chash_remove(chash_remove(r, s[1]), s[2]), k) OR s[5] = ANY (s[1:4]);
SELECT chash_shards(chash_add(chash_add(chash_add(chash_multiprobe('{x}'), 'a', zone => 'east'), 'b', zone => 'east'), 'c', zone => 'west'), 'Tacos', 4);

-- refused
SELECT chash_multiprobe('{a,b}', 0);
SELECT chash_multiprobe('{a,b}', 1001);
SELECT chash_multiprobe('{a,b}', dialect => 'libketama');
SELECT chash_multiprobe('{a,b}', hash => 'md5', dialect => 'mpchash');
SELECT chash_multiprobe('{}');
SELECT chash_multiprobe('{a,a}');
SELECT chash_multiprobe(NULL);
SELECT '{"strategy":"multiprobe","shards":[{"name":"a","weight":2},"b"]}'::chash_router;
SELECT '{"strategy":"multiprobe","bits":32,"shards":["a","b"]}'::chash_router;
SELECT '{"strategy":"multiprobe","vnodes":32,"shards":["a","b"]}'::chash_router;
SELECT '{"strategy":"multiprobe","probes":2.5,"shards":["a","b"]}'::chash_router;
SELECT chash_add(chash_multiprobe('{a,b}'), 'c', 0.5);
SELECT chash_reweight(chash_multiprobe('{a,b}'), 'b', 2);
SELECT chash_routing_table(chash_multiprobe('{a,b}'));
DROP TABLE nodes, vectors, pairs;
