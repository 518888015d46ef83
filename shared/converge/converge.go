package converge

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/keysmith/keysmith/shared/brake"
	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/guardrails"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/kmskey"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/status"
	"github.com/keysmith/keysmith/shared/target"
	"github.com/keysmith/keysmith/shared/trigger"
)

// Settings are what a deployment decides.
type Settings struct {
	Partition, Account, Region string // of this stack, as far as they are known without asking

	Targets       target.Scope      // what else may be written to
	Options       keypolicy.Options // what policies are judged against; the key is filled in
	Guardrails    *guardrails.Set   // what is required beside the rules; nil: nothing
	RejectAt      keypolicy.Severity
	AcceptRules   []string // rules that never reject
	ProtectedKeys []string // ids or ARNs that are never touched
	AllowBypass   bool     // an object may ask to skip KMS's own lockout check
	PlanOnly      bool     // nothing is ever put or stored
	IgnoreDrift   bool     // what somebody else put is not reported
	RepairDrift   bool     // and replaced, if it gives access, locks out or is undecided

	VerifyReads    int // consecutive equal reads that prove a policy
	VerifyInterval time.Duration
	VerifyTimeout  time.Duration
}

// queue sends a reconcile of an object, which comes when a put that may still
// land must have landed.
type queue interface {
	Later(ctx context.Context, object string) error
	// Again sends one that only compares.
	Again(ctx context.Context, object string) error
}

// A Converger brings keys to what the bucket says. It is safe for concurrent
// use; two of them may meet on one key.
type Converger struct {
	Bucket *bucket.Bucket
	// Statuses is read by reconciles, and written by none of its own; nil: every
	// version counts as applied.
	Statuses *status.Store
	Reach    *target.Reach // where the keys are
	Queue    queue
	Brake    *brake.Brake // this instance's; nil: none
	Settings
	Log *slog.Logger
	// Jitter spreads the pauses of many runs: it returns up to d; nil throws
	// dice. A run that is to be replayed brings its own.
	Jitter func(d time.Duration) time.Duration
}

// A Job is one key to converge, or to plan.
type Job struct {
	Name    objectkey.Name
	Kind    trigger.Kind // sweep and late-put compare first; all others always put
	DryRun  bool
	Inline  []byte // a dry run's own policy, in place of the object's
	Aliases []string
	Notes   []keypolicy.Finding // what is reported along with the outcome
	Hints   []trigger.Trigger   // the triggers that led here
	// ReadsOnly leaves a put to another job: the run ends where it would put.
	ReadsOnly bool
	// Redelivered says that an earlier delivery of a trigger did not end well:
	// its run may have been killed with a put under way.
	Redelivered bool
	// Queued says that the trigger comes again until it is acknowledged.
	Queued bool
	// Since is when the triggers first came. For ResolvesWithin from then on,
	// errors that usually resolve themselves are tried again; zero: never.
	Since time.Time

	key kmskey.Key // where it was described already
}

// compares reports whether a job ends where KMS already serves what is wanted. A
// late reconcile that was begun before does not: it may itself have put something
// old, and a stale read would hide that.
func (j Job) compares() bool {
	return j.Kind.Reconciles() && !(j.Kind == trigger.LatePut && j.Redelivered)
}

// ResolvesWithin is how long errors that usually resolve themselves are tried
// again. KMS takes up to five minutes to see a new tag of a key, and IAM minutes
// to show a new role or permission everywhere.
// https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html
const ResolvesWithin = 15 * time.Minute

func (j Job) resolvable() bool { return !j.Since.IsZero() && time.Since(j.Since) < ResolvesWithin }

// A Draft is an outcome before it is addressed and sent.
type Draft struct {
	Type outcome.Type
	Data outcome.Data
	// Resolves says that the outcome is an error that usually resolves itself. If
	// it is retryable, it is reported at the first attempt only.
	Resolves bool
	// Braked says that the brake kept a policy from being put. It is never reported as
	// final: it ends by itself.
	Braked bool
}

// A Result is what a run came to.
type Result struct {
	Drafts    []Draft // in order; empty where there is nothing to tell
	Again     error   // non-nil: the trigger is to be returned to the queue, and why
	Passed    string  // why there is nothing to tell, for the log
	Puts      int     // PutKeyPolicy calls
	NeedsPut  bool    // a job that only reads would have to put
	Reconcile string  // the object that needs a reconcile later, once everything is reported: see Remind
	LookAgain string  // the object that is to be compared again in a while, once everything is reported
	Removed   bool    // the object is gone, and its status does not say so yet

	lasting *Draft // drift of a key of a set that lasts, and need not be reported now
}

