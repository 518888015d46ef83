package converge

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/keysmith/keysmith/shared/hold"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
)

// release is what must let a put go: the quota, the brake, and that the key is
// not on hold. The quota comes first, since it is what takes time: what the
// others say must be of this moment. None of them leaves anything behind that
// was not done, so to the model a refusal here is a run that ends before
// KeepHistory.
func (r *run) release(ctx context.Context, want desired, over served) error {
	if err := r.pay(ctx); err != nil {
		return err
	}
	if err := r.brake(ctx, want, over); err != nil {
		return err
	}
	return r.notHeld(ctx)
}

// notHeld is nil while nothing holds the key. A hold that S3 does not tell of in
// this moment may be there.
func (r *run) notHeld(ctx context.Context) error {
	h, err := r.hold(ctx)
	r.puts.released = time.Now()
	switch {
	case err != nil:
		return again("%v; nothing was put", err)
	case h != nil:
		return rejected(outcome.Held, h.String()+"; nothing was changed, and the policy is applied when the hold ends",
			note("key-held", keypolicy.Error, "T"+strings.TrimPrefix(h.String(), "t")+". keysmith applies the policy when the hold ends. The hold is "+objectkey.Hold(r.job.Name.Object)+"."))
	}
	return nil
}

func (r *run) hold(ctx context.Context) (*hold.Hold, error) {
	return hold.Read(ctx, r.c.Bucket, r.job.Name.Object, time.Now())
}

// letGo makes a version that was refused because of a hold, or of a second object
// for the same key, one without an outcome, once nothing holds it any more and that
// object is gone.
func (r *run) letGo(ctx context.Context) error {
	s := r.status
	if s.Outcome == status.Rejected && slices.ContainsFunc(s.Findings, func(f keypolicy.Finding) bool { return f.Rule == twice }) {
		twin, err := r.twin(ctx)
		if err == nil && twin == "" {
			r.stood = unhandled
		}
		return err
	}
	if s.Outcome != status.Rejected || s.Error == nil || s.Error.Code != outcome.Held {
		return nil
	}
	h, err := r.hold(ctx)
	switch {
	case err != nil:
		return again("%v", err)
	case h == nil:
		r.stood = unhandled
	}
	return nil
}
