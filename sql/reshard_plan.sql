-- chash_reshard_plan: what a change of a router will move, lock and need, to the row.
SET client_min_messages = warning;
CREATE SCHEMA plan;
SET search_path = plan, public;

-- ---- the plan is kept ----
CREATE TABLE planned (tab regclass, source text, target text, rows bigint);
CREATE TABLE was (tab regclass, id int, shard text);
-- Where each row is, by the names of partitions.
CREATE FUNCTION places(router regproc) RETURNS SETOF was LANGUAGE plpgsql AS $$
DECLARE
	tab regclass;
BEGIN
	FOR tab IN SELECT unnest(r.tables) FROM chash_routers r WHERE r.router::oid = places.router::oid LOOP
		RETURN QUERY EXECUTE format('SELECT %L::regclass, id, substr(c.relname, length(%L) + 2)'
			' FROM %s t JOIN pg_class c ON c.oid = t.tableoid', tab, tab, tab);
	END LOOP;
END
$$;
CREATE FUNCTION remember(router regproc) RETURNS void LANGUAGE sql AS
	$$ TRUNCATE was; INSERT INTO was SELECT * FROM places(router) $$;
-- What has moved since then, and how many rows of the plan are not among it, or missing in it.
CREATE FUNCTION kept(router regproc, OUT moved numeric, OUT rows bigint, OUT wrong bigint) LANGUAGE plpgsql AS $$
BEGIN
	CREATE TEMP TABLE moved ON COMMIT DROP AS SELECT w.tab, w.shard AS source, p.shard AS target, count(*) AS rows
		FROM was w JOIN places(router) p USING (tab, id) WHERE w.shard <> p.shard GROUP BY 1, 2, 3;
	SELECT sum(m.rows), count(*) INTO moved, rows FROM moved m;
	SELECT count(*) INTO wrong FROM ((TABLE planned EXCEPT ALL TABLE moved) UNION ALL
		(TABLE moved EXCEPT ALL TABLE planned)) d;
	TRUNCATE planned;
END
$$;

SELECT chash_create_router('r_int', chash_ring('{a,b,c}'), 'int'), chash_create_router('r_big', chash_jump('{a,b}'), 'bigint'),
	chash_create_router('r_text', chash_rendezvous('{a,b,c}'), 'text'), chash_create_router('r_uuid', chash_slots('{a,b,c}'), 'uuid'),
	chash_create_router('r_date', chash_range('{a,b}', '{2000-06-01}', 'date'), 'date');
CREATE TABLE t (k int, id int, pad text, PRIMARY KEY (k, id)) PARTITION BY HASH (k r_int);
CREATE TABLE other (id int, k int) PARTITION BY HASH (k r_int);
CREATE TABLE none (id int, k int) PARTITION BY HASH (k r_int);
CREATE TABLE big (id int, k bigint) PARTITION BY HASH (k r_big);
CREATE TABLE texts (id int, k text) PARTITION BY HASH (k r_text);
CREATE TABLE uuids (id int, k uuid) PARTITION BY HASH (k r_uuid);
CREATE TABLE dates (id int, k date) PARTITION BY HASH (k r_date);
SELECT count(*) FROM (SELECT chash_create_partitions(t, '{table}_{shard}') FROM unnest('{t,other,none,big,texts,uuids,dates}'::regclass[]) t) made;
INSERT INTO t SELECT i / 3, i, repeat('x', 50) FROM generate_series(1, 3000) i;
INSERT INTO other SELECT i, i % 50 FROM generate_series(1, 1000) i;
INSERT INTO big SELECT i, i * 10000000000 FROM generate_series(1, 700) i;
INSERT INTO texts SELECT i, 'key ' || i FROM generate_series(1, 700) i;
INSERT INTO uuids SELECT i, md5(i::text)::uuid FROM generate_series(1, 700) i;
INSERT INTO dates SELECT i, date '2000-01-01' + i FROM generate_series(1, 300) i;
DELETE FROM t WHERE id % 7 = 0;

