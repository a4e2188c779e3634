# shellcheck shell=bash disable=SC2154
# What reshard.sh measures. Each function makes a table of its own and writes to $results.

sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

# turn REPETITION NAME...: every other time backwards, so that no way always comes after another
turn() {
    local name all=''
    for name in "${@:2}"; do
        if (($1 % 2)); then all+="$name "; else all="$name $all"; fi
    done
    printf '%s\n' "$all"
}

# record WAY MEASURE VALUE
record() { printf '%s\t%s\t%s\t%s\t%s\n' "$size" "$repetition" "$@" >>"$results"; }

# make_table STRATEGY [NAME]: a table of 4 shards, as after a night in which nothing was left to do
make_table() {
    local name=${2:-employees}
    sql -c 'DROP TABLE IF EXISTS by_hand, rebuilt' -c "CALL make_table('$name', chash_$1(shards()))"
    sql -c "VACUUM (ANALYZE) $name" -c CHECKPOINT
}

# warm_up: or who comes first would be measured getting the memory for shared_buffers from the system
warm_up() {
    make_table ring
    make_table ring beside
    sql -c "CALL chash_add_shard('beside_router', 's4', name => '{table}_{shard}')" -c "CALL drop_table('beside')"
}

# timed WAY STATEMENT...: sets from and to, in microseconds, and keeps what was said in $work/said
timed() {
    local way=$1 lsn statements=()
    shift
    for statement in "$@"; do statements+=(-c "$statement"); done
    lsn=$(sql -c 'SELECT pg_current_wal_lsn()')
    from=${EPOCHREALTIME/./}
    sql "${statements[@]}" >"$work/said" 2>&1 || { cat "$work/said"; return 1; }
    to=${EPOCHREALTIME/./}
    cat "$work/said"
    record "$way" ms $(((to - from) / 1000))
    record "$way" wal "$(sql -c "SELECT pg_current_wal_lsn() - '$lsn'")"
}

# reshard WAY [ARGUMENT]: adds a shard; records what the mover says, and whether all rows are in their places
reshard() {
    local way=$1 mark
    mark=$(sql -c 'SELECT pg_current_xact_id()')
    timed "$way" "CALL chash_add_shard('employees_router', 's4', name => '{table}_{shard}'${2:+, $2})"
    record "$way" moved "$(sed -nE 's/.*moved ([0-9]+) rows in .*/\1/p' "$work/said")"
    record "$way" steps "$(sed -nE 's/.*moved [0-9]+ rows in ([0-9]+) steps.*/\1/p' "$work/said")"
    record "$way" step_longest "$(sed -nE 's/.* took ([0-9.]+) ms at most.*/\1/p' "$work/said")"
    record "$way" step_total "$(sed -nE 's/.*together took ([0-9.]+) s.*/\1/p' "$work/said")"
    record "$way" wrong "$(sql -v rows="$size" -f - <<-'END'
		SELECT (SELECT count(*) FROM chash_check('employees')) + abs(:rows - count(*))
		     + abs(sum(emp_no) - :rows::numeric * (:rows + 1) / 2)
		FROM employees
	END
    )"
    record "$way" between_old "$(sql -c "SELECT count(*) FROM employees
        WHERE tableoid <> 'employees_s4'::regclass AND xmin::text::bigint >= $mark AND changes = 0")"
}

# ---- alone ----------------------------------------------------------------------------------

# Where nobody writes there is nobody whom an index that is built quickly would keep waiting.
alone='concurrently => false'

move_ring() {
    make_table ring
    record ring minimum "$(sql -c "SELECT count(*) FROM source
        WHERE chash_shard(chash_ring(shards() || 's4'::text), emp_no) = 's4'")"
    reshard ring "$alone"
}

move_slots() {
    make_table slots
    record slots minimum $((size / 5))
    reshard slots "$alone"
}

# default: as it is done while others write
move_default() {
    make_table ring
    reshard default
}

# by_hand: what a DBA would write, who has the function that says where rows go
move_by_hand() {
    make_table ring
    sql -c 'CREATE TABLE by_hand (LIKE source, PRIMARY KEY (emp_no))'
    timed by_hand "WITH moved AS (
        DELETE FROM employees
        WHERE chash_shard('$(sql -c "SELECT chash_ring(shards() || 's4'::text)")'::chash_router, emp_no) = 's4'
        RETURNING *)
        INSERT INTO by_hand SELECT * FROM moved"
    record by_hand moved "$(sql -c 'SELECT count(*) FROM by_hand')"
}

