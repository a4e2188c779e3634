-- growth.sql: a ring that grows from 10 to 10,000 shards, text key

-- @scan: no function: count(k)
SELECT count(k) FROM keys_text;

-- @hash: hashtextextended(k, 0)
SELECT count(hashtextextended(k, 0)) FROM keys_text;

-- @ring_10: ring of 10 shards
SELECT count(chash_shard(:'ring_10', k)) FROM keys_text;

-- @ring_100: ring of 100 shards
SELECT count(chash_shard(:'ring_100', k)) FROM keys_text;

-- @ring_1000: ring of 1,000 shards
SELECT count(chash_shard(:'ring_1000', k)) FROM keys_text;

-- @ring_10000: ring of 10,000 shards
SELECT count(chash_shard(:'ring_10000', k)) FROM keys_text;
