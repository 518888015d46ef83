package status

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/trigger"
)

// Record keeps what events, in their order, say about object. The bus has
// accepted them. What they say about another version than the newest one changes
// nothing but LastApplied: the trigger of the newest version reports that.
//
// Where they end a drift that is open and do not say so, Record writes nothing and
// returns it: its end is to be reported, and recorded together with them.
func (s *Store) Record(ctx context.Context, object string, events []outcome.Event) (open *outcome.Drift, err error) {
	events = slices.DeleteFunc(slices.Clone(events), func(e outcome.Event) bool { return !tells(e, object) })
	if len(events) == 0 {
		return nil, nil
	}
	err = s.Update(ctx, object, func(old *Status, newest bucket.Version) *Status {
		open = nil
		next := after(events, old, newest)
		if old != nil && old.Drift != nil && next != nil && next.Drift == nil && !resolved(events) {
			open = old.Drift
			return nil
		}
		return next
	})
	return open, err
}

func resolved(events []outcome.Event) bool {
	return slices.ContainsFunc(events, func(e outcome.Event) bool { return e.Type == outcome.DriftResolved })
}

// Remove writes that object is deleted, unless it is there. What was last applied
// stays in force, and is kept.
func (s *Store) Remove(ctx context.Context, object string, now time.Time) error {
	return s.Update(ctx, object, func(old *Status, newest bucket.Version) *Status {
		if newest != (bucket.Version{}) || old != nil && old.Outcome == Removed {
			return nil
		}
		next := &Status{Object: object, Outcome: Removed, Time: now}
		if old != nil {
			next.Key, next.LastApplied = old.Key, old.LastApplied
		}
		return next
	})
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
	switch {
	case !current:
		return
	case w.onlyLooked(e, about):
		w.addBrake(about)
		return
	}
	about.LastApplied = w.status.LastApplied
	if about.Outcome == Applied {
		w.keepDrift(about)
	} else { // what is in force has not changed
		about.Drift, about.DriftReported = w.status.Drift, w.status.DriftReported
	}
	w.status, w.known, w.changed = *about, true, true
}

// onlyLooked reports whether a reconcile could not compare an applied version and
// is tried again: that is no other outcome of the version.
func (w *writing) onlyLooked(e outcome.Event, about *Status) bool {
	compared := trigger.Kind(e.Detail.Data.Trigger).Reconciles()
	return compared && !about.Final() && w.known && w.status.Outcome == Applied && w.describes(&w.status)
}

// addBrake notes that the brake keeps a drift from being repaired: that is reported once.
func (w *writing) addBrake(about *Status) {
	if about.Error == nil || about.Error.Code != outcome.Brake || w.status.DriftReported == nil {
		return
	}
	reported := *w.status.DriftReported
	reported.Braked = true
	w.status.DriftReported, w.changed = &reported, true
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
	for _, r := range about.Replicas {
		w.status.LastApplied.Regions = append(w.status.LastApplied.Regions, r.Region)
	}
	w.changed = true
}

// addDrift notes that drift began, lasts, or ended. Of a version without an
// outcome that says too little to be a status.
func (w *writing) addDrift(e outcome.Event, current bool) {
	if !current || !w.known || !w.describes(&w.status) {
		return
	}
	w.changed = true
	d := e.Detail.Data
	if e.Type == outcome.DriftResolved {
		w.status.Drift, w.status.DriftReported = nil, nil
		return
	}
	w.status.DriftReported = &DriftReported{
		Time: e.Detail.Metadata.Time, Replicas: w.status.DriftReported.drifting(d.Replicas, e.Detail.Metadata.Time),
	}
	if d.Previous != nil {
		w.status.DriftReported.CanonicalSHA256 = d.Previous.CanonicalSHA256
	}
	switch {
	case d.Drift != nil:
		w.status.Drift = d.Drift
	case w.status.Drift == nil:
		w.status.Drift = &outcome.Drift{Since: e.Detail.Metadata.Time, Repair: outcome.RepairNone}
	}
}

// of is the status that repeats an event.
func of(e outcome.Event) *Status {
	d, m := e.Detail.Data, e.Detail.Metadata
	return &Status{
		Object: d.Object.Key, VersionID: d.Object.VersionID, ETag: d.Object.ETag,
		Outcome: outcomeOf(e.Type), Time: m.Time, Event: m.ID,
		Key: d.Key, Policy: d.Policy, Error: d.Error, Findings: d.Findings, Verification: d.Verification, Replicas: d.Replicas,
	}
}
