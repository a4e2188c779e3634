-- Plans that are pruned when they are made, and executed with another snapshot.  Keys from 50 to 99
-- move from shard a to shard b.
DO $$ BEGIN PERFORM chash_create_router('ring', chash_range('{a,b}', '{100}', 'integer'), 'int'); END $$;
CREATE TABLE t (k int PRIMARY KEY, v text) PARTITION BY HASH (k ring);
CREATE TABLE t_a PARTITION OF t FOR VALUES WITH (MODULUS 8, REMAINDER 1);
CREATE TABLE t_b PARTITION OF t FOR VALUES WITH (MODULUS 8, REMAINDER 2);
CREATE TABLE u (k bigint REFERENCES t ON DELETE CASCADE, w text) PARTITION BY HASH (k ring_int8);
CREATE TABLE u_a PARTITION OF u FOR VALUES WITH (MODULUS 8, REMAINDER 1);
CREATE TABLE u_b PARTITION OF u FOR VALUES WITH (MODULUS 8, REMAINDER 2);
INSERT INTO t SELECT k, 'row ' || k FROM unnest(ARRAY[10, 60, 110]) k;
INSERT INTO u SELECT k, 'of ' || k FROM t;
-- changes the router, and moves rows
CREATE PROCEDURE change(bound int) LANGUAGE plpgsql AS
$$
DECLARE
	after chash_router := chash_range(ARRAY['a','b'], ARRAY[bound::text], 'integer');
	movers int[] := ARRAY(SELECT k FROM t WHERE ring(k) <> chash_shard(after, k));
	moving_t t[] := ARRAY(SELECT t FROM t WHERE k = ANY (movers));
	moving_u u[] := ARRAY(SELECT u FROM u WHERE k = ANY (movers));
BEGIN
	DELETE FROM t WHERE k = ANY (movers);
	PERFORM chash_replace_router('ring', after);
	INSERT INTO t SELECT * FROM unnest(moving_t);
	INSERT INTO u SELECT * FROM unnest(moving_u);
END
$$;
-- A function that reads with the snapshot of its caller.  Its plan is kept.
CREATE FUNCTION moves(OUT v text) STABLE LANGUAGE plpgsql AS
$$ BEGIN SELECT t.v INTO v FROM t WHERE t.k = 60; END $$;
CREATE FUNCTION moves_in_sql() RETURNS text STABLE SET search_path = public LANGUAGE sql AS
$$ SELECT v FROM t WHERE k = 60 $$;
CREATE FUNCTION stays(OUT v text) STABLE LANGUAGE plpgsql AS
$$ BEGIN SELECT t.v INTO v FROM t WHERE t.k = 10; END $$;
CREATE FUNCTION reads_all(OUT n int) STABLE LANGUAGE plpgsql AS
$$ BEGIN SELECT count(*) INTO n FROM t; END $$;
CREATE FUNCTION calls() RETURNS text STABLE LANGUAGE plpgsql AS
$$ BEGIN RETURN moves() || stays(); END $$;
CREATE FUNCTION routes() RETURNS text STABLE SET search_path = public LANGUAGE sql AS
$$ SELECT ring(60) FROM t LIMIT 1 $$;
BEGIN;
DECLARE moves CURSOR FOR SELECT moves();
DECLARE moves_in_sql CURSOR FOR SELECT moves_in_sql();
DECLARE stays CURSOR FOR SELECT stays(), reads_all();
DECLARE calls CURSOR FOR SELECT calls();
DECLARE routes CURSOR FOR SELECT routes();
CALL change(50);
SELECT moves(), moves_in_sql(), stays(), reads_all(), calls();
FETCH stays;
SAVEPOINT here;
FETCH moves;
ROLLBACK TO here;
FETCH moves_in_sql;
ROLLBACK TO here;
FETCH calls;
ROLLBACK TO here;
FETCH routes;
ROLLBACK TO here;
-- nothing of this has harmed the plans
SELECT moves(), moves_in_sql(), stays(), reads_all(), calls();
COMMIT;