-- the partitions of shards that will be added, by the names that places() knows
SELECT format('CREATE TABLE %1$s_%2$s PARTITION OF %1$s FOR VALUES WITH (MODULUS 1024, REMAINDER %3$s)', t, s, n)
FROM (VALUES ('t', 'd', 4), ('other', 'd', 4), ('none', 'd', 4), ('big', 'c', 3), ('texts', 'd', 4), ('uuids', 'd', 4), ('dates', 'c', 3)) v(t, s, n)
\gexec

-- adding, reweighting, removing; another strategy and hash; a bound
INSERT INTO planned SELECT relation, source, target, rows FROM chash_reshard_plan('r_int', add => 'd', weight => 1.5) WHERE item = 'move';
SELECT remember('r_int');
CALL chash_add_shard('r_int', 'd', 1.5);
SELECT * FROM kept('r_int');
INSERT INTO planned SELECT relation, source, target, rows FROM chash_reshard_plan('r_int', reweight => 'a', weight => 3) WHERE item = 'move';
SELECT remember('r_int');
CALL chash_reweight_shard('r_int', 'a', 3);
SELECT * FROM kept('r_int');
INSERT INTO planned SELECT relation, source, target, rows FROM chash_reshard_plan('r_int', target => chash_maglev('{d,b,a}', hash => 'xxh64')) WHERE item = 'move';
SELECT remember('r_int');
CALL chash_reshard('r_int', chash_maglev('{d,b,a}', hash => 'xxh64'));
SELECT * FROM kept('r_int');
INSERT INTO planned SELECT relation, source, target, rows FROM chash_reshard_plan('r_int', remove => 'd') WHERE item = 'move';
SELECT remember('r_int');
CALL chash_remove_shard('r_int', 'd');
SELECT * FROM kept('r_int');
INSERT INTO planned SELECT relation, source, target, rows FROM chash_reshard_plan('r_big', add => 'c') WHERE item = 'move';
SELECT remember('r_big');
CALL chash_add_shard('r_big', 'c');
SELECT * FROM kept('r_big');
INSERT INTO planned SELECT relation, source, target, rows FROM chash_reshard_plan('r_text', add => 'd', zone => 'z') WHERE item = 'move';
SELECT remember('r_text');
CALL chash_add_shard('r_text', 'd', zone => 'z');
SELECT * FROM kept('r_text');
INSERT INTO planned SELECT relation, source, target, rows FROM chash_reshard_plan('r_uuid', add => 'd') WHERE item = 'move';
SELECT remember('r_uuid');
CALL chash_add_shard('r_uuid', 'd');
SELECT * FROM kept('r_uuid');
INSERT INTO planned SELECT relation, source, target, rows FROM chash_reshard_plan('r_date', add => 'c', bound => '2000-03-01') WHERE item = 'move';
SELECT remember('r_date');
CALL chash_add_shard('r_date', 'c', bound => '2000-03-01');
SELECT * FROM kept('r_date');

-- under way: what is left, whether the goal is named or not
CREATE FUNCTION begin_change(router text, type text, after chash_router, passed bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE OR REPLACE FUNCTION %s(%s) RETURNS text STABLE STRICT PARALLEL SAFE LANGUAGE chash AS %L', router, type,
		jsonb_build_object('before', chash_get_router(router::regproc)::jsonb, 'after', after::jsonb, 'passed', passed));
