-- What restore_test.sh dumps: routed tables of every kind of key, in schemas that sort before and
-- after the one of their routers, all owned by an ordinary user but what only a superuser can make.

CREATE EXTENSION chash;
CREATE SCHEMA "Aaa" AUTHORIZATION regress_chash_owner;
CREATE SCHEMA mid AUTHORIZATION regress_chash_owner;
CREATE SCHEMA zzz AUTHORIZATION regress_chash_owner;
CREATE SCHEMA "we""ird; DROP SCHEMA mid" AUTHORIZATION regress_chash_owner;

-- a table for each type of key and a router; the owner makes the routers, a superuser their classes
CREATE TEMP TABLE wanted (type text, router chash_router, schema text, key text);
INSERT INTO wanted VALUES
	('smallint', chash_ring('{a,b,c}'), 'Aaa', 'i::smallint'),
	('integer', chash_ring('{a,b,c}', weights => '{1,2,3}'), 'zzz', 'i'),
	('bigint', chash_jump('{a,b,c}'), 'Aaa', 'i * 10000000000'),
	('text', chash_rendezvous('{a,b,c}'), 'zzz', '''text '' || i'),
	('character varying', chash_slots('{a,b,c}'), 'Aaa', '''varchar '' || i'),
	('character', chash_modulo('{a,b,c}'), 'zzz', '''char '' || i'),
	('uuid', chash_maglev('{a,b,c}', slots => 251), 'Aaa', 'md5(i::text)::uuid'),
	('bytea', chash_hash_range('{a,b,c}'), 'zzz', 'decode(md5(i::text), ''hex'')'),
	('date', chash_ring('{a,b,c}', dialect => 'libketama'), 'Aaa', 'date ''2020-01-01'' + i'),
	('timestamp with time zone', chash_ring('{a,b,c}'), 'zzz', 'timestamptz ''2020-01-01 00:00:00.125Z'' + i * interval ''7 hours'''),
	('numeric', chash_multiprobe('{a,b,c}'), 'Aaa', 'i * 0.01');
GRANT SELECT ON wanted TO regress_chash_owner;

SET ROLE regress_chash_owner;
SET client_min_messages = warning;
SELECT chash_create_router(format('mid.%I', 'by ' || type), router, type::regtype) FROM wanted;
SELECT chash_create_router('mid.by_range', chash_range('{low,high}', '{500}', 'integer'), 'integer');
SELECT chash_create_router('"we""ird; DROP SCHEMA mid"."x''; DROP--"', chash_ring(ARRAY['a.b', 'c"d', 'x''; DROP--', '{}', 'ünï']), 'text');
RESET ROLE;
SELECT chash_create_operator_class(oid)
FROM pg_proc WHERE prolang = (SELECT oid FROM pg_language WHERE lanname = 'chash') AND prorettype = 'text'::regtype;
SET ROLE regress_chash_owner;

DO $$
DECLARE
	w record;
	name text;
BEGIN
	FOR w IN SELECT * FROM wanted LOOP
		name := format('%I.%I', w.schema, 'of ' || w.type);
		EXECUTE format('CREATE TABLE %s (key %s%s PRIMARY KEY, n int) PARTITION BY HASH (key mid.%I)',
			name, w.type, CASE w.type WHEN 'character' THEN '(10)' ELSE '' END, 'by ' || w.type);
		PERFORM chash_create_partitions(name::regclass, '{table}_{shard}');
		EXECUTE format('INSERT INTO %s SELECT %s, i FROM generate_series(1, 300) i', name, w.key);
	END LOOP;
END
$$;

-- foreign keys to and from routed tables, across schemas; two tables on one router
CREATE TABLE "Aaa".parent (id int PRIMARY KEY, note text) PARTITION BY HASH (id mid.by_range);
CREATE TABLE zzz.child (id bigint REFERENCES "Aaa".parent ON DELETE CASCADE, n int, PRIMARY KEY (id, n))
	PARTITION BY HASH (id mid.by_range_int8);
CREATE TABLE mid.plain (id int REFERENCES "Aaa".parent, weird text, at timestamptz);
SELECT chash_create_partitions('"Aaa".parent');
SELECT chash_create_partitions('zzz.child', modulus => 16, schema => 'mid', options => '{"fillfactor": 70}');
INSERT INTO "Aaa".parent SELECT i, 'note ' || i FROM generate_series(1, 1000) i;
INSERT INTO zzz.child SELECT i, n FROM generate_series(1, 1000, 3) i, generate_series(1, 2) n;
INSERT INTO mid.plain SELECT i FROM generate_series(1, 1000, 7) i;

-- names that have to be quoted
CREATE TABLE "we""ird; DROP SCHEMA mid"."a""b; DROP--" ("k""e'y" text PRIMARY KEY, "v v" text)
	PARTITION BY HASH ("k""e'y" "we""ird; DROP SCHEMA mid"."x'; DROP--");
SELECT chash_create_partitions('"we""ird; DROP SCHEMA mid"."a""b; DROP--"');
INSERT INTO "we""ird; DROP SCHEMA mid"."a""b; DROP--" SELECT E'k\\\t\n' || i, NULLIF(i % 3, 0) FROM generate_series(1, 300) i;

-- what calls a router, and is made or filled while a dump is restored
CREATE VIEW "Aaa".shard_of AS SELECT id, mid.by_range(id) AS shard, mid.by_range_ordinal(id) FROM "Aaa".parent;
CREATE MATERIALIZED VIEW "Aaa".per_shard AS SELECT mid.by_range(id) AS shard, count(*) FROM "Aaa".parent GROUP BY 1;
CREATE FUNCTION "Aaa".shard(id int) RETURNS text STABLE LANGUAGE sql AS 'SELECT mid.by_range(id)';
CREATE TABLE zzz.routed_by_check (id int CHECK (mid.by_range(id) = 'low'));
INSERT INTO zzz.routed_by_check VALUES (1), (499);

-- what belongs to functions and tables
CREATE INDEX ON "Aaa".parent (note);
COMMENT ON FUNCTION mid.by_range(int) IS 'small ones low, others high';
REVOKE EXECUTE ON FUNCTION mid.by_range_ordinal(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mid.by_range_ordinal(int) TO regress_chash_other;
GRANT SELECT ON "Aaa".parent TO regress_chash_other;
RESET ROLE;
-- a router whose body PostgreSQL has to quote twice, and that nothing uses
SELECT chash_create_router('mid."no $$ table $_$"', chash_ring('{$$,$_$,"''","\\"}'), 'int');
