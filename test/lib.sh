# shellcheck shell=bash disable=SC2030,SC2031,SC2034,SC2317
# Functions shared by demo.sh, check.sh, *_test.sh, matrix.sh and bench/run.sh, which source this file:
# packages, a private copy of the server, builds, and a throwaway cluster. All of it happens in one
# temporary folder, which is removed at the end; nothing is installed into the system's PostgreSQL.
#
#   PG_CONFIG   the server to use, by its pg_config   default: the newest one, else the package

umask 022
export LC_ALL=C
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 2; }

# start_work: the temporary folder, the log in it, and their end.
start_work() {
    # PGHOST, PGPORT, PGOPTIONS, ... of the user point to servers that are none of our business.
    local variable
    for variable in "${!PG@}"; do
        [ "$variable" = PG_CONFIG ] || unset "$variable"
    done
    # In /tmp, since a socket's path is limited to 107 bytes and other users must get there.
    tmp=$(mktemp -d /tmp/chash.XXXXXX)
    chmod 755 "$tmp"
    log=$tmp/log srv=$tmp/srv keep=''
    : >"$log"
    trap cleanup EXIT
    trap 'exit 130' INT
    trap 'exit 143' HUP TERM
}

# Keeps the cluster when a script set keep=cluster, and the log when it set keep=log.
cleanup() {
    [ "$keep" = cluster ] && return
    stop_cluster >/dev/null 2>&1 || true
    if [ "$keep" = log ]; then
        find "$tmp" -mindepth 1 -maxdepth 1 ! -name log -exec rm -rf {} +
    else
        rm -rf "$tmp"
    fi
}

# run COMMAND...: its output goes to the log, its exit code to $status; never fails itself.
# The dance with -e is there because "command || ..." would turn -e off inside COMMAND.
run() {
    local before=$-
    printf '\n==> %s\n' "$*" >>"$log"
    log_from=$(($(wc -c <"$log") + 1))
    set +e
    (set -e; "$@") >>"$log" 2>&1 </dev/null
    status=$?
    case $before in *e*) set -e ;; esac
}

# log_part: what the last run wrote.
log_part() { tail -c "+$log_from" "$log"; }

# step TEXT COMMAND...: one line on the terminal; shows the end of the log if COMMAND fails.
step() {
    say "$1 ..."
    run "${@:2}"
    [ "$status" -eq 0 ] || give_up "this step failed"
}

give_up() {
    tail -n 25 "$log" >&2
    keep=log
    die "$1; the whole log: $log"
}

# ---- packages -----------------------------------------------------------------------------

# usable PG_CONFIG: it has a server, and what it takes to build for that.
usable() {
    local bin
    bin=$("$1" --bindir 2>/dev/null) && [ -x "$bin/postgres" ] && [ -x "$bin/initdb" ] &&
        [ -e "$("$1" --includedir-server)/postgres.h" ] && [ -e "$("$1" --pgxs)" ]
}

