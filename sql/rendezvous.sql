-- The strategy rendezvous: the shard with the highest score has the key.

SELECT chash_rendezvous('{a,b,c}'), chash_rendezvous('{a,b}', '{1,2.5}', 'xxh64');
SELECT chash_rendezvous('{a,b}', '{1,2}') = '{"strategy":"rendezvous","shards":["a",{"name":"b","weight":2}]}' AS json,
	chash_rendezvous('{a,b}', '{1,2}')::jsonb::chash_router = chash_rendezvous('{a,b}', '{1,2}') AS jsonb;

-- what go-rendezvous and the ring of go-redis answer
CREATE TABLE nodes (nodeset text, idx int, node text, weight float8);
CREATE TABLE vectors (impl text, nodeset text, key text, digest numeric, idx int, node text);
\copy nodes FROM 'test/vectors/nodesets.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER)
\copy vectors FROM 'test/vectors/rendezvous/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER)
SELECT impl COLLATE "C" AS impl, count(*), count(*) FILTER (WHERE chash_shard(r, key) = node) AS same
FROM vectors JOIN (SELECT nodeset, chash_rendezvous(array_agg(node ORDER BY idx), hash => 'xxh64') AS r FROM nodes GROUP BY nodeset) x USING (nodeset)
GROUP BY 1 ORDER BY 1;

-- shares follow the weights, by the sample and by keys
SELECT * FROM chash_balance(chash_rendezvous('{a,b,c}', '{1,2,1}'));
SELECT shard, abs(share - ideal_share) < 0.0055 AS close,
	abs((SELECT count(*) FROM generate_series(1, 20000) k WHERE chash_shard(r, k) = shard) / 20000.0 - ideal_share) < 0.014 AS keys_close
FROM (SELECT chash_rendezvous('{a,b,c,d}', '{0.5,2.25,10,1}', 'sha1') AS r) x, chash_balance(r);

-- equal weights are the same as none, and the order of the shards does not matter
SELECT count(*) FROM generate_series(1, 2000) k
WHERE chash_shard(chash_rendezvous('{a,b,c}', '{0.3,0.3,0.3}'), k) <> chash_shard(chash_rendezvous('{a,b,c}'), k)
	OR chash_shard(chash_rendezvous('{c,a,b}', '{3,1,2}'), k) <> chash_shard(chash_rendezvous('{a,b,c}', '{1,2,3}'), k);

-- any shard can come, go, gain and lose: only what must move, moves
SELECT source, target, abs(share - 0.25 / 3) < 0.0055 AS close, positions, exact
FROM chash_moves(chash_rendezvous('{a,b,c}'), chash_add(chash_rendezvous('{a,b,c}'), 'd'));
SELECT bool_and(source = 'b') AS remove, count(*) FROM chash_moves(chash_rendezvous('{a,b,c}', '{1,2,3}'), chash_remove(chash_rendezvous('{a,b,c}', '{1,2,3}'), 'b'));
SELECT bool_and(target = 'b') AS heavier, count(*) FROM chash_moves(chash_rendezvous('{a,b,c}'), chash_reweight(chash_rendezvous('{a,b,c}'), 'b', 1.7));
SELECT bool_and(source = 'b') AS lighter, count(*) FROM chash_moves(chash_rendezvous('{a,b,c}'), chash_reweight(chash_rendezvous('{a,b,c}'), 'b', 0.7));
SELECT bool_and(target = 'new') AS add, count(*) FROM chash_moves(chash_rendezvous('{a,b,c}', '{1,2,3}'), chash_add(chash_rendezvous('{a,b,c}', '{1,2,3}'), 'new', 1e-3));
SELECT chash_remove(chash_add(chash_rendezvous('{a,b}'), 'c', 2, 'east'), 'a');

-- weights of any size
SELECT shard, count(*) FROM generate_series(1, 300) k, chash_shard(chash_rendezvous('{a,b,c}', '{1e308,1,5e-324}'), k) shard GROUP BY 1;

-- refused
SELECT chash_routing_table(chash_rendezvous('{a,b}'));
SELECT chash_arcs(chash_rendezvous('{a,b}'));
SELECT chash_rendezvous('{a,b}', '{1}');
SELECT chash_rendezvous('{a,b}', '{1,0}');
SELECT chash_rendezvous('{a,b}', '{1,NaN}');
SELECT chash_rendezvous('{a,b}', '{1e308,1e308}');
SELECT chash_rendezvous('{a,b}', hash => 'murmur');
SELECT chash_rendezvous('{}');
SELECT chash_rendezvous('{a,a}');
SELECT '{"strategy":"rendezvous","bits":32,"shards":["a","b"]}'::chash_router;
SELECT '{"strategy":"rendezvous","label":"{shard}{i}","shards":["a","b"]}'::chash_router;
SELECT chash_remove(chash_rendezvous('{a,b}'), 'c');
DROP TABLE nodes, vectors;
