package converge

import (
	"context"
	"slices"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/outcome"
)

// unreported reports whether a run that was killed has repaired the key, or was about
// to, and could not report that: then this run puts once more, and reports the drift
// as the history holds it.
func (r *run) unreported(ctx context.Context, want desired) bool {
	if !r.c.RepairDrift || !r.job.Redelivered || r.status == nil || r.status.LastApplied == nil {
		return false
	}
	var last bucket.Object
	err := r.eachRepair(ctx, want, r.status.LastApplied.Time, func(o bucket.Object) { last = o })
	if err != nil || last.Key == "" {
		return false
	}
	o, err := r.c.Bucket.Read(ctx, last.Key)
	if err != nil {
		r.c.Log.WarnContext(ctx, "a policy that was repaired cannot be read, so the event does not report it", "object", last.Key, "err", err)
		return true
	}
	found := r.served(string(o.Bytes))
	drift := &outcome.Drift{Since: last.Modified.UTC(), Author: r.author(ctx, found), Repair: outcome.RepairPending}
	r.reads.first, r.puts.copy = &found, last.Key
	r.puts.copied = slices.Concat(r.puts.copied, []string{copyID(found, want)})
	_ = r.mend(&repairError{
		drift:  verdict{Type: outcome.DriftDetected, found: &found, drift: drift},
		report: true, version: want.object.Version, round: last.Metadata[repairMark],
	}, want)
	return true
}
