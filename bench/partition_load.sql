-- partition_load.sql: a table of employees loaded into one that is partitioned by its primary key

-- before each of them
TRUNCATE loaded_4_plain, loaded_4_ring, loaded_16_plain, loaded_16_ring;

-- @insert_4_plain: INSERT ... SELECT, 4 partitions, by PostgreSQL's hash
INSERT INTO loaded_4_plain SELECT * FROM employees;

-- @insert_4_ring: INSERT ... SELECT, 4 partitions, by a ring
INSERT INTO loaded_4_ring SELECT * FROM employees;

-- @insert_16_plain: INSERT ... SELECT, 16 partitions, by PostgreSQL's hash
INSERT INTO loaded_16_plain SELECT * FROM employees;

-- @insert_16_ring: INSERT ... SELECT, 16 partitions, by a ring
INSERT INTO loaded_16_ring SELECT * FROM employees;

-- @copy_4_plain: COPY, 4 partitions, by PostgreSQL's hash
COPY loaded_4_plain FROM 'employees.copy';

-- @copy_4_ring: COPY, 4 partitions, by a ring
COPY loaded_4_ring FROM 'employees.copy';

-- @copy_16_plain: COPY, 16 partitions, by PostgreSQL's hash
COPY loaded_16_plain FROM 'employees.copy';

-- @copy_16_ring: COPY, 16 partitions, by a ring
COPY loaded_16_ring FROM 'employees.copy';
