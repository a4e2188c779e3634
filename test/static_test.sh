#!/bin/bash
# What can be told from the source, the built library and the catalogs without running chash: which
# symbols are exported, which file includes which, that every object of the extension is annotated
# and commented, that every test is in a schedule, and what cppcheck and clang-tidy find.
set -euo pipefail
# shellcheck source=test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

database=regress_chash_static

at_end() { dropdb --if-exists "$database"; }

# none NAME: a test that fails if there is any input, which it shows.
none() {
    cat >"$work/found"
    head -n 20 "$work/found"
    if [ -s "$work/found" ]; then test_result 1 "$1"; else test_result 0 "$1"; fi
}

# sources PATTERN...: files of the repository, whether in git or not.
sources() { (cd "$repo" && find "$@" -type f ! -path '*/build/*' ! -name '*.o' ! -name '*.so' | sort); }

# ---- the library ----

# The cluster's copy has it as it was installed, below the folder of the server's own.
symbols() {
    local root=${bin%"$("$PG_CONFIG" --bindir)"}
    nm -D --defined-only "$root$("$PG_CONFIG" --pkglibdir)/chash.so" >"$work/symbols"
    grep -q ' T chash_ring$' "$work/symbols" || echo "no symbols"
    awk '$3 !~ /^(chash_|pg_finfo_chash_|Pg_magic_func$|_PG_init$|_init$|_fini$)/' "$work/symbols"
}

# ---- rooms (docs: the arrows go report, reshard -> table -> language -> router -> core) ----

# includes FOLDER: "file header" for each header of the project, or of others, that is included.
includes() {
    (cd "$repo/src" && grep -rnoE '^#\s*include\s+["<][^">]+[">]' "$1" | sed -E 's/^([^:]+):[0-9]+:#\s*include\s+/\1 /')
}

rooms() {
    # C, OpenSSL, xxHash and the compiler's SSE2 are all that the core sees besides itself, and nothing
    # of PostgreSQL.
    includes core | grep -vE ' "core/[a-z0-9_]+\.h"$' |
        grep -vE ' <(assert|ctype|emmintrin|errno|float|inttypes|limits|math|stdarg|stdbool|stddef|stdint|stdio|stdlib|string|xxhash|openssl/[a-z0-9]+)\.h>$' || true
    includes router | grep -E ' "(language|table|reshard|report)/' || true
    includes language | grep -E ' "(table|reshard|report)/' || true
    includes table | grep -E ' "(reshard|report)/' || true
    includes reshard | grep -E ' "report/' || true
    includes report | grep -E ' "(table|reshard)/' || true
}

one_place() {
    (cd "$repo/src" && grep -rn --include='*.[ch]' PG_VERSION_NUM . | grep -v '^./router/compat.h:') || true
    (cd "$repo/src" && grep -rl --include='*.[ch]' fn_extra . | grep -v '^./router/call\.[ch]$') || true
}

# ---- files ----

# What is generated, copied from elsewhere or expected output has its own form.
tidy() {
    local file
    sources src test bench docs sql .ci Makefile README.md chash--1.0.sql chash.control \
        ! -path 'test/vectors/*' ! -path 'test/sample/*' ! -path 'test/isolation/expected/*' |
        while read -r file; do
            case $file in *.[ch] | *.sh | *.sql | *.spec | *.awk | *Makefile | .ci/run) ;; *) continue ;; esac
            grep -nE '[[:space:]]+$' "$repo/$file" | sed "s|^|$file:|" | head -n 3 || true
            [ "$file" = chash--1.0.sql ] || [ "$(wc -l <"$repo/$file")" -lt 600 ] || echo "$file has 600 lines or more"
        done
}

