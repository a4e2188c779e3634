#!/bin/bash
# Random statements on tables that routers partition, while the routers are changed, against the same
# statements on plain tables: test/random/ has them.
#
#   test/random_test.sh [SEED [TRANSACTIONS [FIRST]]]
#
# A difference names the seed, the transaction and the statement. With a large number of
# transactions it runs for hours.
set -euo pipefail
# shellcheck source=test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

database=regress_chash_random
seed=${1:-1} transactions=${2:-300} first=${3:-1}

at_end() {
    [ -z "${mover:-}" ] || kill "$mover" 2>/dev/null || true
    dropdb --if-exists --force "$database" || dropdb --if-exists "$database"
}

begin_test
createdb -T template0 "$database"
psql -X -q -v ON_ERROR_STOP=1 -d "$database" -f "$repo/test/random/tables.sql" >"$work/output" 2>&1 ||
    { cat "$work/output"; exit 1; }
log_from=$(($(wc -c <"$srv/server.log") + 1))

perl "$repo/test/random/mover.pl" "$database" "$seed" "$work/stop" >"$work/mover" 2>&1 &
mover=$!
status=0
perl "$repo/test/random/run.pl" "$database" "$seed" "$transactions" "$first" >"$work/run" 2>&1 || status=$?
tail -n 20 "$work/run"
test_result "$status" "random statements, seed $seed, $transactions transactions from $first on"

touch "$work/stop"
moved=0
wait "$mover" || moved=$?
mover=''
tail -n 20 "$work/mover"
test_result "$moved" "routers were changed meanwhile"

tail -c "+$log_from" "$srv/server.log" | grep -E 'PANIC|TRAP|terminated by signal' >"$work/crashes" || true
same "the server has not crashed" /dev/null "$work/crashes"
