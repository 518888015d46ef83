#!/usr/bin/env bash
# Makes the release of this commit twice, in two clones with a build cache of their own, and compares all bytes:
# twice.sh [argument of scripts/release...]. With -quick it makes the part for this platform only.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# once SOURCE FOLDER [argument...]: the second clone is one of the first, so that both are of the same commit.
once() {
  local source=$1 folder=$2
  shift 2
  git clone --quiet --no-hardlinks "$source" "$work/$folder"
  echo "--- a release in $work/$folder"
  go run ./scripts/release -source "$work/$folder" -out "$work/$folder.out" "$@"
}

GOCACHE=$work/cache1 once . first "$@"
GOCACHE=$work/cache2 once "$work/first" an/other/place "$@"
diff --recursive "$work/first.out" "$work/an/other/place.out"
(cd "$work/first.out" && sha256sum --check --quiet SHA256SUMS)
echo "--- the same bytes twice:"
cat "$work/first.out/SHA256SUMS"
