-- A new partition gets what all others of its table have been given one by one.
SET client_min_messages = warning;
CREATE SCHEMA sib;
CREATE SCHEMA elsewhere;
SET search_path = sib, public;
SET datestyle = 'ISO';
CREATE ROLE sib_owner;
CREATE ROLE sib_reader;
CREATE ROLE "sib ""other";
GRANT ALL ON SCHEMA sib, elsewhere TO sib_owner;
GRANT USAGE ON SCHEMA sib, elsewhere TO sib_reader;
SELECT chash_create_router('ring', chash_ring('{a,b}'), 'int');
ALTER FUNCTION ring(int) OWNER TO sib_owner;
ALTER FUNCTION ring_ordinal(int) OWNER TO sib_owner;

-- What a partition has, but for its name.
CREATE FUNCTION traits(leaf regclass) RETURNS TABLE (trait text) LANGUAGE sql AS $$
	SELECT format('%s %s in %s, replica identity %s, row security %s %s', CASE relpersistence WHEN 'u' THEN 'unlogged' ELSE 'logged' END,
		relowner::regrole, relnamespace::regnamespace, relreplident, relrowsecurity, relforcerowsecurity) FROM pg_class WHERE oid = leaf
	UNION ALL SELECT 'options ' || array_agg(o ORDER BY o)::text FROM pg_class, unnest(reloptions) o WHERE oid = leaf
	UNION ALL SELECT 'toast options ' || array_agg(o ORDER BY o)::text FROM pg_class c JOIN pg_class t ON t.oid = c.reltoastrelid,
		unnest(t.reloptions) o WHERE c.oid = leaf
	UNION ALL (SELECT 'grant ' || regexp_replace(i::text, 'm/', '/') FROM pg_class, unnest(relacl) i WHERE oid = leaf ORDER BY 1)
	UNION ALL (SELECT format('column %s: storage %s %s %s', attname, attstorage, CASE WHEN attstattarget >= 0 THEN attstattarget END,
		(SELECT array_agg(o ORDER BY o) FROM unnest(attoptions) o WHERE o NOT LIKE 'pg_attver%')) FROM pg_attribute
		WHERE attrelid = leaf AND attnum > 0 AND NOT attisdropped ORDER BY attnum)
	UNION ALL (SELECT format('column %s: grant %s', attname, i) FROM pg_attribute, unnest(attacl) i
		WHERE attrelid = leaf AND attnum > 0 AND NOT attisdropped ORDER BY attnum, i::text)
	UNION ALL (SELECT format('policy %s %s %s %s %s %s', polname, polpermissive, polcmd, polroles::regrole[],
		pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) FROM pg_policy WHERE polrelid = leaf ORDER BY polname)
	UNION ALL (SELECT format('index of %s is %s %s', pg_get_indexdef(h.inhparent, 1, true) , CASE WHEN indisreplident THEN 'replica identity' END,
		CASE WHEN indisclustered THEN 'clustered' END) FROM pg_index x JOIN pg_inherits h ON h.inhrelid = x.indexrelid
		WHERE indrelid = leaf AND (indisreplident OR indisclustered) ORDER BY 1)
	UNION ALL (SELECT format('publication %s', pubname) FROM pg_publication_rel r JOIN pg_publication p ON p.oid = prpubid
		WHERE prrelid = leaf ORDER BY 1)
