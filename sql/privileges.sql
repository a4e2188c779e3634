-- No superuser is needed, and nobody sees what he may not.

CREATE ROLE chash_test_user;
CREATE SCHEMA privileges;
GRANT USAGE ON SCHEMA privileges TO chash_test_user;
CREATE TABLE privileges.open (id int, secret text);
CREATE TABLE privileges.closed (id int);
CREATE TABLE privileges.guarded (id int);
INSERT INTO privileges.open SELECT i, 's' || i FROM generate_series(1, 100) i;
INSERT INTO privileges.guarded SELECT generate_series(1, 100);
GRANT SELECT (id) ON privileges.open TO chash_test_user;
GRANT SELECT ON privileges.guarded TO chash_test_user;
ALTER TABLE privileges.guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY half ON privileges.guarded USING (id % 2 = 0);

SET ROLE chash_test_user;
SELECT chash_shard(chash_ring('{a,b,c}'), 'Tacos') IS NOT NULL AS routes;
SELECT count(*) FROM chash_routing_table(chash_ring('{a,b}', vnodes => 3));
SELECT sum(rows) AS rows FROM chash_redistribution('privileges.open', 'id', chash_modulo('{x}'), chash_modulo('{y}'));
SELECT count(*) FROM chash_compare('privileges.open', 'id');
-- columns and tables that are not granted
SELECT * FROM chash_redistribution('privileges.open', 'secret', chash_modulo('{x}'), chash_modulo('{y}'));
SELECT * FROM chash_redistribution('privileges.open', 'id', chash_modulo('{x}'), chash_modulo('{y}'), exact_bytes => true);
SELECT * FROM chash_redistribution('privileges.closed', 'id', chash_modulo('{x}'), chash_modulo('{y}'));
SELECT * FROM chash_compare('privileges.closed', 'id');
-- rows that a policy hides would make the report wrong: it says so
SELECT count(*) FROM privileges.guarded;
SELECT * FROM chash_redistribution('privileges.guarded', 'id', chash_modulo('{x}'), chash_modulo('{y}'));
SELECT * FROM chash_compare('privileges.guarded', 'id');
SELECT count(*) FROM privileges.guarded;
RESET ROLE;
SELECT sum(rows) AS rows FROM chash_redistribution('privileges.guarded', 'id', chash_modulo('{x}'), chash_modulo('{y}'));

SET client_min_messages = warning;
DROP SCHEMA privileges CASCADE;
RESET client_min_messages;
DROP ROLE chash_test_user;
