package converge

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/keysmith/keysmith/shared/outcome"
)

// A ballot lets the runs of a multi-Region set put together, or not at all where
// one of them finds a reason to refuse the policy. It does not make them put at
// once: a Region that is down must not keep the others from their policy.
type ballot struct {
	mu      sync.Mutex
	left    int // runs that have not come so far
	came    map[*run]bool
	all     chan struct{} // closed when none is left
	refusal error         // of a run that rejects the policy
}

// ballotPatience is how long a run waits for the others. Those that are not in trouble
// have read what they need by then.
const ballotPatience = 3 * time.Second

func (b *ballot) open(n int) {
	b.left, b.came, b.all = n, map[*run]bool{}, make(chan struct{})
}

// leave counts a run that will put, or that ends with end.
func (b *ballot) leave(r *run, end error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var v verdict
	if errors.As(end, &v) && v.Type == outcome.Rejected && len(r.puts.ids) == 0 && !r.knownAlready(v) && b.refusal == nil {
		b.refusal = v
	}
	if b.came[r] {
		return
	}
	b.came[r] = true
	if b.left--; b.left == 0 {
		close(b.all)
	}
}

// agreed is nil when the run may put as far as the other keys of its set are
// concerned.
func (r *run) agreed(ctx context.Context) error {
	if r.set == nil {
		return nil
	}
	b := &r.set.ballot
	b.leave(r, nil)
	start := time.Now()
	if !r.waited {
		r.waited = true
		select {
		case <-b.all:
		case <-time.After(ballotPatience):
		case <-ctx.Done():
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.refusal != nil:
		return b.refusal
	case time.Since(start) > agedAfter:
		return &aged{}
	}
	return nil
}
