# shellcheck shell=bash disable=SC2034
# A session of psql that statements are sent to, and the processor time that its backend takes.
# Sourced by run.sh. A statement answers with one line; that line says that it is done.

# open_session: psql, reading from $to and writing to $from. An error ends it.
open_session() {
    coproc PSQL { exec psql -X -q -A -t -v ON_ERROR_STOP=1 2>>"$log"; }
    exec {to}>&"${PSQL[1]}" {from}<&"${PSQL[0]}"
    read -r postmaster <"$srv/data/postmaster.pid"
    find_backend
    choose_clock
}

# new_backend: the same psql, with its variables, and a backend that has done nothing yet.
new_backend() {
    tell '\c -'
    find_backend
}

find_backend() {
    ask 'SELECT pg_backend_pid();'
    backend=$answer
}

# tell COMMAND: one that answers nothing
tell() { printf '%s\n' "$1" >&"$to"; }

# ask STATEMENT: sets $answer
ask() {
    tell "$1"
    IFS= read -r answer <&"$from" || give_up "the server refused: ${1:0:200}"
}

# literal VARIABLE: sets $answer to :'VARIABLE', as psql would put it into a statement.
literal() {
    ask "SELECT quote_literal(:'$1');"
}

# ---- clocks -------------------------------------------------------------------------------

# choose_clock: nanoseconds where the kernel counts them, else its ticks, which are hundredths of a
# second, else time that passes. Sets clock, and clock_name for people.
choose_clock() {
    local ran
    clock=wall clock_name='time that passed, for want of /proc'
    if read -r ran _ <"/proc/$backend/schedstat" && [ "$ran" -gt 0 ]; then
        clock=schedstat clock_name='processor time'
    elif [ -r "/proc/$backend/stat" ]; then
        ticks=$(getconf CLK_TCK)
        clock=ticks clock_name="processor time in steps of 1/$ticks s"
    fi 2>/dev/null
}

# read_clock: sets $now, the backend's processor time in ns
read_clock() {
    local line fields
    case $clock in
        schedstat) read -r now _ <"/proc/$backend/schedstat" ;;
        ticks)
            # Behind the program's name, which may contain spaces, utime and stime are 12th and 13th.
            read -r line <"/proc/$backend/stat"
            read -ra fields <<<"${line##*) }"
            now=$(((fields[11] + fields[12]) * (1000000000 / ticks)))
            ;;
        wall) now=${EPOCHREALTIME/./}000 ;;
    esac
}

# read_ended: sets $ended, the processor time in us of all backends that have come to their end, as
# their parent counts it, in the kernel's ticks; empty if there is no telling.
read_ended() {
    local line fields
    ended=''
    [ -r "/proc/$postmaster/stat" ] || return 0
    read -r line <"/proc/$postmaster/stat"
    read -ra fields <<<"${line##*) }"
    ended=$(((fields[13] + fields[14]) * (1000000 / $(getconf CLK_TCK))))
}

# measure STATEMENT: sets $answer, $cpu and $wall, both in ns
measure() {
    local cpu_before wall_before=${EPOCHREALTIME/./}
    read_clock
    cpu_before=$now
    ask "$1"
    read_clock
    cpu=$((now - cpu_before)) wall=$(((${EPOCHREALTIME/./} - wall_before) * 1000))
}

# peak_memory: sets $kb, the most memory that the backend had at a time
peak_memory() {
    local key value
    kb=0
    [ -r "/proc/$backend/status" ] || return 0
    while read -r key value _; do
        [ "$key" != VmHWM: ] || kb=$value
    done <"/proc/$backend/status"
}
