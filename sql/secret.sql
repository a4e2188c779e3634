-- The hash siphash24: keys are hashed with a secret that only the server has.
SET client_min_messages = warning;
CREATE ROLE chash_test_user;
CREATE SCHEMA secrets;
GRANT USAGE, CREATE ON SCHEMA secrets TO chash_test_user;
SET search_path = secrets, public;

-- A session reads changed settings between two statements: wait until this one has.
\set reload 'SELECT set_config(''secrets.loaded'', pg_conf_load_time()::text, false); SELECT pg_reload_conf();'
\set wait 'SELECT $q$SELECT pg_sleep(0.1) WHERE pg_conf_load_time()::text = current_setting(''secrets.loaded'')$q$ FROM generate_series(1, 600)'
-- The file in the directory of the data.
\set write 'TO PROGRAM ''umask 077; cat > chash_test_secrets'''

SELECT '{"strategy":"ring","hash":"siphash24","secret":"tenants","check":"20a63f663fa41274","shards":["a","b","c"]}' AS r \gset

-- ---- without secrets ----
SHOW chash.secrets_file;
-- a router can be read, stored, compared and looked at
CREATE TABLE stored AS SELECT :'r'::chash_router AS r;
SELECT r, r = :'r' AS equal, r::jsonb ->> 'secret' AS secret, r::jsonb ->> 'check' AS check FROM stored;
SELECT count(*), round(sum(share)::numeric, 6) AS share FROM stored, chash_balance(r);
SELECT chash_add(r, 'd', 2) FROM stored;
-- but nothing is routed, if it is not pinned
SELECT chash_shard(:'r', 'Tacos');
SELECT chash_shard(r, 42) FROM stored;
SELECT chash_position(r, 'Tacos') FROM stored;
SELECT chash_shards(r, 'Tacos', 2) FROM stored;
SELECT chash_shard(chash_pin(:'r', 'Tacos', 'b'), 'Tacos');
SELECT chash_with_secret(chash_ring('{a,b,c}'), 'tenants');

-- ---- with secrets ----
COPY (VALUES ('# the first is the key of the paper on SipHash'),
	('tenants = 000102030405060708090a0b0c0d0e0f'), (''), ('second=F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF # not yet in use')) :write;
ALTER SYSTEM SET chash.secrets_file = 'chash_test_secrets';
\set ECHO none
\o /dev/null
:reload :wait \gexec
\o
\set ECHO all
SHOW chash.secrets_file;
SELECT chash_with_secret(chash_ring('{a,b,c}'), 'tenants');
SELECT chash_with_secret(chash_ring('{a,b,c}'), 'tenants') = :'r' AS equal, chash_shard(:'r', 'Tacos');
-- the paper's example: the bytes 00 to 0e hash to a129ca6149be45e5
SELECT chash_position(:'r', '\x000102030405060708090a0b0c0d0e'::bytea) = ('x' || 'a129ca6149be45e5')::bit(64)::bigint >> 1 & 9223372036854775807 AS paper;
-- which is Guava's secret, too
SELECT count(*) FROM generate_series(1, 1000) i
WHERE chash_position(:'r', 'key ' || i) = chash_position(chash_ring('{a}', hash => 'guava_siphash24'), 'key ' || i);
-- every strategy that hashes, with the same digest; the forms of a key agree as ever
SELECT r::jsonb ->> 'strategy' AS strategy, s::jsonb ->> 'check' AS check,
	chash_position(s, 42) = chash_position(:'r', 42) AS position,
	(SELECT count(DISTINCT chash_shard(s, i)) FROM generate_series(1, 100) i) AS shards,
	(SELECT bool_and(chash_shard(s, i) = chash_shard(s, i::text)) FROM generate_series(1, 100) i) AS agree
FROM (VALUES (chash_modulo('{a,b,c}')), (chash_hash_range('{a,b,c}')), (chash_ring('{a,b,c}')), (chash_jump('{a,b,c}')),
	(chash_jumpback('{a,b,c}')), (chash_rendezvous('{a,b,c}')), (chash_maglev('{a,b,c}')), (chash_slots('{a,b,c}')),
	(chash_multiprobe('{a,b,c}')), (chash_bounded('{a,b,c}'))) v(r), chash_with_secret(r, 'tenants') s;
-- whole digests stay whole, other widths stay
SELECT chash_with_secret(chash_ring('{a,b}', hash => 'sha256'), 'tenants')::jsonb -> 'bits' AS whole,
	chash_with_secret(chash_ring('{a,b}', hash => 'sha256', bits => 20), 'tenants')::jsonb -> 'bits' AS top,
	chash_with_secret(chash_ring('{a,b}', hash => 'crc32'), 'tenants')::jsonb -> 'bits' AS wider,
	chash_position(chash_with_secret(chash_ring('{a,b}', bits => 20), 'tenants'), 42) = chash_position(:'r', 42) >> 43 AS agree;
