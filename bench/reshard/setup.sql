-- setup.sql: the rows that tables of employees are made of, and how such a table is made.

DROP EXTENSION IF EXISTS chash CASCADE;
DROP TABLE IF EXISTS employees, source, departments, refused CASCADE;
CREATE EXTENSION chash;

-- 80 bytes beside the key
CREATE TABLE source AS
SELECT i::bigint AS emp_no, 0 AS changes, date '1952-02-01' + (i % 4748)::int AS birth_date,
       date '1985-01-01' + (i % 5000)::int AS hire_date, substr(md5(i::text), 1, 20) AS name,
       md5(i::text) || substr(md5(i::text), 1, 14) AS address
FROM generate_series(1, :rows) AS i;
VACUUM (ANALYZE) source;

CREATE TABLE refused (emp_no bigint);
CREATE TABLE departments (id int PRIMARY KEY, name text);
INSERT INTO departments SELECT i, 'department ' || i FROM generate_series(1, 100) AS i;

CREATE OR REPLACE FUNCTION shards() RETURNS text[] IMMUTABLE LANGUAGE sql
RETURN ARRAY['s0', 's1', 's2', 's3'];

CREATE OR REPLACE PROCEDURE drop_table(name text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('DROP TABLE IF EXISTS %I', name);
    IF to_regproc(name || '_router') IS NOT NULL THEN
        PERFORM chash_drop_router(to_regproc(name || '_router'));
    END IF;
END $$;

CREATE OR REPLACE PROCEDURE make_table(name text, router chash_router) LANGUAGE plpgsql AS $$
BEGIN
    CALL drop_table(name);
    PERFORM chash_create_router('public.' || name || '_router', router, 'bigint');
    EXECUTE format('CREATE TABLE %I (LIKE source, PRIMARY KEY (emp_no)) PARTITION BY HASH (emp_no %I)',
                   name, name || '_router');
    PERFORM chash_create_partitions(name::regclass, '{table}_{shard}');
    EXECUTE format('INSERT INTO %I SELECT * FROM source', name);
END $$;
