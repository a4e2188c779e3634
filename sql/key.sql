-- Keys: equal keys have equal positions, whatever their type's width or spelling.

\set ring 'chash_ring(\'{a,b,c}\')'

-- integers of every width, and their digits
SELECT chash_position(:ring, 42::smallint) = p AND chash_position(:ring, 42) = p AND chash_position(:ring, 42::bigint) = p
	AND chash_position(:ring, '42') = p AND chash_position(:ring, '\x3432'::bytea) = p AS same
FROM chash_position(:ring, 42::bigint) p;
SELECT chash_position(:ring, (-9223372036854775808)::bigint) = chash_position(:ring, '-9223372036854775808') AS smallest,
	chash_position(:ring, 0) = chash_position(:ring, '0') AS zero,
	chash_position(:ring, -0) = chash_position(:ring, 0) AS minus_zero;

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

-- types that only the reports take: one fixed form each
CREATE TABLE forms (kind text, n numeric, d date, t timestamp, tz timestamptz);
INSERT INTO forms VALUES
	('plain', 42, '2024-02-29', '2024-02-29 12:34:56', '2024-02-29 12:34:56+00'),
	('zeros', 42.000, '0001-01-01 BC', '2024-02-29 12:34:56.500000', '2024-02-29 14:34:56.5+02'),
	('limits', 'NaN', 'infinity', '-infinity', 'infinity'),
	('small', -0.0000000000000000000001, '-infinity', '4714-11-24 00:00:00 BC', '-infinity');
SELECT (chash_redistribution('forms', 'n', chash_modulo('{x}'), chash_modulo('{y}'))).rows AS numeric,
	(chash_redistribution('forms', 'd', chash_modulo('{x}'), chash_modulo('{y}'))).rows AS date,
	(chash_redistribution('forms', 't', chash_modulo('{x}'), chash_modulo('{y}'))).rows AS timestamp,
	(chash_redistribution('forms', 'tz', chash_modulo('{x}'), chash_modulo('{y}'))).rows AS timestamptz;

-- numeric 42 and 42.000 go where the integer 42 goes
CREATE TABLE numbers (n numeric);
INSERT INTO numbers VALUES (42), (42.0), (4.2e1);
SELECT source = chash_shard(:ring, 42) AS same, rows
FROM chash_redistribution('numbers', 'n', :ring, chash_modulo('{z}'));
TRUNCATE numbers;
INSERT INTO numbers VALUES (0), (-0.00), (0e-20);
SELECT source = chash_shard(:ring, 0) AS same, rows
FROM chash_redistribution('numbers', 'n', :ring, chash_modulo('{z}'));

-- each form as text is routed like the value
CREATE TABLE spelled (v text, d date, t timestamp, tz timestamptz, n numeric);
INSERT INTO spelled(v, d) VALUES ('2024-02-29', '2024-02-29'), ('0001-01-01 BC', '0001-01-01 BC'), ('infinity', 'infinity'), ('-infinity', '-infinity'), ('12024-01-01', '12024-01-01');
INSERT INTO spelled(v, t) VALUES ('2024-02-29 12:34:56', '2024-02-29 12:34:56'), ('2024-02-29 12:34:56.5', '2024-02-29 12:34:56.500'), ('2024-02-29 00:00:00', '2024-02-29'), ('infinity', 'infinity');
INSERT INTO spelled(v, tz) VALUES ('2024-02-29 12:34:56+00', '2024-02-29 14:34:56+02'), ('2024-02-29 12:34:56.000001+00', '2024-02-29 12:34:56.000001+00');
INSERT INTO spelled(v, n) VALUES ('0.1', 0.100), ('NaN', 'NaN'), ('100000000000000000000', 1e20), ('-1.5', -1.50);
CREATE FUNCTION same_shard(col name, OUT rows bigint, OUT differing bigint) LANGUAGE plpgsql AS $$
DECLARE
	ring chash_router := chash_ring((SELECT array_agg('s' || i) FROM generate_series(1, 500) i));
	row record;
	target text;
BEGIN
	rows := 0;
	differing := 0;
	FOR row IN EXECUTE format('SELECT v, ctid FROM spelled WHERE %I IS NOT NULL', col) LOOP
		EXECUTE format('CREATE TEMP VIEW one AS SELECT %I FROM spelled WHERE ctid = %L', col, row.ctid);
		SELECT r.source INTO target FROM chash_redistribution('one', col, ring, chash_modulo('{z}')) r;
		DROP VIEW one;
		rows := rows + 1;
		differing := differing + (target <> chash_shard(ring, row.v))::int;
	END LOOP;
END $$;
SELECT col, s.* FROM unnest('{d,t,tz,n}'::name[]) col, same_shard(col) s;

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
DROP TABLE forms, numbers, spelled, refused;
DROP FUNCTION same_shard;
DROP TYPE mood;
DROP DOMAIN dish_of_the_day, dish, number;
