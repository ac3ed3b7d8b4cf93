# Shared by the scripts of this folder: paths, installing, starting and stopping servers. Sourced, never run.
# What it keeps true: whatever was started is stopped when the script ends, however it ends.
# shellcheck shell=bash

set -euo pipefail

live=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$live/../.." && pwd)
cache=${NOISEBOUND_LIVE_DIR:-$HOME/.cache/noisebound-live}
python=/usr/bin/python3 # Debian's own: its numpy, torch and libpython are what the servers load
models=$root/mock-server/models
data=$root/examples/data/digits.npz

export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost
export PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# shellcheck disable=SC2034 # read by the scripts that source this file
readonly live root cache python models data

cannot=77 # exit code of an install script that says why it cannot

say() { printf '%s\n' "$*"; }

# Ends `run`. The reason is printed last, below what the servers said.
fail() {
    failure=$*
    exit 1
}
failure=

# Ends an install script with the reason as its last line.
cannot_install() {
    printf '%s\n' "$*" >&2
    exit "$cannot"
}

# Installs the Debian packages that are missing, without a question.
apt_packages() {
    local missing=() each
    for each in "$@"; do
        dpkg-query -W -f '${Status}' "$each" 2>/dev/null | grep -q 'ok installed' || missing+=("$each")
    done
    [ "${#missing[@]}" -eq 0 ] && return
    command -v apt-get >/dev/null || cannot_install "needs the Debian packages ${missing[*]}, found no apt-get"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || cannot_install "as root: apt-get install --no-install-recommends ${missing[*]}"
        as_root=(sudo -n)
    fi
    "${as_root[@]}" apt-get -q update || cannot_install "apt-get update failed"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -qy install --no-install-recommends "${missing[@]}" || cannot_install "apt-get install ${missing[*]} failed"
}

# free_ports N: N different ports that nothing listens on, on one line.
free_ports() {
    "$python" - "$1" <<'PYTHON'
import socket, sys
taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(each.getsockname()[1] for each in taken))
PYTHON
}

fetch() { curl --silent --show-error --fail --max-time 10 --noproxy '*' "$@"; }

# What runs, as process groups with the log of each. A group is stopped as a whole: launchers leave children.
declare -A logs=()
started= # the group that was started last

# start SERVER FOLDER: runs SERVER/start in a group of its own, and waits until SERVER/ready agrees.
start() {
    local server=$1 folder=$2 attempt group
    for attempt in 1 2 3; do # a port found free may be taken before the server binds it
        rm -rf "$folder" && mkdir -p "$folder"
        setsid "$live/$server/start" "$folder" >"$folder/server.log" 2>&1 &
        group=$!
        logs[$group]=$folder/server.log
        if wait_until_ready "$server" "$folder" "$group"; then
            say "$server: ready at $(cat "$folder/target")"
            # shellcheck disable=SC2034 # read by run
            started=$group
            return
        fi
        say "$server: attempt $attempt to start it failed"
        [ "$attempt" -eq 3 ] || stop "$group"
    done
    fail "$server did not start"
}

wait_until_ready() {
    local server=$1 folder=$2 group=$3 deadline=$((SECONDS + 60))
    while [ "$SECONDS" -lt "$deadline" ] && kill -0 "$group" 2>/dev/null; do
        "$live/$server/ready" "$folder" 2>/dev/null && return 0
        sleep 0.2
    done
    return 1
}

# attend LOG COMMAND...: runs a command to its end with its output in LOG. Unlike a command in the foreground it does not
# hold up a signal to this script.
attend() {
    local log=$1 group code=0
    shift
    setsid "$@" >"$log" 2>&1 &
    group=$!
    logs[$group]=$log
    wait "$group" || code=$?
    [ "$code" -eq 0 ] || tail -n 30 "$log" >&2
    unset "logs[$group]"
    return "$code"
}

# stop GROUP: asks first, insists after ten seconds, and returns when nothing of it runs.
stop() {
    local group=$1 deadline=$((SECONDS + 10))
    unset "logs[$group]"
    kill -TERM -- "-$group" 2>/dev/null || true
    while runs "$group"; do
        [ "$SECONDS" -lt "$deadline" ] || kill -KILL -- "-$group" 2>/dev/null || true
        sleep 0.1
    done
}

# Whether any process of the group runs; one that has ended and waits to be collected does not.
runs() { ps -eo pgid=,stat= | awk -v group="$1" '$1 == group && $2 !~ /^Z/ { found = 1 } END { exit !found }'; }

# For `trap ... EXIT`: stops what runs; after a failure shows what it said last.
stop_all() {
    local code=$? group log
    trap - EXIT
    for group in "${!logs[@]}"; do
        log=${logs[$group]}
        if [ "$code" -ne 0 ] && [ "$code" -ne 130 ]; then
            printf -- '--- last lines of %s\n' "$log" >&2
            tail -n 30 "$log" >&2 || true
        fi
        stop "$group"
    done
    [ "$code" -eq 0 ] || [ -z "${work:-}" ] || printf 'kept %s\n' "$work" >&2
    [ -z "$failure" ] || printf 'FAILED %s\n' "$failure" >&2
    exit "$code"
}