SELECT chash_with_secret(chash_ring('{a,b}', hash => 'sha256', bits => 100), 'tenants');
-- through binary format and back
SELECT chash_shard(r, 'Tacos') = chash_shard(r::text::chash_router, 'Tacos') AS agree FROM stored;
-- what has changed of it keeps the secret
SELECT chash_pin(chash_reweight(chash_remove(chash_add(r, 'd'), 'a'), 'b', 2), 'Tacos', 'd') FROM stored;
SELECT source, target, round(share::numeric, 3) AS share, exact FROM stored, chash_moves(r, chash_add(r, 'd'));
-- under another secret a key can be anywhere else
SELECT count(*), bool_or(exact) AS exact, round(sum(share)::numeric, 2) AS share
FROM stored, chash_moves(r, chash_with_secret(r, 'second'));
SELECT chash_with_secret(chash_with_secret(r, 'second'), 'tenants') = r AS back FROM stored;

-- and without it the router is what it was
SELECT (r::jsonb - 'hash' - 'secret' - 'check')::chash_router = chash_ring('{a,b,c}') AS without FROM stored;

-- ---- what is refused ----
SELECT chash_ring('{a,b,c}', hash => 'siphash24');
SELECT '{"strategy":"ring","hash":"siphash24","secret":"tenants","shards":["a"]}'::chash_router;
SELECT '{"strategy":"ring","secret":"tenants","check":"20a63f663fa41274","shards":["a"]}'::chash_router;
SELECT '{"strategy":"ring","hash":"siphash24","secret":"tenants","check":"20A63F663FA41274","shards":["a"]}'::chash_router;
SELECT '{"strategy":"ring","hash":"siphash24","secret":"ten ants","check":"20a63f663fa41274","shards":["a"]}'::chash_router;
SELECT '{"strategy":"range","secret":"tenants","bounds":[],"shards":["a"]}'::chash_router;
SELECT chash_with_secret(chash_range('{a}', '{}'), 'tenants');
SELECT chash_with_secret(chash_ring('{a}'), 'tenant s');
SELECT chash_with_secret(chash_ring('{a}'), 'Tenants');
SELECT chash_with_secret(chash_ring('{a}', dialect => 'libketama'), 'tenants');
SELECT chash_with_secret(NULL, 'tenants') IS NULL AND chash_with_secret(chash_ring('{a}'), NULL) IS NULL AS strict;
-- its check value depends on the server, so that no index can rely on it
CREATE TABLE t (k text);
CREATE INDEX ON t (chash_shard(chash_with_secret(chash_ring('{a,b}'), 'tenants'), k));
CREATE INDEX ON t (chash_shard('{"strategy":"ring","hash":"siphash24","secret":"tenants","check":"20a63f663fa41274","shards":["a","b"]}'::chash_router, k COLLATE "C"));
DROP TABLE t;

-- ---- nobody sees the secret ----
SELECT name, setting FROM pg_settings WHERE setting ~* '0001020304|f0f1f2f3';
SELECT name, setting FROM pg_file_settings WHERE setting ~* '0001020304|f0f1f2f3';
SELECT count(*) FROM stored WHERE r::text ~* '0001020304' OR chash_router_send(r)::text ~* '0001020304';
EXPLAIN (VERBOSE, COSTS OFF) SELECT chash_shard(:'r'::chash_router, k) FROM (VALUES (1), (2)) v(k);
SET ROLE chash_test_user;
\set VERBOSITY sqlstate
SHOW chash.secrets_file;
\set VERBOSITY default
SELECT count(*) FROM pg_settings WHERE name = 'chash.secrets_file';
SET chash.secrets_file = '/dev/null';
-- others may route with it
SELECT chash_shard(:'r', 'Tacos'), chash_with_secret(chash_ring('{a,b,c}'), 'tenants') = :'r' AS equal;
RESET ROLE;
SET chash.secrets_file = '/dev/null';
ALTER ROLE chash_test_user SET chash.secrets_file = '/dev/null';

-- ---- keys mined for one shard ----
-- Two thousand keys that a ring without a secret sends to one of its shards.
SELECT chash_ring('{a,b,c,d,e,f,g,h}') AS plain \gset
CREATE TABLE mined AS SELECT k FROM (SELECT 'key:' || i AS k FROM generate_series(1, 40000) i) all_keys
	WHERE chash_shard(:'plain', k) = 'a' ORDER BY k COLLATE "C" LIMIT 2000;
