# Sourced by checks after lib.sh: one audit, its exit code, and a line of what it says.
# shellcheck shell=bash

said=0

# expect CODE TEXT WHAT FLAGS...: an audit with these flags ends with CODE and says TEXT. `--targets none` leaves the
# digits' targets out.
expect() {
    local code=$1 text=$2 what=$3 found=0 log arguments=() question=(--data "$data:x" --targets "$data:y" --loss error)
    shift 3
    while [ $# -gt 0 ]; do
        case $1 in
            --data) question=(--data "$2" --loss flip) && shift ;;
            --targets) shift ;;
            *) arguments+=("$1") ;;
        esac
        shift
    done
    said=$((said + 1))
    log=$folder/check-$said.log
    "$NOISEBOUND" audit "${arguments[@]}" "${question[@]}" --levels 2 --scale absolute --clip 0,16 --precision 0.2 \
        --seed 7 --clean-pass 0 --rate none --retries 1 --run-dir "$folder/check-$said" >"$log" 2>&1 || found=$?
    if [ "$found" -ne "$code" ] || ! grep -qF -- "$text" "$log"; then
        tail -n 20 "$log"
        say "$what: expected exit code $code and '$text', found exit code $found"
        exit 1
    fi
    say "$what: exit code $code, $(grep -F -m 1 -- "$text" "$log" | sed 's/^ *//' | cut -c 1-200)"
}

# narrow FILE: rows of nine pixels, which the model of the digits does not take.
narrow() { "$python" -c 'import sys, numpy; numpy.save(sys.argv[1], numpy.ones((4, 9), numpy.float32))' "$1"; }
