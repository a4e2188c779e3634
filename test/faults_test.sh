#!/bin/bash
# chash_reshard fails at every failpoint that the library has: its session is killed, or its background
# worker, the server is killed or stopped at once, each time while a client counts what was acknowledged to it. After each
# all rows are there and where the router says; whoever calls again goes on to the end; and whoever
# calls once more changes nothing.
set -euo pipefail
# shellcheck source=test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

database=regress_chash_faults rows=800

at_end() {
    local job
    for job in $(jobs -p); do kill "$job" || true; done
    dropdb --if-exists --force "$database" || dropdb --if-exists "$database"
}

sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" "$@"; }

create() {
    sql -v rows="$rows" >"$work/output" 2>&1 <<-'SQL'
		CREATE EXTENSION chash;
		SELECT chash_create_router('ring', chash_ring('{a,b}'), 'int');
		CREATE TABLE t (k int PRIMARY KEY, v int NOT NULL, note text) PARTITION BY HASH (k ring);
		SELECT chash_create_partitions('t', '{table}_{shard}');
		CREATE TABLE child (k int REFERENCES t ON DELETE CASCADE, n int, PRIMARY KEY (k, n))
		    PARTITION BY HASH (k ring);
		SELECT chash_create_partitions('child', '{table}_{shard}');
		INSERT INTO t SELECT k, 0, 'note ' || k FROM generate_series(1, :rows) k;
		INSERT INTO child SELECT k, 1 FROM generate_series(1, :rows) k;
		-- without the extension amcheck, or before a version has a check, there is nothing to say
		DO $$ BEGIN CREATE EXTENSION amcheck; EXCEPTION WHEN OTHERS THEN NULL; END $$;
		CREATE FUNCTION checked_indexes() RETURNS int LANGUAGE plpgsql AS $$
		BEGIN
		    IF to_regproc('bt_index_check') IS NOT NULL THEN
		        PERFORM bt_index_check(indexrelid, true) FROM pg_index JOIN pg_class i ON i.oid = indexrelid
		        WHERE indrelid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent IN ('t'::regclass, 'child'::regclass))
		        AND i.relkind = 'i' AND indisvalid;
		    END IF;
		    RETURN 0;
		END
		$$;
		CREATE FUNCTION misplaced(t regclass) RETURNS bigint LANGUAGE plpgsql AS $$
		DECLARE
		    leaf record;
		    n bigint;
		    misplaced bigint := 0;
		BEGIN
		    FOR leaf IN SELECT c.oid::regclass AS name, regexp_matches(pg_get_expr(relpartbound, c.oid), '(\d+)\D+(\d+)') AS bound
		        FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = t LOOP
		        EXECUTE format('SELECT count(*) FROM %s WHERE NOT satisfies_hash_partition(%s, %s, %s, k)',
		            leaf.name, t::oid, leaf.bound[1], leaf.bound[2]) INTO n;
		        misplaced := misplaced + n;
		    END LOOP;
		    RETURN misplaced;
		END
		$$;
	SQL
    awk -v rows="$rows" 'BEGIN { srand(1); for (i = 0; i < 200000; i++)
        printf "UPDATE t SET v = v + 1 WHERE k = %d RETURNING 1;\n", 1 + int(rand() * rows) }' >"$work/updates"
}

# oracle: one row for each thing that has to be as it was, or as it has to be.
oracle() {
    sql <<-'END'
		SET enable_seqscan = off;
		SELECT count(*), count(DISTINCT k), sum(hashtextextended(k || note, 0)) FROM t;
		SELECT count(*), count(DISTINCT k), sum(hashtextextended(k || ' ' || n, 0)) FROM child;
		SELECT count(*) FROM (SELECT k FROM t OFFSET 0) a, LATERAL (SELECT FROM t b WHERE b.k = a.k) f;
		SELECT count(*) FROM child c WHERE NOT EXISTS (SELECT FROM t WHERE t.k = c.k);
		SELECT misplaced('t'), misplaced('child'), checked_indexes();
		SELECT * FROM chash_check('t') WHERE problem <> 'partition of no shard';
		SELECT * FROM chash_check('child') WHERE problem <> 'partition of no shard';
	END
}

