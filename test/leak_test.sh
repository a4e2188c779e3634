#!/bin/bash
# A backend that routes and routes ends where it began: three rounds of all that chash does in one
# session, of which the first warms up.  What stays in memory must be the same after each.  And a
# change of a router in many steps takes no more memory the longer it goes on.
set -euo pipefail
# shellcheck source=test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

database=regress_chash_leak

at_end() { dropdb --if-exists "$database"; }

sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" "$@"; }

create() {
    sql <<-'SQL'
		SET client_min_messages = warning;
		CREATE EXTENSION chash;
		SELECT FROM chash_create_router('ring', chash_ring('{a,b,c}'), 'int');
		CREATE TABLE t (k int PRIMARY KEY, note text) PARTITION BY HASH (k ring);
		SELECT FROM chash_create_partitions('t', '{table}_{shard}');
		INSERT INTO t SELECT k, 'note ' || k FROM generate_series(1, 5000) k;
		CREATE TABLE after (round int, routers bigint, bytes bigint, cache bigint);
		-- entries of the cache that nobody uses are thrown away for these, which are larger than it together
		CREATE PROCEDURE throw_away() LANGUAGE plpgsql AS $$
		BEGIN
			FOR i IN 1 .. 3 LOOP
				PERFORM chash_shard(chash_ring(array_agg('s' || j), vnodes => 65535), 'x')
				FROM generate_series(i, i + 30) j;
			END LOOP;
		END $$;
		CREATE FUNCTION fails(command text) RETURNS boolean LANGUAGE plpgsql AS $$
		BEGIN
			EXECUTE command;
			RETURN false;
		EXCEPTION WHEN OTHERS THEN
			RETURN true;
		END $$;
		CREATE PROCEDURE functions(round int) LANGUAGE plpgsql AS $$
		BEGIN
			FOR i IN 1 .. 1000 LOOP
				EXECUTE format('CREATE FUNCTION f_%s(int) RETURNS text LANGUAGE chash STABLE STRICT AS %L', i,
					chash_ring(ARRAY['a', 'b', 'f' || round || '_' || i])::text);
				EXECUTE format('SELECT f_%s(1)', i);
				EXECUTE format('CREATE OR REPLACE FUNCTION f_%s(int) RETURNS text LANGUAGE chash STABLE STRICT AS %L', i,
					chash_ring(ARRAY['a', 'g' || round || '_' || i])::text);
				EXECUTE format('SELECT f_%s(1)', i);
				EXECUTE format('DROP FUNCTION f_%s(int)', i);
			END LOOP;
		END $$;
		CREATE PROCEDURE route_by_name(round int) LANGUAGE plpgsql AS $$
		BEGIN
			FOR i IN 1 .. 20 LOOP
				PERFORM chash_create_router('q', chash_ring(ARRAY['a', 'q' || round || '_' || i]), 'int');
				PERFORM q(j) FROM generate_series(1, 10) j;
				PERFORM chash_drop_router('q');
			END LOOP;
		END $$;
	SQL
}

# round NUMBER: the commands of a round.
round() {
    cat <<-SQL
		\\set round $1
	SQL
    cat <<-'SQL'
		-- a million rows by value, a million by name
		SELECT count(chash_shard(chash_ring('{a,b,c}'), i)) FROM generate_series(1, 1000000) i;
		SELECT count(ring(i)) FROM generate_series(1, 1000000) i;
		-- a thousand routers, one after the other and by turns
		SELECT count(chash_shard(r, i)) FROM (SELECT chash_ring(ARRAY['a', 'b', 'r' || :round || '_' || j], vnodes => 20) AS r
			FROM generate_series(1, 1000) j) routers, generate_series(1, 100) i;
		SELECT count(chash_shard(r, i::text)) FROM generate_series(1, 50) i, (SELECT chash_ring(ARRAY['a', 'b', 'v' || :round || '_' || j], vnodes => 20) AS r
			FROM generate_series(1, 1000) j OFFSET 0) routers;
		-- two routers in a call, sets of rows, aggregates, reports
		SELECT count(*) FROM generate_series(1, 300) i, chash_moves(chash_ring(ARRAY['a', 'm' || :round || '_' || i]), chash_ring('{a,b,c}'));
		SELECT count(*) FROM generate_series(1, 100) i, chash_balance(chash_maglev(ARRAY['a', 'm' || :round || '_' || i])),
			chash_arcs(chash_hash_range(ARRAY['a', 'h' || i]));
		SELECT count(*) FROM generate_series(1, 10) i, chash_redistribution('t', 'k', chash_ring(ARRAY['a', 'd' || :round || '_' || i]), chash_ring('{a,b}'));
		SELECT count(*) FROM chash_compare('t', 'k', 4);
		-- texts, JSON, the algebra
		SELECT count(*) FROM generate_series(1, 1000) i,
			LATERAL (SELECT chash_add(chash_slots(ARRAY['a', 'j' || :round || '_' || i]), 'z') AS r) made
			WHERE r::text::chash_router = r AND chash_unpin(chash_pin(r, i, 'z')::jsonb::chash_router, i) = r;
		-- errors that are caught: of texts, of constructors, of keys, of names
		SELECT count(*) FROM generate_series(1, 500) i WHERE fails(format('SELECT %L::chash_router', '{"strategy":"ring","shards":["a","a' || i || '","a"]}'))
			AND fails(format('SELECT chash_shard(chash_range(ARRAY[''a'',%L], ''{5}'', ''bigint''), ''no number'')', 'e' || :round || '_' || i))
			AND fails(format('SELECT chash_shards(chash_modulo(ARRAY[''a'',%L]), 1, 3)', 'e' || :round || '_' || i))
			AND fails(format('CREATE FUNCTION e(int) RETURNS text LANGUAGE chash STABLE STRICT AS %L', '{"before":{"strategy":"ring","shards":["e' || :round || '_' || i || '"]},"after":1,"passed":0}'));
		CALL functions(:round);
		CALL route_by_name(:round);
		-- plans that are kept, with notes of what was pruned
		SET plan_cache_mode = force_generic_plan;
		PREPARE one(int) AS SELECT note FROM t WHERE k = $1;
		PREPARE few(int) AS SELECT count(*) FROM t WHERE k IN ($1, 7, 2 * $1) AND k <> 5;
		PREPARE joined AS SELECT count(*) FROM t a JOIN t b USING (k) WHERE a.k = 17;
		SELECT format('EXECUTE one(%s)', i), format('EXECUTE few(%s)', i), 'EXECUTE joined' FROM generate_series(1, 500) i \gexec
		DEALLOCATE ALL;
		RESET plan_cache_mode;
		SELECT count(*) FROM generate_series(1, 300) i WHERE fails('SELECT 1/0 FROM t WHERE k = ' || i);
		-- a change of the router and back
		CALL chash_add_shard('ring', 'd');
		CALL chash_remove_shard('ring', 'd');
		DROP TABLE IF EXISTS d, t_d;
		SELECT count(*) FROM chash_check('t');
		CALL throw_away();
		SELECT ring(1);
		INSERT INTO after SELECT :round, (SELECT routers FROM chash_cache()), :used, (SELECT bytes FROM chash_cache());
	SQL
}

