package converge

import (
	"context"
	"errors"
	"slices"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
	"github.com/keysmith/keysmith/shared/trigger"
)

// A standing is what a status says of the version that a reconcile finds. It
// saves work and repeated events; what is in force only KMS says.
type standing int

const (
	// unhandled has no outcome yet, or one that is tried again: it is handled like
	// its upload.
	unhandled standing = iota
	// applied is compared with what is in force.
	applied
	// ended was refused, failed for good, or was planned: it is neither put nor
	// reported again, and drift is judged by what was last applied.
	ended
)

// readStatus reads the status before the object: a status that is older than the
// object costs a repeated put, never a put that is left out.
func (r *run) readStatus(ctx context.Context) error {
	if !r.job.Kind.Reconciles() || r.c.Statuses == nil {
		return nil
	}
	seen, err := r.c.Statuses.Read(ctx, r.job.Name.Object)
	if err != nil {
		return again("%v", err)
	}
	if seen.Fault != nil {
		r.c.Log.WarnContext(ctx, "the status cannot be used, so the object counts as one without a status", "object", r.job.Name.Object, "why", seen.Fault.Error())
	}
	r.status, r.described = seen.Status, seen.Exists()
	return nil
}

// stand tells how version v of the object stands.
func (r *run) stand(v bucket.Version) standing {
	s := r.status
	switch {
	case !r.job.Kind.Reconciles():
		return unhandled
	case r.c.Statuses == nil:
		return applied
	case s == nil || !s.Of(v.ID, unquoted(v.ETag)) || !s.Final():
		return unhandled
	case s.Outcome == status.Applied && !r.planned():
		if r.set != nil && !s.Covers(r.at.Region) {
			return unhandled // the replica is new
		}
		return applied
	case s.Outcome == status.Removed, s.Outcome == status.Planned && !r.planned():
		return unhandled
	case unreached(s, v) && !r.planned():
		if r.set != nil && !slices.Contains(s.LastApplied.Regions, r.at.Region) {
			return unhandled
		}
		return applied
	}
	return ended
}

// lookUp finds how the version stands that was just read.
func (r *run) lookUp(v bucket.Version) {
	r.version, r.found, r.stood = v, found{}, r.stand(v)
	r.failed = r.stood != ended && r.status != nil && unreached(r.status, v) && r.status.Of(v.ID, unquoted(v.ETag)) && r.status.Final()
}

// unreached reports whether a version that was applied has failed since, because the key
// could not be looked at for a while. When it can be again, it is compared like
// before: to keep keysmith out for a time must not end its repairs.
func unreached(s *status.Status, v bucket.Version) bool {
	if s.Outcome != status.Failed || s.Error == nil || s.LastApplied == nil || v.ID == "" || s.LastApplied.VersionID != v.ID {
		return false
	}
	switch s.Error.Code {
	case outcome.AccessDenied, outcome.NotFound, outcome.Unverified:
		return true
	}
	return false
}

// settle ends a reconcile of a version that has its outcome and is not in force.
func (r *run) settle(ctx context.Context, want desired) (desired, error) {
	r.taking(ctx, Check)
	if err := r.describe(ctx); err != nil {
		return want, err
	}
	r.taking(ctx, ReadInForce)
	over, err := r.readInForce(ctx)
	if err != nil {
		return want, err
	}
	r.taking(ctx, Compare)
	if r.status.Outcome == status.Failed && !r.planned() {
		if judged, err := r.judge(want); err == nil && over.canonical.Equal(judged.canonical) {
			return judged, r.nowInForce(ctx, judged)
		}
	}
	last := r.status.LastApplied
	if last == nil {
		return want, passed("the version has its outcome, and none was ever applied")
	}
	err = r.compareWith(ctx, want, last.CanonicalSHA256, over)
	var v verdict
	if errors.As(err, &v) && v.drift != nil || r.found.drift != nil && r.set != nil {
		want = r.lastApplied(ctx, want)
	}
	return want, err
}

// nowInForce proves that a version whose put was not proven is in force after
// all: somebody repaired what made it fail.
func (r *run) nowInForce(ctx context.Context, want desired) error {
	return r.watchComparing(ctx, func(ctx context.Context, id string) error {
		if id != want.canonical.Text {
			return errKeptChanging()
		}
		return r.stillInForce(ctx, want)
	})
}

// stillInForce is the verdict on a version that so many reads in a row have shown.
func (r *run) stillInForce(ctx context.Context, want desired) error {
	if r.still(ctx, want.object.Version) != nil {
		return again("the object changed while it was compared")
	}
	return verdict{Type: outcome.Applied}
}

// knownAlready reports whether a verdict is no news: that of a version that has
// its outcome already, or waits for the brake.
func (r *run) knownAlready(v verdict) bool {
	return v.known || (r.stood == ended || r.failed) && v.put == nil && (v.Type == outcome.Rejected || v.Type == outcome.Failed)
}

// sweeps reports whether the job is a reconcile that does not come from a put of
// keysmith's own.
func (j Job) sweeps() bool { return j.Kind.Reconciles() && j.Kind != trigger.LatePut }
