#!/usr/bin/env bash
# Builds and deploys keysmith to the account and Region of your AWS credentials, or, with "resend", sends a request for
# every policy in its bucket. What it does, and in which order, is in scripts/deploy.
#
#   STACK       name of the stack (keysmith)
#   ARCH        arm64 or x86_64 (the template's default)
#   PARAMETERS  parameters of template.yaml, as "Mode=plan ManagedByTag='our keys'"; what is not named keeps its value, or
#               its default in a new stack
#   TAGS        tags of the stack, as "team=platform env=prod"
#   BUILD_DIR   folder under .aws-sam for what SAM builds (deploy)
#   APPROVED    yes: apply the change set also where there is no terminal to show it on
#
# For a new stack, and with a terminal, it asks for the parameters that matter first. It has been tried against an
# emulator, never against AWS itself: read the change set that it shows before you say yes.
set -euo pipefail
cd "$(dirname "$0")/.."
export ARCH=${ARCH:-$(sed -n '/^  Architecture:/,/Default:/s/.*Default: *//p' template.yaml)}

if [ "${1-}" != resend ]; then
  SAM=$(command -v sam || true)
  export SAM=${SAM:-.tools/sam/bin/sam}
  command -v "$SAM" >/dev/null || { echo "no sam here: install the AWS SAM CLI, or run make sam-tools" >&2 && exit 1; }
fi
go run ./scripts/deploy "$@"
