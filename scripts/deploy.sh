#!/usr/bin/env bash
# Builds and deploys keysmith to the account and Region of your AWS credentials.
#
#   STACK       name of the stack (keysmith)
#   ARCH        arm64 or x86_64 (the template's default)
#   PARAMETERS  parameters of template.yaml, as "Mode=plan KeyArns=arn:..."; what is not named keeps its value, or its
#               default in a new stack
#
# For a new stack, and with a terminal, it asks for those that matter first. It has been tried against an emulator,
# never against AWS itself: read the change set that it shows before you say yes.
set -euo pipefail
cd "$(dirname "$0")/.."
stack=${STACK:-keysmith}
export ARCH=${ARCH:-$(sed -n '/^  Architecture:/,/Default:/s/.*Default: *//p' template.yaml)}
read -d "" -ra parameters <<<"${PARAMETERS-}" || true # a line break may stand between two parameters
parameters+=("Architecture=$ARCH")

sam=$(command -v sam || true)
sam=${sam:-.tools/sam/bin/sam}
command -v "$sam" >/dev/null || { echo "no sam here: install the AWS SAM CLI, or run make sam-tools" >&2 && exit 1; }

exists() { "$sam" list stack-outputs --stack-name "$stack" --output json >/dev/null 2>&1; }

# ask NAME SUGGESTION WHAT-IT-MEANS: adds the parameter unless it is set already.
ask() {
  local name=$1 suggestion=$2 answer
  [[ " ${parameters[*]} " != *" $name="* ]] || return 0
  read -rp "$name: $3 [${suggestion:-none}] " answer
  answer=${answer:-$suggestion}
  [ -z "$answer" ] || parameters+=("$name=$answer")
}

confirm=--no-confirm-changeset
if [ -t 0 ]; then
  confirm=--confirm-changeset
  if ! exists; then
    ask Mode plan "apply, or plan to change nothing at first"
    ask KeyArns "" "ARNs of the keys that it may change"
    ask ManagedByTag "" "or the value of their tag managed-by"
    ask BreakGlassPrincipals "" "ARNs that no policy may lock out"
    ask WriterPrincipals "" "ARNs that alone may write policies to the bucket"
    ask RequestPrincipals "" "ARNs that may send requests"
    ask TrustedAccounts "" "accounts that a policy may name beside the key's own"
    ask PutQuota 15 "PutKeyPolicy calls a second that it may use, of 15 unless AWS raised the quota"
  fi
fi

"$sam" build --parameter-overrides "${parameters[@]}"
"$sam" deploy --stack-name "$stack" --resolve-s3 --capabilities CAPABILITY_IAM "$confirm" \
  --no-fail-on-empty-changeset --parameter-overrides "${parameters[@]}"
