#!/bin/bash
# Dumps a database with routed tables and restores it in every way that PostgreSQL has. Each time
# the rows, their places and a dump of the result are those of before.
set -euo pipefail
# shellcheck source=test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

source=regress_chash_source target=regress_chash_target owner=regress_chash_owner

at_end() {
    dropdb --if-exists "$source"
    dropdb --if-exists "$target"
    sql postgres "DROP ROLE IF EXISTS $owner, regress_chash_other"
    psql -X -q -d postgres -c "LOAD 'chash'" -c "ALTER SYSTEM RESET chash.secrets_file"
    sql postgres "COPY (SELECT) TO PROGRAM 'rm -f chash_secrets'"
    sql postgres "SELECT pg_reload_conf()"
}

sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" -c "$2"; }
file() { psql -X -q -v ON_ERROR_STOP=1 -d "$1" -f "$2"; }

# fresh: an empty database, in which nothing is found without its schema.
fresh() {
    dropdb --if-exists "$target"
    createdb -T template0 "$target"
    sql "$target" "ALTER DATABASE $target SET search_path = ''"
}

facts() { file "$1" "$repo/test/restore/oracle.sql"; }

# pg_dump writes a random word into each dump.
dump() { pg_dump "$1" | sed -E '/^\\(un)?restrict /d'; }

# way NAME COMMAND...: COMMAND fills the target.
way() {
    run "${@:2}"
    [ "$status" -eq 0 ] || log_part
    test_result "$status" "$1: no error"
    facts "$target" >"$work/facts_now" 2>&1 || true
    dump "$target" >"$work/dump_now"
    same "$1: equal rows, in equal places" "$work/facts" "$work/facts_now"
    same "$1: equal dump" "$work/dump" "$work/dump_now"
}

plain() { fresh; pg_dump "$@" "$source" >"$work/plain"; file "$target" "$work/plain" >/dev/null; }

custom() { fresh; pg_restore --exit-on-error -d "$target" "$@" "$work/custom"; }

directory() {
    fresh
    rm -rf "$work/directory"
    pg_dump -Fd -j2 -f "$work/directory" "$@" "$source"
    pg_restore --exit-on-error -j2 -d "$target" "$work/directory"
}

by_sections() {
    fresh
    for section in pre-data data post-data; do
        pg_restore --exit-on-error -d "$target" --section=$section "$work/custom"
    done
}

# pg_restore --clean goes on after errors, which it always has where a partitioned table has an
# index: it drops the partitions' own ones first, which PostgreSQL refuses.
clean() {
    pg_restore --clean --if-exists -d "$target" "$work/custom" 2>"$work/errors" || true
    ! grep 'ERROR:' "$work/errors" | grep -vE 'cannot drop inherited constraint|cannot drop index .* because index .* requires it'
}

# The extension, functions and operator classes need a superuser. The rest does not.
in_two_stages() {
    local superusers=' (EXTENSION|SCHEMA|TYPE|DOMAIN|FUNCTION|OPERATOR FAMILY|OPERATOR CLASS) '
    fresh
    pg_restore -l "$work/custom" >"$work/all"
    grep -E "$superusers" "$work/all" >"$work/first"
    grep -vE "$superusers" "$work/all" >"$work/second"
    pg_restore --exit-on-error -d "$target" -L "$work/first" "$work/custom"
    pg_restore --exit-on-error -d "$target" -U "$owner" -L "$work/second" "$work/custom"
}

# refused NAME SQLSTATE SQL: what the event triggers keep from happening, here as in the original.
refused() {
    local status=0
    psql -X -q -v ON_ERROR_STOP=1 -v VERBOSITY=sqlstate -d "$target" -c "$3" >"$work/output" 2>&1 || status=$?
    if [ "$status" -ne 0 ] && grep -q "ERROR:  $2" "$work/output"; then
        test_result 0 "$1"
    else
        cat "$work/output"
        test_result 1 "$1"
    fi
}

begin_test
sql postgres "CREATE ROLE $owner LOGIN; CREATE ROLE regress_chash_other"
createdb -T template0 "$source"
file "$source" "$repo/test/restore/source.sql" >/dev/null
facts "$source" >"$work/facts"
dump "$source" >"$work/dump"
pg_dump -Fc "$source" >"$work/custom"

way "plain" plain
way "--inserts" plain --inserts
way "--load-via-partition-root" plain --load-via-partition-root
way "--clean over what is there" clean
way "custom" custom
way "in one transaction" custom --single-transaction
way "sections" by_sections
way "directory, in parallel" directory
way "directory, in parallel, --load-via-partition-root" directory --load-via-partition-root
way "in two stages, the second without a superuser" in_two_stages

refused "restored: a support function cannot be dropped" 2BP01 \
    'DROP FUNCTION mid.by_range_hash(int, bigint)'
