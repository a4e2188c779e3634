#!/bin/bash
# Builds and tests chash on other PostgreSQL majors, each in a Debian root of its own: runs
# "test/check.sh --regress-only" there. Neither Docker nor a mount is needed; root is.
#
#   test/matrix.sh [VERSION...]      default versions: 13 17 18
#
#   CHASH_ROOTS    where the roots are kept    default: ~/.cache/chash/roots
#   CHASH_MIRROR   the Debian mirror           default: the one in the host's apt sources,
#                                              else mmdebstrap's own default
#
# The last line is "N passed, N failed"; the exit code is 1 if any test failed or none ran.
# A root is made once, and again when the packages in lib.sh change: to refresh it, remove it.
set -euo pipefail
export LC_ALL=C
set -m # each job below is a process group, which cleanup can end as a whole

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
roots=${CHASH_ROOTS:-${HOME:-/root}/.cache/chash/roots}
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
work='' jobs=()

die() { printf 'matrix.sh: %s\n' "$*" >&2; exit 2; }

# The suites that have a version, the best one first.
suites_of() {
    case $1 in
        13) echo bullseye ;;
        15) echo bookworm ;;
        17) echo trixie ;;
        18) echo forky sid ;;
        *) die "no Debian suite is known to have PostgreSQL $1" ;;
    esac
}

# host_mirror: where the host's apt has Debian itself from. apt knows the origin of each source,
# which tells Debian from projects whose URLs look the same.
host_mirror() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(ORIGIN)/$(LABEL) $(REPO_URI)' 'Created-By: Packages' |
        sed -nE 's,^Debian/Debian (https?://.*[^/])/*$,\1,p' | sed -n 1p
}

# make_root SUITE ROOT: a root with the packages that check.sh needs, installed by lib.sh itself,
# as on any bare machine. The hooks only bring lib.sh in and call it.
make_root() {
    local suite=$1 root=$2 mirror source=()
    mirror=${CHASH_MIRROR:-$(host_mirror)}
    # One suite without its security updates is consistent in itself, and nothing here listens.
    [ -z "$mirror" ] || source=("deb $mirror $suite main")
    rm -rf --one-file-system "$root.new"
    # shellcheck disable=SC2016
    CHASH_LIB=$repo/test/lib.sh mmdebstrap --quiet --mode=root --format=directory --variant=apt \
        --skip=chroot/mount \
        --aptopt='Acquire::Check-Valid-Until "false"' \
        --dpkgopt=force-unsafe-io \
        --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/lib/llvm-*/lib/*.a' \
        --customize-hook='cp "$CHASH_LIB" "$1/tmp/lib.sh"' \
        --customize-hook='chroot "$1" bash -euc "
            . /tmp/lib.sh
            start_work
            ensure_packages
            rm /tmp/lib.sh"' \
        "$suite" "$root.new" "${source[@]}" || return
    # A file system mounted "nodev" holds device files that cannot be opened.
    : >"$root.new/dev/null" || die "$roots is mounted nodev: set CHASH_ROOTS to another folder"
    wanted >"$root.new/chash-packages"
    rm -rf --one-file-system "$root" && mv "$root.new" "$root"
}

# wanted: what a root must have been made with to be used again.
wanted() { sed -n 's/.*missing+=//p' "$repo/test/lib.sh"; }

ready() { [ "$(cat "$1/chash-packages" 2>/dev/null)" = "$(wanted)" ]; }

# one VERSION: makes the root unless there is one, and runs check.sh in it.
one() {
    local version=$1 suite root='' inside
    for suite in $(suites_of "$version"); do
        root=$roots/$suite-$version
        (
            flock 9 # two runs could want to make the same root
            ready "$root" || make_root "$suite" "$root"
        ) 9>"$root.lock" && break
        root=''
    done
    [ -n "$root" ] || { echo "matrix.sh: no root for PostgreSQL $version"; return 1; }
    [ -x "$root/usr/lib/postgresql/$version/bin/postgres" ] ||
        { echo "matrix.sh: $root has no PostgreSQL $version"; return 1; }

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

[ "$EUID" -eq 0 ] || die "making and entering Debian roots needs root: try sudo $0"
[ $# -gt 0 ] || set -- 13 17 18
for version; do suites_of "$version" >/dev/null; done
missing=()
command -v mmdebstrap >/dev/null || missing+=(mmdebstrap)
# Ubuntu has it as a package of its own.
[ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing+=(debian-archive-keyring)
if [ ${#missing[@]} -gt 0 ]; then
    command -v apt-get >/dev/null || die "missing, and no apt-get to install it: ${missing[*]}"
    echo "Installing ${missing[*]} ..."
    { apt-get update; DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        "${missing[@]}"; } >/dev/null || die "apt-get could not install ${missing[*]}"
fi

trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM
work=$(mktemp -d)
mkdir -p "$roots"

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