acknowledged() { grep -c '^1$' "$work/acknowledged" || true; }

begin_client() {
    counted=$(sql -c 'SELECT sum(v) FROM t')
    psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" -f "$work/updates" \
        >"$work/acknowledged" 2>"$work/client" &
    client=$!
}

# end_client: what it was told is there, and at most one more, of which it was not told any more.
end_client() {
    local count
    wait "$client" 2>/dev/null || true # it ends with the server
    count=$(($(sql -c 'SELECT sum(v) FROM t') - counted - $(acknowledged)))
    [ "$count" -eq 0 ] || [ "$count" -eq 1 ] || { say "$count updates more than were acknowledged"; return 1; }
}

# call FAILPOINT SQL
call() {
    sql -c "SET client_min_messages = warning" -c "LOAD 'chash'" -c "SET chash.failpoint = '$1'" -c "$2"
}

wait_for_server() {
    local tries
    for ((tries = 0; tries < 400; tries++)); do
        if sql -c 'SELECT' >/dev/null 2>&1; then return; fi
        sleep 0.02
    done
    die "the server does not come up"
}

# start_again: what a server that was killed has left behind may still be on its way out.
start_again() {
    local tries
    for ((tries = 0; tries < 100; tries++)); do
        if as_server "$bin/pg_ctl" -D "$srv/data" -w -s -l "$srv/server.log" start >>"$work/output" 2>&1; then return; fi
        sleep 0.05
    done
    die "the server does not start again"
}

has() { # FILE PATTERN
    local tries
    for ((tries = 0; tries < 1000; tries++)); do
        if grep -q "$2" "$1"; then return; fi
        sleep 0.01
    done
    return 1
}

# crash FAILPOINT CALL: the session is killed where the failpoint is.
crash() {
    call "$1:crash${3:+:$3}" "$2" >"$work/mover" 2>&1 || true
    grep -q 'was reached' "$work/mover" || { say "it was not reached"; return 1; }
    wait_for_server
}

# reached FAILPOINT: how often so far, by processes that have nobody to tell it to.
reached() { grep -c "failpoint \"$1\" was reached" "$srv/server.log" || true; }

# in_worker FAILPOINT CALL: the background worker is killed where the failpoint is.
in_worker() {
    local before tries
    before=$(reached "$1")
    call "$1:crash" "${2%)}, background => true)" >"$work/mover" 2>&1
    for ((tries = 0; tries < 1000; tries++)); do
        [ "$(reached "$1")" = "$before" ] || break
        sleep 0.02
    done
    [ "$tries" -lt 1000 ] || { say "it was not reached"; return 1; }
    wait "$client" 2>/dev/null || true # it ends with the server
    wait_for_server
}

# waiting FAILPOINT CALL: the session waits there, until the server is gone.
waiting() {
    local mover holder_pid to_holder
    : >"$work/mover"
    coproc holder { sql; }
    # shellcheck disable=SC2154 # of the coproc
    holder_pid=$holder_PID to_holder=${holder[1]}
    echo "SELECT pg_advisory_lock(7, 0), 'held';" >&"${holder[1]}"
    read -r <&"${holder[0]}"
    call "$1:wait" "$2" >"$work/mover" 2>&1 &
    mover=$!
    has "$work/mover" 'was reached' || { say "it was not reached"; return 1; }
    stop "$3"
    wait "$mover" 2>/dev/null || true
    exec {to_holder}>&-
    wait "$holder_pid" 2>/dev/null || true
    start_again
}