refused "restored: a helper cannot be given another body" 2BP01 \
    "CREATE OR REPLACE FUNCTION mid.by_range_hash(int, bigint) RETURNS bigint STABLE LANGUAGE chash AS 'by integer'"
refused "restored: a router cannot misplace rows" 55000 \
    "SELECT public.chash_replace_router('mid.by_range', public.chash_range('{low,high}', '{400}', 'integer'))"
sql "$target" "SELECT public.chash_drop_router('mid.\"no \$\$ table \$_\$\"')" >"$work/output" 2>&1 || cat "$work/output"
sql "$target" "SELECT proname FROM pg_proc WHERE proname LIKE 'no \$\$%'
    UNION ALL SELECT opfname FROM pg_opfamily WHERE opfname LIKE 'no \$\$%'" >"$work/got"
same "restored: a router that nothing uses is dropped with all that belongs to it" /dev/null "$work/got"

# ---- a router with a secret, which no dump has ----

# server_has LINE: the server's file of secrets; sessions read it when they first need it.
server_has() { sql postgres "COPY (SELECT '$1') TO PROGRAM 'umask 077; cat > chash_secrets'"; }

# places: all rows, and where they are; and what chash_check finds, which is nothing.
places() {
    sql "$1" "SELECT relname, tenant, n FROM public.orders o JOIN pg_class c ON c.oid = o.tableoid ORDER BY tenant"
    sql "$1" "SELECT * FROM public.chash_check('public.orders')"
}

# cannot NAME MESSAGE COMMAND...: COMMAND restores all but the rows, and says why.
cannot() {
    run "${@:3}"
    if [ "$status" -eq 0 ] || ! log_part | grep -q "ERROR:  $2" ||
        log_part | grep 'ERROR:' | grep -v "ERROR:  $2"; then
        log_part
        test_result 1 "$1: a clear error"
    else
        test_result 0 "$1: a clear error"
    fi
    sql "$target" "SELECT count(*) FROM public.orders" >"$work/got"
    same "$1: no row anywhere" <(echo 0) "$work/got"
    sql "$target" "SELECT public.chash_get_router('public.by_tenant')" >"$work/got"
    same "$1: the router" "$work/router" "$work/got"
}

# Not only the first error.
all_of() { fresh; psql -X -q -d "$target" -f "$work/secret_plain" 2>&1; return 3; }
root_of() { fresh; psql -X -q -d "$target" -f "$work/secret_root" 2>&1; return 3; }
rows_of() { pg_restore --exit-on-error --data-only -d "$target" "$work/secret_custom"; }
until_error() { fresh; pg_restore --exit-on-error -d "$target" "$work/secret_custom"; }

secret=5ec4e70123456789abcdef5ec4e7dead
server_has "tenants=$secret"
psql -X -q -v ON_ERROR_STOP=1 -d postgres -c "LOAD 'chash'" -c "ALTER SYSTEM SET chash.secrets_file = 'chash_secrets'"
dropdb "$source"
createdb -T template0 "$source"
sql "$source" "SELECT pg_reload_conf()" >/dev/null
until [ "$(sql "$source" 'SHOW chash.secrets_file')" = chash_secrets ]; do sleep 0.1; done
sql "$source" "CREATE EXTENSION chash"
sql "$source" "SELECT chash_create_router('by_tenant', chash_with_secret(chash_ring('{a,b,c}'), 'tenants'), 'text')" >/dev/null
sql "$source" "CREATE TABLE orders (tenant text PRIMARY KEY, n int) PARTITION BY HASH (tenant by_tenant)"
sql "$source" "SELECT chash_create_partitions('orders')" >/dev/null
sql "$source" "INSERT INTO orders SELECT 'tenant ' || i, i FROM generate_series(1, 1000) i"
sql "$source" "SELECT chash_get_router('by_tenant')" >"$work/router"
places "$source" >"$work/places"
pg_dump "$source" >"$work/secret_plain"
pg_dump --load-via-partition-root "$source" >"$work/secret_root"
pg_dump -Fc "$source" >"$work/secret_custom"
grep -i "${secret:0:12}" "$work/secret_plain" >"$work/got" || true
same "a dump does not have the secret" /dev/null "$work/got"

server_has '# nothing'
cannot "without the secret" 'this server does not have the secret "tenants"' all_of
cannot "without the secret, --load-via-partition-root" 'this server does not have the secret "tenants"' root_of
server_has "tenants=${secret/5ec4/6ec4}"
cannot "with another secret" 'the secret "tenants" of this server is not the one of the router' all_of
server_has "tenants=$secret"
run rows_of
places "$target" >"$work/got"
same "the rows, when the secret is there" "$work/places" "$work/got"
run until_error
test_result "$status" "with the secret: no error"
places "$target" >"$work/got"
same "with the secret: equal rows, in equal places" "$work/places" "$work/got"