// A NotBeforeError returns a trigger that is of no use before a certain time.
type NotBeforeError struct {
	Err  error
	Time time.Time
}

func (e *NotBeforeError) Error() string { return e.Err.Error() }

// Unwrap returns why.
func (e *NotBeforeError) Unwrap() error { return e.Err }

// Converge runs the protocol for one key.
func (c *Converger) Converge(ctx context.Context, job Job) Result {
	r := &run{c: c, job: job, budget: budget(ctx), subject: subject{key: job.key}}
	r.arn, _ = objectkey.ParseARN(job.key.ARN)
	if err := r.locate(); err != nil {
		return r.finish(ctx, desired{}, err)
	}
	if job.Name.MultiRegion {
		return c.convergeSet(ctx, job, r.at.Place)
	}
	ctx, cancel := context.WithDeadline(ctx, r.budget)
	defer r.begun.pending.Wait() // Lambda freezes what still runs afterwards
	defer cancel()
	want, end := r.rounds(ctx)
	return r.finish(ctx, want, end)
}

// reportTime is kept free at the end of an invocation, so that the result is
// out before Lambda ends the function.
const reportTime = 10 * time.Second

// Timeout is the time that an invocation has, as deployed. It is also taken
// where nobody has set a deadline.
const Timeout = 120 * time.Second

// budget is the moment at which all waiting of a run ends.
func budget(ctx context.Context) time.Time {
	end, ok := ctx.Deadline()
	if !ok {
		end = time.Now().Add(Timeout)
	}
	return end.Add(-reportTime)
}

// rounds starts over whenever the object changed, or KMS asked to come back. It
// returns the policy of the last round, and how that ended.
func (r *run) rounds(ctx context.Context) (want desired, err error) {
	for changes := 0; changes < maxChanges; {
		want, err = r.round(ctx)
		var w *wait
		var a *aged
		switch {
		case errors.As(err, &a):
		case errors.As(err, &w):
			if err := r.pause(ctx, w, r.puts.unverifiedOf(want.object.Version)); err != nil {
				return want, err
			}
		case errors.Is(err, bucket.ErrChanged):
			changes++
		default:
			return want, err
		}
	}
	return want, again("the object changed %d times while it was being applied", maxChanges)
}

// maxChanges bounds how often one run follows an object that keeps changing.
const maxChanges = 5

// round is the protocol, once. It returns the policy that it was at, and how it
// ended; Report and Acknowledge are the caller's.
func (r *run) round(ctx context.Context) (want desired, err error) {
	r.taking(ctx, ReadStatus)
	if err := r.readStatus(ctx); err != nil {
		return want, err
	}
	r.taking(ctx, ReadObject)
	if want, err = r.readObject(ctx); err != nil {
		return want, err
	}
	if r.mending != nil && r.mending.version != want.object.Version {
		r.mending = nil // an upload has come, which is put whatever is in force
	}
	if r.lookUp(want.object.Version); r.stood == ended {
		if err := r.letGo(ctx); err != nil {
			return want, err
		}
	}
	if r.stood == ended && r.puts.unverified == nil {
		return r.settle(ctx, want)
	}
	r.taking(ctx, Check)
	if want, err = r.check(ctx, want); err != nil {
		return want, err
	}
	r.taking(ctx, ReadInForce)
	over, err := r.readInForce(ctx)
	if err != nil {
		return want, err
	}
	r.taking(ctx, Compare)
	if err := r.compare(ctx, want, over); err != nil {
		return want, err
	}
	if r.mending != nil {
		over = *r.mending.drift.found // the first read may have been stale
	}
	if err := r.expected(ctx, want); err != nil {
		return want, err
	}
	if err := r.agreed(ctx); err != nil {
		return want, err
	}
	if err := r.release(ctx, want, over); err != nil {
		return want, err
	}
	r.taking(ctx, KeepHistory)
	if err := r.keepHistory(ctx, want, over); err != nil {
		return want, err
	}
	r.taking(ctx, Put)
	put, err := r.put(ctx, want)
	if err != nil {
		return want, err
	}
	r.taking(ctx, ReReadObject)
	if err := r.reReadObject(ctx, want.object.Version); err != nil {
		return want, err
	}
	r.taking(ctx, Prove)
	return want, r.prove(ctx, put)
}

// taking names the step that begins, for the log.
func (r *run) taking(ctx context.Context, s Step) {
	r.c.Log.DebugContext(ctx, "step", "step", s, "object", r.job.Name.Object)
}
