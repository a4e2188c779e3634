-- Routers by name: LANGUAGE chash.

SELECT chash_create_router('recipes_ring', chash_ring('{recipes_0,recipes_1,recipes_2}'), 'int');
SELECT recipes_ring(1), recipes_ring_ordinal(1), recipes_ring(NULL);
-- the same answer as by value, for the id and for the name
SELECT count(*) AS keys,
	count(*) FILTER (WHERE recipes_ring(i) = chash_shard(chash_get_router('recipes_ring'), i)) AS names,
	count(*) FILTER (WHERE 'recipes_' || recipes_ring_ordinal(i) - 1 = recipes_ring(i)) AS ids
FROM generate_series(-500, 500) i;
-- PostgreSQL adds 0x49a0f4dd15e5a8e3 to what the support function says
SELECT count(*) AS keys,
	count(*) FILTER (WHERE recipes_ring_hash(i, 0) + 5305509591434766563 = recipes_ring_ordinal(i)) AS int4,
	count(*) FILTER (WHERE recipes_ring_hash(i::bigint, 0) = recipes_ring_hash(i, 0)) AS int8,
	count(*) FILTER (WHERE recipes_ring_hash(i::smallint, 0) = recipes_ring_hash(i, 0)) AS int2
FROM generate_series(-500, 500) i;
SELECT router, key_type, strategy, hash, shards, operator_class, tables FROM chash_routers;
SELECT proname, pg_get_function_arguments(oid), prosrc, provolatile, proisstrict, proparallel
FROM pg_proc WHERE proname LIKE 'recipes\_ring%' ORDER BY proname, pg_get_function_arguments(oid) COLLATE "C";

-- every type of key, and domains; ids need not be 1 to n
CREATE DOMAIN isbn AS varchar(20);
CREATE FUNCTION agree(type text, key text, via chash_router DEFAULT chash_ring('{a,b,c,d,e}'))
	RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	name text;
	by_value text;
	id int;
BEGIN
	PERFORM chash_create_router('agreed', via, type::regtype);
	EXECUTE format('SELECT agreed(k), agreed_ordinal(k), chash_shard($1, chash_key_text(k)) FROM (SELECT %L::%s) t(k)', key, type)
		INTO name, id, by_value USING via;
	PERFORM chash_drop_router('agreed');
	RETURN CASE WHEN name = by_value AND id = ascii(name) - 96 THEN 'agree' ELSE name || id || by_value END;
