-- What chash_distribute refuses, before anything is changed; and that nothing is changed if it
-- fails later.
SET client_min_messages = warning;
CREATE SCHEMA refuse;
SET search_path = refuse, public;
CREATE ROLE refuse_owner;
CREATE ROLE refuse_other;
GRANT CREATE, USAGE ON SCHEMA refuse TO refuse_owner, refuse_other;
CREATE TABLE t (k int PRIMARY KEY, n int, v text);
INSERT INTO t SELECT i, i, 'v' || i FROM generate_series(1, 10) i;

-- arguments
SELECT chash_distribute(NULL, 'k', shards => 2);
SELECT chash_distribute('t', NULL, shards => 2);
SELECT chash_distribute('t', 'k');
SELECT chash_distribute('t', 'k', shards => 2, definition => chash_ring('{a}'));
SELECT chash_distribute('t', 'k', shards => 0);
SELECT chash_distribute('t', 'k', shards => 65536);
SELECT chash_distribute('t', 'k', shards => 1024);
SELECT chash_distribute('t', 'k', shards => 2, modulus => 2);
SELECT chash_distribute('t', 'none', shards => 2);
SELECT chash_distribute('t', 'ctid', shards => 2);
SELECT chash_distribute(0, 'k', shards => 2);
SELECT chash_distribute('t', 'k', router => 'pg_catalog.version');
SELECT chash_distribute('t', 'k', shards => 2, name => '{what}');
SELECT chash_distribute('t', 'k', shards => 2, schema => 'nowhere');

-- what is no table, or not one to be touched
CREATE VIEW a_view AS SELECT 1 AS k;
CREATE TABLE parted (k int) PARTITION BY LIST (k);
CREATE TABLE part PARTITION OF parted DEFAULT;
CREATE TEMP TABLE temporary (k int);
CREATE FOREIGN DATA WRAPPER refuse_wrapper;
CREATE SERVER refuse_server FOREIGN DATA WRAPPER refuse_wrapper;
CREATE FOREIGN TABLE foreign_table (k int) SERVER refuse_server;
SELECT chash_distribute('a_view', 'k', shards => 2);
SELECT chash_distribute('parted', 'k', shards => 2);
SELECT chash_distribute('part', 'k', shards => 2);
SELECT chash_distribute('temporary', 'k', shards => 2);
SELECT chash_distribute('foreign_table', 'k', shards => 2);
SELECT chash_distribute('t_pkey', 'k', shards => 2);
SELECT chash_distribute('pg_catalog.pg_class', 'oid', shards => 2);
CREATE TABLE of_extension (k int);
ALTER EXTENSION chash ADD TABLE of_extension;
SELECT chash_distribute('of_extension', 'k', shards => 2);
ALTER EXTENSION chash DROP TABLE of_extension;
SET ROLE refuse_other;
SELECT chash_distribute('t', 'k', shards => 2);
RESET ROLE;

-- keys that cannot be routed
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE odd (e mood, f float, j jsonb, i int);
SELECT chash_distribute('odd', 'e', shards => 2);
SELECT chash_distribute('odd', 'f', shards => 2);
SELECT chash_distribute('odd', 'j', shards => 2);
SELECT chash_create_router('by_text', chash_ring('{a,b}'), 'text');
SELECT chash_create_router('by_int', chash_modulo('{a,b}', hash => 'none'), 'int');
SELECT chash_distribute('t', 'k', router => 'by_text');
SELECT chash_distribute('t', 'v', router => 'by_int');
SET ROLE refuse_other;
CREATE TABLE theirs (k int);
RESET ROLE;
REVOKE EXECUTE ON FUNCTION by_int(int) FROM PUBLIC;
SET ROLE refuse_other;
SELECT chash_distribute('theirs', 'k', router => 'by_int');
RESET ROLE;
-- a router of that name
SELECT chash_create_router('t_ring', chash_ring('{a,b}'), 'int');
SELECT chash_distribute('t', 'k', shards => 2);
SELECT chash_drop_router('t_ring');

