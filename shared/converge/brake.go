package converge

import (
	"context"
	"errors"

	"github.com/keysmith/keysmith/shared/brake"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
)

// brake takes a token for a put that changes something, once for each policy that
// the run puts. Without one the message is returned before anything is done, not even
// a copy kept: to the model this is a worker that is killed before KeepHistory.
func (r *run) brake(ctx context.Context, want desired, over served) error {
	if over.canonical.Equal(want.canonical) || r.puts.brakedFor == want.canonical.Text {
		return nil
	}
	r.releaseBrake()
	token, err := r.c.Brake.Take()
	var none *brake.NoneError
	if errors.As(err, &none) {
		v := failed(outcome.Brake, true, "%s; nothing was put. keysmith applies the policy when the brake allows the next change", none)
		v.notBefore, v.known = none.Next, r.brakeTold(ctx, want)
		return v
	}
	r.puts.token, r.puts.brakedFor = token, want.canonical.Text
	return nil
}

// releaseBrake gives back a token with which nothing was changed.
func (r *run) releaseBrake() {
	if r.puts.brakedFor != "" && !r.puts.tokenUsed {
		r.c.Brake.Return(r.puts.token)
	}
	r.puts.token, r.puts.brakedFor, r.puts.tokenUsed = brake.Token{}, "", false
}

// brakeTold reports whether BRAKE was reported of this version, by whatever instance: the
// status says so, for an upload by its outcome, for a repair beside the drift. Two
// instances that the brake stops in one moment may both report it.
func (r *run) brakeTold(ctx context.Context, want desired) bool {
	if r.c.Statuses == nil {
		return false
	}
	seen, err := r.c.Statuses.Read(ctx, r.job.Name.Object)
	if s := seen.Status; err == nil && s != nil && s.Of(want.object.ID, unquoted(want.object.ETag)) {
		upload := s.Outcome == status.Failed && s.Error != nil && s.Error.Code == outcome.Brake
		return upload || r.mending != nil && s.DriftReported != nil && s.DriftReported.Braked
	}
	return false
}
