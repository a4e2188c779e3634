-- Plans of a table that a router partitions are those of PostgreSQL's own hash partitions.

-- the plan of a query, without the names of tables (leaves are not called as the aliases that EXPLAIN makes)
CREATE FUNCTION plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	line text;
	plan text := '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		plan := plan || E'\n' || line;
	END LOOP;
	plan := regexp_replace(plan, 'v_(plain|ring)', 'v', 'g');
	RETURN regexp_replace(plan, '\m(leaf_)?(plain|ring)(_\d+)*', 't', 'g');
END $$;

-- Which queries have another plan, of those in which TABLE stands for the table and KEY for one of its keys.
CREATE FUNCTION compare_plans(key text, queries text[], settings text[])
RETURNS TABLE (query text, plain text, ring text) LANGUAGE plpgsql AS $$
DECLARE
	setting text;
	each text;
BEGIN
	FOREACH setting IN ARRAY settings LOOP
		PERFORM set_config(split_part(setting, '=', 1), split_part(setting, '=', 2), true);
		FOREACH each IN ARRAY queries LOOP
			query := replace(each, 'KEY', key);
			plain := plan_of(replace(query, 'TABLE', 'plain'));
			ring := plan_of(replace(query, 'TABLE', 'ring'));
			query := setting || ': ' || query;
			RETURN NEXT;
		END LOOP;
	END LOOP;
END $$;

-- Makes two tables of 2,000 rows in 4 partitions, and tells of how many plans which are different.
CREATE FUNCTION compare_tables(key_type regtype, of_number text, key text, queries text[], settings text[])
RETURNS TABLE (plans bigint, different text) LANGUAGE plpgsql
	-- parallel workers get the partitions in the order of their sizes, which are others
	SET max_parallel_workers_per_gather = 0
AS $$
DECLARE
	t text;
BEGIN
	PERFORM chash_create_router('plans_ring', chash_ring('{1,2,3,4}'), key_type);
	EXECUTE format('CREATE TABLE plain (id %s PRIMARY KEY, other int) PARTITION BY HASH (id)', key_type);
	EXECUTE format('CREATE TABLE ring (id %s PRIMARY KEY, other int) PARTITION BY HASH (id plans_ring)', key_type);
	FOR i IN 0..3 LOOP
		EXECUTE format('CREATE TABLE leaf_plain_%s PARTITION OF plain FOR VALUES WITH (MODULUS 4, REMAINDER %s)', i + 1, i);
	END LOOP;
	PERFORM chash_create_partitions('ring', 'leaf_{table}_{shard}');
	-- in the same order, which has a say in what an index scan costs
	EXECUTE format('INSERT INTO plain SELECT %s, i FROM generate_series(1, 2000) i', of_number);
	EXECUTE format('INSERT INTO ring SELECT %s, i FROM generate_series(1, 2000) i', of_number);
	ANALYZE plain, ring;
	FOREACH t IN ARRAY '{plain,ring}'::text[] LOOP
		EXECUTE format('CREATE VIEW v_%s AS SELECT id, count(*) AS n FROM %1$s GROUP BY id', t);
		EXECUTE format('PREPARE one_%s AS SELECT * FROM %1$s WHERE id = $1', t);
		EXECUTE format('PREPARE two_%s AS UPDATE %1$s SET other = 2 WHERE id IN ($1, $2)', t);
		EXECUTE format('PREPARE list_%s AS DELETE FROM %1$s WHERE id = ANY ($1)', t);
	END LOOP;
	RETURN QUERY SELECT count(*),
		string_agg(c.query || c.plain || c.ring, E'\n') FILTER (WHERE c.plain <> c.ring)
	FROM compare_plans(key, queries, settings) c;
	DEALLOCATE ALL;
	DROP TABLE plain, ring CASCADE;
	PERFORM chash_drop_router('plans_ring');
END $$;

