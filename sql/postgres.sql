-- modulo over pg is PostgreSQL's own PARTITION BY HASH, row by row.

CREATE TABLE source (id int PRIMARY KEY, t text, v varchar(40), c char(12), n name, i2 smallint, i4 int, i8 bigint, u uuid, b bytea,
	num numeric, d date, ts timestamp, tz timestamptz);
INSERT INTO source SELECT i, 'key:' || i, 'v' || i * 7, 'c' || i, 'n' || i, i - 500, (i - 500) * 4294967, (i - 500) * 9223372036854775,
	md5(i::text)::uuid, decode(md5(i::text), 'hex'), (i - 500) / 16.0, DATE '1900-01-01' + i * 40, TIMESTAMP '1900-01-01' + i * INTERVAL '1001 minutes',
	TIMESTAMPTZ '1900-01-01 00:00:00+00' + i * INTERVAL '1001 minutes'
FROM generate_series(1, 1000) i;
INSERT INTO source(id, t, v, c, n, num, d, ts, tz) VALUES (1001, '', '', '', '', 'NaN', 'infinity', '-infinity', 'infinity'),
	(1002, 'Crème', 'brûlée', ' x ', 'é', 1e30, '-infinity', 'infinity', '-infinity'), (1003, repeat('x', 5000), 'y', 'z', 'w', -0.000, '4000-01-01 BC', '4000-01-01 BC', '4000-01-01 BC+00');

CREATE FUNCTION compare_with_partitions(col text, modulus int, OUT rows bigint, OUT differing bigint, OUT report boolean) LANGUAGE plpgsql AS $$
DECLARE
	r chash_router := chash_modulo((SELECT array_agg('p_' || i ORDER BY i) FROM generate_series(0, modulus - 1) i), hash => 'pg');
BEGIN
	EXECUTE format('CREATE TABLE p (LIKE source) PARTITION BY HASH (%I)', col);
	FOR i IN 0 .. modulus - 1 LOOP
		EXECUTE format('CREATE TABLE p_%s PARTITION OF p FOR VALUES WITH (MODULUS %s, REMAINDER %s)', i, modulus, i);
	END LOOP;
	EXECUTE format('INSERT INTO p SELECT * FROM source WHERE %I IS NOT NULL', col);
	-- row by row for the types that chash_shard takes
	IF col IN ('t', 'v', 'c', 'n', 'i2', 'i4', 'i8', 'u', 'b') THEN
		EXECUTE format('SELECT count(*), count(*) FILTER (WHERE chash_shard($1, %I) <> tableoid::regclass::text) FROM p', col)
			INTO rows, differing USING r;
	END IF;
	-- and each partition as a whole for all types: all of it comes from its own shard
	SELECT bool_and(q.good) INTO report
	FROM generate_series(0, modulus - 1) i, LATERAL (
		SELECT count(*) <= 1 AND bool_and(source = 'p_' || i) IS NOT false AS good
		FROM chash_redistribution(('p_' || i)::regclass, col, r, chash_modulo('{elsewhere}'))) q;
	DROP TABLE p;
END $$;
SELECT col, modulus, c.* FROM unnest('{t,v,c,n,i2,i4,i8,u,b,num,d,ts,tz}'::text[]) col, unnest('{2,7,16}'::int[]) modulus,
	compare_with_partitions(col, modulus) c;

