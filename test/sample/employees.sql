--
-- employees.sql: sample data, a table of employees with the skew of real ones.
--
-- Owns the table "employees", which it creates in the current schema (it must
-- not exist yet), fills and analyzes.  Needs psql 11 or later:
--
--		psql -v ON_ERROR_STOP=1 -f employees.sql
--		psql -v ON_ERROR_STOP=1 -v employees=5000 -f employees.sql
--
-- "employees" is the number of rows (100000 unless set).  The content of a row
-- depends on its emp_no only: it is the same on every server, on every run and
-- for every number of rows.  Nothing depends on today's date.
--

\if :{?employees}
\else
	\set employees 100000
\endif

CREATE TABLE employees (
	emp_no		int PRIMARY KEY,
	first_name	text NOT NULL,
	last_name	text NOT NULL,
	birth_date	date NOT NULL,
	hire_date	date NOT NULL,
	department	text NOT NULL,
	title		text NOT NULL,
	salary		int NOT NULL
);

--
-- Every choice among weighted entries works in the same way: "bounds" has the
-- running totals of the weights, and width_bucket() finds the entry in which a
-- random number below the grand total falls.  The random numbers are 28 bits
-- of an md5 sum, so never negative.  All arithmetic is on integers.
--
INSERT INTO employees (
	emp_no, first_name, last_name, birth_date, hire_date, department, title, salary
)
WITH
-- First names, commonest first: the weight is 1 / (rank + 10).
first_names AS MATERIALIZED (
	SELECT
		array_agg(name ORDER BY rank) AS names,
		array_agg(bound ORDER BY rank) AS bounds,
		max(bound) AS total
	FROM (
		SELECT
			name,
			rank,
			(sum((1000000 / (rank + 10))::int) OVER (ORDER BY rank))::int AS bound
		FROM unnest(ARRAY[
			'James', 'Mary', 'Michael', 'Jennifer', 'John', 'Linda', 'David',
			'Patricia', 'Robert', 'Elizabeth', 'William', 'Susan', 'Richard',
			'Jessica', 'Thomas', 'Sarah', 'Christopher', 'Karen', 'Daniel',
			'Lisa', 'Matthew', 'Nancy', 'Anthony', 'Sandra', 'Mark', 'Ashley',
			'Steven', 'Emily', 'Andrew', 'Kimberly', 'Paul', 'Margaret',
			'Joshua', 'Donna', 'Kenneth', 'Michelle', 'Kevin', 'Carol',
			'Brian', 'Amanda', 'George', 'Melissa', 'Timothy', 'Deborah',
			'Ronald', 'Stephanie', 'Jason', 'Rebecca', 'Edward', 'Laura',
			'Jeffrey', 'Helen', 'Ryan', 'Sharon', 'Jacob', 'Cynthia',
			'Nicholas', 'Kathleen', 'Gary', 'Amy', 'Eric', 'Angela',
			'Jonathan', 'Anna', 'Stephen', 'Ruth', 'Larry', 'Brenda', 'Justin',
			'Pamela', 'Scott', 'Nicole', 'Brandon', 'Katherine', 'Benjamin',
			'Samantha', 'Samuel', 'Christine', 'Gregory', 'Catherine',
			'Alexander', 'Virginia', 'Patrick', 'Rachel', 'Frank', 'Janet',
			'Raymond', 'Emma', 'Jack', 'Maria', 'Dennis', 'Heather', 'Tyler',
			'Diane', 'Aaron', 'Julie', 'Jose', 'Victoria', 'Adam', 'Joan',
			'Nathan', 'Olivia', 'Henry', 'Kelly', 'Peter', 'Lauren', 'Zachary',
			'Christina', 'Kyle', 'Judith', 'Walter', 'Megan', 'Ethan', 'Andrea',
			'Jeremy', 'Hannah', 'Carlos', 'Martha', 'Oscar', 'Ivy', 'Ursula',
			'Quentin', 'Xavier', 'Yolanda'
		]) WITH ORDINALITY AS listed (name, rank)
	) AS ranked
),
-- Last names, commonest first: the weight is 1 / (rank + 3).
last_names AS MATERIALIZED (
	SELECT
		array_agg(name ORDER BY rank) AS names,
		array_agg(bound ORDER BY rank) AS bounds,
		max(bound) AS total
	FROM (
		SELECT
			name,
			rank,
			(sum((1000000 / (rank + 3))::int) OVER (ORDER BY rank))::int AS bound
		FROM unnest(ARRAY[
			'Smith', 'Brown', 'Miller', 'Johnson', 'Harris', 'Martin',
			'Williams', 'Moore', 'Scott', 'Jones', 'Baker', 'Davis', 'Hall',
			'Murphy', 'Hill', 'Taylor', 'Wilson', 'Morris', 'Bell', 'Clark',
			'Stewart', 'Garcia', 'Anderson', 'Mitchell', 'Sanchez', 'Thomas',
			'Robinson', 'Bailey', 'Hughes', 'Lewis', 'Martinez', 'Howard',
			'Sanders', 'Butler', 'Walker', 'Campbell', 'Morgan', 'Henderson',
			'Sullivan', 'Lee', 'Evans', 'Barnes', 'Cooper', 'Rodriguez',
			'Murray', 'Brooks', 'White', 'Simmons', 'Hernandez', 'Parker',
			'King', 'Bennett', 'Hayes', 'Mason', 'Thompson', 'Wright', 'Adams',
			'Shaw', 'Green', 'Hamilton', 'Allen', 'Marshall', 'Phillips',
			'Stevens', 'Burns', 'Young', 'Roberts', 'Jackson', 'Turner',
			'Holmes', 'Nelson', 'Black', 'Carter', 'Simpson', 'Edwards',
			'Myers', 'Peterson', 'Cook', 'Hunt', 'Rogers', 'Reed', 'Boyd',
			'Schmidt', 'Ward', 'Foster', 'Gray', 'McDonald', 'Richardson',
			'Wood', 'Perez', 'Hart', 'Lopez', 'Gonzalez', 'Collins', 'Watson',
			'Kelly', 'Fisher', 'Price', 'Graham', 'Ross', 'Bryant', 'Mills',
			'Singh', 'Ford', 'Russell', 'Hudson', 'Cox', 'Powell', 'Long',
			'Patterson', 'Griffin', 'Jenkins', 'Perry', 'Kennedy', 'Flores',
			'Torres', 'Ramirez', 'Rivera', 'Diaz', 'Cruz', 'Gomez', 'Reyes',
			'Patel', 'Nguyen', 'Kim', 'Chen', 'Wang', 'Carpenter', 'Tucker',
			'Webb', 'Warren', 'West', 'Dixon', 'Duncan', 'Ellis', 'Freeman',
			'Gibson', 'Gordon', 'Grant', 'Lawson', 'Lane', 'Nichols', 'Newman',
			'Owens', 'Olson', 'Vasquez', 'Vaughn', 'Yates', 'Zimmerman',
			'Ingram', 'Quinn', 'Underwood', 'Xu'
		]) WITH ORDINALITY AS listed (name, rank)
	) AS ranked
),
-- Years of hiring, with their booms and freezes.
hire_years AS MATERIALIZED (
	SELECT
		array_agg(year ORDER BY year) AS years,
		array_agg(bound ORDER BY year) AS bounds,
		max(bound) AS total
	FROM (
		SELECT year, (sum(weight) OVER (ORDER BY year))::int AS bound
		FROM (
			VALUES
				(1990, 6), (1991, 4), (1992, 5), (1993, 7), (1994, 10),
				(1995, 14), (1996, 20), (1997, 30), (1998, 46), (1999, 70),
				(2000, 62), (2001, 15), (2002, 6), (2003, 8), (2004, 16),
				(2005, 28), (2006, 44), (2007, 52), (2008, 20), (2009, 4),
				(2010, 9), (2011, 18), (2012, 24), (2013, 27), (2014, 36),
				(2015, 48), (2016, 52), (2017, 60), (2018, 85), (2019, 64),
				(2020, 14), (2021, 110), (2022, 130), (2023, 33), (2024, 22)
		) AS listed (year, weight)
	) AS ranked
),
-- Pay grades: the exact pay of the grade, and the width of the bell around it
-- (the standard deviation is about 443 / bell of the pay).
grades (grade, pay, bell) AS (
	VALUES
		(1, 31000, 4400),
		(2, 38500, 3700),
		(3, 47000, 3200),
		(4, 58000, 2900),
		(5, 72000, 2600),
		(6, 91000, 2300),
		(7, 124000, 2000),
		(8, 185000, 1500)
),
-- Titles of each department, with their pay grades and numbers in 10000.
jobs AS MATERIALIZED (
	SELECT
		row_number() OVER running AS job,
		department,
		title,
		grade,
		(sum(weight) OVER running)::int AS bound
	FROM (
		VALUES
			(1, 'Production', 'Operator', 1, 1200),
			(2, 'Production', 'Senior Operator', 2, 670),
			(3, 'Production', 'Shift Leader', 3, 450),
			(4, 'Production', 'Production Engineer', 4, 190),
			(5, 'Production', 'Plant Manager', 6, 90),
			(6, 'Engineering', 'Junior Engineer', 3, 350),
			(7, 'Engineering', 'Engineer', 4, 850),
			(8, 'Engineering', 'Senior Engineer', 5, 600),
			(9, 'Engineering', 'Staff Engineer', 6, 180),
			(10, 'Engineering', 'Engineering Manager', 6, 100),
			(11, 'Engineering', 'Engineering Director', 7, 20),
			(12, 'Sales', 'Sales Assistant', 1, 350),
			(13, 'Sales', 'Sales Representative', 2, 700),
			(14, 'Sales', 'Account Manager', 3, 400),
			(15, 'Sales', 'Senior Account Manager', 4, 180),
			(16, 'Sales', 'Regional Manager', 6, 60),
			(17, 'Sales', 'Sales Director', 7, 10),
			(18, 'Customer Service', 'Service Agent', 1, 850),
			(19, 'Customer Service', 'Senior Service Agent', 2, 350),
			(20, 'Customer Service', 'Team Leader', 3, 160),
			(21, 'Customer Service', 'Service Manager', 5, 40),
			(22, 'Logistics', 'Warehouse Worker', 1, 450),
			(23, 'Logistics', 'Driver', 2, 200),
			(24, 'Logistics', 'Dispatcher', 3, 110),
			(25, 'Logistics', 'Logistics Manager', 5, 40),
			(26, 'Finance', 'Accounting Clerk', 2, 150),
			(27, 'Finance', 'Accountant', 3, 150),
			(28, 'Finance', 'Senior Accountant', 4, 90),
			(29, 'Finance', 'Controller', 6, 45),
			(30, 'Finance', 'Finance Director', 7, 15),
			(31, 'Marketing', 'Marketing Assistant', 2, 110),
			(32, 'Marketing', 'Marketing Specialist', 3, 140),
			(33, 'Marketing', 'Product Manager', 5, 80),
			(34, 'Marketing', 'Marketing Director', 7, 10),
			(35, 'Information Technology', 'Support Technician', 2, 80),
			(36, 'Information Technology', 'System Administrator', 4, 110),
			(37, 'Information Technology', 'Database Administrator', 5, 40),
			(38, 'Information Technology', 'System Architect', 6, 20),
			(39, 'Human Resources', 'Personnel Clerk', 2, 70),
			(40, 'Human Resources', 'Recruiter', 3, 80),
			(41, 'Human Resources', 'Personnel Manager', 5, 50),
			(42, 'Research', 'Laboratory Technician', 3, 60),
			(43, 'Research', 'Scientist', 5, 70),
			(44, 'Research', 'Principal Scientist', 7, 15),
			(45, 'Legal', 'Paralegal', 3, 15),
			(46, 'Legal', 'Counsel', 6, 15),
			(47, 'Legal', 'General Counsel', 8, 2),
			(48, 'Executive', 'Vice President', 8, 8)
	) AS listed (line, department, title, grade, weight)
	WINDOW running AS (ORDER BY line)
),
job_bounds AS MATERIALIZED (
	SELECT array_agg(bound ORDER BY job) AS bounds, max(bound) AS total
	FROM jobs
),
-- Some random numbers for each employee, from three md5 sums of 32 digits each.
sums AS MATERIALIZED (
	SELECT
		i,
		md5('person' || i) AS person_sum,
		md5('work' || i) AS work_sum,
		md5('pay' || i) AS pay_sum
	FROM generate_series(1, :employees) AS i
),
rolls AS MATERIALIZED (
	SELECT
		i,
		('x' || substr(person_sum, 1, 7))::bit(28)::int AS first_name,
		('x' || substr(person_sum, 8, 7))::bit(28)::int AS last_name,
		('x' || substr(person_sum, 15, 7))::bit(28)::int AS age,
		('x' || substr(person_sum, 22, 7))::bit(28)::int AS other_age,
		('x' || substr(work_sum, 1, 7))::bit(28)::int AS job,
		('x' || substr(work_sum, 8, 7))::bit(28)::int AS hire_year,
		('x' || substr(work_sum, 15, 7))::bit(28)::int AS hire_month,
		('x' || substr(work_sum, 22, 7))::bit(28)::int AS hire_day,
		('x' || substr(pay_sum, 1, 7))::bit(28)::int AS pay_kind,
		('x' || substr(pay_sum, 8, 7))::bit(28)::int AS pay_step,
		('x' || substr(pay_sum, 15, 7))::bit(28)::int AS pay_tail,
		decode(substr(pay_sum, 22, 8), 'hex') AS pay_bytes
	FROM sums
),
-- Names, the job and the date of hiring: a third of the hires start on the
-- first of a month, with more of them in spring and in September.
hires AS MATERIALIZED (
	SELECT
		r.i,
		f.names[1 + width_bucket(r.first_name % f.total, f.bounds)] AS first_name,
		l.names[1 + width_bucket(r.last_name % l.total, l.bounds)] AS last_name,
		1 + width_bucket(r.job % b.total, b.bounds) AS job,
		make_date(
			y.years[1 + width_bucket(r.hire_year % y.total, y.bounds)],
			(ARRAY[
				1, 1, 2, 3, 3, 4, 4, 4, 5, 5, 6, 7, 8, 9, 9, 9, 9, 10, 10, 11, 12
			])[1 + r.hire_month % 21],
			greatest(1, r.hire_day % 42 - 13)
		) AS hire_date,
		y.years[1 + width_bucket(r.hire_year % y.total, y.bounds)] AS hire_year,
		r.age,
		r.other_age,
		r.pay_kind,
		r.pay_step,
		r.pay_tail,
		-- The sum of four bytes, a bell around 510.
		get_byte(r.pay_bytes, 0) + get_byte(r.pay_bytes, 1)
			+ get_byte(r.pay_bytes, 2) + get_byte(r.pay_bytes, 3) AS bell_point
	FROM rolls AS r
	CROSS JOIN first_names AS f
	CROSS JOIN last_names AS l
	CROSS JOIN hire_years AS y
	CROSS JOIN job_bounds AS b
),
-- The pay before rounding.  A third of the employees earn the exact pay of
-- their grade or a tenth less (starters) or more (seniors); the others are
-- around it, where the cube of the bell is skewed as a log-normal one, and most
-- are rounded to 1000 rather than 500.  A few of the two highest grades earn a
-- multiple.
pays AS MATERIALIZED (
	SELECT
		h.i,
		h.first_name,
		h.last_name,
		h.hire_date,
		j.department,
		j.title,
		-- Age at the hiring: 18 to 63 years, more for the higher grades and
		-- less for the early years, as nobody was born before 1954.
		16 + 2 * g.grade AS least_age,
		least(63, h.hire_year - 1955) AS most_age,
		h.age,
		h.other_age,
		CASE
			WHEN h.pay_kind % 100 >= 34 AND (g.grade >= 6 OR h.pay_step % 3 > 0) THEN 1000
			ELSE 500
		END AS step,
		CASE
			WHEN h.pay_kind % 100 < 18 THEN g.pay
			WHEN h.pay_kind % 100 < 28 THEN g.pay * 9 / 10
			WHEN h.pay_kind % 100 < 34 THEN g.pay * 11 / 10
			ELSE g.pay::bigint
				* (g.bell - 510 + h.bell_point)
				* (g.bell - 510 + h.bell_point)
				* (g.bell - 510 + h.bell_point)
				/ (g.bell::bigint * g.bell * g.bell)
				* CASE
					WHEN g.grade >= 7 AND h.pay_tail % 8 = 0
					THEN (ARRAY[
						12, 12, 13, 13, 14, 14, 15, 16, 18, 20, 24, 32
					])[1 + h.pay_tail / 8 % 12]
					ELSE 10
				END
				/ 10
		END AS pay
	FROM hires AS h
	JOIN jobs AS j ON j.job = h.job
	JOIN grades AS g ON g.grade = j.grade
)
SELECT
	i,
	first_name,
	last_name,
	-- The lesser of two even choices, as most are hired young.
	hire_date - least_age * 366 - least(
		age % ((most_age - least_age) * 365),
		other_age % ((most_age - least_age) * 365)
	),
	hire_date,
	department,
	title,
	(pay + step / 2) / step * step
FROM pays
ORDER BY i;

ANALYZE employees;
