package converge

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/kmskey"
	"github.com/keysmith/keysmith/shared/objectkey"
	"github.com/keysmith/keysmith/shared/outcome"
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

	before     *served  // what was in force when the run began
	history    string   // object key of the copy of before
	kept       []string // ids of the policies that this run kept in the history
	puts       []string // ids of the policies that this run put, or may have put
	putCalls   int
	unproven   *desired // was put, and is not reported yet
	superseded bool     // proving a policy whose object is not the newest any more
	token      bool     // a put is paid for
	looked     bool     // a later look is queued
	proof      outcome.Verification
	earlier    []Draft // what is to be told before the run's own end

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
}

// served is a policy as KMS returned it.
type served struct {
	text      string
	policy    *keypolicy.Policy
	canonical keypolicy.Canonical
}

func (r *run) served(text string) served {
	s := served{text: text}
	s.policy, _ = keypolicy.Parse([]byte(text))
	if s.policy != nil {
		s.canonical = s.policy.Canonical(r.arn.Partition)
	}
	return s
}

// id tells served policies apart: by their canonical form, or, where a
// document cannot be judged, by its bytes.
func (s served) id() string {
	if s.canonical != (keypolicy.Canonical{}) {
		return s.canonical.Text
	}
	return "opaque " + digest([]byte(s.text))
}

// lookLater queues one look at the object, since an ambiguous put may still
// land after everything that this run can read.
func (r *run) lookLater(ctx context.Context) {
	if r.looked {
		return
	}
	r.looked = true
	if err := r.c.Looks.Later(ctx, r.job.Name.Object); err != nil {
		r.c.Log.ErrorContext(ctx, "no later look at an ambiguous put; a sweep must find it", "object", r.job.Name.Object, "err", err)
	}
}

// finish turns the end of a run into its result. What was put and not yet
// reported is proven and reported first: no change without its event.
func (r *run) finish(ctx context.Context, end error) Result {
	if r.unproven != nil && !isAboutProof(end) {
		r.reportUnproven(ctx)
	}
	res := Result{Drafts: r.earlier, Puts: r.putCalls}
	var v verdict
	var p passed
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
	return res
}

func isAboutProof(end error) bool {
	var v verdict
	return errors.As(end, &v) && (v.Type == outcome.Applied || slices.Contains(
		[]outcome.Code{outcome.Unverified, outcome.VerifyMismatch}, v.Code))
}

// reportUnproven tells what became of a put whose object is not the newest any
// more.
func (r *run) reportUnproven(ctx context.Context) {
	now := r.desired
	r.desired, r.superseded = *r.unproven, true
	end := r.prove(ctx)
	var v verdict
	if errors.As(end, &v) {
		r.earlier = append(r.earlier, r.draft(v))
	}
	r.desired, r.unproven, r.proof = now, nil, outcome.Verification{}
}