stop() {
    if [ "$1" = kill ]; then
        kill -9 "$(head -n 1 "$srv/data/postmaster.pid")"
    else
        as_server "$bin/pg_ctl" -D "$srv/data" -w -s -m immediate stop
    fi
}

agree() {
    oracle >"$work/got" 2>&1 || true
    diff "$work/expected" "$work/got"
}

# state: the router, the partitions, and how many indexes of movers are left behind.
state="SELECT prosrc, (SELECT string_agg(inhrelid::regclass::text, ' ' ORDER BY inhrelid) FROM pg_inherits
    JOIN pg_class ON oid = inhparent WHERE relkind = 'p'),
    (SELECT count(*) FROM pg_class WHERE relname LIKE 'chash_movers%') FROM pg_proc WHERE proname = 'ring';"

# go_on TARGET: to the end; and when it is there once more, and once more without a target. Then
# partitions of shards that went are dropped, as they are in the way of shards that come.
go_on() {
    local end
    sql -v ON_ERROR_STOP=0 -v VERBOSITY=terse >"$work/end" 2>&1 <<-END
		SET client_min_messages = warning;
		CALL chash_reshard('ring', $1);
		$state
		SET client_min_messages = notice;
		CALL chash_reshard('ring', $1);
		CALL chash_reshard('ring');
		$state
		SELECT format('DROP TABLE %s', oid::regclass) FROM pg_class
		WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT relispartition
		    AND relname <> 'chash_reshard_jobs' \gexec
	END
    end=$(head -n 1 "$work/end")
    printf '%s\n' "$end" 'NOTICE:  router "ring" is that router already' \
        'ERROR:  router "ring" is not being changed' "$end" | diff - "$work/end"
    [[ $end != *passed* && $end == *'|0' ]] || { say "$end"; return 1; }
    agree
}

# one FAILPOINT HOW [N]
one() {
    local max_lock='20ms'
    # only a step for which the client waited is followed by one that puts rows ahead
    [ "$1" != put_ahead ] || max_lock='1ms'
    begin_client
    case $2 in
        crash) crash "$1" "CALL chash_reshard('ring', $target, '$max_lock')" "${3:-}" ;;
        worker) in_worker "$1" "CALL chash_reshard('ring', $target, '$max_lock')" ;;
        *) waiting "$1" "CALL chash_reshard('ring', $target, '$max_lock', '1 min')" "$2" ;;
    esac
    end_client
    agree
    go_on "$target"
}

# try FAILPOINT HOW [N]: there from where the last one went, and the next time back.
try() {
    target=${targets[0]}
    targets=("${targets[1]}" "${targets[0]}")
    run one "$@"
    test_result "$status" "$1${3:+, pass $3}: $2"
    # where it went wrong the next ones say nothing
    [ "$status" -eq 0 ] || { log_part | tail -n 20; exit 1; }
}

begin_test
createdb -T template0 "$database"
# only the mover's steps may be lost with the server
sql -c "ALTER DATABASE $database SET synchronous_commit = on"
create
oracle >"$work/expected"
targets=("chash_ring('{a,c}')" "chash_ring('{a,b}')")

# the library knows all of them
sql -c "LOAD 'chash'" -c "SET chash.failpoint = '?'" >"$work/names" 2>&1 || true
IFS=', ' read -ra failpoints < <(sed -nE 's/^HINT: +Names are (.*)\.$/\1/p' "$work/names")
test_result $((${#failpoints[@]} < 10)) "a list of failpoints"
for how in crash kill immediate; do
    for failpoint in "${failpoints[@]}"; do try "$failpoint" "$how"; done
done
# in the background: what comes after the change has begun
for failpoint in $(printf '%s\n' "${failpoints[@]}" | sed '1,/^entered$/d'); do try "$failpoint" worker; done
# later than the first time
for failpoint in locked before_commit committed; do try "$failpoint" crash 4; done
try row_taken crash 120
try step_written crash 2
