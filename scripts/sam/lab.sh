# Sourced by test.sh and invoke.sh: what both need to run the SAM CLI without AWS and without a registry.
# shellcheck shell=bash
export SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
# SAM asks STS for the account; nobody answers here, and it need not ask twice.
export AWS_MAX_ATTEMPTS=1
export KEYSMITH_BRIDGE=172.31.77.1 ARCH
case "$(uname -m)" in
  x86_64) ARCH=x86_64 ;;
  aarch64) ARCH=arm64 ;;
  *) echo "no Lambda function runs on $(uname -m)" >&2 && exit 1 ;;
esac

require_root() {
  [ "$(id -u)" -eq 0 ] || { echo "needs root, for a Docker daemon and a network namespace of its own" >&2 && exit 1; }
}

install_packages() {
  local missing=()
  command -v dockerd >/dev/null || missing+=(docker.io)
  command -v iptables >/dev/null || missing+=(iptables)
  command -v busybox >/dev/null || missing+=(busybox-static)
  command -v ip >/dev/null || missing+=(iproute2)
  command -v curl >/dev/null || missing+=(curl)
  [ ${#missing[@]} -eq 0 ] && return
  echo "--- installing ${missing[*]}" >&2
  apt-get update -qq
  # The package would start a daemon of its own at once; ours is started below.
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# start_lab starts a Docker daemon of its own in the folder $lab, and stops it when the script ends.
start_lab() {
  lab=$(mktemp -d /tmp/keysmith-sam.XXXXXX)
  trap 'scripts/sam/docker.sh stop "$lab"; rm -rf "$lab"' EXIT
  scripts/sam/docker.sh start "$lab"
}

# invoke_with runs the program in scripts/sam/invoke where containers can reach it.
invoke_with() {
  export DOCKER_HOST=unix://$lab/docker.sock
  scripts/sam/image.sh "$lab/docker.sock" "http://$KEYSMITH_BRIDGE:4566" "$ARCH"
  go build -o "$lab/invoke" ./scripts/sam/invoke
  nsenter --net="/run/netns/$(cat "$lab/netns")" "$lab/invoke" \
    -sam .tools/sam/bin/sam -address "$KEYSMITH_BRIDGE:4566" -architecture "$ARCH" "$@"
}
