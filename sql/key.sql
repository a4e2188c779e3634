-- Keys: equal keys have equal positions, whatever their type's width or spelling.

\set ring 'chash_ring(\'{a,b,c}\')'

-- integers of every width, and their digits
SELECT chash_position(:ring, 42::smallint) = p AND chash_position(:ring, 42) = p AND chash_position(:ring, 42::bigint) = p
	AND chash_position(:ring, '42') = p AND chash_position(:ring, '\x3432'::bytea) = p AS same
FROM chash_position(:ring, 42::bigint) p;
SELECT chash_position(:ring, (-9223372036854775808)::bigint) = chash_position(:ring, '-9223372036854775808') AS smallest,
	chash_position(:ring, 0) = chash_position(:ring, '0') AS zero,
	chash_position(:ring, -0) = chash_position(:ring, 0) AS minus_zero;
SELECT count(*), count(*) FILTER (WHERE chash_key_text(n) <> n::text) AS differ FROM (
	SELECT (sign * (10::numeric ^ e + d))::bigint AS n
	FROM generate_series(0, 18) e, generate_series(-1, 1) d, unnest(ARRAY[-1, 1]) sign
	UNION ALL SELECT hashint8extended(i, 0) >> (i % 64) FROM generate_series(1, 20000) i
	UNION ALL SELECT n FROM generate_series(-20000, 20000) n) numbers;

-- text of every kind; char(n) without its padding
CREATE DOMAIN dish AS varchar(30) CHECK (VALUE <> '');
CREATE DOMAIN dish_of_the_day AS dish;
CREATE DOMAIN number AS int;
SELECT count(DISTINCT p) AS positions, count(*) FROM (VALUES
	(chash_position(:ring, 'Tacos')), (chash_position(:ring, 'Tacos'::text)), (chash_position(:ring, 'Tacos'::varchar(9))),
	(chash_position(:ring, 'Tacos'::char(20))), (chash_position(:ring, 'Tacos'::name)), (chash_position(:ring, 'Tacos'::dish)),
	(chash_position(:ring, 'Tacos'::dish_of_the_day)), (chash_position(:ring, convert_to('Tacos', 'UTF8')))) v(p);
SELECT chash_position(:ring, 7::number) = chash_position(:ring, 7) AS domain_of_int;
SELECT chash_position(:ring, 'Tacos ') <> chash_position(:ring, 'Tacos') AS trailing_space_of_text_counts;

