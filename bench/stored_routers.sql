-- stored_routers.sql: routers in a table, in each of the ways in which PostgreSQL stores a value.
-- At the end it is checked that it is that way, so that stored.sql measures what it says.

CREATE TABLE router_plain (router chash_router NOT NULL);
ALTER TABLE router_plain ALTER router SET STORAGE PLAIN;
INSERT INTO router_plain SELECT chash_ring(names(5));

-- 2.4 kB, which compression makes short enough to stay in its row.
CREATE TABLE router_compressed (router chash_router NOT NULL);
INSERT INTO router_compressed SELECT chash_ring(names(100));

CREATE TABLE router_toasted (router chash_router NOT NULL);
ALTER TABLE router_toasted ALTER router SET STORAGE EXTERNAL;
INSERT INTO router_toasted SELECT chash_ring(names(100));

-- Without any setting: 25 kB, compressed and then moved out.
CREATE TABLE router_large (router chash_router NOT NULL);
INSERT INTO router_large SELECT chash_ring(names(1000));

-- true: it is in the table's TOAST
CREATE FUNCTION is_toasted(tab regclass) RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT pg_relation_size(reltoastrelid) > 0 FROM pg_class WHERE oid = tab $$;

DO $$
BEGIN
    ASSERT NOT is_toasted('router_plain') AND NOT is_toasted('router_compressed');
    ASSERT (SELECT pg_column_size(router) < 2000 FROM router_compressed);
    ASSERT is_toasted('router_toasted') AND is_toasted('router_large');
END
$$;
