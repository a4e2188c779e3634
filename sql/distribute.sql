-- chash_distribute: a table that exists becomes one that is partitioned by a router, and keeps
-- its rows and all that belongs to it.
SET client_min_messages = warning;
SET TimeZone = 'UTC';
CREATE SCHEMA dist;
CREATE ROLE dist_owner;
CREATE ROLE dist_reader;
CREATE ROLE dist_other;
GRANT CREATE, USAGE ON SCHEMA dist TO dist_owner;
GRANT USAGE ON SCHEMA dist TO dist_reader, dist_other;
SET search_path = dist, public;

-- All that can be seen of a table, but for what makes it partitioned. What is stored with the rows
-- is asked of "leaf", which is the table itself where it has rows.
CREATE FUNCTION properties(t regclass, leaf regclass) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT format('table %s %s kind of owner %s acl %s rls %s force %s comment %s', c.oid::regclass,
		c.relpersistence, pg_get_userbyid(c.relowner), c.relacl, c.relrowsecurity, c.relforcerowsecurity,
		obj_description(c.oid, 'pg_class'))
	FROM pg_class c WHERE c.oid = t
	UNION ALL
	SELECT format('storage %s toast %s am %s replica identity %s tablespace %s', c.reloptions,
		(SELECT x.reloptions FROM pg_class x WHERE x.oid = c.reltoastrelid), a.amname, c.relreplident,
		s.spcname)
	FROM pg_class c JOIN pg_am a ON a.oid = c.relam LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
	WHERE c.oid = leaf
	UNION ALL
	SELECT format('column %s: %s %s collation %s not null %s identity %s generated %s storage %s compression %s target %s options %s acl %s comment %s default %s sequence %s',
		row_number() OVER (ORDER BY a.attnum), a.attname, format_type(a.atttypid, a.atttypmod),
		a.attcollation::regcollation, a.attnotnull, a.attidentity, a.attgenerated, a.attstorage,
		to_jsonb(a) ->> 'attcompression', nullif(a.attstattarget, -1),
		(SELECT array_agg(o ORDER BY o) FROM unnest(a.attoptions) o WHERE o !~ '^(n_distinct_inherited|pg_attver)'),
		a.attacl, col_description(t, a.attnum), pg_get_expr(d.adbin, d.adrelid),
		pg_get_serial_sequence(t::text, a.attname))
	FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
	WHERE a.attrelid = t AND a.attnum > 0 AND NOT a.attisdropped
	UNION ALL
	SELECT format('constraint %s on %s: %s, comment %s', c.conname, c.conrelid::regclass,
		pg_get_constraintdef(c.oid), obj_description(c.oid, 'pg_constraint'))
	FROM pg_constraint c WHERE t IN (c.conrelid, c.confrelid) AND c.conparentid = 0
	UNION ALL
	SELECT format('index %s: %s, replica identity %s, comment %s, tablespace %s', i.indexrelid::regclass,
		replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON '), i.indisreplident,
		obj_description(i.indexrelid, 'pg_class'),
		(SELECT spcname FROM pg_class c JOIN pg_tablespace s ON s.oid = c.reltablespace WHERE c.oid = i.indexrelid))
	FROM pg_index i WHERE i.indrelid = t
	UNION ALL
	SELECT format('index column %s %s target %s', a.attrelid::regclass, a.attnum, a.attstattarget)
	FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indexrelid WHERE i.indrelid = t AND a.attstattarget >= 0
	UNION ALL
	SELECT format('clustered: %s', pg_get_indexdef(i.indexrelid, 1, false))
	FROM pg_index i WHERE i.indrelid = leaf AND i.indisclustered
	UNION ALL
	SELECT format('trigger %s, state %s, comment %s', pg_get_triggerdef(g.oid), g.tgenabled,
		obj_description(g.oid, 'pg_trigger'))
	FROM pg_trigger g WHERE g.tgrelid = t AND NOT g.tgisinternal
	UNION ALL
	SELECT format('rule %s, state %s, comment %s', pg_get_ruledef(r.oid), r.ev_enabled,
		obj_description(r.oid, 'pg_rewrite'))
	FROM pg_rewrite r WHERE r.ev_class = t
	UNION ALL
	SELECT format('policy %s %s %s %s using %s check %s comment %s', polname, polcmd, polpermissive,
		ARRAY(SELECT r::regrole::text FROM unnest(polroles) r), pg_get_expr(polqual, polrelid),
		pg_get_expr(polwithcheck, polrelid), obj_description(oid, 'pg_policy'))
	FROM pg_policy WHERE polrelid = t
	UNION ALL
	SELECT format('statistics %s, owner %s, target %s, comment %s', pg_get_statisticsobjdef(oid),
		pg_get_userbyid(stxowner), nullif(stxstattarget, -1), obj_description(oid, 'pg_statistic_ext'))
	FROM pg_statistic_ext WHERE stxrelid = t
	UNION ALL
	SELECT format('publication %s', p.pubname)
	FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid WHERE r.prrelid = t
	UNION ALL
	SELECT format('sequence %s, owner %s, acl %s, comment %s, %s', s.seqrelid::regclass,
		pg_get_userbyid(c.relowner), c.relacl, obj_description(c.oid, 'pg_class'), to_jsonb(s) - 'seqrelid')
	FROM pg_depend d JOIN pg_sequence s ON s.seqrelid = d.objid JOIN pg_class c ON c.oid = d.objid
	WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = t
