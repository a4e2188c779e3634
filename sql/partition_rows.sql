-- What people do with the rows of a table that a router partitions: PostgreSQL's own ways all work.

SELECT chash_create_router('r_ring', chash_ring('{r0,r1,r2}'), 'int');
SELECT current_setting('server_version_num')::int >= 150000 AS has_merge \gset
CREATE TABLE r (id int PRIMARY KEY, name text DEFAULT 'no name', n int GENERATED ALWAYS AS (id * 2) STORED)
	PARTITION BY HASH (id r_ring);
SELECT chash_create_partitions('r');
CREATE VIEW wrong AS SELECT id, tableoid::regclass FROM r WHERE tableoid::regclass::text <> r_ring(id);

-- COPY, ON CONFLICT, RETURNING
COPY r (id, name) FROM stdin;
1	one
2	two
3	three
4	four
5	\N
\.
INSERT INTO r (id, name) VALUES (1, 'again') ON CONFLICT DO NOTHING;
INSERT INTO r (id, name) VALUES (2, 'zwei'), (6, 'six') ON CONFLICT (id) DO UPDATE SET name = excluded.name || ', ' || r.name RETURNING *;
INSERT INTO r (id) VALUES (1);
INSERT INTO r (id) VALUES (7) RETURNING tableoid::regclass, *;
COPY (SELECT id, name FROM r ORDER BY id) TO stdout;

-- MERGE, from PostgreSQL 15 on; before, what it does is done in two statements
\if :has_merge
MERGE INTO r USING (VALUES (3, 'drei'), (8, 'acht')) s (id, name) ON r.id = s.id
	WHEN MATCHED THEN UPDATE SET name = s.name WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.id, s.name);
\else
UPDATE r SET name = 'drei' WHERE id = 3;
INSERT INTO r (id, name) VALUES (8, 'acht');
\endif
SELECT id, name FROM r WHERE id IN (3, 8) ORDER BY id;

-- a key that is updated takes its row to another shard
SELECT id, r_ring(id), r_ring(id + 100) FROM r WHERE id <= 4 ORDER BY id;
WITH moved AS (UPDATE r SET id = id + 100 WHERE id <= 4 RETURNING id, name, n) SELECT * FROM moved ORDER BY id;
-- unless it is there already
UPDATE r SET id = 5 WHERE id = 101;
SELECT * FROM wrong;
SELECT * FROM chash_check('r');

-- a row in the wrong place is refused: by a partition, and with a partition; so is a null key
SELECT r_ring(42);
INSERT INTO r0 (id) VALUES (42);
INSERT INTO r1 (id) VALUES (42);
INSERT INTO r2 (id) VALUES (42);
SELECT count(*) FROM r WHERE id = 42;
SELECT r_ring(5), r_ring(2);
UPDATE r0 SET id = 2 WHERE id = 5;
INSERT INTO r (id) VALUES (NULL);
ALTER TABLE r DROP CONSTRAINT r_pkey;
ALTER TABLE r ALTER id DROP NOT NULL;
INSERT INTO r (id) VALUES (NULL);
UPDATE r SET id = NULL WHERE id = 5;
INSERT INTO r0 (id) VALUES (NULL);
ALTER TABLE r ADD PRIMARY KEY (id);

-- DETACH and ATTACH: a row that is not the shard's is refused, and a null key
ALTER TABLE r DETACH PARTITION r0;
SELECT count(*) FROM r;
SELECT r_ring(2), pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'r2';
INSERT INTO r0 (id) VALUES (2);
ALTER TABLE r ATTACH PARTITION r0 FOR VALUES WITH (MODULUS 1024, REMAINDER 1);
DELETE FROM r0 WHERE id = 2;
ALTER TABLE r ATTACH PARTITION r0 FOR VALUES WITH (MODULUS 1024, REMAINDER 1);
CREATE TABLE free (id int);
CREATE TABLE t (id int) PARTITION BY HASH (id r_ring);
INSERT INTO free VALUES (2), (NULL);
ALTER TABLE t ATTACH PARTITION free FOR VALUES WITH (MODULUS 1024, REMAINDER 3);
DELETE FROM free WHERE id IS NULL;
ALTER TABLE t ATTACH PARTITION free FOR VALUES WITH (MODULUS 1024, REMAINDER 3);
SET client_min_messages = warning;
SELECT chash_create_partitions('t');
RESET client_min_messages;
SELECT * FROM chash_check('t');
DROP TABLE t;
SELECT * FROM chash_check('r');
SELECT * FROM wrong;
DROP VIEW wrong;

-- triggers, on the table and with the rows that change their shard
CREATE TABLE seen (what text);
CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO seen SELECT format('%s %s %s on %s: %s -> %s', tg_when, tg_level, tg_op, tg_table_name,
		CASE WHEN tg_level = 'ROW' AND tg_op <> 'INSERT' THEN old.id END, CASE WHEN tg_level = 'ROW' AND tg_op <> 'DELETE' THEN new.id END);
	RETURN coalesce(new, old);
END $$;
CREATE TRIGGER before_row BEFORE INSERT OR UPDATE OR DELETE ON r FOR EACH ROW EXECUTE FUNCTION see();
CREATE TRIGGER after_row AFTER INSERT OR UPDATE OR DELETE ON r FOR EACH ROW EXECUTE FUNCTION see();
CREATE TRIGGER statement AFTER INSERT OR UPDATE OR DELETE ON r EXECUTE FUNCTION see();
TRUNCATE r;
INSERT INTO r (id) VALUES (1);
UPDATE r SET name = 'x' WHERE id = 1;
SELECT r_ring(1), r_ring(2);
UPDATE r SET id = 2;
DELETE FROM r;
SELECT what FROM seen;
DROP TABLE r, seen;
DROP FUNCTION see;

-- row security is the table's, whichever partitions a query is pruned to
CREATE ROLE chash_test_user;
CREATE TABLE s (id int PRIMARY KEY, owner name) PARTITION BY HASH (id r_ring);
SELECT chash_create_partitions('s');
INSERT INTO s SELECT i, CASE WHEN i % 2 = 0 THEN 'chash_test_user' ELSE 'other' END FROM generate_series(1, 100) i;
GRANT SELECT, INSERT, UPDATE ON s TO chash_test_user;
ALTER TABLE s ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON s USING (owner = current_user);
SET ROLE chash_test_user;
SELECT count(*), count(*) FILTER (WHERE id % 2 = 1) AS others FROM s;
SELECT * FROM s WHERE id = 1;
SELECT * FROM s WHERE id = 2;
UPDATE s SET id = id + 1000;
INSERT INTO s VALUES (1001, 'other');
SELECT * FROM r0;
RESET ROLE;
SELECT count(*) FILTER (WHERE id > 1000) AS moved, count(*) FROM s;
SELECT * FROM chash_check('s');
DROP TABLE s;
DROP ROLE chash_test_user;
SELECT chash_drop_router('r_ring');
