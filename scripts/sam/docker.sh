#!/usr/bin/env bash
# A Docker daemon of our own for the SAM tests, in a network namespace of its own: its bridge never touches this
# machine's network rules, its images never mix with anybody's, and it is stopped by its process id.
#
#   docker.sh start DIR   starts it; DIR/docker.sock is the socket, DIR/netns the name of the namespace
#   docker.sh stop DIR    stops it and takes the namespace away
#
# KEYSMITH_BRIDGE is the address under which containers reach what listens in the namespace.
set -euo pipefail
: "${KEYSMITH_BRIDGE:=172.31.77.1}"

start() {
  local dir=$1 netns
  netns=keysmith-$$
  mkdir -p "$dir"
  echo "$netns" >"$dir/netns"
  ip netns add "$netns"
  nsenter --net="/run/netns/$netns" ip link set lo up
  # nsenter, not "ip netns exec": that one hides the control groups that containers need.
  nsenter --net="/run/netns/$netns" setsid dockerd \
    --data-root "$dir/data" --exec-root "$dir/run" --pidfile "$dir/docker.pid" \
    --host "unix://$dir/docker.sock" --bip "$KEYSMITH_BRIDGE/24" >"$dir/docker.log" 2>&1 </dev/null &
  local tries
  for tries in {1..150}; do
    if ping_daemon "$dir"; then return; fi
    sleep 0.2
  done
  echo "starting dockerd: no answer after $tries tries; its log ends:" >&2
  tail -n 20 "$dir/docker.log" >&2
  return 1
}

ping_daemon() {
  curl -fsS --max-time 2 --unix-socket "$1/docker.sock" http://docker/_ping >/dev/null 2>&1
}

stop() {
  local dir=$1 pid
  if pid=$(cat "$dir/docker.pid" 2>/dev/null); then
    kill "$pid" 2>/dev/null || true
    # The daemon takes its pid file away as the last thing it does.
    for _ in {1..100}; do
      [ -e "$dir/docker.pid" ] || break
      sleep 0.1
    done
  fi
  umount "$dir/run/netns/default" 2>/dev/null || true
  if [ -e "$dir/netns" ]; then
    ip netns del "$(cat "$dir/netns")" 2>/dev/null || true
    rm -f "$dir/netns"
  fi
}

case "${1-}" in
  start | stop) "$1" "$(realpath -m "${2:?the folder of the daemon}")" ;;
  *)
    echo "usage: docker.sh start|stop DIR" >&2
    exit 2
    ;;
esac