-- in use
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM t;
FETCH c;
SELECT chash_distribute('t', 'k', shards => 2);
ROLLBACK;
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
BEGIN;
CREATE CONSTRAINT TRIGGER later AFTER UPDATE ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION nothing();
UPDATE t SET n = 0 WHERE k = 1;
SELECT chash_distribute('t', 'k', shards => 2);
ROLLBACK;

BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT chash_distribute('t', 'k', shards => 2);
ROLLBACK;

-- everything that is in the way is said at once
CREATE TYPE row_like_t AS (k int);
CREATE TABLE bad (
	k int CHECK (k > 0) NO INHERIT, u int UNIQUE, r int4range,
	c text COLLATE "C",
	CONSTRAINT bad_pkey PRIMARY KEY (u),
	CONSTRAINT bad_whole CHECK (bad.* IS DISTINCT FROM NULL));
INSERT INTO bad SELECT CASE WHEN i < 8 THEN i END, i FROM generate_series(1, 10) i;
CREATE UNIQUE INDEX bad_index ON bad (u, lower(c));
CREATE UNIQUE INDEX bad_expression ON bad ((k + 1));
CREATE UNIQUE INDEX bad_included ON bad (u) INCLUDE (k);
CREATE INDEX bad_row_index ON bad ((bad IS NULL));
CREATE VIEW bad_view AS SELECT u FROM bad;
CREATE MATERIALIZED VIEW bad_matview AS SELECT u FROM bad;
CREATE FUNCTION bad_function(bad) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE bad_column (b bad, bs bad[]);
CREATE TABLE bad_child (u int REFERENCES bad);
CREATE TABLE bad_rule (x int);
CREATE RULE bad_rule AS ON INSERT TO bad_rule DO ALSO DELETE FROM bad;
CREATE POLICY bad_policy ON bad_rule USING (x IN (SELECT u FROM bad));
CREATE TRIGGER bad_trigger AFTER INSERT ON bad REFERENCING NEW TABLE AS fresh FOR EACH ROW EXECUTE FUNCTION nothing();
SELECT chash_distribute('bad', 'k', shards => 2);

-- the other reasons, one by one
CREATE TABLE generated (a int, k int GENERATED ALWAYS AS (a + 1) STORED);
SELECT chash_distribute('generated', 'k', shards => 2);
CREATE TABLE typed OF row_like_t;
SELECT chash_distribute('typed', 'k', shards => 2);
CREATE TABLE heir () INHERITS (t);
SELECT chash_distribute('heir', 'k', shards => 2);
DROP TABLE heir;
CREATE TABLE ancestor (k int);
CREATE TABLE heir () INHERITS (ancestor);
SELECT chash_distribute('ancestor', 'k', shards => 2);
CREATE TABLE collated (v text);
CREATE UNIQUE INDEX collated_index ON collated (v COLLATE "C");
SELECT chash_distribute('collated', 'v', shards => 2);
CREATE UNLOGGED TABLE quick (k int PRIMARY KEY, other int REFERENCES quick);
CREATE UNLOGGED TABLE quicker (k int REFERENCES quick);
SELECT chash_distribute('quicker', 'k', shards => 2);
CREATE TABLE switched_off (k int PRIMARY KEY REFERENCES t);
ALTER TABLE switched_off DISABLE TRIGGER ALL;
SELECT chash_distribute('switched_off', 'k', shards => 2);
SELECT chash_distribute('t', 'k', shards => 2);
DROP TABLE switched_off;
CREATE TABLE when_row (k int, v int);
CREATE TRIGGER when_row AFTER UPDATE ON when_row FOR EACH ROW WHEN (old.* IS DISTINCT FROM new.*) EXECUTE FUNCTION nothing();
SELECT chash_distribute('when_row', 'k', shards => 2);
CREATE TABLE numbers (k int, id int GENERATED ALWAYS AS IDENTITY);
CREATE TABLE uses_numbers (id int DEFAULT nextval('numbers_id_seq'));
SELECT chash_distribute('numbers', 'k', shards => 2);
CREATE TABLE invalid (k int);
INSERT INTO invalid VALUES (1), (1);
CREATE UNIQUE INDEX CONCURRENTLY invalid_index ON invalid (k);
SELECT chash_distribute('invalid', 'k', shards => 2);
CREATE TABLE fired_from (k int);
CREATE CONSTRAINT TRIGGER from_t AFTER INSERT ON fired_from FROM t FOR EACH ROW EXECUTE FUNCTION nothing();
SELECT chash_distribute('t', 'k', shards => 2);
DROP TABLE fired_from;
-- tables and publications of others
SET client_min_messages = error; -- wal_level
CREATE PUBLICATION refuse_pub FOR TABLE theirs;
SET client_min_messages = warning;
SET ROLE refuse_other;
ALTER TABLE theirs ADD PRIMARY KEY (k);
GRANT REFERENCES ON theirs TO refuse_owner;
SET ROLE refuse_owner;
CREATE TABLE refers (k int REFERENCES theirs);
RESET ROLE;
GRANT EXECUTE ON FUNCTION by_int(int) TO PUBLIC;
SET ROLE refuse_other;
SELECT chash_distribute('theirs', 'k', router => 'by_int');
RESET ROLE;

