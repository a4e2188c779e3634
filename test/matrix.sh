#!/bin/bash
# Builds and tests chash on other PostgreSQL majors, each in a Debian root of its own: runs
# "test/check.sh --regress-only" there. roots.sh has the roots, and the settings for them.
#
#   test/matrix.sh [VERSION...]      default versions: 13 17 18
#
# The last line is "N passed, N failed"; the exit code is 1 if any test failed or none ran.
set -euo pipefail
export LC_ALL=C
set -m # each job below is a process group, which cleanup can end as a whole

# shellcheck source=test/roots.sh
. "$(dirname "${BASH_SOURCE[0]}")/roots.sh"
work='' jobs=()

# one VERSION: runs check.sh in its root.
one() {
    local version=$1 root inside
    find_root "$version" || return
    add_isolation "$version" || return
    inside=$(mktemp -d "$root/tmp/chash.XXXXXX")
    echo "$inside" >"$work/$version.inside"
    chmod 755 "$inside"
    tar -C "$repo" --exclude=./.git -cf - . | tar -C "$inside" --no-same-owner -xf -
    chroot "$root" env -i PATH="$path" HOME=/root bash "${inside#"$root"}/test/check.sh" --regress-only
}

cleanup() {
    local job file
    for job in "${jobs[@]}"; do
        if kill -TERM -- "-$job" 2>/dev/null; then wait "$job" 2>/dev/null || true; fi
    done
    [ -n "$work" ] || return 0
    for file in "$work"/*.inside; do
        [ -e "$file" ] && rm -rf --one-file-system "$(cat "$file")"
    done
    rm -rf "$work"
}

[ $# -gt 0 ] || set -- 13 17 18
for version; do suites_of "$version" >/dev/null; done
ready_for_roots

trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
work=$(mktemp -d)

# As many at a time as there are processors.
for version; do
    while [ "$(jobs -pr | wc -l)" -ge "$(nproc)" ]; do wait -n || true; done
    one "$version" >"$work/$version" 2>&1 </dev/null &
    jobs+=($!)
done

passed=0 failed=0
for version; do
    wait "${jobs[0]}" || true
    jobs=("${jobs[@]:1}")
    sum=$(tail -n 1 "$work/$version")
    if [[ $sum =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
        passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
    else
        failed=$((failed + 1)) sum="no result"
    fi
    if [[ $sum != [1-9]*' 0 failed' ]]; then
        # A path that check.sh names is one in the root.
        sed -E "s/^/    /; s,log: (/tmp/),log: $roots/*-$version\\1," "$work/$version" | tail -n 60
    fi
    name=$(sed -nE 's/^SQL tests, (PostgreSQL [^:]*):.*/\1/p' "$work/$version")
    echo "${name:-PostgreSQL $version}: $sum"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
