#!/usr/bin/env bash
# Fuzzes every target of the module for a while each: fuzz.sh 10s
#
# Targets are found by listing them. A step that names a package without one passes in no time, having fuzzed nothing;
# so finding none, or fuzzing nothing, is a failure here.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-10s}
targets=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

for package in $(git grep -lE '^func Fuzz[A-Z]' -- '*_test.go' | xargs -rn1 dirname | sort -u); do
  for target in $(go test -list '^Fuzz' "./$package" | grep '^Fuzz'); do
    echo "--- $target in $package"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "./$package" | tee "$log"
    grep -qE 'execs: [1-9]' "$log" || { echo "$target executed nothing" && exit 1; }
    targets=$((targets + 1))
  done
done
[ "$targets" -gt 0 ] || { echo "no fuzz target found" && exit 1; }
echo "fuzzed $targets targets"
