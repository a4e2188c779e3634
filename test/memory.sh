#!/bin/bash
# Looks for wrong use of memory in a backend: runs SQL tests and isolation specs on a server with
# assertions that is built from Debian's source of PostgreSQL. Takes long, and is no part of check.sh.
#
#   test/memory.sh assertions [TEST...]   with assertions, freed memory overwritten:
#                                         all SQL tests and isolation specs
#   test/memory.sh discard [TEST...]      caches of catalogs are thrown away whenever they could be:
#                                         test/memory/discard.sql answers as it does else
#   test/memory.sh valgrind [TEST...]     the server under valgrind: SQL tests
#   test/memory.sh sanitizers [TEST...]   chash with the address and undefined behaviour sanitizers:
#                                         all SQL tests and isolation specs
#
# A TEST is the name of an SQL test or of an isolation spec, to run these only. Source and server are
# kept, so that only the first run takes root (or what it takes to build PostgreSQL: gcc make bison
# flex perl bzip2 valgrind pkg-config libicu-dev libssl-dev libxxhash-dev, and dpkg-dev for the source).
#
#   CHASH_MEMORY   where they are kept    default: ~/.cache/chash/memory; remove it to refresh them
#
# The last line is "N passed, N failed"; the exit code is 1 if any test failed or none ran.
set -euo pipefail
# shellcheck source=test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

kept=${CHASH_MEMORY:-${HOME:-/root}/.cache/chash/memory}
passed=0 failed=0

# All that is not a long computation in src/core, whose unit tests run under valgrind in check.sh.
valgrind_tests='extension router binary ring range key routing cache planner replicas looking named
    guard rescue algebra pins moves redistribution compare privileges settings collation
    partitions pruning partition_keys partition_rows partition_foreign_keys partition_joins check
    partition_plans snapshots distribute distribute_refused reshard reshard_control reshard_plan
    reshard_faults sibling secret'

# ---- the server ---------------------------------------------------------------------------

# ensure_tools: what it takes to build PostgreSQL and chash.
ensure_tools() {
    local missing=() tool
    for tool in gcc make bison flex perl bzip2 valgrind pkg-config; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    command -v dpkg-source >/dev/null || missing+=(dpkg-dev)
    has_header stdio.h || missing+=(libc6-dev)
    has_header unicode/ucol.h || missing+=(libicu-dev)
    has_header openssl/evp.h || missing+=(libssl-dev)
    has_header xxhash.h || missing+=(libxxhash-dev)
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || die "missing, and no apt-get to install it: ${missing[*]}"
    [ "$EUID" -eq 0 ] || die "missing, and not root to install it: ${missing[*]}"
    say "Installing ${missing[*]} ..."
    apt_install "${missing[@]}" -- >>"$log" 2>&1 || give_up "apt-get failed"
}

# source_lists: the sources that apt has from Debian, as lines for their source packages.
source_lists() {
    local signed='' key=/usr/share/keyrings/debian-archive-keyring.gpg
    [ ! -e "$key" ] || signed="[signed-by=$key] "
    # shellcheck disable=SC2016 # apt expands it
    apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
        sed -nE "s,^Debian (.*),deb-src $signed\1,p"
}

# get_source: the source of the PostgreSQL that Debian's release has, with apt's lists in a folder of
# their own.
get_source() (
    local apt=$kept/apt version release
    mkdir -p "$apt/lists/partial" "$kept/source"
    source_lists >"$apt/sources.list"
    [ -s "$apt/sources.list" ] || die "apt has no source from Debian"
    options=(-o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$apt/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
        -o APT::Sandbox::User=root)
    apt-get "${options[@]}" update
    version=$(apt-cache depends postgresql | sed -nE 's/.*Depends: postgresql-([0-9]+)$/\1/p')
    release=$(. /etc/os-release && echo "$VERSION_CODENAME")
    cd "$kept/source"
    # as in apt_install, the index of security updates may be ahead of the mirror's files
    apt-get "${options[@]}" source --download-only "postgresql-$version" ||
        apt-get "${options[@]}" source --download-only "postgresql-$version/$release"
    # without Debian's patches, of which one has libraries in the system's folder whatever the prefix
    rm -rf postgresql
    dpkg-source --skip-patches -x "$(printf '%s\n' postgresql-*.dsc | sort -V | tail -n 1)" postgresql
)

