#!/usr/bin/env bash
# Hands one event to the function with "sam local invoke", against the local AWS, and shows the result:
#
#   invoke.sh EVENT     EVENT is a file such as events/upload.json
#
# The bucket and the keys are those of events/world/, made anew each time. Needs root and Debian's Docker, like test.sh.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ $# -ne 1 ] || [ ! -f "$1" ]; then
  echo "${1:-The event} is not a file. Write make invoke EVENT=events/upload.json; the samples are:" >&2
  ls events/*.json >&2
  exit 2
fi
. scripts/sam/lab.sh

# The function is built in a folder of its own, beside which SAM keeps build.toml: make deploy and make test-sam may be at work in .aws-sam/build.
built=.aws-sam/invoke/build
build() {
  echo "--- sam build (log in $built.log)" >&2
  mkdir -p "$(dirname "$built")"
  .tools/sam/bin/sam build --build-dir "$built" --parameter-overrides "Architecture=$ARCH" >"$built.log" 2>&1 || {
    cat "$built.log" >&2
    return 1
  }
}

require_root
install_packages
build
start_lab
echo "--- sam local invoke ApplyFunction --event $1" >&2
invoke_with -template "$built/template.yaml" -event "$1"