$$;

-- a table with everything
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
	$$ BEGIN RAISE WARNING 'trigger % fired', tg_name; RETURN coalesce(new, old); END $$;
SET ROLE dist_owner;
CREATE TABLE departments (dept_no char(4) PRIMARY KEY, dept_name varchar(40));
INSERT INTO departments VALUES ('d001', 'Kitchen'), ('d002', 'Cellar');
CREATE DOMAIN percent AS int CHECK (value BETWEEN 0 AND 100);
CREATE TABLE employees (
	gone text,
	emp_no bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME employees_numbers START 1000 INCREMENT 10 CACHE 5),
	name varchar(30) COLLATE "C" NOT NULL,
	also_gone int DEFAULT 1,
	serial_no serial,
	salary numeric(10, 2) DEFAULT 100.5,
	yearly numeric GENERATED ALWAYS AS (salary * 12) STORED,
	dept_no char(4) DEFAULT 'd001',
	boss bigint,
	share percent,
	photo bytea,
	notes text,
	tags text[] DEFAULT '{}',
	hired date NOT NULL DEFAULT '2020-01-01',
	CONSTRAINT "pay is positive" CHECK (salary > 0),
	CONSTRAINT employees_key PRIMARY KEY (emp_no) WITH (fillfactor = 77),
	CONSTRAINT name_once UNIQUE (name, emp_no) DEFERRABLE INITIALLY DEFERRED
) WITH (fillfactor = 60, autovacuum_enabled = false, toast.autovacuum_vacuum_threshold = 77);
ALTER TABLE employees ALTER notes SET STORAGE EXTERNAL;
ALTER TABLE employees ALTER name SET STATISTICS 321, ALTER dept_no SET (n_distinct = 2);
ALTER TABLE employees DROP also_gone;
INSERT INTO employees (name, salary, dept_no, boss, share, photo, notes, tags)
	SELECT 'e' || i, 100 + i, 'd00' || 1 + i % 2, NULL, i % 100,
		CASE WHEN i % 7 = 0 THEN decode(repeat('ab', i), 'hex') END,
		CASE WHEN i % 5 = 0 THEN repeat('long ' || i, 1000) END, ARRAY['t' || i, NULL]
	FROM generate_series(1, 200) i;
UPDATE employees SET boss = 1000 WHERE emp_no > 1000;
DELETE FROM employees WHERE emp_no = 1990;
-- rows without the last column, which has its value in the catalog
ALTER TABLE employees ADD added int DEFAULT 42, DROP gone;
CREATE INDEX by_pay ON employees (salary DESC NULLS LAST) INCLUDE (name) WITH (fillfactor = 50) WHERE salary > 150;
CREATE INDEX by_expression ON employees (lower(name), (salary * 2));
ALTER INDEX by_expression ALTER COLUMN 2 SET STATISTICS 99;
CREATE UNIQUE INDEX once ON employees (emp_no, dept_no bpchar_pattern_ops);
CREATE INDEX by_name ON employees (name COLLATE "C" DESC);
CREATE INDEX by_tags ON employees USING gin (tags);
ALTER TABLE employees CLUSTER ON by_name;
CREATE UNIQUE INDEX identify ON employees (emp_no, hired);
ALTER TABLE employees REPLICA IDENTITY USING INDEX identify;
ALTER TABLE employees ADD CONSTRAINT in_department FOREIGN KEY (dept_no) REFERENCES departments
	ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE;
