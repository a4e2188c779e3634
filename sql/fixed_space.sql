-- Hashes of databases that cut a fixed space of positions: Citus, MongoDB and Cassandra. What is
-- signed there is positive here, so that positions are 2^31 or 2^63 higher; of 64 bits
-- chash_position gives the top 63.

-- Citus 12.1: the range of hashes of each shard, and keys
CREATE TEMP TABLE citus_shards (name text, shard int, min_value bigint, max_value bigint);
\copy citus_shards FROM 'test/vectors/citus/shards.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
CREATE TEMP TABLE citus_text (key text, hash bigint, name text, shard int);
\copy citus_text FROM 'test/vectors/citus/text.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
CREATE TEMP TABLE citus_int (key bigint, hash bigint, shard_int8 int, shard_int4 int);
\copy citus_int FROM 'test/vectors/citus/int.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
CREATE TEMP TABLE citus AS
SELECT name, chash_hash_range(array_agg(shard::text ORDER BY shard), hash => 'citus') AS r FROM citus_shards GROUP BY name;

SELECT name, count(*) AS shards, bool_and(t.first_position = min_value + 2147483648 AND t.width = max_value - min_value + 1) AS same
FROM citus CROSS JOIN LATERAL chash_routing_table(r) t JOIN citus_shards s USING (name)
WHERE s.shard::text = t.shard GROUP BY name ORDER BY name;
SELECT name, count(*) AS keys, count(*) FILTER (WHERE chash_position(r, key) = hash + 2147483648) AS same_hash,
	count(*) FILTER (WHERE chash_shard(r, key) = shard::text) AS same_shard
FROM citus_text JOIN citus USING (name) GROUP BY name ORDER BY name;
SELECT count(*) AS keys, count(*) FILTER (WHERE chash_position(r, key) = hash + 2147483648) AS same_hash,
	count(*) FILTER (WHERE chash_shard(r, key) = shard_int8::text) AS same_bigint,
	count(*) FILTER (WHERE chash_shard(r, key::int) = shard_int4::text) AS same_int
FROM citus_int, citus WHERE name = 't32';

-- the types' own functions; those of smallint and integer agree with that of bigint
CREATE TEMP TABLE typed AS
SELECT i, (i * 9223372036854775)::bigint AS i8, i AS i4, i::smallint AS i2, md5(i::text)::uuid AS u, 'é' || i AS t, ('c' || i)::char(12) AS c,
	('n' || i)::name AS n, i / 16.0 AS num, DATE '1900-01-01' + i * 40 AS d,
	TIMESTAMP '1900-01-01' + i * INTERVAL '1001 minutes' AS ts, TIMESTAMPTZ '1900-01-01 00:00:00+00' + i * INTERVAL '1001 minutes' AS tz
FROM generate_series(-500, 500) i;
SELECT count(*) AS keys,
	count(*) FILTER (WHERE chash_position(r, i8) = hashint8(i8) + 2147483648) AS i8,
	count(*) FILTER (WHERE chash_position(r, i4) = hashint4(i4) + 2147483648) AS i4,
	count(*) FILTER (WHERE chash_position(r, i2) = hashint2(i2) + 2147483648) AS i2,
	count(*) FILTER (WHERE chash_position(r, u) = uuid_hash(u) + 2147483648) AS u,
	count(*) FILTER (WHERE chash_position(r, t) = hashtext(t) + 2147483648) AS t,
	count(*) FILTER (WHERE chash_position(r, c) = hashbpchar(c) + 2147483648) AS c,
	count(*) FILTER (WHERE chash_position(r, n) = hashname(n) + 2147483648) AS n,
	count(*) FILTER (WHERE chash_position(r, convert_to('b' || i, 'UTF8')) = hashtext('b' || i) + 2147483648) AS b
FROM typed, chash_modulo('{a}', hash => 'citus') r;

-- the reports take more types: keys of each of seven shards, counted by chash and by the functions
CREATE TEMP TABLE counts AS
SELECT 'numeric' AS type, chash_count_moves(r, r, num, 0) AS counted FROM typed, chash_modulo('{a,b,c,d,e,f,g}', hash => 'citus') r
UNION ALL SELECT 'date', chash_count_moves(r, r, d, 0) FROM typed, chash_modulo('{a,b,c,d,e,f,g}', hash => 'citus') r
UNION ALL SELECT 'timestamp', chash_count_moves(r, r, ts, 0) FROM typed, chash_modulo('{a,b,c,d,e,f,g}', hash => 'citus') r
UNION ALL SELECT 'timestamptz', chash_count_moves(r, r, tz, 0) FROM typed, chash_modulo('{a,b,c,d,e,f,g}', hash => 'citus') r;
WITH hashes AS (
	SELECT 'numeric' AS type, hash_numeric(num) AS hash FROM typed
	UNION ALL SELECT 'date', hashint4(d - DATE '2000-01-01') FROM typed
	UNION ALL SELECT 'timestamp', timestamp_hash(ts) FROM typed
	UNION ALL SELECT 'timestamptz', hashint8((extract(epoch FROM tz) * 1000000)::bigint - 946684800000000) FROM typed),