# build_server: in $kept/checked, complete or not at all.
build_server() (
    cd "$kept/source/postgresql"
    ./configure -q --prefix="$kept/checked" --enable-cassert --enable-debug --without-readline \
        --without-zlib --with-icu CFLAGS='-Og -fno-omit-frame-pointer -DUSE_VALGRIND'
    make -s -j"$(nproc)" -C src all
    rm -rf "$kept/new" "$kept/checked"
    make -s -C src install DESTDIR="$kept/new"
    mv "$kept/new$kept/checked" "$kept/checked"
    rm -rf "$kept/new"
    make -s -C src clean
)

ensure_server() {
    PG_CONFIG=$kept/checked/bin/pg_config
    if ! usable "$PG_CONFIG"; then
        ensure_tools
        [ -e "$kept/source/postgresql/configure" ] || step "Downloading PostgreSQL" get_source
        step "Building PostgreSQL with assertions" build_server
    fi
    find_server
}

# The user that the server runs as need not get to the folder that it was built for.
copy_libraries() {
    local lib
    lib=$("$PG_CONFIG" --libdir)
    cp -a "$lib"/libpq.so* "$tmp/root$lib/"
    server_environment=(LD_LIBRARY_PATH="$tmp/root$lib")
}

# prepare BUILD_ARGUMENT... -- SETTING...: a cluster with chash.
prepare() {
    local arguments=()
    while [ "$1" != -- ]; do
        arguments+=("$1")
        shift
    done
    step "Building chash" build src "${arguments[@]}"
    step "Copying the server, PostgreSQL $pg_version" copy_server
    copy_libraries
    step "Installing chash into the copy" install_build src
    step "Starting a cluster" start_cluster "${@:2}"
    use_cluster
    mkdir -m 777 "$tmp/found"
}

# restart COMMAND...: the server again, as an argument of COMMAND.
restart() {
    say "exec $* '$bin/postgres' \"\$@\"" | sed '1i #!/bin/sh' >"$tmp/postgres"
    chmod 755 "$tmp/postgres"
    as_server "$bin/pg_ctl" -D "$srv/data" -w -s -m fast stop
    as_server "$bin/pg_ctl" -D "$srv/data" -w -s -t 600 -l "$srv/server.log" -p "$tmp/postgres" start
}

# ---- tests --------------------------------------------------------------------------------

result() {
    if [ "$1" -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    test_result "$@"
}

# installcheck WHAT MAKE_ARGUMENT...: pg_regress as it speaks itself, and a sum.
installcheck() {
    local ok not_ok from=$SECONDS
    run make -C "$tmp/src" PG_CONFIG="$PG_CONFIG" with_llvm=no installcheck "${@:2}"
    log_part | grep -E '^(not ok|ok|test |  +[^ ]+ +\.\.\.)' >"$tmp/lines" || true
    ok=$(grep -cE '^ok|\.\.\. ok' "$tmp/lines") || true
    not_ok=$(grep -cE '^not ok|FAILED' "$tmp/lines") || true
    grep -E '^not ok|FAILED' "$tmp/lines" || true
    find "$tmp/src" -name regression.diffs -exec cat {} \; -delete | tee -a "$log"
    passed=$((passed + ok)) failed=$((failed + not_ok))
    if [ "$ok" -eq 0 ] || { [ "$not_ok" -eq 0 ] && [ "$status" -ne 0 ]; }; then
        log_part | tail -n 25
        result 1 "$1"
    fi
    say "$1, PostgreSQL $pg_version: $ok passed, $not_ok failed, $((SECONDS - from)) seconds"
}

# run_tests SQL_TESTS SPECS [TEST...]: what the caller has listed, "-" for all, or only the TESTs.
run_tests() {
    local sql=$1 specs=$2 test
    if [ $# -gt 2 ]; then
        sql='' specs=''
        for test in "${@:3}"; do
            if [ -e "$repo/sql/$test.sql" ]; then
                sql+=" $test"
            elif [ -e "$repo/test/isolation/specs/$test" ]; then
                specs+=" ${test%.spec}"
            else
                die "there is no SQL test and no spec \"$test\""
            fi
        done
    fi
    case $sql in
        '') ;;
        -) installcheck "SQL tests" ISOLATION= ;;
        *) installcheck "SQL tests" ISOLATION= REGRESS="$sql" ;;
    esac
    case $specs in
        '') ;;
        -) installcheck "isolation specs" REGRESS= ;;
        *) installcheck "isolation specs" REGRESS= ISOLATION="$specs" ;;
    esac
    crashes
}