END $$;
SELECT type, agree(type, key) FROM (VALUES
	('smallint', '-7'), ('int', '42'), ('bigint', '9223372036854775807'), ('numeric', '42.10'),
	('text', 'Tacos'), ('varchar', 'Tacos'), ('char(10)', 'Tacos'), ('name', 'Tacos'), ('isbn', '3-16'),
	('uuid', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'), ('date', '1953-09-02'),
	('timestamp', '1953-09-02 10:11:12.5'), ('timestamptz', '1953-09-02 10:11:12.5+03')) v(type, key);
SELECT chash_create_router('no_type', chash_ring('{a,b}'), 0);
SELECT agree('date', '1953-09-02', chash_range('{a,b}', '{1960-01-01}', 'date'));
SELECT agree('int', '7', chash_rendezvous('{a,b,c}')), agree('int', '7', chash_slots('{a,b,c}')),
	agree('text', 'x', chash_pin(chash_jump('{a,b,c}'), 'x', 'c'));
SELECT chash_create_router('bytes', chash_ring('{a,b,c}'), 'bytea');
SELECT bytes('\x00ff'), bytes('\x00ff') = chash_shard(chash_get_router('bytes'), '\x00ff'::bytea) AS agree;
SELECT chash_drop_router('bytes');
-- hashes of typed values give integers of every width the same shard
SELECT chash_create_router('pg', chash_modulo('{a,b,c,d,e}', hash => 'pg'), 'int'),
	chash_create_router('citus', chash_modulo('{a,b,c,d,e}', hash => 'citus'), 'bigint'),
	chash_create_router('mongodb', chash_modulo('{a,b,c,d,e}', hash => 'mongodb'), 'smallint');
SELECT bool_and(pg_hash(i, 0::bigint) = pg_hash(i::bigint, 0) AND pg_hash(i, 0::bigint) = pg_hash(i::smallint, 0)) AS pg,
	bool_and(citus_hash(i, 0) = citus_hash(i::bigint, 0) AND citus_hash(i, 0) = citus_hash(i::smallint, 0)) AS citus,
	bool_and(mongodb_hash(i, 0) = mongodb_hash(i::bigint, 0) AND mongodb_hash(i, 0) = mongodb_hash(i::smallint, 0)) AS mongodb
FROM generate_series(-1000, 1000) i;
SELECT chash_drop_router('pg'), chash_drop_router('citus'), chash_drop_router('mongodb');

-- replacing: everybody sees it at once
SELECT chash_replace_router('recipes_ring', chash_ring('{x}'));
SELECT recipes_ring(1), recipes_ring_ordinal(1);
CREATE OR REPLACE FUNCTION recipes_ring(int) RETURNS text LANGUAGE chash STABLE STRICT PARALLEL SAFE
	AS '{"strategy":"ring","shards":["y"]}';
SELECT recipes_ring(1), recipes_ring_ordinal(1);
PREPARE q AS SELECT recipes_ring(g), count(*) FROM generate_series(1, 10) g GROUP BY 1 ORDER BY 1;
EXECUTE q;
BEGIN;
SELECT chash_replace_router('recipes_ring', chash_modulo('{m0,m1}', hash => 'none'));
EXECUTE q;
SAVEPOINT s;
SELECT chash_replace_router('recipes_ring', chash_ring('{z}'));
EXECUTE q;
ROLLBACK TO s;
EXECUTE q;
ROLLBACK;
EXECUTE q;
DEALLOCATE q;
-- nothing is made anew for a call
SELECT prepared AS before FROM chash_cache() \gset
SELECT count(recipes_ring(g)) FROM generate_series(1, 1000) g;
DO $$ BEGIN FOR i IN 1..100 LOOP PERFORM recipes_ring(i); END LOOP; END $$;
SELECT prepared - :before AS made FROM chash_cache();

-- a name of its own in its schema, and helpers that follow it
ALTER FUNCTION recipes_ring(int) RENAME TO "Rezepte""ring";
SELECT "Rezepte""ring"(1), recipes_ring_ordinal(1);
SELECT router FROM chash_routers;
CREATE FUNCTION "Rezepte""ring"(text) RETURNS text LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION other(text) RETURNS text LANGUAGE sql AS 'SELECT $1';
ALTER FUNCTION other(text) RENAME TO "Rezepte""ring";
SELECT chash_create_router('other', chash_ring('{a}'), 'int');
DROP FUNCTION other(text);
ALTER FUNCTION "Rezepte""ring"(int) RENAME TO recipes_ring;
SELECT chash_drop_router('recipes_ring');
SELECT count(*) FROM pg_proc p JOIN pg_language l ON l.oid = prolang AND lanname = 'chash';
SELECT count(*) FROM pg_opfamily WHERE opfname LIKE 'recipes%';

-- hostile names
CREATE SCHEMA "a""b; DROP";
SELECT chash_create_router('"a""b; DROP"."x''; DROP--"', chash_ring('{"it''s","a\"b"}'), 'text');
SELECT "a""b; DROP"."x'; DROP--"('k'), "a""b; DROP"."x'; DROP--_ordinal"('k');
SELECT router, tables FROM chash_routers;
SELECT chash_drop_router('"a""b; DROP"."x''; DROP--"');
DROP SCHEMA "a""b; DROP";
SELECT chash_create_router(repeat('n', 55), chash_ring('{a}'), 'int')::text = repeat('n', 55) || '(integer)' AS longest;
SELECT chash_drop_router(repeat('n', 55)::regproc);
SELECT chash_create_router(repeat('n', 56), chash_ring('{a}'), 'int');

-- what is refused
SELECT chash_create_router('r', chash_ring('{a}'), 'float8');
SELECT chash_create_router('r', chash_ring('{a}'), 'jsonb');
CREATE TYPE mood AS ENUM ('sad', 'ok');
SELECT chash_create_router('r', chash_ring('{a}'), 'mood');
SELECT chash_create_router('no_schema.r', chash_ring('{a}'), 'int');
CREATE FUNCTION r(int) RETURNS text LANGUAGE chash STABLE AS '{"strategy":"ring"}';
CREATE FUNCTION r(int) RETURNS text LANGUAGE chash STABLE AS '{"strategy":"rung","shards":["a"]}';
CREATE FUNCTION r(int) RETURNS text LANGUAGE chash IMMUTABLE AS '{"strategy":"ring","shards":["a"]}';
CREATE FUNCTION r(int) RETURNS SETOF text LANGUAGE chash STABLE AS '{"strategy":"ring","shards":["a"]}';
CREATE FUNCTION r(int, int) RETURNS text LANGUAGE chash STABLE AS '{"strategy":"ring","shards":["a"]}';
CREATE FUNCTION r() RETURNS trigger LANGUAGE chash AS '{"strategy":"ring","shards":["a"]}';
CREATE FUNCTION r(VARIADIC int[]) RETURNS text LANGUAGE chash STABLE AS '{"strategy":"ring","shards":["a"]}';
CREATE FUNCTION r(anyelement) RETURNS text LANGUAGE chash STABLE AS '{"strategy":"ring","shards":["a"]}';
CREATE PROCEDURE r(int) LANGUAGE chash AS '{"strategy":"ring","shards":["a"]}';
CREATE FUNCTION r_ordinal(int) RETURNS int LANGUAGE chash STABLE AS 'r';
CREATE FUNCTION r(int) RETURNS text LANGUAGE chash AS '{"strategy":"ring","shards":["a"]}';
CREATE FUNCTION r_ordinal(text) RETURNS int LANGUAGE chash STABLE AS 'r';
CREATE FUNCTION r_hash(int, int) RETURNS bigint LANGUAGE chash STABLE AS 'r';
-- half-way through a change: slices are counted, and a shard keeps its id
CREATE FUNCTION changing(int) RETURNS text LANGUAGE chash STABLE AS '{"before":{"strategy":"ring","shards":["a"]},"after":{"strategy":"ring","shards":["a","b"]},"passed":-1}';
CREATE FUNCTION changing(int) RETURNS text LANGUAGE chash STABLE AS '{"before":{"strategy":"ring","shards":["a"]},"after":{"strategy":"ring","shards":["a","b"]},"passed":9223372036854775807}';
CREATE FUNCTION changing(int) RETURNS text LANGUAGE chash STABLE AS '{"before":{"strategy":"ring","shards":["a"]},"after":{"strategy":"ring","shards":["b","a"]},"passed":0}';
CREATE FUNCTION changing(int) RETURNS text LANGUAGE chash STABLE AS '{"before":{"strategy":"ring","shards":["a"]},"after":{"strategy":"ring","shards":[{"name":"a","id":2}]},"passed":0}';
SELECT r(1), r(NULL);
DO LANGUAGE chash '{}';
SELECT chash_get_router('lower'::regproc);
SELECT chash_get_router('int4pl');
SELECT chash_get_router(0::regproc);
SELECT chash_replace_router('int4pl', chash_ring('{a}'));
SELECT chash_drop_router('int4pl');
SELECT chash_create_router('r', chash_ring('{a}'), 'int');
DROP FUNCTION r(int);
DROP TYPE mood;

-- a restore may bring a body that this version does not know: it is said when it is called
SET check_function_bodies = off;
CREATE FUNCTION later(int) RETURNS text LANGUAGE chash STABLE AS '{"strategy":"of tomorrow","shards":["a"]}';
CREATE FUNCTION later_ordinal(int) RETURNS int LANGUAGE chash STABLE AS 'missing';
RESET check_function_bodies;
SELECT later(1);
SELECT later_ordinal(1);
-- and keeps nobody from seeing the others
SELECT router, key_type, strategy, hash, shards, changing FROM chash_routers;
DROP FUNCTION later(int), later_ordinal(int);

SELECT * FROM chash_describe_router(1::oid::regproc);
SELECT * FROM chash_get_change(1::oid::regproc);

-- anybody can call the validator
CREATE FUNCTION known(int) RETURNS text LANGUAGE chash STABLE AS '{"strategy":"ring","shards":["a"]}';
CREATE FUNCTION known_ordinal(int) RETURNS int LANGUAGE chash STABLE AS 'known';
SELECT chash_validator('known_ordinal'::regproc);
SELECT count(*) FROM pg_depend WHERE refobjid = 'known'::regproc;
DROP FUNCTION known(int), known_ordinal(int);

-- ordinary users make routers of their own
CREATE ROLE chash_test_user;
CREATE SCHEMA theirs AUTHORIZATION chash_test_user;
CREATE FUNCTION mine(int) RETURNS text LANGUAGE chash STABLE AS '{"strategy":"ring","shards":["a"]}';
SET ROLE chash_test_user;
SELECT chash_create_router('theirs.ring', chash_ring('{a,b}'), 'text');
SELECT theirs.ring('x');
SELECT router, owner, operator_class FROM chash_routers WHERE owner = current_user;
SELECT chash_create_operator_class('theirs.ring');
SELECT chash_replace_router('mine', chash_ring('{b}'));
SELECT chash_drop_router('mine');
SELECT mine(1);
RESET ROLE;
-- what everybody runs who plans a query belongs to the extension's owner
SELECT chash_create_operator_class('theirs.ring');
BEGIN;
UPDATE pg_extension SET extowner = 'chash_test_user'::regrole WHERE extname = 'chash';
SELECT chash_create_operator_class('theirs.ring');
ROLLBACK;
SELECT proname, proowner = (SELECT extowner FROM pg_extension WHERE extname = 'chash') AS is_extension_owner
FROM pg_proc WHERE pronamespace = 'theirs'::regnamespace ORDER BY 1;
SET ROLE chash_test_user;
CREATE OR REPLACE FUNCTION theirs.ring_hash(text, bigint) RETURNS bigint LANGUAGE sql AS 'SELECT 1/0::bigint';
SELECT chash_replace_router('theirs.ring', chash_ring('{c}'));
SELECT theirs.ring('x');
SELECT chash_drop_router('theirs.ring');
RESET ROLE;
-- one who makes the function first waits in vain for others to run it
SET ROLE chash_test_user;
SET client_min_messages = warning;
SELECT chash_create_router('theirs.ring', chash_ring('{a,b}'), 'text');
RESET client_min_messages;
CREATE FUNCTION theirs.ring_hash(text, bigint) RETURNS bigint LANGUAGE sql AS 'SELECT 1/0::bigint';
RESET ROLE;
SELECT chash_create_operator_class('theirs.ring');
DROP FUNCTION theirs.ring_hash(text, bigint);
SET ROLE chash_test_user;
CREATE FUNCTION theirs.ring_hash(text, bigint) RETURNS bigint LANGUAGE chash STABLE
	SECURITY DEFINER SET work_mem = '64kB' AS 'ring';
RESET ROLE;
SELECT chash_create_operator_class('theirs.ring');
SELECT proowner = (SELECT extowner FROM pg_extension WHERE extname = 'chash') AS is_extension_owner, prosecdef, proconfig
FROM pg_proc WHERE pronamespace = 'theirs'::regnamespace AND proname = 'ring_hash';
SELECT chash_drop_router('theirs.ring');
SELECT count(*) FROM pg_proc WHERE pronamespace = 'theirs'::regnamespace;
DROP FUNCTION mine(int);
DROP SCHEMA theirs;
DROP ROLE chash_test_user;
DROP FUNCTION agree(text, text, chash_router);
DROP DOMAIN isbn;

-- names that a query has been given stay when the router goes that they are from
CREATE COLLATION first_order FROM "C";
SELECT chash_create_router('lending', chash_range('{"low before","high before"}', '{m}', 'text', 'public.first_order'), 'text');
CREATE FUNCTION change_router() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM chash_replace_router('lending',
		chash_range('{"low after","high after"}', '{m}', 'text', 'public.first_order'));
	-- bounds in the order of a collation are put in order again
	CREATE COLLATION second_order FROM "C";
	RETURN lending('Tacos');
END $$;
SELECT concat(lending('Tacos'), ', ', change_router());
SELECT lending('Tacos');
SELECT chash_drop_router('lending');
DROP FUNCTION change_router();
DROP COLLATION first_order, second_order;

-- the short way of routers of text and bigint keys is not taken while a router is changed
SELECT format('CREATE OR REPLACE FUNCTION public.%s_changing(%s) RETURNS text STABLE STRICT PARALLEL SAFE LANGUAGE chash AS %L',
	name, type, jsonb_build_object('before', chash_ring('{a,b}')::jsonb, 'after', chash_ring('{a,b,c}')::jsonb,
	'passed', 2305843009213693952)) FROM (VALUES ('big', 'bigint'), ('words', 'text')) v (name, type) \gexec
SELECT array_agg(DISTINCT public.big_changing(k * 1000003::bigint) COLLATE "C") AS big,
	array_agg(DISTINCT public.words_changing(k::text) COLLATE "C") AS words FROM generate_series(1, 1000) k;
DROP FUNCTION public.big_changing(bigint), public.words_changing(text);
