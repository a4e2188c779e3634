# shellcheck shell=bash disable=SC2154
# How each kind of table is measured. Sourced by run.sh.
#
# A table is a file TABLE.sql of statements. Each begins with a line "-- @NAME: what it is", or
# "-- @NAME (part): ..." if it is slow and gets a part of the rows. What is before the first one is
# run for the function below that measures its kind. Repetitions are interleaved, every other one
# backwards, so that a machine that becomes faster or slower does so for all. What is measured goes
# to times.tsv.

# load TABLE: sets title, prelude, names, and by name label, schema and text.
load() {
    local line name='' begins='^-- @([a-z0-9_]+)( \(([a-z]+)\))?: (.*)$'
    title='' prelude='' names=() label=() schema=() text=()
    while IFS= read -r line || [ -n "$line" ]; do
        if [[ $line =~ $begins ]]; then
            name=${BASH_REMATCH[1]}
            names+=("$name")
            label[$name]=${BASH_REMATCH[4]}
            schema[$name]=${BASH_REMATCH[3]:-whole}
            text[$name]=''
        elif [[ $line == "-- $1.sql: "* ]]; then
            title=${line#*: }
        elif [[ $line == --* || -z $line ]]; then
            continue
        elif [ -n "$name" ]; then
            text[$name]+=$line$'\n'
        else
            prelude+=$line$'\n'
        fi
    done <"$bench/$1.sql"
    [ ${#names[@]} -gt 0 ] || die "bench/$1.sql has no statement"
}

# turn REPETITION: sets order, the names as they are measured this time
turn() {
    local name
    order=("${names[@]}")
    [ $(($1 % 2)) -eq 0 ] || return 0
    order=()
    for name in "${names[@]}"; do order=("$name" "${order[@]}"); done
}

# record NAME MEASURE REPETITION VALUE
record() { printf '%s\t%s\t%s\t%s\t%s\n' "$table" "$@" >>"$out/times.tsv"; }

# ms NS: sets $answer
ms() { printf -v answer '%d.%06d' $(($1 / 1000000)) $(($1 % 1000000)); }

go_to() { tell "SET search_path = $1, public;"; }

# warm_up: each statement once, on few rows, and the first on all of them, which maps their pages.
warm_up() {
    local name
    go_to few
    for name in "${names[@]}"; do ask "${text[$name]}"; done
    go_to whole
    ask "${text[${names[0]}]}"
}

# keys: ns of processor time for each row; the statement answers with the number of rows.
measure_keys() {
    local repetition name
    warm_up
    for ((repetition = 1; repetition <= turns; repetition++)); do
        turn "$repetition"
        for name in "${order[@]}"; do
            go_to "${schema[$name]}"
            measure "${text[$name]}"
            [ "$answer" = "${rows_of[${schema[$name]}]}" ] || die "$table, $name: $answer rows"
            record "$name" ns "$repetition" "$((cpu / answer)).$((cpu % answer * 10 / answer))"
        done
    done
}

# statements: ms of processor time
measure_statements() {
    local repetition name
    warm_up
    for ((repetition = 1; repetition <= repetitions; repetition++)); do
        turn "$repetition"
        for name in "${order[@]}"; do
            measure "${text[$name]}"
            ms "$cpu"
            record "$name" ms "$repetition" "$answer"
        done
    done
}

# loads: ms of processor time of a statement that fills a table, after the prelude, which empties
# it.
measure_loads() {
    local repetition name
    # what begins with repetition 0 is not recorded: new files, and the server's caches
    for ((repetition = 0; repetition <= turns; repetition++)); do
        turn "$repetition"
        for name in "${order[@]}"; do
            tell "$prelude"
            ask 'SELECT 1;'
            measure "${text[$name]} SELECT 1;"
            ms "$cpu"
            [ "$repetition" -eq 0 ] || record "$name" ms "$repetition" "$answer"
        done
    done
    tell "$prelude"
}

# parallel: ms that pass, without workers and with two
measure_parallel() {
    local repetition name workers
    warm_up
    for ((repetition = 1; repetition <= turns; repetition++)); do
        turn "$repetition"
        for name in "${order[@]}"; do
            for workers in 0 2; do
                tell "SET max_parallel_workers_per_gather = $workers;"
                measure "${text[$name]}"
                ms "$wall"
                record "$name" "workers_$workers" "$repetition" "$answer"
            done
        done
    done
    tell 'RESET max_parallel_workers_per_gather;'
}

# sessions: ms of processor time for the first use in a session and for the next one, and by how
# many kB the first use raises the most memory that the session had
measure_sessions() {
    local repetition name kb_before
    for ((repetition = 1; repetition <= repetitions; repetition++)); do
        turn "$repetition"
        for name in "${order[@]}"; do
            new_backend
            ask "$prelude"
            peak_memory
            kb_before=$kb
            measure "${text[$name]}"
            peak_memory
            ms "$cpu"
            record "$name" first_ms "$repetition" "$answer"
            record "$name" memory_kb "$repetition" $((kb - kb_before))
            measure "${text[$name]}"
            ms "$cpu"
            record "$name" again_ms "$repetition" "$answer"
        done
    done
}

# pgbench: transactions a second of one client, and us of processor time of its backend for each.
# The former is time that passes, so that more and shorter turns are taken.
measure_pgbench() {
    local repetition name
    write_pgbench_scripts 100000
    for ((repetition = 1; repetition < 2 * repetitions; repetition++)); do
        turn "$repetition"
        for name in "${order[@]}"; do run_pgbench "$name" "$repetition"; done
    done
}

# write_pgbench_scripts KEYS: from 1 on
write_pgbench_scripts() {
    local name script
    for name in "${names[@]}"; do
        script=${text[$name]}
        # What psql would do with these, since to pgbench a variable is a parameter.
        while [[ $script =~ :\'([a-z0-9_]+)\' ]]; do
            literal "${BASH_REMATCH[1]}"
            script=${script//"${BASH_REMATCH[0]}"/$answer}
        done
        printf '\\set id random(1, %s)\n%s' "$1" "$script" >"$tmp/$name.pgbench"
    done
}

# run_pgbench NAME REPETITION
run_pgbench() {
    local before tps transactions
    read_ended
    before=$ended
    run pgbench -n -M prepared -T "$seconds" -f "$tmp/$1.pgbench"
    [ "$status" -eq 0 ] || give_up "pgbench failed"
    tps=$(log_part | sed -nE 's/^tps = ([0-9.]+) \((without|excluding).*/\1/p')
    record "$1" tps "$2" "$tps"
    transactions=$(log_part | sed -nE 's/^number of transactions actually processed: ([0-9]+).*/\1/p')
    wait_for_end
    read_ended
    [ -z "$ended" ] || record "$1" us "$2" "$(awk "BEGIN { print ($ended - $before) / $transactions }")"
}

# pairs: transactions a second of one client that runs one of two statements, by chance: each as if it
# were alone, by the time that the client waits for it. So both have the same good and bad times.
measure_pairs() {
    local repetition i
    write_pgbench_scripts "$employees"
    for ((repetition = 1; repetition < 2 * repetitions; repetition++)); do
        for ((i = 0; i < ${#names[@]}; i += 2)); do run_pair "${names[@]:i:2}" "$repetition"; done
    done
}

# run_pair NAME NAME REPETITION
run_pair() {
    local tps
    run pgbench -n -M prepared -T "$seconds" -l --log-prefix="$tmp/pair" \
        -f "$tmp/$1.pgbench" -f "$tmp/$2.pgbench"
    [ "$status" -eq 0 ] || give_up "pgbench failed"
    read -ra tps < <(quick_tps "$tmp"/pair.*)
    rm -f "$tmp"/pair.*
    record "$1" tps "$3" "${tps[0]}"
    record "$2" tps "$3" "${tps[1]}"
}

# quick_tps LOG: of each of pgbench's two scripts, without the slowest tenth, which waited for other
# programs. A line is: client, transaction, microseconds, script, ...
quick_tps() {
    awk '
        { n[$4]++; times[$4, $3]++; if ($3 > slowest) slowest = $3 }
        END {
            for (script = 0; script < 2; script++) {
                count = sum = 0
                for (us = 0; us <= slowest && count < 0.9 * n[script]; us++) {
                    count += times[script, us]
                    sum += us * times[script, us]
                }
                printf "%.1f ", (sum > 0 ? count * 1e6 / sum : 0)
            }
            print ""
        }' "$1"
}

# wait_for_end: until pgbench's backend is gone, and its parent has taken note of it
wait_for_end() {
    answer=''
    while [ "$answer" != 0 ]; do
        sleep 0.05
        ask "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgbench';"
    done
    sleep 0.05
}
