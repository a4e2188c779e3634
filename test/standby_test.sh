#!/bin/bash
# A streaming standby answers as the primary does: rows and routers, changes of a router, and a
# transaction of the standby that began before one. Promoted in the middle of a change in the
# background, it goes on with it if chash is in shared_preload_libraries, and else when it is told to.
set -euo pipefail
# shellcheck source=test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

database=regress_chash_primary owner=regress_chash_owner port=5433

at_end() {
    local name
    for name in standby preloaded; do
        as_server "$bin/pg_ctl" -D "$srv/$name" -w -s -m immediate stop
        rm -rf "${srv:?}/$name" "$srv/$name.log"
    done
    psql -X -q -c "ALTER SYSTEM RESET synchronous_standby_names" -c "SELECT pg_reload_conf()"
    dropdb --if-exists --force "$database" || dropdb --if-exists "$database"
    psql -X -q -c "DROP ROLE IF EXISTS $owner, regress_chash_other"
}

primary() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" "$@"; }
standby() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" -p "$port" "$@"; }

# start_standby NAME PORT [SETTING]
start_standby() {
    as_server "$bin/pg_basebackup" -h "$srv" -p 5432 -U postgres -D "$srv/$1" -c fast -R
    as_server tee -a "$srv/$1/postgresql.conf" >/dev/null <<-END
		port = $2
		hot_standby_feedback = on
		${3:-}
	END
    as_server "$bin/pg_ctl" -D "$srv/$1" -w -s -l "$srv/$1.log" start
}

# catch_up [PORT]: the standby has replayed what the primary has written.
catch_up() {
    local written tries
    written=$(primary -c "SELECT pg_current_wal_insert_lsn()")
    for ((tries = 0; tries < 600; tries++)); do
        [ "$(standby ${1:+-p "$1"} -c "SELECT pg_last_wal_replay_lsn() >= '$written'")" = f ] || return 0
        sleep 0.05
    done
    die "the standby does not catch up"
}

# ask SQL: in the one session of the standby that stays open.
ask() {
    local line
    printf '%s\n\\echo answered\n' "$1" >&"${session[1]}"
    while IFS= read -r line <&"${session[0]}" && [ "$line" != answered ]; do say "$line"; done
}

# answer NAME SQL LINE...: what that session answers.
answer() {
    ask "$2" >"$work/got"
    printf '%s\n' "${@:3}" >"$work/expected"
    same "$1" "$work/expected" "$work/got"
}

# change BOUND: keys from 1 up to it are in the shard low, and with them their rows.
change() {
    primary >"$work/output" <<-END
		BEGIN;
		LOCK TABLE "Aaa".parent, zzz.child;
		CREATE TEMP TABLE parents ON COMMIT DROP AS SELECT * FROM "Aaa".parent;
		CREATE TEMP TABLE children ON COMMIT DROP AS SELECT * FROM zzz.child;
		DELETE FROM zzz.child;
		DELETE FROM "Aaa".parent;
		SELECT chash_replace_router('mid.by_range', chash_range('{low,high}', '{$1}', 'integer'));
		INSERT INTO "Aaa".parent SELECT * FROM parents;
		INSERT INTO zzz.child SELECT * FROM children;
		COMMIT;
	END
    catch_up
}

both_agree() {
    primary -f "$repo/test/restore/oracle.sql" >"$work/expected"
    standby -f "$repo/test/restore/oracle.sql" >"$work/got" 2>&1 || true
    same "$1" "$work/expected" "$work/got"
}

begin_test
psql -X -q -c "CREATE ROLE $owner LOGIN; CREATE ROLE regress_chash_other"
createdb -T template0 "$database"
primary -f "$repo/test/restore/source.sql" >"$work/output"
primary -c 'DELETE FROM mid.plain' # no row refers to those that move
start_standby standby "$port"
catch_up
both_agree "rows, places and routers as on the primary"

coproc session { standby -v ON_ERROR_STOP=0 -v VERBOSITY=sqlstate 2>&1; }
# shellcheck disable=SC2016 # $1 is the statement's
ask 'SET plan_cache_mode = force_generic_plan;
    PREPARE of_300 AS SELECT id, note, tableoid::regclass FROM "Aaa".parent WHERE id = 300;
    PREPARE of_any(int) AS SELECT id, note, tableoid::regclass FROM "Aaa".parent WHERE id = $1;' >"$work/output"
answer "plans of before a change" 'EXECUTE of_300; EXECUTE of_any(300); EXECUTE of_any(100);' \
    '300|note 300|"Aaa".low' '300|note 300|"Aaa".low' '100|note 100|"Aaa".low'

