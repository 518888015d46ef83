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

// tells reports whether an event says what became of a version of object, or of
// the policy in force beside it.
func tells(e outcome.Event, object string) bool {
	o := e.Detail.Data.Object
	if o == nil || o.Key != object {
		return false
	}
	return o.VersionID != "" || o.ETag != "" || namesNoKey(e)
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
	w := writing{newest: newest}
	if old != nil {
		w.status, w.known = *old, true
	}
	for _, e := range events {
		w.add(e)
	}
	if !w.changed || !w.known {
		return nil
	}
	return &w.status
}

// A writing is a status while events are added to it.
type writing struct {
	newest  bucket.Version
	status  Status
	known   bool // there is a status at all
	changed bool
}

func (w *writing) add(e outcome.Event) {
	about := of(e)
	if namesNoKey(e) {
		about.VersionID, about.ETag = w.newest.ID, w.newest.ETag
	}
	current := w.describes(about)
	switch {
	case about.Outcome == "":
		w.addDrift(e, current)
		return
	case about.Outcome == Applied:
		w.apply(about, current)
	}
	if !current {
		return
	}
	about.LastApplied = w.status.LastApplied
	if about.Outcome != Applied {
		about.Drift = w.status.Drift // what is in force has not changed
	}
	w.status, w.known, w.changed = *about, true, true
}

func (w *writing) describes(s *Status) bool {
	return s.Of(w.newest.ID, strings.Trim(w.newest.ETag, `"`))
}

// apply notes what was put and verified, whatever the newest version is by now.
func (w *writing) apply(about *Status, current bool) {
	if last := w.status.LastApplied; !current && last != nil && !about.Time.After(last.Time) {
		return
	}
	w.status.LastApplied = &LastApplied{VersionID: about.VersionID, CanonicalSHA256: about.Policy.CanonicalSHA256, Time: about.Time}
	w.changed = true
}

// addDrift notes that drift began, lasts, or ended. Of a version without an
// outcome that says too little to be a status.
func (w *writing) addDrift(e outcome.Event, current bool) {
	if !current || !w.known || !w.describes(&w.status) {
		return
	}
	w.changed = true
	switch old := w.status.Drift; {
	case e.Type == outcome.DriftResolved:
		w.status.Drift = nil
	case e.Detail.Data.Drift != nil:
		w.status.Drift = e.Detail.Data.Drift
	case old == nil:
		w.status.Drift = &outcome.Drift{Since: e.Detail.Metadata.Time, Repair: outcome.RepairNone}
	}
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
