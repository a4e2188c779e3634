-- chash_compare: the strategies side by side on a table.

\set ECHO none
\i test/sample/employees.sql
\set ECHO all
\set report 'strategy, shards, rows, min_rows, max_rows, round(skew::numeric, 4) AS skew, rows_moved, round(share_moved::numeric, 4) AS share_moved, round(ideal_share::numeric, 4) AS ideal, round(range_shards::numeric, 4) AS range_shards, exact'

SELECT :report FROM chash_compare('employees', 'salary', shards => 4, add => 1);
SELECT :report FROM chash_compare('employees', 'last_name', shards => 4, add => 1);
SELECT :report FROM chash_compare('employees', 'hire_date', shards => 8, add => -1);
SELECT :report FROM chash_compare('employees', 'emp_no', shards => 16, add => 1);
SELECT :report FROM chash_compare('employees', 'emp_no', add => 0);
SELECT :report FROM chash_compare('employees', 'emp_no', shards => 1, add => 3, vnodes => 500, hash => 'sha1');

-- modulo is what PARTITION BY HASH does
CREATE TABLE by_hash (emp_no int, last_name text) PARTITION BY HASH (last_name);
SELECT format('CREATE TABLE by_hash_%s PARTITION OF by_hash FOR VALUES WITH (MODULUS 4, REMAINDER %s)', i, i) FROM generate_series(0, 3) i \gexec
INSERT INTO by_hash SELECT emp_no, last_name FROM employees;
SELECT min(n), max(n) FROM (SELECT count(*) AS n FROM by_hash GROUP BY tableoid) x;
SELECT min_rows, max_rows FROM chash_compare('by_hash', 'last_name') WHERE strategy = 'modulo';

-- range: equal parts up to ties, checked by ntile; what a query over 1 % touches, checked by brute force
SELECT min_rows, max_rows FROM chash_compare('employees', 'emp_no', shards => 7) WHERE strategy = 'range';
SELECT min(n), max(n) FROM (SELECT count(*) AS n FROM (SELECT ntile(7) OVER (ORDER BY emp_no) AS part FROM employees) x GROUP BY part) y;
SELECT round(avg(1 + (SELECT count(*) FROM unnest('{0.25,0.5,0.75}'::float8[]) cut WHERE s < cut AND cut < s + 0.01))::numeric, 2) AS brute_force
FROM (SELECT i * 0.99 / 100000 AS s FROM generate_series(0, 100000) i) x;
SELECT round(range_shards::numeric, 2) FROM chash_compare('employees', 'emp_no') WHERE strategy = 'range';

-- other types of keys; a view; samples
CREATE VIEW staff AS SELECT emp_no::numeric / 2 AS half, hire_date::timestamp AS hired, hire_date::timestamptz AS hired_tz,
	md5(emp_no::text)::uuid AS id, decode(md5(emp_no::text), 'hex') AS bytes, last_name::char(40) AS padded, last_name::name AS name
FROM employees WHERE emp_no <= 1000;
SELECT col, strategy, rows, rows_moved BETWEEN 0 AND 1000 AS sane
FROM unnest('{half,hired,hired_tz,id,bytes,padded,name}'::name[]) col, chash_compare('staff', col);
SELECT strategy, rows BETWEEN 50000 AND 200000 AS scaled, share_moved < 1 AS sane, exact FROM chash_compare('employees', 'emp_no', sample => 0.2);
CREATE TABLE long_keys AS SELECT repeat('x', 990) || repeat(chr(228), i) AS t, decode(repeat(lpad(to_hex(i), 2, '0'), 600), 'hex') AS b FROM generate_series(1, 100) i;
CREATE TABLE digits AS SELECT n::numeric FROM unnest('{1,3,4,1e1001,2e1001,9e999}'::numeric[]) n;
SELECT col, strategy, max_rows < 100 AS split FROM unnest('{t,b}'::name[]) col, chash_compare('long_keys', col) WHERE strategy = 'range';

-- more shards than slots as a rule: each has slots, and the fewest move
SELECT strategy, max_rows < 40 AS balanced, share_moved < 0.4 AS moved, share_moved > 0.28 AS enough FROM chash_compare('staff', 'half', 2000, 1000) WHERE strategy = 'slots'
UNION ALL SELECT strategy, max_rows < 40, share_moved < 0.4, share_moved > 0.28 FROM chash_compare('staff', 'half', 3000, -1000) WHERE strategy = 'slots';

-- heavy ties: fewer shards than cuts; NULLs are left out; nothing to compare
CREATE TABLE ties (k int);
INSERT INTO ties SELECT CASE WHEN i <= 900 THEN 7 WHEN i <= 990 THEN i END FROM generate_series(1, 1000) i;
SELECT :report FROM chash_compare('ties', 'k');
TRUNCATE ties;
SELECT :report FROM chash_compare('ties', 'k');

-- refused
SELECT chash_compare('ties', 'k', shards => 0);
SELECT chash_compare('ties', 'k', shards => 65536);
SELECT chash_compare('ties', 'k', shards => 4, add => -4);
SELECT chash_compare('ties', 'k', shards => 65535, add => 2147483647);
SELECT chash_compare('ties', 'k', vnodes => 0);
SELECT chash_compare('ties', 'k', hash => 'crc');
SELECT chash_compare('ties', 'k', sample => -1);
SELECT chash_compare('ties', NULL);
SELECT chash_compare('ties', 'nope');
SELECT chash_compare('pg_class_oid_index', 'oid');
SELECT chash_compare('staff', 'id', sample => 0.1);
SELECT chash_compare('digits', 'n');
DROP TABLE by_hash, ties, long_keys, digits;
DROP VIEW staff;
DROP TABLE employees;
