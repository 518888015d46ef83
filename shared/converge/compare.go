package converge

import (
	"context"
	"errors"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/trigger"
)

// compare ends reconciles that find what they should, and plans. What is only
// planned is not in force, and that is no drift. Uploads and requests never end
// here: the read may be stale, and an upload that was skipped because of it
// would be lost. The one exception is the upload that a direct request led to.
func (r *run) compare(ctx context.Context, want desired, inForce served) error {
	if r.job.compares() && r.puts.unverified == nil && !r.job.Name.Plan {
		if err := r.compareReconcile(ctx, want, inForce); err != nil {
			return err
		}
	}
	if r.planned() {
		if r.c.PlanOnly && !r.job.DryRun && !r.job.Name.Plan {
			r.recallPut(ctx, want)
		}
		return verdict{Type: outcome.Planned}
	}
	if r.job.ReadsOnly {
		return errNeedsPut
	}
	return r.leftToDirect(ctx, want)
}

func (r *run) compareReconcile(ctx context.Context, want desired, inForce served) error {
	if inForce.canonical.Equal(want.canonical) {
		return passed("in force already")
	}
	if r.job.Kind == trigger.LatePut {
		return nil // keysmith's own unfinished business: repaired like an upload
	}
	if r.c.IgnoreDrift {
		return passed("another policy is in force, and drift is not looked for (DRIFT_MODE=off)")
	}
	err := r.watch(ctx, func(ctx context.Context, id string) error { return r.drifted(ctx, id, want) })
	var out *timeUpError
	if errors.As(err, &out) {
		return again("the policy in force kept changing while it was compared")
	}
	return err
}

// drifted judges what so many reads in a row agreed on, beside what is wanted.
func (r *run) drifted(ctx context.Context, id string, want desired) error {
	found := r.reads.last // of those reads, unless they show what is wanted or nothing
	switch id {
	case want.canonical.Text:
		return passed("in force already")
	case deniedID:
		return r.resolving(outcome.Unverified, "the policy in force may not be read: KMS denies kms:GetKeyPolicy to keysmith's role")
	}
	if r.replaced(ctx, id) {
		return nil // keysmith replaced it a moment ago: the read may be stale
	}
	if err := r.still(ctx, want.object.Version); err != nil {
		if errors.Is(err, bucket.ErrChanged) {
			return err
		}
		return nil // read on; the bucket will answer in a moment
	}
	return verdict{Type: outcome.DriftDetected, found: &found}
}

func (r *run) planned() bool {
	return r.job.DryRun || r.job.Name.Plan || r.c.PlanOnly
}
