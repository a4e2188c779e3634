-- parallel.sql: the same in parallel, as time that passes

-- @count: count(*)
SELECT count(*) FROM keys_text;

-- @rows: chash_redistribution
SELECT count(*) FROM chash_redistribution('keys_text', 'k', :'ring_5', :'ring_6');

-- @bytes: chash_redistribution with exact_bytes
SELECT count(*) FROM chash_redistribution('keys_text', 'k', :'ring_5', :'ring_6', exact_bytes => true);

-- @route: count(chash_shard(ring, k))
SELECT count(chash_shard(:'ring_5', k)) FROM keys_text;

-- @hash: GROUP BY hashtext(k) % 5
SELECT sum(n) FROM (SELECT count(*) AS n FROM keys_text GROUP BY hashtext(k) % 5) AS shards;

-- @shards: GROUP BY chash_shard(ring, k)
SELECT sum(n) FROM (SELECT count(*) AS n FROM keys_text GROUP BY chash_shard(:'ring_5', k)) AS shards;
