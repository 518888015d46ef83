#!/usr/bin/env bash
# Shows what is in the dead-letter queues of a deployed stack: stack.sh [STACK]. Needs the AWS CLI.
set -euo pipefail
cd "$(dirname "$0")/../.."
. scripts/outputs.sh
read_outputs "${1:-keysmith}"

# Each queue, where its messages may come from, and the log that says why they are there.
for three in ApplyDeadLetterQueueUrl:ApplyQueueArn:ApplyLogGroup ReconcileDeadLetterQueueUrl:ReconcileQueueArn:ApplyLogGroup \
  PlanDeadLetterQueueUrl:PlanQueueArn:PlanLogGroup RuleDeadLetterQueueUrl:RuleArns:ApplyLogGroup \
  InvokeDeadLetterQueueUrl:FunctionArns:ApplyLogGroup; do
  IFS=: read -r queue from log <<<"$three"
  url=$(output "$queue")
  source=$(output "$from")
  logs=$(output "$log")
  go run ./scripts/deadletters list -dead "$url" -source "$source" -logs "$logs"
done
