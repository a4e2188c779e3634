-- strategies.sql: all strategies with 5 shards, text key

-- @scan: no function: count(k)
SELECT count(k) FROM keys_text;

-- @hash: hashtextextended(k, 0)
SELECT count(hashtextextended(k, 0)) FROM keys_text;

-- @ring: ring
SELECT count(chash_shard(:'ring_5', k)) FROM keys_text;

-- @modulo: modulo
SELECT count(chash_shard(:'modulo', k)) FROM keys_text;

-- @modulo_pg: modulo with the hash pg
SELECT count(chash_shard(:'modulo_pg', k)) FROM keys_text;

-- @hash_range: hash_range
SELECT count(chash_shard(:'hash_range', k)) FROM keys_text;

-- @range: range
SELECT count(chash_shard(:'range', k)) FROM keys_text;

-- @jump: jump
SELECT count(chash_shard(:'jump', k)) FROM keys_text;

-- @jumpback: jumpback
SELECT count(chash_shard(:'jumpback', k)) FROM keys_text;

-- @rendezvous: rendezvous
SELECT count(chash_shard(:'rendezvous', k)) FROM keys_text;

-- @maglev: maglev
SELECT count(chash_shard(:'maglev', k)) FROM keys_text;
