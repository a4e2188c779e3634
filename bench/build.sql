-- build.sql: what a session does once: building a ring, and planning a change

-- Each statement runs twice in a new session. This comes before it: it loads the library, and
-- what the server's catalogs say about the functions.
SELECT count(*) + count(chash_shard(:'ring_2', 'Tacos')) FROM chash_moves(:'ring_2', :'ring_3');

-- @ring_10: a ring of 10 shards
SELECT chash_shard(:'ring_10', 'Tacos');

-- @ring_100: a ring of 100 shards
SELECT chash_shard(:'ring_100', 'Tacos');

-- @ring_1000: a ring of 1,000 shards
SELECT chash_shard(:'ring_1000', 'Tacos');

-- @ring_10000: a ring of 10,000 shards
SELECT chash_shard(:'ring_10000', 'Tacos');

-- @moves_10: chash_moves from 10 to 11 shards
SELECT count(*) FROM chash_moves(:'ring_10', :'ring_11');

-- @moves_100: chash_moves from 100 to 101 shards
SELECT count(*) FROM chash_moves(:'ring_100', :'ring_101');

-- @moves_1000: chash_moves from 1,000 to 1,001 shards
SELECT count(*) FROM chash_moves(:'ring_1000', :'ring_1001');

-- @moves_10000: chash_moves from 10,000 to 10,001 shards
SELECT count(*) FROM chash_moves(:'ring_10000', :'ring_10001');
