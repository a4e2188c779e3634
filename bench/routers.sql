-- routers.sql: the routers that are measured, as variables of psql. A shard has 160 points.

SELECT chash_ring(names(2)) AS ring_2,
       chash_ring(names(3)) AS ring_3,
       chash_ring(names(5)) AS ring_5,
       chash_ring(names(6)) AS ring_6,
       chash_ring(names(10)) AS ring_10,
       chash_ring(names(11)) AS ring_11,
       chash_ring(names(100)) AS ring_100,
       chash_ring(names(101)) AS ring_101,
       chash_ring(names(1000)) AS ring_1000,
       chash_ring(names(1001)) AS ring_1001,
       chash_ring(names(10000)) AS ring_10000,
       chash_ring(names(10001)) AS ring_10001
\gset

SELECT chash_ring(names(5), hash => 'xxh64') AS ring_xxh64,
       chash_ring(names(5), hash => 'sha1') AS ring_sha1,
       chash_ring(names(5), hash => 'md5') AS ring_md5,
       chash_ring(names(5), hash => 'sha256') AS ring_sha256,
       chash_ring(names(5), dialect => 'textbook') AS ring_textbook,
       chash_ring(names(5), dialect => 'libketama') AS ring_libketama
\gset

SELECT chash_modulo(names(5)) AS modulo,
       chash_modulo(names(5), hash => 'pg') AS modulo_pg,
       chash_modulo(names(5), hash => 'none') AS modulo_none,
       chash_hash_range(names(5)) AS hash_range,
       chash_range(names(5), '{3,6,9,c}') AS range,
       chash_range(names(5), '{1000000,2000000,3000000,4000000}', 'bigint') AS range_bigint,
       chash_jump(names(5)) AS jump,
       chash_jumpback(names(5)) AS jumpback,
       chash_rendezvous(names(5)) AS rendezvous,
       chash_maglev(names(5)) AS maglev
\gset

-- the arguments of ring_in_plpgsql
SELECT names(5) AS shards,
       array_agg(point ORDER BY point) AS points,
       array_agg(array_position(names(5), shard) ORDER BY point) AS owners
FROM ring_points
\gset
