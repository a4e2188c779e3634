#!/bin/bash
# Measures chash inside PostgreSQL, beside what one would use instead, in a throwaway cluster.
#
#   bench/run.sh [OPTION...] [FOLDER]
#
#   --rows N          rows of a table of keys          default: 5000000
#   --quick           200,000 rows and one repetition: whether it runs, not how fast
#   --only PATTERN    only tables whose name matches this regular expression
#   --docs            no measurement: put the tables of the last run into docs/performance.md
#   FOLDER            for the results                  default: bench/build
#
# Processor time is that of the backend. The results are TABLE.tsv, goals.tsv, tables.md (what is
# shown at the end) and times.tsv, each single measurement. docs/performance.md explains them.
# Nothing is installed into the system's PostgreSQL, and its clusters are not touched.
# PG_CONFIG=/path/to/pg_config chooses the server.
set -euo pipefail
bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=test/lib.sh
. "$bench/../test/lib.sh"
# shellcheck source=bench/session.sh
. "$bench/session.sh"
# shellcheck source=bench/measure.sh
. "$bench/measure.sh"

# The tables, how each is measured (see measure.sh), and how many times as often as the others,
# where what is to be told apart is as small as what a machine does by chance.
tables='
text             keys      2
bigint           keys      4
uuid             keys
digests          keys
strategies       keys
stored           keys      3
growth           keys
build            sessions
point            pgbench
redistribution   statements
parallel         parallel  2
partition_load   loads     3
partition_point  pairs
'

# What is to be reached: the statement of a table, what it is compared with ("-" for a limit of its
# own), the measure (see tables.awk), and the limit.
goals='
text             ring_5          hash             raw           <=  1.00
text             ring_100        hash             raw           <=  1.10
text             ring_1000       hash             raw           <=  1.70
text             named_5         ring_5           raw           <=  1.05
text             named_1000      ring_1000        raw           <=  1.05
bigint           ring_5          hash             raw           <=  0.72
bigint           named           ring_5           raw           <=  1.05
digests          ring_sha1       hash             raw           <=  3.0
digests          ring_sha1       md5              raw           <=  0.3
digests          ring_md5        hash             raw           <=  4.0
digests          ring_md5        md5              raw           <=  0.3
stored           toasted         hash             raw           <=  1.40
build            ring_1000       -                once          <=  15
build            ring_10000      ring_1000        growth        <=  20
build            moves_1000      -                again         <=  25
build            moves_10000     moves_1000       growth        <=  20
build            moves_10000     moves_1000       memory_growth <=  11
point            ring_5          hash             tps_ratio     >=  0.98
point            named_5         ring_5           tps_ratio     >=  0.95
redistribution   rows            count            cpu           <=  2.0
redistribution   bytes           count            cpu           <=  4.0
parallel         rows            count            speedup       >=  1.6
partition_load   insert_4_ring   insert_4_plain   cpu           <=  1.05
partition_load   insert_16_ring  insert_16_plain  cpu           <=  1.05
partition_load   copy_4_ring     copy_4_plain     cpu           <=  1.05
partition_load   copy_16_ring    copy_16_plain    cpu           <=  1.05
partition_point  read_4_ring     read_4_plain     tps_ratio     >=  0.98
partition_point  read_16_ring    read_16_plain    tps_ratio     >=  0.98
partition_point  update_4_ring   update_4_plain   tps_ratio     >=  0.98
partition_point  update_16_ring  update_16_plain  tps_ratio     >=  0.98
'

rows=5000000 repetitions=7 seconds=2 only='' docs='' out=$bench/build
while [ $# -gt 0 ]; do
    case $1 in
        --rows) rows=${2:-} && shift ;;
        --quick) rows=200000 repetitions=1 seconds=1 ;;
        --only) only=${2:-} && shift ;;
        --docs) docs=yes ;;
        -*) die "usage: bench/run.sh [--rows N] [--quick] [--only PATTERN] [--docs] [FOLDER]" ;;
        *) out=$1 ;;
    esac
    shift || die "an argument is missing"
done
[[ $rows =~ ^[0-9]{4,9}$ ]] || die "--rows takes a number from 1000 on, not \"$rows\""

chosen=$(while read -r table kind times; do
    [[ -z $table || ! $table =~ $only ]] || echo "$table $kind ${times:-1}"
done <<<"$tables")
[ -n "$chosen" ] || die "no table matches \"$only\""

if [ -n "$docs" ]; then
    [ -e "$out/tables.md" ] || die "$out has no tables; run bench/run.sh first"
    awk -v tables="$out/tables.md" -f "$bench/replace.awk" "$repo/docs/performance.md" >"$out/docs.md"
    cp "$out/docs.md" "$repo/docs/performance.md"
    exit
fi

# The longest table must fit into a quarter of shared_buffers: PostgreSQL reads larger ones through
# a small buffer of their own, anew each time. A row of text takes 52 bytes.
settings=(
    "shared_buffers = $((256 + rows * 52 * 5 / 1048576))MB"
    'jit = off'
    'autovacuum = off'
    'synchronize_seqscans = off'
    'max_parallel_workers_per_gather = 0'
    # Where parallel plans are the subject, they are to be chosen for short tables, too.
    'min_parallel_table_scan_size = 0'
    'parallel_setup_cost = 0'
    # Nothing else is to be at work meanwhile.
    'checkpoint_timeout = 1d'
    'max_wal_size = 100GB'
    'bgwriter_lru_maxpages = 0'
)

machine() {
    local model
    model=$(sed -nE 's/^model name[[:space:]]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1) || true
    printf "%s, %s cores; PostgreSQL %s; gcc %s; %s rows, repetitions: %s; %s\n" \
        "${model:-$(uname -m)}" "$(nproc)" "$pg_version" "$(gcc -dumpfullversion)" \
        "$rows" "$repetitions" "$clock_name"
}

# show: makes the tables of what is in $out
show() {
    awk -v folder="$out" -f "$bench/markdown.awk" -f "$bench/tables.awk" \
        "$out/machine" "$out/goals" "$out/statements" "$out/times.tsv" >"$out/tables.md"
    cat "$out/tables.md"
}

start_work
say "Setting up (details: $log)"
# shellcheck disable=SC2119
ensure_packages
step "Copying the server, PostgreSQL $pg_version" copy_server
step "Building chash" build src
step "Installing chash into the copy" install_build src
step "Starting a cluster" start_cluster "${settings[@]}"
use_cluster
employees=$((rows / 5))
declare -A rows_of=([whole]=$rows [part]=$((rows / 20)) [few]=1000)
step "Making tables of $rows rows" psql -X -q -v rows="$rows" -v part="${rows_of[part]}" \
    -v employees="$employees" -f "$bench/setup.sql"

mkdir -p "$out"
# of the last run
while read -r table _; do rm -f "$out/$table.tsv"; done <<<"$tables"
rm -f "$out"/{goals,times}.tsv
printf '%s\n' "$goals" >"$out/goals"
: >"$out/statements"
: >"$out/times.tsv"

declare -A label schema text
open_session
tell "\\i $bench/routers.sql"
machine >"$out/machine"
while read -r table kind times; do
    say "Measuring $table ..."
    turns=$((repetitions * times))
    load "$table"
    printf '%s\t%s\t\t%s\n' "$table" "$kind" "$title" >>"$out/statements"
    for name in "${names[@]}"; do
        printf '%s\t%s\t%s\t%s\n' "$table" "$kind" "$name" "${label[$name]}" >>"$out/statements"
    done
    "measure_$kind" </dev/null
done <<<"$chosen"

say ''
show
