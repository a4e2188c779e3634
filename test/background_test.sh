#!/bin/bash
# Changes of a router in the background, and what others ask of them: the client goes away, the worker
# is killed, the server is stopped at once, with and without chash in shared_preload_libraries; pause,
# resume and cancel; no free worker; a worker that may do no more than whoever has asked for it.
set -euo pipefail
# shellcheck source=test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

database=regress_chash_background

at_end() {
    psql -X -q -c CHECKPOINT
    restart ''
    dropdb --if-exists --force "$database" || dropdb --if-exists "$database"
    psql -X -q -c 'DROP ROLE IF EXISTS regress_chash_nologin, regress_chash_login'
}

# What a session commits is there after an immediate stop, whatever the cluster's settings.
sql() { PGOPTIONS='-c synchronous_commit=on' psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" "$@"; }

# restart OPTIONS: of the server, after an immediate stop.
restart() {
    as_server "$bin/pg_ctl" -D "$srv/data" -w -s -m immediate stop
    as_server "$bin/pg_ctl" -D "$srv/data" -w -s -l "$srv/server.log" -o "$1" start
}

# until_true SQL: looks again and again.
until_true() {
    local tries
    for ((tries = 0; tries < ${TRIES:-1200}; tries++)); do
        [ "$(sql -c "$1" 2>/dev/null)" = t ] && return
        sleep 0.05
    done
    sql -c 'TABLE chash_stat_progress_reshard' -c 'TABLE chash_reshard_jobs'
    die "this does not become true: $1"
}

# answers NAME SQL LINE...
answers() {
    printf '%s\n' "${@:3}" >"$work/expected"
    sql -c "$2" >"$work/got" 2>&1 || true
    same "$1" "$work/expected" "$work/got"
}

# says NAME TEXT SQL...: it fails with an error that has a text.
says() {
    local status=0
    if sql "${@:3}" >"$work/got" 2>&1; then status=1; fi
    grep -qF -- "$2" "$work/got" || { cat "$work/got"; status=1; }
    test_result "$status" "$1"
}

all_is_well() {
    answers "$1" "SELECT count(*), sum(hashtextextended(t::text, 0)) = (SELECT s FROM sums) FROM t
        UNION ALL SELECT count(*), true FROM chash_check('t')" '20000|t' '0|t'
}

moved="SELECT coalesce((SELECT rows_done > 0 FROM chash_stat_progress_reshard), false)"
at_end_of="SELECT NOT EXISTS (SELECT FROM chash_stat_progress_reshard)"
not_running="SELECT coalesce((SELECT phase = 'not running' FROM chash_stat_progress_reshard), false)"

# begin TARGET [SQL]: a slow change in the background; its client goes away at once.
begin() {
    sql -c "SET client_min_messages = warning" -c "${2:-}" \
        -c "CALL chash_reshard('ring', $1, max_lock => '1ms', pause => '30ms', background => true)"
    until_true "$moved"
}

# forget SHARD: what was its partition in an earlier test.
forget() { sql -c 'SET client_min_messages = warning' -c "DROP TABLE IF EXISTS $1, t_$1"; }

quickly() { sql -c "SET client_min_messages = warning" -c "CALL chash_reshard_resume('ring', max_lock => '1 s', pause => '0')"; }

create() {
    sql >"$work/output" <<-'SQL'
		CREATE EXTENSION chash;
		SET client_min_messages = warning;
		SELECT chash_create_router('ring', chash_ring('{a,b}'), 'int');
		CREATE TABLE t (k int PRIMARY KEY, note text) PARTITION BY HASH (k ring);
		SELECT chash_create_partitions('t', '{table}_{shard}');
		INSERT INTO t SELECT k, 'note ' || k FROM generate_series(1, 20000) k;
		CREATE TABLE sums AS SELECT sum(hashtextextended(t::text, 0)) AS s FROM t;
	SQL
}

pause_and_resume() {
    begin "chash_ring('{a,b,c}')"
    answers "a worker does it, and says so" \
        "SELECT a.application_name, p.background, p.paused, p.error IS NULL FROM chash_stat_progress_reshard p
            JOIN pg_stat_activity a USING (pid)" 'chash reshard ring|t|f|t'
    answers "the plan says whose it is" "SELECT kind, detail = (SELECT
        format('router \"ring\" is being resharded by another session: Its pid is %s.', pid)
        FROM chash_stat_progress_reshard) FROM chash_reshard_plan('ring') WHERE item = 'refusal'" 'in use|t'
    sql -c "SELECT chash_reshard_pause('ring')" >"$work/output"
    until_true "SELECT phase = 'paused' AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.pid = p.pid
        AND relation IN ('t'::regclass, 't_a'::regclass)) FROM chash_stat_progress_reshard p"
    # a step that was under way has ended by then
    sleep 1
    sql -c "SELECT prosrc FROM pg_proc WHERE proname = 'ring'" >"$work/router"
    answers "paused, it holds no lock of the table" "SELECT count(*) FROM pg_locks l
        JOIN chash_stat_progress_reshard p USING (pid) WHERE l.relation = 't'::regclass" 0
    sql -c "SET lock_timeout = '20s'" -c "UPDATE t SET note = note WHERE k = 1"
    sql -c "SELECT prosrc FROM pg_proc WHERE proname = 'ring'" >"$work/got"
    same "and makes no step" "$work/router" "$work/got"
    quickly
    until_true "$at_end_of"
    all_is_well "resumed, it goes on to its end, with other settings"
    answers "nothing is left" "SELECT (SELECT count(*) FROM chash_reshard_jobs),
        (SELECT count(*) FROM pg_class WHERE relname LIKE 'chash_movers%')" '0|0'
}

