#!/usr/bin/env bash
# Stops a deployed stack, or lets it go on: stack.sh stop|resume [STACK]. Needs the AWS CLI.
set -euo pipefail
cd "$(dirname "$0")/../.."
stack=${2:-keysmith}

# needed NAME: an output that must be there.
needed() {
  local value
  value=$(aws cloudformation describe-stacks --stack-name "$stack" --output text \
    --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue")
  case "$value" in '' | None) echo "the stack $stack has no output $1" >&2 && exit 1 ;; esac
  echo "$value"
}

function=$(needed ApplyFunctionArn)
role=$(needed ApplyRoleArn)
go run ./scripts/stop "$1" -function "$function" -role "$role"
