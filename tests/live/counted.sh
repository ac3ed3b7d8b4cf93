# Shared by the folders whose service uses counted.py: where it finds the model, and what it wrote down. Sourced after lib.sh.
# shellcheck shell=bash

# serving FOLDER: tells counted.py about a server in FOLDER.
serving() {
    export NOISEBOUND_LIVE_FOLDER=$1 NOISEBOUND_LIVE_MODELS=$models PYTHONPATH=$live
    : >"$1/counted"
}

# count_lines FOLDER: the requests and the rows in them.
count_lines() { awk '{ rows += $1 } END { print NR, rows + 0 }' "$1/counted"; }

# answers_at URL: whether a port listens and the path answers 200.
answers_at() { fetch "$1" >/dev/null; }

# venv_with NAME PACKAGE...: a virtual environment NAME in the cache with these packages, made once.
venv_with() {
    local venv=$cache/$1
    shift
    [ -e "$venv/installed" ] && return
    [ -x "$python" ] || cannot_install "needs $python"
    apt_packages curl python3-venv python3-numpy
    mkdir -p "$cache"
    [ -x "$venv/bin/pip" ] || { rm -rf "$venv" && "$python" -m venv "$venv"; } || cannot_install "python3 -m venv failed"
    "$venv/bin/pip" install --quiet --no-compile "$@" || cannot_install "pip install $* failed"
    touch "$venv/installed"
}
