#!/bin/bash
# chash_reshard while clients count what was acknowledged to them: shards come and go, the backend
# that moves rows is killed, the server is stopped at once; whoever calls again goes on.
set -euo pipefail
# shellcheck source=test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

database=regress_chash_reshard

at_end() { dropdb --if-exists --force "$database" || dropdb --if-exists "$database"; }

sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" "$@"; }

create() {
    sql >"$work/output" 2>&1 <<-'SQL'
		CREATE EXTENSION chash;
		SELECT chash_create_router('ring', chash_ring('{a,b}'), 'int');
		CREATE TABLE t (k int PRIMARY KEY, v int NOT NULL, note text) PARTITION BY HASH (k ring);
		SELECT chash_create_partitions('t', '{table}_{shard}');
		CREATE TABLE child (k int REFERENCES t ON DELETE CASCADE, n int, PRIMARY KEY (k, n))
		    PARTITION BY HASH (k ring);
		SELECT chash_create_partitions('child', '{table}_{shard}');
		INSERT INTO t SELECT k, 0, 'note ' || k FROM generate_series(1, 20000) k;
		INSERT INTO child SELECT k, 1 FROM generate_series(1, 20000) k;
		-- in whichever partition the row is; whoever does not find it tries again
		CREATE FUNCTION count_directly(key int) RETURNS void LANGUAGE plpgsql AS $$
		DECLARE
		    leaf regclass;
		    n int;
		BEGIN
		    FOR leaf IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 't'::regclass LOOP
		        EXECUTE format('UPDATE %s SET v = v + 1 WHERE k = %s', leaf, key);
		        GET DIAGNOSTICS n = ROW_COUNT;
		        IF n = 1 THEN RETURN; END IF;
		    END LOOP;
		    RAISE serialization_failure;
		END
		$$;
	SQL
    printf '%s\n' '\set k random(1, 20000)' 'UPDATE t SET v = v + 1 WHERE k = :k;' >"$work/update"
    printf '%s\n' '\set k random(1, 20000)' 'SELECT count_directly(:k);' >"$work/direct"
    printf '%s\n' '\set k random(1, 20000)' \
        'INSERT INTO t VALUES (:k, 1) ON CONFLICT (k) DO UPDATE SET v = t.v + 1;' >"$work/upsert"
    printf '%s\n' '\set k random(1, 20000)' 'BEGIN ISOLATION LEVEL REPEATABLE READ;' \
        'SELECT v FROM t WHERE k = :k;' 'UPDATE t SET v = v + 1 WHERE k = :k;' 'COMMIT;' >"$work/repeatable"
    printf '%s\n' '\set k random(30001, 40000)' 'BEGIN;' \
        'INSERT INTO t VALUES (:k, 0) ON CONFLICT DO NOTHING;' \
        'INSERT INTO child VALUES (:k, 2) ON CONFLICT DO NOTHING;' 'DELETE FROM t WHERE k = :k;' \
        'COMMIT;' >"$work/come_and_go"
}

# begin_clients SECONDS: one of each kind. pgbench tries again what failed to serialize, from 15 on.
begin_clients() {
    local script retry=()
    if pgbench --help | grep -q -- --max-tries; then retry=(--max-tries=0); fi
    clients=()
    for script in update direct upsert repeatable come_and_go; do
        [ "${#retry[@]}" -gt 0 ] || [ "$script" = update ] || [ "$script" = upsert ] || continue
        pgbench -n -T "$1" ${retry[@]+"${retry[@]}"} -f "$work/$script" "$database" >"$work/$script.log" 2>&1 &
        clients+=($!)
    done
}

end_clients() { wait "${clients[@]}" || true; }

# acknowledged: what the clients that count were told.
acknowledged() {
    cat "$work"/{update,direct,upsert,repeatable}.log 2>/dev/null |
        sed -nE 's/^number of transactions actually processed: ([0-9]+).*/\1/p' | paste -sd+ - | { read -r sum && echo $((sum)); }
}

# oracle: one row for each thing that has to be as it is.
oracle() {
    sql <<-'END'
		SELECT count(*), count(DISTINCT k) FROM t WHERE k <= 20000;
		SELECT count(*) FROM (SELECT k FROM t OFFSET 0) a, LATERAL (SELECT FROM t b WHERE b.k = a.k) f WHERE k <= 20000;
		SELECT count(*) FROM child WHERE k <= 20000;
		SELECT count(*) FROM child c WHERE NOT EXISTS (SELECT FROM t WHERE t.k = c.k);
		SELECT count(*) FROM chash_check('t') WHERE problem <> 'partition of no shard';
		SELECT count(*) FROM chash_check('child') WHERE problem <> 'partition of no shard';
	END
}

