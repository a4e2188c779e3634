-- Tables that routers partition, in the schema r, and the same ones without partitions in the schema p.
-- Every table has the columns k (the key), i, v and t. Numbers of keys are multiples of 100, so that
-- slices of a change cut between them.
CREATE EXTENSION chash;
CREATE SCHEMA r;
CREATE SCHEMA p;

SELECT chash_create_router('r.by_ring', chash_ring('{s1,s2,s3}'), 'bigint');
SELECT chash_create_router('r.by_slots', chash_slots('{s1,s2,s3}', slots => 64), 'text');
SELECT chash_create_router('r.by_jump', chash_jump('{s1,s2,s3}'), 'uuid');
SELECT chash_create_router('r.by_rendezvous', chash_rendezvous('{s1,s2,s3}'), 'int');
SELECT chash_create_router('r.by_range', chash_range('{s1,s2,s3}', '{10000,20000}', 'int'), 'int');
SELECT chash_create_router('r.by_modulo', chash_modulo('{s1,s2,s3}'), 'bigint');

SELECT coalesce((SELECT quote_ident(collname) FROM pg_collation WHERE collname = 'und-x-icu'), '"C"') AS collation \gset

-- a, and b that refers to it; e and h, whose types of keys differ: of one router each
CREATE TABLE r.a (k bigint PRIMARY KEY, i int NOT NULL DEFAULT 0, v int, t text)
    PARTITION BY HASH (k r.by_ring);
CREATE TABLE r.b (k bigint REFERENCES r.a ON DELETE CASCADE ON UPDATE CASCADE, i int, v int, t text,
    PRIMARY KEY (k, i)) PARTITION BY HASH (k r.by_ring);
CREATE TABLE r.c (k text COLLATE :collation PRIMARY KEY, i int NOT NULL DEFAULT 0, v int, t text)
    PARTITION BY HASH (k r.by_slots);
CREATE TABLE r.d (k uuid PRIMARY KEY, i int NOT NULL DEFAULT 0, v int, t text)
    PARTITION BY HASH (k r.by_jump);
CREATE TABLE r.e (k int CHECK (k > 0), i int NOT NULL DEFAULT 0, v int, t text)
    PARTITION BY HASH (k r.by_rendezvous);
CREATE TABLE r.f (k int PRIMARY KEY, i int NOT NULL DEFAULT 0, v int, t text)
    PARTITION BY HASH (k r.by_range);
CREATE TABLE r.g (k bigint, i int NOT NULL DEFAULT 0, v int, t text, UNIQUE (k, i))
    PARTITION BY HASH (k r.by_modulo);
CREATE TABLE r.h (k smallint PRIMARY KEY, i int NOT NULL DEFAULT 0, v int, t text)
    PARTITION BY HASH (k r.by_rendezvous_int2);
ALTER TABLE r.c ALTER t SET STORAGE EXTERNAL;
SELECT chash_create_partitions(('r.' || t)::regclass, name => '{table}_{shard}')
FROM unnest('{a,b,c,d,e,f,g,h}'::text[]) t;

-- a router refuses a key that is null
CREATE TABLE p.a (LIKE r.a INCLUDING ALL);
CREATE TABLE p.b (LIKE r.b INCLUDING ALL, FOREIGN KEY (k) REFERENCES p.a ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE p.c (LIKE r.c INCLUDING ALL);
CREATE TABLE p.d (LIKE r.d INCLUDING ALL);
CREATE TABLE p.e (LIKE r.e INCLUDING ALL, CONSTRAINT present CHECK (k IS NOT NULL));
CREATE TABLE p.f (LIKE r.f INCLUDING ALL);
CREATE TABLE p.g (LIKE r.g INCLUDING ALL, CONSTRAINT present CHECK (k IS NOT NULL));
CREATE TABLE p.h (LIKE r.h INCLUDING ALL);
-- one that is not routed in r either
CREATE TABLE p.x (k int PRIMARY KEY, i int, v int, t text);
CREATE TABLE r.x (LIKE p.x INCLUDING ALL);

DO $$
DECLARE
    s text;
BEGIN
    FOREACH s IN ARRAY '{r,p}'::text[] LOOP
        EXECUTE format('CREATE INDEX ON %I.e (k) WHERE v > 50', s);
        EXECUTE format('CREATE UNIQUE INDEX ON %I.e (k, i) WHERE i = 7', s);
        EXECUTE format('CREATE INDEX ON %I.g (v, k)', s);
        EXECUTE format('CREATE INDEX ON %I.d ((v %% 10), k)', s);
        -- reads with the snapshot of the query that calls it
        EXECUTE format('CREATE FUNCTION %1$I.value_of(key bigint) RETURNS bigint LANGUAGE plpgsql STABLE AS
            ''BEGIN RETURN (SELECT sum(x.v + 1) FROM %1$I.a x WHERE x.k = key)
                + (SELECT count(*) FROM %1$I.g x WHERE x.k = key); END''', s);
        EXECUTE format('CREATE FUNCTION %1$I.value_of(key text) RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE AS
            ''BEGIN RETURN (SELECT sum(x.v + 1) FROM %1$I.c x WHERE x.k IN (key, ''''key 500'''')); END''', s);
        -- takes a snapshot of its own
        EXECUTE format('CREATE FUNCTION %1$I.new_value_of(key int) RETURNS bigint LANGUAGE plpgsql VOLATILE AS
            ''BEGIN RETURN (SELECT sum(x.v + 1) FROM %1$I.e x WHERE x.k = key)
                + (SELECT count(*) FROM %1$I.f x WHERE x.k = key); END''', s);
        -- becomes a part of the query
        EXECUTE format('CREATE FUNCTION %1$I.rows_of(key bigint) RETURNS SETOF %1$I.a LANGUAGE sql STABLE AS
            ''SELECT * FROM %1$I.a x WHERE x.k = key''', s);
    END LOOP;
END
$$;
