-- Both doors of chash_router against what chance sends them: stored routers that were changed, and
-- JSON that was made up. Each is refused with an error of its own, or is a router that goes out and
-- comes in again as it is. The same every time: what is random is a hash of a number.

SET chash.fuzz_seed = '1';

-- A number from 0 to below_this - 1, number i of a row of them.
CREATE FUNCTION random_below(i text, below_this int) RETURNS int LANGUAGE sql AS $$
	SELECT ((('x' || substr(md5(current_setting('chash.fuzz_seed') || ' ' || i), 1, 8))::bit(32)::bigint
		& 2147483647) % below_this)::int
$$;

-- What became of an input: 'valid', an error's code, or what is wrong.
CREATE FUNCTION use_router(r chash_router) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	used bigint;
BEGIN
	IF r::text::chash_router <> r OR r::jsonb::chash_router <> r THEN
		RETURN 'wrong: another router when it comes in again: ' || r;
	END IF;
	-- a router that takes no text says so
	BEGIN
		used := length(chash_shard(r, 'a key'));
		used := (SELECT count(*) FROM chash_balance(r));
	EXCEPTION
		WHEN OTHERS THEN
			IF SQLSTATE ~ '^XX' THEN
				RETURN format('wrong: %s: %s when %s is used', SQLSTATE, SQLERRM, r);
			END IF;
	END;
	RETURN 'valid';
END $$;

-- ---- the binary door ----

CREATE TABLE received (r chash_router);

-- COPY reads a file, which a large object becomes: that needs no other program.
CREATE FUNCTION receive(bytes bytea, again boolean DEFAULT false) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	path text := current_setting('data_directory') || '/chash_fuzz';
	object oid;
	result chash_router;
BEGIN
	object := lo_from_bytea(0, '\x5047434f50590aff0d0a000000000000000000'::bytea || '\x0001'::bytea ||
		int4send(length(bytes)) || bytes || '\xffff'::bytea);
	PERFORM lo_export(object, path);
	PERFORM lo_unlink(object);
	DELETE FROM received;
	BEGIN
		EXECUTE format('COPY received FROM %L (FORMAT binary)', path);
	EXCEPTION
		WHEN OTHERS THEN
			RETURN SQLSTATE || ': ' || SQLERRM;
	END;
	SELECT r INTO result FROM received;
	-- what was left out is filled in when it is received, once
	IF chash_router_send(result) <> bytes THEN
		RETURN CASE WHEN again THEN 'wrong: sent otherwise than it was received: ' || result
			ELSE receive(chash_router_send(result), true) END;
	END IF;
	RETURN use_router(result);
END $$;

CREATE TABLE samples (n serial, r chash_router);
INSERT INTO samples (r) VALUES
	(chash_ring('{a,bb,ccc}', weights => '{1,2.5,0.5}', vnodes => 10, hash => 'md5', search => 'higher')),
	(chash_ring('{a,b}', dialect => 'libketama')),
	(chash_ring('{a,b}', dialect => 'citus', tokens => '{"-5,7","0"}')),
	(chash_add(chash_modulo('{x,y}', hash => 'sha1'), 'z', weight => 2, zone => 'east')),
	(chash_hash_range('{p,q}', hash => 'sha256', bits => 20)),
	(chash_range('{a,b,c}', '{10,20}', 'bigint')),
	(chash_range('{a,b}', '{n}', 'text', 'C')),
	(chash_jump('{a,b,c}')),
	(chash_pin(chash_pin(chash_rendezvous('{a,b}', weights => '{1,2}'), 'k', 'b'), 'l', 'a')),
	(chash_maglev('{a,b}', slots => 13)),
	(chash_slots('{a,b,c}', slots => 12, replicas => 2, assignment => NULL)),
	(chash_slots('{a,b}', slots => 16, dialect => 'swift', prefix => 'p')),
	(chash_multiprobe('{a,b,c}', probes => 5)),
	(chash_bounded('{a,b,c}', slots => 20, vnodes => 4));

-- One change: an end cut off, a bit turned, a number that is a limit, bytes after the end, a byte
-- more or less, a piece of another router.
CREATE FUNCTION changed(bytes bytea, seed text) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	size int := length(bytes);
	place int := random_below(seed || ' place', greatest(size, 1));
	numbers bytea[] := '{"\\x00000000","\\xffffffff","\\x7fffffff","\\x80000000","\\x00000001","\\x00010000","\\x7ff80000"}';
	other bytea;
BEGIN
	CASE random_below(seed || ' kind', 7)
		WHEN 0 THEN
			RETURN substr(bytes, 1, place);
		WHEN 1, 2 THEN
			RETURN CASE WHEN size = 0 THEN bytes
				ELSE set_bit(bytes, 8 * place + random_below(seed || ' bit', 8), random_below(seed || ' value', 2)) END;
		WHEN 3 THEN
			RETURN substr(bytes, 1, place) || numbers[1 + random_below(seed || ' number', 7)] || substr(bytes, place + 5);
		WHEN 4 THEN
			RETURN bytes || substr(numbers[1 + random_below(seed || ' number', 7)], 1, 1 + random_below(seed || ' length', 4));
		WHEN 5 THEN
			RETURN substr(bytes, 1, place) || substr(bytes, place + random_below(seed || ' jump', 3));
		ELSE
			SELECT chash_router_send(r) INTO other FROM samples WHERE n = 1 + random_below(seed || ' other', 14);
			RETURN substr(bytes, 1, place) || substr(other, place + 1);
	END CASE;
END $$;

