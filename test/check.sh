#!/bin/bash
# Runs all tests of chash, from a bare Debian or Ubuntu machine on: builds without a warning, the
# core's unit tests and some seconds of fuzzing, the SQL tests and isolation specs in a throwaway
# cluster, and every executable test/*_test.sh.
#
#   test/check.sh [--regress-only]     --regress-only: one build, the SQL tests and the
#                                      isolation specs, no more
#
# The last line is "N passed, N failed"; the exit code is 1 if any test failed or none ran.
# Nothing is installed into the system's PostgreSQL, and its clusters are not touched.
# PG_CONFIG=/path/to/pg_config chooses the server.
set -euo pipefail
# shellcheck source=test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

passed=0 failed=0 valgrind=''

# result STATUS NAME: counts and prints one test.
result() {
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
        say "ok - $2"
    else
        failed=$((failed + 1))
        say "not ok - $2"
    fi
}

# count NAME OUTPUT STATUS: counts the lines "ok ..." and "not ok ..." in the file OUTPUT, and
# prints those that failed. That a program ran no test, or failed without a word, is a failure.
count() {
    local ok not_ok
    ok=$(grep -cE '^ok\b' "$2") || true
    not_ok=$(grep -cE '^not ok\b' "$2") || true
    passed=$((passed + ok)) failed=$((failed + not_ok))
    grep -E '^not ok\b' "$2" || true
    if [ "$not_ok" -eq 0 ] && { [ "$3" -ne 0 ] || [ "$ok" -eq 0 ]; }; then
        tail -n 25 "$2"
        result 1 "$1 (exit code $3, $ok tests)"
    else
        say "$1: $ok passed, $not_ok failed"
    fi
}

# strict NAME COMPILER FLAGS: a build in which a warning is an error. PostgreSQL's own headers
# are no code of ours: as a system folder they are read without warnings.
strict() {
    local flags
    flags="-Wall -Wextra -Werror -isystem $("$PG_CONFIG" --includedir-server) ${3:-}"
    run build "$1" CC="$2" COPT="$flags"
    [ "$status" -eq 0 ] || log_part | grep -E '(warning|error):|\*\*\*' | tail -n 25 || true
    result "$status" "$2 -Wall -Wextra -Werror"
}

# find_clang: its name, also where the version is part of it; fails if there is none.
find_clang() {
    local clang
    for clang in clang $(printf '%s\n' /usr/bin/clang-[0-9]* | grep -E -- '-[0-9]+$' | sort -rV); do
        if command -v "$clang" >/dev/null; then
            say "$clang"
            return
        fi
    done
    return 1
}

builds() {
    local clang
    strict gcc gcc
    # The tests below are worth running even if the compiler complains.
    [ "$status" -eq 0 ] || run build gcc CC=gcc
    [ "$1" = all ] || return 0
    if clang=$(find_clang); then
        # The server's flags were chosen for gcc, and clang does not know all of them.
        strict clang "$clang" "-Wno-unknown-warning-option -Wno-ignored-optimization-argument \
            -Wno-unused-command-line-argument"
    else
        say "# no clang here, so no build with it"
    fi
}

unit_tests() {
    local out=$tmp/unit
    run make -s -C "$tmp/gcc/test/core" check
    log_part >"$out"
    count "unit tests" "$out" "$status"
}

# Whether long work of the core can be stopped, counted in steps and not in time.
interrupts() {
    local out=$tmp/interrupts
    run make -s -C "$tmp/gcc/test/core" check-interrupts CC=gcc
    log_part >"$out"
    count "interrupts of the core" "$out" "$status"
}

