-- The strategy ring: its parameters, what they do, what is refused.

-- search rules: the same points, served differently
SELECT search, first_position, vnode, width
FROM unnest('{ceiling,higher,floor}'::text[]) search,
	chash_routing_table(chash_ring('{a,b}', vnodes => 2, bits => 8, search => search));

-- labels
SELECT DISTINCT vnode FROM chash_routing_table(chash_ring('{node}', vnodes => 3, label => '{i}:{shard}#{shard}')) ORDER BY vnode;

-- weights: points in proportion, at least one
SELECT shard, count(*) FROM chash_routing_table(
	chash_ring('{a,b,c,d}', weights => '{1,2,0.5,0.001}', vnodes => 100, search => 'floor')) GROUP BY shard ORDER BY shard;

-- a ring is the shards that it has, not their order
SELECT count(*) FROM (
	SELECT first_position, vnode, shard, width FROM chash_routing_table(chash_ring('{a,b,c}', bits => 12))
	EXCEPT
	SELECT first_position, vnode, shard, width FROM chash_routing_table(chash_ring('{c,a,b}', bits => 12))) x;

-- spaces of every width, up to that of the hash
SELECT hash, bits, count(*) AS slices, sum(width) = 2::numeric ^ bits AS whole, min(first_position)
FROM (VALUES ('xxh3', 1), ('xxh3', 28), ('xxh64', 64), ('md5', 65), ('md5', 128), ('sha1', 160), ('sha256', 256)) v(hash, bits),
	chash_routing_table(chash_ring('{a,b,c}', hash => hash, bits => bits, vnodes => 20))
GROUP BY hash, bits ORDER BY bits, hash;

-- under pg and none, which hash keys and not labels, points are placed by xxh3
SELECT chash_shard(chash_ring('{a,b}', hash => 'pg'), 42), chash_shard(chash_ring('{a,b}', hash => 'none'), 42),
	chash_position(chash_ring('{a,b}', hash => 'none'), 42);

-- the textbook's values are defaults that can be changed
SELECT chash_ring('{a}', dialect => 'textbook', hash => 'md5', search => 'ceiling', bits => 32);
SELECT chash_ring('{a}', dialect => 'textbook', hash => 'sha1', bits => 28, label => '{shard}-{i}', search => 'floor', vnodes => 160);

-- refused
SELECT chash_ring(NULL);
SELECT chash_ring('{}');
SELECT chash_ring('{a,NULL}');
SELECT chash_ring('{a,""}');
SELECT chash_ring('{a,b,a}');
SELECT chash_ring('{{a,b},{c,d}}');
SELECT chash_ring('{a,b}', weights => '{1}');
SELECT chash_ring('{a,b}', weights => '{1,NULL}');
SELECT chash_ring('{a,b}', weights => '{1,0}');
SELECT chash_ring('{a,b}', weights => '{1,-2.5}');
SELECT chash_ring('{a,b}', weights => '{1,NaN}');
SELECT chash_ring('{a,b}', weights => '{1,Infinity}');
SELECT chash_ring('{a,b}', weights => '{1e308,1e308}');
SELECT chash_ring('{a,b}', weights => '{1,1e300}');
SELECT chash_ring('{a,b}', vnodes => 0);
SELECT chash_ring('{a,b}', vnodes => -1);
SELECT chash_ring('{a,b}', bits => 0);
SELECT chash_ring('{a,b}', bits => 65);
SELECT chash_ring('{a,b}', bits => 161, hash => 'sha1');
SELECT chash_ring('{a,b}', hash => 'crc32');
SELECT chash_ring('{a,b}', hash => '');
SELECT chash_ring('{a,b}', search => 'sideways');
SELECT chash_ring('{a,b}', dialect => 'libketama');
SELECT chash_ring('{a,b}', label => '{shard}');
SELECT chash_ring('{a,b}', label => '-{i}');
SELECT chash_ring('{a,b}', label => '{shard}{i}' || repeat('x', 246));
