#!/usr/bin/env bash
# Deploys, as make deploy does, to ministack, an emulator that runs the functions, and goes the whole way once:
# upload -> event -> rule -> queue -> function -> key policy -> result event.
#
#   deploy.sh LAB    LAB is the folder of a running docker.sh, in whose network namespace all this happens
set -euo pipefail
cd "$(dirname "$0")/../.."
lab=$1
account=111122223333
export AWS_ENDPOINT_URL=http://127.0.0.1:4599 AWS_DEFAULT_REGION=us-east-1
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_MAX_ATTEMPTS=3 SAM_CLI_TELEMETRY=0 SAM_CLI_POLL_DELAY=1

inside() { nsenter --net="/run/netns/$(cat "$lab/netns")" "$@"; }
aws() { inside .tools/emulators/bin/aws --endpoint-url "$AWS_ENDPOINT_URL" --output text "$@"; }

start_emulator() {
  # The functions inherit the endpoint; without it they would call AWS.
  env -u AWS_MAX_ATTEMPTS -u DOCKER_HOST GATEWAY_PORT=4599 MINISTACK_HOST=127.0.0.1 MINISTACK_REGION=$AWS_DEFAULT_REGION \
    MINISTACK_ACCOUNT_ID=$account nsenter --net="/run/netns/$(cat "$lab/netns")" .tools/emulators/bin/ministack >"$lab/ministack.log" 2>&1 </dev/null &
  emulator=$!
  trap 'kill "$emulator" 2>/dev/null; wait "$emulator" 2>/dev/null || true; [ -z "${layer-}" ] || rm -f "$layer"' EXIT
  # It runs the function as a process of this machine, and does not unpack the function's layer into /opt.
  if [ ! -e /opt/guardrails ]; then
    layer=/opt/guardrails
    ln -s "$PWD/shared/guardrails" "$layer"
  fi
  within 30 "the emulator answers" inside curl -fs -o /dev/null "$AWS_ENDPOINT_URL/_ministack/health"
}

# within SECONDS WHAT COMMAND...: waits until the command succeeds.
within() {
  local seconds=$1 what=$2 end
  shift 2
  end=$((SECONDS + seconds))
  until "$@"; do
    if [ $SECONDS -ge $end ]; then
      echo "not within $seconds s: $what (last result: ${seen-none}); the emulator's log ends:" >&2
      tail -n 40 "$lab/ministack.log" >&2
      exit 1
    fi
    sleep 0.5
  done
  echo "ok   $what"
}

# deploy PARAMETERS: makes the stack, or changes it.
deploy() {
  APPROVED=yes BUILD_DIR=test PARAMETERS=$1 inside scripts/deploy.sh >"$lab/deploy.log" 2>&1 </dev/null || { cat "$lab/deploy.log" >&2 && return 1; }
  # The emulator takes MaximumConcurrency from the template as a text, and its poller then fails to compare it with a
  # number; CloudFormation itself converts it.
  local mapping most
  aws lambda list-event-source-mappings --query 'EventSourceMappings[].[UUID, ScalingConfig.MaximumConcurrency]' |
    while read -r mapping most; do
      [ "$most" = None ] ||
        aws lambda update-event-source-mapping --uuid "$mapping" --scaling-config MaximumConcurrency="$most" </dev/null >/dev/null
    done
}

