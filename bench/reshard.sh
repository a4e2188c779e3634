#!/bin/bash
# Measures how a table grows by a shard, beside what one would do by hand, in a throwaway cluster.
#
#   bench/reshard.sh [OPTION...] [FOLDER]
#
#   --rows N[,N...]   rows of the table; clients are measured with each   default: 2000000,500000
#   --repetitions N   of everything; medians are shown                    default: 3
#   --quick           50,000 rows, once: whether it runs, not how fast
#   --only PATTERN    only the parts whose name matches: alone, clients, snapshots, held
#   FOLDER            for the results                                     default: bench/build
#
# Parts: "alone" is a move with nobody else there; "clients" one while pgbench reads and writes, and then
# one of a table that these clients do not use; "snapshots" one with REPEATABLE READ transactions;
# "held" one while a transaction holds the table.
# All settings are PostgreSQL's own, but for shared_buffers. The results are reshard.tsv, each single
# measurement, reshard_goals.tsv, and reshard.md, what is shown at the end.
# PG_CONFIG=/path/to/pg_config chooses the server; pgbench has to be of PostgreSQL 15 or later.
set -euo pipefail
bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=test/lib.sh
. "$bench/../test/lib.sh"
# shellcheck source=bench/reshard/parts.sh
. "$bench/reshard/parts.sh"

usage='usage: bench/reshard.sh [--rows N[,N...]] [--repetitions N] [--quick] [--only PATTERN] [FOLDER]'
sizes=2000000,500000 repetitions=3 only='' out=$bench/build seconds=5
while [ $# -gt 0 ]; do
    case $1 in
        --rows) sizes=${2:-} && shift ;;
        --repetitions) repetitions=${2:-} && shift ;;
        --quick) sizes=50000 repetitions=1 seconds=1 ;;
        --only) only=${2:-} && shift ;;
        -*) die "$usage" ;;
        *) out=$1 ;;
    esac
    shift || die "an argument is missing"
done
[[ $sizes =~ ^[0-9]{4,9}(,[0-9]{4,9})*$ ]] || die "--rows takes numbers from 1000 on, not \"$sizes\""
[[ $repetitions =~ ^[1-9][0-9]?$ ]] || die "--repetitions takes a number, not \"$repetitions\""
IFS=, read -ra sizes <<<"$sizes"
largest=$(printf '%s\n' "${sizes[@]}" | sort -n | tail -n 1)

settings=(
    'fsync = on'
    'synchronous_commit = on'
    'full_page_writes = on'
    # A row takes 120 bytes, and there are three tables at a time.
    "shared_buffers = $((256 + largest * 420 / 1048576))MB"
    # to find the transactions that are refused
    "log_line_prefix = '%e '"
)

machine() {
    local model
    model=$(sed -nE 's/^model name[[:space:]]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1) || true
    printf '%s, %s cores; PostgreSQL %s; rows: %s; repetitions: %s\n' "${model:-$(uname -m)}" \
        "$(nproc)" "$pg_version" "${sizes[*]}" "$repetitions"
}

# part NAME FUNCTION ARGUMENT...: unless it is not wanted
part() {
    [[ $1 =~ $only ]] || return 0
    say "  $1: ${*:3} ..."
    run "${@:2}"
    [ "$status" -eq 0 ] || give_up "this part failed"
}

start_work
say "Setting up (details: $log)"
# shellcheck disable=SC2119
ensure_packages
[ "${pg_version%%[!0-9]*}" -ge 15 ] || die "this takes the pgbench of PostgreSQL 15 or later"
step "Copying the server, PostgreSQL $pg_version" copy_server
step "Building chash" build src
step "Installing chash into the copy" install_build src
step "Starting a cluster" start_cluster "${settings[@]}"
use_cluster

mkdir -p "$out"
results=$out/reshard.tsv
: >"$results"
machine >"$out/machine"
work=$tmp/work
mkdir "$work"
for size in "${sizes[@]}"; do
    step "Making $size rows" sql -v rows="$size" -f "$bench/reshard/setup.sql"
    step "Warming up" warm_up
    for ((repetition = 1; repetition <= repetitions; repetition++)); do
        say "$size rows, repetition $repetition:"
        if [ "$size" = "${sizes[0]}" ]; then
            for way in $(turn "$repetition" ring slots default by_hand rebuild); do
                part alone "move_$way" "$way"
            done
            part snapshots move_with_snapshots ring
            part held move_while_held ring
        fi
        part clients move_with_clients ring
    done
done

say ''
awk -v folder="$out" -f "$bench/markdown.awk" -f "$bench/reshard/tables.awk" \
    "$out/machine" "$results" >"$out/reshard.md"
cat "$out/reshard.md"
