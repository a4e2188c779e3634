-- stored.sql: a router that is not a constant but stored in a table and joined in, text key

-- @scan: no function: count(k)
SELECT count(k) FROM keys_text;

-- @hash: hashtextextended(k, 0)
SELECT count(hashtextextended(k, 0)) FROM keys_text;

-- @hash_joined: the same, with a table of one row joined in
SELECT count(hashtextextended(k, 0)) FROM keys_text, router_plain;

-- @constant: ring of 100 shards, a constant
SELECT count(chash_shard(:'ring_100', k)) FROM keys_text;

-- @toasted: ring of 100 shards, joined in, toasted
SELECT count(chash_shard(router, k)) FROM keys_text, router_toasted;

-- @plain: ring of 5 shards, joined in, plain
SELECT count(chash_shard(router, k)) FROM keys_text, router_plain;

-- @compressed (part): ring of 100 shards, joined in, compressed
SELECT count(chash_shard(router, k)) FROM keys_text, router_compressed;

-- @large (part): ring of 1,000 shards, joined in, compressed and toasted
SELECT count(chash_shard(router, k)) FROM keys_text, router_large;