-- what chash_redistribution counts is what moving by hand counts
CREATE TABLE p4 (i8 bigint) PARTITION BY HASH (i8);
SELECT format('CREATE TABLE p4_%s PARTITION OF p4 FOR VALUES WITH (MODULUS 4, REMAINDER %s)', i, i) FROM generate_series(0, 3) i \gexec
CREATE TABLE p5 (i8 bigint) PARTITION BY HASH (i8);
SELECT format('CREATE TABLE p5_%s PARTITION OF p5 FOR VALUES WITH (MODULUS 5, REMAINDER %s)', i, i) FROM generate_series(0, 4) i \gexec
INSERT INTO p4 SELECT i8 FROM source WHERE i8 IS NOT NULL;
INSERT INTO p5 SELECT i8 FROM source WHERE i8 IS NOT NULL;
SELECT count(*) AS pairs, count(*) FILTER (WHERE a.n IS DISTINCT FROM b.rows) AS differing
FROM (SELECT right(p4.tableoid::regclass::text, 1) AS source, right(p5.tableoid::regclass::text, 1) AS target, count(*) AS n
	FROM p4 JOIN p5 USING (i8) GROUP BY 1, 2) a
	FULL JOIN chash_redistribution('source', 'i8', chash_modulo('{0,1,2,3}', hash => 'pg'), chash_modulo('{0,1,2,3,4}', hash => 'pg'), unmoved => true) b USING (source, target)
WHERE source IS NOT NULL;
SELECT sum(rows) AS moved, (SELECT count(*) FROM p4 JOIN p5 USING (i8)
	WHERE right(p4.tableoid::regclass::text, 1) <> right(p5.tableoid::regclass::text, 1)) AS by_hand
FROM chash_redistribution('source', 'i8', chash_modulo('{0,1,2,3}', hash => 'pg'), chash_modulo('{0,1,2,3,4}', hash => 'pg'));

-- what another server answered
CREATE TABLE vectors_text (key text, h1 bigint, h2 bigint, h3 bigint, part text, rest1 text, rest2 text);
\copy vectors_text FROM 'test/vectors/postgres/text.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER)
CREATE TABLE vectors_uuid (key uuid, h1 bigint, h2 bigint, part text);
\copy vectors_uuid FROM 'test/vectors/postgres/uuid.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER)
CREATE TABLE vectors_int8 (key bigint, h1 bigint, h2 bigint, part text);
\copy vectors_int8 FROM 'test/vectors/postgres/int8.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER)
SELECT chash_modulo('{0,1,2,3,4,5,6}', hash => 'pg') AS r \gset
SELECT count(*), count(*) FILTER (WHERE chash_shard(:'r', key) = split_part(part, '_', 2)) AS same FROM vectors_text;
SELECT count(*), count(*) FILTER (WHERE chash_shard(:'r', key) = split_part(part, '_', 2)) AS same FROM vectors_uuid;
SELECT count(*), count(*) FILTER (WHERE chash_shard(:'r', key) = split_part(part, '_', 2)) AS same FROM vectors_int8;
-- the hash itself: the row's combines the column's with 0
SELECT count(*) FILTER (WHERE (chash_position(:'r', key)::numeric * 2 - (h2 + 5305509591434766563::numeric)) % 18446744073709551616 IN (0, -1, -18446744073709551616, 18446744073709551615)) = count(*) AS same
FROM vectors_int8;
-- and integers of all widths hash alike
CREATE TABLE vectors_int4 (key int, plain int, h2 bigint, plain_as_int8 int);
\copy vectors_int4 FROM 'test/vectors/postgres/int4.tsv' WITH (FORMAT csv, DELIMITER E'\t', HEADER)
SELECT count(*),
	count(*) FILTER (WHERE chash_position(:'r', key) = div((h2 + 5305509591434766563::numeric + 18446744073709551616) % 18446744073709551616, 2)) AS int4,
	count(*) FILTER (WHERE chash_shard(:'r', key) = chash_shard(:'r', key::bigint)) AS int8,
	count(*) FILTER (WHERE chash_position(chash_modulo('{0,1}', hash => 'citus'), key) = plain + 2147483648) AS plain,
	count(*) FILTER (WHERE plain = plain_as_int8) AS alike
FROM vectors_int4;
DROP TABLE source, p4, p5, vectors_text, vectors_uuid, vectors_int8, vectors_int4;
DROP FUNCTION compare_with_partitions;
