-- Tables partitioned by keys of every type, under every strategy and under hashes of typed values.

-- Make a table, fill it, look at each key by itself: what goes wrong is counted.
CREATE FUNCTION try_key(key_type text, key text, router chash_router, column_type text DEFAULT NULL,
	OUT leaves bigint, OUT rows bigint, OUT misplaced bigint, OUT lost bigint, OUT pruned_to int, OUT problems bigint)
LANGUAGE plpgsql AS $$
DECLARE
	keys text[];
	k text;
	found bigint;
	line text;
BEGIN
	PERFORM chash_create_router('tried', router, key_type::regtype);
	EXECUTE format('CREATE TABLE try (k %s PRIMARY KEY) PARTITION BY HASH (k tried)', coalesce(column_type, key_type));
	PERFORM chash_create_partitions('try', 'try_{shard}');
	EXECUTE format('INSERT INTO try SELECT %s FROM generate_series(1, 80) i', key);
	SELECT count(DISTINCT tableoid), count(*), count(*) FILTER (WHERE tableoid <> ('try_' || tried(t.k))::regclass)
	INTO leaves, rows, misplaced FROM try t;
	SELECT array_agg(t.k::text) INTO keys FROM try t;
	lost := 0;
	FOREACH k IN ARRAY keys LOOP
		EXECUTE format('SELECT count(*) FROM try WHERE k = %L', k) INTO found;
		lost := lost + 1 - found;
	END LOOP;
	pruned_to := 0;
	FOR line IN EXECUTE format('EXPLAIN (COSTS OFF) SELECT FROM try WHERE k = %L', keys[1]) LOOP
		pruned_to := pruned_to + (line ~ ' on try_')::int;
	END LOOP;
	SELECT count(*) INTO problems FROM chash_check('try');
	DROP TABLE try;
	PERFORM chash_drop_router('tried');
END $$;

