// Package status is the verdict beside each policy: for every object of the
// policy bucket, one object below status/ holds the outcome of its newest
// version, so that a person who may only read the bucket finds the answer there.
//
// A status describes; it decides nothing about a key. It is a hint that saves
// work and repeated events, and is always compared with the object itself: a
// status that somebody edits or deletes can cost a repeated event or a repeated
// put of the desired policy, never a put of anything else.
package status

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
)

// Schema is the version of the contract that a status object follows. Its JSON
// Schema is schema/status.json.
const Schema = "keysmith.status/1"

// An Outcome says in one word what became of a version.
type Outcome string

// The outcomes. Removed means that the object was deleted; the policy in force
// stays as it is.
const (
	Applied  Outcome = "Applied"
	Rejected Outcome = "Rejected"
	Failed   Outcome = "Failed"
	Planned  Outcome = "Planned"
	Removed  Outcome = "Removed"
)

// A Status is the content of one status object. Its members have the names and
// the values of the result event that they repeat.
type Status struct {
	Schema       string                `json:"schema"`
	Object       string                `json:"object"`              // object key
	VersionID    string                `json:"versionId,omitempty"` // that Outcome is about
	ETag         string                `json:"etag,omitempty"`      // of that version, without quotes
	Outcome      Outcome               `json:"outcome"`
	Time         time.Time             `json:"time"`
	Event        string                `json:"event,omitempty"` // metadata.id of the result event
	Key          *outcome.Key          `json:"key,omitempty"`
	Policy       *outcome.Policy       `json:"policy,omitempty"`
	Error        *outcome.Error        `json:"error,omitempty"`
	Findings     []keypolicy.Finding   `json:"findings,omitempty"`
	Verification *outcome.Verification `json:"verification,omitempty"`
	Replicas     []outcome.Replica     `json:"replicas,omitempty"`
	Drift        *outcome.Drift        `json:"drift,omitempty"` // present while the policy in force is not the one that was last applied
	// DriftReported is the last report of Drift, so that each is made once a day. It
	// is no member of Drift: that has what the event has, and an event says nothing of
	// the report before it. Nothing else here tells it: Time and Event are those of the
	// outcome, and Drift.Since stays the same while the policy in force changes again.
	DriftReported *DriftReported `json:"driftReported,omitempty"`
	LastApplied   *LastApplied   `json:"lastApplied,omitempty"`
}

// LastApplied is the last version of the object that was put and verified.
type LastApplied struct {
	VersionID       string    `json:"versionId,omitempty"`
	CanonicalSHA256 string    `json:"canonicalSha256"`
	Time            time.Time `json:"time"`
	Regions         []string  `json:"regions,omitempty"` // of a multi-Region set: those whose keys got it
}

// Final reports whether the outcome stands until the object changes: keysmith
// does not try again by itself.
func (s *Status) Final() bool { return s.Outcome != Failed || s.Error == nil || !s.Error.Retryable }

// Of reports whether the status is about this version of the object.
func (s *Status) Of(versionID, etag string) bool {
	if versionID != "" || s.VersionID != "" {
		return s.VersionID == versionID
	}
	return s.ETag != "" && s.ETag == etag
}

// Covers reports whether the policy of the version was put on the key of a
// multi-Region set that is in a Region, whatever somebody has put there since. A
// replica that is new has none.
func (s *Status) Covers(region string) bool {
	return slices.ContainsFunc(s.Replicas, func(r outcome.Replica) bool {
		return r.Region == region && (r.Outcome == string(Applied) || r.Outcome == outcome.InSync || r.Outcome == outcome.Drifted)
	})
}

// Parse reads the content of a status object. An error means that it cannot be
// relied on; then it counts as absent.
func Parse(text []byte, object string) (*Status, error) {
	var s Status
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("reading the status of %s: %w", object, err)
	}
	switch {
	case s.Schema != Schema:
		return nil, fmt.Errorf("the status of %s has schema %q; want %q", object, s.Schema, Schema)
	case s.Object != object:
		return nil, fmt.Errorf("the status of %s says that it is about %q", object, s.Object)
	}
	switch s.Outcome {
	case Applied, Rejected, Failed, Planned, Removed:
		return &s, nil
	}
	return nil, fmt.Errorf("the status of %s has an unknown outcome %q", object, s.Outcome)
}
