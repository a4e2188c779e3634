-- The strategy range: bounds on the key itself, in its own type.

-- salaries
SELECT * FROM chash_routing_table(chash_range('{low,middle,high}', '{40000,80000}', 'int'));
SELECT salary, chash_shard(chash_range('{low,middle,high}', '{40000,80000}', 'int'), salary)
FROM unnest('{-1,39999,40000,79999,80000,2147483647}'::int[]) salary;

-- names
SELECT name, chash_shard(chash_range('{A-M,N-Z}', '{N}'), name)
FROM unnest('{Adams,Mzzz,N,Nelson,Zorn}'::text[]) name;

-- every type, its bounds in their fixed form
SELECT chash_range('{a,b}', '{007}', 'bigint'), chash_range('{a,b}', '{1.500}', 'numeric');
SELECT chash_range('{a,b}', '{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}', 'uuid'), chash_range('{a,b}', '{"\\\\xDEAD"}', 'bytea');
SELECT chash_range('{a,b,c}', '{-infinity,2024-02-29}', 'date');
SELECT chash_range('{a,b}', '{2024-02-29 12:00:00.5}', 'timestamp'), chash_range('{a,b}', '{2024-02-29 12:00:00+00}', 'timestamptz');
SELECT chash_shard(chash_range('{a,b}', '{2024-02-29}', 'date'), '2024-02-28'),
	chash_shard(chash_range('{a,b}', '{2024-02-29}', 'date'), '2024-02-29'),
	chash_shard(chash_range('{a,b}', '{1.5}', 'numeric'), 1), chash_shard(chash_range('{a,b}', '{1.5}', 'numeric'), '1.50'),
	chash_shard(chash_range('{a,b}', '{100}', 'bigint'), '99'),
	chash_shard(chash_range('{a,b}', '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}', 'uuid'), 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a10'::uuid),
	chash_shard(chash_range('{a,b}', '{"\\x80"}', 'bytea'), '\x7fff'::bytea);

-- a position is the number of the interval; how many keys are in it nobody knows
SELECT chash_position(chash_range('{a,b,c}', '{10,20}', 'bigint'), 15);
SELECT * FROM chash_balance(chash_range('{a,b,c}', '{10,20}', 'bigint'));

-- one shard needs no bound
SELECT chash_shard(chash_range('{a}'), 'x'), chash_range('{a}', key_type => 'bigint');

-- refused
SELECT chash_range('{a,b}');
SELECT chash_range('{a,b}', '{1,2}', 'bigint');
SELECT chash_range('{a,b,c}', '{20,10}', 'bigint');
SELECT chash_range('{a,b,c}', '{10,10.0}', 'numeric');
SELECT chash_range('{a,b,c}', '{10,9}', 'bigint');
SELECT chash_range('{a,b,c}', '{10,9}', 'text') IS NULL;
SELECT chash_range('{a,b}', '{ten}', 'bigint');
SELECT chash_range('{a,b}', '{99999999999999999999}', 'bigint');
SELECT chash_range('{a,b}', '{x}', 'numeric');
SELECT chash_range('{a,b}', '{not-a-uuid}', 'uuid');
SELECT chash_range('{a,b}', '{2024-02-30}', 'date');
SELECT chash_range('{a,b}', '{02/29/2024}', 'date');
SELECT chash_range('{a,b}', '{2024-13-01}', 'date');
SELECT chash_range('{a,b}', '{tomorrow}', 'date');
SELECT chash_range('{a,b}', '{2024-02-29}', 'timestamp');
SELECT chash_range('{a,b}', '{2024-02-29 12:00:00}', 'timestamptz');
SELECT chash_range('{a,b}', '{2024-02-29 12:00:00+01}', 'timestamptz');
SELECT chash_range('{a,b}', '{now}', 'timestamptz');
SELECT chash_range('{a,b}', '{NULL}', 'text');
SELECT chash_range('{a,b}', '{1.5}', 'float8');
SELECT chash_range('{a,b}', '{m}', 'text', 'no_such_collation');
SELECT chash_range('{a,b}', '{m}', 'text', 'public.no_such_collation');
SELECT chash_range('{a,b}', '{1}', 'bigint', 'C');
CREATE COLLATION pg_temp.passing FROM "C";
SELECT chash_range('{a,b}', '{m}', 'text', 'pg_temp.passing');

SELECT '{"strategy":"range","bounds":["m"],"shards":["a",{"name":"b","weight":2}]}'::chash_router;
SELECT chash_range('{a,b}', ARRAY[repeat('x', 1001)]);
-- what counts is the length of the fixed form
SELECT chash_range('{a,b,c}', '{1e9900,2e9901}', 'numeric');
SELECT chash_range('{a,b}', '{1e70000}', 'numeric');
SELECT chash_range('{a,b}', ARRAY[repeat('x', 600)], 'bytea');
SELECT max(length(vnode)) FROM chash_routing_table(chash_range('{a,b,c}', '{1e997,1e998}', 'numeric'));
SELECT chash_shard(chash_range('{a,b}', '{10}', 'bigint'), 'ten');
SELECT chash_shard(chash_range('{a,b}', '{10}', 'bigint'), '\x10'::bytea);
SELECT chash_shard(chash_range('{a,b}', '{m}'), 10);
SELECT chash_shard(chash_range('{a,b}', '{2024-02-29}', 'date'), '29.02.2024');