cancel() {
    begin "chash_ring('{a,b,c,d}')"
    sql -c "SELECT chash_reshard_pause('ring')" -c "SELECT chash_reshard_cancel('ring')" >"$work/output"
    until_true "$at_end_of"
    all_is_well "cancelled while it is paused, it goes back"
    answers "to where it began" "SELECT chash_get_router('ring') = chash_ring('{a,b,c}')" t
    sql -c 'DROP TABLE d'
    begin "chash_ring('{a,b,c,d}')"
    sql -c "SELECT chash_reshard_cancel('ring', back => false)" >"$work/output"
    until_true "$not_running"
    answers "stopped, it says why" "SELECT error FROM chash_stat_progress_reshard" \
        'the change of router "ring" was stopped'
    quickly
    all_is_well "and goes on where it was"
}

killed() {
    local pid
    begin "chash_ring('{a,b,c}')"
    pid=$(sql -c 'SELECT pid FROM chash_stat_progress_reshard')
    sql -c "SELECT pg_terminate_backend($pid)" >"$work/output"
    until_true "$not_running"
    answers "a terminated worker leaves its job" 'SELECT background, error IS NULL FROM chash_stat_progress_reshard' 't|t'
    sql -c "SET client_min_messages = warning" -c "CALL chash_reshard_resume('ring', background => true)"
    until_true "SELECT pid IS NOT NULL AND pid <> $pid FROM chash_stat_progress_reshard"
    pid=$(sql -c 'SELECT pid FROM chash_stat_progress_reshard')
    if kill -9 "$pid"; then killed=0; else killed=1; fi
    test_result "$killed" "kill -9 of a worker"
    until_true "$not_running"
    all_is_well "after that"
    restart ''
    answers "without shared_preload_libraries nobody goes on by himself" "$not_running" t
    quickly
    all_is_well "but whoever resumes it does"
    says "only once" 'is not being changed' -c "CALL chash_reshard_resume('ring')"
}

preloaded() {
    local pid
    restart '-c shared_preload_libraries=chash'
    begin "chash_ring('{a,b,c,d}')"
    restart '-c shared_preload_libraries=chash'
    until_true "SELECT pid IS NOT NULL AND rows_done > 0 FROM chash_stat_progress_reshard"
    test_result 0 "with it, it is gone on with after an immediate stop"
    pid=$(sql -c 'SELECT pid FROM chash_stat_progress_reshard')
    kill -9 "$pid"
    until_true "SELECT pid <> $pid FROM chash_stat_progress_reshard"
    test_result 0 "and after kill -9 of the worker"
    sql -c "SELECT chash_reshard_pause('ring')" >"$work/output"
    restart '-c shared_preload_libraries=chash'
    until_true "SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = 'chash launcher'
        AND wait_event = 'Extension'"
    answers "but not if it is paused" "$not_running" t
    sql -c "SET client_min_messages = warning" -c "CALL chash_reshard_resume('ring', background => true)"
    until_true "$at_end_of"
    all_is_well "and to its end when it is resumed"
    as_server "$bin/pg_ctl" -D "$srv/data" -w -s -m fast stop
    as_server "$bin/pg_ctl" -D "$srv/data" -w -s -l "$srv/server.log" start
}