ask "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;" >"$work/output"
change 200
both_agree "after a change of a router"
answer "an older snapshot: a key that did not move" \
    'SELECT mid.by_range(100), mid.by_range(600); EXECUTE of_any(100); EXECUTE of_any(600);' \
    'low|high' '100|note 100|"Aaa".low' '600|note 600|"Aaa".high'
answer "an older snapshot: all rows" 'SELECT count(*), sum(id) FROM "Aaa".parent;' '1000|500500'
answer "an older snapshot: a key that moved" 'EXECUTE of_any(300);' 'ERROR:  40001'
ask "ROLLBACK; BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;" >"$work/output"
answer "a newer snapshot: plans of before the change" 'EXECUTE of_300; EXECUTE of_any(300); SELECT mid.by_range(300);' \
    '300|note 300|"Aaa".high' '300|note 300|"Aaa".high' 'high'
ask "ROLLBACK; BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;" >"$work/output"
change 500
answer "an older snapshot: a router that is called" 'SELECT mid.by_range(300);' 'ERROR:  40001'
ask "ROLLBACK;" >"$work/output"
answer "there and back" 'EXECUTE of_300; EXECUTE of_any(300); SELECT mid.by_range(300);' \
    '300|note 300|"Aaa".low' '300|note 300|"Aaa".low' 'low'

# lagging: until the change waits for the standby, which does not replay.
lagging() {
    local tries
    for ((tries = 0; tries < 1200; tries++)); do
        [ "$(primary -c 'SELECT phase FROM chash_stat_progress_reshard')" != 'waiting for standbys' ] || return 0
        sleep 0.05
    done
    primary -c 'TABLE chash_stat_progress_reshard' -c 'TABLE pg_stat_replication'
    return 1
}

primary >"$work/output" <<-END
	SET client_min_messages = warning;
	SELECT chash_create_router('lag_ring', chash_ring('{x,y}'), 'int');
	CREATE TABLE lag (k int PRIMARY KEY) PARTITION BY HASH (k lag_ring);
	SELECT chash_create_partitions('lag', '{table}_{shard}');
	INSERT INTO lag SELECT generate_series(1, 5000);
END
catch_up
standby -c 'SELECT pg_wal_replay_pause()' >"$work/output"
primary -c 'SET client_min_messages = warning' -c "CALL chash_reshard('lag_ring', chash_ring('{x,y,z}'), background => true,
    max_lock => '1ms', pause => '50ms', max_replication_lag => '20ms')"
if lagging; then status=0; else status=1; fi
test_result "$status" "a change waits for a standby that lags behind"
primary -c 'SELECT done < 1 FROM chash_stat_progress_reshard' >"$work/got"
echo t >"$work/expected"
same "and is not at its end" "$work/expected" "$work/got"
standby -c 'SELECT pg_wal_replay_resume()' >"$work/output"
for ((tries = 0; tries < 1200; tries++)); do
    [ "$(primary -c 'SELECT count(*) FROM chash_stat_progress_reshard')" != 0 ] || break
    sleep 0.05
done
primary -c 'SELECT count(*) FROM lag' -c "SELECT chash_get_router('lag_ring') = chash_ring('{x,y,z}')" >"$work/got"
printf '%s\n' 5000 t >"$work/expected"
same "and goes on when that has caught up" "$work/expected" "$work/got"
catch_up

# until_there NUMBER FROM: so many are counted.
until_there() {
    local tries
    for ((tries = 0; tries < 1200; tries++)); do
        [ "$(primary -c "SELECT count(*) FROM $2")" != "$1" ] || return 0
        sleep 0.05
    done
    die "there are never $1: $2"
}

