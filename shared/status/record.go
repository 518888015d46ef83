package status

import (
	"context"
	"slices"
	"strings"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/outcome"
)

// Record keeps what events, in their order, say about object. The bus has
// accepted them. What they say about another version than the newest one changes
// nothing but LastApplied: the trigger of the newest version tells of that.
func (s *Store) Record(ctx context.Context, object string, events []outcome.Event) error {
	events = slices.DeleteFunc(slices.Clone(events), func(e outcome.Event) bool { return !tells(e, object) })
	if len(events) == 0 {
		return nil
	}
	return s.Update(ctx, object, func(old *Status, newest bucket.Version) *Status { return after(events, old, newest) })
}

// tells reports whether an event says what became of a version of object.
func tells(e outcome.Event, object string) bool {
	o := e.Detail.Data.Object
	if o == nil || o.Key != object {
		return false
	}
	return outcomeOf(e.Type) != "" && (o.VersionID != "" || o.ETag != "" || namesNoKey(e))
}

// namesNoKey reports whether an event refuses the object's name, and with it
// every version.
func namesNoKey(e outcome.Event) bool {
	d := e.Detail.Data
	return e.Type == outcome.Rejected && d.Error != nil && d.Error.Code == outcome.BadObjectKey && d.Object.VersionID == "" && d.Object.ETag == ""
}

func outcomeOf(t outcome.Type) Outcome {
	switch t {
	case outcome.Applied:
		return Applied
	case outcome.Rejected:
		return Rejected
	case outcome.Failed:
		return Failed
	case outcome.Planned:
		return Planned
	}
	return ""
}

// after is the status that events lead to, nil where they change nothing.
func after(events []outcome.Event, old *Status, newest bucket.Version) *Status {
	if newest == (bucket.Version{}) {
		return nil
	}
	var next *Status
	var last *LastApplied
	if old != nil {
		last = old.LastApplied
	}
	before := last
	for _, e := range events {
		about := of(e)
		if namesNoKey(e) {
			about.VersionID, about.ETag = newest.ID, newest.ETag
		}
		current := about.Of(newest.ID, strings.Trim(newest.ETag, `"`))
		if about.Outcome == Applied && (current || last == nil || about.Time.After(last.Time)) {
			last = &LastApplied{VersionID: about.VersionID, CanonicalSHA256: about.Policy.CanonicalSHA256, Time: about.Time}
		}
		if current {
			next = about
		}
	}
	switch {
	case next != nil:
		next.LastApplied = last
		if old != nil && next.Outcome != Applied {
			next.Drift = old.Drift // what is in force has not changed
		}
		return next
	case old != nil && last != before:
		kept := *old
		kept.LastApplied = last
		return &kept
	}
	return nil
}

// of is the status that repeats an event.
func of(e outcome.Event) *Status {
	d, m := e.Detail.Data, e.Detail.Metadata
	return &Status{
		Object: d.Object.Key, VersionID: d.Object.VersionID, ETag: d.Object.ETag,
		Outcome: outcomeOf(e.Type), Time: m.Time, Event: m.ID,
		Key: d.Key, Policy: d.Policy, Error: d.Error, Findings: d.Findings, Verification: d.Verification,
	}
}
