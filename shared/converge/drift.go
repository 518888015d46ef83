package converge

import (
	"context"
	"errors"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
)

// driftEvery is how often drift is reported while it lasts.
const driftEvery = 24 * time.Hour

// compareWith judges what is in force beside the policy whose canonical digest is
// wanted: the object's, or the one that was last applied.
func (r *run) compareWith(ctx context.Context, want desired, wanted string, over served) error {
	if over.id() == wanted && (r.open() == nil || r.c.IgnoreDrift) {
		switch {
		case r.unreported(ctx, want):
			return nil // put once more, and report that
		case r.failed:
			return r.nowInForce(ctx, want)
		}
		return r.inSync(want)
	}
	if r.c.IgnoreDrift {
		r.found.drift = &verdict{Type: outcome.DriftDetected, found: &over}
		return passed("another policy is in force, and keysmith does not look for drift (DRIFT_MODE=off)")
	}
	return r.watchComparing(ctx, func(ctx context.Context, id string) error { return r.drifted(ctx, id, wanted, want) })
}

// watchComparing is watch for a reconcile: it is tried again where the reads do not
// come to agree in time.
func (r *run) watchComparing(ctx context.Context, agreed func(context.Context, string) error) error {
	err := r.watch(ctx, agreed)
	var out *timeUpError
	if errors.As(err, &out) {
		return errKeptChanging()
	}
	return err
}

func errKeptChanging() error { return again("the policy in force kept changing while it was compared") }

// drifted judges what so many reads in a row agreed on, beside what is wanted.
func (r *run) drifted(ctx context.Context, id, wanted string, want desired) error {
	switch {
	case id == wanted && r.failed:
		return r.stillInForce(ctx, want)
	case id == wanted && r.open() == nil:
		return r.inSync(want)
	case id == wanted:
		r.found.inSync = &want.object.Version
		return r.unlessChanged(ctx, want, verdict{Type: outcome.DriftResolved, drift: r.open()})
	case id == deniedID:
		return r.resolving(outcome.Unverified, "the policy in force may not be read: KMS denies kms:GetKeyPolicy to keysmith's role")
	}
	found := r.reads.last // of those reads
	drift, known := r.due(ctx, found)
	switch {
	case r.mayBeStale(ctx, id, drift) || r.mayLandLate(ctx, id):
		return nil // keysmith replaced it a moment ago, or its put of it came late
	case r.stood == ended && r.putSince(ctx, id):
		return passed("keysmith put the policy in force, and stopped before it reported that")
	}
	if err := r.unheard(); err != nil {
		return err
	}
	return r.decided(ctx, found, drift, want, known)
}

// inSync ends a run that finds what it should.
func (r *run) inSync(want desired) error {
	r.found.inSync = &want.object.Version
	return passed("in force already")
}

// unlessChanged returns v if the object is still the version that was compared.
func (r *run) unlessChanged(ctx context.Context, want desired, v error) error {
	err := r.still(ctx, want.object.Version)
	switch {
	case err == nil:
		return v
	case errors.Is(err, bucket.ErrChanged):
		return err
	}
	return nil // read on; the bucket will answer in a moment
}

// told is what was reported last of the drift of the key. ok is false where there is
// no drift, or it has ended.
func (r *run) told() (told status.Reported, ok bool) {
	switch {
	case r.status == nil:
		return told, false
	case r.set == nil:
		return r.status.Reported("")
	}
	return r.status.Reported(r.at.Region)
}

// open is the drift that was reported and has not ended; nil if there is none.
func (r *run) open() *outcome.Drift {
	told, _ := r.told()
	return told.Drift
}

// due is the drift, and why it need not be reported now: that was done
// less than a day ago, and neither the policy nor its author is new.
func (r *run) due(ctx context.Context, found served) (drift *outcome.Drift, why string) {
	now := time.Now().UTC()
	drift = &outcome.Drift{Since: now, Author: r.author(ctx, found), Repair: outcome.RepairNone}
	old := r.open()
	if old == nil {
		return drift, ""
	}
	drift.Since = old.Since
	reported, same := r.reported(found)
	known := old.Author != nil && (drift.Author == nil || drift.Author.EventID == old.Author.EventID)
	switch {
	case known && !same:
		drift.Author = nil // who put the policy before it need not have put this one
	case known:
		drift.Author = old.Author
	case drift.Author != nil:
		return drift, ""
	}
	if !same {
		return drift, ""
	}
	// A time ahead of this clock is no reason to be silent until then.
	if since := now.Sub(reported.Last); since >= driftEvery || since < -time.Hour {
		return drift, ""
	}
	return drift, "another policy is in force, which was reported at " + reported.Last.UTC().Format(time.RFC3339)
}

// reported is the last report of drift; ok says that it was about the policy that is
// found now.
func (r *run) reported(found served) (last status.Reported, ok bool) {
	last, ok = r.told()
	return last, ok && !last.Last.IsZero() && last.CanonicalSHA256 == found.canonical.Text
}

// author is who put the policy that is found, as far as the messages tell that led
// here. What keysmith has replaced since is not what is found. CloudTrail tells the
// second of a call, and is never as quick as that itself.
func (r *run) author(ctx context.Context, found served) *outcome.Author {
	last := r.lastChange()
	if last == nil || r.inHistory(ctx, last.Time.Add(time.Second), func(c copied) bool { return c.was != found.id() }) {
		return nil
	}
	return &outcome.Author{
		ARN: last.ARN, SourceIP: last.SourceIP, UserAgent: last.UserAgent, EventID: last.EventID, Time: last.Time, ReportedBy: last.Account,
	}
}

// mayLandLate reports whether keysmith has put the policy with this id so recently
// that the reconcile which repairs a late put may still be on its way.
func (r *run) mayLandLate(ctx context.Context, id string) bool {
	return r.inHistory(ctx, time.Now().Add(-2*staleFor), func(c copied) bool { return c.by == id })
}

// putSince reports whether keysmith has put the policy with this id since it last
// proved one: its run may have been stopped before it could report that.
func (r *run) putSince(ctx context.Context, id string) bool {
	return r.inHistory(ctx, r.status.LastApplied.Time, func(c copied) bool { return c.by == id })
}

// lastApplied is the policy that was last applied, as far as the bucket still has
// that version: drift is reported by it where the newest version is not in force. It
// is reported for the object as it is now.
func (r *run) lastApplied(ctx context.Context, newest desired) desired {
	last := desired{object: newest.object}
	id := r.status.LastApplied.VersionID
	o, err := newest.object, error(nil)
	if id != o.ID {
		o, err = r.c.Bucket.ReadVersion(ctx, r.job.Name.Object, id)
	}
	if err != nil {
		r.c.Log.WarnContext(ctx, "the version that was last applied cannot be read, so the event does not say who gains or loses access",
			"object", r.job.Name.Object, "version", id, "err", err)
		return last
	}
	policy, _ := keypolicy.Parse(o.Bytes)
	if c := policy.Canonical(r.arn.Partition); c.Text == r.status.LastApplied.CanonicalSHA256 {
		last.text, last.report.Policy, last.canonical = o.Bytes, policy, c
	}
	return last
}
