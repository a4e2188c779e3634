-- Settings of a session change no answer.

CREATE TABLE kinds (t text, i int, n numeric, d date, ts timestamp, tz timestamptz, u uuid, b bytea);
INSERT INTO kinds SELECT 'k' || i, i, i / 8.0, DATE '1999-12-31' + i, TIMESTAMP '1999-12-31 23:59:59.5' + i * INTERVAL '1 hour',
	TIMESTAMPTZ '1999-12-31 23:59:59.25+00' + i * INTERVAL '1 hour', md5(i::text)::uuid, decode(md5(i::text), 'hex')
FROM generate_series(1, 1000) i;
CREATE FUNCTION answers() RETURNS SETOF text LANGUAGE sql AS $$
	SELECT md5(string_agg(col || source || target || rows, ' ' ORDER BY col, source, target))
	FROM unnest('{t,i,n,d,ts,tz,u,b}'::name[]) col, unnest('{xxh3,sha1,pg}'::text[]) hash,
		chash_redistribution('kinds', col, chash_ring('{a,b,c}', hash => hash), chash_ring('{a,b,c,d}', hash => hash), unmoved => true)
	UNION ALL
	SELECT chash_shard(chash_range('{a,b}', '{2024-03-01}', 'date'), '2024-02-29') ||
		chash_shard(chash_range('{a,b}', '{2024-02-29 12:00:00+00}', 'timestamptz'), '2024-02-29 11:59:59+00') ||
		chash_ring('{a,b}', weights => '{0.1,3.3333333333333335}')::text || chash_range('{a,b}', E'{"\\\\x00ff"}', 'bytea')::text
$$;
SELECT answers();
SET TimeZone = 'Asia/Kolkata';
SET DateStyle = 'German, DMY';
SET IntervalStyle = 'sql_standard';
SET extra_float_digits = -15;
SET bytea_output = 'escape';
SET lc_numeric = 'C';
SET standard_conforming_strings = off;
SELECT answers();
SET DateStyle = 'SQL, MDY';
SET TimeZone = 'America/St_Johns';
SET search_path = pg_temp, public;
SELECT answers();
RESET ALL;
DROP FUNCTION answers;
DROP TABLE kinds;
