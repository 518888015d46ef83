package functest

import (
	"encoding/json"
	"fmt"
	"time"
)

// Policy returns an acceptable policy. Its Id is its name.
func Policy(name string) string { return PolicyWith(name, `"arn:aws:iam::111122223333:role/alice"`) }

// PolicyWith returns a policy that gives user, a JSON value, the use of the key.
func PolicyWith(name, user string) string {
	return fmt.Sprintf(`{
  "Version": "2012-10-17",
  "Id": %q,
  "Statement": [
    {"Sid": "root", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
    {"Sid": "use", "Effect": "Allow", "Principal": {"AWS": %s}, "Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": "*"}
  ]
}`, name, user)
}

// Policies that are not acceptable: one with a misspelled element, and one that
// leaves nobody but the function with access.
const (
	Typo    = `{"Version": "2012-10-17", "Statement": [{"Efect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}]}`
	Lockout = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/keysmith"}, "Action": "kms:*", "Resource": "*"}]}`
)

// JSON returns v as JSON.
func JSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// M is a JSON object.
type M = map[string]any

// Uploaded is the event that S3 sends through EventBridge.
func Uploaded(object, version string) []byte {
	return JSON(M{"version": "0", "id": "event-1", "detail-type": "Object Created", "source": "aws.s3", "account": Account,
		"time": time.Now().UTC().Format(time.RFC3339), "region": "us-east-1",
		"detail": M{"bucket": M{"name": Bucket}, "object": M{"key": object, "version-id": version}, "requester": Account, "source-ip-address": "192.0.2.1"}})
}

// Old is an event that was sent an hour ago. Errors that usually resolve themselves
// are final for it.
func Old(event []byte) []byte {
	var e M
	if err := json.Unmarshal(event, &e); err != nil {
		panic(err)
	}
	e["time"] = time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)
	return JSON(e)
}

// Notified is what S3 sends without EventBridge. The object key is form-encoded.
func Notified(encoded string) []byte {
	return JSON(M{"Records": []M{{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
		"s3": M{"bucket": M{"name": Bucket}, "object": M{"key": encoded}}}}})
}

// Requested is a request on the request bus.
func Requested(id string, at time.Time, detail any) []byte {
	return JSON(M{"version": "0", "id": id, "detail-type": "KMS Key Policy Apply Requested", "source": "pipeline", "account": Account,
		"time": at.UTC().Format(time.RFC3339), "region": "us-east-1", "detail": detail})
}

// Reconcile is the message that keysmith sends to itself.
func Reconcile(object, reason string) []byte {
	return JSON(M{"keysmith": "reconcile", "object": object, "reason": reason})
}

// Raw is text that stands in a payload as it is.
func Raw(text string) json.RawMessage { return json.RawMessage(text) }
