-- What is compared of a database and a restored one: for each partition of each routed table its
-- rows, a sum over them and one over their shards; how many of them a pruned lookup finds; what
-- chash_check says.
\pset format unaligned
\pset tuples_only on
SET search_path = '';
SET enable_hashjoin = off;
SET enable_mergejoin = off;
-- no view: a standby has none of its own
\set routed 'SELECT t.t::regclass AS name, r.router::oid::regproc AS router, r.key_type, a.attname AS key FROM public.chash_routers r, LATERAL unnest(r.tables) t (t) JOIN pg_partitioned_table p ON p.partrelid = t.t JOIN pg_attribute a ON a.attrelid = t.t AND a.attnum = p.partattrs[0]'
SELECT count(*) AS tables FROM (:routed) routed;
SELECT format('SELECT %1$L, tableoid::regclass, count(*), sum(hashtextextended(t::text, 0)),'
	' sum(hashtextextended(%2$s(%3$I::%4$s), 0)) FROM %1$s t GROUP BY tableoid ORDER BY tableoid::regclass::text COLLATE "C"',
	name, router, key, key_type) FROM (:routed) routed ORDER BY name::text COLLATE "C"
\gexec
SELECT format('SELECT %1$L, count(*) FROM %1$s a, LATERAL (SELECT FROM %1$s b WHERE b.%2$I = a.%2$I LIMIT 1) found',
	name, key) FROM (:routed) routed ORDER BY name::text COLLATE "C"
\gexec
SELECT format('SELECT %1$L, * FROM public.chash_check(%1$L)', name) FROM (:routed) routed ORDER BY name::text COLLATE "C"
\gexec
SELECT count(*), sum(hashtextextended(t::text, 0)) FROM mid.plain t;
SELECT * FROM "Aaa".per_shard ORDER BY 1;
SELECT shard, "Aaa".shard(by_range_ordinal), count(*) FROM "Aaa".shard_of GROUP BY 1, 2 ORDER BY 1;