ALTER TABLE employees ADD CONSTRAINT has_boss FOREIGN KEY (boss) REFERENCES employees ON DELETE CASCADE;
ALTER TABLE employees ADD CONSTRAINT later CHECK (salary <> 102) NOT VALID;
CREATE TABLE titles (emp_no bigint NOT NULL, title text,
	CONSTRAINT of_employee FOREIGN KEY (emp_no) REFERENCES employees ON DELETE CASCADE ON UPDATE RESTRICT INITIALLY DEFERRED DEFERRABLE);
CREATE TABLE perks (emp_no bigint DEFAULT 1000, perk text);
INSERT INTO titles SELECT emp_no, 'cook' FROM employees WHERE emp_no < 1500;
INSERT INTO perks VALUES (1, 'of nobody'), (1010, 'car');
ALTER TABLE perks ADD CONSTRAINT perk_of FOREIGN KEY (emp_no) REFERENCES employees ON DELETE SET DEFAULT NOT VALID;
CREATE STATISTICS how_they_go (dependencies, ndistinct) ON dept_no, boss FROM employees;
ALTER STATISTICS how_they_go SET STATISTICS 55;
RESET ROLE;
CREATE TRIGGER before_row BEFORE INSERT OR UPDATE OF name ON employees FOR EACH ROW WHEN (new.name = 'x') EXECUTE FUNCTION note();
CREATE TRIGGER after_row AFTER DELETE ON employees FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER by_statement AFTER INSERT ON employees REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION note();
CREATE CONSTRAINT TRIGGER checked AFTER UPDATE ON employees DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER on_replica AFTER UPDATE ON employees FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER always BEFORE DELETE ON employees FOR EACH ROW EXECUTE FUNCTION note();
ALTER TABLE employees DISABLE TRIGGER after_row, ENABLE REPLICA TRIGGER on_replica, ENABLE ALWAYS TRIGGER always;
CREATE RULE not_this_one AS ON DELETE TO employees WHERE old.name = 'e1' DO INSTEAD NOTHING;
CREATE RULE sleeping AS ON UPDATE TO employees DO ALSO SELECT 1;
ALTER TABLE employees DISABLE RULE sleeping;
CREATE POLICY own_rows ON employees FOR SELECT TO dist_reader, dist_other USING (name = current_user);
CREATE POLICY no_more ON employees AS RESTRICTIVE FOR INSERT WITH CHECK (dept_no IN (SELECT dept_no FROM departments));
CREATE POLICY all_of_it ON employees TO dist_reader USING (true) WITH CHECK (salary < 1000);
ALTER TABLE employees ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SET ROLE dist_owner;
GRANT SELECT, INSERT ON employees TO dist_reader WITH GRANT OPTION;
GRANT UPDATE (name, salary) ON employees TO dist_reader;
GRANT USAGE ON SEQUENCE employees_numbers TO dist_reader;
REVOKE TRUNCATE ON employees FROM dist_owner;
SET ROLE dist_reader;
GRANT SELECT ON employees TO dist_other;
RESET ROLE;
SET client_min_messages = error; -- wal_level
CREATE PUBLICATION dist_pub FOR TABLE employees WITH (publish_via_partition_root = true);
SET client_min_messages = warning;
COMMENT ON TABLE employees IS 'it''s who works here';
COMMENT ON COLUMN employees.name IS 'as they call themselves';
COMMENT ON CONSTRAINT "pay is positive" ON employees IS 'we are not that rich';
COMMENT ON CONSTRAINT has_boss ON employees IS 'most do';
COMMENT ON CONSTRAINT of_employee ON titles IS 'to the table';
COMMENT ON INDEX by_pay IS 'who earns most';
COMMENT ON INDEX employees_key IS 'the index of the key';
COMMENT ON TRIGGER always ON employees IS 'never sleeps';
COMMENT ON RULE sleeping ON employees IS 'sleeps';
COMMENT ON POLICY no_more ON employees IS 'full';
COMMENT ON STATISTICS how_they_go IS 'together';
COMMENT ON SEQUENCE employees_numbers IS 'in tens';

