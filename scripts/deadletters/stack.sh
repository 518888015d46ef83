#!/usr/bin/env bash
# Shows what lies in the dead-letter queues of a deployed stack: stack.sh [STACK]. Needs the AWS CLI.
set -euo pipefail
cd "$(dirname "$0")/../.."
stack=${1:-keysmith}

output() {
  aws cloudformation describe-stacks --stack-name "$stack" --output text \
    --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue"
}

# needed NAME: an output that must be there.
needed() {
  local value
  value=$(output "$1")
  case "$value" in '' | None) echo "the stack $stack has no output $1" >&2 && exit 1 ;; esac
  echo "$value"
}

logs=$(needed ApplyLogGroup)
for pair in ApplyDeadLetterQueueUrl:ApplyQueueArn RuleDeadLetterQueueUrl:RuleArns InvokeDeadLetterQueueUrl:ApplyFunctionArn; do
  url=$(needed "${pair%%:*}")
  source=$(needed "${pair#*:}")
  go run ./scripts/deadletters list -dead "$url" -source "$source" -logs "$logs"
done