# find_server: sets PG_CONFIG, and the folders that the functions below use.
find_server() {
    local candidate
    if [ -n "${PG_CONFIG:-}" ]; then
        usable "$PG_CONFIG" || die "PG_CONFIG=$PG_CONFIG has no server with its headers and PGXS"
        PG_CONFIG=$(realpath -s "$(command -v "$PG_CONFIG")")
    else
        for candidate in pg_config $(printf '%s\n' /usr/lib/postgresql/*/bin/pg_config | sort -rV); do
            if usable "$candidate"; then
                PG_CONFIG=$(command -v "$candidate")
                break
            fi
        done
        [ -n "${PG_CONFIG:-}" ] || return
    fi
    bindir=$("$PG_CONFIG" --bindir)
    sharedir=$("$PG_CONFIG" --sharedir)
    pkglibdir=$("$PG_CONFIG" --pkglibdir)
    pg_version=$("$bindir/postgres" --version | sed -E 's/^[^0-9]*([0-9.a-z]+).*/\1/')
    bin=$tmp/root$bindir
}

has_header() { printf '#include <%s>\n' "$1" | gcc -E -xc - >/dev/null 2>&1; }

# ensure_packages [WISH...]: installs what is missing. A WISH is a package that comes along if
# apt has to be called anyway and knows it. If nothing is missing, apt is not touched.
ensure_packages() {
    local missing=() installed
    command -v gcc >/dev/null || missing+=(gcc)
    command -v make >/dev/null || missing+=(make)
    has_header stdio.h || missing+=(libc6-dev)
    has_header openssl/evp.h || missing+=(libssl-dev)
    has_header xxhash.h || missing+=(libxxhash-dev)
    if ! find_server; then
        # A server that is there already decides the version, else the distribution does.
        installed=$(printf '%s\n' /usr/lib/postgresql/*/bin/postgres | sort -V | tail -n 1)
        [ -x "$installed" ] && installed=$(cut -d/ -f5 <<<"$installed") || installed=default
        missing+=("postgresql-$installed" "postgresql-server-dev-$installed")
    fi
    [ ${#missing[@]} -gt 0 ] || return 0
    local names=${missing[*]//-default/} sudo=()
    command -v apt-get >/dev/null || die "missing, and no apt-get to install it: $names"
    if [ "$EUID" -ne 0 ]; then
        command -v sudo >/dev/null || die "missing, and neither root nor sudo to install it: $names"
        sudo=(sudo)
    fi
    say "Installing $names ..."
    "${sudo[@]}" bash -c "$(declare -f apt_install); apt_install \"\$@\"" bash "${missing[@]}" -- "$@" \
        >>"$log" 2>&1 || give_up "apt-get failed"
    find_server || die "no usable PostgreSQL server even after installing $names"
}

# apt_install PACKAGE... -- WISH...: runs as root, in a shell of its own. "default" in a name stands for
# the version that the distribution's package "postgresql" depends on.
apt_install() (
    set -euo pipefail
    export DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 LC_ALL=C
    aside=$(mktemp -d)
    conf=/etc/postgresql-common/createcluster.conf
    default=/usr/share/postgresql-common/createcluster.conf

    # Leave the machine's configuration as it was, or as the packages alone would have made it.
    restore() {
        if [ -e "$aside/conf" ]; then
            cp -p "$aside/conf" "$conf"
        elif [ -e "$default" ]; then
            cp "$default" "$conf"
        else
            rm -f "$conf"
        fi
        rm -rf "$aside"
    }
    [ ! -e "$conf" ] || cp -p "$conf" "$aside/conf"
    trap restore EXIT
    trap 'exit 1' HUP INT TERM

    # The server's package would create a cluster named main, and start it.
    mkdir -p "${conf%/*}"
    echo 'create_main_cluster = false' >>"$conf"

    # Without /proc systemd-tmpfiles refuses to work, and the newest postgresql-common with it.
    # What it would make there is a folder below /run that nothing here needs.
    mkdir "$aside/bin"
    [ -e /proc/self ] || ln -s /bin/true "$aside/bin/systemd-tmpfiles"

    apt-get update || echo "apt-get update failed; going on with the lists that are there"
    version=$(apt-cache depends postgresql | sed -nE 's/.*Depends: postgresql-([0-9]+)$/\1/p')
    names=()
    while [ "$1" != -- ]; do
        names+=("${1/default/$version}")
        shift
    done
    for wish in "${@:2}"; do
        if apt-cache show "$wish" >/dev/null 2>&1; then names+=("$wish"); fi
    done
    set -- "${names[@]}"
    options=(-y --no-install-recommends -o Dpkg::Options::=--force-confold
        -o "DPkg::Path=$aside/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    apt-get install "${options[@]}" "$@" && return
    # Where the index of security updates is ahead of the mirror's files, the release itself has
    # the server, too.
    release=$(. /etc/os-release && echo "$VERSION_CODENAME")
    # shellcheck disable=SC2046 # names of packages
    apt-get install "${options[@]}" $(printf '%s\n' "$@" | sed "/^postgresql/s,\$,/$release,")
)

# ---- server, builds -----------------------------------------------------------------------

# copy_server: the server's folders, below $tmp/root. PostgreSQL finds its files relative to its
# own program, so "make install DESTDIR=$tmp/root" installs the extension into this copy.
copy_server() {
    local folder
    for folder in "$bindir" "$sharedir" "$pkglibdir"; do
        mkdir -p "$tmp/root$folder"
        tar -C "$folder" --exclude=./bitcode --exclude=./pgxs --exclude=./man \
            --exclude='./chash*' --exclude='./extension/chash*' -cf - . |
            tar -C "$tmp/root$folder" --no-same-owner -xf -
    done
}

# build NAME [MAKE_ARGUMENT...]: builds a copy of the source in $tmp/NAME, so that the checkout
# stays clean and runs side by side do not disturb each other.
build() {
    local to=$tmp/$1
    rm -rf "$to"
    mkdir "$to"
    tar -C "$repo" --exclude=./.git --exclude='*.o' --exclude='*.so' --exclude='*.bc' \
        --exclude='*.a' --exclude='./test/*/build' --exclude=./results --exclude=./tmp_check \
        --exclude='./regression.*' \
        -cf - . | tar -C "$to" --no-same-owner -xf -
    make -C "$to" -j2 PG_CONFIG="$PG_CONFIG" with_llvm=no "${@:2}"
}

install_build() {
    make -C "$tmp/$1" PG_CONFIG="$PG_CONFIG" with_llvm=no install DESTDIR="$tmp/root"
}

# ---- cluster ------------------------------------------------------------------------------

# The server refuses to run as root. Neither way out needs PAM or a login shell; the setpriv of
# older releases needs /proc, and chroot a capability that some containers do not have.
# A script may set server_environment to what the server has beside PATH and HOME.
server_environment=()
as_server() {
    local user=nobody group drop=()
    if [ "$EUID" -eq 0 ]; then
        if id postgres >/dev/null 2>&1; then user=postgres; fi
        group=$(id -g "$user")
        if [ -e /proc/self ]; then
            drop=(setpriv --reuid="$user" --regid="$group" --clear-groups)
        else
            drop=(chroot --userspec="$user:$group" --groups= --skip-chdir /)
        fi
        chown "$user" "$srv"
    fi
    (cd "$srv" && exec "${drop[@]}" env -i PATH=/usr/bin:/bin HOME="$srv" \
        "${server_environment[@]}" "$@")
}

# start_cluster [SETTING...]: reached by its socket only, in a folder that only its own user can
# enter. A SETTING is a line for postgresql.conf.
start_cluster() {
    local locale
    locale=$(locale -a 2>/dev/null | sed -nE 's/^C\.(UTF-8|utf8)$/C.UTF-8/p') # as releases call it
    locale=${locale:-C}
    mkdir -m 700 "$srv"
    as_server "$bin/initdb" -D "$srv/data" -U postgres -A trust -E UTF8 --locale="$locale" -N
    as_server tee -a "$srv/data/postgresql.conf" >/dev/null <<-END
		listen_addresses = ''
		unix_socket_directories = '$srv'
		port = 5432
		fsync = off
		synchronous_commit = off
		full_page_writes = off
		$(printf '%s\n' "$@")
	END
    as_server "$bin/pg_ctl" -D "$srv/data" -w -s -l "$srv/server.log" start ||
        { cat "$srv/server.log"; return 1; }
}

stop_cluster() {
    [ -e "$srv/data/postmaster.pid" ] || return 0
    as_server "$bin/pg_ctl" -D "$srv/data" -w -s -m immediate stop
}

# use_cluster: lets this script and what it starts speak to the cluster, with its own programs.
use_cluster() {
    export PGHOST=$srv PGPORT=5432 PGUSER=postgres PGDATABASE=postgres PGCLIENTENCODING=UTF8
    export PG_CONFIG PATH=$bin:$PATH
    export CHASH_SRV=$srv CHASH_BIN=$bin
}

# ---- test scripts -------------------------------------------------------------------------

# begin_test: a cluster with chash for a *_test.sh, and a folder of its own, $work. The cluster is
# the one of check.sh if that calls, and else one that is made for it. Calls the script's function
# at_end when all is over, which removes what the script has made in the cluster.
begin_test() {
    if [ -n "${CHASH_SRV:-}" ]; then
        srv=$CHASH_SRV bin=$CHASH_BIN
        work=$(mktemp -d /tmp/chash.XXXXXX)
        log=$work/log
        : >"$log"
        trap 'at_end >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
        trap 'exit 130' INT
        trap 'exit 143' HUP TERM
        return
    fi
    start_work
    trap 'at_end >/dev/null 2>&1 || true; cleanup' EXIT
    # shellcheck disable=SC2119
    ensure_packages
    step "Building chash" build src
    step "Copying the server, PostgreSQL $pg_version" copy_server
    step "Installing chash into the copy" install_build src
    step "Starting a cluster" start_cluster
    use_cluster
    work=$tmp/work
    mkdir "$work"
}

# test_result STATUS NAME: one line that check.sh counts.
test_result() {
    if [ "$1" -eq 0 ]; then say "ok - $2"; else say "not ok - $2"; fi
}

# same NAME EXPECTED GOT: whether two files are equal; shows the difference.
same() {
    local status=0
    diff "$2" "$3" >"$work/diff" || status=$?
    head -n 20 "$work/diff"
    test_result "$status" "$1"
}