agrees() { # NAME [ROWS]
    local rows=${2:-20000}
    printf '%s\n' "$rows|$rows" "$rows" "$rows" 0 0 0 >"$work/expected"
    oracle >"$work/got" 2>&1 || true
    same "$1" "$work/expected" "$work/got"
}

# drop_detached: partitions of shards that were removed would be in the way of new ones. A client
# that writes to one and asks for another lock can be in a deadlock with it.
drop_detached() {
    local tries
    for ((tries = 0; tries < 20; tries++)); do
        drop_detached_once >>"$work/output" 2>&1 && return
        sleep 0.1
    done
    die "partitions of shards that were removed cannot be dropped"
}

drop_detached_once() {
    sql <<-'END'
		SELECT format('DROP TABLE %s', oid::regclass) FROM pg_class
		WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT relispartition
		    AND relname <> 'chash_reshard_jobs'
		\gexec
	END
}

reshard() { sql -c "SET client_min_messages = warning" -c "CALL chash_reshard('ring'$1)"; }

router() { sql -c "SELECT prosrc FROM pg_proc WHERE proname = 'ring'"; }

# under_way: whether rows have moved, and not all.
under_way() { sql -c "SELECT prosrc ~ '\"passed\":[1-9]' FROM pg_proc WHERE proname = 'ring'"; }

# begin_slowly TARGET: a change in many steps, in the background, that has moved some rows already.
# The last steps are lost in a crash; a checkpoint keeps those before it.
begin_slowly() {
    local tries passed
    passed=$(router)
    PGAPPNAME=mover reshard ", $1, max_lock => '1ms', pause => '30ms'" >"$work/mover" 2>&1 &
    mover=$!
    for ((tries = 0; tries < 400; tries++)); do
        [ "$(router)" = "$passed" ] || [ "$(under_way)" = f ] || break
        sleep 0.05
    done
    [ "$tries" -lt 400 ] || die "no rows move"
    sql -c CHECKPOINT
}

check_under_way() {
    echo t >"$work/expected"
    under_way >"$work/got"
    same "$1" "$work/expected" "$work/got"
}

# Where copies can never be put ahead, it is tried more and more rarely: the index says so unless t is locked.
copies_in_vain() {
    local reader steps tried
    sql <<-'SQL'
		CREATE SEQUENCE tried;
		CREATE FUNCTION refuse(k int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$
		BEGIN
		    IF current_setting('test.refusing', true) = 'on' AND
		        EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'RowExclusiveLock' AND relation IN (
		            SELECT inhrelid FROM pg_inherits WHERE inhparent = 'public.t'::regclass)) AND
		        NOT EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'AccessExclusiveLock'
		            AND relation = 'public.t'::regclass) THEN
		        PERFORM nextval('tried');
		        RAISE invalid_parameter_value;
		    END IF;
		    RETURN k;
		END
		$$;
		CREATE INDEX refused ON t (refuse(k));
		DELETE FROM t WHERE k > 3000;
	SQL
    echo 'SELECT count(*) FROM t WHERE k < 5;' >"$work/read"
    pgbench -n -T 600 -c 3 -f "$work/read" "$database" >"$work/read.log" 2>&1 &
    reader=$!
    sql -c 'SET test.refusing = on' -c "CALL chash_reshard('ring', chash_ring('{a,b,f}'), max_lock => '1ms')" >"$work/mover" 2>&1
    kill "$reader"
    wait "$reader" || true
    steps=$(sed -nE 's/^NOTICE: +moved [0-9]+ rows in ([0-9]+) steps$/\1/p' "$work/mover")
    tried=$(sql -c 'SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM tried')
    sql -c 'DROP INDEX refused'
    test_result $((steps < 60)) "a change in $steps steps"
    test_result $((tried < 2 || tried > 8 + steps / 60)) "copies in vain were tried $tried times"
    agrees "and all rows are there" 3000
}

