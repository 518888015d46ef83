#!/usr/bin/env bash
# Stops or resumes a deployed stack: stack.sh stop|resume [STACK]. Needs the AWS CLI.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/outputs.sh
read_outputs "${2:-keysmith}"
function=$(output ApplyFunctionArn)
role=$(output ApplyRoleArn)
go run ./scripts/stop "$1" -function "$function" -role "$role"
