#!/usr/bin/env bash
# What the action runs: run.sh KEYSMITH. COMMAND, PATHS, ARGS and FILE are the action's inputs.
set -euo pipefail
keysmith=$1
read -ra named <<<"$PATHS"
read -ra args <<<"${ARGS-}"

case "$COMMAND" in
  lint) exec "$keysmith" lint --format github "${args[@]}" "${named[@]}" ;;
  plan)
    code=0
    "$keysmith" plan --format markdown "${args[@]}" "${named[@]}" >"$FILE" || code=$?
    case $code in
      0) echo "changes=false" >>"$GITHUB_OUTPUT" ;;
      2) echo "changes=true" >>"$GITHUB_OUTPUT" ;;
      *) exit "$code" ;;
    esac
    ;;
  *) echo "command: \"$COMMAND\"; want lint or plan" >&2 && exit 2 ;;
esac