-- A statement in a function is planned with the snapshot of the statement that calls it, and
-- executed with a new one.
DO
$$
BEGIN
	CALL change(100);
	RAISE NOTICE '%, %', (SELECT v FROM t WHERE k = 60), (SELECT w FROM u WHERE k = 60::smallint);
	UPDATE t SET v = 'new' WHERE k = 60;
	RAISE NOTICE '%', (SELECT v FROM t WHERE k IN (60, 61));
	-- an estimate asks the router, too
	RAISE NOTICE '%', (SELECT count(*) FROM t WHERE v <> ring(60));
	UPDATE t SET v = 'row 60' WHERE k = 60;
END
$$;
-- While a statement is planned, the planner calls functions that execute plans of their own, and
-- these look with the snapshot of then.
CREATE FUNCTION looks(key int, OUT v text) STABLE LANGUAGE plpgsql AS
$$
BEGIN
	SELECT t.v INTO v FROM t WHERE t.k = key;
	IF v IS NULL THEN
		RAISE NOTICE 'nothing found';
	END IF;
EXCEPTION WHEN serialization_failure THEN
	v := sqlstate;
END
$$;
CREATE FUNCTION looks_at_60(OUT v text) STABLE LANGUAGE plpgsql AS
$$
BEGIN
	SELECT t.v INTO v FROM t WHERE t.k = 60;
	IF v IS NULL THEN
		RAISE NOTICE 'nothing found';
	END IF;
EXCEPTION WHEN serialization_failure THEN
	v := sqlstate;
END
$$;
SET plan_cache_mode = force_generic_plan;
DO
$$
BEGIN
	PERFORM looks(60), looks_at_60();
	CALL change(50);
	RAISE NOTICE '%', (SELECT count(*) FROM t WHERE v <= looks(60) AND v <> looks_at_60());
END
$$;
RESET plan_cache_mode;