expected AS (
	SELECT type, (hash + 2147483648) % 7 + 1 AS shard, count(*) AS keys FROM hashes GROUP BY 1, 2)
SELECT type, count(*) AS shards, sum(keys) AS keys, bool_and(keys = counted[number][3]) AS same
FROM counts CROSS JOIN generate_subscripts(counted, 1) number
	JOIN expected USING (type) WHERE shard = counted[number][1] GROUP BY type ORDER BY type;

-- MongoDB: values of its unit tests; generic binary data are from the same place
CREATE TEMP TABLE mongodb (type text, value text, hash bigint);
\copy mongodb FROM 'test/vectors/mongodb/unit_test_vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
INSERT INTO mongodb VALUES ('binary', '000102030406', 7252465090394235301);
SELECT type, coalesce(value, '') AS value, hash, position = div(hash + 9223372036854775808, 2) AS same
FROM mongodb, chash_hash_range('{a}', hash => 'mongodb') r,
	LATERAL (SELECT CASE type WHEN 'number' THEN chash_position(r, value::bigint)
		WHEN 'string' THEN chash_position(r, coalesce(value, ''))
		WHEN 'uuid' THEN chash_position(r, value::uuid)
		WHEN 'binary' THEN chash_position(r, decode(value, 'hex')) END AS position) p
WHERE type IN ('number', 'string', 'uuid', 'binary') ORDER BY type, hash;
SELECT count(*) AS keys, count(DISTINCT chash_position(r, i4)) AS positions,
	bool_and(chash_position(r, i4) = chash_position(r, i2) AND chash_position(r, i4) = chash_position(r, i4::bigint)) AS integers,
	bool_and(chash_position(r, c) = chash_position(r, rtrim(c)) AND chash_position(r, n) = chash_position(r, n::text)) AS texts
FROM typed, chash_modulo('{a}', hash => 'mongodb') r;
SELECT chash_count_moves(chash_modulo('{a}', hash => 'mongodb'), chash_modulo('{a}'), 1.5, 0);
SELECT chash_count_moves(chash_modulo('{a}', hash => 'mongodb'), chash_modulo('{a}'), DATE '2024-12-31', 0);
SELECT chash_count_moves(chash_modulo('{a}', hash => 'mongodb'), chash_modulo('{a}'), TIMESTAMP '2024-12-31', 0);
SELECT chash_count_moves(chash_modulo('{a}', hash => 'mongodb'), chash_modulo('{a}'), TIMESTAMPTZ '2024-12-31 00:00+00', 0);

-- Cassandra: tokens of texts; keys of other types as the bytes that Cassandra has of them
CREATE TEMP TABLE cassandra (key text, token bigint);
\copy cassandra FROM 'test/vectors/cassandra/vectors.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER, QUOTE E'\x01')
SELECT count(*) AS keys, count(*) FILTER (WHERE chash_position(r, key) = div(token + 9223372036854775808, 2)) AS same_text,
	count(*) FILTER (WHERE chash_position(r, convert_to(key, 'UTF8')) = div(token + 9223372036854775808, 2)) AS same_bytes
FROM cassandra, chash_modulo('{a}', hash => 'cassandra') r;

-- positions keep the order of the signed originals, so that ranges of these are ranges of positions
SELECT count(*) AS keys, bool_and((hash < 0) = (chash_shard(r, value::bigint) = 'negative')) AS same
FROM mongodb, chash_hash_range('{negative,positive}', hash => 'mongodb') r WHERE type = 'number';
SELECT count(*) AS keys, bool_and((token < 0) = (chash_shard(r, key) = 'negative')) AS same
FROM cassandra, chash_hash_range('{negative,positive}', hash => 'cassandra') r;

-- labels and names of shards are no typed values: xxh3 places them, the typed hash only keys
SELECT hash, bool_and(t = u) AS as_xxh3
FROM unnest('{pg,mongodb,citus}'::text[]) hash,
	LATERAL (SELECT array_agg(x ORDER BY first_position) FROM chash_routing_table(chash_ring('{a,b,c}', vnodes => 5, hash => hash, bits => 32)) x) t(t),
	LATERAL (SELECT array_agg(x ORDER BY first_position) FROM chash_routing_table(chash_ring('{a,b,c}', vnodes => 5, bits => 32)) x) u(u)
GROUP BY hash ORDER BY hash;
SELECT hash, count(DISTINCT chash_shard(ring, i4)) AS ring, count(DISTINCT chash_shard(rendezvous, i4)) AS rendezvous,
	count(DISTINCT chash_shard(jump, i4)) AS jump, count(DISTINCT chash_shard(maglev, i4)) AS maglev
FROM typed, unnest('{mongodb,citus}'::text[]) hash, chash_ring('{a,b,c}', hash => hash) ring, chash_rendezvous('{a,b,c}', hash => hash) rendezvous,
	chash_jump('{a,b,c}', hash => hash) jump, chash_maglev('{a,b,c}', hash => hash) maglev
GROUP BY hash ORDER BY hash;
SELECT chash_ring('{a,b}', hash => 'citus', dialect => 'libketama');
SELECT chash_hash_range('{a,b}', hash => 'citus', bits => 33);