# autovacuum_in_the_way: of both partitions, which it would take minutes for, and which have to be
# locked against it to build indexes and to drop them.
autovacuum_in_the_way() {
    local tries
    sql -o /dev/null <<-'SQL'
		SELECT chash_create_router('vacuumed', chash_ring('{a,b}'), 'int');
		CREATE TABLE u (k int PRIMARY KEY, note text) PARTITION BY HASH (k vacuumed);
		SELECT chash_create_partitions('u', '{table}_{shard}');
		INSERT INTO u SELECT k, repeat('note ', 20) FROM generate_series(1, 100000) k;
		DELETE FROM u WHERE k % 10 = 0;
		ALTER TABLE u_a SET (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0,
		    autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1);
		ALTER TABLE u_b SET (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0,
		    autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1);
		ALTER SYSTEM SET autovacuum_naptime = '1s';
		SELECT pg_reload_conf();
	SQL
    for ((tries = 0; tries < 300; tries++)); do
        [ "$(sql -c "SELECT count(*) FROM pg_stat_progress_vacuum WHERE relid IN ('u_a'::regclass, 'u_b'::regclass)")" -lt 2 ] || break
        sleep 0.1
    done
    test_result $((tries == 300)) "autovacuum is at work"
    if sql -c "SET statement_timeout = '60s'; SET client_min_messages = error" \
        -c "CALL chash_reshard('vacuumed', chash_ring('{a,b,c}'), concurrently => false)" >"$work/output" 2>&1; then tries=0; else tries=1; fi
    test_result "$tries" "and does not keep a change from its end"
    sql -o /dev/null -c 'ALTER SYSTEM RESET autovacuum_naptime' -c 'SELECT pg_reload_conf()'
}

# vacuum_in_the_way: somebody has a partition locked as VACUUM does, for longer than that is waited for at a time.
vacuum_in_the_way() {
    local vacuum
    sql -o /dev/null -c "BEGIN; LOCK TABLE u_a IN SHARE UPDATE EXCLUSIVE MODE; SELECT pg_sleep(4); COMMIT" &
    vacuum=$!
    sleep 0.5
    sql -c "SET deadlock_timeout = '10ms'" \
        -c "CALL chash_reshard('vacuumed', chash_ring('{a,b}'), concurrently => false)" 2>&1 |
        grep '^NOTICE: *waiting' >"$work/got" || true
    wait "$vacuum"
    echo 'NOTICE:  waiting for VACUUM, or a command that locks as it does, of partition "u_a"' >"$work/expected"
    same "who has to wait for VACUUM is told so, once" "$work/expected" "$work/got"
}

begin_test
createdb -T template0 "$database"
create

begin_clients 12
sum_before=$SECONDS rounds=0
while [ $((SECONDS - sum_before)) -lt 11 ]; do
    for target in "'{a,b,c}'" "'{b,d}'" "'{a,b}'"; do
        reshard ", chash_ring($target)" >>"$work/output"
        drop_detached
        rounds=$((rounds + 1))
    done
done
end_clients
test_result $((rounds < 3)) "shards came and went while clients wrote"
acknowledged >"$work/expected"
sql -c 'SELECT sum(v) FROM t' >"$work/got"
same "every acknowledged update is there" "$work/expected" "$work/got"
agrees "rows, places and lookups"

sql -c 'SELECT count(*), sum(hashtextextended(t::text, 0)) FROM t' >"$work/sum"
begin_slowly "chash_ring('{a,b,c,d}')"
pid=$(sql -c "SELECT pid FROM pg_stat_activity WHERE application_name = 'mover' AND query LIKE 'CALL%'")
if kill -9 "$pid"; then killed=0; else killed=1; fi
wait "$mover" || true
test_result "$killed" "kill -9 of the session that moves rows"
for ((tries = 0; tries < 200; tries++)); do sql -c 'SELECT' 2>/dev/null && break; sleep 0.1; done
check_under_way "the change is where it was"
agrees "rows, places and lookups in the middle"
begin_slowly "chash_ring('{a,b,c,d}')"
as_server "$bin/pg_ctl" -D "$srv/data" -w -s -m immediate stop
wait "$mover" || true
as_server "$bin/pg_ctl" -D "$srv/data" -w -s -l "$srv/server.log" start
check_under_way "after an immediate stop"
agrees "rows, places and lookups after that"
reshard '' >"$work/output"
agrees "and when it has gone on to its end"
if reshard '' >"$work/output" 2>&1; then again=1; else again=0; fi
test_result "$again" "there is nothing to go on with twice"
sql -c 'SELECT count(*), sum(hashtextextended(t::text, 0)) FROM t' >"$work/got"
same "all rows are as they were" "$work/sum" "$work/got"
sql -c "SELECT relname FROM pg_class WHERE relname LIKE 'chash_movers%'" >"$work/got"
same "nothing is left behind" /dev/null "$work/got"
copies_in_vain
autovacuum_in_the_way
vacuum_in_the_way