-- uuid in canonical lower case
SELECT count(DISTINCT p) FROM (VALUES
	(chash_position(:ring, 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid)),
	(chash_position(:ring, '{a0eebc999c0b4ef8bb6d6bb9bd380a11}'::uuid)),
	(chash_position(:ring, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'))) v(p);

-- ways of calling: literals, parameters, expressions
PREPARE untyped AS SELECT chash_shard(chash_ring('{a,b,c}'), $1);
EXECUTE untyped('42');
PREPARE typed(int) AS SELECT chash_shard(chash_ring('{a,b,c}'), $1);
EXECUTE typed(42);
SELECT chash_shard(chash_ring('{a,b,c}'), 6 * 7), chash_shard(chash_ring('{a,b,c}'), '4' || '2');
DEALLOCATE ALL;

-- NULL gives NULL
SELECT chash_shard(:ring, NULL::text) IS NULL, chash_shard(:ring, NULL::bigint) IS NULL, chash_shard(NULL, 'x') IS NULL,
	chash_position(:ring, NULL::uuid) IS NULL, chash_position(NULL, 1) IS NULL;

-- empty and long keys
SELECT chash_position(:ring, '') = chash_position(:ring, ''::bytea) AS empty,
	chash_position(:ring, repeat('x', 100000)) = chash_position(:ring, convert_to(repeat('x', 100000), 'UTF8')) AS long;

-- keys that are compressed or in the TOAST table
CREATE TABLE long_keys (kind text, k text, b bytea);
INSERT INTO long_keys SELECT 'compressed', repeat('x', 5000 + i), convert_to(repeat('y', 5000 + i), 'UTF8') FROM generate_series(1, 5) i;
ALTER TABLE long_keys ALTER k SET STORAGE EXTERNAL, ALTER b SET STORAGE EXTERNAL;
INSERT INTO long_keys SELECT 'external', repeat('x', 5000 + i), convert_to(repeat('y', 5000 + i), 'UTF8') FROM generate_series(1, 5) i;
SELECT kind, min(pg_column_size(k)) < 1000 AS compressed, count(DISTINCT chash_position(:ring, k)) AS positions,
	bool_and(chash_position(:ring, k) = chash_position(:ring, repeat('x', length(k)))) AS text,
	bool_and(chash_position(:ring, b) = chash_position(:ring, repeat('y', length(b)))) AS bytea,
	bool_and(chash_shard(:ring, k) = chash_shard(:ring, repeat('x', length(k)))) AS shard
FROM long_keys GROUP BY kind ORDER BY kind;
DROP TABLE long_keys;

-- a prefix and a suffix around them
SELECT n AS length, chash_position(chash_slots('{a,b}', slots => 65536, dialect => 'swift', prefix => '/p', suffix => 's/'), repeat('k', n)) =
	chash_position(chash_slots('{a,b}', slots => 65536, dialect => 'swift'), '/p' || repeat('k', n) || 's/') AS same
FROM unnest('{0,1,100,1000,1019,1020,1021,1024,100000}'::int[]) n;

-- the fixed form of other types, for chash_shard, whatever the settings
SET TimeZone = 'Asia/Kolkata';
SET DateStyle = 'German';
SELECT chash_key_text(n) AS numeric FROM unnest('{42,42.000,-0.00,1e30,0.0000000001,NaN,-1.50}'::numeric[]) n;
SELECT chash_key_text(d) AS date FROM unnest(ARRAY['2024-02-29', '0001-01-01 BC', '12024-01-01', 'infinity', '-infinity']::date[]) d;
SELECT chash_key_text(t) AS timestamp FROM unnest(ARRAY['2024-02-29 12:34:56.500', '2024-02-29', '4714-11-24 00:00:00 BC', '-infinity']::timestamp[]) t;
SELECT chash_key_text(t) AS timestamptz FROM unnest(ARRAY['2024-02-29 14:34:56.5+02', '2024-02-29 00:00:00.000001+00', 'infinity']::timestamptz[]) t;
SELECT chash_key_text(42) AS int, chash_key_text('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid) AS uuid, chash_key_text('x '::char(5)) || '.' AS char,
	chash_key_text(NULL::date) IS NULL AS null;
SELECT chash_key_text('\x00'::bytea);
SELECT chash_key_text(1.5::float8);
SELECT chash_key_text('Tacos');
RESET TimeZone;
RESET DateStyle;

-- numeric 42 and 42.000 go where the integer 42 goes
CREATE TABLE numbers (n numeric);
INSERT INTO numbers VALUES (42), (42.0), (4.2e1);
SELECT source = chash_shard(:ring, 42) AS same, rows
FROM chash_redistribution('numbers', 'n', :ring, chash_modulo('{z}'));
TRUNCATE numbers;
INSERT INTO numbers VALUES (0), (-0.00), (0e-20);
SELECT source = chash_shard(:ring, 0) AS same, rows
FROM chash_redistribution('numbers', 'n', :ring, chash_modulo('{z}'));

-- the reports route a value like its text
CREATE TABLE spelled (n numeric, d date, t timestamp, tz timestamptz);
INSERT INTO spelled SELECT i / 8.0, DATE '2000-01-01' + i, TIMESTAMP '2000-01-01 12:00:00.25' + i * INTERVAL '1 hour', TIMESTAMPTZ '2000-01-01 12:00:00.25+00' + i * INTERVAL '1 hour'
FROM generate_series(-500, 500) i;
INSERT INTO spelled VALUES ('NaN', 'infinity', 'infinity', 'infinity'), (-0.000, '-infinity', '-infinity', '-infinity'), (1e40, '4000-01-01 BC', '4000-01-01 BC', '4000-01-01 BC+00');
SELECT col, sum(rows) AS rows, count(*) FILTER (WHERE rows <> by_hand) AS differing
FROM unnest('{n,d,t,tz}'::name[]) col, chash_redistribution('spelled', col, :ring, chash_modulo('{z}')) r,
	LATERAL (SELECT count(*) AS by_hand FROM spelled WHERE r.source = chash_shard(:ring,
		CASE col WHEN 'n' THEN chash_key_text(n) WHEN 'd' THEN chash_key_text(d) WHEN 't' THEN chash_key_text(t) ELSE chash_key_text(tz) END)) h
GROUP BY col ORDER BY col;
SELECT count(*) FILTER (WHERE chash_shard(chash_range('{a,b}', '{2000-06-01}', 'date'), chash_key_text(d)) = 'a') AS in_range,
	count(*) FILTER (WHERE d < '2000-06-01') AS by_hand FROM spelled;

-- refused
SELECT chash_shard(:ring, 1.5);
SELECT chash_shard(:ring, current_date);
SELECT chash_shard(:ring, '{}'::jsonb);
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE refused (f float8, j jsonb, m mood, b boolean, i interval, a int[], r int4range);
SELECT chash_redistribution('refused', 'f', :ring, :ring);
SELECT chash_redistribution('refused', 'j', :ring, :ring);
SELECT chash_redistribution('refused', 'm', :ring, :ring);
SELECT chash_redistribution('refused', 'b', :ring, :ring);
SELECT chash_redistribution('refused', 'a', :ring, :ring);
SELECT chash_compare('refused', 'i');
SELECT chash_compare('refused', 'r');
DROP TABLE numbers, spelled, refused;
DROP TYPE mood;
DROP DOMAIN dish_of_the_day, dish, number;
