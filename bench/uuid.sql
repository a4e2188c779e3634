-- uuid.sql: a uuid key

-- @scan: no function: count(u)
SELECT count(u) FROM keys_uuid;

-- @hash: hashtextextended(u::text, 0)
SELECT count(hashtextextended(u::text, 0)) FROM keys_uuid;

-- @ring_5: ring of 5 shards
SELECT count(chash_shard(:'ring_5', u)) FROM keys_uuid;

-- @ring_100: ring of 100 shards
SELECT count(chash_shard(:'ring_100', u)) FROM keys_uuid;

-- @uuid_hash: uuid_hash_extended(u, 0), of the 16 bytes
SELECT count(uuid_hash_extended(u, 0)) FROM keys_uuid;
