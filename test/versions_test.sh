#!/bin/bash
# The versions of the extension: whoever installed an older one and has upgraded it has what a new
# installation has, object by object, and the library still has what older scripts ask for. Which
# versions there are is known from the scripts, chash--X.sql and chash--X--Y.sql. That a difference is
# seen is tried with versions that are made up, in the cluster's own copy of the server.
set -euo pipefail
# shellcheck source=test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

database=regress_chash_versions
made_up=0.0.1

at_end() {
    dropdb --if-exists "$database"
    rm -f "$share/chash--$made_up"*.sql
}

sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" -c "$1"; }

fresh() {
    dropdb --if-exists "$database"
    createdb -T template0 "$database"
}

# none NAME: a test that fails if there is any input, which it shows.
none() {
    cat >"$work/found"
    head -n 20 "$work/found"
    if [ -s "$work/found" ]; then test_result 1 "$1"; else test_result 0 "$1"; fi
}

# ---- objects ----

# objects: all that is in the extension, and that it is, as pg_upgrade would have it: definitions, owners,
# privileges, comments, membership, the extension's version and settings. Numbers differ anyway, and
# pg_dump writes a random word into each dump.
objects() {
    pg_dump --binary-upgrade "$database" |
        sed -E "s/'[0-9]+'::pg_catalog\.oid/'an oid'::pg_catalog.oid/g; s/(frozenxid|minmxid) = '[0-9]+'/\1/g
            s/ oid = '[0-9]+'/ oid = 'an oid'/; s/'\{[0-9A-F,\/]+\}'/'{numbers}'/
            /^\\\\(un)?restrict /d"
}

# installed: the objects of a new installation of the default version; $default is its number.
installed() {
    fresh
    sql "CREATE EXTENSION chash"
    default=$(sql "SELECT extversion FROM pg_extension WHERE extname = 'chash'")
    objects >"$work/installed"
    local expected
    expected=$(sql "SELECT count(*) FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
        AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'chash')
        AND classid IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_class'::regclass,
            'pg_event_trigger'::regclass, 'pg_cast'::regclass, 'pg_language'::regclass)")
    # "ALTER EXTENSION ... ADD" is how such a dump says what belongs to it
    [ "$(grep -cE '^ALTER EXTENSION chash ADD ' "$work/installed")" -ge "$expected" ] ||
        die "pg_dump --binary-upgrade does not show all of the $expected objects"
}

# upgrade VERSION: leaves its objects, after the upgrade, in $work/upgraded.
upgrade() {
    fresh
    sql "CREATE EXTENSION chash VERSION '$1'" &&
        functions >"$work/functions" &&
        sql "ALTER EXTENSION chash UPDATE" &&
        objects >"$work/upgraded"
}

# compare: which objects differ, and how.
compare() { diff -U1 --show-function-line='^-- Name: ' "$work/installed" "$work/upgraded" || true; }

# ---- the library ----

