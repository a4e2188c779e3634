-- Foreign keys to and from tables that a router partitions, with every action.

SELECT chash_create_router('f_ring', chash_ring('{f0,f1,f2,f3}'), 'int');
SELECT i, f_ring(i) FROM unnest('{0,1,2,3,4,5,6,7,8,9}'::int[]) i;
-- the names of the constraints of partitions differ between versions
\set VERBOSITY sqlstate
SELECT current_setting('server_version_num')::int >= 150000 AS moves_keys \gset

-- to a table that a router partitions
CREATE TABLE parent (id int PRIMARY KEY) PARTITION BY HASH (id f_ring);
SELECT chash_create_partitions('parent');
CREATE TABLE child (id int PRIMARY KEY, parent_id int DEFAULT 0 REFERENCES parent);
INSERT INTO parent SELECT generate_series(0, 9);
INSERT INTO child SELECT i, i FROM generate_series(1, 9) i;
INSERT INTO child VALUES (10, 10);
UPDATE child SET parent_id = 99 WHERE id = 1;
DELETE FROM parent WHERE id = 1;
UPDATE parent SET id = 100 WHERE id = 1;
DELETE FROM child;
DELETE FROM parent;
-- of another integer type
CREATE TABLE wide_child (parent_id bigint REFERENCES parent);
INSERT INTO parent VALUES (1);
INSERT INTO wide_child VALUES (1);
INSERT INTO wide_child VALUES (2);
DELETE FROM parent;
DROP TABLE wide_child;
TRUNCATE parent CASCADE;

-- each action, by each side: keys 1 to 9 have a child each; 2 goes, 3 is renamed within its shard
CREATE FUNCTION try_actions(child_of_router bool, new_key int) RETURNS TABLE (action text, deleted text, updated text)
LANGUAGE plpgsql AS $$
BEGIN
	FOREACH action IN ARRAY '{NO ACTION,RESTRICT,CASCADE,SET NULL,SET DEFAULT}'::text[] LOOP
		DROP TABLE child;
		TRUNCATE parent;
		INSERT INTO parent SELECT generate_series(0, 9);
		-- a column that may become null is no key for a router
		EXECUTE 'CREATE TABLE child (id int, parent_id int DEFAULT 0 REFERENCES parent ON DELETE ' || action || ' ON UPDATE ' || action || ')'
			|| CASE WHEN child_of_router THEN 'PARTITION BY HASH (id f_ring)' ELSE '' END;
		IF child_of_router THEN
			PERFORM chash_create_partitions('child');
		END IF;
		INSERT INTO child SELECT i, i FROM generate_series(1, 9) i;
		BEGIN
			DELETE FROM parent WHERE id = 2;
			deleted := coalesce((SELECT coalesce(parent_id::text, 'null') FROM child WHERE id = 2), 'gone');
		EXCEPTION WHEN foreign_key_violation OR restrict_violation THEN
			deleted := 'refused';
		END;
		BEGIN
			UPDATE parent SET id = new_key WHERE id = 3;
			updated := coalesce((SELECT coalesce(parent_id::text, 'null') FROM child WHERE id = 3), 'gone');
		EXCEPTION WHEN foreign_key_violation OR restrict_violation THEN
			updated := 'refused';
		END;
		ASSERT (SELECT count(*) FROM child WHERE id NOT IN (2, 3)) = 7 AND (SELECT sum(parent_id) FROM child WHERE id NOT IN (2, 3)) = 40;
		ASSERT NOT EXISTS (SELECT FROM child WHERE parent_id NOT IN (SELECT id FROM parent));
		ASSERT NOT EXISTS (SELECT FROM chash_check('parent'));
		RETURN NEXT;
	END LOOP;
END $$;
SET client_min_messages = warning;
-- a key that stays in its shard
SELECT min(i) AS same_shard FROM generate_series(10, 99) i WHERE f_ring(i) = f_ring(3) \gset
SELECT min(i) AS other_shard FROM generate_series(10, 99) i WHERE f_ring(i) <> f_ring(3) \gset
SELECT * FROM try_actions(false, :same_shard);
SELECT * FROM try_actions(true, :same_shard);
-- One that goes to another shard. Before PostgreSQL 15 a row that changes its partition is deleted and inserted to foreign
-- keys, whatever it is partitioned by; since 15 it is updated.
CREATE FUNCTION try_move(moves_keys bool, new_key int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	found text[];
BEGIN
	found := ARRAY(SELECT updated FROM try_actions(true, new_key));
	ASSERT CASE WHEN moves_keys THEN found = ARRAY['refused', 'refused', new_key::text, 'null', '0']
		ELSE found = ARRAY['refused', 'refused', 'gone', 'null', '0'] END, found;
END $$;
\set VERBOSITY default
SELECT try_move(:'moves_keys', :other_shard);
\set VERBOSITY sqlstate

-- the child's own key cascades: the row follows its parent to the same shard
DROP TABLE child;
TRUNCATE parent;
INSERT INTO parent SELECT generate_series(0, 9);
CREATE TABLE child (parent_id int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE, line int, PRIMARY KEY (parent_id, line))
	PARTITION BY HASH (parent_id f_ring);
SELECT chash_create_partitions('child');
INSERT INTO child SELECT i, l FROM generate_series(1, 9) i, generate_series(1, 3) l;
DELETE FROM parent WHERE id IN (1, 2);
UPDATE parent SET id = :same_shard WHERE id = 3;
SELECT count(*), count(*) FILTER (WHERE parent_id = :same_shard) AS renamed FROM child;
SELECT * FROM chash_check('parent') UNION ALL SELECT * FROM chash_check('child');
-- from a router's table to another table
CREATE TABLE kinds (kind int PRIMARY KEY);
INSERT INTO kinds VALUES (1), (2);
ALTER TABLE child ADD kind int REFERENCES kinds ON DELETE SET NULL;
UPDATE child SET kind = line WHERE line < 3;
UPDATE child SET kind = 3 WHERE line = 3;
DELETE FROM kinds WHERE kind = 1;
SELECT kind, count(*) FROM child GROUP BY 1 ORDER BY 1;

-- keys that are checked at the end of the transaction
CREATE TABLE late (id int PRIMARY KEY, parent_id int REFERENCES parent DEFERRABLE INITIALLY DEFERRED) PARTITION BY HASH (id f_ring);
SELECT chash_create_partitions('late');
BEGIN;
INSERT INTO late VALUES (1, 500);
INSERT INTO parent VALUES (500);
COMMIT;
BEGIN;
INSERT INTO late VALUES (2, 501);
COMMIT;
SELECT * FROM late;

DROP TABLE late, child, kinds, parent;
DROP FUNCTION try_actions, try_move;
SELECT chash_drop_router('f_ring');
