# shellcheck shell=bash disable=SC2034
# Debian roots, each with one PostgreSQL major, for matrix.sh and upgrade.sh, which source this
# file. Neither Docker nor a mount is needed; root is. A root is made once, and again when the
# packages in lib.sh change: to refresh it, remove it.
#
#   CHASH_ROOTS    where the roots are kept    default: ~/.cache/chash/roots
#   CHASH_MIRROR   the Debian mirror           default: the one in the host's apt sources,
#                                              else mmdebstrap's own default

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
roots=${CHASH_ROOTS:-${HOME:-/root}/.cache/chash/roots}
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 2; }

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

# find_root VERSION: sets $root; makes it unless there is one.
find_root() {
    local version=$1 suite
    for suite in $(suites_of "$version"); do
        root=$roots/$suite-$version
        (
            flock 9 # two runs could want to make the same root
            ready "$root" || make_root "$suite" "$root"
        ) 9>"$root.lock" && break
        root=''
    done
    [ -n "$root" ] || { echo "${0##*/}: no root for PostgreSQL $version"; return 1; }
    [ -x "$root/usr/lib/postgresql/$version/bin/postgres" ] ||
        { echo "${0##*/}: $root has no PostgreSQL $version"; return 1; }
}

# add_isolation VERSION: what it takes to run isolation specs in $root, where Debian has not packaged it.
add_isolation() {
    local programs=$root/usr/lib/postgresql/$1/lib/pgxs/src/test/isolation
    (
        flock 9
        if [ -x "$programs/isolationtester" ] && [ -x "$programs/pg_isolation_regress" ]; then exit; fi
        cp "$repo/test/isolation/programs.sh" "$root/tmp/programs.sh"
        chroot "$root" env -i PATH="$path" HOME=/root bash /tmp/programs.sh "$1" || exit
        rm "$root/tmp/programs.sh"
    ) 9>"$root.lock"
}

# ready_for_roots: this user and machine can make and enter roots.
ready_for_roots() {
    local missing=()
    [ "$EUID" -eq 0 ] || die "making and entering Debian roots needs root: try sudo $0"
    command -v mmdebstrap >/dev/null || missing+=(mmdebstrap)
    # Ubuntu has it as a package of its own.
    [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing+=(debian-archive-keyring)
    if [ ${#missing[@]} -gt 0 ]; then
        command -v apt-get >/dev/null || die "missing, and no apt-get to install it: ${missing[*]}"
        echo "Installing ${missing[*]} ..."
        { apt-get update; DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
            "${missing[@]}"; } >/dev/null || die "apt-get could not install ${missing[*]}"
    fi
    mkdir -p "$roots"
}