SELECT ARRAY[
	-- one key, some, and all
	'SELECT * FROM TABLE WHERE id = KEY',
	'SELECT * FROM TABLE WHERE id IN (KEY, KEY)',
	'SELECT * FROM TABLE WHERE id = ANY (ARRAY[KEY, KEY])',
	'SELECT * FROM TABLE WHERE id = KEY OR id = KEY',
	'SELECT * FROM TABLE WHERE id = KEY AND other > 5',
	'SELECT * FROM TABLE WHERE id IS NULL',
	'SELECT * FROM TABLE WHERE id > KEY ORDER BY id LIMIT 3',
	'SELECT * FROM TABLE WHERE other = 3',
	'SELECT count(*) FROM TABLE',
	'SELECT * FROM TABLE ORDER BY id',
	'SELECT * FROM TABLE WHERE id = KEY FOR UPDATE',
	-- changes
	'INSERT INTO TABLE VALUES (KEY, 1) ON CONFLICT (id) DO UPDATE SET other = 2',
	'UPDATE TABLE SET other = 2 WHERE id = KEY',
	'UPDATE TABLE SET id = KEY WHERE other = 2',
	'DELETE FROM TABLE WHERE id = KEY',
	'DELETE FROM TABLE a USING TABLE b WHERE a.id = b.id AND b.other = 3',
	-- what is known only when the query runs
	'SELECT * FROM TABLE WHERE id = (SELECT KEY FROM TABLE LIMIT 1)',
	'SELECT * FROM (VALUES (KEY), (KEY)) v (x) JOIN TABLE ON id = x',
	'SELECT (SELECT other FROM TABLE WHERE id = x) FROM (VALUES (KEY), (KEY)) v (x)',
	-- joins and groups
	'SELECT * FROM TABLE a JOIN TABLE b USING (id)',
	'SELECT * FROM TABLE a LEFT JOIN TABLE b USING (id) WHERE a.id = KEY',
	'SELECT * FROM TABLE a WHERE NOT EXISTS (SELECT FROM TABLE b WHERE b.id = a.id AND b.other = 3)',
	'SELECT * FROM TABLE a JOIN TABLE b ON a.id = b.id JOIN TABLE c ON c.id = b.id WHERE c.other < 5',
	'SELECT id, count(*) FROM TABLE GROUP BY id',
	'SELECT other % 3, count(*) FROM TABLE GROUP BY 1',
	'SELECT DISTINCT id FROM TABLE',
	'SELECT * FROM v_TABLE WHERE id = KEY',
	'SELECT row_number() OVER (PARTITION BY id) FROM TABLE',
	-- prepared
	'EXECUTE one_TABLE(KEY)',
	'EXECUTE two_TABLE(KEY, KEY)',
	'EXECUTE list_TABLE(ARRAY[KEY, KEY])'
] AS queries, ARRAY[
	'enable_partitionwise_join=off',
	'enable_hashjoin=off',
	'enable_mergejoin=off',
	'enable_hashjoin=on',
	'enable_partitionwise_join=on',
	'enable_partitionwise_aggregate=on',
	'enable_hashjoin=off',
	'enable_hashagg=off',
	'plan_cache_mode=force_custom_plan',
	'plan_cache_mode=force_generic_plan'
] AS settings
\gset

SET client_min_messages = warning;
SELECT key_type, c.*
FROM (VALUES ('smallint'::regtype, 'i', '7::smallint'), ('int', 'i', '7'), ('bigint', 'i', '7'), ('bigint', 'i', '7::bigint'),
		('text', 'i::text', '''7'''), ('uuid', 'md5(i::text)::uuid', 'md5(''7'')::uuid'),
		('date', 'date ''2000-01-01'' + i', 'date ''2000-02-02''')) AS t (key_type, of_number, key),
	compare_tables(key_type, of_number, key, :'queries', :'settings') AS c;
RESET client_min_messages;

DROP FUNCTION plan_of, compare_plans, compare_tables;