# rebuild: all rows into a table of 5 partitions, by PostgreSQL's own hash
move_rebuild() {
    local remainder statements=('CREATE TABLE rebuilt (LIKE source) PARTITION BY HASH (emp_no)')
    make_table ring
    for remainder in 0 1 2 3 4; do
        statements+=("CREATE TABLE rebuilt_$remainder PARTITION OF rebuilt
            FOR VALUES WITH (MODULUS 5, REMAINDER $remainder)")
    done
    timed rebuild "${statements[@]}" 'INSERT INTO rebuilt SELECT * FROM employees' \
        'ALTER TABLE rebuilt ADD PRIMARY KEY (emp_no)'
    record rebuild moved "$size"
}

# ---- with others ----------------------------------------------------------------------------

# start_clients OPTION...: pgbench, which goes on until stop_clients; its logs are $work/clients.*
start_clients() {
    rm -f "$work"/clients*
    (cd "$work" && exec env PGAPPNAME=clients pgbench -n -T 36000 --max-tries=100 \
        --log --log-prefix=clients -D rows="$size" "$@" >"$work/pgbench" 2>&1) &
    pgbench=$!
}

# stop_clients: takes the connections away, as pgbench then writes its logs to the end
stop_clients() {
    sql -o /dev/null -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'clients'"
    wait "$pgbench" || true
    cat "$work/pgbench"
}

# latencies WAY FROM TO: of transactions that ended then; script 0 reads, script 1 writes
latencies() {
    local kind
    for kind in 0 1; do
        awk -v from="$2" -v to="$3" -v script="$kind" '
            $4 == script && $5 * 1000000 + $6 >= from && $5 * 1000000 + $6 <= to { print $3 }
        ' "$work"/clients.* | sort -n | awk -v script="$kind" -v seconds="$((($3 - $2) / 1000))e-3" '
            { us[NR] = $1 }
            END {
                name = script ? "writers" : "readers"
                printf "%s_longest %.3f\n", name, us[NR] / 1000
                printf "%s_p999 %.3f\n", name, us[int(NR * 0.999 + 0.999)] / 1000
                printf "%s_tps %.1f\n", name, NR / seconds
            }' >"$work/latencies"
        while read -r measure value; do record "$1" "$measure" "$value"; done <"$work/latencies"
    done
}

# lost WAY: how many changes that were acknowledged are not there
lost() {
    local acknowledged found
    acknowledged=$(awk '$4 == 1' "$work"/clients.* | wc -l)
    found=$(sql -c 'SELECT sum(changes) FROM employees')
    record "$1" lost $((acknowledged > found ? acknowledged - found : 0))
}

# last WAY MEASURE: what was recorded at last
last() { awk -F'\t' -v way="$1" -v measure="$2" '$3 == way && $4 == measure { x = $5 } END { print x }' "$results"; }

# After it comes the same change of a table that the clients do not use, with the same pauses: what they
# wait for then, they wait for the machine.
move_with_clients() {
    local latencies_from latencies_to clients_from clients_to pause
    make_table "$1"
    make_table "$1" beside
    start_clients -c 2 -M prepared -f "$bench/reshard/read.sql" -f "$bench/reshard/update.sql"
    sleep 2
    latencies_from=${EPOCHREALTIME/./}
    sleep "$seconds"
    latencies_to=${EPOCHREALTIME/./}
    reshard clients
    clients_from=$from clients_to=$((to + 100000)) # who waited for the last step ends after it
    pause=$(awk -v ms="$(last clients ms)" -v held="$(last clients step_total)" -v steps="$(last clients steps)" \
        'BEGIN { print int((ms - held * 1000) / steps) "ms" }')
    timed beside "CALL chash_add_shard('beside_router', 's4', name => '{table}_{shard}', pause => '$pause')"
    sleep 0.2
    stop_clients
    latencies without "$latencies_from" "$latencies_to"
    latencies clients "$clients_from" "$clients_to"
    latencies beside "$from" $((to + 100000))
    lost clients
    sql -c "CALL drop_table('beside')"
}

# Transactions that are refused are in the server's log, with the key.
move_with_snapshots() {
    local lines
    make_table "$1"
    lines=$(($(wc -l <"$srv/server.log") + 1))
    start_clients -c 10 -M simple -f "$bench/reshard/snapshot.sql"
    sleep 1
    reshard snapshots
    stop_clients
    record snapshots transactions "$(cat "$work"/clients.* | wc -l)"
    tail -n "+$lines" "$srv/server.log" >"$work/refused"
    record snapshots refused "$(grep -c '^40001 ERROR' "$work/refused" || true)"
    grep -A 9 '^40001 ERROR' "$work/refused" | head -20 || true
    sed -nE 's/^40001 .*emp_no = ([0-9]+).*/\1/p' "$work/refused" >"$work/keys"
    sql -c 'TRUNCATE refused' \
        -c "\\copy refused FROM '$work/keys'"
    record snapshots in_vain "$(sql -c "SELECT $(grep -c '^40001 ERROR' "$work/refused" || true)
        - (SELECT count(*) FROM refused JOIN employees_s4 USING (emp_no))")"
}

# A transaction that has read the table keeps it from the mover, and nobody else.
move_while_held() {
    local holder
    make_table "$1"
    start_clients -c 2 -M prepared -f "$bench/reshard/read.sql" -f "$bench/reshard/update.sql"
    sleep 1
    sql -o /dev/null -c 'BEGIN' -c 'SELECT FROM employees WHERE emp_no = 1' \
        -c "SELECT pg_sleep($seconds)" -c 'COMMIT' &
    holder=$!
    sleep 0.1
    reshard held
    wait "$holder"
    stop_clients
    latencies held "$from" $((from + (seconds * 10 - 2) * 100000))
    lost held
}
