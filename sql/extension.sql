-- The extension as an object: everything is annotated, commented and movable.

-- every function and aggregate has a comment
SELECT p.oid::regprocedure
FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND d.classid = 'pg_proc'::regclass
	AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'chash')
	AND obj_description(p.oid, 'pg_proc') IS NULL;

-- volatility, strictness, parallel safety: all at a glance
SELECT p.oid::regprocedure::text COLLATE "C" AS function,
	p.provolatile AS volatile, p.proisstrict AS strict, p.proparallel AS parallel, p.prokind AS kind
FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND d.classid = 'pg_proc'::regclass
	AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'chash')
ORDER BY 1;

-- no function of ours runs with other privileges than its caller's
SELECT count(*)
FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND d.classid = 'pg_proc'::regclass
	AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'chash')
	AND p.prosecdef;

-- it can move, and the reports still find their parts, whatever the search_path
CREATE SCHEMA "Hash Room";
ALTER EXTENSION chash SET SCHEMA "Hash Room";
CREATE TABLE moved (id int);
INSERT INTO moved SELECT generate_series(1, 100);
SET search_path = pg_catalog;
SELECT source, target, rows
FROM "Hash Room".chash_redistribution('public.moved', 'id',
	'{"strategy":"ring","shards":["a","b"]}', '{"strategy":"ring","shards":["a","b","c"]}');
SELECT strategy, rows FROM "Hash Room".chash_compare('public.moved', 'id');
RESET search_path;
ALTER EXTENSION chash SET SCHEMA public;
DROP SCHEMA "Hash Room";
DROP TABLE moved;

-- functions and operators of the same name elsewhere do not get in between
CREATE SCHEMA trojan;
CREATE FUNCTION trojan.chash_count_moves_add(internal, chash_router, chash_router, "any", bigint)
	RETURNS internal LANGUAGE internal AS 'int4pl';
CREATE FUNCTION trojan.percentile_disc(float8[]) RETURNS int[] LANGUAGE sql AS 'SELECT ARRAY[1/0]';
CREATE FUNCTION trojan.chash_stored_size(VARIADIC int[]) RETURNS bigint LANGUAGE sql AS 'SELECT 1/0::bigint';
CREATE FUNCTION trojan.evil(int, int) RETURNS bool LANGUAGE sql AS 'SELECT 1/0 = 1';
CREATE OPERATOR trojan.< (LEFTARG = int, RIGHTARG = int, FUNCTION = trojan.evil);
CREATE OPERATOR trojan.= (LEFTARG = int, RIGHTARG = int, FUNCTION = trojan.evil);
CREATE TABLE trojan.t AS SELECT i FROM generate_series(1, 40) i;
SET search_path = trojan, pg_catalog, public;
SELECT count(*) FROM chash_compare('t', 'i');
SELECT sum(rows) FROM chash_redistribution('t', 'i', chash_ring('{a,b}'), chash_ring('{c,d}'), exact_bytes => true);
RESET search_path;
-- an overload that suits a call better than chash's own is found out before it runs
CREATE FUNCTION evil_state(int, chash_router, chash_router, int, bigint) RETURNS int LANGUAGE sql AS 'SELECT 1/0';
CREATE AGGREGATE chash_count_moves(chash_router, chash_router, int, bigint) (SFUNC = evil_state, STYPE = int, INITCOND = '0');
SELECT count(*) FROM chash_compare('trojan.t', 'i');
SELECT count(*) FROM chash_redistribution('trojan.t', 'i', chash_ring('{a,b}'), chash_ring('{c,d}'));
DROP AGGREGATE chash_count_moves(chash_router, chash_router, int, bigint);
DROP FUNCTION evil_state;
CREATE FUNCTION chash_stored_size(int) RETURNS bigint LANGUAGE sql AS 'SELECT 1/0::bigint';
SELECT count(*) FROM chash_redistribution('trojan.t', 'i', chash_ring('{a,b}'), chash_ring('{c,d}'), exact_bytes => true);
DROP FUNCTION chash_stored_size(int);
SET client_min_messages = warning;
DROP SCHEMA trojan CASCADE;
RESET client_min_messages;

-- nor what others made in the schema of the extension before it was there
BEGIN;
SET LOCAL client_min_messages = warning;
DROP EXTENSION chash CASCADE;
CREATE FUNCTION chash_router_of(oid) RETURNS oid LANGUAGE sql AS 'SELECT 1::oid';
CREATE FUNCTION chash_describe_router(oid, OUT strategy text, OUT hash text, OUT shards int, OUT changing bool)
	LANGUAGE sql AS 'SELECT NULL, NULL, 0, false';
CREATE FUNCTION evil(regprocedure, oid) RETURNS bool LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR = (LEFTARG = regprocedure, RIGHTARG = oid, FUNCTION = evil);
CREATE FUNCTION evil(oid, regtype) RETURNS bool LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR = (LEFTARG = oid, RIGHTARG = regtype, FUNCTION = evil);
CREATE FUNCTION evil(oid, int) RETURNS bool LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR = (LEFTARG = oid, RIGHTARG = int, FUNCTION = evil);
CREATE FUNCTION evil(float8, bigint) RETURNS float8 LANGUAGE sql AS 'SELECT 1::float8';
CREATE OPERATOR * (LEFTARG = float8, RIGHTARG = bigint, FUNCTION = evil);
CREATE EXTENSION chash;
SELECT pg_describe_object(d.classid, d.objid, 0) AS caught, pg_describe_object(d.refclassid, d.refobjid, 0) AS by
FROM pg_depend d
WHERE d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass) AND d.classid = 'pg_rewrite'::regclass
	AND d.refobjid >= 16384 AND NOT EXISTS (
		SELECT FROM pg_depend e WHERE e.classid = d.refclassid AND e.objid = d.refobjid AND e.deptype = 'e');
ROLLBACK;
