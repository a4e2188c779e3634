-- chash_moves: exact where positions can be counted, marked where not.

SELECT * FROM chash_moves(chash_hash_range('{a,b,c}', bits => 4), chash_hash_range('{a,b,c,d}', bits => 4));
SELECT * FROM chash_moves(chash_ring('{a,b}'), chash_ring('{a,b}'));
SELECT source, target, round(share::numeric, 6) AS share, exact FROM chash_moves(chash_modulo('{a,b,c}'), chash_modulo('{a,b,c,d}'));

-- modulo 4 to 5 moves four fifths of the positions, a ring one fifth or so
SELECT round(sum(share)::numeric, 9) AS modulo FROM chash_moves(chash_modulo('{a,b,c,d}'), chash_add(chash_modulo('{a,b,c,d}'), 'e'));
SELECT round(sum(share)::numeric, 2) AS ring FROM chash_moves(chash_ring('{a,b,c,d}'), chash_add(chash_ring('{a,b,c,d}'), 'e'));

-- every pair of strategies: all positions of a small space, one by one
CREATE TABLE small (name text, r chash_router);
INSERT INTO small VALUES
	('ring', chash_ring('{a,b,c}', bits => 10, vnodes => 4)),
	('more', chash_ring('{a,b,c,d}', bits => 10, vnodes => 4)),
	('floor', chash_ring('{a,b,c}', bits => 10, vnodes => 4, search => 'floor')),
	('coarse', chash_ring('{a,b,c}', bits => 7, vnodes => 4)),
	('cuts', chash_hash_range('{a,b,c}', bits => 10)),
	('weighted cuts', chash_hash_range('{c,b,a}', '{1,2,4}', bits => 10));
CREATE FUNCTION owners(r chash_router) RETURNS TABLE (pos int, shard text) LANGUAGE sql AS $$
	-- in units of 2^-10 of the space
	SELECT p, t.shard
	FROM chash_routing_table(r) t, (SELECT (1024 / sum(width))::int AS scale FROM chash_routing_table(r)) s,
		generate_series(t.first_position::int * scale, (t.first_position + t.width)::int * scale - 1) p
$$;
SELECT count(*) AS pairs, count(*) FILTER (WHERE counted IS DISTINCT FROM reported) AS differing
FROM small a, small b,
	LATERAL (SELECT string_agg(source || target || n, ' ' ORDER BY source, target) AS counted
		FROM (SELECT x.shard AS source, y.shard AS target, count(*) AS n
			FROM owners(a.r) x JOIN owners(b.r) y USING (pos) WHERE x.shard <> y.shard GROUP BY 1, 2) z) c,
	LATERAL (SELECT string_agg(source || target || round(share::numeric * 1024), ' ' ORDER BY source, target) AS reported
		FROM chash_moves(a.r, b.r)) m;

-- against a million keys (here some thousands), shares within four standard deviations
CREATE TABLE pairs (name text, a chash_router, b chash_router);
INSERT INTO pairs VALUES
	('modulo to modulo', chash_modulo('{a,b,c}'), chash_modulo('{a,b,c,d}')),
	('modulo to ring', chash_modulo('{a,b,c}', '{1,2,1}'), chash_ring('{a,b,c,d}')),
	('ring to cuts', chash_ring('{a,b,c}'), chash_hash_range('{a,b,c,d}')),
	('wide to narrow', chash_ring('{a,b,c}', hash => 'sha1'), chash_ring('{b,c}', hash => 'sha1', bits => 28)),
	('other hash', chash_ring('{a,b,c}'), chash_ring('{a,b,c}', hash => 'md5')),
	('pg', chash_modulo('{a,b,c}', hash => 'pg'), chash_ring('{a,b,c}', hash => 'pg'));
SELECT name, bool_and(exact) AS exact, count(*) AS moves,
	bool_and(abs(counted / 20000.0 - share) < 4 * sqrt(share * (1 - share) / 20000)) AS agrees
FROM (
	SELECT name, m.exact, m.share, (SELECT count(*) FROM generate_series(1, 20000) k
		WHERE chash_shard(a, k) = m.source AND chash_shard(b, k) = m.target) AS counted
	FROM pairs, chash_moves(a, b) m) x
GROUP BY name ORDER BY name;

-- range: which intervals change hands is known, how many keys are in them is not
SELECT * FROM chash_moves(chash_range('{a,b}', '{m}'), chash_add(chash_range('{a,b}', '{m}'), 'c', bound => 't'));
SELECT source, target FROM chash_moves(chash_range('{a,b,c}', '{10,20}', 'int'), chash_range('{a,b,c}', '{5,100}', 'int'));
SELECT * FROM chash_moves(chash_range('{a,b}', '{m}'), chash_ring('{a,b}'));
SELECT * FROM chash_moves(chash_range('{a,b}', '{10}', 'int'), chash_range('{a,b}', '{10}', 'text'));

-- many remainders: counted one by one up to a limit, then estimated
SELECT exact, count(*) FROM chash_moves(chash_modulo('{a,b}', '{8191,1}'), chash_modulo('{a,b}', '{8190,1}')) GROUP BY exact;
SELECT exact, round(sum(share)::numeric, 4) AS share
FROM chash_moves(chash_modulo('{a,b}', '{8192,8191}'), chash_modulo('{b,a}', '{8192,8190}')) GROUP BY exact;
-- too many pairs to be of use; no router, which is not "no moves"
SELECT count(*) FROM (SELECT array_agg('s' || i) AS s FROM generate_series(1, 1100) i) x,
	chash_moves(chash_modulo(s), chash_modulo(s, hash => 'md5'));
SELECT chash_moves(chash_ring('{a}'), NULL);
SELECT chash_moves(NULL, chash_ring('{a}'));
DROP TABLE small, pairs;
DROP FUNCTION owners;
