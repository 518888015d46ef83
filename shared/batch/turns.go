package batch

import (
	"context"
	"errors"
	"math"
	"time"

	"golang.org/x/time/rate"

	"github.com/keysmith/keysmith/shared/target"
)

const (
	// queueing is how long a key that has begun may wait for its share of the
	// quota: less than the second after which what was read counts as aged.
	queueing = 500 * time.Millisecond
	// abreast is how much faster keys begin than puts are allowed, since a key
	// that is refused puts nothing.
	abreast = 3
)

// errLate returns the message of a key whose work was not begun.
var errLate = errors.New("no time was left to begin")

// readsPerPut is how many GetKeyPolicy calls KMS allows for a PutKeyPolicy call.
// https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
const readsPerPut = 1000.0 / 15

// turns lets the keys of a batch begin one after the other.
type turns struct {
	begins, puts *rate.Limiter
	most         float64   // number of keys that may wait for a token of puts
	end          time.Time // no key begins later; zero: no limit
}

// putTurns is for keys that are going to put. Enough of them begin to use up
// this instance's share of the quota, and hardly more. If all began at once,
// their reads would take the processor from the first puts, and most keys would
// wait for a minute, hold their policies in memory meanwhile, and have to read
// everything again.
func (r *Runner) putTurns(ctx context.Context, at *target.Target) *turns {
	perSecond := at.Puts.Limit()
	return &turns{rate.NewLimiter(abreast*perSecond, 1), at.Puts, max(1, float64(perSecond)*queueing.Seconds()), r.lastTurn(ctx)}
}

// lastTurn is the last moment at which a key may begin. An invocation that is
// too short from the start has none, and tries all the same.
func (r *Runner) lastTurn(ctx context.Context) time.Time {
	end, ok := ctx.Deadline()
	if last := end.Add(-r.Needs); ok && time.Now().Before(last) {
		return last
	}
	return time.Time{}
}

// readTurns is for keys that are only read: one read each, at the same
// share of KMS's quota for reads as this instance has of that for puts.
func (r *Runner) readTurns(ctx context.Context, at *target.Target) *turns {
	return &turns{rate.NewLimiter(readsPerPut*at.Puts.Limit(), 1), at.Puts, math.Inf(1), r.lastTurn(ctx)}
}

// SweepInstances is how many instances reconcile what a sweep sends, at most. A
// test compares it with the template.
const SweepInstances = 2

// SweepPace is one instance's share of perSecond keys a second. An instance is
// idle for a moment between two batches; a quarter of a second is made up for.
// It is at least two a second, so that no batch takes longer than an invocation.
func SweepPace(perSecond int) *rate.Limiter {
	share := max(float64(perSecond)/SweepInstances, 2)
	return rate.NewLimiter(rate.Limit(share), max(1, int(share/4)))
}

// sweepTurns is for keys that a sweep asks to be read again. The sweep itself
// keeps the pace; this one holds where more messages wait than it sent of late.
func (r *Runner) sweepTurns(ctx context.Context, at *target.Target) *turns {
	return &turns{at.Sweeps, at.Puts, math.Inf(1), r.lastTurn(ctx)}
}

// next waits until one more key may begin.
func (t *turns) next(ctx context.Context) error {
	if t.begins.Wait(ctx) != nil {
		return errLate
	}
	for {
		if !t.end.IsZero() && time.Now().After(t.end) {
			return errLate
		}
		tooMany := -t.puts.Tokens() - t.most // a key that waits has taken its token in advance
		if tooMany <= 0 {
			return nil
		}
		pause := time.Duration(tooMany / float64(t.puts.Limit()) * float64(time.Second))
		select {
		case <-time.After(max(pause, time.Millisecond)):
		case <-ctx.Done():
			return errLate
		}
	}
}

// willPut reports whether a group is going to put its policy, unless that is
// refused. Reconciles compare first, and seldom put.
func (r *Runner) willPut(group Group) bool {
	lead := group.Lead()
	return !lead.Kind.Reconciles() && !lead.DryRun && lead.Problem == "" && !r.PlanOnly
}