-- types
CREATE DOMAIN id_domain AS int CHECK (VALUE > 0);
CREATE DOMAIN name_domain AS varchar(20);
SELECT type, t.*
FROM (VALUES (1, 'smallint', 'i - 40'), (2, 'int', 'i - 40'), (3, 'bigint', 'i * 100000000000'),
	(4, 'text', '''key '' || i'), (5, 'varchar', '''key '' || i'), (6, 'bpchar', '''key '' || i'), (7, 'name', '''key '' || i'),
	(8, 'uuid', 'md5(i::text)::uuid'), (9, 'bytea', 'decode(md5(i::text), ''hex'')'), (10, 'numeric', 'i / 7.0'),
	(11, 'date', 'date ''2024-01-01'' + i'), (12, 'timestamp', 'timestamp ''2024-01-01 00:00:00.5'' + i * interval ''1 hour'''),
	(13, 'timestamptz', 'timestamptz ''2024-01-01 00:00:00.5+00'' + i * interval ''1 hour'''),
	(14, 'id_domain', 'i'), (15, 'name_domain', '''key '' || i')) v (n, type, key),
	try_key(type, key, chash_ring('{a,b,c,d}')) t
ORDER BY n;
-- with a length of their own
SELECT type, t.*
FROM (VALUES (1, 'varchar', 'varchar(10)'), (2, 'bpchar', 'char(10)'), (3, 'text', 'varchar(10)'), (4, 'text', 'name_domain')) v (n, router_type, type),
	try_key(router_type, '''key '' || i', chash_ring('{a,b,c,d}'), type) t
ORDER BY n;

-- strategies
SELECT strategy, t.*
FROM (VALUES (1, 'modulo', chash_modulo('{a,b,c,d}')), (2, 'hash_range', chash_hash_range('{a,b,c,d}')),
	(3, 'range', chash_range('{a,b,c,d}', '{20,40,60}', 'bigint')), (4, 'ring', chash_ring('{a,b,c,d}', '{1,2,3,4}')),
	(5, 'ring, textbook', chash_ring('{a,b,c,d}', dialect => 'textbook')),
	(6, 'jump', chash_jump('{a,b,c,d}')), (7, 'jumpback', chash_jumpback('{a,b,c,d}')),
	(8, 'rendezvous', chash_rendezvous('{a,b,c,d}')), (9, 'maglev', chash_maglev('{a,b,c,d}')),
	(10, 'slots', chash_slots('{a,b,c,d}')), (11, 'multiprobe', chash_multiprobe('{a,b,c,d}')),
	(12, 'bounded', chash_bounded('{a,b,c,d}')),
	(13, 'pins', chash_pin(chash_ring('{a,b,c,d}'), 7, 'd'))) v (n, strategy, router),
	try_key('int', 'i', router) t
ORDER BY n;
SELECT type, t.*
FROM (VALUES (1, 'date', 'date ''2024-01-01'' + i', chash_range('{a,b}', '{2024-02-01}', 'date')),
	(2, 'text', '''key '' || i', chash_range('{a,b}', '{key 5}', 'text')),
	(3, 'numeric', 'i / 7.0', chash_range('{a,b}', '{5.5}', 'numeric'))) v (n, type, key, router),
	try_key(type, key, router) t
ORDER BY n;

-- hashes, those of typed values in every integer type
SELECT hash, type, t.*
FROM unnest('{pg,citus,mongodb,none,sha1,xxh64}'::text[]) WITH ORDINALITY h (hash, n), unnest('{int2,int4,int8}'::text[]) type,
	try_key(type, 'i', chash_modulo('{a,b,c,d}', hash => hash)) t
ORDER BY n, type;
SELECT hash, type, t.*
FROM (VALUES ('pg', 'text', '''key '' || i'), ('pg', 'uuid', 'md5(i::text)::uuid'), ('pg', 'date', 'date ''2024-01-01'' + i'),
	('pg', 'numeric', 'i / 7.0'), ('mongodb', 'text', '''key '' || i'), ('mongodb', 'uuid', 'md5(i::text)::uuid'),
	('citus', 'text', '''key '' || i')) v (hash, type, key),
	try_key(type, key, chash_modulo('{a,b,c,d}', hash => hash)) t
ORDER BY hash, type;
-- the functions of the integer types agree on what only some of them can hold
SELECT chash_create_router('wide', chash_modulo('{a,b,c,d}', hash => 'pg'), 'int');
SELECT count(*) FILTER (WHERE wide_hash(i::smallint, 0) <> wide_hash(i, 0)) AS smallint,
	count(*) FILTER (WHERE wide_hash(i::bigint, 0) <> wide_hash(i, 0)) AS bigint
FROM generate_series(-32768, 32767) i;
SELECT count(*) AS differ FROM unnest('{-2147483648,-32769,32768,2147483647}'::int[]) i WHERE wide_hash(i::bigint, 0) <> wide_hash(i, 0);
SELECT chash_drop_router('wide');

-- keys that cannot be routed are refused when the router or the table is made
SELECT chash_create_router('refused', chash_ring('{a,b}'), 'float8');
CREATE TYPE mood AS ENUM ('sad', 'happy');
SELECT chash_create_router('refused', chash_ring('{a,b}'), 'mood');
SELECT chash_create_router('words', chash_ring('{a,b}'), 'text');
CREATE TABLE moods (m mood) PARTITION BY HASH (m words);
-- numbers of another family are equal to integers, but not to this family: nothing is pruned, nothing is lost
SELECT chash_create_router('ids', chash_ring('{a,b}'), 'int');
CREATE TABLE numbers (id int) PARTITION BY HASH (id ids);
SELECT chash_create_partitions('numbers');
INSERT INTO numbers SELECT generate_series(1, 10);
EXPLAIN (COSTS OFF) SELECT * FROM numbers WHERE id = 1.0;
SELECT * FROM numbers WHERE id = 1.0;
DROP TABLE numbers;

DROP TYPE mood;
DROP FUNCTION try_key;
SELECT chash_drop_router('ids');
SELECT chash_drop_router('words');
DROP DOMAIN id_domain, name_domain;
