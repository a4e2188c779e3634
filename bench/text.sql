-- text.sql: a text key of 16 characters, and what people write by hand

-- @scan: no function: count(k)
SELECT count(k) FROM keys_text;

-- @hash: hashtextextended(k, 0)
SELECT count(hashtextextended(k, 0)) FROM keys_text;

-- @ring_5: ring of 5 shards
SELECT count(chash_shard(:'ring_5', k)) FROM keys_text;

-- @ring_100: ring of 100 shards
SELECT count(chash_shard(:'ring_100', k)) FROM keys_text;

-- @ring_1000: ring of 1,000 shards
SELECT count(chash_shard(:'ring_1000', k)) FROM keys_text;

-- @named_5: the ring of 5 shards, by name
SELECT count(named_5(k)) FROM keys_text;

-- @named_1000: the ring of 1,000 shards, by name
SELECT count(named_1000(k)) FROM keys_text;

-- @position: its position: chash_position
SELECT count(chash_position(:'ring_5', k)) FROM keys_text;

-- @modulo: by hand: hash % 5
SELECT count(abs(hashtext(k) % 5)) FROM keys_text;

-- @modulo_name: by hand: hash % 5, as a name
SELECT count((:'shards'::text[])[abs(hashtext(k) % 5) + 1]) FROM keys_text;

-- @md5: md5(k)
SELECT count(md5(k)) FROM keys_text;

-- @points (part): by hand: SQL lookup in a table of points
SELECT count(coalesce(
    (SELECT shard FROM ring_points WHERE point >= hashtextextended(k, 0) ORDER BY point LIMIT 1),
    (SELECT shard FROM ring_points ORDER BY point LIMIT 1)))
FROM keys_text;

-- @plpgsql (part): by hand: PL/pgSQL, binary search in arrays
SELECT count(ring_in_plpgsql(:'points', :'owners', :'shards', k)) FROM keys_text;