-- Up to three changes of each sample, each of many kinds.
CREATE TEMP TABLE answers AS
SELECT receive(CASE round % 3
	WHEN 0 THEN changed(s, n || ' ' || round)
	WHEN 1 THEN changed(changed(s, n || ' ' || round), n || ' again ' || round)
	ELSE changed(changed(changed(s, n || ' ' || round), n || ' again ' || round), n || ' and again ' || round)
	END) AS answer
FROM (SELECT n, chash_router_send(r) AS s FROM samples) x, generate_series(1, 100) round;

SELECT count(*) AS changes, count(*) FILTER (WHERE answer = 'valid') > 100 AS many_are_valid,
	count(*) FILTER (WHERE answer ~ '^22P03') > 300 AS many_are_damaged FROM answers;
-- neither an error that nobody meant, nor a router that does not come back
SELECT answer, count(*) FROM answers
WHERE answer <> 'valid' AND answer !~ '^(22P02|22P03|22021|22023|22003|22007|22008|42704|42710|54000|0A000): '
GROUP BY answer;

-- ---- the text door ----

-- Any JSON, deeper below; names and values are those that routers have, or others.
CREATE FUNCTION made_up(seed text, depth int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	scalars text[] := ARRAY['null', 'true', '0', '1', '-1', '2.5', '1e308', '1e400', '1e-400', '65536', '4294967296',
		'9999999999999999999999', '""', '"a"', '"b"', '"0-7"', '"8-15"', '"0-15"', '"ring"', '"slots"', '"range"',
		'"modulo"', '"sha1"', '"md5"', '"none"', '"pg"', '"libketama"', '"citus"', '"swift"', '"bigint"', '"text"',
		'"C"', '"{shard}-{i}"', '"{shard}"', '"-5,7"', '"\u00e4\ud83d\ude00"', '"\u0001"'];
	keys text[] := ARRAY['strategy', 'dialect', 'hash', 'bits', 'vnodes', 'label', 'search', 'digest_points', 'slots',
		'replicas', 'probes', 'load', 'prefix', 'suffix', 'key_type', 'collation', 'bounds', 'shards', 'pins', 'name',
		'weight', 'zone', 'id', 'tokens', 'other', ''];
	parts text[] := '{}';
	kind int := CASE WHEN depth > 3 THEN 2 ELSE random_below(seed || ' kind', 4) END;
BEGIN
	IF kind >= 2 THEN
		RETURN scalars[1 + random_below(seed || ' scalar', array_length(scalars, 1))];
	END IF;
	FOR i IN 1 .. random_below(seed || ' size', 4) LOOP
		parts := parts || (CASE WHEN kind = 0 THEN
				'"' || keys[1 + random_below(seed || ' key ' || i, array_length(keys, 1))] || '":' ELSE '' END ||
			made_up(seed || '.' || i, depth + 1));
	END LOOP;
	RETURN CASE WHEN kind = 0 THEN '{' || array_to_string(parts, ',') || '}'
		ELSE '[' || array_to_string(parts, ',') || ']' END;
END $$;

-- A router's JSON with one value made up: of a key that it has, or of another.
CREATE FUNCTION with_another_value(router text, seed text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	keys text[] := ARRAY(SELECT jsonb_object_keys(router::jsonb) ORDER BY 1) ||
		ARRAY['bits', 'vnodes', 'label', 'slots', 'pins', 'bounds', 'dialect', 'hash'];
	key text := keys[1 + random_below(seed || ' which', array_length(keys, 1))];
	shard int := random_below(seed || ' shard', 3);
BEGIN
	RETURN CASE random_below(seed || ' how', 4)
		WHEN 0 THEN jsonb_set(router::jsonb, ARRAY['shards', shard::text], made_up(seed, 2)::jsonb)::text
		WHEN 1 THEN (router::jsonb - key)::text
		ELSE jsonb_set(router::jsonb, ARRAY[key], made_up(seed, 2)::jsonb)::text
	END;
END $$;

-- The same for text that is not always JSON: a character lost, doubled or another.
CREATE FUNCTION with_another_character(router text, seed text) RETURNS text LANGUAGE sql AS $$
	SELECT substr(router, 1, place) ||
		(ARRAY['', '', '"', '{', '}', ',', '9', '-', '\', U&'\00E4'])[1 + random_below(seed || ' character', 10)] ||
		substr(router, place + random_below(seed || ' lost', 3))
	FROM random_below(seed || ' place', length(router)) place
$$;

CREATE FUNCTION read(router text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result chash_router;
BEGIN
	BEGIN
		result := router::chash_router;
	EXCEPTION
		WHEN OTHERS THEN
			RETURN SQLSTATE || ': ' || SQLERRM;
	END;
	RETURN use_router(result);
END $$;

DELETE FROM answers;
INSERT INTO answers
SELECT read(made_up('json ' || round, 0)) FROM generate_series(1, 400) round
UNION ALL
SELECT read(with_another_value(r::text, n || ' value ' || round)) FROM samples, generate_series(1, 45) round
UNION ALL
SELECT read(with_another_character(r::text, n || ' character ' || round)) FROM samples, generate_series(1, 30) round;

SELECT count(*) AS texts, count(*) FILTER (WHERE answer = 'valid') > 100 AS many_are_valid,
	count(*) FILTER (WHERE answer <> 'valid') > 300 AS many_are_refused FROM answers;
SELECT answer, count(*) FROM answers
WHERE answer <> 'valid' AND answer !~ '^(22P02|22021|22023|22003|22007|22008|22P05|42704|42710|42703|54000|0A000): '
GROUP BY answer;

COPY (SELECT) TO PROGRAM 'rm -f chash_fuzz';
DROP TABLE received, samples, answers;
DROP FUNCTION random_below, use_router, receive, changed, made_up, with_another_value, with_another_character, read;
