#!/bin/bash
# What logical decoding shows of a move: of each row that moves a DELETE and then an INSERT, in one
# transaction for each step, so that a subscriber to whom it is one table has each key once.
set -euo pipefail
# shellcheck source=test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

database=regress_chash_decoding

restart() { # [OPTION]
    as_server "$bin/pg_ctl" -D "$srv/data" -w -s -m fast stop
    as_server "$bin/pg_ctl" -D "$srv/data" -w -s -l "$srv/server.log" ${1:+-o "$1"} start
}

at_end() {
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
changes >"$work/got"
echo DIDIDIDI >"$work/expected"
same "a DELETE and an INSERT for each row, and nothing else" "$work/expected" "$work/got"
sql -c "CALL chash_reshard('ring', chash_range('{a,b,c}', '{96,150}', 'integer'), max_lock => '0')" 2>/dev/null
changes >"$work/transactions"
tr -d '\n' <"$work/transactions" | sed 's/DI//g' >"$work/got"
same "the same in several steps" /dev/null "$work/got"
tr -d '\nI' <"$work/transactions" | wc -c >"$work/got"
sql -c 'SELECT count(*) FROM c' >"$work/expected"
same "as many as have moved" "$work/expected" "$work/got"