# alone FAILPOINT CHANGE NAME: from there on the change waits for a standby that there is not, and
# nobody waits for the change.
alone() {
    local waiting="pg_stat_activity WHERE wait_event = 'SyncRep'"
    rm -f "$work/go"
    primary -c "SELECT pg_advisory_lock(7, 0)" -c "\\! until [ -e '$work/go' ]; do sleep 0.05; done" >"$work/output" &
    until_there 1 "pg_locks WHERE locktype = 'advisory' AND granted"
    PGOPTIONS='-c synchronous_commit=on' primary -c "SET client_min_messages = error" -c "LOAD 'chash'" \
        -c "SET chash.failpoint = '$1:wait'" -c "CALL $2" >"$work/change" 2>&1 &
    until_there 1 "pg_locks WHERE locktype = 'advisory' AND NOT granted"
    primary -c "ALTER SYSTEM SET synchronous_standby_names = 'nobody'" -c "SELECT pg_reload_conf()" >"$work/output"
    PGOPTIONS='-c synchronous_commit=on' primary -c "SELECT pg_logical_emit_message(true, '', '')" >"$work/output" 2>&1 &
    until_there 1 "$waiting"
    touch "$work/go"
    until_there 2 "$waiting"
    if primary -c "SET lock_timeout = '5s'" -c "INSERT INTO lag SELECT min(k) - 1 FROM lag" >"$work/output" 2>&1; then status=0; else status=1; fi
    test_result "$status" "$3"
    primary -c "ALTER SYSTEM RESET synchronous_standby_names" -c "SELECT pg_reload_conf()" >"$work/output"
    until_there 0 "$waiting"
    until_there 0 "pg_stat_activity WHERE query LIKE 'CALL %'"
}
alone locked "chash_add_shard('lag_ring', 'w', concurrently => false, lock_timeout => '60 s')" \
    "the beginning of a change waits for a synchronous standby, and nobody for it"
alone all_moved "chash_add_shard('lag_ring', 'v', concurrently => false, lock_timeout => '60 s')" \
    "so do indexes of movers that are dropped"
alone before_detach "chash_remove_shard('lag_ring', 'v', drop => true, concurrently => false, lock_timeout => '60 s')" \
    "and partitions that are detached"
primary -c "SET client_min_messages = error" -c "CALL chash_remove_shard('lag_ring', 'w', drop => true)" -c "DELETE FROM lag WHERE k < 1"

# A change that the primary would go on with for minutes; both standbys have some of it.
start_standby preloaded "$((port + 1))" 'shared_preload_libraries = chash'
preloaded() { standby -p "$((port + 1))" "$@"; }
primary -c 'SET client_min_messages = warning' -c "CALL chash_reshard('lag_ring', chash_ring('{x,y,z,new}'), background => true,
    max_lock => '1ms', pause => '2s')"
for ((tries = 0; tries < 1200; tries++)); do
    [ "$(primary -c 'SELECT rows_done > 0 FROM chash_stat_progress_reshard')" != t ] || break
    sleep 0.05
done
# what is written without a wait for the disk is sent when it has been flushed
primary -c "SET synchronous_commit = on" -c "INSERT INTO lag VALUES (0)"
catch_up
catch_up "$((port + 1))"
as_server "$bin/pg_ctl" -D "$srv/preloaded" -w -s promote
for ((tries = 0; tries < 1200; tries++)); do
    [ "$(preloaded -c 'SELECT pid IS NOT NULL FROM chash_stat_progress_reshard')" != t ] || break
    sleep 0.05
done
state="SELECT phase <> 'not running', rows_done > 0, done BETWEEN 0.000001 AND 0.999999 FROM chash_stat_progress_reshard"
preloaded -c "$state" >"$work/got"
echo 't|t|t' >"$work/expected"
same "promoted with chash in shared_preload_libraries: a change in the background is gone on with" "$work/expected" "$work/got"
as_server "$bin/pg_ctl" -D "$srv/standby" -w -s promote
standby -c "$state" >"$work/got"
echo 'f|t|t' >"$work/expected"
same "promoted without: the view shows it" "$work/expected" "$work/got"
for promoted in standby preloaded; do
    # of the worker there is one, who goes on faster now
    "$promoted" -c 'SET client_min_messages = warning' -c "CALL chash_reshard_resume('lag_ring', max_lock => '1s', pause => '0')"
    for ((tries = 0; tries < 1200; tries++)); do
        [ "$("$promoted" -c 'SELECT count(*) FROM chash_stat_progress_reshard')" != 0 ] || break
        sleep 0.05
    done
    "$promoted" -c 'SELECT count(*), sum(k), (SELECT count(*) FROM new) > 500 FROM lag' -c "SELECT count(*) FROM chash_check('lag')" \
        -c "SELECT chash_get_router('lag_ring') = chash_ring('{x,y,z,new}')" >"$work/got"
    printf '%s\n' '5001|12502500|t' 0 t >"$work/expected"
    same "and comes to its end, $promoted" "$work/expected" "$work/got"
done
primary -c "SELECT chash_reshard_cancel('lag_ring', back => false)" >"$work/output"
answer "promoted: it routes what is inserted" "INSERT INTO \"Aaa\".parent VALUES (0, 'new') RETURNING tableoid::regclass;" '"Aaa".low'