# Both ways: what is on one side only.
schedule() {
    local listed
    # shellcheck disable=SC2016 # make expands it
    listed=$(make -s -C "$repo" PG_CONFIG="$PG_CONFIG" -f Makefile -f <(printf 'print:\n\t@echo $(REGRESS)\n') print)
    comm -3 <(tr ' ' '\n' <<<"$listed" | sort) <(cd "$repo/sql" && printf '%s\n' *.sql | sed 's/\.sql$//' | sort)
    comm -3 <(tr ' ' '\n' <<<"$listed" | sort) \
        <(cd "$repo/expected" && printf '%s\n' *.out | sed -E 's/(_[0-9]+)?\.out$//' | sort -u)
    comm -3 <(cd "$repo/test/isolation/specs" && printf '%s\n' *.spec | sed 's/\.spec$//' | sort) \
        <(cd "$repo/test/isolation/expected" && printf '%s\n' *.out | sed -E 's/(_[0-9]+)?\.out$//' | sort -u)
    # unit tests that main.c does not run, and scripts that nobody can call
    comm -3 <(cd "$repo/test/core" && grep -ohE '^const test_case [a-z_]+_tests' ./*.c | cut -d' ' -f3 | sort) \
        <(sed -nE 's/^\t([a-z_]+_tests),$/\1/p' "$repo/test/core/main.c" | sort)
    find "$repo/test" -maxdepth 1 -name '*_test.sh' ! -perm -u+x
}

# ---- catalogs ----

catalogs() {
    createdb -T template0 "$database"
    psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" <<-'SQL'
		CREATE EXTENSION chash;
		WITH member AS (
		    SELECT classid, objid FROM pg_depend
		    WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
		        AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'chash')
		)
		SELECT pg_describe_object(classid, objid, 0) || ' has no comment' FROM member
		WHERE obj_description(objid, (SELECT relname FROM pg_class WHERE oid = classid)) IS NULL
		    AND classid NOT IN ('pg_cast'::regclass, 'pg_opfamily'::regclass, 'pg_amop'::regclass, 'pg_amproc'::regclass)
		    -- the array type and the row types of views are made with what has a comment
		    AND NOT (classid = 'pg_type'::regclass AND EXISTS (
		        SELECT FROM pg_type t WHERE t.oid = objid AND (t.typelem <> 0 OR t.typrelid <> 0)))
		UNION ALL
		-- what changes something is volatile and not parallel safe; what is pure is both the other way round
		SELECT objid::regprocedure || ' is volatile and yet parallel safe'
		FROM member JOIN pg_proc p ON p.oid = objid AND classid = 'pg_proc'::regclass
		WHERE provolatile = 'v' AND proparallel = 's'
		UNION ALL
		SELECT objid::regprocedure || ' is immutable and yet not parallel safe'
		FROM member JOIN pg_proc p ON p.oid = objid AND classid = 'pg_proc'::regclass
		WHERE provolatile = 'i' AND proparallel <> 's'
		UNION ALL
		SELECT objid::regprocedure || ' runs with the rights of its owner and has no search_path of its own'
		FROM member JOIN pg_proc p ON p.oid = objid AND classid = 'pg_proc'::regclass
		WHERE prosecdef AND NOT coalesce(proconfig::text ~ 'search_path', false)
		ORDER BY 1;
	SQL
}

# ---- tools ----

tool() { command -v "$1" >/dev/null || { say "# no $1 here"; return 1; }; }

run_cppcheck() {
    cppcheck --quiet --std=c99 --enable=warning,portability,performance --inline-suppr \
        --suppressions-list="$repo/test/static/cppcheck.txt" --error-exitcode=0 -j2 \
        --template='{file}:{line}: {id}: {message}' -I"$repo/src" "$repo/src/core" 2>&1
}

begin_test
symbols | none "exported symbols begin with chash_"
rooms | none "each room includes only those below it"
one_place | none "PG_VERSION_NUM and fn_extra are each in one place"
tidy | none "files are short and without trailing blanks"
schedule | none "every test has its expected output and is in a schedule"
catalogs | none "objects of the extension are commented and annotated"
if tool cppcheck; then run_cppcheck | none "cppcheck of the core"; fi
