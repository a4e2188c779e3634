-- What is far too large is refused before much memory is taken for it, or takes a bounded amount of it;
-- and what takes long can be cancelled.

-- ---- size ----

-- arrays and JSON of a million shards, bounds, weights, pins, replicas
SELECT chash_ring(array_agg('s' || i)) FROM generate_series(1, 1000000) i;
SELECT chash_ring('{a,b}', weights => array_agg(i)) FROM generate_series(1, 1000000) i;
SELECT chash_range('{a,b}', array_agg(i::text)) FROM generate_series(1, 1000000) i;
SELECT chash_ring('{a,b}', tokens => array_agg(i::text), dialect => 'cassandra') FROM generate_series(1, 1000000) i;
SELECT chash_slots('{a,b}', assignment => array_agg(i::text)) FROM generate_series(1, 1000000) i;
SELECT jsonb_build_object('strategy', 'ring', 'shards', jsonb_agg('s' || i))::chash_router FROM generate_series(1, 1000000) i;
SELECT jsonb_build_object('strategy', 'range', 'shards', '["a"]'::jsonb, 'bounds', jsonb_agg(i))::chash_router FROM generate_series(1, 1000000) i;
SELECT jsonb_build_object('strategy', 'ring', 'shards', '["a"]'::jsonb, 'pins', jsonb_object_agg(i, 'a'))::chash_router FROM generate_series(1, 100000) i;
SELECT jsonb_build_object('strategy', 'slots', 'shards', jsonb_build_array(jsonb_build_object('name', 'a', 'slots', jsonb_agg(i::text))))::chash_router
FROM generate_series(1, 1000000) i;
SELECT chash_ring('{{a,b},{c,d}}');
SELECT chash_ring('{a,b}', tokens => '{{1,2},{3,4}}', dialect => 'cassandra');

-- tokens by the million, in a text and in JSON
SELECT chash_ring('{a}', tokens => ARRAY[string_agg(i::text, ',')], dialect => 'cassandra') FROM generate_series(1, 2097153) i;
SELECT jsonb_build_object('strategy', 'ring', 'dialect', 'cassandra', 'shards',
	jsonb_build_array(jsonb_build_object('name', 'a', 'tokens', jsonb_agg(i))))::chash_router FROM generate_series(1, 2097153) i;

-- numbers at the ends of their types
SELECT chash_ring('{a,b}', vnodes => 2147483647);
SELECT chash_ring('{a,b}', bits => -2147483648);
SELECT chash_slots('{a,b}', slots => 2147483647);
SELECT chash_slots('{a,b}', replicas => 2147483647);
SELECT '{"strategy":"slots","slots":2147483648,"shards":["a"]}'::chash_router;
SELECT '{"strategy":"slots","slots":18446744073709551617,"shards":["a"]}'::chash_router;
SELECT '{"strategy":"ring","vnodes":1e100,"shards":["a"]}'::chash_router;
SELECT chash_maglev('{a,b}', slots => 2147483647);
SELECT chash_multiprobe('{a,b}', probes => 2147483647);
SELECT chash_shards(chash_ring('{a,b}'), 1, 2147483647);

-- weights of extreme ratio
SELECT chash_ring('{a,b}', weights => '{1e-300,1e300}');
SELECT chash_modulo('{a,b}', weights => '{1,1e300}');
SELECT chash_ring('{a,b}', weights => '{1e308,1e308}');
SELECT chash_maglev('{a,b}', weights => '{1,1e9}');
SELECT sum(share) BETWEEN 0.999999 AND 1.000001 AS whole FROM chash_balance(chash_rendezvous('{a,b}', weights => '{5e-324,1e308}'));
SELECT sum(share) AS whole FROM chash_balance(chash_slots('{a,b}', weights => '{5e-324,1e308}'));

-- names of a megabyte, each named in no more than a line
CREATE FUNCTION says(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hint text;
BEGIN
	EXECUTE command;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN format('%s: %s, %s', sqlstate, CASE WHEN length(sqlerrm) < 400 THEN regexp_replace(sqlerrm, 'x{20,}', 'x...x') ELSE 'too long' END,
		length(hint) < 1000);
END $$;
SELECT says(format(command, repeat('x', 1000000))) FROM (VALUES
	('SELECT chash_ring(ARRAY[''a'', %L])'),
	('SELECT chash_ring(''{a}'', hash => %L)'),
	('SELECT chash_ring(''{a}'', dialect => %L)'),
	('SELECT chash_ring(''{a}'', label => %L)'),
	('SELECT chash_ring(''{a}'', search => %L)'),
	('SELECT chash_range(''{a,b}'', ''{5}'', %L)'),
	('SELECT chash_range(''{a,b}'', ''{5}'', ''text'', %L)'),
	('SELECT chash_range(''{a,b}'', ARRAY[%L])'),
	('SELECT chash_slots(''{a}'', prefix => %L)'),
	('SELECT chash_slots(''{a}'', assignment => ARRAY[%L])'),
	('SELECT chash_add(chash_ring(''{a}''), ''b'', zone => %L)'),
	('SELECT chash_remove(chash_ring(''{a}''), %L)'),
	('SELECT chash_pin(chash_ring(''{a}''), %L, ''a'')'),
	('SELECT chash_unpin(chash_ring(''{a}''), %L)'),
	('SELECT chash_with_secret(chash_ring(''{a}'', hash => ''siphash24''), %L)'),
	('SELECT chash_create_router(%L, chash_ring(''{a}''), ''int'')'),
	('SELECT jsonb_build_object(''strategy'', %L)::chash_router'),
	('SELECT jsonb_build_object(%L, 1)::chash_router')) c (command);

-- JSON that is nested deep
SELECT says(format('SELECT %L::chash_router', repeat('[', 1000000)));
SELECT says(format('SELECT %L::chash_router', '{"strategy":"ring","shards":' || repeat('[', 3000) || repeat(']', 3000) || '}'));

DROP FUNCTION says;

-- an image that has as many shards as it says, which would take far more memory than the image
CREATE TABLE received (r chash_router);
CREATE FUNCTION octal(bytes bytea) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format('\%s%s%s', b >> 6, b >> 3 & 7, b & 7), '' ORDER BY i)
	FROM (SELECT i, get_byte(bytes, i) AS b FROM generate_series(0, length(bytes) - 1) i) x
