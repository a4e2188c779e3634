-- bigint.sql: a bigint key, from 1 to the number of rows

-- @scan: no function: count(n)
SELECT count(n) FROM keys_bigint;

-- @hash: hashtextextended(n::text, 0)
SELECT count(hashtextextended(n::text, 0)) FROM keys_bigint;

-- @ring_5: ring of 5 shards
SELECT count(chash_shard(:'ring_5', n)) FROM keys_bigint;

-- @named: the ring of 5 shards, by name
SELECT count(named_bigint(n)) FROM keys_bigint;

-- @ring_100: ring of 100 shards
SELECT count(chash_shard(:'ring_100', n)) FROM keys_bigint;

-- @hashint8: hashint8extended(n, 0), of the integer itself
SELECT count(hashint8extended(n, 0)) FROM keys_bigint;

-- @modulo_none: chash_modulo with the hash none
SELECT count(chash_shard(:'modulo_none', n)) FROM keys_bigint;

-- @range: chash_range of 5 shards
SELECT count(chash_shard(:'range_bigint', n)) FROM keys_bigint;

-- @modulo: by hand: n % 5
SELECT count(n % 5) FROM keys_bigint;
