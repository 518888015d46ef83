#!/bin/sh
# Uses the fake AWS as a person with the AWS CLI would. AWS_ENDPOINT_URL says
# where it is; the argument is a folder for files.
set -eu
work=$1

# Version 1 of the CLI goes to AWS for SQS unless it is told in the command
# line itself.
sqs() {
	aws sqs --endpoint-url "$AWS_ENDPOINT_URL" "$@"
}

# want compares what a command gave with what it should give.
want() {
	if [ "$2" != "$3" ]; then
		echo "FAIL: $1: got '$2', want '$3'" >&2
		exit 1
	fi
	echo "  ok: $1"
}

want "sts get-caller-identity" "$(aws sts get-caller-identity --query Account --output text)" 111122223333

key=$(aws kms create-key --query KeyMetadata.KeyId --output text)
cat >"$work/policy.json" <<'JSON'
{"Version": "2012-10-17", "Statement": [{"Sid": "cli", "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}]}
JSON
aws kms put-key-policy --key-id "$key" --policy-name default --policy "file://$work/policy.json"
aws kms get-key-policy --key-id "$key" --policy-name default --query Policy --output text >"$work/back.json"
want "get-key-policy is rewritten" "$(grep -c '"AWS" : "arn:aws:iam::111122223333:root"' "$work/back.json")" 1
refusal=$(aws kms put-key-policy --key-id "$key" --policy-name default --policy '{}' 2>&1 || true)
want "put-key-policy of {} is refused" "$(echo "$refusal" | grep -c MalformedPolicyDocumentException)" 1

aws s3 mb s3://cli-bucket >/dev/null
aws s3api put-bucket-versioning --bucket cli-bucket --versioning-configuration Status=Enabled
aws s3api put-bucket-notification-configuration --bucket cli-bucket --notification-configuration '{"EventBridgeConfiguration": {}}'
sqs create-queue --queue-name cli-queue >/dev/null
url=$(sqs get-queue-url --queue-name cli-queue --query QueueUrl --output text)
arn=$(sqs get-queue-attributes --queue-url "$url" --attribute-names QueueArn --query Attributes.QueueArn --output text)
aws events put-rule --name cli-rule --event-pattern '{"source": ["aws.s3", "cli"]}' >/dev/null
aws events put-targets --rule cli-rule --targets "Id=1,Arn=$arn" >/dev/null

aws s3 cp "$work/policy.json" "s3://cli-bucket/policies/$key.json" --quiet
aws s3 cp "s3://cli-bucket/policies/$key.json" "$work/copy.json" --quiet
want "s3 cp there and back" "$(cmp "$work/policy.json" "$work/copy.json" && echo same)" same
want "s3 ls" "$(aws s3 ls s3://cli-bucket/policies/ | grep -c "$key.json")" 1
receive() {
	sqs receive-message --queue-url "$url" --wait-time-seconds 1 --query 'Messages[0].Body' --output text
}
want "the upload's event is on the queue" "$(receive | grep -c '"detail-type":"Object Created"')" 1

aws events put-events --entries '[{"Source": "cli", "DetailType": "hello", "Detail": "{}"}]' >/dev/null
want "put-events reaches the queue" "$(receive | grep -c '"detail-type":"hello"')" 1
aws s3 rm "s3://cli-bucket/policies/$key.json" --quiet
want "s3 rm leaves a delete marker" \
	"$(aws s3api list-object-versions --bucket cli-bucket --query 'length(DeleteMarkers)' --output text)" 1
