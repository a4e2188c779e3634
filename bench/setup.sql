-- setup.sql: the tables that are measured, the same in every run.
--
--      psql -v rows=5000000 -v part=250000 -v employees=1000000 -f setup.sql
--
-- Schemas say how many rows: whole has all, part a part for what is slow, few just enough to warm
-- up. In each, a key has a table of its own with no other column, so that reading it costs least.

\set ON_ERROR_STOP 1
CREATE EXTENSION chash;

CREATE SCHEMA whole;
CREATE SCHEMA part;
CREATE SCHEMA few;

-- Not COPY or CREATE TABLE AS: this way the pages stay in shared_buffers.
CREATE TABLE whole.keys_text (k text NOT NULL);
INSERT INTO whole.keys_text SELECT substr(md5(i::text), 1, 16) FROM generate_series(1, :rows) AS i;
CREATE TABLE whole.keys_bigint (n bigint NOT NULL);
INSERT INTO whole.keys_bigint SELECT i FROM generate_series(1, :rows) AS i;
CREATE TABLE whole.keys_uuid (u uuid NOT NULL);
INSERT INTO whole.keys_uuid SELECT md5(i::text)::uuid FROM generate_series(1, :rows) AS i;

CREATE TABLE part.keys_text AS SELECT k FROM whole.keys_text LIMIT :part;
CREATE TABLE few.keys_text AS SELECT k FROM whole.keys_text LIMIT 1000;
CREATE TABLE few.keys_bigint AS SELECT n FROM whole.keys_bigint LIMIT 1000;
CREATE TABLE few.keys_uuid AS SELECT u FROM whole.keys_uuid LIMIT 1000;

-- What a point query reads.
CREATE TABLE accounts (k text PRIMARY KEY, owner text NOT NULL, balance numeric NOT NULL);
INSERT INTO accounts SELECT i, md5(i::text), i % 1000 FROM generate_series(1, 100000) AS i;

CREATE FUNCTION names(shards int) RETURNS text[] LANGUAGE sql IMMUTABLE
    AS $$ SELECT array_agg('shard_' || i ORDER BY i) FROM generate_series(1, shards) AS i $$;

-- The same routers as those of routers.sql, by name.
SELECT chash_create_router('public.named_5', chash_ring(names(5)), 'text'),
       chash_create_router('public.named_1000', chash_ring(names(1000)), 'text'),
       chash_create_router('public.named_bigint', chash_ring(names(5)), 'bigint');

\ir by_hand.sql
\ir stored_routers.sql
\ir partitions.sql

VACUUM (FREEZE, ANALYZE);
CHECKPOINT;