$$;
-- A command for each partition.
CREATE FUNCTION each(t regclass, command text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	leaf regclass;
BEGIN
	FOR leaf IN SELECT inhrelid FROM pg_inherits WHERE inhparent = t ORDER BY 1 LOOP
		EXECUTE format(command, leaf);
	END LOOP;
END
$$;

-- ---- everything ----
SET ROLE sib_owner;
CREATE TABLE t (gone int, k int NOT NULL, v text, big text, n int NOT NULL) PARTITION BY HASH (k ring);
ALTER TABLE t DROP COLUMN gone;
ALTER TABLE t ADD PRIMARY KEY (k);
CREATE UNIQUE INDEX t_n ON t (n, k);
SELECT chash_create_partitions('t', '{table}_{shard}', schema => 'elsewhere');
RESET ROLE;
-- grants that the table does not have, and default privileges that these do not have
ALTER DEFAULT PRIVILEGES FOR ROLE sib_owner GRANT INSERT ON TABLES TO sib_reader;
SELECT each('t', 'GRANT SELECT ON %s TO sib_reader WITH GRANT OPTION');
SELECT each('t', 'GRANT UPDATE (v), SELECT (k) ON %s TO "sib ""other"');
SET ROLE sib_reader;
SELECT each('t', 'GRANT SELECT ON %s TO PUBLIC');
RESET ROLE;
SELECT each('t', 'REVOKE TRUNCATE ON %s FROM sib_owner');
SELECT each('t', 'ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY');
SELECT each('t', 'CREATE POLICY "it''s" ON %s AS RESTRICTIVE FOR UPDATE TO sib_reader, "sib ""other" USING (k > 1) WITH CHECK (v <> ''no'')');
SELECT each('t', 'CREATE POLICY reads ON %s FOR SELECT USING (EXISTS (SELECT FROM pg_class WHERE relname = current_user))');
SELECT each('t', 'ALTER TABLE %s SET (fillfactor = 70, autovacuum_enabled = off, toast.autovacuum_enabled = off)');
SELECT each('t', 'ALTER TABLE %s ALTER v SET STATISTICS 7, ALTER v SET (n_distinct = 5), ALTER big SET STORAGE EXTERNAL');
DO $$
DECLARE
	i record;
BEGIN
	FOR i IN SELECT c.relname, x.indrelid::regclass AS leaf FROM pg_inherits h JOIN pg_index x ON x.indexrelid = h.inhrelid
		JOIN pg_class c ON c.oid = x.indexrelid WHERE h.inhparent = 't_n'::regclass LOOP
		EXECUTE format('ALTER TABLE %s REPLICA IDENTITY USING INDEX %I', i.leaf, i.relname);
		EXECUTE format('ALTER TABLE %s CLUSTER ON %I', i.leaf, i.relname);
	END LOOP;
END
$$;
SET client_min_messages = error; -- versions word the warning of wal_level differently
CREATE PUBLICATION "sib""pub";
SET client_min_messages = warning;
SELECT each('t', 'ALTER PUBLICATION "sib""pub" ADD TABLE %s');
SELECT * FROM traits('elsewhere.t_a');
CALL chash_reshard('ring', chash_ring('{a,b,c,d}'));
SELECT count(*) FROM pg_inherits WHERE inhparent = 't'::regclass;
SELECT * FROM traits('elsewhere.c') EXCEPT ALL SELECT * FROM traits('elsewhere.t_a');
SELECT * FROM traits('elsewhere.t_a') EXCEPT ALL SELECT * FROM traits('elsewhere.c');
SELECT * FROM traits('elsewhere.d') EXCEPT ALL SELECT * FROM traits('elsewhere.t_a');
-- also one that is made by hand, and an option that is asked for comes first
DROP TABLE elsewhere.d;
SELECT chash_create_partitions('t', schema => 'sib', options => '{"fillfactor": 50}');
SELECT * FROM traits('sib.d') EXCEPT ALL SELECT * FROM traits('elsewhere.t_a');
DROP TABLE sib.d;
-- the owner may not change the publication
SET ROLE sib_owner;
SELECT chash_create_partitions('t', '{shard}_again');
RESET ROLE;
SELECT * FROM traits('elsewhere.t_a') EXCEPT ALL SELECT * FROM traits('elsewhere.d_again');
DROP PUBLICATION "sib""pub";
DROP TABLE t;

-- ---- the other ways ----
SELECT chash_create_router('two', chash_ring('{a,b}'), 'int');
CREATE TABLE u (k int, v text) PARTITION BY HASH (k two);
SELECT chash_create_partitions('u', '{table}_{shard}');
SELECT each('u', 'ALTER TABLE %s SET UNLOGGED');
SELECT each('u', 'ALTER TABLE %s REPLICA IDENTITY NOTHING');
SELECT each('u', 'REVOKE ALL ON %s FROM CURRENT_USER');
CALL chash_add_shard('two', 'c');
SELECT relpersistence, relreplident, relacl FROM pg_class WHERE oid = 'c'::regclass;
SELECT each('u', 'ALTER TABLE %s REPLICA IDENTITY FULL');
CALL chash_add_shard('two', 'd');
SELECT relreplident FROM pg_class WHERE oid = 'd'::regclass;

-- ---- where they differ ----
SET client_min_messages = notice;
ALTER TABLE u_a SET LOGGED;
ALTER TABLE u_a SET SCHEMA elsewhere;
ALTER TABLE elsewhere.u_a SET (fillfactor = 60), ENABLE ROW LEVEL SECURITY, REPLICA IDENTITY DEFAULT, ALTER v SET STORAGE MAIN;
ALTER TABLE u_b SET (fillfactor = 80);
GRANT SELECT ON u_b TO sib_reader;
GRANT SELECT (k) ON u_b TO sib_reader;
DROP TABLE d;
SELECT chash_create_partitions('u');
SELECT relnamespace::regnamespace, relpersistence, relreplident, reloptions, relacl FROM pg_class WHERE oid = 'd'::regclass;
-- nobody is told of what he decides himself
DROP TABLE d;
SELECT chash_create_partitions('u', schema => 'elsewhere');
-- a table that has the name of the shard
DROP TABLE elsewhere.d;
CREATE TABLE elsewhere.d ();
SELECT chash_create_partitions('u', schema => 'elsewhere');
DROP TABLE elsewhere.d;

-- ---- what is not made ----
SET client_min_messages = warning;
DROP TABLE u;
CREATE TABLE u (k int, v text) PARTITION BY HASH (k two);
SELECT chash_create_partitions('u', '{table}_{shard}');
DROP TABLE u_d;
CREATE FUNCTION fires() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
SELECT each('u', 'CREATE TRIGGER own AFTER INSERT ON %s EXECUTE FUNCTION fires()');
SELECT each('u', 'CREATE RULE quiet AS ON DELETE TO %s DO ALSO NOTHING');
SELECT each('u', 'CREATE INDEX ON %s ((v || 1))');
SELECT each('u', 'ALTER TABLE %s ADD CONSTRAINT small CHECK (k < 1000)');
SELECT each('u', 'ALTER TABLE %s ALTER v SET DEFAULT 1');
SELECT each('u', 'CREATE POLICY own ON %1$s USING (EXISTS (SELECT FROM pg_class WHERE relname = %1$s.v))');
CREATE STATISTICS of_a ON k, v FROM u_a;
SELECT chash_create_partitions('u');
DROP TABLE u;

-- ---- names; a table whose partitions are not tables ----
SELECT chash_create_router('"r""; --"', chash_ring(ARRAY['x"; --', 'y''']), 'int');
CREATE SCHEMA "s ""; --";
CREATE TABLE "s ""; --"."t'" ("k"";--" int PRIMARY KEY, "v'; --" text) PARTITION BY HASH ("k"";--" "r""; --");
SELECT chash_create_partitions('"s ""; --"."t''"');
SELECT each('"s ""; --"."t''"', 'ALTER TABLE %s ALTER "v''; --" SET STORAGE PLAIN, ALTER "k"";--" SET STATISTICS 3');
SELECT each('"s ""; --"."t''"', 'GRANT SELECT ("k"";--") ON %s TO "sib ""other"');
SELECT each('"s ""; --"."t''"', 'CREATE POLICY "p"";--" ON %s USING ("k"";--" > 1)');
CALL chash_add_shard('"r""; --"', 'z"z');
SELECT * FROM traits('"s ""; --"."z""z"');
CREATE TABLE deep (k int, v int) PARTITION BY HASH (k two);
CREATE TABLE deep_a PARTITION OF deep FOR VALUES WITH (MODULUS 1024, REMAINDER 1) PARTITION BY RANGE (v);
SELECT chash_create_partitions('deep');

SET client_min_messages = error;
DROP SCHEMA sib, elsewhere, "s ""; --" CASCADE;
ALTER DEFAULT PRIVILEGES FOR ROLE sib_owner REVOKE INSERT ON TABLES FROM sib_reader;
DROP ROLE sib_owner, sib_reader, "sib ""other";
