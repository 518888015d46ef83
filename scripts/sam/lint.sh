#!/usr/bin/env bash
# Lints template.yaml with both linters; a warning is a failure.
set -euo pipefail
cd "$(dirname "$0")/../.."
export SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1

.tools/emulators/bin/cfn-lint --non-zero-exit-code informational template.yaml scripts/deploy/notify.yaml scripts/target/target.yaml scripts/target/watch.yaml
.tools/sam/bin/sam validate --lint