CREATE TABLE before_properties AS SELECT p FROM properties('employees', 'employees') p;
CREATE TABLE before_rows AS SELECT e.*, pg_column_size(photo) AS photo_size, pg_column_size(notes) AS notes_size FROM employees e;
-- (PostgreSQL 18 has constraints for NOT NULL)
SELECT split_part(p, ' ', 1) AS what, count(*) FROM before_properties WHERE p !~ ': NOT NULL ' GROUP BY 1 ORDER BY 1;

-- no trigger fires, no foreign key acts, no row is hidden
SET client_min_messages = notice;
SELECT chash_distribute('employees', 'emp_no', shards => 4);

-- what is there no longer, and what is new
SELECT 'gone' AS what, * FROM (SELECT p FROM before_properties EXCEPT SELECT properties('employees', 'employees_0')) p
UNION ALL SELECT 'new', * FROM (SELECT properties('employees', 'employees_0') EXCEPT SELECT p FROM before_properties) p
ORDER BY 1, 2;
SELECT count(*) AS rows_differ FROM (
	(TABLE before_rows EXCEPT SELECT e.*, pg_column_size(photo), pg_column_size(notes) FROM employees e)
	UNION ALL
	(SELECT e.*, pg_column_size(photo), pg_column_size(notes) FROM employees e EXCEPT TABLE before_rows)) d;
SELECT tableoid::regclass AS leaf, count(*) FROM employees GROUP BY 1 ORDER BY 1;
SELECT count(*) AS misplaced FROM employees WHERE employees_ring(emp_no) <> tableoid::regclass::text;
SELECT count(*) FROM titles;
SELECT router, key_type, strategy, shards, operator_class, tables FROM chash_routers;
SELECT proname, pg_get_userbyid(proowner) = 'dist_owner' AS of_the_owner FROM pg_proc WHERE proname ~ '^employees_ring' ORDER BY 1, 2;
SELECT relname, reltuples FROM pg_class WHERE relname ~ '^employees_\d$' ORDER BY 1;

-- each partition has them too
SELECT c.relname, c.relreplident, c.reloptions, pg_get_userbyid(c.relowner) AS owner,
	(SELECT count(*) FROM pg_index i WHERE i.indrelid = c.oid) AS indexes,
	(SELECT count(*) FROM pg_index i WHERE i.indrelid = c.oid AND i.indisclustered) AS clustered,
	(SELECT count(*) FROM pg_index i WHERE i.indrelid = c.oid AND i.indisreplident) AS identity,
	(SELECT array_agg(tgname::text || ' ' || tgenabled::text ORDER BY tgname) FROM pg_trigger g WHERE g.tgrelid = c.oid AND tgname !~ '^(RI|Unique)_') AS triggers,
	(SELECT attstattarget FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'name') AS target,
	(SELECT o FROM pg_attribute a, unnest(a.attoptions) o WHERE a.attrelid = c.oid AND a.attname = 'dept_no' AND o ~ '^n_') AS options,
	(SELECT string_agg(a.attstattarget::text, ',') FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indexrelid WHERE i.indrelid = c.oid AND a.attstattarget > 0) AS index_targets
FROM pg_class c WHERE c.relname ~ '^employees_\d$' ORDER BY 1;

