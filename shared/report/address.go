package report

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/keysmith/keysmith/shared/batch"
	"github.com/keysmith/keysmith/shared/converge"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/queue"
	"github.com/keysmith/keysmith/shared/trigger"
)

// address makes of a draft the event that answers t.
func (r *Reporter) address(d converge.Draft, t batch.Task) outcome.Event {
	data := d.Data
	data.Trigger = string(t.Trigger.Kind)
	if !d.Braked {
		data.Error = final(data.Error, t)
	}
	e := outcome.Event{
		Source: outcome.Source, Type: d.Type, Resources: r.resources(data),
		Detail: outcome.Detail{Data: data, Metadata: outcome.Metadata{
			Schema: outcome.Schema, ID: newID(), CorrelationID: t.Trigger.ID, Attempt: t.Attempt,
			Time: time.Now().UTC(), Version: r.Version, TraceID: r.TraceID,
		}},
	}
	e.Detail.Metadata.IdempotencyKey = idempotencyKey(e, t.Trigger)
	return e
}

// final makes an error that is tried again a final one where the queue will not
// hand out its message any more.
func final(failure *outcome.Error, t batch.Task) *outcome.Error {
	if failure == nil || !failure.Retryable || t.Message.Direct || t.Attempt < queue.MaxReceives {
		return failure
	}
	return &outcome.Error{Code: failure.Code, Message: fmt.Sprintf(
		"%s (the message was received %d times and now waits in the dead-letter queue)", failure.Message, t.Attempt)}
}

// idempotencyKey is the same for every delivery of one outcome. It is made of
// the request and of its outcome, and of nothing that differs between two
// deliveries.
func idempotencyKey(e outcome.Event, t trigger.Trigger) string {
	d := e.Detail.Data
	parts := append([]string{string(e.Type)}, about(e, t)...)
	if d.Error != nil {
		parts = append(parts, string(d.Error.Code), strconv.FormatBool(d.Error.Retryable))
	}
	switch t.Kind {
	case trigger.Request:
		parts = append(parts, t.ID)
	case trigger.LatePut: // a repair is not the upload's own outcome
		parts = append(parts, string(t.Kind))
	case trigger.Sweep, trigger.CloudTrail: // two policies that are found in force are two drifts
		parts = append(parts, string(t.Kind))
		if d.Previous != nil {
			parts = append(parts, d.Previous.CanonicalSHA256)
		}
		parts = append(parts, drifting(d.Replicas)...)
	}
	return digest(parts)
}

// drifting are the keys of a multi-Region set that have another policy, and which one.
func drifting(rows []outcome.Replica) (parts []string) {
	for _, r := range rows {
		if r.Outcome == outcome.Drifted {
			parts = append(parts, r.Region)
			if r.Previous != nil {
				parts = append(parts, r.Previous.CanonicalSHA256)
			}
		}
	}
	return parts
}

// subject is the same for every attempt to answer t, whatever its outcome.
func subject(e outcome.Event, t trigger.Trigger) string {
	return digest(append(about(e, t), string(t.Kind), t.ID))
}

// about is the object that t names, and the version that was found.
func about(e outcome.Event, t trigger.Trigger) []string {
	parts := []string{t.Object}
	if o := e.Detail.Data.Object; o != nil {
		parts = append(parts, o.Key, o.VersionID, o.ETag)
	}
	return parts
}

func digest(parts []string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func (r *Reporter) resources(d outcome.Data) []string {
	list := []string{}
	if d.Key != nil && d.Key.ARN != "" {
		list = append(list, d.Key.ARN)
	}
	for _, r := range d.Replicas {
		if !slices.Contains(list, r.ARN) {
			list = append(list, r.ARN)
		}
	}
	if d.Object != nil {
		list = append(list, "arn:"+r.Partition+":s3:::"+d.Object.Bucket+"/"+d.Object.Key)
	}
	return list
}

// newID returns a random UUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
