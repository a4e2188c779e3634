#!/bin/bash
# Shows chash at work, from a bare Debian or Ubuntu machine on: installs what is missing, builds
# the extension, starts a throwaway PostgreSQL cluster and runs demo.sql in it.
#
#   test/demo.sh [--keep]     --keep leaves the cluster running, and says how to use and end it
#
# Nothing is installed into the system's PostgreSQL, and its clusters are not touched.
# PG_CONFIG=/path/to/pg_config chooses the server.
set -euo pipefail
# shellcheck source=test/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in
    '' | --keep) ;;
    *) die "usage: test/demo.sh [--keep]" ;;
esac

start_work
say "Setting up (details: $log)"
# shellcheck disable=SC2119
ensure_packages
step "Copying the server, PostgreSQL $pg_version" copy_server
step "Building chash" build src
step "Installing chash into the copy" install_build src
step "Starting a cluster" start_cluster
use_cluster
step "Creating the database demo" createdb demo

# Errors of the demo itself belong on the terminal.
psql=(psql -X -q -v ON_ERROR_STOP=1 -P pager=off -d demo)
failed=0
"${psql[@]}" -f "$repo/test/demo.sql" || failed=1

say ''
if [ "${1:-}" = --keep ]; then
    keep=cluster
    # The cluster may belong to another user than the one who reads this: let a script know how.
    {
        echo '#!/bin/bash'
        declare -f as_server stop_cluster
        printf 'tmp=%q srv=%q bin=%q\n' "$tmp" "$srv" "$bin"
        # shellcheck disable=SC2016
        echo 'stop_cluster && rm -rf "$tmp"'
    } >"$tmp/stop"
    chmod +x "$tmp/stop"
    say "The cluster keeps running."
    say "  connect:          $bin/psql -h $srv -U postgres demo"
    say "  stop and remove:  $tmp/stop"
fi
[ "$failed" -eq 0 ] || die "the demo stopped at the error above"
say "The demo ran to its end."