crashes() {
    grep -E 'TRAP:|PANIC:|terminated by signal' "$srv/server.log" >"$tmp/crashes" || true
    head -n 20 "$tmp/crashes"
    result "$([ -s "$tmp/crashes" ] && echo 1 || echo 0)" "no backend fails an assertion or crashes"
}

# stop_and_look WHAT: stops the server, and shows what was written to $tmp/found.
stop_and_look() {
    run as_server "$bin/pg_ctl" -D "$srv/data" -w -s -t 600 -m fast stop
    find "$tmp/found" -type f -size +0 -exec cat {} + >"$tmp/findings"
    cat "$tmp/findings" >>"$log"
    head -n 60 "$tmp/findings"
    result "$([ -s "$tmp/findings" ] && echo 1 || echo 0)" "$1"
}

# ---- ways to look -------------------------------------------------------------------------

assertions() {
    prepare --
    run_tests - - "$@"
}

# answers DISCARD: what discard.sql prints.
answers() {
    createdb "discard_$1"
    psql -X -a -d "discard_$1" -v discard="$1" -f "$repo/test/memory/discard.sql" >"$tmp/answers_$1" 2>&1
}

# An SQL test that creates one router after the other takes an hour in this way.
discard() {
    if [ $# -gt 0 ]; then
        prepare -- 'debug_discard_caches = 1'
        run_tests '' '' "$@"
        return
    fi
    prepare --
    step "Asking with caches" answers 0
    say "Asking without caches ..."
    run answers 1
    diff "$tmp/answers_0" "$tmp/answers_1" && status=0 || status=1
    result "$status" "answers are the same when caches are thrown away"
    crashes
}

under_valgrind() {
    cp "$kept/source/postgresql/src/tools/valgrind.supp" "$tmp/"
    prepare -- "shared_buffers = '64MB'" "authentication_timeout = '10min'"
    say "Starting the server under valgrind ..."
    restart valgrind --quiet --trace-children=yes --leak-check=no --track-origins=yes \
        --num-callers=40 --read-var-info=no --gen-suppressions=no \
        --suppressions="$tmp/valgrind.supp" --log-file="$tmp/found/%p"
    run_tests "$valgrind_tests" '' "$@"
    stop_and_look "valgrind finds nothing"
}

sanitizers() {
    local flags='-fsanitize=address,undefined -fno-omit-frame-pointer'
    prepare COPT="$flags" --
    # what chash has allocated with palloc is a part of what the server has from malloc, and so
    # is not known to the address sanitizer: valgrind has that
    server_environment+=(LD_PRELOAD="$(gcc -print-file-name=libasan.so)"
        ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1)
    restart
    run_tests - - "$@"
    # a process that sets its title overwrites the options, so that findings are in the server's log
    grep -E -A 30 'runtime error:|ERROR: AddressSanitizer' "$srv/server.log" >"$tmp/found/log" || true
    stop_and_look "the sanitizers find nothing"
}

usage() { die "usage: test/memory.sh assertions | discard | valgrind | sanitizers [TEST...]"; }

[ $# -gt 0 ] || usage
case $1 in
    assertions | discard | sanitizers) way=$1 ;;
    valgrind) way=under_valgrind ;;
    *) usage ;;
esac
start_work
ensure_server
"$way" "${@:2}"

if [ "$failed" -gt 0 ]; then
    keep=log
    say "the whole log: $log"
fi
say "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
