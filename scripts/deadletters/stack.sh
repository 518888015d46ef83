#!/usr/bin/env bash
# Shows what lies in the dead-letter queues of a deployed stack: stack.sh [STACK]. Needs the AWS CLI.
set -euo pipefail
cd "$(dirname "$0")/../.."
stack=${1:-keysmith}
command -v aws >/dev/null || { echo "no aws here: install the AWS CLI, or use scripts/deadletters by itself (its README.md says how)" >&2 && exit 1; }

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

# Each queue, where its letters may come from, and the log that says why.
for three in ApplyDeadLetterQueueUrl:ApplyQueueArn:ApplyLogGroup ReconcileDeadLetterQueueUrl:ReconcileQueueArn:ApplyLogGroup \
  PlanDeadLetterQueueUrl:PlanQueueArn:PlanLogGroup RuleDeadLetterQueueUrl:RuleArns:ApplyLogGroup \
  InvokeDeadLetterQueueUrl:FunctionArns:ApplyLogGroup; do
  IFS=: read -r queue from log <<<"$three"
  url=$(needed "$queue")
  source=$(needed "$from")
  logs=$(needed "$log")
  go run ./scripts/deadletters list -dead "$url" -source "$source" -logs "$logs"
done
