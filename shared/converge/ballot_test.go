package converge

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keysmith/keysmith/shared/bucket"
	"github.com/keysmith/keysmith/shared/outcome"
)

// voters are the runs of a set of two keys, at a version each.
func voters(a, b string) (*run, *run) {
	s := &set{}
	s.ballot.open(2)
	return &run{set: s, version: bucket.Version{ID: a}}, &run{set: s, version: bucket.Version{ID: b}}
}

// vote asks whether a run may put, and how long that took.
func vote(r *run) (answer func() (time.Duration, error)) {
	type reply struct {
		err  error
		took time.Duration
	}
	replies, start := make(chan reply, 1), time.Now()
	go func() {
		err := r.agreed(context.Background())
		replies <- reply{err, time.Since(start)}
	}()
	return func() (time.Duration, error) { got := <-replies; return got.took, got.err }
}

func TestRunsOfASetThatComeWithDifferentVersionsReadTheObjectAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := voters("1", "2")
		first := vote(a)
		synctest.Wait()
		second := vote(b)
		for name, answer := range map[string]func() (time.Duration, error){"the first": first, "the second": second} {
			var again *aged
			if took, err := answer(); !errors.As(err, &again) || took != 0 {
				t.Errorf("%s: %v after %s", name, err, took)
			}
		}
		a.version.ID = "2"
		first, second = vote(b), vote(a)
		for _, answer := range []func() (time.Duration, error){first, second} {
			if took, err := answer(); err != nil || took != 0 {
				t.Errorf("both with the newer one: %v after %s", err, took)
			}
		}
	})
}

func TestARefusalCountsForItsVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := voters("1", "1")
		one, two := vote(a), vote(b)
		for _, answer := range []func() (time.Duration, error){one, two} {
			if _, err := answer(); err != nil {
				t.Fatal(err)
			}
		}
		a.puts.unverified = &sent{want: desired{object: bucket.Object{Version: a.version}}} // and then it finds a newer one
		a.version.ID = "2"
		b.version.ID = "2"
		answer := vote(b)
		synctest.Wait()
		a.set.ballot.leave(a, rejected(outcome.Stale, "stale"))
		var v verdict
		if took, err := answer(); !errors.As(err, &v) || v.Code != outcome.Stale || took != 0 {
			t.Errorf("%v after %s", err, took)
		}
	})
}

func TestARunInTroubleKeepsTheOthersForSecondsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := voters("1", "1")
		var again *aged
		if took, err := vote(a)(); !errors.As(err, &again) || took != ballotPatience {
			t.Errorf("%v after %s; want what was read to be read again", err, took)
		}
		if took, err := vote(a)(); err != nil || took != 0 {
			t.Errorf("once more: %v after %s", err, took)
		}
	})
}
