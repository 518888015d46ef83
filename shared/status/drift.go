package status

import (
	"slices"
	"time"

	"github.com/keysmith/keysmith/shared/outcome"
)

// DriftReported is when which policy in force was reported.
type DriftReported struct {
	Time            time.Time `json:"time"`
	CanonicalSHA256 string    `json:"canonicalSha256,omitempty"` // absent where the policy could not be judged
	Braked          bool      `json:"braked,omitempty"`          // it was reported that the brake keeps it from being repaired
	// Replicas are the keys of a multi-Region set that drift: each has a policy and an
	// author of its own. All of them were in the report.
	Replicas []DriftedReplica `json:"replicas,omitempty"`
}

// A DriftedReplica is one key of a multi-Region set that drifts.
type DriftedReplica struct {
	Region          string        `json:"region"`
	CanonicalSHA256 string        `json:"canonicalSha256,omitempty"`
	Since           time.Time     `json:"since"` // when this policy was first reported
	Drift           outcome.Drift `json:"drift"`
}

// Reported is the drift of one key as it was reported last.
type Reported struct {
	Drift           *outcome.Drift
	CanonicalSHA256 string    // of the policy in force; empty where it could not be judged
	Last            time.Time // time of the report; zero: not known
	First           time.Time // time of the first report of this policy
}

// Reported returns the drift that was reported of the key of a multi-Region set that is
// in a Region, or, where region is empty, of the one key of the object. ok is
// false where there is none.
func (s *Status) Reported(region string) (r Reported, ok bool) {
	told := s.DriftReported
	switch {
	case s.Drift == nil:
		return r, false
	case told == nil:
		return Reported{Drift: s.Drift}, true
	case region == "" || len(told.Replicas) == 0:
		return Reported{s.Drift, told.CanonicalSHA256, told.Time, told.Time}, true
	}
	row := told.of(region)
	if row == nil {
		return r, false
	}
	return Reported{&row.Drift, row.CanonicalSHA256, told.Time, row.Since}, true
}

func (d *DriftReported) of(region string) *DriftedReplica {
	if d == nil {
		return nil
	}
	for _, row := range d.Replicas {
		if row.Region == region {
			return &row
		}
	}
	return nil
}

// drifting are the keys of a set that drift according to an event's rows. Of a key
// that the event knows nothing about, what was reported before stays.
func (d *DriftReported) drifting(rows []outcome.Replica, now time.Time) (list []DriftedReplica) {
	for _, r := range rows {
		old := d.of(r.Region)
		switch {
		case r.Outcome == outcome.Drifted && r.Drift != nil:
			list = append(list, old.next(r, now))
		case r.Outcome != outcome.InSync && r.Outcome != string(Applied) && old != nil:
			list = append(list, *old)
		}
	}
	return list
}

// next is what follows from a row of an event.
func (d *DriftedReplica) next(r outcome.Replica, now time.Time) DriftedReplica {
	next := DriftedReplica{Region: r.Region, Since: now, Drift: *r.Drift}
	if r.Previous != nil {
		next.CanonicalSHA256 = r.Previous.CanonicalSHA256
	}
	if d != nil && d.CanonicalSHA256 == next.CanonicalSHA256 {
		next.Since = d.Since
	}
	return next
}

// keepDrift keeps the drift of the keys of a set that a version was not put on: they
// had it before, and somebody has changed them since.
func (w *writing) keepDrift(about *Status) {
	rows := slices.DeleteFunc(slices.Clone(about.Replicas), func(r outcome.Replica) bool { return r.Outcome != outcome.Drifted })
	left := w.status.DriftReported.drifting(rows, about.Time)
	if len(left) == 0 {
		return
	}
	told := DriftReported{Time: about.Time}
	if w.status.DriftReported != nil {
		told = *w.status.DriftReported
	}
	told.Replicas, told.CanonicalSHA256 = left, left[0].CanonicalSHA256
	drift := left[0].Drift
	about.Drift, about.DriftReported = &drift, &told
}
