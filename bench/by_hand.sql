-- by_hand.sql: a ring as people write it without an extension, in SQL and in PL/pgSQL.
-- Both have 5 shards x 160 points, and find the first point at or above the hash of the key.

CREATE TABLE ring_points (point bigint PRIMARY KEY, shard text NOT NULL);
INSERT INTO ring_points
SELECT hashtextextended(shard || '-' || vnode, 0), shard
FROM unnest(names(5)) AS shard, generate_series(0, 159) AS vnode;

-- points are sorted; owners are indexes of shards, one for each point.
CREATE FUNCTION ring_in_plpgsql(points bigint[], owners int[], shards text[], key text)
    RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    hash bigint := hashtextextended(key, 0);
    low int := 1;
    high int := cardinality(points) + 1;
    middle int;
BEGIN
    WHILE low < high LOOP
        middle := (low + high) / 2;
        IF points[middle] < hash THEN
            low := middle + 1;
        ELSE
            high := middle;
        END IF;
    END LOOP;
    IF low > cardinality(points) THEN
        low := 1;
    END IF;
    RETURN shards[owners[low]];
END
$$;

-- They agree.
DO $$
BEGIN
    ASSERT NOT EXISTS (
        WITH ring AS (
            SELECT array_agg(point ORDER BY point) AS points,
                   array_agg(array_position(names(5), shard) ORDER BY point) AS owners
            FROM ring_points)
        SELECT FROM few.keys_text, ring
        WHERE ring_in_plpgsql(points, owners, names(5), k) IS DISTINCT FROM coalesce(
            (SELECT shard FROM ring_points WHERE point >= hashtextextended(k, 0) ORDER BY point LIMIT 1),
            (SELECT shard FROM ring_points ORDER BY point LIMIT 1)));
END
$$;
