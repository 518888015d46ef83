#!/bin/sh
# Runs keysmith for pre-commit, from the copy of this repository that pre-commit keeps. It builds that one program: the
# way of pre-commit for Go would build and install every program of the repository.
set -eu
home=$(cd "$(dirname "$0")/../.." && pwd)
(cd "$home" && GOWORK=off go build -buildvcs=false -o build/keysmith ./scripts/keysmith)
exec "$home/build/keysmith" "$@"
