#!/usr/bin/env bash
# The template and the function under the real SAM CLI, without AWS and without a registry: lint, build, invoke with
# every sample of events/, deploy to an emulator. Needs root and Debian's Docker, which it installs where it is
# missing; both run in a network namespace of their own and are gone when this ends.
set -euo pipefail
cd "$(dirname "$0")/../.."
export SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
# SAM asks STS for the account; nobody answers here, and it need not ask twice.
export AWS_MAX_ATTEMPTS=1
export KEYSMITH_BRIDGE=172.31.77.1 ARCH
case "$(uname -m)" in
  x86_64) ARCH=x86_64 ;;
  aarch64) ARCH=arm64 ;;
  *) echo "no Lambda function runs on $(uname -m)" >&2 && exit 1 ;;
esac

install_packages() {
  local missing=()
  command -v dockerd >/dev/null || missing+=(docker.io)
  command -v iptables >/dev/null || missing+=(iptables)
  command -v busybox >/dev/null || missing+=(busybox-static)
  command -v ip >/dev/null || missing+=(iproute2)
  command -v curl >/dev/null || missing+=(curl)
  [ ${#missing[@]} -eq 0 ] && return
  echo "--- installing ${missing[*]}"
  apt-get update -qq
  # The package would start a daemon of its own at once; ours is started below.
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

step() {
  echo "--- $1"
  shift
  "$@"
}

invoke_samples() {
  export DOCKER_HOST=unix://$lab/docker.sock
  scripts/sam/image.sh "$lab/docker.sock" "http://$KEYSMITH_BRIDGE:4566" "$ARCH"
  go build -o "$lab/invoke" ./scripts/sam/invoke
  nsenter --net="/run/netns/$(cat "$lab/netns")" "$lab/invoke" -sam .tools/sam/bin/sam -address "$KEYSMITH_BRIDGE:4566" -architecture "$ARCH"
}

[ "$(id -u)" -eq 0 ] || { echo "needs root, for a Docker daemon and a network namespace of its own" >&2 && exit 1; }
step "lint" scripts/sam/lint.sh
install_packages
step "sam build" .tools/sam/bin/sam build --parameter-overrides "Architecture=$ARCH"

lab=$(mktemp -d /tmp/keysmith-sam.XXXXXX)
trap 'scripts/sam/docker.sh stop "$lab"; rm -rf "$lab"' EXIT
step "docker" scripts/sam/docker.sh start "$lab"
step "sam local invoke, every sample of events/" invoke_samples
step "sam deploy" scripts/sam/deploy.sh "$lab"
