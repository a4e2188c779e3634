#!/bin/bash
# What logical decoding shows of a move: of each row that moves a DELETE and later an INSERT, in one
# transaction for each step, so that a subscriber to whom it is one table has each key once. And what
# subscribers have at the end, to whom it is one table, and to whom it is all its partitions.
set -euo pipefail
# shellcheck source=test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

database=regress_chash_decoding

restart() { # [OPTION]
    as_server "$bin/pg_ctl" -D "$srv/data" -w -s -m fast stop
    as_server "$bin/pg_ctl" -D "$srv/data" -w -s -l "$srv/server.log" ${1:+-o "$1"} start
}

at_end() {
    local name
    for name in root leaves; do
        psql -X -q -d "${database}_$name" -c "ALTER SUBSCRIPTION $name DISABLE" -c "ALTER SUBSCRIPTION $name SET (slot_name = NONE)" \
            -c "DROP SUBSCRIPTION $name"
        dropdb --if-exists "${database}_$name"
    done
    psql -X -q -c "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = '$database'"
    dropdb --if-exists "$database"
    restart
}

sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" "$@"; }

# changes: the first letters of the messages since the last time, one transaction a line: D for a
# DELETE, I for an INSERT, and so on; without those that only describe tables.
changes() {
    sql -c "SELECT translate(string_agg(chr(get_byte(data, 0)), '' ORDER BY n), 'BCR', '')
        FROM (SELECT row_number() OVER () AS n, xid, data FROM pg_logical_slot_get_binary_changes('slot', NULL, NULL,
            'proto_version', '1', 'publication_names', 'pub')) changes
        GROUP BY xid::text HAVING bool_or(chr(get_byte(data, 0)) IN ('D', 'I', 'U', 'T')) ORDER BY min(n)"
}

# pairs NAME: in each transaction there is an INSERT for each DELETE, and after it.
pairs() {
    sed ':again; s/DI//; t again' "$work/transactions" | tr -d '\n' >"$work/got"
    same "$1" /dev/null "$work/got"
}

begin_test
restart '-c wal_level=logical'
createdb -T template0 "$database"
sql >"$work/output" <<-'END'
	CREATE EXTENSION chash;
	SELECT chash_create_router('ring', chash_range('{a,b}', '{100}', 'integer'), 'int');
	CREATE TABLE t (k int PRIMARY KEY, v text) PARTITION BY HASH (k ring);
	SELECT chash_create_partitions('t', '{table}_{shard}');
	INSERT INTO t SELECT k, 'row ' || k FROM generate_series(1, 200) k;
	CREATE PUBLICATION pub FOR TABLE t;
	SELECT pg_create_logical_replication_slot('slot', 'pgoutput');
END

sql -c "CALL chash_reshard('ring', chash_range('{a,b}', '{96}', 'integer'))" 2>/dev/null
changes >"$work/transactions"
sed 's/I//g' "$work/transactions" >"$work/got"
echo DDDD >"$work/expected"
same "a DELETE for each row, in one transaction" "$work/expected" "$work/got"
pairs "and an INSERT after it, and nothing else"
sql -c "CALL chash_reshard('ring', chash_range('{a,b,c}', '{96,150}', 'integer'), max_lock => '0')" 2>/dev/null
changes >"$work/transactions"
pairs "the same in several steps"
tr -d '\nI' <"$work/transactions" | wc -c >"$work/got"
sql -c 'SELECT count(*) FROM c' >"$work/expected"
same "as many as have moved" "$work/expected" "$work/got"

# after a step that somebody waited for, where rows are put ahead with another wal_level
waits="SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass AND NOT granted"
until_waiting="DO \$\$ BEGIN FOR i IN 1..2000 LOOP EXIT WHEN ($waits) >= %s; PERFORM pg_sleep(0.01); END LOOP; END \$\$"
# shellcheck disable=SC2059 # it is a format
sql -c BEGIN -c 'SELECT FROM t WHERE k = 1' -c "$(printf "$until_waiting" 2)" -c COMMIT >"$work/holder" 2>&1 &
holder=$!
# shellcheck disable=SC2059
sql -c "$(printf "$until_waiting" 1)" -c 'SELECT count(*) FROM t' >"$work/waiter" 2>&1 &
waiter=$!
until [ "$(sql -c "SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass AND granted")" != 0 ]; do sleep 0.05; done
sql -c "SET client_min_messages = warning" -c "CALL chash_reshard('ring', chash_range('{a,b,c}', '{60,150}', 'integer'), lock_timeout => '1 min')"
wait "$holder" "$waiter"
changes >"$work/transactions"
pairs "the same after a step that others waited for"