$$;
CREATE FUNCTION receive(bytes bytea, zeros int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('COPY received FROM PROGRAM %L (FORMAT binary)', format('printf ''%s''; head -c %s /dev/zero; printf ''\377\377''',
		octal('\x5047434f50590aff0d0a0000000000000000000001' || int4send(length(bytes) + zeros) || bytes), zeros));
	RETURN 'received';
EXCEPTION WHEN OTHERS THEN
	RETURN format('%s: %s', sqlstate, sqlerrm);
END $$;
SELECT receive(head || '\x00000000' || '\x00030d40', 400000) AS bounds,
	receive(head || '\x00000000' || '\x3fffffff', 3200000) AS more_than_there_are,
	receive(head || '\x00000000' || '\x00000000' || '\x00030d40', 3200000) AS shards,
	receive(head || '\x00000000' || '\x00000000' || '\x00000000' || '\x00000000' || '\x00200001', 25165836) AS tokens,
	receive(head || '\x00000000' || '\x00000000' || '\x00000000' || '\x00000000' || '\x00000000' || '\x00030d40', 1200000) AS pins
FROM (SELECT substr(chash_router_send(chash_ring('{a}')), 1, 6) AS head) r;
DROP FUNCTION receive, octal;
DROP TABLE received;

-- ---- time ----
\set VERBOSITY terse

-- Each of these takes long, or far longer than five seconds, and is cancelled after a fifth of one.
CREATE PROCEDURE cancel_soon() LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('chash_test.start', clock_timestamp()::text, false), set_config('statement_timeout', '200ms', false);
END $$;
\set in_time 'RESET statement_timeout; SELECT clock_timestamp() - current_setting(\'chash_test.start\')::timestamptz < \'5 s\' AS in_time;'
CREATE FUNCTION names(n int) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$ SELECT array_agg('s' || i) FROM generate_series(1, n) i $$;
CREATE TABLE large (id int, r chash_router);
INSERT INTO large VALUES (1, chash_rendezvous(names(65535))), (2, chash_multiprobe(names(65534), probes => 1000)),
	(3, chash_ring(names(13000), hash => 'sha256')), (4, chash_modulo(names(65535)));

-- maps of slots
CALL cancel_soon();
SELECT chash_slots(names(130), weights => array_agg(i ^ 3), slots => 65536, replicas => 64) FROM generate_series(1, 130) i;
:in_time
CALL cancel_soon();
SELECT chash_rebalance(chash_slots(names(65), slots => 65536, replicas => 64));
:in_time
-- routing, tables, replicas
CALL cancel_soon();
SELECT count(chash_shard(r, i)) FROM large, generate_series(1, 1000000000) i WHERE id = 1;
:in_time
CALL cancel_soon();
SELECT count(chash_shards(r, i, 60000)) FROM large, generate_series(1, 1000000000) i WHERE id = 1;
:in_time
CALL cancel_soon();
SELECT count(chash_shard(chash_reweight(r, 's1', 1 + i::float8 / 1000000), i)) FROM large, generate_series(1, 1000) i WHERE id = 3;
:in_time
-- reports
CALL cancel_soon();
SELECT count(*) FROM chash_balance((SELECT r FROM large WHERE id = 2));
:in_time
CALL cancel_soon();
SELECT count(*) FROM chash_moves((SELECT r FROM large WHERE id = 1), (SELECT chash_add(r, 'new') FROM large WHERE id = 2));
:in_time
CALL cancel_soon();
SELECT count(*) FROM chash_moves((SELECT r FROM large WHERE id = 4), (SELECT r FROM large WHERE id = 3));
:in_time
CREATE TABLE keys AS SELECT i AS k FROM generate_series(1, 100000) i;
CALL cancel_soon();
SELECT count(*) FROM chash_redistribution('keys', 'k', (SELECT r FROM large WHERE id = 1), (SELECT r FROM large WHERE id = 2));
:in_time
-- a change that sleeps between its steps
SET client_min_messages = warning;
SELECT FROM chash_create_router('limits_ring', chash_ring('{a,b}'), 'int');
CREATE TABLE limited (k int PRIMARY KEY) PARTITION BY HASH (k limits_ring);
SELECT FROM chash_create_partitions('limited', '{table}_{shard}');
INSERT INTO limited SELECT k FROM keys WHERE k <= 30000;
CALL cancel_soon();
SET statement_timeout = '1 s';
CALL chash_reshard('limits_ring', chash_ring('{a,b,c}'), max_lock => '1ms', pause => '1 hour', concurrently => false);
:in_time
-- mostly it has begun, and is taken back
SELECT EXISTS (SELECT FROM chash_stat_progress_reshard) AS began \gset
\if :began
CALL chash_reshard_back('limits_ring', max_lock => '1 s');
\endif
SELECT count(*) FROM chash_check('limited');
DROP TABLE limited, keys, large;
SELECT chash_drop_router('limits_ring');
DROP FUNCTION names;
DROP PROCEDURE cancel_soon;
