#!/usr/bin/env bash
# Shows what lies in both dead-letter queues of a deployed stack: stack.sh [STACK]. Needs the AWS CLI.
set -euo pipefail
cd "$(dirname "$0")/../.."
stack=${1:-keysmith}

output() {
  aws cloudformation describe-stacks --stack-name "$stack" --output text \
    --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue"
}

logs=$(output ApplyLogGroup)
for name in ApplyDeadLetterQueueUrl RuleDeadLetterQueueUrl; do
  url=$(output "$name")
  case "$url" in '' | None) echo "the stack $stack has no output $name" >&2 && exit 1 ;; esac
  go run ./scripts/deadletters list -dead "$url" -logs "$logs"
done
