# shellcheck shell=bash disable=SC2154 # deploy.sh sets the others
# Part of deploy.sh: a second account of the emulator. An access key of twelve digits is that account there, and the
# credentials of a session are of the account of its role; trust policies and IAM are not judged.
member=444455556666
external_id=sesame

of_member() { AWS_ACCESS_KEY_ID=$member aws "$@"; }

# in_force_there KEY FILE: as in_force, for a key of the other account.
in_force_there() {
  of_member kms get-key-policy --key-id "$1" --policy-name default --query Policy |
    python3 -c 'import json, sys; sys.exit(json.load(sys.stdin) != json.load(open(sys.argv[1])))' "$2"
}

# history_there KEY: true if the bucket keeps what was replaced of a key of the other account.
history_there() {
  aws s3api list-objects-v2 --bucket "$bucket" --prefix "history/$member/$AWS_DEFAULT_REGION/$1/" --query 'Contents[0].Key' | grep -q '^history/'
}

# watch_keeps_what_is_not_delivered: the rule of watch.yaml names the stack's queue as its dead-letter queue.
watch_keeps_what_is_not_delivered() {
  local url rule
  url=$(of_member cloudformation describe-stacks --stack-name keysmith-watch --query "Stacks[0].Outputs[?OutputKey=='WatchDeadLetterQueueUrl'].OutputValue | [0]")
  rule=$(of_member cloudformation describe-stack-resources --stack-name keysmith-watch --logical-resource-id WatchRule --query 'StackResources[0].PhysicalResourceId')
  of_member events list-targets-by-rule --rule "$rule" --query 'Targets[0].DeadLetterConfig.Arn' | grep -q ":${url##*/}$"
}

deploy_targets() {
  of_member cloudformation deploy --stack-name keysmith-target --template-file scripts/target/target.yaml --capabilities CAPABILITY_NAMED_IAM \
    --parameter-overrides "HubApplyRoleArn=$(output ApplyRoleArn)" "HubReadRoleArns=$(output ApplyRoleArn),$(output PlanRoleArn)" \
    "ExternalId=$external_id" </dev/null >"$lab/target.log" 2>&1 || { cat "$lab/target.log" >&2 && return 1; }
  of_member iam get-role --role-name keysmith-target --query Role.Arn | grep -q "arn:aws:iam::$member:role/keysmith-target"
  echo "ok   target.yaml: its roles are in the other account"
  of_member cloudformation deploy --stack-name keysmith-watch --template-file scripts/target/watch.yaml --capabilities CAPABILITY_IAM \
    --parameter-overrides "HubBusArn=$(output TrailBusArn)" "HubApplyRoleArn=$(output ApplyRoleArn)" </dev/null >"$lab/watch.log" 2>&1 ||
    { cat "$lab/watch.log" >&2 && return 1; }
  watch_keeps_what_is_not_delivered
  echo "ok   watch.yaml: the stack is made, and its rule has a dead-letter queue"
}

# A key of the other account, by the roles that target.yaml made.
try_targets() {
  local key policy=$lab/elsewhere.json
  deploy_targets
  sed "s/$account/$member/g" "$good" >"$policy"
  key=$(of_member kms create-key --description elsewhere --query KeyMetadata.KeyId)
  aws s3 cp --only-show-errors "$policy" "s3://$bucket/policies/$member/$AWS_DEFAULT_REGION/$key.json"
  within 180 "a key of another account: its policy is the new one" in_force_there "$key" "$policy"
  within 180 "a key of another account: the result bus tells" next_result "$key" "KMS Key Policy Applied"
  within 5 "a key of another account: its history is in the hub" history_there "$key"
  aws s3 cp --only-show-errors "$policy" "s3://$bucket/policies/777788889999/$AWS_DEFAULT_REGION/$key.json"
  within 180 "an account that is no target: the result bus tells" next_result "$key" "KMS Key Policy Rejected"
}
