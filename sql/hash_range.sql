-- The strategy hash_range: integer division of the hash space.

SELECT chash_shard(chash_hash_range(array_agg('p' || i ORDER BY i), hash => 'md5'), 60000) AS "60000 // 2^124",
	chash_shard(chash_hash_range(array_agg('p' || i ORDER BY i), hash => 'md5'), '60100') AS "60100 // 2^124"
FROM generate_series(0, 15) i;

-- a size is floor(space / n), and the last shard takes the rest
SELECT first_position, shard, width FROM chash_routing_table(chash_hash_range('{a,b,c}', bits => 8));
SELECT first_position, shard, width FROM chash_arcs(chash_hash_range('{a,b,c}', '{1,2,4}', bits => 8));
SELECT first_position, width FROM chash_routing_table(chash_hash_range('{a,b,c}', hash => 'sha256'));

-- the same by numeric arithmetic, from 1 to 256 bits
SELECT bits, n, count(*) AS keys
FROM (VALUES ('sha256', 1, 2), ('sha256', 8, 7), ('sha256', 62, 5), ('sha256', 63, 1000)) v(hash, bits, n),
	LATERAL (SELECT chash_hash_range(array_agg(i::text ORDER BY i), hash => hash, bits => bits) AS r
		FROM generate_series(0, n - 1) i) x,
	generate_series(1, 500) k
WHERE chash_shard(r, k)::int <> least(n - 1, div(chash_position(r, k)::numeric, div(2::numeric ^ bits, n::numeric)))
GROUP BY bits, n;
SELECT count(*) AS differing
FROM (SELECT chash_hash_range(array_agg(i::text ORDER BY i), hash => 'md5') AS r FROM generate_series(0, 999) i) x,
	generate_series(1, 500) k
WHERE chash_shard(r, k)::int <> least(999, (
	SELECT div(sum(get_byte(decode(md5(k::text), 'hex'), b) * 256::numeric ^ (15 - b)), div(2::numeric ^ 128, 1000))
	FROM generate_series(0, 15) b));

-- 16 to 17 shards moves half of the space
SELECT round(sum(share)::numeric, 9) AS share, bool_and(exact) AS exact,
	abs(sum(positions) / 2::numeric ^ 128 - 0.5) < 1e-9 AS half
FROM (SELECT array_agg('p' || i ORDER BY i) AS p16 FROM generate_series(0, 15) i) a,
	chash_moves(chash_hash_range(p16, hash => 'md5'), chash_hash_range(p16 || 'p16'::text, hash => 'md5'));

-- refused
SELECT chash_hash_range('{a,b,c}', bits => 1);
SELECT chash_hash_range('{a,b}', bits => 65);
SELECT chash_hash_range('{a,b}', bits => -1);
SELECT chash_hash_range('{a,b}', weights => '{0.5,1}');
SELECT chash_hash_range(NULL);
