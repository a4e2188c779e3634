-- point.sql: a row found by its key, in a prepared statement, through pgbench

-- @bare: no function
SELECT k, owner, balance FROM accounts WHERE k = :id;

-- @hash: with hashtextextended
SELECT k, owner, balance, hashtextextended(:id, 0) FROM accounts WHERE k = :id;

-- @ring_5: with a ring of 5 shards
SELECT k, owner, balance, chash_shard(:'ring_5', :id) FROM accounts WHERE k = :id;

-- @ring_1000: with a ring of 1,000 shards
SELECT k, owner, balance, chash_shard(:'ring_1000', :id) FROM accounts WHERE k = :id;

-- @named_5: with the ring of 5 shards, by name
SELECT k, owner, balance, named_5(:id) FROM accounts WHERE k = :id;
