# Sourced by the scripts that need outputs of a deployed stack. Needs the AWS CLI.
# shellcheck shell=bash

# read_outputs STACK: reads all outputs once. What is wrong with the login or the stack is one message, before anything is done.
read_outputs() {
  stack=$1
  command -v aws >/dev/null || { echo "There is no aws here. Install the AWS CLI." >&2 && exit 1; }
  outputs=$(aws cloudformation describe-stacks --stack-name "$stack" --output text \
    --query "Stacks[0].Outputs[].[OutputKey,OutputValue]" 2>&1) || {
    echo "The outputs of the stack $stack cannot be read: $(grep . <<<"$outputs" | tail -n 1)" >&2
    echo "Set AWS_PROFILE (or other AWS credentials), AWS_REGION and STACK to those of the deployed stack." >&2
    exit 1
  }
}

# output NAME: an output that must be there.
output() {
  local value
  value=$(awk -F '\t' -v name="$1" '$1 == name {print $2}' <<<"$outputs")
  case "$value" in '' | None) echo "The stack $stack has no output $1. Is it a stack of keysmith, and is its deployment complete?" >&2 && exit 1 ;; esac
  echo "$value"
}
