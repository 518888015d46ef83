// Package trigger reads what woke keysmith up: S3 events in both shapes,
// requests, reconcile messages of its own, and any of them inside an SQS
// message, an SNS notification, a list of EventBridge Pipes, or the record that
// Lambda sends to a destination.
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
	// CloudTrail is a call by somebody that may have changed the key's policy.
	CloudTrail Kind = "cloudtrail"
	// Heartbeat proves that uploads arrive. It has no result event.
	Heartbeat Kind = "heartbeat"
)

// Reconciles reports whether a trigger of this kind makes keysmith compare what is
// in force with the bucket, and put only where that differs.
func (k Kind) Reconciles() bool { return k == Sweep || k == LatePut || k == CloudTrail }

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

	// What CloudTrail says of a call.
	Key    string  // ARN of the key that it was about
	Author *Author // nil where the call leaves the policy as it is, or where nobody is to be named

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

// ErrUnknown is returned for JSON of a shape that is none of the known ones. To
// pass it over would lose an upload that somebody wired in another way.
var ErrUnknown = errors.New("keysmith knows no trigger of this shape")

func unknown(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrUnknown}, args...)...)
}

// Parse reads one payload. Where it is of a known shape but does not concern
// keysmith (another bucket or prefix, a deletion, a test event, an event of
// keysmith's own) it returns no triggers and says why in ignored. Any other
// payload is an error. A payload may hold several triggers; then all three
// results may be set, and the triggers are to be handled all the same.
func Parse(payload []byte, bucket string) (triggers []Trigger, ignored string, err error) {
	if !json.Valid(payload) {
		return nil, "", ErrNotJSON
	}
	return parser{bucket, maxEnvelopes}.parse(payload)
}

// plain reads a payload that is no envelope. members are those of its object.
func (p parser) plain(payload []byte, members map[string]json.RawMessage) ([]Trigger, string, error) {
	kind, source := text(members["detail-type"]), text(members["source"])
	switch {
	case members["keysmith"] != nil:
		return reconcile(payload)
	case source == "aws.s3" && kind == "Object Created":
		return uploadEvent(payload, p.bucket)
	case source == "aws.s3" && kind != "":
		return storesNothing(payload, p.bucket, kind)
	case source == "aws.kms" && kind == "AWS API Call via CloudTrail":
		return trail(payload)
	case kind == "AWS API Call via CloudTrail":
		return nil, fmt.Sprintf("a call that CloudTrail reports of %q, which is not KMS", source), nil
	case source == "keysmith":
		return nil, fmt.Sprintf("keysmith's own event %q", kind), nil
	case kind == "KMS Key Policy Apply Requested":
		return request(payload), "", nil
	case text(members["Event"]) == "s3:TestEvent":
		return nil, "the test event that S3 sends when notifications are set up", nil
	case kind == "" && source == "" && (members["object"] != nil || members["key"] != nil):
		return bare(payload), "", nil
	}
	return nil, "", unknown("source %q, detail-type %q; it has the members %s", source, kind, names(members))
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
		return nil, "", unknown("%s", why)
	}
	kind, known := reasons[m.Reason]
	if !isReconcile(m.Keysmith) || m.Object == "" || !known {
		return nil, "", unknown("a message to keysmith (%q, reason %q)", m.Keysmith, m.Reason)
	}
	return []Trigger{{Kind: kind, ID: "reconcile:" + m.Object, Object: m.Object}}, "", nil
}

// isReconcile reports whether word names a reconcile. Versions before this one
// wrote "look". Such a message is delayed by 15 minutes, and may come again for
// longer, so it can still be in the queue when a stack is upgraded. It may be
// the only repair of a put that landed late.
func isReconcile(word string) bool { return word == "reconcile" || word == "look" }

// reasons are those that a reconcile can have.
var reasons = map[string]Kind{"sweep": Sweep, "late-put": LatePut, "cloudtrail": CloudTrail}

// Reconcile is the message that makes keysmith compare what is in force for
// object with the bucket, and act on the difference.
func Reconcile(object string, reason Kind) []byte {
	b, _ := json.Marshal(map[string]string{"keysmith": "reconcile", "object": object, "reason": string(reason)}) // strings always marshal
	return b
}