-- and it works
SET client_min_messages = warning;
INSERT INTO employees (name) VALUES ('new') RETURNING emp_no, serial_no, yearly, added;
\set VERBOSITY sqlstate
INSERT INTO employees (emp_no, name) VALUES (1, 'no');
\set VERBOSITY default
INSERT INTO employees (name, salary) VALUES ('no', -1);
INSERT INTO employees (name, salary) VALUES ('no', 102);
INSERT INTO employees (emp_no, name) OVERRIDING SYSTEM VALUE VALUES (1010, 'no');
INSERT INTO titles VALUES (5, 'nobody');
ALTER TABLE employees DISABLE TRIGGER checked;
DELETE FROM departments WHERE dept_no = 'd002';
SELECT count(*) FROM employees WHERE dept_no IS NULL;
DELETE FROM employees WHERE emp_no = 1010;
SELECT count(*) FROM titles;
DROP SEQUENCE employees_serial_no_seq;
SET ROLE dist_reader;
SELECT count(*) FROM employees;
DELETE FROM employees;
SET ROLE dist_other;
SELECT count(*) FROM employees;
RESET ROLE;
EXPLAIN (COSTS OFF) SELECT name FROM employees WHERE emp_no = 1020;

-- the next number is the same as it would have been
CREATE TABLE numbered (id int GENERATED BY DEFAULT AS IDENTITY (START 5), k int NOT NULL);
ALTER SEQUENCE numbered_id_seq RESTART WITH 77;
SELECT chash_distribute('numbered', 'k', definition => chash_modulo('{even,odd}', hash => 'none'));
INSERT INTO numbered (k) VALUES (1), (2) RETURNING tableoid::regclass, *;

-- on a router that exists; other places and names, and the user's options before the table's own
CREATE SCHEMA dist_parts;
CREATE TABLE salaries (emp_no bigint, amount int) WITH (fillfactor = 40, autovacuum_enabled = false);
INSERT INTO salaries SELECT i, i FROM generate_series(1, 100) i;
SET client_min_messages = notice;
SELECT chash_distribute('salaries', 'emp_no', router => 'employees_ring', name => '{table} of {shard}',
	schema => 'dist_parts', options => '{"fillfactor": 90}');
SET client_min_messages = warning;
SELECT relname, relnamespace::regnamespace, reloptions FROM pg_class WHERE relname LIKE 'salaries of%' ORDER BY 1;
SELECT count(*) AS misplaced FROM salaries WHERE 'salaries of ' || employees_ring(emp_no) <> (SELECT relname FROM pg_class WHERE oid = salaries.tableoid);

-- an unlogged table has unlogged partitions; another access method
CREATE ACCESS METHOD dist_heap TYPE TABLE HANDLER heap_tableam_handler;
CREATE UNLOGGED TABLE quick (k uuid PRIMARY KEY, v int) USING dist_heap;
INSERT INTO quick SELECT md5(i::text)::uuid, i FROM generate_series(1, 50) i;
SELECT chash_distribute('quick', 'k', shards => 2, modulus => 16);
SELECT c.relname, c.relpersistence, a.amname, pg_get_expr(c.relpartbound, c.oid) AS bound
FROM pg_class c LEFT JOIN pg_am a ON a.oid = c.relam WHERE c.relname ~ '^quick_\d$' ORDER BY 1;

-- every type of key
CREATE FUNCTION try_key(type text, value text) RETURNS TABLE (key_type text, leaves bigint, rows bigint) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TABLE keyed (k %s PRIMARY KEY)', type);
	EXECUTE format('INSERT INTO keyed SELECT %s FROM generate_series(1, 30) i', value);
	rows := chash_distribute('keyed', 'k', shards => 3);
	EXECUTE 'SELECT count(DISTINCT tableoid) FROM keyed' INTO leaves;
	key_type := (SELECT r.key_type FROM public.chash_routers r WHERE router::text LIKE '%keyed_ring(%');
	DROP TABLE keyed;
	PERFORM chash_drop_router('keyed_ring');
	RETURN NEXT;
