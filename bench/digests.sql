-- digests.sql: rings of 5 shards with other hashes than xxh3, text key

-- @scan: no function: count(k)
SELECT count(k) FROM keys_text;

-- @hash: hashtextextended(k, 0)
SELECT count(hashtextextended(k, 0)) FROM keys_text;

-- @md5: md5(k)
SELECT count(md5(k)) FROM keys_text;

-- @ring_xxh64: ring with xxh64
SELECT count(chash_shard(:'ring_xxh64', k)) FROM keys_text;

-- @ring_sha1: ring with SHA-1
SELECT count(chash_shard(:'ring_sha1', k)) FROM keys_text;

-- @ring_md5: ring with MD5
SELECT count(chash_shard(:'ring_md5', k)) FROM keys_text;

-- @ring_sha256: ring with SHA-256
SELECT count(chash_shard(:'ring_sha256', k)) FROM keys_text;

-- @ring_textbook: ring of the dialect textbook (SHA-1)
SELECT count(chash_shard(:'ring_textbook', k)) FROM keys_text;

-- @ring_libketama: ring of the dialect libketama (MD5)
SELECT count(chash_shard(:'ring_libketama', k)) FROM keys_text;
