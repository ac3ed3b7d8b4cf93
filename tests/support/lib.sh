# Shared by the heavy checks: how one is skipped, which binary is tested, and a mock server. Sourced, never run.
# shellcheck shell=bash

# skip NAME WHY: ends a check that cannot be made here, in the words that .ci/run gathers.
skip() {
  echo "SKIPPED $1: $2"
  exit 0
}

# Sets `noisebound` to the binary to test: $NOISEBOUND, or what cargo builds.
find_noisebound() {
  if [ -z "${NOISEBOUND:-}" ]; then
    cargo build --quiet --bin noisebound
    NOISEBOUND="$(target_directory)/debug/noisebound"
  fi
  noisebound="$(realpath "$NOISEBOUND")"
}

target_directory() {
  cargo metadata --no-deps --format-version 1 | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p'
}

# start_mock FLAGS...: starts a mock server that prints into $place/ready; sets `mock` to its process, and `target` to its
# digits model over Triton's protocol.
start_mock() {
  # The background process opens its output when it gets to it; until then there would be no file to look into.
  # shellcheck disable=SC2154 # the folder of the script that sources this file
  : >"$place/ready"
  "$noisebound" mock --listen 127.0.0.1:0 "$@" >"$place/ready" &
  mock=$!
  until grep -q ready "$place/ready"; do
    kill -0 "$mock" 2>/dev/null || { echo "the mock server did not start" >&2; exit 1; }
    sleep 0.05
  done
  # shellcheck disable=SC2034 # read by the scripts that source this file
  target="$(grep -o 'triton://[^ ]*' "$place/ready")"
}
