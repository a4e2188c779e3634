#!/bin/bash
# pg_upgrade of a database with routed tables from one PostgreSQL major to another: the rows and
# their places are those of before, and a dump is that of a database made by the newer one. Runs in
# the Debian root of the newer one, into which the older server is brought together with those of
# its libraries that the newer root does not have.
#
#   test/upgrade.sh [OLD:NEW...]      default: 13:15 15:17
#
# roots.sh has the roots, and the settings for them. The last line is "N passed, N failed"; the
# exit code is 1 if any test failed or none ran.
set -euo pipefail
export LC_ALL=C

# ---- in the roots -------------------------------------------------------------------------

# pack FOLDER: the server with chash, as FOLDER/root, and the libraries it needs, as FOLDER/lib.
pack() {
    local libraries
    start_work
    # shellcheck disable=SC2119
    ensure_packages
    build src
    copy_server
    install_build src
    mkdir "$1/lib"
    libraries=$(ldd "$bin"/{postgres,pg_ctl,pg_dump,pg_resetwal} "$tmp/root$pkglibdir/chash.so" |
        sed -nE 's/.* => (\/[^ ]+) .*/\1/p' | sort -u)
    # shellcheck disable=SC2086 # names of files without spaces
    cp -L $libraries "$1/lib"
    mv "$tmp/root" "$1/root"
    echo "$bindir" >"$1/bindir"
}

# facts DATABASE, dump DATABASE: what is compared.
facts() { psql -X -q -d "$1" -f "$repo/test/restore/oracle.sql" 2>&1 || true; }
dump() { pg_dump "$1" | sed -E '/^\\(un)?restrict /d'; }

# old COMMAND...: as the server's user, with the older server's libraries.
old() { as_server env LD_LIBRARY_PATH="$srv/old/lib" "$@"; }

# prepare FOLDER: the two servers, the older one as $srv/old with its programs in $oldbin, and a
# data directory of each.
prepare() {
    local library
    build src
    copy_server
    install_build src
    mkdir -m 700 "$srv"
    mv "$1" "$srv/old"
    # what the newer root has is newer, and serves the older server as well
    ldconfig -p >"$tmp/libraries"
    for library in "$srv"/old/lib/*; do
        if grep -qF "/${library##*/}" "$tmp/libraries"; then rm "$library"; fi
    done
    old "$oldbin/initdb" -D "$srv/before" -U postgres -A trust -E UTF8 --locale=C -N
    as_server "$bin/initdb" -D "$srv/after" -U postgres -A trust -E UTF8 --locale=C -N
    as_server tee -a "$srv/before/postgresql.conf" "$srv/after/postgresql.conf" >/dev/null <<-END
		listen_addresses = ''
		unix_socket_directories = '$srv'
		fsync = off
	END
}

fill() {
    createdb -T template0 "$1"
    # as it was before 15, and stays in an upgrade
    psql -X -q -d "$1" -c 'ALTER SCHEMA public OWNER TO postgres; GRANT ALL ON SCHEMA public TO PUBLIC'
    psql -X -q -v ON_ERROR_STOP=1 -d "$1" -f "$repo/test/restore/source.sql"
}

# try COMMAND...: without it there is nothing to test.
try() {
    run "$@"
    [ "$status" -eq 0 ] || { log_part | tail -n 25; die "this failed: $*"; }
}

# upgrade FOLDER: from the server that was packed into FOLDER to the one of this root.
upgrade() {
    local oldbin
    start_work
    # shellcheck disable=SC2034 # same uses it
    work=$tmp
    # shellcheck disable=SC2119
    ensure_packages
    oldbin=$srv/old/root$(cat "$1/bindir")
    try prepare "$1"
    use_cluster
    try old "$oldbin/pg_ctl" -D "$srv/before" -w -s -l "$srv/server.log" start
    try psql -X -q -c "CREATE ROLE regress_chash_owner LOGIN; CREATE ROLE regress_chash_other"
    try fill upgraded
    facts upgraded >"$tmp/facts"
    try old "$oldbin/pg_ctl" -D "$srv/before" -w -s stop

    run old "$bin/pg_upgrade" -b "$oldbin" -B "$bin" -d "$srv/before" -D "$srv/after" -U postgres -s "$srv"
    [ "$status" -eq 0 ] || log_part | tail -n 40
    test_result "$status" "pg_upgrade"
    mv "$srv/after" "$srv/data" # where the end of this script stops it
    try as_server "$bin/pg_ctl" -D "$srv/data" -w -s -l "$srv/server.log" start
    facts upgraded >"$tmp/facts_now"
    same "equal rows, in equal places" "$tmp/facts" "$tmp/facts_now"
    # versions word a dump differently
    try fill fresh
    dump fresh >"$tmp/dump"
    dump upgraded >"$tmp/dump_now"
    same "the same dump as of a database that was never upgraded" "$tmp/dump" "$tmp/dump_now"
}

case ${1:-} in
    pack | upgrade)
        # shellcheck source=test/lib.sh
        . "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
        "$@"
        exit
        ;;
esac

# ---- on the host --------------------------------------------------------------------------

# shellcheck source=test/roots.sh
. "$(dirname "${BASH_SOURCE[0]}")/roots.sh"
folders=()

# within ROOT ARGUMENT...: this script, in the root, from the copy that enter has made.
within() {
    chroot "$1" env -i PATH="$path" HOME=/root bash "${inside#"$1"}/test/upgrade.sh" "${@:2}"
}

# enter VERSION: sets $root, and $inside, a copy of the source in it.
enter() {
    find_root "$1" || return
    inside=$(mktemp -d "$root/tmp/chash.XXXXXX")
    folders+=("$inside")
    chmod 755 "$inside"
    tar -C "$repo" --exclude=./.git -cf - . | tar -C "$inside" --no-same-owner -xf -
    mkdir "$inside/packed"
}

one() {
    local packed
    enter "$1" || return
    within "$root" pack "${inside#"$root"}/packed" >"$inside/output" 2>&1 || { tail -n 25 "$inside/output"; return 1; }
    packed=$inside/packed
    enter "$2" || return
    rmdir "$inside/packed"
    mv "$packed" "$inside/packed"
    within "$root" upgrade "${inside#"$root"}/packed"
}

cleanup() {
    rm -rf --one-file-system "${folders[@]}"
    rm -f "$output"
}

[ $# -gt 0 ] || set -- 13:15 15:17
ready_for_roots
output=$(mktemp)
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

passed=0 failed=0
for pair; do
    echo "PostgreSQL ${pair%:*} to ${pair#*:}"
    one "${pair%:*}" "${pair#*:}" >"$output" 2>&1 || true
    cat "$output"
    ok=$(grep -c '^ok ' "$output") || true
    passed=$((passed + ok)) failed=$((failed + 3 - ok)) # it may not have got to all three
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
