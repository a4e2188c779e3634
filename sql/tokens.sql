-- Rings of given points: the tokens of Cassandra's nodes, the chunks of MongoDB, the shards of Citus.

-- Cassandra: a node has the keys up to and including each of its tokens
SELECT chash_ring('{n1,n2,n3}', tokens => ARRAY['-6000000000000000000,3000000000000000000', '-3000000000000000000', '0,6000000000000000000'], dialect => 'cassandra') AS r \gset
SELECT :'r'::chash_router;
SELECT * FROM chash_routing_table(:'r');
SELECT shard, round(share::numeric, 4) AS share, positions FROM chash_balance(:'r');
CREATE TEMP TABLE cassandra (key text, token bigint);
\copy cassandra FROM 'test/vectors/cassandra/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
CREATE TEMP TABLE tokens AS SELECT * FROM (VALUES ('n1', -6000000000000000000), ('n1', 3000000000000000000), ('n2', -3000000000000000000),
	('n3', 0), ('n3', 6000000000000000000)) v(node, token);
SELECT count(*) AS keys, count(*) FILTER (WHERE chash_shard(:'r', key) = coalesce(
	(SELECT node FROM tokens t WHERE t.token >= c.token ORDER BY t.token LIMIT 1),
	(SELECT node FROM tokens t ORDER BY t.token LIMIT 1))) AS same FROM cassandra c;
-- at a token and beside it, and SimpleStrategy's replicas: the next nodes on the ring
SELECT bool_and(chash_shard(chash_ring('{at,above}', tokens => ARRAY[token::text, (token + 1)::text], dialect => 'cassandra'), key) = 'at' AND
	chash_shard(chash_ring('{at,below}', tokens => ARRAY[token::text, (token - 1)::text], dialect => 'cassandra'), key) = 'at' AND
	chash_shard(chash_ring('{above,below}', tokens => ARRAY[(token + 1)::text, (token - 1)::text], dialect => 'cassandra'), key) = 'above') AS edges
FROM cassandra WHERE key <> '';
SELECT chash_shards(:'r', key, 3), token FROM cassandra ORDER BY token LIMIT 3;

-- MongoDB: a chunk has the keys from its lower bound on
CREATE TEMP TABLE mongodb (type text, value text, hash bigint);
\copy mongodb FROM 'test/vectors/mongodb/unit_test_vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
SELECT chash_ring('{rs0,rs1}', tokens => ARRAY['-9223372036854775808, 1140205862565771219', '-944302157085130861'], dialect => 'mongodb') AS m \gset
SELECT value, hash, chash_shard(:'m', value::bigint) AS shard, CASE WHEN hash >= 1140205862565771219 OR hash < -944302157085130861 THEN 'rs0' ELSE 'rs1' END AS expected
FROM mongodb WHERE type = 'number' ORDER BY hash;

-- Citus: the shards of three tables by their lowest hashes, whatever their sizes
CREATE TEMP TABLE citus_shards (name text, shard int, min_value bigint, max_value bigint);
\copy citus_shards FROM 'test/vectors/citus/shards.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
CREATE TEMP TABLE citus_text (key text, hash bigint, name text, shard int);
\copy citus_text FROM 'test/vectors/citus/text.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
CREATE TEMP TABLE citus_int (key bigint, hash bigint, shard_int8 int, shard_int4 int);
\copy citus_int FROM 'test/vectors/citus/int.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
CREATE TEMP TABLE citus AS SELECT name, chash_ring(array_agg(shard::text ORDER BY shard), tokens => array_agg(min_value::text ORDER BY shard), dialect => 'citus') AS r
FROM citus_shards GROUP BY name;
SELECT name, count(*) AS keys, count(*) FILTER (WHERE chash_shard(r, key) = shard::text) AS same FROM citus_text JOIN citus USING (name) GROUP BY name ORDER BY name;
SELECT count(*) AS keys, count(*) FILTER (WHERE chash_shard(r, key) = shard_int8::text AND chash_shard(r, key::int) = shard_int4::text) AS same
FROM citus_int, citus WHERE name = 't32';
-- the same ranges as hash_range cuts
SELECT name, (SELECT count(*) FROM chash_moves(r, chash_hash_range((SELECT array_agg(shard::text ORDER BY shard) FROM citus_shards s WHERE s.name = c.name), hash => 'citus'))) AS moves
FROM citus c ORDER BY name;

-- shards that come and go
SELECT * FROM chash_moves(:'r', chash_add(:'r', 'n4', tokens => '1500000000000000000'));
SELECT * FROM chash_moves(:'r', chash_remove(:'r', 'n2'));
SELECT chash_remove(:'r', 'n1');
SELECT '{"strategy":"ring","dialect":"citus","shards":[{"name":"a","tokens":[0,"-5"]},{"name":"b","tokens":[7],"zone":"z"}]}'::chash_router AS json;
SELECT r::text::chash_router = r AND r::jsonb::chash_router = r AS round_trips FROM citus;
-- as many shards as there can be, in time and memory that grow with their number only
SELECT chash_ring(array_agg('s' || i), tokens => array_agg(i::text), dialect => 'cassandra') AS r FROM generate_series(1, 65535) i \gset many
SELECT length(:'manyr'::chash_router::text), :'manyr'::chash_router::jsonb::chash_router = :'manyr' AS round_trips;

-- refused
SELECT chash_ring('{a,b}', dialect => 'cassandra');
SELECT chash_ring('{a,b}', tokens => '{0,1}');
SELECT chash_ring('{a,b}', tokens => '{0}', dialect => 'cassandra');
SELECT chash_ring('{a,b}', tokens => '{0,x}', dialect => 'cassandra');
SELECT chash_ring('{a,b}', tokens => '{0,""}', dialect => 'cassandra');
SELECT chash_ring('{a,b}', tokens => ARRAY['0', NULL], dialect => 'cassandra');
SELECT chash_ring('{a,b}', tokens => '{0,0}', dialect => 'cassandra');
SELECT chash_ring('{a,b}', tokens => '{0,9223372036854775808}', dialect => 'cassandra');
SELECT chash_ring('{a,b}', tokens => '{0,2147483648}', dialect => 'citus');
SELECT chash_ring('{a,b}', tokens => '{0,-2147483648}', dialect => 'citus');
SELECT chash_ring('{a,b}', weights => '{1,2}', tokens => '{0,1}', dialect => 'cassandra');
SELECT chash_ring('{a,b}', vnodes => 2, tokens => '{0,1}', dialect => 'cassandra');
SELECT chash_ring('{a,b}', hash => 'xxh3', tokens => '{0,1}', dialect => 'cassandra');
SELECT chash_ring('{a,b}', bits => 32, tokens => '{0,1}', dialect => 'cassandra');
SELECT chash_add(:'r', 'n4');
SELECT chash_add(chash_modulo('{a}'), 'b', tokens => '1');
SELECT '{"strategy":"ring","dialect":"citus","shards":[{"name":"a","tokens":0}]}'::chash_router;
SELECT '{"strategy":"ring","dialect":"citus","shards":[{"name":"a","tokens":[0.5]}]}'::chash_router;
SELECT '{"strategy":"ring","dialect":"citus","shards":[{"name":"a","tokens":[null]}]}'::chash_router;
SELECT '{"strategy":"ring","dialect":"citus","shards":[{"name":"a","tokens":[]}]}'::chash_router;