# What is in use, without what is left of the blocks that it is in: PostgreSQL 13 does not tell.
used='(SELECT sum(used_bytes) FROM pg_backend_memory_contexts)'

begin_test
dropdb --if-exists "$database" 2>/dev/null
createdb -T template0 "$database"
create
[ "$(sql -c "SELECT to_regclass('pg_catalog.pg_backend_memory_contexts') IS NULL")" = f ] || used=0
{
    printf 'SET client_min_messages = warning;\n\\set used %s\n' "'$used'"
    for number in 1 2 3; do round "$number"; done
} >"$work/rounds.sql"
status=0
sql -f "$work/rounds.sql" >"$work/output" 2>&1 || status=$?
[ "$status" -eq 0 ] || tail -n 20 "$work/output"
test_result "$status" "three rounds of all that chash does"

# is NAME SQL: the answer of which is true.
is() {
    echo t >"$work/expected"
    sql -c "$2" >"$work/got"
    same "$1" "$work/expected" "$work/got"
}

is "nobody has a router of the cache in use that was left" \
    'SELECT count(*) = 3 AND max(routers) = min(routers) AND max(routers) < 5 FROM after'
is "the third round ends where the first one did" \
    'SELECT max(bytes) - min(bytes) < 1000000 FROM after'
is "the cache keeps to its limit" 'SELECT max(cache) < 64 * 1024 * 1024 FROM after'

# sample PID: the kilobytes of its own that a process has, while it moves rows.
sample() {
    local phase=''
    while [ -e "/proc/$1" ]; do
        phase=$(sql -c "SELECT phase FROM chash_stat_progress_reshard")
        [ "$phase" != 'moving rows' ] || awk '/^RssAnon/ {print $2}' "/proc/$1/status" 2>/dev/null || true
    done
}

# Rows that are moved are wide, so that what a step leaves behind would add up.
many_steps() {
    local pid=''
    sql <<-'SQL'
		SET client_min_messages = warning;
		SELECT FROM chash_create_router('wide', chash_ring('{a,b}'), 'int');
		CREATE TABLE w (k int PRIMARY KEY, note text) PARTITION BY HASH (k wide);
		SELECT FROM chash_create_partitions('w', '{table}_{shard}');
		INSERT INTO w SELECT k, repeat(md5(k::text), 40) FROM generate_series(1, 80000) k;
	SQL
    PGAPPNAME=chash_leak sql -c 'SET client_min_messages = warning' -c "CALL chash_reshard('wide',
        chash_ring('{c,d}'), max_lock => '3ms', pause => '0', concurrently => false)" &
    while [ -z "$pid" ] && kill -0 $! 2>/dev/null; do
        pid=$(sql -c "SELECT pid FROM pg_stat_activity WHERE application_name = 'chash_leak'")
    done
    sample "$pid" >"$work/kilobytes"
    wait $!
}

if [ -e /proc/self/status ]; then
    many_steps
    awk 'NR == 1 {first = $1} $1 > most {most = $1} END {print first, most, (NR > 10 && most - first < 16000)}' \
        "$work/kilobytes" >"$work/most"
    cut -d' ' -f3 "$work/most" >"$work/got"
    echo 1 >"$work/expected"
    same "a change takes no more memory the longer it goes on" "$work/expected" "$work/got"
else
    say "# no /proc here, so the memory of a change is not looked at"
fi
