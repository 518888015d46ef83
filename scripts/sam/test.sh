#!/usr/bin/env bash
# The template and the function under the real SAM CLI, without AWS and without a registry: lint, build, invoke with
# samples of events/, deploy to an emulator. Needs root and Debian's Docker, which it installs where it is
# missing; both run in a network namespace of their own and are gone when this ends.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/sam/lab.sh

step() {
  echo "--- $1"
  shift
  "$@"
}

require_root
step "lint" scripts/sam/lint.sh
install_packages
step "sam build" .tools/sam/bin/sam build --parameter-overrides "Architecture=$ARCH"
step "docker" start_lab
if [ "${SAMPLES-}" = all ]; then
  step "sam local invoke, every sample of events/" invoke_with -all
else
  step "sam local invoke, a sample of each kind (all: make test-sam SAMPLES=all)" invoke_with
fi
step "sam deploy" scripts/sam/deploy.sh "$lab"