SELECT count(*), count(DISTINCT chash_shard(:'plain', k)) AS shards FROM mined;
-- Under a secret they are as keys at random: chi-square of 7 degrees of freedom, above 24.3 once in a thousand times.
CREATE FUNCTION chi_square(router chash_router) RETURNS numeric LANGUAGE sql AS $$
	SELECT round(sum((coalesce(rows, 0) - 2000 * share) ^ 2 / (2000 * share))::numeric, 1)
	FROM chash_balance(router) LEFT JOIN (SELECT chash_shard(router, k) AS shard, count(*) AS rows FROM mined GROUP BY 1) c USING (shard)
$$;
SELECT secret, chi_square(chash_with_secret(:'plain', secret)) < 24.3 AS at_random,
	(SELECT count(DISTINCT chash_shard(chash_with_secret(:'plain', secret), k)) FROM mined) AS shards
FROM (VALUES ('tenants'), ('second')) v(secret);
-- and so they are under one secret if they were mined under another one
TRUNCATE mined;
INSERT INTO mined SELECT k FROM (SELECT 'key:' || i AS k FROM generate_series(1, 40000) i) all_keys
	WHERE chash_shard(chash_with_secret(:'plain', 'tenants'), k) = 'a' ORDER BY k COLLATE "C" LIMIT 2000;
SELECT chi_square(:'plain') < 24.3 AS without, chi_square(chash_with_secret(:'plain', 'second')) < 24.3 AS second,
	chi_square(chash_with_secret(:'plain', 'tenants')) > 10000 AS first;

-- ---- parallel queries ----
CREATE TABLE many AS SELECT i FROM generate_series(1, 20000) i;
ANALYZE many;
SET max_parallel_workers_per_gather = 0;
SELECT sum(hashtext(chash_shard(:'r', i))::bigint) AS serial FROM many \gset
RESET max_parallel_workers_per_gather;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT sum(hashtext(chash_shard(:'r', i))::bigint) FROM many;
SELECT sum(hashtext(chash_shard(:'r', i))::bigint) = :serial AS equal FROM many;
-- and reports, which ask two routers for each row
SELECT (SELECT sum(rows) FROM chash_redistribution('many', 'i', :'r', chash_add(:'r', 'd'))) =
	count(*) FILTER (WHERE chash_shard(:'r', i) <> chash_shard(chash_add(:'r', 'd'), i)) AS equal,
	(SELECT sum(rows) FROM chash_redistribution('many', 'i', :'plain', :'r')) =
	count(*) FILTER (WHERE chash_shard(:'plain', i) <> chash_shard(:'r', i)) AS from_another
FROM many;
-- also if the library is loaded for it only now
\c -
SET search_path = secrets, public;
SET client_min_messages = warning;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
SELECT sum(hashtext(chash_shard(:'r', i))::bigint) = :serial AS equal FROM many;

-- ---- in a session that has not loaded the library a user can set anything, but not for chash ----
\c -
SET ROLE chash_test_user;
SET client_min_messages = error;
SET chash.secrets_file = '/etc/passwd';
SELECT chash_shard(:'r', 'Tacos') IS NOT NULL AS routes;
RESET ROLE;
SHOW chash.secrets_file;
\c -
SET search_path = secrets, public;
SET client_min_messages = warning;

-- ---- a table ----
SELECT chash_create_router('by_tenant', chash_ring('{a,b,c}'), 'text');
CREATE TABLE orders (tenant text PRIMARY KEY, n int) PARTITION BY HASH (tenant by_tenant);
SELECT chash_create_partitions('orders', '{table}_{shard}');
INSERT INTO orders SELECT 'tenant ' || i, i FROM generate_series(1, 1000) i;
-- to the secret, and to another one
CREATE FUNCTION facts(OUT rows bigint, OUT sum bigint, OUT found bigint, OUT problems bigint) LANGUAGE sql AS $$
	SELECT count(*), sum(n), (SELECT count(*) FROM generate_series(1, 1000) i, LATERAL (SELECT FROM orders WHERE tenant = 'tenant ' || i) f),
		(SELECT count(*) FROM chash_check('orders'))
	FROM orders
$$;
CALL chash_reshard('by_tenant', chash_with_secret(chash_get_router('by_tenant'), 'tenants'));
SELECT chash_get_router('by_tenant') = :'r' AS equal, facts.* FROM facts();
CALL chash_reshard('by_tenant', chash_with_secret(chash_get_router('by_tenant'), 'second'));
SELECT chash_get_router('by_tenant')::jsonb ->> 'secret' AS secret, facts.* FROM facts();
CALL chash_add_shard('by_tenant', 'd');
SELECT chash_get_router('by_tenant')::jsonb ->> 'secret' AS secret, facts.* FROM facts();
SELECT count(*) FROM (SELECT pg_get_functiondef(oid) AS def FROM pg_proc WHERE proname LIKE 'by\_tenant%') f WHERE def ~* 'f0f1f2f3';
ANALYZE orders;
EXPLAIN (VERBOSE, COSTS OFF) SELECT n FROM orders WHERE tenant = 'tenant 1';