output() { aws cloudformation describe-stacks --stack-name keysmith --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue"; }

parameter() { aws cloudformation describe-stacks --stack-name keysmith --query "Stacks[0].Parameters[?ParameterKey=='$1'].ParameterValue"; }

# A queue of our own on the result bus.
watch_results() {
  local queue
  results=$(aws sqs create-queue --queue-name results --query QueueUrl)
  queue=$(aws sqs get-queue-attributes --queue-url "$results" --attribute-names QueueArn --query Attributes.QueueArn)
  aws events put-rule --name results --event-pattern '{"source": ["keysmith"]}' >/dev/null
  aws events put-targets --rule results --targets "Id=results,Arn=$queue" >/dev/null
}

# in_force KEY FILE: true if the policy of the key says what the file says.
in_force() {
  aws kms get-key-policy --key-id "$1" --policy-name default --query Policy |
    python3 -c 'import json, sys; sys.exit(json.load(sys.stdin) != json.load(open(sys.argv[1])))' "$2"
}

# next_result KEY TYPE: takes one event off the queue; true if it is of this key and type. Others may come in between:
# a request stores its policy, and the upload that this is has a result of its own. What was read is deleted, or it would
# come again before what is new.
next_result() {
  local message
  message=$(aws sqs receive-message --queue-url "$results" --wait-time-seconds 1 --query 'Messages[0].[ReceiptHandle, Body]')
  seen=none
  [ "$message" != None ] || return 1
  aws sqs delete-message --queue-url "$results" --receipt-handle "${message%%$'\t'*}"
  seen=$(python3 -c '
import json, sys
e = json.loads(sys.argv[1])
print(e["detail-type"], e["detail"]["data"].get("key", {}).get("id"))' "${message#*$'\t'}")
  [ "$seen" = "$2 $1" ]
}

# has_drift KEY: true if the status of the key's object knows of a drift.
has_drift() {
  aws s3 cp "s3://$bucket/status/policies/$1.json" - |
    python3 -c 'import json, sys; sys.exit("drift" not in json.load(sys.stdin))'
}

sweep() {
  aws lambda invoke --function-name "$(output SweepFunctionArn)" --payload '{"keysmith": "sweep"}' /dev/null >/dev/null
}

# shellcheck source=scripts/sam/targets.sh
. scripts/sam/targets.sh
start_emulator
roles=arn:aws:iam::$account:role
deploy "Mode=apply WriterPrincipals=* KeyArns=arn:aws:kms:us-east-1:$account:key/* BreakGlassPrincipals=arn:aws:iam::{account}:role/break-glass
  RequestPrincipals=$roles/pipeline,$roles/on-call VerifyInterval=100ms TargetAccounts=$member TargetExternalId=$external_id"
echo "ok   the stack is made"
watch_results
bucket=$(output PolicyBucketName)
policies=events/world/bucket/policies
good=$policies/6f1c7a52-3c0e-4a86-9d7e-0b6a5f2e9c11.json
typo=$policies/b83d5e90-71f4-4c2b-8a6d-2e9f40c7d522.json
inline=events/world/requests/payments.json

key=$(aws kms create-key --description orders --query KeyMetadata.KeyId)
aws s3 cp --only-show-errors "$good" "s3://$bucket/policies/$key.json"
within 180 "an upload: the policy of the key is the new one" in_force "$key" "$good"
within 180 "an upload: the result bus tells" next_result "$key" "KMS Key Policy Applied"

aws s3 cp --only-show-errors "$typo" "s3://$bucket/policies/$key.json"
within 180 "a typo: the result bus tells" next_result "$key" "KMS Key Policy Rejected"
within 1 "a typo: the policy of the key is the one before" in_force "$key" "$good"

key=$(aws kms create-key --description payments --query KeyMetadata.KeyId)
request=$(python3 -c '
import json, sys
detail = {"key": sys.argv[1], "policy": json.load(open(sys.argv[2]))}
print(json.dumps([{"EventBusName": sys.argv[3], "Source": "platform.pipeline",
                   "DetailType": "KMS Key Policy Apply Requested", "Detail": json.dumps(detail)}]))' \
  "$key" "$inline" "$(output RequestBusArn)")
aws events put-events --entries "$request" >/dev/null
within 180 "a request: the policy of the key is the new one" in_force "$key" "$inline"
within 180 "a request: the result bus tells" next_result "$key" "KMS Key Policy Applied"

# Somebody changes the key by hand. The sweep, started as its schedule starts it, has that reported, and changes nothing.
aws kms put-key-policy --key-id "$key" --policy-name default --policy "file://$good"
sweep
within 180 "drift: the result bus tells" next_result "$key" "KMS Key Policy Drift Detected"
within 1 "drift: the policy of the key stays" in_force "$key" "$good"
within 20 "drift: the status beside the policy tells" has_drift "$key"
aws kms put-key-policy --key-id "$key" --policy-name default --policy "file://$inline"
sweep
within 180 "the end of the drift: the result bus tells" next_result "$key" "KMS Key Policy Drift Resolved"

# With DriftMode=enforce, the same change is repaired when CloudTrail reports it. As on AWS, only a service may send an
# event of the source aws.kms, so the event goes to the queue that the rule sends it to.
deploy DriftMode=enforce
echo "ok   the stack repairs drift"
aws kms put-key-policy --key-id "$key" --policy-name default --policy "file://$good"
trail=$(python3 -c '
import datetime, json, sys
account, key = sys.argv[1:]
arn = f"arn:aws:kms:us-east-1:{account}:key/{key}"
e = json.load(open("events/cloudtrail.json"))
now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
e["time"] = e["detail"]["eventTime"] = now
e["detail"]["requestParameters"]["keyId"] = e["detail"]["responseElements"]["keyId"] = e["detail"]["resources"][0]["ARN"] = arn
print(json.dumps(e))' "$account" "$key")
aws sqs send-message --queue-url "$(output ReconcileQueueUrl)" --message-body "$trail" >/dev/null
within 180 "a repair: the result bus tells" next_result "$key" "KMS Key Policy Drift Resolved"
within 1 "a repair: the policy of the bucket is in force again" in_force "$key" "$inline"

try_targets

# What a deployment does not name keeps its value: the new mode is all that differs.
deploy Mode=plan
echo "ok   the stack is changed"
keys=$(parameter KeyArns)
[ "$keys" = "arn:aws:kms:us-east-1:$account:key/*" ] || { echo "KeyArns has become $keys" >&2 && exit 1; }
aws s3 cp --only-show-errors "$good" "s3://$bucket/policies/$key.json"
within 180 "plan mode: the result bus tells" next_result "$key" "KMS Key Policy Planned"
within 1 "plan mode: the policy of the key is the one before" in_force "$key" "$inline"