# An index waits for a snapshot of somebody else; the session that waits for the index is cancelled.
interrupted() {
    local holder mover
    PGAPPNAME=holder sql -c 'SELECT pg_sleep(100)' >"$work/holder" 2>&1 &
    holder=$!
    until_true "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'holder' AND wait_event = 'PgSleep'"
    sql -c "CALL chash_reshard('ring', chash_ring('{a,b}'))" >"$work/mover" 2>&1 &
    mover=$!
    until_true "SELECT count(*) = 1 FROM pg_stat_activity a WHERE pg_blocking_pids(a.pid) = ARRAY(
        SELECT pid FROM pg_stat_activity WHERE application_name = 'holder') AND a.application_name = 'chash index ring'"
    answers "the view tells whom the worker waits for" "SELECT phase, cardinality(waiting_for) FROM chash_stat_progress_reshard" \
        'building indexes|1'
    sql -c 'SET lock_timeout = 20000' -c "UPDATE t SET note = note"
    test_result 0 "writers do not wait while an index is built"
    sql -c 'SELECT pg_cancel_backend(pid) FROM chash_stat_progress_reshard' >"$work/output"
    wait "$mover" || true
    until_true "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'chash index ring'"
    test_result 0 "cancelled, it takes the worker with it"
    sql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holder'" >"$work/output"
    wait "$holder" || true
    answers "and an index of no use is left" "SELECT DISTINCT indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE relname LIKE 'chash_movers%' AND NOT indisvalid" f
    quickly
    all_is_well "which is made again"
    answers "nothing is left of that" "SELECT count(*) FROM pg_class WHERE relname LIKE 'chash_movers%'" 0
}

no_worker() {
    restart '-c max_worker_processes=1'
    says "no free worker is an error" 'Increase max_worker_processes' -c "CALL chash_reshard('ring', chash_ring('{a,b,c}'))"
    says "in the background too" 'Increase max_worker_processes' \
        -c "CALL chash_reshard('ring', chash_ring('{a,b,c}'), background => true)"
    answers "and nothing has begun" "$at_end_of" t
    sql -c "SET client_min_messages = warning" -c "CALL chash_reshard('ring', chash_ring('{a,b,c}'), concurrently => false)"
    all_is_well "none is needed for plain indexes"
    restart ''
}

# An error of a worker is known to whoever waits for it, also where the server's log has no errors.
silent_log() {
    restart '-c log_min_messages=fatal'
    sql -c "CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''refused''; END'" \
        -c "CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION refuse()"
    says "an index that cannot be built is an error" 'refused' -c "SET statement_timeout = '20s'" \
        -c "CALL chash_reshard('ring', chash_ring('{a,b}'))"
    sql -c "SET client_min_messages = warning" -c "CALL chash_reshard_resume('ring', background => true)"
    until_true "$not_running"
    answers "in the background too" "SELECT error FROM chash_stat_progress_reshard" 'refused'
    sql -c 'DROP EVENT TRIGGER refuse'
    quickly
    all_is_well "when its cause is gone, the change goes on"
    forget c
    restart ''
}

# Between two steps the extension goes to another schema.
moved_away() {
    begin "chash_ring('{a,b,c}')"
    sql -c 'CREATE SCHEMA "else where"' -c 'ALTER EXTENSION chash SET SCHEMA "else where"' \
        -c 'CREATE TABLE so_far AS SELECT rows_done FROM "else where".chash_stat_progress_reshard'
    until_true "SELECT (SELECT rows_done FROM \"else where\".chash_stat_progress_reshard) > (SELECT rows_done FROM so_far)"
    sql -c 'ALTER EXTENSION chash SET SCHEMA public'
    quickly
    until_true "$at_end_of"
    all_is_well "in whichever schema chash is, a change goes on"
}

# Processes that may not connect, although whoever asks for them is there already.
cannot_connect() {
    local hint='see to it that it may, or use concurrently => false' background status
    for background in true false; do
        printf '%s\n' "\\! psql -X -q -d postgres -c 'ALTER DATABASE $database ALLOW_CONNECTIONS false'" \
            "CALL chash_reshard('ring', chash_ring('{a,b,y}'), background => $background);" >"$work/script"
        says "a database that lets nobody in, background => $background" 'not currently accepting connections' -f "$work/script"
        psql -X -q -d postgres -c "ALTER DATABASE $database ALLOW_CONNECTIONS true"
        grep -qF "$hint" "$work/got" && status=0 || status=1
        test_result "$status" "and what to do"
    done
    answers "and nothing has begun" "$at_end_of" t
}

