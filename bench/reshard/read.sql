-- read.sql: one row, by its key
\set id random(1, :rows)
SELECT name, changes FROM employees WHERE emp_no = :id;
