package converge

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/outcome"
)

// A ballot lets the runs of a multi-Region set put a version together, or not at all where
// one of them finds a reason to refuse it. It does not make them put at once: a Region
// that is down must not keep the others from their policy.
type ballot struct {
	mu       sync.Mutex
	runs     int                      // that have not ended
	came     map[*run]bucket.Version  // the version that each run would put, or has put
	waits    map[*run]bool            // for the others
	refusals map[bucket.Version]error // of runs that reject a version
	news     chan struct{}            // closed when any of that changes
}

// ballotPatience is how long a run waits for the others. Those that are not in trouble
// have read what they need by then.
const ballotPatience = 3 * time.Second

func (b *ballot) open(n int) {
	b.runs, b.news = n, make(chan struct{})
	b.came, b.waits, b.refusals = map[*run]bucket.Version{}, map[*run]bool{}, map[bucket.Version]error{}
}

func (b *ballot) changed() {
	close(b.news)
	b.news = make(chan struct{})
}

// leave notes that a run has ended, perhaps with a refusal.
func (b *ballot) leave(r *run, end error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var v verdict
	if errors.As(end, &v) && v.Type == outcome.Rejected && r.puts.unverifiedOf(r.version) == nil && !r.knownAlready(v) && b.refusals[r.version] == nil {
		b.refusals[r.version] = v
	}
	if !r.left {
		r.left = true
		b.runs--
		delete(b.came, r)
	}
	b.changed()
}

// come notes that a run would put a version now. Where another one waits with another
// version, the object has changed, and both read it again.
func (b *ballot) come(r *run) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var mixed error
	for other := range b.waits {
		if b.came[other] != r.version {
			delete(b.waits, other)
			mixed = &aged{}
		}
	}
	b.came[r] = r.version
	if mixed == nil {
		b.waits[r] = true
	}
	b.changed()
	return mixed
}

// decide is done when the run need not wait any longer: all runs that have not ended have
// come with its version, or one of them refuses it. An error says how to go on.
func (b *ballot) decide(r *run) (done bool, news <-chan struct{}, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.refusals[r.version] != nil:
		return true, nil, b.refusals[r.version]
	case !b.waits[r]:
		return true, nil, &aged{}
	}
	alike := 0
	for _, v := range b.came {
		if v == r.version {
			alike++
		}
	}
	return alike == b.runs, b.news, nil
}

// rest notes that a run does not wait any more.
func (b *ballot) rest(r *run) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.waits, r)
}

// agreed is nil when the run may put as far as the other keys of its set are
// concerned. It waits for them once for each version.
func (r *run) agreed(ctx context.Context) error {
	if r.set == nil {
		return nil
	}
	b := &r.set.ballot
	if err := b.come(r); err != nil {
		return err
	}
	defer b.rest(r)
	start, patience := time.Now(), time.After(ballotPatience)
	waited := r.waited == r.version
	r.waited = r.version
	for {
		done, news, err := b.decide(r)
		switch {
		case err != nil:
			return err
		case !done && !waited:
			select {
			case <-news:
			case <-patience:
				waited = true
			case <-ctx.Done():
				waited = true
			}
		case time.Since(start) > agedAfter:
			return &aged{}
		default:
			return nil
		}
	}
}
