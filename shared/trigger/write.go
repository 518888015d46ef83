package trigger

import (
	"encoding/json"
	"fmt"
	"time"
)

// Write is the event that Parse reads as t: of an upload to bucket, of a request,
// or of a call that CloudTrail reports. What else an event told is not needed, and lost.
func Write(t Trigger, bucket string) ([]byte, error) {
	type object = map[string]any
	event := object{"id": t.ID, "account": t.Account}
	if !t.Time.IsZero() {
		event["time"] = t.Time.UTC().Format(time.RFC3339Nano)
	}
	switch {
	case t.Kind == Upload:
		event["source"], event["detail-type"] = "aws.s3", "Object Created"
		event["detail"] = object{
			"bucket": object{"name": bucket}, "object": object{"key": t.Object, "version-id": t.VersionID, "etag": t.ETag},
			"requester": t.Requester, "source-ip-address": t.SourceIP,
		}
	case t.Kind == Request && t.Problem == "":
		detail := object{"dryRun": t.DryRun}
		if t.Inline != nil {
			detail["key"], detail["policy"] = t.Inline.Key, string(t.Inline.Policy)
		} else {
			detail["object"] = t.Object
		}
		event["detail-type"], event["detail"] = "KMS Key Policy Apply Requested", detail
	case t.Kind == CloudTrail && t.Key != "":
		event["source"], event["detail-type"], event["detail"] = "aws.kms", "AWS API Call via CloudTrail", writeTrail(t)
	case t.Kind.Reconciles():
		return Reconcile(t.Object, t.Kind), nil
	default:
		return nil, fmt.Errorf("a trigger of kind %s cannot be sent on", t.Kind)
	}
	return json.Marshal(event)
}
