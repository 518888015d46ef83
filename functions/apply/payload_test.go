package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/outcome"
)

// policy is a good policy; its Id is its name.
func policy(name string) string { return policyWith(name, `"arn:aws:iam::111122223333:role/alice"`) }

func policyWith(name, user string) string {
	return fmt.Sprintf(`{
  "Version": "2012-10-17",
  "Id": %q,
  "Statement": [
    {"Sid": "root", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
    {"Sid": "use", "Effect": "Allow", "Principal": {"AWS": %s}, "Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": "*"}
  ]
}`, name, user)
}

const (
	typo    = `{"Version": "2012-10-17", "Statement": [{"Efect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}]}`
	lockout = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/keysmith"}, "Action": "kms:*", "Resource": "*"}]}`
)

func toJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

type m = map[string]any

// uploaded is the event that S3 sends through EventBridge.
func uploaded(object, version string) []byte {
	return toJSON(m{"version": "0", "id": "event-1", "detail-type": "Object Created", "source": "aws.s3", "account": account,
		"time": time.Now().UTC().Format(time.RFC3339), "region": "us-east-1",
		"detail": m{"bucket": m{"name": policyBkt}, "object": m{"key": object, "version-id": version}, "requester": account, "source-ip-address": "192.0.2.1"}})
}

// notified is what S3 sends without EventBridge; the key is form-encoded.
func notified(encoded string) []byte {
	return toJSON(m{"Records": []m{{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
		"s3": m{"bucket": m{"name": policyBkt}, "object": m{"key": encoded}}}}})
}

func requested(id string, at time.Time, detail any) []byte {
	return toJSON(m{"version": "0", "id": id, "detail-type": "KMS Key Policy Apply Requested", "source": "pipeline", "account": account,
		"time": at.UTC().Format(time.RFC3339), "region": "us-east-1", "detail": detail})
}

func look(object, reason string) []byte {
	return toJSON(m{"keysmith": "look", "object": object, "reason": reason})
}

// batch wraps bodies as SQS messages m0, m1 …
func batch(bodies ...[]byte) []byte {
	var records []m
	for i, b := range bodies {
		records = append(records, m{"messageId": fmt.Sprintf("m%d", i), "receiptHandle": "r", "body": string(b),
			"attributes": m{"ApproximateReceiveCount": "2"}, "eventSource": "aws:sqs"})
	}
	return toJSON(m{"Records": records})
}

// say is an outcome in a word, such as Applied or Rejected LOCKOUT.
func say(e outcome.Event) string {
	s := strings.TrimPrefix(string(e.Type), "KMS Key Policy ")
	if e.Detail.Data.Error != nil {
		s += " " + string(e.Detail.Data.Error.Code)
	}
	return s
}

func sayAll(events []outcome.Event) string {
	var list []string
	for _, e := range events {
		list = append(list, say(e))
	}
	return strings.Join(list, ", ")
}
