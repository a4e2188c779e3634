-- chash_add, chash_remove, chash_reweight.

SELECT chash_add(chash_ring('{a,b}'), 'c');
SELECT chash_add(chash_ring('{a,b}'), 'c', 2.5, 'west');
SELECT chash_remove(chash_ring('{a,b,c}'), 'b');
SELECT chash_reweight(chash_ring('{a,b}'), 'b', 3);
SELECT chash_add(chash_modulo('{a,b}'), 'c', 2), chash_add(chash_hash_range('{a,b}', bits => 20), 'c');

-- parameters and zones stay
SELECT chash_reweight(chash_remove(chash_add(chash_ring('{a,b}', vnodes => 7, hash => 'md5', bits => 32,
	label => '{i}{shard}', search => 'floor'), 'c', zone => 'z'), 'a'), 'c', 2);

-- to and fro is where one was; a freed id is given again, the others stay
SELECT chash_remove(chash_add(chash_ring('{a,b}'), 'c'), 'c') = chash_ring('{a,b}') AS back,
	chash_reweight(chash_reweight(chash_ring('{a,b}'), 'a', 9), 'a', 1) = chash_ring('{a,b}') AS reweighted_back;
SELECT chash_add(chash_remove(chash_ring('{a,b,c}'), 'b'), 'd');

-- a ring: only what must move, moves
SELECT bool_and(target = 'f') AS add, count(*) FROM chash_moves(chash_ring('{a,b,c,d,e}'), chash_add(chash_ring('{a,b,c,d,e}'), 'f'));
SELECT bool_and(source = 'c') AS remove, count(*) FROM chash_moves(chash_ring('{a,b,c,d,e}'), chash_remove(chash_ring('{a,b,c,d,e}'), 'c'));
SELECT bool_and(target = 'b') AS heavier, count(*) FROM chash_moves(chash_ring('{a,b,c}'), chash_reweight(chash_ring('{a,b,c}'), 'b', 2));
SELECT bool_and(source = 'b') AS lighter, count(*) FROM chash_moves(chash_ring('{a,b,c}'), chash_reweight(chash_ring('{a,b,c}'), 'b', 0.5));

-- range: a new shard takes its interval from there to the next bound, a removed one leaves it below
SELECT chash_add(chash_range('{a,b}', '{m}'), 'c', bound => 't');
SELECT chash_add(chash_range('{a,b}', '{m}'), 'c', bound => 'f');
SELECT chash_add(chash_range('{a,b}', '{100}', 'bigint'), 'c', bound => '20');
SELECT chash_add(chash_range('{a}'), 'b', bound => 'm') = '{"strategy":"range","bounds":["m"],"shards":["a","b"]}' AS first_bound;
SELECT chash_remove(chash_range('{a,b,c}', '{m,t}'), 'a'), chash_remove(chash_range('{a,b,c}', '{m,t}'), 'b'),
	chash_remove(chash_range('{a,b,c}', '{m,t}'), 'c');

-- NULLs
SELECT chash_add(NULL, 'a') IS NULL, chash_remove(chash_ring('{a}'), NULL) IS NULL, chash_reweight(chash_ring('{a}'), 'a', NULL) IS NULL;
SELECT chash_add(chash_ring('{a}'), NULL);

-- refused
SELECT chash_add(chash_ring('{a,b}'), 'a');
SELECT chash_add(chash_ring('{a,b}'), '');
SELECT chash_add(chash_ring('{a,b}'), 'c', 0);
SELECT chash_add(chash_ring('{a,b}'), 'c', 'NaN');
SELECT chash_add(chash_ring('{a,b}'), 'c', zone => '');
SELECT chash_add(chash_ring('{a,b}'), 'c', bound => 'm');
SELECT chash_add(chash_modulo('{a,b}'), 'c', 1.5);
SELECT chash_add(chash_range('{a,b}', '{m}'), 'c');
SELECT chash_add(chash_range('{a,b}', '{m}'), 'c', bound => 'm');
SELECT chash_add(chash_range('{a,b}', '{10}', 'bigint'), 'c', bound => 'x');
SELECT chash_add(chash_range('{a,b}', '{m}'), 'c', 2, bound => 't');
SELECT chash_remove(chash_ring('{a,b}'), 'c');
SELECT chash_remove(chash_ring('{a}'), 'a');
SELECT chash_reweight(chash_ring('{a,b}'), 'c', 2);
SELECT chash_reweight(chash_ring('{a,b}'), 'a', 0);
SELECT chash_reweight(chash_ring('{a,b}'), 'a', 'Infinity');
SELECT chash_reweight(chash_range('{a,b}', '{m}'), 'a', 2);
