#!/bin/bash
# Measures which lines of the sources the tests reach: unit tests, SQL tests, isolation specs and
# every executable test/*_test.sh, in a throwaway cluster with a build that counts.
#
#   test/coverage.sh [--lines]     --lines: also list the lines that are not reached
#
# Prints a table by file and the share of src/core and of the rest. Needs gcovr.
# What a server writes that is killed is lost, so that the figures are a little too low.
# PG_CONFIG=/path/to/pg_config chooses the server.
set -euo pipefail
# shellcheck source=test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
    '' | --lines) lines=${1:-} ;;
    *) die "usage: test/coverage.sh [--lines]" ;;
esac
command -v gcovr >/dev/null || die "gcovr is missing: apt-get install gcovr"

# Servers of other users write the counts, which are beside the objects.
counting_build() {
    build counting CC=gcc COPT='-O0 --coverage' SHLIB_LINK='-lcrypto --coverage'
    chmod -R a+rwX "$tmp/counting"
}

unit_tests() {
    make -s -C "$tmp/counting/test/core" check LDFLAGS=--coverage \
        CFLAGS='-std=gnu99 -ffp-contract=off -g -O0 --coverage'
}

sql_tests() {
    make -C "$tmp/counting" PG_CONFIG="$PG_CONFIG" with_llvm=no installcheck
}

# report FILTER: a table of the files below src whose names match.
report() {
    (cd "$tmp/counting" && gcovr --root . --filter "src/$1/" 2>>"$log")
}

start_work
# shellcheck disable=SC2119
ensure_packages
step "Building chash so that it counts" counting_build
step "Copying the server, PostgreSQL $pg_version" copy_server
step "Installing chash into the copy" install_build counting
step "Starting a cluster" start_cluster
use_cluster
say "Running the unit tests ..." && run unit_tests
say "Running the SQL tests and the isolation specs ..." && run sql_tests
for script in "$tmp"/counting/test/*_test.sh; do
    [ -x "$script" ] || continue
    say "Running test/${script##*/} ..." && run "$script"
done
run as_server "$bin/pg_ctl" -D "$srv/data" -w -s -m fast stop

for part in core '(?!core)[a-z]+'; do
    if [ -n "$lines" ]; then report "$part"; else report "$part" | cut -c 1-70; fi
done