-- ---- the secret changes or goes while routers are prepared and queries run ----
BEGIN;
DECLARE c CURSOR FOR SELECT i, chash_shard((SELECT r FROM stored), i) IS NOT NULL AS routed FROM generate_series(1, 10) i;
DECLARE k CURSOR FOR SELECT i, chash_shard(:'r', i) IS NOT NULL AS routed FROM generate_series(1, 10) i;
FETCH 2 FROM c;
FETCH 2 FROM k;
COPY (VALUES ('tenants=100102030405060708090a0b0c0d0e0f'), ('second=f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff')) :write;
-- not yet read again
FETCH 1 FROM c;
\set ECHO none
\o /dev/null
:reload :wait \gexec
\o
\set ECHO all
SAVEPOINT s;
FETCH 1 FROM c;
ROLLBACK TO s;
FETCH 1 FROM k;
ROLLBACK;
SELECT chash_shard(:'r', 'Tacos');
SELECT chash_shard(r, 42) FROM stored;
-- a router that has another secret goes on
SELECT * FROM facts();

-- a table whose secret is gone: nothing is read, written or checked
COPY (VALUES ('tenants=000102030405060708090a0b0c0d0e0f')) :write;
\set ECHO none
\o /dev/null
:reload :wait \gexec
\o
\set ECHO all
SELECT chash_shard(:'r', 'Tacos');
INSERT INTO orders VALUES ('new', 1);
INSERT INTO orders_a VALUES ('new', 1);
COPY orders FROM PROGRAM 'echo new,1' CSV;
UPDATE orders SET tenant = 'new' WHERE n = 1;
SELECT n FROM orders WHERE tenant = 'tenant 1';
SELECT * FROM chash_check('orders');
SELECT by_tenant('tenant 1');
CALL chash_add_shard('by_tenant', 'e');
-- the router can be looked at, rows by other columns, too; and all is still there
SELECT strategy, hash, shards, changing FROM chash_routers WHERE router = 'by_tenant'::regproc;
SELECT chash_get_router('by_tenant')::jsonb ->> 'secret' AS secret;
SELECT tenant FROM orders WHERE n = 1;
UPDATE orders SET n = -n WHERE n < 3;
BEGIN;
DELETE FROM orders WHERE n > 3;
SELECT count(*) FROM orders;
ROLLBACK;
COPY (VALUES ('second=f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff')) :write;
\set ECHO none
\o /dev/null
:reload :wait \gexec
\o
\set ECHO all
SELECT * FROM facts();

-- ---- files that cannot be used; their contents are not said ----
COPY (VALUES ('second=f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff'), ('tenants=000102030405060708090a0b0c0d0e0g')) :write;
SELECT chash_shard(:'r', 'Tacos');
COPY (VALUES ('tenants=000102030405060708090a0b0c0d0e0f'), ('tenants=000102030405060708090a0b0c0d0e0f')) :write;
SELECT chash_shard(:'r', 'Tacos');
COPY (SELECT '# ' || repeat('x', 100) FROM generate_series(1, 1000)) :write;
SELECT chash_shard(:'r', 'Tacos');
COPY (VALUES ('tenants=000102030405060708090a0b0c0d0e0f')) TO PROGRAM 'cat > chash_test_secrets; chmod 640 chash_test_secrets';
SELECT chash_shard(:'r', 'Tacos');
COPY (SELECT) TO PROGRAM 'rm chash_test_secrets; mkdir chash_test_secrets';
SELECT chash_shard(:'r', 'Tacos');
-- a pipe that nobody writes to, but for who ends this if it waits for a minute
COPY (SELECT) TO PROGRAM 'rmdir chash_test_secrets; mkfifo -m 600 chash_test_secrets; (sleep 60; [ -p chash_test_secrets ] && timeout 1 sh -c ": >> chash_test_secrets") >/dev/null 2>&1 &';
SELECT clock_timestamp() AS begun \gset
SELECT chash_shard(:'r', 'Tacos');
SELECT clock_timestamp() - :'begun' < '50s' AS at_once;
COPY (SELECT) TO PROGRAM 'rm chash_test_secrets';
SELECT chash_shard(:'r', 'Tacos');
-- no reload is needed where there was no secret
COPY (VALUES ('tenants=000102030405060708090a0b0c0d0e0f'), ('second=f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff')) :write;
SELECT chash_shard(:'r', 'Tacos');

DROP TABLE orders;
SELECT chash_drop_router('by_tenant');
DROP SCHEMA secrets CASCADE;
DROP ROLE chash_test_user;
ALTER SYSTEM RESET chash.secrets_file;
COPY (SELECT) TO PROGRAM 'rm chash_test_secrets';
\set ECHO none
\o /dev/null
:reload :wait \gexec
\o
\set ECHO all
SHOW chash.secrets_file;
