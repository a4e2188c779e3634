-- partitions.sql: a table of employees, and tables partitioned by hash to hold the same: by
-- PostgreSQL's own operator class, with as many remainders as partitions, and by a router, as
-- chash_create_partitions makes them. Those called loaded_... are empty.

CREATE TABLE employees (
    emp_no int NOT NULL, birth_date date NOT NULL, first_name varchar(14) NOT NULL,
    last_name varchar(16) NOT NULL, hire_date date NOT NULL, salary int NOT NULL
);
INSERT INTO employees
SELECT i, date '1952-02-01' + i % 4748, substr(md5(i::text), 1, 4 + i % 8),
       substr(md5(i::text), 12, 5 + i % 9), date '1985-01-01' + i % 5000, 40000 + i % 60000
FROM generate_series(1, :employees) AS i;

-- into the server's folder, where a COPY FROM without a path finds it
SELECT current_setting('data_directory') || '/employees.copy' AS file \gset
COPY employees TO :'file';

CREATE PROCEDURE make_partitioned(name text, shards int) LANGUAGE plpgsql AS $$
DECLARE
    router text := 'employees_ring_' || shards;
BEGIN
    EXECUTE format('CREATE TABLE %I (LIKE employees, PRIMARY KEY (emp_no)) PARTITION BY HASH (emp_no)',
                   name || '_plain');
    FOR i IN 0 .. shards - 1 LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES WITH (MODULUS %s, REMAINDER %s)',
                       name || '_plain_' || i, name || '_plain', shards, i);
    END LOOP;
    EXECUTE format('CREATE TABLE %I (LIKE employees, PRIMARY KEY (emp_no)) PARTITION BY HASH (emp_no %I)',
                   name || '_ring', router);
    PERFORM chash_create_partitions((name || '_ring')::regclass, '{table}_{shard}');
END $$;

SELECT chash_create_router('public.employees_ring_4', chash_ring(names(4)), 'int'),
       chash_create_router('public.employees_ring_16', chash_ring(names(16)), 'int');
CALL make_partitioned('employees_4', 4);
CALL make_partitioned('employees_16', 16);
CALL make_partitioned('loaded_4', 4);
CALL make_partitioned('loaded_16', 16);

INSERT INTO employees_4_plain SELECT * FROM employees;
INSERT INTO employees_4_ring SELECT * FROM employees;
INSERT INTO employees_16_plain SELECT * FROM employees;
INSERT INTO employees_16_ring SELECT * FROM employees;
