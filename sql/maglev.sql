-- The strategy maglev: a table of 65,537 entries that shards fill in turns.

SELECT chash_maglev('{a,b,c}'), chash_maglev('{a,b}', '{1,2.5}', 'xxh64');
SELECT chash_maglev('{a,b}', '{1,2}') = '{"strategy":"maglev","shards":["a",{"name":"b","weight":2}]}' AS json,
	chash_maglev('{a,b}', '{1,2}')::jsonb::chash_router = chash_maglev('{a,b}', '{1,2}') AS jsonb;

-- the table of Envoy's rule, as another implementation computes it
CREATE TABLE nodes (nodeset text, idx int, node text, weight float8);
CREATE TABLE vectors (nodeset text, slot int, node text);
\copy nodes FROM 'test/vectors/nodesets.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER)
\copy vectors FROM 'test/vectors/maglev/envoy_table_65537.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER)
CREATE TABLE routers AS SELECT nodeset, chash_maglev(array_agg(node ORDER BY idx), array_agg(weight ORDER BY idx), 'none') AS r FROM nodes GROUP BY nodeset;
SELECT nodeset COLLATE "C" AS nodeset, count(*), count(*) FILTER (WHERE chash_shard(r, slot) = node) AS same,
	count(*) FILTER (WHERE chash_shard(r, slot + 65537::bigint * 140000000000000) = node) AS same_remainder
FROM vectors JOIN routers USING (nodeset) GROUP BY 1 ORDER BY 1;

-- the table as a routing table: remainders, exactly counted
SELECT count(*), min(first_position), max(first_position), sum(width) = 2 ^ 64::numeric AS whole, min(vnode::int), max(vnode::int)
FROM chash_routing_table(chash_maglev('{a,b,c}'));
SELECT sum(width) = 2 ^ 64::numeric AS whole, count(*) < 65537 AS merged FROM chash_arcs(chash_maglev('{a,b,c}'));
SELECT shard, weight, round(share::numeric, 4) AS share, ideal_share, positions FROM chash_balance(chash_maglev('{a,b,c,d}', '{1,2,1,4}'));
SELECT min(n), max(n) FROM (SELECT count(*) AS n FROM chash_routing_table(chash_maglev('{a,b,c,d,e,f,g}', hash => 'sha256')) GROUP BY shard) x;

-- the order of the shards does not matter
SELECT count(*) FROM chash_moves(chash_maglev('{a,b,c}', '{1,2,3}'), chash_maglev('{c,a,b}', '{3,1,2}'));

-- moves are exact; nearly all go to the new shard
SELECT source, target, round(share::numeric, 4) AS share, exact FROM chash_moves(chash_maglev('{a,b,c}'), chash_add(chash_maglev('{a,b,c}'), 'd'));
SELECT round(sum(share) FILTER (WHERE source = 'b')::numeric, 4) AS leaving, round(sum(share) FILTER (WHERE source <> 'b')::numeric, 4) AS others, bool_and(exact) AS exact
FROM chash_moves(chash_maglev('{a,b,c,d}'), chash_remove(chash_maglev('{a,b,c,d}'), 'b'));
CREATE TABLE pairs (name text, a chash_router, b chash_router);
INSERT INTO pairs VALUES
	('maglev to modulo', chash_maglev('{a,b,c}'), chash_modulo('{a,b,c,d}')),
	('ring to maglev', chash_ring('{a,b,c}', vnodes => 50), chash_maglev('{a,b,c,d}')),
	('hash_range to maglev', chash_hash_range('{a,b,c}'), chash_maglev('{a,b,c,d}')),
	('rendezvous to maglev', chash_rendezvous('{a,b,c}'), chash_maglev('{a,b,c,d}')),
	('larger ring to maglev', chash_ring('{a,b,c}', vnodes => 500), chash_maglev('{a,b,c,d}'));
SELECT name, bool_and(exact) AS exact, count(*) AS moves,
	bool_and(abs(counted / 20000.0 - share) < 0.0055 + 4 * sqrt(share * (1 - share) / 20000)) AS agrees
FROM (
	SELECT name, m.exact, m.share, (SELECT count(*) FROM generate_series(1, 20000) k
		WHERE chash_shard(a, k) = m.source AND chash_shard(b, k) = m.target) AS counted
	FROM pairs, chash_moves(a, b) m) x
GROUP BY name ORDER BY name;

-- refused
SELECT chash_maglev('{a,b}', '{1}');
SELECT chash_maglev('{a,b}', '{1,-1}');
SELECT chash_maglev('{a,b}', hash => 'murmur');
SELECT chash_maglev('{}');
SELECT chash_maglev('{a,a}');
SELECT '{"strategy":"maglev","bits":32,"shards":["a","b"]}'::chash_router;
SELECT '{"strategy":"maglev","search":"floor","shards":["a","b"]}'::chash_router;
SELECT chash_add(chash_maglev('{a,b}'), 'c', 0);
DROP TABLE nodes, vectors, routers, pairs;