# ---- subscribers, in databases of the same cluster ----

subscriber() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "${database}_$1" "${@:2}"; }

# subscribe NAME VIA_ROOT TABLE...: to all rows that are there, and what comes.
subscribe() {
    local table
    createdb -T template0 "${database}_$1"
    for table in "${@:3}"; do subscriber "$1" -c "CREATE TABLE $table (k int PRIMARY KEY, v text)"; done
    sql -c "CREATE PUBLICATION $1 FOR TABLE t WITH (publish_via_partition_root = $2)" \
        -c "SELECT pg_create_logical_replication_slot('$1', 'pgoutput')" >"$work/output"
    subscriber "$1" -c "CREATE SUBSCRIPTION $1 CONNECTION 'host=$PGHOST port=$PGPORT user=$PGUSER dbname=$database'
        PUBLICATION $1 WITH (create_slot = false, slot_name = '$1')"
    caught_up "$1"
}

# caught_up NAME: all tables have their first rows, and what was written until now has come.
caught_up() {
    local tries written
    written=$(sql -c 'SET synchronous_commit = on' -c 'SELECT pg_current_wal_insert_lsn()')
    sql -c 'SET synchronous_commit = on' -c "UPDATE t SET v = v WHERE k = 1"
    for ((tries = 0; tries < 1200; tries++)); do
        [ "$(subscriber "$1" -c "SELECT bool_and(srsubstate = 'r') FROM pg_subscription_rel")" != t ] ||
            [ "$(sql -c "SELECT confirmed_flush_lsn >= '$written' FROM pg_replication_slots WHERE slot_name = '$1'")" != t ] || return 0
        sleep 0.05
    done
    sql -c 'TABLE pg_replication_slots'
    die "subscriber $1 does not catch up"
}

facts='count(*), count(DISTINCT k), sum(hashtextextended(k || v, 0)) FROM'
agree() { # NAME TEXT RELATION
    caught_up "$1"
    sql -c "SELECT $facts t" >"$work/expected"
    subscriber "$1" -c "SELECT $facts $3" >"$work/got"
    same "$2" "$work/expected" "$work/got"
}

sql -c "CALL chash_reshard('ring', chash_ring('{a,b}'))" -c 'DROP TABLE c' 2>/dev/null
sql -c "INSERT INTO t SELECT k, 'row ' || k FROM generate_series(201, 2000) k"
subscribe root true t
subscribe leaves false t_a t_b d
all_leaves='(TABLE t_a UNION ALL TABLE t_b UNION ALL TABLE d) t'
agree root "a subscriber to the table has its rows" t
agree leaves "one to its partitions, too" "$all_leaves"
sql -c "CALL chash_reshard('ring', chash_ring('{a,b,d}'), max_lock => '1ms')" 2>/dev/null
sql -c "UPDATE t SET v = v || ' again' WHERE k % 3 = 0" -c "DELETE FROM t WHERE k % 7 = 0"
agree root "after a change the first one has them all, each once" t
caught_up leaves
subscriber leaves -c 'SELECT count(*) FROM d' -c 'ALTER SUBSCRIPTION leaves REFRESH PUBLICATION' >"$work/got"
echo 0 >"$work/expected"
same "the other one has none of the new partition" "$work/expected" "$work/got"
agree leaves "until its publication is refreshed: all, each once" "$all_leaves"
sql -c "INSERT INTO t SELECT k, 'row ' || k FROM generate_series(1, 2000) k ON CONFLICT (k) DO UPDATE SET v = 'new'"
sql -c "CALL chash_reshard('ring', chash_ring('{a,b,d}', ARRAY[1,1,3]), max_lock => '1ms')" 2>/dev/null
agree root "after another change, between partitions that are there, all as well" t
agree leaves "to both of them" "$all_leaves"
