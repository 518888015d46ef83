#!/usr/bin/env bash
# Builds the functions and the local stack, shows how far that is, and runs it: run.sh demo|watch [argument...]
#
# The first build on a machine downloads the modules and compiles the AWS SDK, which takes minutes. Every later build
# takes a second and says nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."

# The flags are those of the functions, so that what both need is compiled once.
build() {
  GOFLAGS="${GOFLAGS-} -v" ${MAKE:-make} --no-print-directory --silent build
  CGO_ENABLED=0 go build -v -trimpath -buildvcs=false -tags lambda.norpc -o build/local ./scripts/local
}

# progress reads what "go build -v" writes: a line for each module that is downloaded and each package that is compiled.
# On a terminal it keeps one line up to date; elsewhere it writes a line for every hundred. Anything else is passed on.
progress() {
  local line modules=0 packages=0 start=$SECONDS
  while IFS= read -r line; do
    case $line in
      "go: downloading "*) modules=$((modules + 1)) ;;
      *[\ :]* | '#'*) clear_line && printf '%s\n' "$line" >&2 && continue ;;
      *) packages=$((packages + 1)) ;;
    esac
    announce
  done
  clear_line
  if [ $((modules + packages)) -gt 50 ]; then
    echo "Built: $modules modules downloaded, $packages packages compiled, $((SECONDS - start)) s." >&2
  fi
}

announce() {
  if [ $((modules + packages)) -eq 1 ] && [ "$modules" -eq 1 ]; then
    echo "Downloading the Go modules that keysmith needs. This happens once." >&2
  fi
  if [ "$packages" -eq 50 ]; then
    clear_line
    echo "Compiling the function, the AWS SDK and the local AWS." >&2
    echo "The first time takes a few minutes, later times a second." >&2
  fi
  if $terminal; then
    printf '\r\033[K  %d modules downloaded, %d packages compiled' "$modules" "$packages" >&2
  elif [ $((packages % 100)) -eq 99 ]; then
    echo "  $modules modules downloaded, $packages packages compiled so far" >&2
  fi
}

terminal=false
[ -t 2 ] && terminal=true
clear_line() { if $terminal; then printf '\r\033[K' >&2; fi; }

# Ctrl-C is no error, and make would call it one.
trap 'clear_line; echo "Stopped while building." >&2; exit 0' INT
build 2>&1 | progress
trap - INT
exec build/local "$@"
