-- The strategy bounded: a ring on which no shard gets more than a bound.

SELECT chash_bounded('{a,b,c}'), chash_bounded('{a,b}', '{1,2.5}', 1.1, 1000, 40, 'sha1'), chash_bounded('{a,b}', dialect => 'buraksezer_1_0');
SELECT chash_bounded('{a,b}', load => 2) = '{"strategy":"bounded","load":2,"shards":["a","b"]}' AS json,
	chash_bounded('{a,b}', '{1,2}', 1.05, 99)::jsonb::chash_router = chash_bounded('{a,b}', '{1,2}', 1.05, 99) AS jsonb,
	chash_bounded('{a,b}', load => 1.25, slots => 16381, vnodes => 160) = chash_bounded('{a,b}') AS usual;

-- what buraksezer/consistent answers: the owners of its partitions, and of keys
CREATE TABLE nodes (nodeset text, idx int, node text, weight float8);
CREATE TABLE partitions (version text, nodeset text, slots int, vnodes int, load float8, slot int, node text);
CREATE TABLE vectors (version text, nodeset text, slots int, vnodes int, load float8, key text, slot int, idx int, node text);
\copy nodes FROM 'test/vectors/nodesets.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
\copy partitions FROM 'test/vectors/buraksezer/partitions.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
\copy vectors FROM 'test/vectors/buraksezer/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
CREATE TABLE routers AS
SELECT version, nodeset, slots, chash_bounded(nodes, load => load, slots => slots, vnodes => vnodes, dialect => CASE version WHEN 'v0.10.0' THEN 'buraksezer_0_10' ELSE 'buraksezer_1_0' END) AS r
FROM (SELECT DISTINCT version, nodeset, slots, vnodes, load FROM partitions) p JOIN (SELECT nodeset, array_agg(node ORDER BY idx) AS nodes FROM nodes GROUP BY 1) n USING (nodeset);
CREATE TABLE owners AS SELECT version, nodeset, slots, first_position::int AS slot, shard FROM routers, chash_routing_table(r);
SELECT version, slots, count(*), count(*) FILTER (WHERE shard = node) AS same
FROM partitions JOIN owners USING (version, nodeset, slots, slot)
GROUP BY 1, 2 ORDER BY 1, 2;
SELECT version, slots, count(*), count(*) FILTER (WHERE chash_shard(r, key) = node) AS same
FROM vectors JOIN routers USING (version, nodeset, slots) GROUP BY 1, 2 ORDER BY 1, 2;

-- the table of slots as a routing table: remainders, exactly counted
SELECT count(*), min(first_position), max(first_position), sum(width) = 2 ^ 64::numeric AS whole, min(vnode::int), max(vnode::int)
FROM chash_routing_table(chash_bounded('{a,b,c}'));
SELECT count(*) FROM generate_series(0, 2000) k, chash_bounded('{a,b,c}', hash => 'none', slots => 1000) r
WHERE chash_shard(r, k) <> chash_shard(r, k + 1000 * 140000000000000);

-- nobody has more than the bound, whatever the weights
SELECT load, round(max(share / ideal_share)::numeric, 3) AS most, bool_and(share <= ceil(16381 * load * ideal_share) / 16381 + 1e-9) AS bounded
FROM unnest('{1,1.05,1.25,2}'::float8[]) load, chash_balance(chash_bounded('{a,b,c,d,e}', '{1,2.5,0.3,1,1}', load)) GROUP BY 1 ORDER BY 1;
SELECT shard, weight, round(share::numeric, 4) AS share, round(ideal_share::numeric, 4) AS ideal FROM chash_balance(chash_bounded('{a,b,c,d}', '{1,2,1,4}'));
SELECT bool_and(n <= ceil(load * slots / shards)) AS bounded, count(*) AS shards
FROM (SELECT load, slots, shards, shard, count(*) AS n
	FROM unnest('{1,1.01,1.25}'::float8[]) load, unnest('{97,256,1000}'::int[]) slots, generate_series(1, 40, 3) shards,
		chash_routing_table(chash_bounded((SELECT array_agg('s' || i) FROM generate_series(1, shards) i), load => load, slots => slots, vnodes => 20))
	GROUP BY 1, 2, 3, 4) x;

-- the order of the shards does not matter
SELECT count(*) FROM chash_moves(chash_bounded('{a,b,c}', '{0.1,0.2,0.3}', 1.01), chash_bounded('{c,a,b}', '{0.3,0.1,0.2}', 1.01));

