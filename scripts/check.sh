#!/usr/bin/env bash
# What must hold for every commit. Goes through all of it and says at the end what did not.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
failed=()

check() {
  local name=$1
  shift
  echo "--- $name"
  "$@" || failed+=("$name")
}

formatting() {
  local files
  files=$(git ls-files --cached --others --exclude-standard '*.go' | xargs -r gofmt -l)
  [ -z "$files" ] || { echo "not formatted: $files" && return 1; }
}

# The domain must stay a pure computation: no AWS module, directly or through another package.
domain_is_pure() {
  local imports
  imports=$(go list -deps ./shared/keypolicy) || return 1
  imports=$(grep -E '^github\.com/(aws|keysmith/keysmith/functions)/|/shared/(fakeaws|runtimeapi)' <<<"$imports")
  [ -z "$imports" ] || { echo "shared/keypolicy depends on: $imports" && return 1; }
}

# Dependencies point one way: what is deployed holds nothing that is for tests, and nothing in shared needs a program.
one_way() {
  local imports
  imports=$(go list -deps ./functions/... | grep -E '/shared/(fakeaws|effort|functest|runtimeapi|samples|samtemplate|privilege|simulation)|/scripts/')
  [ -z "$imports" ] || { echo "the functions depend on: $imports" && return 1; }
  imports=$(go list -deps ./shared/... | grep -E '^github\.com/keysmith/keysmith/(functions|scripts)/')
  [ -z "$imports" ] || { echo "shared depends on: $imports" && return 1; }
}

# Packages whose tests compute in one goroutine (the models, the template) or only start programs that were built
# without the detector. It finds nothing in them, and the models take gigabytes under it. make test runs them.
without_races='/(shared/(converge/(state|repair|set)space|samtemplate)|scripts/(bench|keysmith|keysmith/rollout|local/demo|pipeline|release|sam)|functions/apply)$'

# What takes long counts less here (shared/effort), since make test has run it; make test-race runs all of it.
race_tests() {
  if command -v "${CC:-gcc}" >/dev/null; then
    go list ./... | grep -vE "$without_races" | CGO_ENABLED=1 xargs go test -race -short -timeout 20m
  else
    echo "no C compiler here, so without the race detector"
    go test -short -timeout 20m ./...
  fi
}

# SC1007 takes "export EMPTY= OTHER=x" for a slip.
scripts() {
  git ls-files -z '*.sh' .ci/run | xargs -0 shellcheck --exclude=SC1007
}

check "gofmt" formatting
check "go vet" go vet ./...
check "go mod tidy" go mod tidy -diff
check "imports of shared/keypolicy" domain_is_pure
check "direction of imports" one_way
check "staticcheck" staticcheck ./...
check "golangci-lint" golangci-lint run
check "shellcheck" scripts
check "tests" race_tests

if [ ${#failed[@]} -gt 0 ]; then
  printf 'failed: %s\n' "${failed[@]}"
  exit 1
fi