# hastily ASK: a worker has the job, and has not come to its row yet, when somebody asks something of it.
hastily() {
    local status=0
    # meets the session that resumes at the failpoint, and then the worker, which has it from there
    PGAPPNAME=asker sql >"$work/asker" 2>&1 <<-SQL &
		CREATE PROCEDURE pg_temp.meet(number int) LANGUAGE plpgsql AS \$\$
		BEGIN
		    FOR i IN 1..1200 LOOP
		        EXIT WHEN EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE locktype = 'advisory'
		            AND NOT granted AND (application_name = 'chash reshard ring') = (number = 2));
		        PERFORM pg_sleep(0.05);
		        PERFORM pg_stat_clear_snapshot();
		    END LOOP;
		END \$\$;
		SELECT pg_advisory_lock(7, 0);
		CALL pg_temp.meet(1);
		SELECT pg_advisory_unlock(7, 0), pg_advisory_lock(7, 0);
		CALL pg_temp.meet(2);
		$1;
		SELECT pg_advisory_unlock(7, 0);
	SQL
    until_true "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND granted"
    sql -c "SET client_min_messages = error" -c "SET chash.failpoint = 'locked:wait'" \
        -c "CALL chash_reshard_resume('ring', lock_timeout => '1 min', background => true)"
    wait "$!" || { cat "$work/asker"; status=1; }
    test_result "$status" "asked at once: $1"
}

in_haste() {
    begin "chash_ring('{a,b,c}')"
    sql -c "SELECT chash_reshard_cancel('ring', back => false)" >"$work/output"
    until_true "$not_running"
    hastily "SELECT chash_reshard_pause('ring')"
    until_true "SELECT phase = 'moving rows' FROM chash_reshard_jobs"
    answers "a worker does not forget that it is to pause" "SELECT paused FROM chash_reshard_jobs" t
    sql -c "SELECT chash_reshard_cancel('ring', back => false)" >"$work/output"
    until_true "$not_running"
    hastily "SELECT chash_reshard_cancel('ring')"
    until_true "$at_end_of"
    all_is_well "nor that it is to go back"
    answers "to where it began" "SELECT chash_get_router('ring') = chash_ring('{a,b}')" t
    forget c
}

# Somebody has written to the table in a transaction that he has prepared.
prepared() {
    local mover
    restart '-c max_prepared_transactions=2'
    sql -c 'BEGIN' -c 'UPDATE t SET note = note WHERE k = 1' -c "PREPARE TRANSACTION 'long ago'"
    answers "a plan tells of a prepared transaction" "SELECT kind, relation, source, duration >= '0', detail
        FROM chash_reshard_plan('ring', chash_ring('{a,b,c}')) WHERE item = 'wait'" \
        "prepared transaction|t|long ago|t|Prepared transaction long ago of role postgres has used the table in a transaction that is open; locks are not to be had until it ends."
    sql -c "SET client_min_messages = warning" -c "CALL chash_reshard('ring', chash_ring('{a,b,c}'))" &
    mover=$!
    sleep 1
    answers "and a change waits for it" "$at_end_of" t
    sql -c "COMMIT PREPARED 'long ago'"
    wait "$mover"
    all_is_well "until it is over"
    sql -c "SET client_min_messages = warning" -c "CALL chash_reshard('ring', chash_ring('{a,b}'))"
    forget c
    # or it could not be replayed without the setting
    sql -c CHECKPOINT
    restart ''
}

# A function that would be called instead of chash's comes when the worker has been started already.
in_between() {
    sql >"$work/output" 2>&1 <<-'SQL'
		CREATE FUNCTION get_in_between() RETURNS event_trigger LANGUAGE plpgsql AS $$
		BEGIN
		    IF to_regprocedure('chash_slice(regprocedure, bigint, int)') IS NULL THEN
		        CREATE FUNCTION public.chash_slice(regprocedure, bigint, int) RETURNS bigint
		            LANGUAGE sql IMMUTABLE AS 'SELECT 1::bigint';
		    END IF;
		END $$;
		CREATE EVENT TRIGGER get_in_between ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION get_in_between();
	SQL
    says "a function that would be called instead of chash's own" 'may be called instead' \
        -c "CALL chash_reshard('ring', chash_ring('{a,b,c}'))"
    sql -c 'DROP EVENT TRIGGER get_in_between' -c 'SET client_min_messages = warning' \
        -c 'DROP FUNCTION chash_slice(regprocedure, bigint, int) CASCADE'
    sql -c "SET client_min_messages = warning" -c "CALL chash_reshard_back('ring')"
    forget c
    all_is_well "is not called"
}

