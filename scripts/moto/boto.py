"""Uses the fake AWS as a program with boto3 would. boto3 checks digests of
messages and checksums of objects by itself, so each answer here has also
passed its checks."""

import json

import boto3
from botocore.exceptions import ClientError

kms, s3, events, sqs = (boto3.client(name) for name in ("kms", "s3", "events", "sqs"))


def check(what, got, want):
    if got != want:
        raise SystemExit(f"FAIL: {what}: got {got!r}, want {want!r}")
    print(f"  ok: {what}")


def refusal(call, **kwargs):
    try:
        call(**kwargs)
    except ClientError as refused:
        return refused.response["Error"]["Code"]
    return None


def policy(principal):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


key = kms.create_key()["KeyMetadata"]["KeyId"]
kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy({"AWS": "111122223333"}))
back = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
check("the policy is rewritten", back["Statement"][0]["Principal"]["AWS"], "arn:aws:iam::111122223333:root")
check(
    "a policy without a principal is refused",
    refusal(kms.put_key_policy, KeyId=key, PolicyName="default", Policy=policy({})),
    "MalformedPolicyDocumentException",
)

s3.create_bucket(Bucket="boto-bucket")
s3.put_bucket_versioning(Bucket="boto-bucket", VersioningConfiguration={"Status": "Enabled"})
s3.put_bucket_notification_configuration(
    Bucket="boto-bucket", NotificationConfiguration={"EventBridgeConfiguration": {}}
)
queue = sqs.create_queue(QueueName="boto-queue")["QueueUrl"]
arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
events.create_event_bus(Name="boto-bus")
for bus, source in (("default", "aws.s3"), ("boto-bus", "boto")):
    pattern = json.dumps({"source": [source]})
    events.put_rule(Name="boto-rule", EventBusName=bus, EventPattern=pattern)
    events.put_targets(Rule="boto-rule", EventBusName=bus, Targets=[{"Id": "1", "Arn": arn}])

for algorithm in ("CRC32", "SHA1", "SHA256"):  # what boto3 has without a native library
    s3.put_object(Bucket="boto-bucket", Key=f"{algorithm}.json", Body=b"{}", ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket="boto-bucket", Key=f"{algorithm}.json", ChecksumMode="ENABLED")
    check(f"an object with {algorithm}", got["Body"].read(), b"{}")

events.put_events(Entries=[{"Source": "boto", "DetailType": "hello", "Detail": "{}", "EventBusName": "boto-bus"}])
received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
kinds = sorted(json.loads(m["Body"])["detail-type"] for m in received)
check("events on the queue", kinds, ["Object Created"] * 3 + ["hello"])
entries = [{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(received)]
check("all deleted", len(sqs.delete_message_batch(QueueUrl=queue, Entries=entries)["Successful"]), 4)

attribute = {"app": {"DataType": "String", "StringValue": "x"}, "n": {"DataType": "Number", "StringValue": "7"}}
sqs.send_message(QueueUrl=queue, MessageBody="with attributes", MessageAttributes=attribute)
message = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"])["Messages"][0]
check("message attributes", message["MessageAttributes"]["n"]["StringValue"], "7")
