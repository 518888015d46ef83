package pace

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
)

var errThrottled = errors.New("throttled")

func isThrottled(err error) bool { return errors.Is(err, errThrottled) }

// drive makes n calls from many goroutines against a quota.
func drive(t *testing.T, p *Pace, quota float64, n int) (took time.Duration, refused int) {
	t.Helper()
	limit := rate.NewLimiter(rate.Limit(quota), int(quota))
	begin := time.Now()
	var mu sync.Mutex
	var wg sync.WaitGroup
	left := make(chan int, n)
	for i := range n {
		left <- i
	}
	close(left)
	for range 32 {
		wg.Go(func() {
			for range left {
				err := p.Do(context.Background(), func(context.Context) error {
					time.Sleep(20 * time.Millisecond)
					if limit.Allow() {
						return nil
					}
					mu.Lock()
					defer mu.Unlock()
					refused++
					return errThrottled
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	return time.Since(begin), refused
}

func TestThePaceUsesWhatTheQuotaGives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		took, refused := drive(t, New(90, isThrottled), 100, 3000)
		if share := 3000 / took.Seconds() / 100; share < 0.85 || refused > 0 {
			t.Errorf("%.0f %% of the quota in %v, %d throttled", share*100, took, refused)
		}
	})
}

func TestThePaceFindsAQuotaThatIsLowerThanItThinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(900, isThrottled)
		took, refused := drive(t, p, 200, 20000)
		if share := 20000 / took.Seconds() / 200; share < 0.8 || p.Slowed() == 0 {
			t.Errorf("%.0f %% of the quota in %v, %d throttled, slowed %d times", share*100, took, refused, p.Slowed())
		}
		if refused > 2000 {
			t.Errorf("%d of 20000 calls were throttled", refused)
		}
	})
}

func TestACallThatIsAlwaysThrottledEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		err := New(10, isThrottled).Do(context.Background(), func(context.Context) error { return errThrottled })
		if took := time.Since(begin); !errors.Is(err, errThrottled) || took < patience || took > patience+time.Minute {
			t.Errorf("%v after %v", err, took)
		}
	})
}

func TestOtherErrorsAndTheEndOfTheContextAreReturned(t *testing.T) {
	p := New(10, isThrottled)
	other := errors.New("other")
	if err := p.Do(context.Background(), func(context.Context) error { return other }); !errors.Is(err, other) || p.Slowed() != 0 {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := p.Do(ctx, func(context.Context) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestEachAPIOfEachRegionHasAPaceOfItsOwn(t *testing.T) {
	p := Paces{Reads: 100, Throttled: isThrottled}
	if first, again := p.Of("a", "r", "GetKeyPolicy"), p.Of("a", "r", "GetKeyPolicy"); first != again {
		t.Error("one API has two paces")
	}
	if p.Of("a", "r", "GetKeyPolicy") == p.Of("a", "s", "GetKeyPolicy") || p.Of("a", "r", "GetKeyPolicy") == p.Of("b", "r", "GetKeyPolicy") {
		t.Error("two Regions or accounts share a pace")
	}
	if got := p.Of("a", "r", "DescribeKey").Rate(); got != 200 {
		t.Errorf("DescribeKey: %v a second, want the same share of its quota: 200", got)
	}
}
