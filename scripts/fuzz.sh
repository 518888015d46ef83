#!/usr/bin/env bash
# Fuzzes every target of the module for a while each: fuzz.sh 10s
#
# Targets are found by listing them. A step that names a package without one passes in no time, having fuzzed nothing;
# so finding none, or fuzzing nothing, is a failure here.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
time=${1:-10s}
targets=0 failed=()
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# ended tells whether nothing but the time was at its end: a worker that is busy then is called a failure by Go
# before 1.27 (https://go.dev/issue/75804), though without an input that fails.
ended() { grep -qx '    context deadline exceeded' "$log" && ! grep -qE 'Failing input|panic|hung|terminated|_test.go:' "$log"; }

# executed tells whether anything but the seeds was tried.
executed() { grep -qE 'execs: [1-9]' "$log"; }

# fuzz TARGET PACKAGE. A target with many seeds may need all of a short time for them; then it gets a longer one.
fuzz() {
  local length
  for length in "$time" 20s; do
    go test -run '^$' -fuzz "^$1\$" -fuzztime "$length" "./$2" | tee "$log" || ended || return 1
    executed && return
  done
  echo "$1 executed nothing"
  return 1
}

# list PACKAGE prints its targets.
list() { go test -list '^Fuzz' "./$1" | grep '^Fuzz'; }

# Go's own strict JSON reader is still an experiment; what is held against it needs a build with it.
experiment() { if list "$2" | grep -qx "$1"; then unset GOEXPERIMENT; else export GOEXPERIMENT=jsonv2; fi; }

for package in $(git grep -lE '^func Fuzz[A-Z]' -- '*_test.go' | xargs -rn1 dirname | sort -u); do
  for target in $(GOEXPERIMENT=jsonv2 list "$package"); do
    echo "--- $target in $package"
    unset GOEXPERIMENT
    experiment "$target" "$package"
    fuzz "$target" "$package" || failed+=("$target in $package")
    targets=$((targets + 1))
  done
done
[ "$targets" -gt 0 ] || { echo "no fuzz target found" && exit 1; }
echo "fuzzed $targets targets"
[ ${#failed[@]} -eq 0 ] || { printf 'failed: %s\n' "${failed[@]}" && exit 1; }