-- a subscription, which has it without a publisher only in a test
SET client_min_messages = error;
CREATE SUBSCRIPTION refuse_sub CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE);
SET client_min_messages = warning;
SET allow_system_table_mods = on;
INSERT INTO pg_subscription_rel (srsubid, srrelid, srsubstate) SELECT oid, 't'::regclass, 'r' FROM pg_subscription WHERE subname = 'refuse_sub';
SELECT chash_distribute('t', 'k', shards => 2);
DELETE FROM pg_subscription_rel WHERE srrelid = 't'::regclass;
RESET allow_system_table_mods;
DROP SUBSCRIPTION refuse_sub;

-- what versions of PostgreSQL differ in
CREATE FUNCTION reason(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text;
BEGIN
	EXECUTE command;
	RAISE EXCEPTION 'undo it';
EXCEPTION
	WHEN raise_exception THEN
		RETURN 'not refused';
	WHEN feature_not_supported THEN
		GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
		RETURN detail;
END $$;
CREATE TABLE excluded (k int, r int4range, EXCLUDE USING gist (r WITH &&));
SELECT reason($$SELECT chash_distribute('excluded', 'k', shards => 2)$$) LIKE '- exclusion constraint excluded_r_excl%' AS refused;
CREATE TABLE later (k int, v int);
ALTER TABLE later ADD CONSTRAINT later_key FOREIGN KEY (v) REFERENCES t NOT VALID;
SELECT reason($$SELECT chash_distribute('later', 'k', shards => 2)$$) =
	CASE WHEN current_setting('server_version_num')::int < 180000
		THEN '- foreign key later_key is NOT VALID, which PostgreSQL has on partitioned tables from version 18 on: validate it, or drop it.'
		ELSE 'not refused' END AS as_it_should;
DO $$ BEGIN
	IF current_setting('server_version_num')::int >= 180000 THEN
		CREATE TABLE not_null (k int, v int);
		INSERT INTO not_null VALUES (1);
		EXECUTE 'ALTER TABLE not_null ADD CONSTRAINT v_is_there NOT NULL v NOT VALID';
		IF reason('SELECT chash_distribute(''not_null'', ''k'', shards => 2)') NOT LIKE '- constraint v_is_there is a NOT NULL that is NOT VALID%' THEN
			RAISE EXCEPTION 'NOT NULL NOT VALID was not refused';
		END IF;
	END IF;
	IF current_setting('server_version_num')::int >= 150000 THEN
		SET LOCAL client_min_messages = error;
		EXECUTE 'CREATE PUBLICATION refuse_filtered FOR TABLE t WHERE (k > 3)';
		IF reason('SELECT chash_distribute(''t'', ''k'', shards => 2)') NOT LIKE '- publication refuse_filtered has a row filter%' THEN
			RAISE EXCEPTION 'a row filter was not refused';
		END IF;
		DROP PUBLICATION refuse_filtered;
	END IF;
END $$;
-- a collation under which texts that differ are equal
DO $$ BEGIN
	CREATE COLLATION refuse.loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
	CREATE TABLE refuse.loose_keys (v text COLLATE refuse.loose);
	PERFORM chash_distribute('refuse.loose_keys', 'v', shards => 2);
EXCEPTION WHEN feature_not_supported THEN
	RAISE WARNING 'refused';
END $$;

-- nothing was changed by any of them
SELECT relname, relkind FROM pg_class WHERE relnamespace = 'refuse'::regnamespace AND relname ~ '(_ring|_\d+|chash)' ORDER BY 1;
SELECT router FROM chash_routers ORDER BY router::text COLLATE "C";

-- failures on the way leave everything as it was
CREATE TABLE falls (k int, v int NOT NULL);
CREATE INDEX falls_index ON falls (v);
CREATE TABLE refers_to_falls (k int);
INSERT INTO falls SELECT i, i FROM generate_series(1, 3000) i;
ALTER TABLE falls ADD CONSTRAINT falls_key PRIMARY KEY (k);
ALTER TABLE refers_to_falls ADD CONSTRAINT of_falls FOREIGN KEY (k) REFERENCES falls;
CREATE FUNCTION state_of_falls() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(s, E'\n' ORDER BY s COLLATE "C") FROM (
		SELECT format('%s %s %s', oid, relname, relkind) FROM pg_class WHERE relname ~ 'falls'
		UNION ALL SELECT format('%s %s', oid, conname) FROM pg_constraint WHERE conname ~ 'falls'
		UNION ALL SELECT format('%s %s', oid, proname) FROM pg_proc WHERE proname ~ '^falls_ring'
		UNION ALL SELECT format('%s %s', count(*), sum(hashtext(f::text)::bigint)) FROM falls f) x (s) $$;
CREATE TABLE before_falls AS SELECT state_of_falls() AS s;
-- a key in the middle that the router cannot place
UPDATE falls SET k = -1 WHERE k = 1500;
UPDATE before_falls SET s = state_of_falls();
SELECT chash_distribute('falls', 'k', definition => chash_modulo('{f1,f2}', hash => 'none'));
SELECT s = state_of_falls() AS as_before FROM before_falls;
-- a row that an index cannot take any more, after the old table is gone
CREATE FUNCTION broken(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN $1; END $$;
CREATE INDEX falls_broken ON falls (broken(v));
CREATE OR REPLACE FUNCTION broken(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN 1 / ($1 - 2000); END $$;
UPDATE before_falls SET s = state_of_falls();
SELECT chash_distribute('falls', 'k', shards => 3);
SELECT s = state_of_falls() AS as_before FROM before_falls;
DROP INDEX falls_broken;
-- in the last step
CREATE FUNCTION no_publications() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no more'; END $$;
SET client_min_messages = error;
CREATE PUBLICATION refuse_falls FOR TABLE falls;
SET client_min_messages = warning;
CREATE EVENT TRIGGER refuse_event ON ddl_command_end WHEN TAG IN ('ALTER PUBLICATION') EXECUTE FUNCTION no_publications();
UPDATE before_falls SET s = state_of_falls();
SELECT chash_distribute('falls', 'k', shards => 3);
SELECT s = state_of_falls() AS as_before FROM before_falls;
DROP EVENT TRIGGER refuse_event;
DROP PUBLICATION refuse_falls;
SHOW search_path;
-- and then it works
SELECT chash_distribute('falls', 'k', shards => 3);

DROP PUBLICATION refuse_pub;
DROP SERVER refuse_server CASCADE;
DROP FOREIGN DATA WRAPPER refuse_wrapper;
RESET search_path;
DROP SCHEMA refuse CASCADE;
DROP ROLE refuse_owner, refuse_other;
