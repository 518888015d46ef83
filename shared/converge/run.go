package converge

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/kmskey"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
	"github.com/keysmith/keysmith/shared/trigger"
)

// run is one attempt to converge one key.
type run struct {
	c      *Converger
	job    Job
	budget time.Time

	key     kmskey.Key
	arn     objectkey.ARN
	desired desired // of the current round
	inForce served  // of the current round
	last    served  // what was read last: KMS mostly answers the same text again

	before   *served  // what was in force when the run began
	read     []string // ids of all policies that were in force before a put of this run
	history  string   // object key of the copy of before
	kept     []string // what this run kept in the history since its last put, and because of what
	puts     []string // ids of the policies that this run put, or may have put
	putCalls int
	unproven *desired // was put, and is not reported yet
	answered bool     // KMS confirmed the last put
	unread   bool     // the object was not read again since the last put
	token    bool     // a put is paid for
	looked   bool     // a later look is queued
	owed     bool     // a later look is needed and not queued yet
	proof    outcome.Verification
	earlier  []Draft // what is to be told before the run's own end
	back     error   // why the trigger must come again because of that

	described  *ahead[kmskey.Key]
	policyRead *ahead[string]
	pending    sync.WaitGroup // calls under way

	waiting kmskey.Class
	since   time.Time
	pauses  int
}

// desired is a policy that somebody wants in force.
type desired struct {
	object    bucket.Object
	text      []byte
	report    keypolicy.Report
	canonical keypolicy.Canonical
	bypass    bool
	notes     []keypolicy.Finding // about the object rather than its text
}

// served is a policy as KMS returned it.
type served struct {
	text      string
	policy    *keypolicy.Policy
	canonical keypolicy.Canonical
}

func (r *run) served(text string) served {
	if r.last.policy != nil && r.last.text == text {
		return r.last
	}
	if d := r.desired; d.canonical != (keypolicy.Canonical{}) && trimmed(text) == trimmed(string(d.text)) {
		return served{text, d.report.Policy, d.canonical} // it serves the very text that is wanted
	}
	s := served{text: text}
	s.policy, _ = keypolicy.Parse([]byte(text))
	s.canonical = s.policy.Canonical(r.arn.Partition)
	r.last = s
	return s
}

func trimmed(text string) string { return strings.Trim(text, " \t\r\n") }

// id tells served policies apart: by their canonical form, or, where a
// document cannot be judged, by its bytes.
func (s served) id() string {
	if s.canonical != (keypolicy.Canonical{}) {
		return s.canonical.Text
	}
	return "opaque " + digest([]byte(s.text))
}

// lookLater queues one look at the object, since an ambiguous put may still
// land after everything that this run can read. A look, and whatever comes for
// the second time, queues it only when it ends well: until then it comes again
// by itself, and a key that always fails must not fill the queue with looks.
func (r *run) lookLater(ctx context.Context) {
	r.owed = !r.looked && r.c.Looks != nil
	if !r.owed || r.job.Redelivered || r.job.Kind == trigger.LatePut {
		return
	}
	err := r.c.Remind(context.WithoutCancel(ctx), r.job.Name.Object) // also when the time is over
	r.looked, r.owed = err == nil, err != nil
	if err != nil {
		r.c.Log.ErrorContext(ctx, "a look at an ambiguous put is not queued yet", "object", r.job.Name.Object, "err", err)
	}
}

// finish turns the end of a run into its result. What was put and not yet
// reported is proven and reported first: no change without its event.
func (r *run) finish(ctx context.Context, end error) Result {
	var v verdict
	var p passed
	if r.unproven != nil && !(errors.As(end, &v) && v.proof) {
		end = r.proveFirst(ctx, end)
	}
	res := Result{Drafts: r.earlier, Again: r.back, Puts: r.putCalls}
	switch {
	case errors.As(end, &v):
		res.Drafts = append(res.Drafts, r.draft(v))
		if v.Retryable {
			res.Again = v
		}
	case errors.As(end, &p):
		res.Passed = string(p)
	default:
		res.Again = end
	}
	if r.unread {
		// A newer version may be there, put by another run before this one's put.
		res.Again = errors.Join(res.Again, again("the object could not be read again after the put"))
	}
	if r.owed {
		res.Look = r.job.Name.Object
	}
	return res
}

// Remind queues the look that a run still owes. It is for when all has been
// told and nothing is handed back: a trigger that comes again owes it again, and
// one that always fails must not fill the queue with looks.
func (c *Converger) Remind(ctx context.Context, object string) error {
	if err := c.Looks.Later(ctx, object); err != nil {
		return again("the look that an ambiguous put needs could not be queued: %v", err)
	}
	return nil
}

// proveFirst tells what became of a put before the run ends with something
// else. A verdict on the very version that was put gives way to the proof: what
// is read in force has not failed. Where yet another version has come since,
// that one's own trigger tells; where nothing may be read, this one comes again.
func (r *run) proveFirst(ctx context.Context, end error) error {
	newest := r.desired
	r.desired = *r.unproven
	proof := r.proveBeside(ctx, newest.object.Version)
	if errors.Is(proof, bucket.ErrChanged) && r.still(ctx, bucket.Version{}) == nil {
		proof = r.proveBeside(ctx, bucket.Version{}) // deleted since, and nobody tells of that
	}
	var v, instead verdict
	if errors.As(proof, &v) && errors.As(end, &instead) && r.desired.object.Version == newest.object.Version {
		return v
	}
	switch {
	case errors.As(proof, &v):
		r.earlier = append(r.earlier, r.draft(v))
		if v.Retryable {
			r.back = v
		}
	case !errors.Is(proof, bucket.ErrChanged):
		end = proof
	}
	r.desired, r.unproven, r.proof = newest, nil, outcome.Verification{}
	return end
}