# Under valgrind they take some minutes, in which the SQL tests can run. It needs /proc, which a
# root need not have.
begin_valgrind() {
    if ! valgrind -q true >/dev/null 2>&1; then
        say "# no working valgrind here, so no unit tests under it"
        return
    fi
    # a process group of its own, which the end of this script can end as a whole
    setsid make -s -C "$tmp/gcc/test/core" check \
        RUN='valgrind -q --error-exitcode=99 --leak-check=full' >"$tmp/valgrind" 2>&1 </dev/null &
    valgrind=$!
    trap 'kill -- "-$valgrind" 2>/dev/null || true; cleanup' EXIT
}

end_valgrind() {
    [ -n "$valgrind" ] || return 0
    status=0
    wait "$valgrind" || status=$?
    trap cleanup EXIT
    cat "$tmp/valgrind" >>"$log"
    count "unit tests under valgrind" "$tmp/valgrind" "$status"
}

# The benchmark of the core: what of it does not depend on time.
bench() {
    local out=$tmp/bench
    run make -s -C "$tmp/gcc/bench/core" smoke
    log_part >"$out"
    count "benchmark of the core" "$out" "$status"
}

# The core under libFuzzer, with the same inputs every time.
fuzz() {
    local out=$tmp/fuzz clang
    if ! clang=$(find_clang) || ! say 'extern int LLVMFuzzerTestOneInput(const char *a, long b);
            int LLVMFuzzerTestOneInput(const char *a, long b) { return a && b < 0; }' |
        "$clang" -fsanitize=fuzzer,address,undefined -xc - -o "$tmp/fuzzer" 2>/dev/null; then
        say "# no clang with libFuzzer here, so no fuzzing"
        return
    fi
    run make -s -j2 -C "$tmp/gcc/test/fuzz" smoke CLANG="$clang"
    log_part >"$out"
    count "fuzzing of the core" "$out" "$status"
}

cluster() {
    copy_server
    install_build gcc
    start_cluster
}

# installcheck NAME MAKE_ARGUMENT...: a part of "make installcheck". Up to PostgreSQL 15 pg_regress
# says "test name ... ok", since then "ok 1 - name".
installcheck() {
    local out=$tmp/regress
    run make -C "$tmp/gcc" PG_CONFIG="$PG_CONFIG" with_llvm=no installcheck "${@:2}"
    log_part | sed -E 's/^(test|  +) *([^ ]+) +\.\.\. +ok\b/ok - \2/
        s/^(test|  +) *([^ ]+) +\.\.\. +FAILED/not ok - \2/' >"$out"
    find "$tmp/gcc" -name regression.diffs -exec cat {} \; -delete
    count "$1, PostgreSQL $pg_version" "$out" "$status"
}

regress() {
    installcheck "SQL tests" ISOLATION=
    if [ -x "$(dirname "$("$PG_CONFIG" --pgxs)")/../test/isolation/pg_isolation_regress" ]; then
        installcheck "isolation specs" REGRESS=
    else
        say "# no pg_isolation_regress for PostgreSQL $pg_version here, so no isolation specs"
    fi
}

scripts() {
    local script out=$tmp/script
    for script in "$tmp"/gcc/test/*_test.sh; do
        [ -x "$script" ] || continue
        run "$script"
        log_part >"$out"
        count "test/${script##*/}" "$out" "$status"
    done
}

case ${1:-} in
    '') part=all ;;
    --regress-only) part=regress ;;
    *) die "usage: test/check.sh [--regress-only]" ;;
esac

start_work
say "Setting up (details: $log)"
if [ "$part" = all ]; then ensure_packages valgrind clang libclang-rt-dev cppcheck; else ensure_packages; fi

builds "$part"
if [ "$part" = all ]; then
    unit_tests
    interrupts
    bench
    fuzz
    begin_valgrind
fi

run cluster
if [ "$status" -eq 0 ]; then
    use_cluster
    regress
    if [ "$part" = all ]; then scripts; fi
else
    log_part | tail -n 25
    result "$status" "a cluster with chash installed"
fi
end_valgrind

if [ "$failed" -gt 0 ]; then
    keep=log
    say "the whole log: $log"
fi
say "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
