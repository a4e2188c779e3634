#!/bin/bash
# What chash needs modules of PostgreSQL's own for, where they are installed: foreign tables as partitions
# (file_fdw), and another module that hooks into the executor before chash does (auto_explain). And a
# table in a tablespace, which takes a folder of the server's.
set -euo pipefail
# shellcheck source=test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

database=regress_chash_modules

at_end() {
    dropdb --if-exists "$database"
    psql -X -q -c "DROP TABLESPACE IF EXISTS regress_chash_space"
    rm -rf "$work/space" "$work/rows"
}

sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" "$@"; }

# Rows of a foreign partition are asked for by a query, and judged like others.
foreign_partitions() {
    seq 1 2 3000 >"$work/rows"
    echo 2 >>"$work/rows"
    chmod 644 "$work/rows"
    sql >"$work/got" 2>&1 <<-END
		CREATE EXTENSION file_fdw;
		CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
		CREATE TABLE f (k int) PARTITION BY HASH (k parity);
		CREATE FOREIGN TABLE f_odd PARTITION OF f FOR VALUES WITH (MODULUS 4, REMAINDER 2)
			SERVER files OPTIONS (filename '$work/rows');
		CREATE TABLE f_even PARTITION OF f FOR VALUES WITH (MODULUS 4, REMAINDER 1);
		INSERT INTO f VALUES (4);
		SELECT problem, partition, shard, rows, detail FROM chash_check('f');
		SELECT parity(7), tableoid::regclass FROM f WHERE k = 7;
	END
    cat >"$work/expected" <<-'END'
		misplaced rows|f_odd|even|1|They belong to this shard; one has the key "2".
		odd|f_odd
	END
    same "a foreign table that is a partition is checked by a query" "$work/expected" "$work/got"
}

# Its hook was there first, so that chash has to call it, and is itself called after it.
other_hooks() {
    sql >"$work/got" 2>&1 <<-'END'
		LOAD 'auto_explain';
		SET auto_explain.log_min_duration = 0;
		SET client_min_messages = log;
		SELECT count(*) FROM t WHERE k = 7;
		RESET client_min_messages;
		PREPARE one(int) AS SELECT count(*) FROM t WHERE k = $1;
		EXECUTE one(8);
	END
    grep -cE '^LOG:  duration: ' "$work/got" >"$work/logged" || true
    grep -E '^[0-9]+$' "$work/got" >>"$work/logged"
    printf '%s\n' 1 1 1 >"$work/expected"
    same "a module that was there first is called, too" "$work/expected" "$work/logged"
}

tablespaces() {
    mkdir -p "$work/space"
    if [ "$EUID" -eq 0 ]; then chown postgres "$work/space"; fi
    sql -c "CREATE TABLESPACE regress_chash_space LOCATION '$work/space'" >"$work/got" 2>&1
    sql >>"$work/got" 2>&1 <<-'END'
		CREATE TABLE spaced (k int PRIMARY KEY, v text) TABLESPACE regress_chash_space;
		INSERT INTO spaced SELECT k FROM generate_series(1, 100) k;
		SET client_min_messages = warning;
		SELECT chash_distribute('spaced', 'k', router => 'parity', name => '{table}_{shard}');
		SELECT c.relname, s.spcname FROM pg_class c LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
		WHERE c.relname IN ('spaced', 'spaced_even', 'spaced_odd') ORDER BY 1;
		DROP TABLE spaced;
	END
    cat >"$work/expected" <<-'END'
		100
		spaced|regress_chash_space
		spaced_even|regress_chash_space
		spaced_odd|regress_chash_space
	END
    same "a table and its partitions stay in its tablespace" "$work/expected" "$work/got"
}

begin_test
# the server reads files here
chmod 755 "$work"
createdb -T template0 "$database"
sql >"$work/output" <<-'END'
	CREATE EXTENSION chash;
	SELECT chash_create_router('parity', chash_modulo('{even,odd}', hash => 'none'), 'int');
	CREATE TABLE t (k int) PARTITION BY HASH (k parity);
	SELECT chash_create_partitions('t');
	INSERT INTO t SELECT k FROM generate_series(1, 100) k;
END
has() { [ -n "$(sql -c "SELECT 1 FROM pg_available_extensions WHERE name = '$1'")" ]; }
if has file_fdw; then
    foreign_partitions
    other_hooks
else
    say "# no modules of PostgreSQL's own here, so no foreign partitions and no other hooks"
fi
tablespaces