END
$$;
SELECT begin_change('r_text', 'text', chash_reweight(chash_get_router('r_text'), 'd', 3), 0);
CREATE TABLE whole AS SELECT * FROM chash_reshard_plan('r_text') WHERE item = 'move';
SELECT sum(rows) > 100 AS many FROM whole;
-- the step with the last key fails, those before it have been made
CREATE FUNCTION stop_at(k text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF k = current_setting('plan.stop', true) THEN RAISE 'stopped'; END IF;
	RETURN k;
END
$$;
CREATE INDEX ON texts (stop_at(k));
SELECT set_config('plan.stop', k, false) IS NOT NULL AS set FROM texts, chash_get_change('r_text') c
WHERE chash_slice(c.before, c.after, k) IS NOT NULL ORDER BY chash_slice(c.before, c.after, k) DESC LIMIT 1;
\set VERBOSITY terse
CALL chash_reshard('r_text', max_lock => '0');
\set VERBOSITY default
RESET plan.stop;
SELECT done > 0 AND done < 1 AS some FROM chash_get_change('r_text');
SELECT (SELECT sum(rows) FROM chash_reshard_plan('r_text') WHERE item = 'move') < (SELECT sum(rows) FROM whole) AS less;
SELECT item, source, detail FROM chash_reshard_plan('r_text') WHERE source = 'begin' OR item = 'minimum';
SELECT count(*) AS others FROM (SELECT relation, source, target, rows FROM chash_reshard_plan('r_text') WHERE item = 'move' EXCEPT
	SELECT relation, source, target, rows FROM chash_reshard_plan('r_text', target => chash_get_router('r_text')) WHERE item = 'move') d;
SELECT chash_reshard_plan('r_text', add => 'e');
SELECT chash_reshard_plan('r_text', target => chash_ring('{a,b}'));
INSERT INTO planned SELECT relation, source, target, rows FROM chash_reshard_plan('r_text') WHERE item = 'move';
SELECT remember('r_text');
CALL chash_reshard('r_text');
SELECT * FROM kept('r_text');
-- rows that should have moved already, as nobody but a superuser can have it, are not moved any more
UPDATE pg_proc SET prosrc = jsonb_build_object('before', chash_get_router('r_big')::jsonb,
	'after', chash_jump('{a,b,c}', hash => 'xxh64')::jsonb, 'passed', 2305843009213693952) WHERE oid = 'r_big'::regproc;
INSERT INTO planned SELECT relation, source, target, rows FROM chash_reshard_plan('r_big') WHERE item = 'move';
SELECT remember('r_big');
CALL chash_reshard('r_big');
SELECT * FROM kept('r_big');
DROP TABLE big;

-- ---- all kinds of rows ----
SELECT chash_create_router('r', chash_range('{a,b}', '{100}', 'int'), 'int');
CREATE TABLE parent (k int PRIMARY KEY, v int) PARTITION BY HASH (k r);
CREATE TABLE child (k int REFERENCES parent, n int) PARTITION BY HASH (k r);
SELECT count(*) FROM (SELECT chash_create_partitions(t, '{table}_{shard}') FROM unnest('{parent,child}'::regclass[]) t) made;
INSERT INTO parent SELECT i, i FROM generate_series(1, 200) i;
INSERT INTO child SELECT 60, i FROM generate_series(1, 40) i UNION ALL SELECT i, i FROM generate_series(1, 200) i;
SELECT chash_range('{a,b,c}', '{50,150}', 'int') AS target \gset
SELECT item, kind, relation, source, target, rows, bytes > 0 AS bytes, detail FROM chash_reshard_plan('r', target => :'target')
WHERE item IN ('move', 'total', 'minimum', 'largest key', 'refusal', 'warning');
SELECT item, kind, rows BETWEEN 100 AND 10000 AS rows, bytes > 0 AS bytes, times, duration > '0' AS duration
FROM chash_reshard_plan('r', target => :'target') WHERE item IN ('steps', 'time', 'disk');
-- pauses are counted; shorter locks take more steps, of one key at the least
SELECT p.times > q.times AS more, p.duration < q.duration AS shorter
FROM chash_reshard_plan('r', target => :'target', max_lock => '1ms') p, chash_reshard_plan('r', target => :'target') q
WHERE p.item = 'steps' AND q.item = 'steps';
SELECT duration > '30 s' AS long FROM chash_reshard_plan('r', target => :'target', max_lock => '0', pause => '1 s') WHERE kind = 'fast';
SELECT detail FROM chash_reshard_plan('r', target => :'target', max_lock => '0.02 ms') WHERE item = 'largest key';
-- a ring has a minimum
SELECT rows, detail FROM chash_reshard_plan('r_int', add => 'd') WHERE item = 'minimum';
SELECT rows FROM chash_reshard_plan('r_int', target => chash_modulo('{a,b}', '{1,3}')) WHERE item = 'minimum';
-- nothing to move, no rows, no tables
SELECT item, rows, detail FROM chash_reshard_plan('r_int', target => chash_get_router('r_int'));
SELECT chash_create_router('r_none', chash_ring('{a,b}'), 'int');
SELECT item, kind, relation, source, rows, times, detail FROM chash_reshard_plan('r_none', add => 'c') WHERE item IN ('move', 'total', 'largest key', 'steps', 'lock', 'warning');
CREATE TABLE nothing (k int PRIMARY KEY) PARTITION BY HASH (k r_none);
SELECT count(*) FROM (SELECT chash_create_partitions('nothing')) made;
SELECT item, kind, relation, source, rows, times FROM chash_reshard_plan('r_none', add => 'c') WHERE item IN ('move', 'total', 'largest key', 'steps');
-- in a transaction, of which it keeps no lock but ACCESS SHARE; rows of this transaction count
BEGIN;
INSERT INTO parent VALUES (201, 201);
SELECT rows FROM chash_reshard_plan('r', target => :'target') WHERE item = 'total';
SELECT DISTINCT mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation IN ('parent'::regclass, 'child_a'::regclass, 'child'::regclass) ORDER BY 1;
ROLLBACK;
BEGIN TRANSACTION READ ONLY;
SELECT rows FROM chash_reshard_plan('r', target => :'target') WHERE item = 'total' AND kind = 'all';
COMMIT;

-- ---- locks: the plan names all that are taken ----
CREATE TABLE up (u int PRIMARY KEY);
CREATE TABLE up_parts (u int PRIMARY KEY) PARTITION BY RANGE (u);
CREATE TABLE up_part PARTITION OF up_parts FOR VALUES FROM (0) TO (1000);
INSERT INTO up SELECT generate_series(1, 200);
INSERT INTO up_parts SELECT generate_series(1, 200);
ALTER TABLE parent ADD FOREIGN KEY (v) REFERENCES up;
ALTER TABLE child ADD FOREIGN KEY (n) REFERENCES up_parts;
CREATE TABLE down (k int REFERENCES parent);
CREATE TABLE down_parts (k int REFERENCES parent) PARTITION BY RANGE (k);
CREATE TABLE down_part PARTITION OF down_parts FOR VALUES FROM (0) TO (1000);
INSERT INTO down SELECT generate_series(1, 200);
INSERT INTO down_parts SELECT generate_series(1, 200);
CREATE TABLE modes AS SELECT * FROM unnest('{ROW EXCLUSIVE,SHARE UPDATE EXCLUSIVE,SHARE,SHARE ROW EXCLUSIVE,EXCLUSIVE,ACCESS EXCLUSIVE}'::text[],
	'{RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'::text[])
	WITH ORDINALITY m(mode, lock, strength);
-- What this session has locked, written down by an event trigger at the end of each command, and, as steps
-- and ANALYZE have none, by an index of the tables.
CREATE TABLE taken (phase text, relation oid, strength bigint);
CREATE FUNCTION write_down(phase text) RETURNS void LANGUAGE sql VOLATILE AS $$
	INSERT INTO plan.taken SELECT DISTINCT phase, l.relation, m.strength FROM pg_locks l
	JOIN plan.modes m ON m.lock = l.mode JOIN pg_class c ON c.oid = l.relation
	WHERE l.pid = pg_backend_pid() AND c.relkind IN ('r', 'p') AND c.relnamespace = 'plan'::regnamespace AND c.relname <> 'taken'
$$;
CREATE FUNCTION command_ends() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM plan.write_down(CASE tg_tag WHEN 'CREATE TABLE' THEN 'begin' WHEN 'CREATE INDEX' THEN 'index'
		WHEN 'DROP INDEX' THEN 'drop index' WHEN 'ALTER TABLE' THEN 'detach' ELSE tg_tag END);
END
$$;
CREATE FUNCTION row_is_put(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF $1 % 10 = 0 THEN
		PERFORM plan.write_down(CASE WHEN EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid()
			AND relation = 'plan.parent'::regclass AND mode = 'AccessExclusiveLock') THEN 'step' ELSE 'analyze' END);
	END IF;
	RETURN $1;
END
$$;
CREATE INDEX ON parent (row_is_put(v));
CREATE INDEX ON child (row_is_put(n));
-- Phases and tables whose locks the plan does not name, or only weaker ones; of those that the plan was made for.
CREATE FUNCTION not_named(OUT seen text, OUT not_named text) LANGUAGE plpgsql AS $$
BEGIN
	WITH named AS (
		SELECT p.source AS phase, p.relation::oid AS relation, m.strength FROM plan.locks p JOIN plan.modes m ON m.mode = p.kind WHERE p.item = 'lock'
		UNION ALL
		SELECT p.source, p.partition, m.strength FROM plan.locks p JOIN plan.modes m ON m.mode = p.kind WHERE p.item = 'partition lock')
	SELECT INTO seen, not_named (SELECT string_agg(phase, ', ' ORDER BY phase COLLATE "C") FROM (SELECT DISTINCT phase FROM plan.taken) p),
		string_agg(DISTINCT format('%s: %s', t.phase, t.relation::regclass), ', ')
	FROM plan.taken t WHERE t.relation IN (SELECT oid FROM plan.relations)
	AND NOT EXISTS (SELECT FROM named n WHERE n.phase = t.phase AND n.relation = t.relation AND n.strength >= t.strength);
END
$$;
CREATE FUNCTION name_locks(goal chash_router) RETURNS void LANGUAGE sql AS $$
	DROP TABLE IF EXISTS plan.locks, plan.relations;
	CREATE TABLE plan.relations AS SELECT oid FROM pg_class;
	CREATE TABLE plan.locks AS SELECT p.*, i.inhrelid AS partition FROM chash_reshard_plan('plan.r', target => goal, concurrently => false) p
		LEFT JOIN pg_inherits i ON p.item = 'partition lock' AND i.inhparent = p.relation WHERE p.item LIKE '%lock';
	TRUNCATE plan.taken;
$$;
SELECT name_locks(:'target');
SELECT source, item, kind, relation::text, times FROM locks WHERE source <> 'step' GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 4, 3;
SELECT source, item, kind, relation::text FROM locks WHERE source = 'step' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 4, 3;
CREATE EVENT TRIGGER plan_command_ends ON ddl_command_end EXECUTE FUNCTION command_ends();
CALL chash_reshard('r', :'target', concurrently => false);
ALTER EVENT TRIGGER plan_command_ends DISABLE;
SELECT * FROM not_named();
SELECT name_locks(chash_range('{a,b}', '{120}', 'int'));
SELECT item, kind, relation::text FROM locks WHERE source = 'detach' GROUP BY 1, 2, 3 ORDER BY 1, 3, 2;
ALTER EVENT TRIGGER plan_command_ends ENABLE;
CALL chash_reshard('r', chash_range('{a,b}', '{120}', 'int'), concurrently => false);
DROP EVENT TRIGGER plan_command_ends;
SELECT * FROM not_named();
-- built concurrently, which is the default
SELECT kind FROM chash_reshard_plan('r', target => :'target') WHERE source = 'index';
SELECT kind FROM chash_reshard_plan('r', target => :'target', concurrently => false) WHERE source = 'index';

-- ---- what would be refused: all at once, in the words of chash_reshard ----
ALTER TABLE other_a ALTER id SET NOT NULL;
ALTER TABLE other_b ADD CHECK (id > 0);
CREATE UNIQUE INDEX other_unique ON other_b (id);
ALTER TABLE t_a ADD FOREIGN KEY (id) REFERENCES up NOT VALID;
SELECT relation, detail FROM chash_reshard_plan('r_int', add => 'd') WHERE item = 'refusal' ORDER BY relation::text, detail;
CALL chash_add_shard('r_int', 'd');
ALTER TABLE other_a ALTER id DROP NOT NULL;
ALTER TABLE other_b DROP CONSTRAINT other_b_id_check;
DROP INDEX other_unique;
ALTER TABLE t_a DROP CONSTRAINT t_a_id_fkey;
SET default_transaction_read_only = on;
SELECT kind, detail FROM chash_reshard_plan('r_int', add => 'd') WHERE item = 'refusal';
RESET default_transaction_read_only;
-- nobody can have the lock of who changes a router but through chash
SELECT count(*) FROM (SELECT pg_advisory_lock('r_int'::regproc::int, 1)) locked;
SELECT kind, detail FROM chash_reshard_plan('r_int', add => 'd') WHERE item = 'refusal';
SELECT pg_advisory_unlock_all();
-- no room for another partition
SELECT chash_create_router('r_full', chash_ring('{a,b}'), 'int');
CREATE TABLE full_table (k int) PARTITION BY HASH (k r_full);
SELECT count(*) FROM (SELECT chash_create_partitions('full_table', '{table}_{shard}', modulus => 3)) made;
SELECT relation, detail FROM chash_reshard_plan('r_full', add => 'c') WHERE item = 'refusal';
CALL chash_add_shard('r_full', 'c');
-- tables that cannot be moved, and a partition that is missing in the middle
ALTER TABLE nothing DETACH PARTITION b;
SELECT begin_change('r_none', 'int', chash_reweight(chash_get_router('r_none'), 'a', 2), 0);
CREATE TABLE two_keys (k int, l int) PARTITION BY HASH (k r_none, l);
SELECT relation, detail FROM chash_reshard_plan('r_none') WHERE item = 'refusal';

-- ---- warnings ----
SELECT chash_create_router('r_warn', chash_ring('{a,b}'), 'int');
CREATE TABLE warned (k int) PARTITION BY HASH (k r_warn);
CREATE TABLE warned_too (k int PRIMARY KEY) PARTITION BY HASH (k r_warn);
SELECT count(*) FROM (SELECT chash_create_partitions(t, '{table}_{shard}') FROM unnest('{warned,warned_too}'::regclass[]) t) made;
SELECT kind, relation, source, detail FROM chash_reshard_plan('r_warn', add => 'c') WHERE item = 'warning';
-- versions word the warning that wal_level is too low differently
SET client_min_messages = error;
CREATE PUBLICATION "leaf'wise" FOR TABLE warned, warned_too;
CREATE PUBLICATION rootwise FOR TABLE warned WITH (publish_via_partition_root);
SET client_min_messages = warning;
SET statement_timeout = '1 h';
CREATE ROLE plan_group NOLOGIN SUPERUSER;
SET ROLE plan_group;
SELECT kind, relation, source, detail FROM chash_reshard_plan('r_warn', add => 'c', lock_timeout => '1 h') WHERE item = 'warning';
SELECT count(*) FROM chash_reshard_plan('r_warn', add => 'c', concurrently => false) WHERE kind = 'role';
RESET ROLE;
RESET statement_timeout;
ALTER TABLE warned_a REPLICA IDENTITY FULL;
ALTER TABLE warned_too_a REPLICA IDENTITY NOTHING;
DROP PUBLICATION "leaf'wise";
SELECT relation, detail FROM chash_reshard_plan('r_warn', add => 'c') WHERE kind = 'replica identity';
SET client_min_messages = error;
CREATE PUBLICATION part FOR TABLE warned_too_a;
SET client_min_messages = warning;
SELECT kind, relation, source FROM chash_reshard_plan('r_warn', add => 'c') WHERE kind IN ('publication', 'replica identity');
DROP PUBLICATION part, rootwise;

-- ---- who may, and how it is called ----
SELECT chash_reshard_plan(NULL, add => 'd');
SELECT chash_reshard_plan('r_int');
SELECT chash_reshard_plan('r_int', add => 'd', remove => 'a');
SELECT chash_reshard_plan('r_int', target => chash_ring('{a}'), reweight => 'a', weight => 1);
SELECT chash_reshard_plan('r_int', reweight => 'a');
SELECT chash_reshard_plan('r_int', remove => 'a', weight => 2);
SELECT chash_reshard_plan('r_int', remove => 'a', zone => 'z');
SELECT chash_reshard_plan('r_int', reweight => 'a', weight => 2, bound => 'z');
SELECT chash_reshard_plan('r_int', add => 'a');
SELECT chash_reshard_plan('r_int', remove => 'z');
SELECT chash_reshard_plan('r_int', add => 'd', max_lock => '-1 s');
SELECT chash_reshard_plan('r_int', add => 'd', pause => NULL);
SELECT chash_reshard_plan('pg_sleep', add => 'd');
CREATE ROLE plan_owner;
CREATE ROLE plan_other;
GRANT ALL ON SCHEMA plan TO plan_owner, plan_other;
SELECT chash_create_router('r_owned', chash_ring('{a,b}'), 'int');
CREATE TABLE owned (k int, v int) PARTITION BY HASH (k r_owned);
SELECT count(*) FROM (SELECT chash_create_partitions('owned', '{table}_{shard}')) made;
INSERT INTO owned SELECT i FROM generate_series(1, 100) i;
ALTER FUNCTION r_owned(int) OWNER TO plan_owner;
SET ROLE plan_other;
SELECT chash_reshard_plan('r_owned', add => 'c');
SET ROLE plan_owner;
SELECT chash_reshard_plan('r_owned', add => 'c');
RESET ROLE;
GRANT SELECT (k) ON owned TO plan_owner;
SET ROLE plan_owner;
SELECT item, relation, detail FROM chash_reshard_plan('r_owned', add => 'c') WHERE item = 'refusal';
SELECT sum(rows) > 0 AS counted FROM chash_reshard_plan('r_owned', add => 'c') WHERE item = 'move';
RESET ROLE;
ALTER TABLE owned OWNER TO plan_owner;
ALTER TABLE owned_a OWNER TO plan_owner;
ALTER TABLE owned ENABLE ROW LEVEL SECURITY;
CREATE POLICY half ON owned USING (k > 50);
SET ROLE plan_owner;
SELECT item, detail FROM chash_reshard_plan('r_owned', add => 'c') WHERE item = 'refusal';
ALTER TABLE owned FORCE ROW LEVEL SECURITY;
SELECT chash_reshard_plan('r_owned', add => 'c');
SHOW row_security;
RESET ROLE;
REVOKE CREATE ON SCHEMA plan FROM plan_owner;
ALTER TABLE owned NO FORCE ROW LEVEL SECURITY;
SET ROLE plan_owner;
SELECT item, detail FROM chash_reshard_plan('r_owned', add => 'c') WHERE item = 'refusal';
RESET ROLE;

-- ---- hostile names, and a hostile search_path ----
SELECT chash_create_router('"a""b''; --"', chash_range(ARRAY['x''; DROP --', 'y"z.'], '{10}', 'integer'), 'int');
CREATE TABLE "t '"";--" ("k "";'--" int, v int) PARTITION BY HASH ("k "";'--" "a""b'; --");
SELECT count(*) FROM (SELECT chash_create_partitions('"t ''"";--"')) made;
INSERT INTO "t '"";--" SELECT i, i FROM generate_series(1, 20) i;
SET client_min_messages = error;
CREATE PUBLICATION "p'"";--" FOR TABLE "t '"";--";
SET client_min_messages = warning;
CREATE SCHEMA plan_trap;
CREATE TABLE plan_trap.pg_class (oid oid);
CREATE TABLE plan_trap.pg_locks (pid int);
CREATE FUNCTION plan_trap.equal(oid, oid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
CREATE OPERATOR plan_trap.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = plan_trap.equal);
SET search_path = plan_trap, pg_catalog, plan, public;
SELECT item, kind, relation, source, target, rows, detail
FROM chash_reshard_plan('"a""b''; --"', target => chash_range(ARRAY['x''; DROP --', 'y"z.', 'z;'], '{5,15}', 'integer'))
WHERE item IN ('move', 'total', 'largest key', 'warning', 'refusal') OR item = 'lock' AND source = 'begin';
SET search_path = plan, public;
DROP PUBLICATION "p'"";--";

SET client_min_messages = error;
DROP SCHEMA plan, plan_trap CASCADE;
DROP ROLE plan_owner, plan_other, plan_group;
