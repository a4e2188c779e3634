-- The binary door of chash_router, through COPY BINARY.

CREATE TABLE received (r chash_router);

-- Receive some bytes as a chash_router; printf(1) makes the file of COPY.
CREATE FUNCTION receive(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	file bytea := '\x5047434f50590aff0d0a000000000000000000'::bytea || '\x0001'::bytea ||
		int4send(length(bytes)) || bytes || '\xffff'::bytea;
	octal text;
	result text;
BEGIN
	SELECT string_agg(format('\%s%s%s', b >> 6, b >> 3 & 7, b & 7), '' ORDER BY i) INTO octal
	FROM (SELECT i, get_byte(file, i) AS b FROM generate_series(0, length(file) - 1) i) x;
	DELETE FROM received;
	EXECUTE format('COPY received FROM PROGRAM %L (FORMAT binary)', 'printf ''' || octal || '''');
	SELECT r INTO result FROM received;
	RETURN result;
EXCEPTION
	WHEN OTHERS THEN
		RETURN format('%s: %s', SQLSTATE, SQLERRM);
END $$;

CREATE TABLE samples (r chash_router);
INSERT INTO samples VALUES
	(chash_ring('{a,bb}', weights => '{1,2.5}', vnodes => 10, hash => 'md5', search => 'higher')),
	(chash_add(chash_modulo('{x,y}', hash => 'pg'), 'z', weight => 2, zone => 'east')),
	(chash_range('{a,b,c}', '{10,20}', 'bigint')),
	(chash_range('{a,b}', '{n}', 'text', 'C'));

-- recv(send(x)) = x
SELECT r, receive(chash_router_send(r)) = r::text AS same FROM samples;

-- what the door says
SELECT receive('');
SELECT receive('\x02');
SELECT receive('\x01');
SELECT receive(chash_router_send(r) || '\x00') FROM samples LIMIT 1;
SELECT receive(overlay(chash_router_send(r) PLACING '\xff' FROM 2 FOR 1)) FROM samples LIMIT 1;
SELECT receive(overlay(chash_router_send(r) PLACING '\xff' FROM 3 FOR 1)) FROM samples LIMIT 1;
SELECT receive(overlay(chash_router_send(r) PLACING '\xff' FROM 6 FOR 1)) FROM samples LIMIT 1;
SELECT receive(decode(replace(encode(chash_router_send(r), 'hex'), '0300000002', '0300000009'), 'hex')) FROM samples LIMIT 1;
-- parameters: one that does not exist, one that is not set, and two in the wrong order
SELECT receive(decode(replace(encode(chash_router_send(r), 'hex'), '0300000002', 'ff00000002'), 'hex')) FROM samples LIMIT 1;
SELECT receive(decode(replace(encode(chash_router_send(r), 'hex'), '0300000002', '0300000000'), 'hex')) FROM samples LIMIT 1;
SELECT receive(decode(replace(encode(chash_router_send(r), 'hex'), '03000000020400000001', '04000000010300000002'), 'hex')) FROM samples LIMIT 1;
-- a count of bounds that nothing can follow, and a count of 0 shards
SELECT receive('\x010300000001000200007fffffff'::bytea);
SELECT receive('\x01030000000100020000ffffffff'::bytea);
SELECT receive('\x010401004001010000000502000b7b73686172647d2d7b697d03000000010400000001000000000000000000000000000000000000000000000000'::bytea);
-- a weight that is not a number, a name that is not UTF-8, doubled names
SELECT receive(decode(replace(encode(chash_router_send(chash_modulo('{x,y}')), 'hex'),
	'3ff0000000000000', '7ff8000000000000'), 'hex'));
SELECT receive(decode(replace(encode(chash_router_send(chash_modulo('{x,y}')), 'hex'), '000178', '0001ff'), 'hex'));
SELECT receive(decode(replace(encode(chash_router_send(chash_modulo('{x,y}')), 'hex'), '000178', '000179'), 'hex'));
SELECT receive(decode(replace(encode(chash_router_send(chash_modulo('{x,y}')), 'hex'), '000178', '000100'), 'hex'));

-- Swift's positions are as wide as its slots are many: 16 of them, and more than there can be
SELECT receive('\x0109040000220500000010000000000000000000000001000000013ff00000000000000001610000000000000000000000000000');
SELECT receive('\x01090400002205ffffffff000000000000000000000001000000013ff00000000000000001610000000000000000000000000000');

-- every truncation is refused
SELECT count(*) AS truncations, count(*) FILTER (WHERE receive(substr(s, 1, n)) ~ '^22P03: ') AS refused
FROM (SELECT chash_router_send(r) AS s FROM samples) x, generate_series(0, length(s) - 1) n;

-- every byte changed: refused with a code of its own, or a router that is valid
SELECT count(*) AS changes,
	count(*) FILTER (WHERE answer ~ '^(22P02|22P03|22023|22021|22003|54000|42710|42704|0A000|22007|22008): ') AS refused,
	count(*) FILTER (WHERE answer ~ '^\{' AND answer::chash_router::text = answer) AS valid,
	count(*) FILTER (WHERE answer ~ '^XX') AS internal
FROM (
	SELECT receive(set_byte(s, n, get_byte(s, n) # mask)) AS answer
	FROM (SELECT chash_router_send(r) AS s FROM samples) x,
		generate_series(0, length(s) - 1) n, unnest('{1,128,255}'::int[]) mask
) y;

DROP TABLE received, samples;
DROP FUNCTION receive;