-- Prepared statements from before, and a snapshot that another session had before that: this one.
CALL change(100);
CREATE VIEW sixties AS SELECT k, v FROM t WHERE k = 60;
\o snapshots.psql
\qecho 'SET plan_cache_mode = force_generic_plan;'
\qecho 'PREPARE one AS SELECT v FROM t WHERE k = 60;'
\qecho 'PREPARE unmoved AS SELECT v FROM t WHERE k = 10;'
\qecho 'PREPARE given(int) AS SELECT v FROM t WHERE k = $1;'
\qecho 'PREPARE unmoved_ones AS SELECT v FROM t WHERE k IN (10, 110) ORDER BY k;'
\qecho 'PREPARE more AS SELECT v FROM t WHERE k IN (10, 60, 110) ORDER BY k;'
\qecho 'PREPARE all_rows AS SELECT v FROM t ORDER BY k;'
\qecho 'PREPARE any_place AS SELECT v FROM t WHERE k = 60 OR v = $$row 110$$ ORDER BY k;'
\qecho 'PREPARE locks AS SELECT v FROM t WHERE k = 60 FOR UPDATE;'
\qecho 'PREPARE changes AS UPDATE t SET v = $$new$$ WHERE k = 60 RETURNING v;'
\qecho 'PREPARE changes_unmoved AS UPDATE t SET v = $$new$$ WHERE k = 10 RETURNING v;'
\qecho 'PREPARE removes AS DELETE FROM t WHERE k = 60 RETURNING v;'
\qecho 'PREPARE copies AS INSERT INTO t SELECT 61, v FROM t WHERE k = 60 RETURNING v;'
\qecho 'PREPARE views AS SELECT v FROM sixties;'
\qecho 'PREPARE nested AS WITH w AS MATERIALIZED (SELECT v FROM t WHERE k = 60) SELECT (SELECT count(*) FROM w);'
\qecho 'PREPARE joined AS SELECT v, w FROM t JOIN u USING (k) WHERE k = 60;'
\qecho 'PREPARE wide AS SELECT w FROM u WHERE k = 60;'
\qecho 'PREPARE narrow AS SELECT w FROM u WHERE k = 60::smallint;'
\qecho 'EXECUTE one; EXECUTE unmoved; EXECUTE given(10); EXECUTE unmoved_ones; EXECUTE more; EXECUTE all_rows;'
\qecho 'EXECUTE any_place; EXECUTE locks; EXECUTE views; EXECUTE nested; EXECUTE joined; EXECUTE wide; EXECUTE narrow;'
\qecho 'BEGIN; EXECUTE changes; EXECUTE changes_unmoved; EXECUTE removes; EXECUTE copies; ROLLBACK;'
\qecho 'BEGIN ISOLATION LEVEL REPEATABLE READ;'
\qecho 'SET TRANSACTION SNAPSHOT :\'snapshot\';'
\qecho '\\echo in the older snapshot'
\qecho '\\set ON_ERROR_ROLLBACK on'
\qecho 'EXECUTE unmoved; EXECUTE given(10); EXECUTE unmoved_ones; EXECUTE all_rows; EXECUTE changes_unmoved;'
\qecho '\\echo what has moved'
\qecho 'EXECUTE one; EXECUTE given(60); EXECUTE more; EXECUTE locks; EXECUTE changes; EXECUTE removes; EXECUTE copies;'
\qecho 'EXECUTE views; EXECUTE nested; EXECUTE joined; EXECUTE wide; EXECUTE narrow;'
\qecho '\\echo all partitions are looked at'
\qecho 'EXECUTE any_place;'
\qecho '\\echo nothing is looked at'
\qecho 'EXPLAIN (COSTS OFF) EXECUTE one \\g /dev/null'
\qecho '\\echo foreign keys'
\qecho 'DO $$ BEGIN INSERT INTO u VALUES (60); EXCEPTION WHEN serialization_failure THEN NULL; END $$;'
\qecho 'INSERT INTO u VALUES (110, $$new$$) RETURNING w;'
\qecho 'DELETE FROM t WHERE k = 10; SELECT w FROM u WHERE k = 10;'
\qecho 'ROLLBACK;'
\qecho '\\echo in a new one'
\qecho 'EXECUTE one; EXECUTE given(60); EXECUTE more; EXECUTE joined;'
\o
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT pg_export_snapshot() AS snapshot \gset
\setenv SNAPSHOT :snapshot
\setenv DATABASE :DBNAME
\! psql -X -q -d "$DATABASE" -c 'CALL change(50)'
\! psql -X -q -A -t -d "$DATABASE" -v snapshot="$SNAPSHOT" -v VERBOSITY=sqlstate -f snapshots.psql 2>&1
COMMIT;
-- The same text in another row: a change there and back, which moves the row, and a grant.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT pg_export_snapshot() AS snapshot \gset
\setenv SNAPSHOT :snapshot
\! psql -X -q -d "$DATABASE" -c 'CALL change(100)' -c 'CALL change(50)'
\! psql -X -q -A -t -d "$DATABASE" -v snapshot="$SNAPSHOT" -v VERBOSITY=sqlstate -f snapshots.psql 2>&1
COMMIT;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT pg_export_snapshot() AS snapshot \gset
\setenv SNAPSHOT :snapshot
\! psql -X -q -d "$DATABASE" -c 'GRANT EXECUTE ON FUNCTION ring TO CURRENT_USER'
\! psql -X -q -A -t -d "$DATABASE" -v snapshot="$SNAPSHOT" -v VERBOSITY=sqlstate -f snapshots.psql 2>&1
COMMIT;
\! rm snapshots.psql

DROP TABLE u, t CASCADE;
DROP FUNCTION moves, moves_in_sql, stays, reads_all, calls, routes, looks, looks_at_60;
DROP PROCEDURE change;
DO $$ BEGIN PERFORM chash_drop_router('ring'); END $$;
