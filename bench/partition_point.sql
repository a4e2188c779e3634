-- partition_point.sql: a row of a partitioned table read and updated by its key, in a prepared statement, through pgbench

-- @read_4_plain: read, 4 partitions, by PostgreSQL's hash
SELECT first_name, last_name, salary FROM employees_4_plain WHERE emp_no = :id;

-- @read_4_ring: read, 4 partitions, by a ring
SELECT first_name, last_name, salary FROM employees_4_ring WHERE emp_no = :id;

-- @read_16_plain: read, 16 partitions, by PostgreSQL's hash
SELECT first_name, last_name, salary FROM employees_16_plain WHERE emp_no = :id;

-- @read_16_ring: read, 16 partitions, by a ring
SELECT first_name, last_name, salary FROM employees_16_ring WHERE emp_no = :id;

-- @update_4_plain: update, 4 partitions, by PostgreSQL's hash
UPDATE employees_4_plain SET salary = salary + 1 WHERE emp_no = :id;

-- @update_4_ring: update, 4 partitions, by a ring
UPDATE employees_4_ring SET salary = salary + 1 WHERE emp_no = :id;

-- @update_16_plain: update, 16 partitions, by PostgreSQL's hash
UPDATE employees_16_plain SET salary = salary + 1 WHERE emp_no = :id;

-- @update_16_ring: update, 16 partitions, by a ring
UPDATE employees_16_ring SET salary = salary + 1 WHERE emp_no = :id;
