-- Looking at a router: routing table, arcs, balance, of every strategy.

CREATE TABLE strategies (name text, r chash_router);
INSERT INTO strategies VALUES
	('ring', chash_ring('{a,b,c}')),
	('weighted', chash_ring('{a,b,c}', weights => '{1,2,3}')),
	('wide', chash_ring('{a,b}', hash => 'sha256')),
	('one', chash_ring('{a}', vnodes => 1)),
	('modulo', chash_modulo('{a,b,c}', '{1,1,2}')),
	('none', chash_modulo('{a,b,c}', hash => 'none')),
	('md5', chash_modulo('{a,b,c}', hash => 'md5')),
	('hash_range', chash_hash_range('{a,b,c}', '{3,1,1}')),
	('narrow', chash_hash_range('{a,b,c}', bits => 2)),
	('range', chash_range('{a,b,c}', '{10,20}', 'bigint'));

-- complete from position 0, without gaps, the widths adding up to the whole space
SELECT name, min(first_position) AS first, sum(width) AS space,
	bool_and(next IS NULL OR next = first_position + width) AS gapless, bool_and(width > 0) AS none_empty
FROM (
	SELECT name, first_position, width, lead(first_position) OVER (PARTITION BY name ORDER BY first_position) AS next
	FROM strategies, chash_routing_table(r) WHERE r::jsonb ->> 'strategy' <> 'modulo') x
GROUP BY name ORDER BY name;
SELECT name, count(*), sum(width) AS space FROM strategies, chash_routing_table(r)
WHERE r::jsonb ->> 'strategy' = 'modulo' GROUP BY name ORDER BY name;

-- arcs: the same with neighbours merged, so that neighbours differ
SELECT name, sum(width) AS space, count(*) FILTER (WHERE shard = before) AS unmerged
FROM (SELECT name, shard, width, lag(shard) OVER (PARTITION BY name ORDER BY first_position) AS before
	FROM strategies, chash_arcs(r)) x
GROUP BY name ORDER BY name;

-- balance agrees with the routing table
SELECT name, sum(positions) = (SELECT sum(width) FROM chash_routing_table(r)) AS whole,
	bool_and(positions = (SELECT sum(width) FROM chash_routing_table(r) t WHERE t.shard = b.shard)) AS same,
	round(sum(share)::numeric, 12) AS shares, round(sum(ideal_share)::numeric, 12) AS ideal_shares
FROM strategies, chash_balance(r) b GROUP BY name, r ORDER BY name;
SELECT shard, weight, round(share::numeric, 6) AS share, round(ideal_share::numeric, 6) AS ideal_share
FROM chash_balance(chash_ring('{a,b,c}', weights => '{1,2,3}'));
SELECT * FROM chash_balance(chash_hash_range('{a,b,c}', bits => 2));

-- NULL in, nothing out; a set where none can be is refused
SELECT count(*) FROM chash_routing_table(NULL);
SELECT chash_arcs(chash_range('{a,b}', '{m}'));
DROP TABLE strategies;
