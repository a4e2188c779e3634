-- The strategy modulo.

-- MD5, over the whole digest
SELECT chash_shard(chash_modulo(array_agg('p' || i ORDER BY i), hash => 'md5'), 60000) AS "60000 mod 16",
	chash_shard(chash_modulo(array_agg('p' || i ORDER BY i), hash => 'md5'), '60100') AS "60100 mod 16"
FROM generate_series(0, 15) i;
SELECT chash_shard(chash_modulo(array_agg('p' || i ORDER BY i), hash => 'md5'), 'ABCDEF') AS "ABCDEF mod 8",
	chash_shard(chash_modulo(array_agg('p' || i ORDER BY i), hash => 'none'), 1234) AS "1234 mod 8"
FROM generate_series(0, 7) i;

-- an integer as it is
SELECT count(*) FROM generate_series(0, 1000) i
WHERE chash_shard(chash_modulo('{0,1,2,3,4,5,6}', hash => 'none'), i) <> (i % 7)::text;
SELECT chash_shard(chash_modulo('{0,1,2,3,4,5,6}', hash => 'none'), 9223372036854775807) AS largest,
	9223372036854775807 % 7 AS expected, chash_shard(chash_modulo('{0,1}', hash => 'none'), '41') AS text,
	chash_shard(chash_modulo('{0,1}', hash => 'none'), '0') AS zero;
SELECT chash_shard(chash_modulo('{0,1}', hash => 'none'), -1);
SELECT chash_shard(chash_modulo('{0,1}', hash => 'none'), 'Tacos');
SELECT chash_shard(chash_modulo('{0,1}', hash => 'none'), '007');
SELECT chash_shard(chash_modulo('{0,1}', hash => 'none'), '');
SELECT chash_shard(chash_modulo('{0,1}', hash => 'none'), '9223372036854775808');
SELECT chash_shard(chash_modulo('{0,1}', hash => 'none'), '\x31'::bytea);
SELECT bits, count(*) AS taken FROM generate_series(0, 70) k, generate_series(1, 6) bits
WHERE k < 2 ^ bits AND chash_position(chash_ring('{a}', hash => 'none', bits => bits), k) = k GROUP BY bits ORDER BY bits;
SELECT chash_position(chash_ring('{a}', hash => 'none', bits => 1), 2);
SELECT chash_position(chash_ring('{a}', hash => 'none', bits => 1), 9);
SELECT chash_position(chash_ring('{a}', hash => 'none', bits => 3), 8);

-- a weight is so many remainders in a row
SELECT * FROM chash_arcs(chash_modulo('{a,b,c}', '{1,3,2}', 'none'));
SELECT vnode, shard FROM chash_routing_table(chash_modulo('{a,b,c}', '{1,3,2}', 'md5'));

-- the remainders' counts, exactly: 2^64 = 7 * q + 2
SELECT first_position, shard, width, width - trunc(2::numeric ^ 64 / 7) AS more
FROM chash_routing_table(chash_modulo('{a,b,c,d,e,f,g}'));

-- refused
SELECT chash_modulo('{a,b}', weights => '{1,1.5}');
SELECT chash_modulo('{a,b}', weights => '{1000000,48577}');
SELECT '{"strategy":"modulo","bits":32,"shards":["a","b"]}'::chash_router;
SELECT chash_modulo('{}');
SELECT chash_modulo('{a,a}');
SELECT chash_modulo('{a}', hash => 'murmur');