END $$;
SELECT t.* FROM (VALUES ('smallint', 'i'), ('int', 'i'), ('bigint', 'i'), ('numeric(9,2)', 'i / 10.0'), ('text', '''t'' || i'),
	('varchar(20)', '''t'' || i'), ('char(9)', '''t'' || i'), ('name', '(''t'' || i)::name'), ('uuid', 'md5(i::text)::uuid'),
	('bytea', 'decode(md5(i::text), ''hex'')'), ('date', 'date ''2020-01-01'' + i'), ('timestamp', 'timestamp ''2020-01-01'' + i * interval ''1 hour'''),
	('timestamptz', 'timestamptz ''2020-01-01 UTC'' + i * interval ''1 hour'''), ('percent', 'i')) v (type, value),
	LATERAL try_key(v.type, v.value) t;

-- names that nobody would choose
CREATE SCHEMA "s'; DROP--";
CREATE TABLE "s'; DROP--"."a""b.c d" ("k'; DROP--" int NOT NULL, "v %s $1 ""x""" text DEFAULT 'it''s');
INSERT INTO "s'; DROP--"."a""b.c d" SELECT i FROM generate_series(1, 20) i;
ALTER TABLE "s'; DROP--"."a""b.c d" ADD CONSTRAINT "c'%I""" CHECK ("k'; DROP--" > 0);
CREATE UNIQUE INDEX "i'%s""" ON "s'; DROP--"."a""b.c d" ("k'; DROP--");
ALTER TABLE "s'; DROP--"."a""b.c d" CLUSTER ON "i'%s""";
CREATE TRIGGER "t'%s""" BEFORE INSERT ON "s'; DROP--"."a""b.c d" FOR EACH ROW EXECUTE FUNCTION note();
ALTER TABLE "s'; DROP--"."a""b.c d" DISABLE TRIGGER "t'%s""";
CREATE POLICY "p'%s""" ON "s'; DROP--"."a""b.c d" USING ("v %s $1 ""x""" = 'a''b');
COMMENT ON POLICY "p'%s""" ON "s'; DROP--"."a""b.c d" IS '%s $1 ''" \';
CREATE STATISTICS "s'; DROP--"."st'%s""" ON "k'; DROP--", "v %s $1 ""x""" FROM "s'; DROP--"."a""b.c d";
ALTER TABLE "s'; DROP--"."a""b.c d" ALTER "v %s $1 ""x""" SET STATISTICS 7, ALTER "v %s $1 ""x""" SET (n_distinct = 9);
GRANT UPDATE ("v %s $1 ""x""") ON "s'; DROP--"."a""b.c d" TO dist_reader;
CREATE TABLE hostile_before AS SELECT p FROM properties('"s''; DROP--"."a""b.c d"', '"s''; DROP--"."a""b.c d"') p;
SELECT chash_distribute('"s''; DROP--"."a""b.c d"', 'k''; DROP--', shards => 2);
TABLE hostile_before EXCEPT SELECT properties('"s''; DROP--"."a""b.c d"', '"s''; DROP--"."a""b.c d_0"');
SELECT properties('"s''; DROP--"."a""b.c d"', '"s''; DROP--"."a""b.c d_0"') EXCEPT TABLE hostile_before;
SELECT tableoid::regclass, count(*) FROM "s'; DROP--"."a""b.c d" GROUP BY 1 ORDER BY 1;
-- the longest name: a router of its own has no room, another one has
CREATE TABLE tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt3 (k int);
INSERT INTO tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt3 VALUES (1);
SELECT chash_distribute('tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt3', 'k', shards => 2);
SELECT chash_distribute('tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt3', 'k', router => 'numbered_ring', name => 'x{id}');

-- operators and functions of others do not get in between
CREATE SCHEMA trojan;
CREATE FUNCTION trojan.evil(oid, oid) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'evil'; END $$;
CREATE OPERATOR trojan.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = trojan.evil);
CREATE FUNCTION trojan.evil(numeric, int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'evil'; END $$;
CREATE OPERATOR trojan.> (LEFTARG = numeric, RIGHTARG = int, FUNCTION = trojan.evil);
CREATE FUNCTION trojan.format(text, VARIADIC "any") RETURNS text LANGUAGE internal AS 'text_format';
CREATE FUNCTION trojan.pg_get_triggerdef(oid) RETURNS text LANGUAGE sql AS $$ SELECT (1/0)::text $$;
CREATE TABLE trojan.pg_trigger (oid oid, tgrelid oid);
CREATE TABLE victim (k int PRIMARY KEY, n numeric CHECK (n > 0));
INSERT INTO victim VALUES (1, 1), (2, 2);
SET search_path = trojan, pg_catalog, dist, public;
SELECT chash_distribute('victim', 'k', shards => 2);
SET search_path = dist, public;
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'victim'::regclass AND contype = 'c';
SHOW search_path;

-- rolled back, nothing has happened
CREATE TABLE rolled (k int PRIMARY KEY);
INSERT INTO rolled VALUES (1);
BEGIN;
SELECT chash_distribute('rolled', 'k', shards => 2);
ROLLBACK;
SELECT relname, relkind FROM pg_class WHERE relname LIKE 'rolled%' ORDER BY 1;
SELECT to_regproc('rolled_ring');

-- whoever owns a table may distribute it by a router that a superuser has given an operator class,
-- and so may a member of the owner
GRANT dist_owner TO dist_other;
GRANT CREATE, USAGE ON SCHEMA dist TO dist_other;
SET ROLE dist_owner;
CREATE TABLE mine (k int PRIMARY KEY, s serial);
INSERT INTO mine VALUES (1);
SELECT chash_create_router('mine_ring', chash_ring('{m1,m2}'), 'int');
SELECT chash_distribute('mine', 'k', router => 'mine_ring');
SELECT chash_distribute('mine', 'k', shards => 2);
RESET ROLE;
SELECT chash_create_operator_class('mine_ring');
SET ROLE dist_other;
SELECT chash_distribute('mine', 'k', router => 'mine_ring');
RESET ROLE;
SELECT c.oid::regclass, pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.relname IN ('mine', 'm1', 'm2', 'mine_s_seq') ORDER BY 1;

-- code of the owner runs with his rights, not with the caller's
CREATE FUNCTION who(int) RETURNS bool IMMUTABLE LANGUAGE plpgsql AS
	$$ BEGIN IF current_user <> 'dist_owner' THEN RAISE EXCEPTION 'run by %', current_user; END IF; RETURN true; END $$;
SET ROLE dist_owner;
CREATE TABLE deputy (k int PRIMARY KEY, CONSTRAINT asks CHECK (who(1)), c int CONSTRAINT of_row CHECK (who(c)));
INSERT INTO deputy VALUES (1, 1);
CREATE INDEX deputy_index ON deputy ((who(c)));
RESET ROLE;
SELECT chash_distribute('deputy', 'k', shards => 1);

-- default privileges open no way around those of the table
ALTER DEFAULT PRIVILEGES IN SCHEMA dist GRANT SELECT ON TABLES TO dist_reader;
CREATE TABLE private (k int PRIMARY KEY);
REVOKE SELECT ON private FROM dist_reader;
SELECT chash_distribute('private', 'k', shards => 2);
SELECT relname, has_table_privilege('dist_reader', oid, 'SELECT') AS readable
FROM pg_class WHERE relname LIKE 'private%' AND relkind IN ('r', 'p') ORDER BY 1;
ALTER DEFAULT PRIVILEGES IN SCHEMA dist REVOKE SELECT ON TABLES FROM dist_reader;

-- what publications can have from PostgreSQL 15 on, and what subscribers should know
CREATE TABLE published (k int PRIMARY KEY, v int, w int);
SET client_min_messages = error;
CREATE PUBLICATION dist_leaves FOR TABLE published;
DO $$ BEGIN
	IF current_setting('server_version_num')::int >= 150000 THEN
		EXECUTE 'CREATE PUBLICATION dist_filtered FOR TABLE published (k, w) WHERE (w > 5) WITH (publish_via_partition_root = true)';
	ELSE
		CREATE PUBLICATION dist_filtered FOR TABLE published WITH (publish_via_partition_root = true);
	END IF;
END $$;
SET client_min_messages = warning;
SELECT chash_distribute('published', 'k', shards => 1);
SELECT tablename, current_setting('server_version_num')::int < 150000 OR
	(to_jsonb(t) ->> 'attnames' = '["k", "w"]' AND to_jsonb(t) ->> 'rowfilter' = '(w > 5)') AS ok
FROM pg_publication_tables t WHERE pubname = 'dist_filtered';

RESET search_path;
DROP PUBLICATION dist_pub, dist_leaves, dist_filtered;
DROP SCHEMA dist, dist_parts, trojan, "s'; DROP--" CASCADE;
DROP ACCESS METHOD dist_heap;
DROP ROLE dist_owner, dist_reader, dist_other;
