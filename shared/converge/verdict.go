package converge

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/keysmith/keysmith/shared/keypolicy"
	"github.com/keysmith/keysmith/shared/kmskey"
	"github.com/keysmith/keysmith/shared/outcome"
)

// A verdict ends a run with an outcome event.
type verdict struct {
	Type      outcome.Type
	Code      outcome.Code
	Message   string
	Retryable bool
	Findings  []keypolicy.Finding // about the target rather than the policy

	resolves bool                  // it is an error that usually resolves itself
	put      *sent                 // the put whose fate it tells; nil if it is about something else
	reads    *outcome.Verification // the reads that led to it
	found    *served               // the policy that drift was found with
	drift    *outcome.Drift        // that began, lasts or has ended

	notBefore time.Time // when trying again is of use; zero: any time
	known     bool      // it was reported of this version already
}

func (v verdict) Error() string { return string(v.Type) + " " + string(v.Code) + ": " + v.Message }

func rejected(code outcome.Code, message string, findings ...keypolicy.Finding) verdict {
	return verdict{Type: outcome.Rejected, Code: code, Message: message, Findings: findings}
}

func failed(code outcome.Code, retryable bool, format string, args ...any) verdict {
	return verdict{Type: outcome.Failed, Code: code, Retryable: retryable, Message: fmt.Sprintf(format, args...)}
}

// resolving is a failure that usually resolves itself, so that it is tried again
// while the job is young.
func (r *run) resolving(code outcome.Code, format string, args ...any) verdict {
	v := failed(code, r.job.resolvable(), format, args...)
	v.resolves = true
	return v
}

// passed ends a run with nothing to tell.
type passed string

func (p passed) Error() string { return string(p) }

// errNeedsPut ends a run that only reads where it would put.
var errNeedsPut = errors.New("it needs a put, which another job makes")

// handBackError ends a run without an outcome: the trigger must come again.
type handBackError string

func (h handBackError) Error() string { return string(h) }

func again(format string, args ...any) error { return handBackError(fmt.Sprintf(format, args...)) }

// trouble is what a run waits for to pass.
type trouble struct {
	last   *wait
	since  time.Time // when its class was first met
	pauses int
}

// wait asks for another round a little later.
type wait struct {
	class kmskey.Class
	doing string
	err   error
}

func (w *wait) Error() string { return w.doing + ": " + w.err.Error() }

// patience is the moment until which a run waits for its trouble to pass.
func (r *run) patience() time.Time {
	t, limit := r.trouble, r.c.Settings.VerifyTimeout
	switch t.last.class {
	case kmskey.MissingPrincipal:
		limit = min(limit, 30*time.Second) // IAM takes seconds to show a new role to KMS
	case kmskey.NotFound:
		limit = min(limit, 5*time.Second) // a key that was just made
	case kmskey.Throttled, kmskey.Unsent:
		return r.lastRound() // nothing was done: only the end of the time ends it
	}
	if end := t.since.Add(limit); end.Before(r.lastRound()) {
		return end
	}
	return r.lastRound()
}

// lastRound is the moment after which another round is of no use: it could not
// put any more what it is for.
func (r *run) lastRound() time.Time {
	if r.planned() {
		return r.budget
	}
	return r.budget.Add(-putTime - r.c.proofTime())
}

// pause waits before the next round, longer each time. At the end of its
// patience it turns the trouble into the run's verdict; put is what was put of
// this version and is not verified yet, nil if nothing was.
func (r *run) pause(ctx context.Context, w *wait, put *sent) error {
	now := time.Now()
	t := &r.trouble
	switch {
	case ctx.Err() != nil && t.last != nil:
		return r.outOfPatience(ctx, t.last, put) // the end of the time cut off this call, which tells nothing
	case t.last == nil || t.last.class != w.class:
		*t = trouble{since: now}
	}
	t.last = w
	delay := min(firstPause<<min(t.pauses, 10), maxPause)
	delay += r.c.jitter(delay / 2)
	t.pauses++
	if now.Add(delay).After(r.patience()) {
		return r.outOfPatience(ctx, w, put)
	}
	return sleep(ctx, delay)
}

func (c *Converger) jitter(d time.Duration) time.Duration {
	if c.Jitter != nil {
		return c.Jitter(d)
	}
	return rand.N(d) //nolint:gosec // no secret
}

const (
	firstPause = 200 * time.Millisecond
	maxPause   = 5 * time.Second
)

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return again("the time ended")
	}
}

// outOfPatience says what a trouble comes to that did not pass.
func (r *run) outOfPatience(ctx context.Context, w *wait, put *sent) error {
	words := w.doing + ": " + kmskey.Message(w.err)
	switch w.class {
	case kmskey.MissingPrincipal:
		return r.resolving(outcome.PrincipalNotFound,
			"%s; the policy names a role, user or account that KMS cannot find: create it first, or correct its ARN", words)
	case kmskey.NotFound:
		return r.resolving(outcome.NotFound, "%s; there is no such key in this account and Region", words)
	case kmskey.Throttled:
		return failed(outcome.Throttled, true, "%s; KMS throttled every attempt", words)
	case kmskey.Unsent:
		return failed(outcome.Internal, true, "%s; KMS could not be reached", words)
	}
	if put == nil {
		return failed(outcome.Internal, true, "%s; this version was not put", words)
	}
	// The put may have landed all the same: only reading can tell.
	return r.prove(ctx, *put)
}