# symbols SCRIPT...: the C functions that scripts name, which are called as their SQL function unless they
# say otherwise.
symbols() {
    awk '
        match($0, /(FUNCTION|PROCEDURE)[ \t]+[A-Za-z0-9_."]+/) && !/^[ \t]*(COMMENT|ALTER|DROP|--)/ {
            name = substr($0, RSTART, RLENGTH)
            sub(/.*[ \t."]/, "", name)
        }
        /MODULE_PATHNAME/ && !/^[ \t]*--/ {
            if (match($0, /\047MODULE_PATHNAME\047[ \t]*,[ \t]*\047[^\047]+\047/)) {
                name = substr($0, RSTART, RLENGTH - 1)
                sub(/.*\047/, "", name)
            }
            print name != "" ? name : FILENAME ":" FNR ": a function without a name"
            name = ""
        }' "$@" | sort -u
}

exported() {
    nm -D --defined-only "$root$("$PG_CONFIG" --pkglibdir)/chash.so" | awk '{ print $3 }' | sort -u
}

# missing SCRIPT...: a function of version 1 is known by a second symbol.
missing() { comm -23 <(symbols "$@" | sed 'p; s/^/pg_finfo_/' | sort) <(exported); }

# functions: the C functions that are installed, and how they are called.
functions() {
    sql "SELECT p.prosrc, p.proargtypes::regtype[], p.prorettype::regtype, p.proretset, p.proisstrict
        FROM pg_depend d JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
            JOIN pg_language l ON l.oid = p.prolang
        WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND l.lanname = 'c'
            AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'chash')" | sort
}

# called_differently: functions of $work/functions, from an older version, that are still in the library
# and yet not called so any more by the default version.
called_differently() {
    comm -23 "$work/functions" "$work/functions_now" |
        awk -F'|' 'NR == FNR { now[$1]; next } $1 in now' "$work/functions_now" -
}

# ---- what is there ----

versions_that_are_there() {
    local version versions
    fresh
    versions=$(sql "SELECT version FROM pg_available_extension_versions WHERE name = 'chash' ORDER BY 1")
    # a script that leads nowhere, or whose beginning is missing
    (cd "$repo" && printf '%s\n' chash--*.sql) | sed -E 's/^chash--//; s/\.sql$//; s/--/\n/' | sort -u |
        comm -3 - <(sort <<<"$versions") | none "each version that a script names can be installed"
    missing "$repo"/chash--*.sql | none "the library has each C function that a script names"
    [ "$versions" != "$default" ] || say "# $default is the only version: nothing to upgrade from but what is made up"
    for version in $versions; do
        if [ "$version" = "$default" ]; then continue; fi
        run upgrade "$version"
        [ "$status" -eq 0 ] || log_part
        test_result "$status" "from $version to $default: no error"
        compare | none "from $version to $default: the same objects as of a new installation"
        called_differently | none "from $version to $default: C functions are called as before"
    done
}

# ---- what is made up ----

# paragraph REGEX: of the newest script that installs.
paragraphs() { awk -v RS= -v ORS='\n\n' "$1" "$script"; }

# made: a version before that of $script, without a function, a view and its privileges; the upgrade to
# $script's version, on the standard input, brings them.
made() {
    paragraphs '!/chash_rebalance\(|chash_stat_progress_reshard/' >"$share/chash--$made_up.sql"
    cat >"$share/chash--$made_up--$(basename "$script" .sql | sed 's/^chash--//').sql"
}
brought() { paragraphs '/chash_rebalance\(|chash_stat_progress_reshard/'; }

# seen NAME: the upgrade that the standard input is works, and does not bring what a new installation has.
seen() {
    made
    run upgrade "$made_up"
    [ "$status" -eq 0 ] || log_part
    test_result "$([ "$status" -eq 0 ] && compare | grep -q . && echo 0 || echo 1)" "made up: it is seen that $1"
}

versions_that_are_made_up() {
    # shellcheck disable=SC2012 # names without blanks
    script=$(ls "$repo"/chash--*.sql | grep -v -- '--.*--' | sort -V | tail -n 1)
    [ "$(brought | grep -cE '^(CREATE|COMMENT|GRANT)')" -ge 4 ] || die "nothing to leave out in $script"
    brought | made
    run upgrade "$made_up"
    [ "$status" -eq 0 ] || log_part
    test_result "$status" "made up: an upgrade without an error"
    compare | none "made up: an upgrade that brings all has the same objects"
    called_differently | none "made up: C functions are called as before"

    brought | awk -v RS= -v ORS='\n\n' '!/FUNCTION chash_rebalance/' | seen "a function is left out"
    brought | sed '/^COMMENT ON FUNCTION/,/;$/d' | seen "a comment is left out"
    brought | sed 's/IMMUTABLE/STABLE/' | seen "a volatility differs"
    brought | grep -v '^GRANT' | seen "a privilege is left out"
    brought | sed '/CREATE VIEW/,/;/s/ FROM / FROM ONLY /' | seen "a view is defined differently"
    { brought; echo "ALTER EXTENSION chash DROP FUNCTION chash_rebalance(chash_router);"; } | seen "a function is no member"
    { brought; echo "ALTER EVENT TRIGGER chash_guard_drop ENABLE;"; } | seen "an event trigger is not enabled always"
    { brought; echo "DROP CAST (jsonb AS chash_router);"; } | seen "a cast is gone"
    { brought; echo "ALTER OPERATOR = (chash_router, chash_router) SET (RESTRICT = neqsel);"; } | seen "an operator differs"
    { brought; echo "ALTER TABLE chash_reshard_jobs ADD COLUMN more int;"; } | seen "a table has one column more"
}

# The library of now under a catalog of then: what the library has lost, and what is called differently.
library_of_now() {
    local answer
    { cat "$script"; echo "CREATE FUNCTION chash_lost() RETURNS int AS 'MODULE_PATHNAME' LANGUAGE C;"; } >"$share/chash--$made_up.sql"
    if missing "$share/chash--$made_up.sql" | grep -qx chash_lost; then
        test_result 0 "made up: it is seen that a function is not in the library"
    else
        test_result 1 "made up: it is seen that a function is not in the library"
    fi
    fresh
    answer=$(sql "CREATE EXTENSION chash VERSION '$made_up'" 2>&1 || true)
    grep -q 'could not find function "chash_lost" in file' <<<"$answer" || say "$answer"
    grep -q 'could not find function "chash_lost" in file' <<<"$answer" && answer=0 || answer=1
    test_result "$answer" "what the library does not have is not installed"

    # as after an upgrade of the package, without one of the extension
    fresh
    sql "CREATE EXTENSION chash"
    sql "SET allow_system_table_mods = on; UPDATE pg_proc SET prosrc = 'chash_lost' WHERE oid = 'chash_rebalance'::regproc"
    answer=$(sql "SELECT chash_rebalance(chash_slots('{a,b}'))" 2>&1 || true)
    sql "SELECT chash_shard(chash_ring('{a,b}'), 1)" >"$work/alive" || true
    if [[ $answer == *'could not find function "chash_lost" in file'* ]] && grep -qxE 'a|b' "$work/alive"; then
        test_result 0 "a function that the library has lost is an error, and all else works"
    else
        say "$answer"
        test_result 1 "a function that the library has lost is an error, and all else works"
    fi

    sed 's/chash_rebalance(router chash_router)/chash_rebalance(router chash_router, more int)/' "$script" |
        awk -v RS= -v ORS='\n\n' '!/COMMENT ON FUNCTION chash_rebalance/ || sub(/COMMENT ON FUNCTION chash_rebalance.*/, "")' \
            >"$share/chash--$made_up.sql"
    fresh
    sql "CREATE EXTENSION chash VERSION '$made_up'"
    functions >"$work/functions"
    if called_differently | grep -q '^chash_rebalance|'; then
        test_result 0 "made up: it is seen that a function of the library is called with other arguments"
    else
        test_result 1 "made up: it is seen that a function of the library is called with other arguments"
    fi
}

begin_test
root=${bin%"$("$PG_CONFIG" --bindir)"}
share=$root$("$PG_CONFIG" --sharedir)/extension
installed
functions >"$work/functions_now"
versions_that_are_there
versions_that_are_made_up
library_of_now
