-- update.sql: one row, by its key
\set id random(1, :rows)
UPDATE employees SET changes = changes + 1 WHERE emp_no = :id;
