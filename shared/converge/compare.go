package converge

import (
	"context"
	"errors"

	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/trigger"
)

// compare ends reconciles of an applied version that find what they should, and plans. What is only
// planned is not in force, and that is no drift. Uploads and requests never end
// here: the read may be stale, and an upload that was skipped because of it
// would be lost. The one exception is the upload that a direct request led to.
func (r *run) compare(ctx context.Context, want desired, inForce served) error {
	if r.stood == applied && r.job.compares() && r.puts.unverified == nil && r.mending == nil && !r.job.Name.Plan {
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
	if r.job.Kind == trigger.LatePut && !inForce.canonical.Equal(want.canonical) && r.ownBusiness(ctx, inForce) {
		return nil // keysmith's own unfinished business: repaired like an upload
	}
	err := r.compareWith(ctx, want, want.canonical.Text, inForce)
	var e *repairError
	if errors.As(err, &e) {
		return r.mend(e, want)
	}
	return err
}

func (r *run) planned() bool {
	return r.job.DryRun || r.job.Name.Plan || r.c.PlanOnly
}
