-- The textbook's ring, to the digit.

CREATE TABLE routing_table (servers int, points_per_server int, first_position numeric, vnode text, shard text, width numeric);
\copy routing_table FROM 'test/vectors/textbook/routing_table.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER)
CREATE TABLE balance (servers int, points_per_server int, shard text, positions numeric);
\copy balance FROM 'test/vectors/textbook/balance.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER)
CREATE FUNCTION textbook(servers int, points int) RETURNS chash_router LANGUAGE sql IMMUTABLE AS $$
	SELECT chash_ring(array_agg('server-' || chr(96 + i) ORDER BY i), vnodes => points, dialect => 'textbook')
	FROM generate_series(1, servers) i
$$;

SELECT * FROM chash_routing_table(chash_ring('{server-a,server-b}', vnodes => 5, dialect => 'textbook'));

-- routing tables: the published rows and ours
SELECT servers, points_per_server, count(*) AS published,
	(SELECT count(*) FROM chash_routing_table(textbook(servers, points_per_server))) AS ours,
	count(*) FILTER (WHERE (first_position, vnode, shard, width) IN (
		SELECT first_position, vnode, shard, width FROM chash_routing_table(textbook(servers, points_per_server)))) AS same
FROM routing_table GROUP BY 1, 2 ORDER BY 1, 2;
SELECT servers, points_per_server, count(*) AS published,
	count(*) FILTER (WHERE (shard, positions) IN (
		SELECT shard, positions FROM chash_balance(textbook(servers, points_per_server)))) AS same
FROM balance GROUP BY 1, 2 ORDER BY 1, 2;

-- what a third server receives: about 30 %
SELECT * FROM chash_moves(textbook(2, 5), textbook(3, 5));
SELECT round(sum(share)::numeric, 4) FROM chash_moves(textbook(2, 5), chash_add(textbook(2, 5), 'server-c'));

-- a key at 79249022
SELECT vnode, shard FROM chash_routing_table(textbook(2, 5))
WHERE first_position <= 79249022 AND 79249022 < first_position + width;

-- a position is seven hexadecimal digits of SHA-1
SELECT chash_position(textbook(2, 5), k) = ('x' || left(encode(sha, 'hex'), 7))::bit(28)::int AS same
FROM (VALUES ('abc', '\xa9993e364706816aba3e25717850c26c9cd0d89d'::bytea)) v(k, sha);

-- and without the dialect's name
SELECT count(*) FROM (
	SELECT * FROM chash_routing_table(textbook(3, 5))
	EXCEPT
	SELECT * FROM chash_routing_table(chash_ring('{server-a,server-b,server-c}', hash => 'sha1', bits => 28, vnodes => 5,
		label => '{shard}-{i}', search => 'floor'))) x;
DROP TABLE routing_table, balance;
DROP FUNCTION textbook;