-- moves are exact; nearly all go to the new shard, the more so the larger the load
SELECT load, round(sum(share) FILTER (WHERE target = 'new')::numeric, 4) AS gained, round(coalesce(sum(share) FILTER (WHERE target <> 'new'), 0)::numeric, 4) AS others, bool_and(exact) AS exact
FROM unnest('{1,1.05,1.25,1000}'::float8[]) load, chash_bounded('{a,b,c,d,e,f,g,h,i}', load => load) r, chash_moves(r, chash_add(r, 'new')) GROUP BY 1 ORDER BY 1;
SELECT round(sum(share) FILTER (WHERE source = 'b')::numeric, 4) AS leaving, round(coalesce(sum(share) FILTER (WHERE source <> 'b'), 0)::numeric, 4) AS others, bool_and(exact) AS exact
FROM chash_moves(chash_bounded('{a,b,c,d}'), chash_remove(chash_bounded('{a,b,c,d}'), 'b'));
CREATE TABLE pairs (name text, a chash_router, b chash_router);
INSERT INTO pairs VALUES
	('one more', chash_bounded('{a,b,c}', load => 1.01), chash_bounded('{a,b,c,d}', load => 1.01)),
	('heavier', chash_bounded('{a,b,c}'), chash_bounded('{a,b,c}', '{1,2,1}')),
	('more slots', chash_bounded('{a,b,c}', slots => 271), chash_bounded('{a,b,c}', slots => 1021)),
	('from a ring', chash_ring('{a,b,c}', vnodes => 20), chash_bounded('{a,b,c,d}')),
	('to modulo', chash_bounded('{a,b,c}'), chash_modulo('{a,b,c,d}')),
	('to multiprobe', chash_bounded('{a,b,c}'), chash_multiprobe('{a,b,c,d}'));
SELECT name, bool_and(exact) AS exact, count(*) AS moves,
	bool_and(abs(counted / 20000.0 - share) < 0.0055 + 4 * sqrt(share * (1 - share) / 20000)) AS agrees
FROM (
	SELECT name, m.exact, m.share, (SELECT count(*) FROM generate_series(1, 20000) k
		WHERE chash_shard(a, k) = m.source AND chash_shard(b, k) = m.target) AS counted
	FROM pairs, chash_moves(a, b) m) x
GROUP BY name ORDER BY name;

-- copies of a key go on from slot to slot
SELECT count(*) FROM generate_series(1, 500) k, chash_bounded('{a,b,c,d,e}') r, chash_shards(r, k, 5) s
WHERE s[1] <> chash_shard(r, k) OR (SELECT count(DISTINCT x) FROM unnest(s) x) <> 5;

-- large tables
SELECT count(*) AS slots, max(n), min(n) FROM (SELECT shard, count(*) AS n FROM chash_routing_table(chash_bounded((SELECT array_agg('s' || i) FROM generate_series(1, 1024) i), load => 1, slots => 1048576, vnodes => 8)) GROUP BY 1) x;

-- refused
SELECT chash_bounded('{a,b}', load => 0);
SELECT chash_bounded('{a,b}', load => 0.9);
SELECT chash_bounded('{a,b}', load => 1001);
SELECT chash_bounded('{a,b}', slots => 0);
SELECT chash_bounded('{a,b,c}', slots => 2);
SELECT chash_bounded('{a,b}', slots => 1048577);
SELECT chash_bounded('{a,b}', vnodes => 65536);
SELECT chash_bounded('{a,b}', '{1}');
SELECT chash_bounded('{a,b}', '{1,-1}');
SELECT chash_bounded('{a,b}', '{1,1e6}');
SELECT chash_bounded('{a,b}', '{1,2}', dialect => 'buraksezer_1_0');
SELECT chash_bounded('{a,b,c}', slots => 2, dialect => 'buraksezer_0_10');
SELECT chash_bounded('{a,b,c}', slots => 2, dialect => 'buraksezer_1_0');
SELECT chash_bounded('{a,b}', dialect => 'mpchash');
SELECT chash_bounded('{}');
SELECT chash_bounded('{a,a}');
SELECT '{"strategy":"bounded","load":0,"shards":["a","b"]}'::chash_router;
SELECT '{"strategy":"bounded","load":"2","shards":["a","b"]}'::chash_router;
SELECT '{"strategy":"bounded","bits":32,"shards":["a","b"]}'::chash_router;
SELECT '{"strategy":"bounded","search":"floor","shards":["a","b"]}'::chash_router;
SELECT '{"strategy":"bounded","label":"{shard}","shards":["a","b"]}'::chash_router;
SELECT chash_add(chash_bounded('{a,b}'), 'c', 0);
DROP TABLE nodes, partitions, owners, vectors, routers, pairs;
