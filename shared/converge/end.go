package converge

import (
	"context"
	"errors"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/trigger"
)

// finish turns the end of a run, and the policy that it was then at, into its
// result. What was put and not yet reported is verified and reported first: no
// change without its event.
func (r *run) finish(ctx context.Context, want desired, end error) Result {
	r.releaseBrake()
	var v verdict
	var p passed
	if last := r.puts.unverified; last != nil && !(errors.As(end, &v) && v.put != nil) {
		end = r.proveFirst(ctx, *last, want, end)
	}
	res := Result{Drafts: r.debts.earlier, Again: r.debts.again, Puts: r.puts.calls}
	switch {
	case errors.As(end, &v) && r.knownAlready(v):
		res.Passed = "its outcome was reported; now " + v.Error()
		if v.Retryable {
			res.Passed, res.Again = "", v.again()
		}
	case errors.As(end, &v):
		res.Drafts = append(res.Drafts, r.draft(v, want))
		if ended, ok := r.mended(v); ok {
			res.Drafts = append(res.Drafts, r.draft(ended, want))
		}
		if v.Retryable {
			res.Again = v.again()
		}
	case errors.As(end, &p):
		res.Passed = string(p)
	case errors.Is(end, errNeedsPut):
		res.NeedsPut, res.Passed = true, errNeedsPut.Error()
	default:
		res.Again = end
	}
	if r.debts.unread {
		// A newer version may be there, put by another run before this one's put.
		res.Again = errors.Join(res.Again, again("the object could not be read again after the put"))
	}
	if v := r.found.drift; v != nil && r.set != nil {
		lasting := r.draft(*v, want)
		res.lasting = &lasting
	}
	res.Removed = r.debts.removed
	if r.debts.lookAgain && r.c.Queue != nil {
		res.LookAgain = r.job.Name.Object
	}
	if r.debts.reconcile && !r.onlyRefused(end) {
		res.Reconcile = r.job.Name.Object
	}
	return res
}

// again returns a trigger because of a verdict that may change.
func (v verdict) again() error {
	if v.notBefore.IsZero() {
		return v
	}
	return &NotBeforeError{v, v.notBefore}
}

// onlyRefused reports whether the run ends with an error that usually resolves
// itself and has put nothing. A reconcile that it owes, because an earlier delivery
// may have been killed in its put, would most likely be refused as well, come
// again, and owe the next one: without end.
func (r *run) onlyRefused(end error) bool {
	var v verdict
	return errors.As(end, &v) && v.resolves && len(r.puts.ids) == 0
}

// proveFirst finds out what became of a put before the run ends with something
// else, and returns how the run ends then. A verdict on the very version that
// was put gives way to the proof: what is read in force has not failed. Where
// yet another version has come since, that one's own trigger tells; where
// nothing may be read, this one comes again.
func (r *run) proveFirst(ctx context.Context, put sent, newest desired, end error) error {
	proof := r.proveBeside(ctx, put, newest.object.Version)
	if errors.Is(proof, bucket.ErrChanged) && r.still(ctx, bucket.Version{}) == nil {
		proof = r.proveBeside(ctx, put, bucket.Version{}) // deleted since, and nobody tells of that
	}
	var v, instead verdict
	if errors.As(proof, &v) && errors.As(end, &instead) && put.want.object.Version == newest.object.Version && put.recalled == nil {
		return v
	}
	switch {
	case errors.As(proof, &v):
		r.debts.earlier = append(r.debts.earlier, r.draft(v, newest))
		if v.Retryable {
			r.debts.again = v
		}
	case !errors.Is(proof, bucket.ErrChanged):
		end = proof
	}
	r.puts.unverified = nil
	return end
}

// reconcileLater queues one reconcile of the object, since an ambiguous put may still
// land after everything that this run can read. A reconcile, and whatever comes for
// the second time, queues it only when it ends well: until then it comes again
// by itself, and a key that always fails must not fill the queue with reconciles.
func (r *run) reconcileLater(ctx context.Context) {
	r.debts.reconcile = !r.debts.queued && r.c.Queue != nil
	if !r.debts.reconcile || r.job.Redelivered && !r.job.sweeps() || r.job.Kind == trigger.LatePut {
		return
	}
	err := r.c.Remind(context.WithoutCancel(ctx), r.job.Name.Object) // also when the time is over
	r.debts.queued, r.debts.reconcile = err == nil, err != nil
	if err != nil {
		r.c.Log.ErrorContext(ctx, "the reconcile after a put that KMS did not confirm is not queued yet", "object", r.job.Name.Object, "err", err)
	}
}

// LookAgain queues the reconcile that compares a drift again, when CloudTrail must
// have told who made it.
func (c *Converger) LookAgain(ctx context.Context, object string) error {
	if err := c.Queue.Again(ctx, object); err != nil {
		return again("the reconcile that decides about a repair could not be queued: %v", err)
	}
	return nil
}

// Remind queues the reconcile that is still owed because of a put, or of a status
// that could not be written. It is for when all has been
// told and nothing is handed back: a trigger that comes again owes it again, and
// one that always fails must not fill the queue with reconciles.
func (c *Converger) Remind(ctx context.Context, object string) error {
	if err := c.Queue.Later(ctx, object); err != nil {
		return again("the reconcile that it needs could not be queued: %v", err)
	}
	return nil
}
