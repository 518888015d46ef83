// Package trigger reads what woke keysmith up: S3 events in both shapes,
// requests on the bus, reconciles from its own queue, and any of them inside SQS.
//
// A trigger is only a hint to look at an object again. Nothing that a trigger
// says about the object's content is believed; the content is read from the
// bucket.
package trigger

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Kind is the word that result events use for a trigger.
type Kind string

const (
	Upload  Kind = "upload"
	Request Kind = "request"
	Sweep   Kind = "sweep"
	LatePut Kind = "late-put"
)

// A Trigger asks keysmith to look at one object, or carries a policy inline.
type Trigger struct {
	Kind   Kind
	ID     string    // correlates the result with what asked for it
	Time   time.Time // when it was sent, zero if unknown
	Object string    // the object key; empty for an inline request
	DryRun bool

	Account string // whose event it is, where the event tells

	// What the event of an upload tells of the version it was sent for.
	VersionID, ETag, Requester, SourceIP string

	Inline  *Inline // a request that carries a policy
	Problem string  // a request that is addressed to keysmith but cannot be understood
}

// Inline is a policy that came with the request itself.
type Inline struct {
	Key    string // key id, key ARN, alias/… or alias ARN
	Policy []byte // the text exactly as it was sent
}

// ErrNotJSON is returned for a payload that holds no JSON at all.
var ErrNotJSON = errors.New("the trigger is not JSON")

// Parse reads one payload. It returns no triggers, and says why in ignored,
// where the payload is none of keysmith's business: another bucket, another
// prefix, a test event, an unknown shape.
func Parse(payload []byte, bucket string) (triggers []Trigger, ignored string, err error) {
	var head struct {
		Records    []json.RawMessage `json:"Records"`
		Event      string            `json:"Event"`
		Keysmith   string            `json:"keysmith"`
		DetailType string            `json:"detail-type"`
		Source     string            `json:"source"`
	}
	if !json.Valid(payload) {
		return nil, "", ErrNotJSON
	}
	if why := unlike("a trigger", payload, &head); why != "" {
		return nil, why, nil
	}
	switch {
	case head.Keysmith != "":
		return reconcile(payload)
	case head.DetailType == "Object Created" && head.Source == "aws.s3":
		return uploadEvent(payload, bucket)
	case head.DetailType == "KMS Key Policy Apply Requested":
		return request(payload), "", nil
	case head.Event == "s3:TestEvent":
		return nil, "the test event that S3 sends when notifications are set up", nil
	case len(head.Records) > 0:
		return notification(head.Records, bucket)
	}
	return nil, fmt.Sprintf("unknown trigger (source %q, detail-type %q)", head.Source, head.DetailType), nil
}

// unlike reads payload into v and returns, where it has another shape, why it
// is not what.
func unlike(what string, payload []byte, v any) (why string) {
	err := json.Unmarshal(payload, v)
	var shape *json.UnmarshalTypeError
	switch {
	case errors.As(err, &shape) && shape.Field != "":
		return "not " + what + ": " + shape.Field + " is of JSON type " + shape.Value
	case errors.As(err, &shape):
		return "not " + what + ": it is of JSON type " + shape.Value
	case err != nil:
		return "not " + what + ": " + err.Error()
	}
	return ""
}

// reconcile reads keysmith's own message: {"keysmith": "reconcile", …}.
func reconcile(payload []byte) ([]Trigger, string, error) {
	var m struct {
		Keysmith string `json:"keysmith"`
		Object   string `json:"object"`
		Reason   string `json:"reason"`
	}
	if why := unlike("a reconcile message", payload, &m); why != "" {
		return nil, why, nil
	}
	kind, known := reasons[m.Reason]
	if !isReconcile(m.Keysmith) || m.Object == "" || !known {
		return nil, fmt.Sprintf("unknown message to keysmith (%q, reason %q)", m.Keysmith, m.Reason), nil
	}
	return []Trigger{{Kind: kind, ID: "reconcile:" + m.Object, Object: m.Object}}, "", nil
}

// isReconcile reports whether word names a reconcile. Versions before this one
// wrote "look". Such a message is delayed by 15 minutes, and may come again for
// longer, so it can still be in the queue when a stack is upgraded. It may be
// the only repair of a put that landed late.
func isReconcile(word string) bool { return word == "reconcile" || word == "look" }

// reasons are those that a reconcile can have. A change that CloudTrail reports
// is compared with the bucket as the sweep does.
var reasons = map[string]Kind{"sweep": Sweep, "late-put": LatePut, "cloudtrail": Sweep}

// Reconcile is the message that makes keysmith compare what is in force for
// object with the bucket, and act on the difference.
func Reconcile(object string, reason Kind) []byte {
	b, _ := json.Marshal(map[string]string{"keysmith": "reconcile", "object": object, "reason": string(reason)}) // strings always marshal
	return b
}
