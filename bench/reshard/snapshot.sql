-- snapshot.sql: a transaction whose snapshot is some time old when it comes to the table
\set id random(1, :rows)
\set department random(1, 100)
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT name FROM departments WHERE id = :department;
\sleep 20 ms
SELECT name FROM employees WHERE emp_no = :id;
COMMIT;
