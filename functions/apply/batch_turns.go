package main

import (
	"context"
	"errors"
	"math"
	"time"

	"golang.org/x/time/rate"

	"github.com/keysmith/keysmith/shared/trigger"
)

const (
	// queueing is how long a key that has begun may have to wait for its share of
	// the quota: less than the second after which what was read counts as aged.
	queueing = 500 * time.Millisecond
	// abreast is how much faster keys begin than puts are allowed, since a key
	// that is refused puts nothing.
	abreast = 3
)

// errLate hands back a key that was not begun with.
var errLate = errors.New("no time was left to begin")

// readsPerPut is how many GetKeyPolicy calls KMS allows for a PutKeyPolicy call.
// https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
const readsPerPut = 1000.0 / 15

// turns lets the keys of a batch begin one after the other.
type turns struct {
	begins, puts *rate.Limiter
	most         float64   // keys that may wait for a token of puts
	end          time.Time // no key begins later; zero: whenever its turn comes
}

// putTurns is for keys that are going to put: always enough of them begin to use
// up this instance's share of the quota, and hardly more. If all began at once,
// the reading would starve the first puts of the processor, and most keys would
// wait for a minute, hold their policies in memory meanwhile, and have to read
// everything again.
func (v *invocation) putTurns(ctx context.Context) *turns {
	perSecond := v.puts.Limit()
	return &turns{rate.NewLimiter(abreast*perSecond, 1), v.puts, max(1, float64(perSecond)*queueing.Seconds()), v.lastTurn(ctx)}
}

// lastTurn leaves the time that it takes to read, put, prove and report a key.
// An invocation that is shorter than that from the start tries all the same.
func (v *invocation) lastTurn(ctx context.Context) time.Time {
	end, ok := ctx.Deadline()
	if last := end.Add(-v.converger.Needs()); ok && time.Now().Before(last) {
		return last
	}
	return time.Time{}
}

// lookTurns is for keys that are only looked at: one read each, at the same
// share of KMS's quota for reads as this instance has of that for puts.
func (v *invocation) lookTurns(ctx context.Context) *turns {
	return &turns{rate.NewLimiter(readsPerPut*v.puts.Limit(), 1), v.puts, math.Inf(1), v.lastTurn(ctx)}
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
		tooMany := -t.puts.Tokens() - t.most // whoever waits has taken a token in advance
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

// willPut tells whether a group is going to put its policy, unless that is
// refused. Looks compare first, and seldom put.
func (v *invocation) willPut(group []task) bool {
	lead := leading(group)
	looks := lead.Kind == trigger.Sweep || lead.Kind == trigger.LatePut
	return !looks && !lead.DryRun && lead.Problem == "" && !v.config.Settings.PlanOnly
}