# What it works on goes while it waits.
dropped() {
    begin "chash_ring('{a,b,z}')"
    sql -c "SELECT chash_reshard_pause('ring')" >"$work/output"
    until_true "SELECT phase = 'paused' FROM chash_stat_progress_reshard"
    sql -c 'SET client_min_messages = warning' -c 'BEGIN' -c 'ALTER TABLE t RENAME TO gone' \
        -c 'DROP TABLE gone' -c 'DROP OPERATOR FAMILY ring USING hash CASCADE' \
        -c 'DROP FUNCTION ring(int) CASCADE' -c 'COMMIT'
    until_true "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'chash reshard ring')"
    answers "a worker whose router was dropped ends, and leaves nothing" 'SELECT count(*) FROM chash_reshard_jobs' 0
}

# A worker that ran as anybody else could do what the roles here cannot.
rights() {
    local role=regress_chash_login
    sql >"$work/output" 2>&1 <<-SQL
		SET client_min_messages = warning;
		CREATE ROLE regress_chash_nologin;
		CREATE ROLE $role LOGIN;
		CREATE TABLE secret AS SELECT 'secret' AS s;
		-- runs in whoever builds the index, and in whoever makes the change
		CREATE TABLE seen (who text);
		GRANT INSERT ON seen TO PUBLIC;
		CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS
		    'BEGIN INSERT INTO public.seen VALUES (session_user || '' '' || current_user); END';
		CREATE EVENT TRIGGER note ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION note();
		GRANT CREATE ON SCHEMA public TO $role, regress_chash_nologin;
		ALTER FUNCTION ring OWNER TO $role;
		SELECT format('ALTER TABLE %s OWNER TO $role', c) FROM (SELECT 't'::regclass c
		    UNION ALL SELECT inhrelid FROM pg_inherits WHERE inhparent = 't'::regclass) c
		\gexec
	SQL
    sql -c "SET client_min_messages = warning" -c "SET ROLE $role" \
        -c "CALL chash_reshard('ring', chash_ring('{a,b,e}'), background => true)"
    until_true "$at_end_of"
    all_is_well "a superuser who has taken another role has it done as that role"
    answers "and by nobody else" "SELECT DISTINCT who FROM seen" "$role $role"
    forget c
    begin "chash_ring('{a,b,c}')" "SET ROLE $role"
    sql -c 'ALTER FUNCTION ring OWNER TO postgres'
    until_true "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'chash reshard ring')"
    answers "whoever does not own the router any more changes it no further" \
        'SELECT error FROM chash_stat_progress_reshard' 'must be owner of function ring'
    quickly || true
    forget e
    sql -c "SET client_min_messages = warning" -c "CALL chash_reshard('ring', chash_ring('{a,b,e}'))" -c "ALTER FUNCTION ring OWNER TO $role"
    sql -c "SET client_min_messages = warning" -c "ALTER ROLE $role NOLOGIN" -c 'TRUNCATE seen'
    if [ "$(sql -c "SELECT current_setting('server_version_num')::int < 170000")" = t ]; then
        says "a role that may not log in is refused before 17" 'may not log in' -c "SET ROLE $role" \
            -c "CALL chash_reshard('ring', chash_ring('{a,b}'))"
    else
        sql -c "SET client_min_messages = warning" -c "SET ROLE $role" -c "CALL chash_reshard('ring', chash_ring('{a,b}'))"
        answers "a role that may not log in" "SELECT DISTINCT who FROM seen" "$role $role"
    fi
    sql -c "SET client_min_messages = warning" -c "ALTER ROLE $role LOGIN CONNECTION LIMIT 0" -c 'ALTER TABLE t_a OWNER TO postgres'
    says "whoever does not own a partition begins nothing" 'must be owner' -c "SET ROLE $role" \
        -c "CALL chash_reshard('ring', chash_ring('{a,b,c}'), background => true)"
    answers "indeed" "$at_end_of" t
}

begin_test
createdb -T template0 "$database"
create
pause_and_resume
cancel
killed
preloaded
interrupted
no_worker
silent_log
in_haste
prepared
in_between
moved_away
rights
cannot_connect
dropped
